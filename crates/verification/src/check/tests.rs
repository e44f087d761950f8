//! A form that gives other bits fails, right as they may be.

use super::*;
use graph::Op;

fn form(checks: Checks) -> Form {
    Form { checks, traits: Traits::PLAIN, lie: Lie::InBuffers }
}

/// Judges two forms' results of which 1 is expected, give or take a tenth.
fn of(first: f32, second: f32) -> [Result<f64, Wrong>; 2] {
    let case = OpCase::new(Op::Tanh, &[&[2]]);
    let expected = [Expected::Reals(vec![1.0; 2], Allowed::Each(vec![0.1; 2]))];
    let outcomes = [(Checks::Unchecked, first), (Checks::Checked, second)];
    let outcomes = outcomes.map(|(checks, value)| {
        let targets = vec![vec![1.0f32.to_bits(), value.to_bits()]];
        (form(checks), Ok(Outcome { targets }))
    });
    let judged = judge(&case, &expected, outcomes.into());
    let judged: Vec<_> = judged.into_iter().map(|(_, result)| result).collect();
    judged.try_into().unwrap()
}

#[test]
fn the_same_bits_pass() {
    assert!(of(1.0, 1.0).iter().all(Result::is_ok) && of(1.01, 1.01).iter().all(Result::is_ok));
}

#[test]
fn other_bits_fail_in_the_form_that_has_them() {
    let next = f32::from_bits(1.0f32.to_bits() + 1);
    let [Ok(_), Err(Wrong::OtherBits(first, "result", 1, ..))] = of(1.0, next) else {
        panic!("one bit is off")
    };
    assert_eq!(first.checks, Checks::Unchecked);
}

#[test]
fn a_wrong_form_fails_wherever_it_is() {
    assert!(matches!(of(2.0, 1.0), [Err(Wrong::Value("result", _)), Ok(_)]));
    assert!(matches!(of(1.0, 2.0), [Ok(_), Err(Wrong::Value("result", _))]));
}

#[test]
fn no_result_fails() {
    let case = OpCase::new(Op::Tanh, &[&[2]]);
    let outcome = Err(RunError::Touched(Violation::PastTheEnd));
    let judged = judge(&case, &[], vec![(form(Checks::Checked), outcome)]);
    assert!(matches!(judged[..], [(_, Err(Wrong::Touched(_)))]));
}

/// Bounds checks are blamed for what they alone change, and for nothing else.
#[test]
fn checks_are_compared_by_bits_whether_right_or_wrong() {
    let eight = Traits::SUBGROUPS_OF_8;
    let outcome = |checks, traits, lie, word| {
        (Form { checks, traits, lie }, Ok(Outcome { targets: vec![vec![word]] }))
    };
    let (with, without) = (Checks::Checked, Checks::Unchecked);
    let (buffers, storage) = (Lie::InBuffers, Lie::InStorage);
    let same = |outcomes: &[_]| same_without_checks(outcomes);
    let pair = |a, b| {
        [outcome(without, Traits::PLAIN, buffers, a), outcome(with, Traits::PLAIN, buffers, b)]
    };
    assert_eq!(same(&pair(1, 1)), [true]);
    assert_eq!(same(&pair(1, 2)), [false]);
    assert_eq!(same(&pair(f32::NAN.to_bits(), f32::NAN.to_bits())), [true]);
    let other = [outcome(without, eight, buffers, 1), outcome(with, Traits::PLAIN, buffers, 2)];
    assert!(same(&other).is_empty());
    let other =
        [outcome(without, Traits::PLAIN, storage, 1), outcome(with, Traits::PLAIN, buffers, 2)];
    assert!(same(&other).is_empty());
    let mut none = pair(1, 1);
    none[1].1 = Err(RunError::Touched(Violation::PastTheEnd));
    assert!(same(&none).is_empty());
}

/// Where subgroups make a difference, storage is gone through with and without them.
#[test]
fn forms_hold_both_extremes() {
    let product = OpCase::new(Op::Dense, &[&[8, 16], &[16, 16]]);
    for (case, traits, count) in [
        (&product, Traits::SUBGROUPS_OF_8, 10),
        (&product, Traits::PLAIN, 4),
        (&OpCase::new(Op::Tanh, &[&[2]]), Traits::SUBGROUPS_OF_8, 4),
    ] {
        let forms = all_forms(case, traits);
        assert_eq!(forms.len(), count, "{case}");
        let stored = |checks, traits| {
            forms.iter().any(|form| {
                (form.checks, form.traits, form.lie) == (checks, traits, Lie::InStorage)
            })
        };
        assert!(
            stored(Checks::Unchecked, traits)
                && stored(Checks::Checked, traits.with_variant(Variant::Registers)),
            "{case}"
        );
    }
}
