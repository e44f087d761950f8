//! A form that gives other bits fails, right as they may be.

use super::*;

fn form(checks: Checks) -> Form {
    Form { checks, traits: Traits { subgroup_width: None }, lie: Lie::InBuffers }
}

/// Judges results of two forms where 1 is expected, give or take a tenth.
fn of(first: f32, second: f32) -> Result<f64, Failure> {
    let case = OpCase::new(Op::Tanh, &[&[2]]);
    let expected = [Expected::Reals(vec![1.0; 2], Allowed::Each(vec![0.1; 2]))];
    let forms = [form(Checks::Unchecked), form(Checks::Checked)];
    judge(&case, &expected, &forms, |form| {
        let value = if form.checks == Checks::Unchecked { first } else { second };
        Outcome { targets: vec![vec![1.0f32.to_bits(), value.to_bits()]] }
    })
}

#[test]
fn the_same_bits_pass() {
    assert!(of(1.0, 1.0).is_ok() && of(1.01, 1.01).is_ok());
}

#[test]
fn other_bits_fail_in_the_form_that_has_them() {
    let next = f32::from_bits(1.0f32.to_bits() + 1);
    let Err(Failure::OtherBits(form)) = of(1.0, next) else { panic!("one bit is off") };
    assert_eq!(form.checks, Checks::Checked);
}

#[test]
fn a_wrong_form_fails_wherever_it_is() {
    assert!(
        matches!(of(2.0, 1.0), Err(Failure::Wrong(form, 0, _)) if form.checks == Checks::Unchecked)
    );
    assert!(
        matches!(of(1.0, 2.0), Err(Failure::Wrong(form, 0, _)) if form.checks == Checks::Checked)
    );
}

/// Where subgroups make a difference, storage is gone through with and without them.
#[test]
fn forms_hold_both_extremes() {
    let product = OpCase::new(Op::Dense, &[&[8, 16], &[16, 16]]);
    let plain = Traits { subgroup_width: None };
    for (case, traits, count) in [
        (&product, Traits { subgroup_width: Some(8) }, 6),
        (&product, plain, 4),
        (&OpCase::new(Op::Tanh, &[&[2]]), Traits { subgroup_width: Some(8) }, 4),
    ] {
        let forms = forms(case, traits);
        assert_eq!(forms.len(), count, "{case}");
        let stored = |checks, traits| {
            forms.iter().any(|form| {
                (form.checks, form.traits, form.lie) == (checks, traits, Lie::InStorage)
            })
        };
        assert!(stored(Checks::Unchecked, traits) && stored(Checks::Checked, plain), "{case}");
    }
}
