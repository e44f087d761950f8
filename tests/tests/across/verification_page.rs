//! `docs/verification.md`, made from the table of proofs.

use std::{collections::BTreeSet, fmt::Write};
use verification::{Family, Gradient, Law, Level, Proof, Reference, proofs, tolerance};

const HEAD: &str = "# Verification

How each kernel is proven. `cargo xtask docs` writes this page from the code, and a test fails where \
it is out of date.

The CPU reference in f64 is the truth. It is held to PyTorch's numbers \
([tests/golden](../tests/golden/README.md)), and its gradients to central differences. A kernel runs \
on operands of several families of numbers, in every form that a plan can give it: each variant of \
its shader, with and without bounds checks, in buffers of its own and inside larger storage. Results \
and scratch memory hold NaN before, and guards lie around them. An element passes if \
|found - expected| ≤ c · u · S, with u = 2⁻²⁴ and S the op on absolute values; the column \"allowed\" \
has c, or ULP of the result. All forms must give the same bits.

Families: `integers` from -3 to 3 and a single 1 among zeros (`impulse`, at five places) are \
compared bit for bit where an op only multiplies and adds, as no order of summation changes them; \
`normal`; `uniform` in [0, 1); `wide`, ±2^U(-12, 12); `shifted`, mean 1000 and deviation 1; \
`training-like`, pixels in [-1, 1] with weights N(0, 0.02); `sweep`, evenly spaced and powers of two.

`ganvas doctor` runs the column \"quick\", `ganvas doctor --full` \"full\" too, and the tests also whole \
batches. The columns count shapes times families; the doctor's own counts are higher, as each runs in \
two to six forms. \"differences, twice\" means that the gradient and the gradient's own gradient are \
compared with central differences. Convolutions see at most three images in the quick column, so the \
later rows of a tile are reached there by `dense`, which shares their core.

";

/// The whole page.
fn page() -> String {
    let mut page = HEAD.to_owned();
    page += "| op | reference | gradient | laws | families | quick | full | tests | allowed |\n";
    page += "|---|---|---|---|---|---|---|---|---|\n";
    for proof in proofs() {
        let cells = [
            format!("`{}`", proof.op),
            reference(proof.reference),
            gradient(proof.gradient),
            or_none(proof.laws.iter().map(|law| law.name().to_owned())),
            families(&proof),
            cases(&proof, Level::Quick),
            cases(&proof, Level::Full),
            cases(&proof, Level::Suite),
            tolerance::in_words(proof.op),
        ];
        _ = writeln!(page, "| {} |", cells.join(" | "));
    }
    page += "\n## Laws\n\n";
    for law in Law::ALL {
        _ = writeln!(page, "- **{}**: {}", law.name(), law.in_words());
    }
    page
}

fn reference(reference: Reference) -> String {
    match reference {
        Reference::PyTorch => "PyTorch".to_owned(),
        Reference::Published(place) => place.to_owned(),
        Reference::Definition(why) => format!("its definition: {why}"),
    }
}

fn gradient(gradient: Gradient) -> String {
    match gradient {
        Gradient::Twice => "differences, twice".to_owned(),
        Gradient::Once => "differences".to_owned(),
        Gradient::None(why) => format!("none: {why}"),
    }
}

fn or_none(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    if words.is_empty() { "**none**".to_owned() } else { words.join(", ") }
}

/// All seven, or which; impulses are one family.
fn families(proof: &Proof) -> String {
    let of = |family: Family| match family {
        Family::Impulse(_) => "impulse".to_owned(),
        other => other.to_string(),
    };
    let all: BTreeSet<String> = Family::all().map(of).collect();
    let mut used: BTreeSet<String> =
        proof.groups.iter().flat_map(|group| group.families.iter().copied().map(of)).collect();
    if proof.cases().all(|case| case.operands.is_empty()) {
        return "no operands".to_owned();
    }
    let mut names = Vec::new();
    if all.is_subset(&used) {
        used.retain(|name| !all.contains(name));
        names.push("all seven".to_owned());
    }
    names.extend(used);
    or_none(names.into_iter())
}

/// Cases by the families that each of them runs on.
fn cases(proof: &Proof, level: Level) -> String {
    let groups = proof.groups.iter().filter(|group| group.level == level);
    let runs: usize = groups.map(|group| group.cases.len() * group.families.len()).sum();
    if runs == 0 { "-".to_owned() } else { runs.to_string() }
}

#[test]
fn the_page_is_current() {
    ganvas_tests::documented("verification.md", &page());
}

/// Every cell of the table is filled, or says why not.
#[test]
fn no_cell_is_empty() {
    for line in page().lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 9, "{line}");
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{line}");
        assert_ne!(cells[5], "-", "nothing quick: {line}");
    }
}
