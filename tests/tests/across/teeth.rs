//! The comparison fails on every kind of wrong result.

use cpu_reference::Values;
use ganvas_tests::run;
use graph::{Op, Padding, Shape, Window};
use verification::{Expected, Family, OpCase, Outcome, expect, tolerance::Allowed, verify};

const WINDOW: Window = Window {
    kernel: [3, 3],
    stride: [1, 1],
    padding: Padding { top: 1, bottom: 1, left: 1, right: 1 },
};

/// Height and width differ, and so does everything else.
fn conv2d(window: Window) -> OpCase {
    OpCase::new(Op::Conv2d { window }, &[&[3, 9, 6, 5], &[3, 3, 5, 7]])
}

struct Correct {
    case: OpCase,
    operands: Vec<Values<f64>>,
    outcome: Outcome,
    expected: Vec<Expected>,
}

impl Correct {
    fn new() -> Option<Self> {
        let case = conv2d(WINDOW);
        let inputs = case.inputs();
        let fill = |(place, ty): (usize, &graph::TensorType)| {
            Values::from_f32(&Family::Normal.fill(&ty.shape, place, 3))
        };
        let operands: Vec<Values<f64>> = inputs.iter().enumerate().map(fill).collect();
        let outcome = run(&case, &operands)?;
        let expected = expect(&case, &operands);
        Some(Self { case, operands, outcome, expected })
    }

    fn fails(&self, outcome: &Outcome) -> bool {
        verify(&self.case, outcome, &self.expected).is_err()
    }

    fn with(&self, place: usize, change: impl Fn(f32) -> f32) -> Outcome {
        let mut outcome = self.outcome.clone();
        let word = &mut outcome.targets[0][place];
        *word = change(f32::from_bits(*word)).to_bits();
        outcome
    }

    fn allowed(&self) -> &[f64] {
        let Expected::Reals(_, Allowed::Each(allowed)) = &self.expected[0] else {
            panic!("a convolution is compared element by element")
        };
        allowed
    }
}

#[test]
fn the_correct_result_passes() {
    let Some(correct) = Correct::new() else { return };
    let worst = verify(&correct.case, &correct.outcome, &correct.expected).unwrap();
    assert!(worst > 0.0 && worst < 1.0, "{worst}");
}

#[test]
fn one_element_off_fails_wherever_it_is() {
    let Some(correct) = Correct::new() else { return };
    let allowed = correct.allowed();
    for place in [0, 1, allowed.len() / 2, allowed.len() - 1] {
        let off = (10.0 * allowed[place]) as f32;
        assert!(correct.fails(&correct.with(place, |value| value + off)), "{place}");
        assert!(correct.fails(&correct.with(place, |value| value - off)), "{place}");
    }
    let (target, mismatch) =
        verify(&correct.case, &correct.with(7 * 6 + 7 + 2, |value| value + 1.0), &correct.expected)
            .unwrap_err();
    assert_eq!((target, &mismatch.coordinates[..], mismatch.count), (0, &[0, 1, 1, 2][..], 1));
}

#[test]
fn what_is_no_number_fails() {
    let Some(correct) = Correct::new() else { return };
    for wrong in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        assert!(correct.fails(&correct.with(11, |_| wrong)), "{wrong}");
    }
    // Two that are no numbers are not equal either.
    let nan = Expected::Reals(vec![f64::NAN; 945], Allowed::Each(vec![1.0; 945]));
    let outcome = Outcome { targets: vec![vec![f32::NAN.to_bits(); 945]] };
    assert_eq!(outcome.targets[0].len(), 3 * 9 * 5 * 7);
    let case = OpCase::new(Op::Tanh, &[&[945]]);
    assert!(verify(&case, &outcome, &[nan]).is_err());
    let infinite = Expected::Reals(vec![f64::INFINITY; 945], Allowed::Each(vec![1.0; 945]));
    let outcome = Outcome { targets: vec![vec![f32::INFINITY.to_bits(); 945]] };
    assert!(verify(&case, &outcome, &[infinite]).is_err());
}

#[test]
fn poison_and_zeros_fail() {
    let Some(correct) = Correct::new() else { return };
    let mut poisoned = correct.outcome.clone();
    *poisoned.targets[0].last_mut().unwrap() = u32::MAX;
    assert!(correct.fails(&poisoned));
    let elements = correct.outcome.targets[0].len();
    assert!(correct.fails(&Outcome { targets: vec![vec![u32::MAX; elements]] }));
    assert!(correct.fails(&Outcome { targets: vec![vec![0; elements]] }));
}

#[test]
fn height_and_width_swapped_fails() {
    let Some(correct) = Correct::new() else { return };
    let swapped = OpCase::new(Op::Conv2d { window: WINDOW }, &[&[3, 6, 9, 5], &[3, 3, 5, 7]]);
    let outcome = run(&swapped, &correct.operands).unwrap();
    assert!(correct.fails(&outcome));
}

#[test]
fn one_tap_dropped_fails() {
    let Some(correct) = Correct::new() else { return };
    for tap in 0..9 {
        let mut weights = correct.operands[1].real().to_vec();
        weights[tap * 35..(tap + 1) * 35].fill(0.0);
        let operands = [correct.operands[0].clone(), Values::Real(weights)];
        let outcome = run(&correct.case, &operands).unwrap();
        assert!(correct.fails(&outcome), "tap {tap}");
    }
}

#[test]
fn padding_off_by_one_fails() {
    let Some(correct) = Correct::new() else { return };
    let paddings = [
        Padding { top: 2, bottom: 0, left: 1, right: 1 },
        Padding { top: 0, bottom: 2, left: 1, right: 1 },
        Padding { top: 1, bottom: 1, left: 2, right: 0 },
        Padding { top: 1, bottom: 1, left: 0, right: 2 },
    ];
    for padding in paddings {
        let case = conv2d(Window { padding, ..WINDOW });
        let outcome = run(&case, &correct.operands).unwrap();
        assert!(correct.fails(&outcome), "{padding:?}");
    }
}

/// A single wrong word among integers.
#[test]
fn one_bit_of_random_bits_fails() {
    let op = Op::PhiloxBits { stream: 1, first_block: 0 };
    let case = OpCase::source(op, &Shape::new(&[3, 5]));
    let Some(mut outcome) = run(&case, &[]) else { return };
    let expected = expect(&case, &[]);
    assert_eq!(verify(&case, &outcome, &expected), Ok(0.0));
    outcome.targets[0][14] ^= 1;
    assert!(verify(&case, &outcome, &expected).is_err());
}

/// A wrong channel fails where errors are judged by their norm.
#[test]
fn a_norm_fails_on_its_channel() {
    let case = OpCase::new(Op::Tanh, &[&[4, 3]]);
    let expected = [Expected::Reals(vec![1.0; 12], Allowed::ChannelNorm(vec![0.1; 3]))];
    let mut found = vec![1.0f32; 12];
    let words = |found: &[f32]| Outcome {
        targets: vec![found.iter().map(|value| value.to_bits()).collect()],
    };
    assert_eq!(verify(&case, &words(&found), &expected), Ok(0.0));
    found[7] = 2.0;
    let (_, mismatch) = verify(&case, &words(&found), &expected).unwrap_err();
    assert_eq!(mismatch.coordinates, [1]);
    found[7] = f32::NAN;
    assert!(verify(&case, &words(&found), &expected).is_err());
}
