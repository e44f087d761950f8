use super::*;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Lines of the runs of `docs/health.md`, which were made to be healthy or to collapse.
const RECORDED: &str = include_str!("recorded.jsonl");

#[derive(Deserialize)]
struct Recorded {
    run: String,
    seed: u64,
    kimg: f64,
    loss_d: f64,
    d_fake: f64,
    health: Evidence,
}

/// The verdicts of each recorded run, line by line.
fn verdicts() -> BTreeMap<(String, u64), Vec<Verdict>> {
    let mut runs: BTreeMap<(String, u64), (Judge, Vec<Verdict>)> = BTreeMap::new();
    for line in RECORDED.lines() {
        let Recorded { run, seed, kimg, loss_d, d_fake, health } =
            serde_json::from_str(line).unwrap();
        let (judge, verdicts) = runs.entry((run, seed)).or_default();
        judge.add(Line { images: (kimg * 1000.0) as u64, loss_d, d_fake, evidence: health });
        verdicts.push(judge.verdict());
    }
    runs.into_iter().map(|(run, (_, verdicts))| (run, verdicts)).collect()
}

#[test]
fn recorded_runs_are_told_apart() {
    let runs = verdicts();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for ((run, seed), verdicts) in &runs {
        let expected = |verdict: &Verdict| match run.as_str() {
            "slow-generator" | "narrow-emoji" => *verdict == Verdict::DiscriminatorWinning,
            "slow-discriminator" => matches!(verdict, Verdict::ModeCollapse { .. }),
            "weak-discriminator" => matches!(verdict, Verdict::DiscriminatorLosing { .. }),
            "tiny-steps" => *verdict == Verdict::Stalled,
            // Of networks that have blown up each is true at some time.
            "huge-steps" => verdict.is_collapse(),
            _ => *verdict == Verdict::Healthy,
        };
        // No run is called anything else before, but that a generator which learns nothing is said to
        // learn nothing until its pictures are alike.
        let at_first = |verdict: &Verdict| {
            matches!(verdict, Verdict::DiscriminatorLosing { .. }) && run == "slow-discriminator"
        };
        let fits =
            |verdict: &Verdict| expected(verdict) || !verdict.is_collapse() || at_first(verdict);
        let told = verdicts.last().is_some_and(expected) && verdicts.iter().all(fits);
        assert!(told, "{run} {seed}: {verdicts:?}");
        *kinds.entry(run).or_default() += 1;
    }
    assert!(kinds.len() == 10 && kinds.values().all(|&seeds| seeds == 3), "{kinds:?}");
}

fn healthy() -> Line {
    let half = OfBoth { reals: 0.5, fakes: 0.5 };
    let evidence =
        Evidence { update_d: 1e-3, update_g: 1e-3, accuracy: half, nearest: half, apart: half };
    Line { images: 0, loss_d: 1.4, d_fake: 0.5, evidence }
}

/// The verdict after lines of every thousand images, the last ones changed.
fn after(lines: u64, changed: u64, change: impl Fn(&mut Line)) -> Verdict {
    let mut judge = Judge::default();
    for number in 1..=lines {
        let mut line = Line { images: number * 1000, ..healthy() };
        if number > lines - changed {
            change(&mut line);
        }
        judge.add(line);
    }
    judge.verdict()
}

fn repeat(line: &mut Line) {
    line.evidence.nearest.fakes = 0.03;
}

#[test]
fn a_generator_that_begins_to_repeat_itself_has_collapsed() {
    assert_eq!(after(20, 5, repeat), Verdict::ModeCollapse { percent: 6 });
    let said = after(20, 5, repeat).to_string();
    assert_eq!(said, "mode collapse: fakes vary 6 % of reals");
    assert_eq!(after(20, 2, repeat), Verdict::Healthy, "two lines of five are no evidence");
    assert_eq!(after(20, 20, repeat), Verdict::Healthy, "it may only have begun");
    assert_eq!(
        after(40, 40, repeat),
        Verdict::ModeCollapse { percent: 6 },
        "it should have by now"
    );
    let one_image = |line: &mut Line| {
        repeat(line);
        (line.evidence.nearest.reals, line.evidence.apart.reals) = (0.0, 0.0);
    };
    assert_eq!(after(20, 5, one_image), Verdict::Healthy, "reals that are all the same");
}

type Change<'a> = &'a dyn Fn(&mut Line);

#[test]
fn each_rule_has_its_word() {
    let winning = |line: &mut Line| {
        (line.d_fake, line.evidence.accuracy) = (0.005, OfBoth { reals: 1.0, fakes: 1.0 });
    };
    // It takes no image for real, and so is right of every fake.
    let blind = |line: &mut Line| {
        (line.d_fake, line.evidence.accuracy) = (0.005, OfBoth { reals: 0.4, fakes: 1.0 });
    };
    let cases: [(Change<'_>, &str); 5] = [
        (&winning, "discriminator winning"),
        (&blind, "healthy"),
        (&|line| line.evidence.update_g = 1e-9, "stalled"),
        (&|line| line.loss_d = 4.16, "discriminator losing: its loss is 300 % of guessing's"),
        (&|_| (), "healthy"),
    ];
    for (change, said) in cases {
        assert_eq!(after(9, 5, change).to_string(), said);
        assert_eq!(after(9, 5, change).is_collapse(), said != "healthy");
    }
    assert_eq!(after(3, 3, winning).to_string(), "too early to tell");
    assert_eq!(after(4, 4, winning), Verdict::TooEarly, "four lines");
    let mut judge = Judge::default();
    (1..9).for_each(|number| judge.add(Line { images: number * 100, ..healthy() }));
    assert_eq!(judge.verdict(), Verdict::TooEarly, "800 images");
}

/// The table in `docs/health.md` has every threshold.
#[test]
fn thresholds_are_documented() {
    let page = include_str!("../../../../docs/health.md");
    let thresholds = [
        ("IMAGES_AT_LEAST", IMAGES_AT_LEAST as f64),
        ("LINES_AT_LEAST", LINES_AT_LEAST as f64),
        ("WINDOW_IMAGES", WINDOW_IMAGES as f64),
        ("DIVERSITY_AT_LEAST", DIVERSITY_AT_LEAST),
        ("FALLEN_TO", FALLEN_TO),
        ("BEGUN_BY_IMAGES", BEGUN_BY_IMAGES as f64),
        ("WINNING_ACCURACY", WINNING_ACCURACY),
        ("WINNING_D_FAKE", WINNING_D_FAKE),
        ("UPDATE_AT_LEAST", UPDATE_AT_LEAST),
        ("LOSING_LOSS", LOSING_LOSS),
    ];
    for (name, value) in thresholds {
        let row = format!("| `{name}` | {value} |");
        assert!(page.contains(&row), "docs/health.md lacks: {row}");
    }
}
