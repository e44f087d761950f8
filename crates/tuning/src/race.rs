//! Which of several candidates is the fastest: decisions on times, no device.

use tensor_ops::Variant;

/// A candidate is hopeless whose first run takes so many times as long as the best one's so far.
const HOPELESS: f64 = 2.0;
/// The same where the best takes [`LONG`] or more.
const HOPELESS_OF_LONG: f64 = 1.3;
/// Runs of so many seconds are hardly longer by chance.
const LONG: f64 = 0.05;
/// The share of the rule's time that another variant must save, timed [`ENOUGH_ROUNDS`] times.
const NOISE: f64 = 0.03;
/// The share that it must save, timed fewer times.
const NOISE_OF_FEW: f64 = 0.1;
const ENOUGH_ROUNDS: usize = 3;

/// The candidates for one product, with their times in seconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Race {
    runners: Vec<Runner>,
}

#[derive(Clone, Debug)]
struct Runner {
    variant: Variant,
    first: f64,
    times: Vec<f64>,
}

impl Race {
    /// Takes in a candidate's first run. Whether it goes on.
    pub(crate) fn enter(&mut self, variant: Variant, first: f64) -> bool {
        self.runners.push(Runner { variant, first, times: Vec::new() });
        !self.gave_up(variant)
    }

    /// The fastest first run.
    pub(crate) fn best_first(&self) -> Option<f64> {
        self.runners.iter().map(|runner| runner.first).min_by(f64::total_cmp)
    }

    /// Takes in one more time of a candidate.
    pub(crate) fn add(&mut self, variant: Variant, time: f64) {
        let of = |runner: &&mut Runner| runner.variant == variant;
        if let Some(runner) = self.runners.iter_mut().find(of) {
            runner.times.push(time);
        }
    }

    /// Every candidate with its median, or its first time where it was given up, and whether it was.
    pub(crate) fn times(&self) -> impl Iterator<Item = (Variant, f64, bool)> {
        self.runners.iter().map(|runner| {
            let Runner { variant, .. } = *runner;
            (variant, runner.seconds(), self.gave_up(variant))
        })
    }

    /// Whether a candidate's first run was hopeless beside the best.
    pub(crate) fn gave_up(&self, variant: Variant) -> bool {
        let Some(best) = self.best_first() else { return false };
        let hopeless = if best < LONG { HOPELESS } else { HOPELESS_OF_LONG };
        self.runners
            .iter()
            .any(|runner| runner.variant == variant && runner.first > hopeless * best)
    }

    /// The fastest candidate; the one chosen by rule, if it is among them, unless another beats it
    /// by more than noise. `None` if none ran.
    pub(crate) fn winner(&self, by_rule: Variant) -> Option<Variant> {
        let in_race = self.runners.iter().filter(|runner| !self.gave_up(runner.variant));
        let best = in_race.min_by(|a, b| a.seconds().total_cmp(&b.seconds()))?;
        let Some(rule) = self.runners.iter().find(|runner| runner.variant == by_rule) else {
            return Some(best.variant);
        };
        let rounds = rule.times.len().min(best.times.len());
        let noise = if rounds >= ENOUGH_ROUNDS { NOISE } else { NOISE_OF_FEW };
        let beaten = best.seconds() < rule.seconds() * (1.0 - noise);
        Some(if beaten { best.variant } else { by_rule })
    }
}

impl Runner {
    fn seconds(&self) -> f64 {
        let mut times = self.times.clone();
        times.sort_by(f64::total_cmp);
        match times.get(times.len() / 2) {
            Some(&upper) if times.len() % 2 == 1 => upper,
            Some(&upper) => (times[times.len() / 2 - 1] + upper) / 2.0,
            None => self.first,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Variant = Variant::ALL[0];
    const B: Variant = Variant::ALL[1];

    fn race(first: [f64; 2], rounds: &[[f64; 2]]) -> Race {
        let mut race = Race::default();
        race.enter(A, first[0]);
        race.enter(B, first[1]);
        for &[a, b] in rounds {
            race.add(A, a);
            race.add(B, b);
        }
        race
    }

    #[test]
    fn a_slow_candidate_is_given_up_after_its_first_run() {
        let mut short = Race::default();
        assert!(short.enter(A, 0.001) && !short.enter(B, 0.0021));
        assert!(short.gave_up(B) && !short.gave_up(A));
        assert_eq!(short.times().collect::<Vec<_>>(), [(A, 0.001, false), (B, 0.0021, true)]);
        assert_eq!(short.winner(B), Some(A), "the rule's may be the slow one");
        assert!(Race::default().enter(A, 9.0));
        let mut alike = Race::default();
        assert!(alike.enter(A, 0.001) && alike.enter(B, 0.0019));
        let mut long = Race::default();
        assert!(long.enter(A, 1.0) && !long.enter(B, 1.4), "long runs are sure sooner");
    }

    #[test]
    fn a_better_one_that_comes_later_makes_the_first_hopeless() {
        let mut race = Race::default();
        assert!(race.enter(A, 0.003) && race.enter(B, 0.001));
        assert!(race.gave_up(A));
        assert_eq!(race.winner(A), Some(B));
    }

    #[test]
    fn the_median_decides_and_noise_does_not() {
        let noisy = race([1.0; 2], &[[1.0, 0.9], [1.0, 9.0], [1.0, 0.9]]);
        assert_eq!(noisy.winner(A), Some(B));
        let alike = race([1.0; 2], &[[1.0, 0.98]; 3]);
        assert_eq!(alike.winner(A), Some(A));
        assert_eq!(alike.winner(B), Some(B));
    }

    #[test]
    fn few_times_must_save_more() {
        let once = race([1.0; 2], &[[1.0, 0.95]]);
        assert_eq!(once.winner(A), Some(A));
        assert_eq!(race([1.0; 2], &[[1.0, 0.95]; 3]).winner(A), Some(B));
        assert_eq!(race([1.0; 2], &[[1.0, 0.85]]).winner(A), Some(B));
    }

    #[test]
    fn without_the_rules_the_fastest_wins_and_of_none_none() {
        let mut race = Race::default();
        assert_eq!(race.winner(A), None);
        race.enter(B, 1.0);
        assert_eq!(race.winner(A), Some(B));
    }

    #[test]
    fn an_even_number_of_times_has_a_median() {
        let race = race([1.9; 2], &[[1.0, 1.0], [3.0, 1.0]]);
        assert_eq!(race.times().next(), Some((A, 2.0, false)));
    }
}
