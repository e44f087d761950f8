//! Philox4x32-10 bits.

use ganvas_tests::{Expected, Family, OpCase, Suite, expect, shapes::MANY_ROWS};
use graph::{Op, Shape};

pub(crate) fn cases() -> Vec<OpCase> {
    let shapes: [&[usize]; 8] =
        [&[1, 1], &[1, 4], &[3, 5], &[17, 64], &[3, 2, 3], &[64, 100], &[2, 7, 5, 3], &[9]];
    let case = |dims: &&[usize]| {
        OpCase::source(Op::PhiloxBits { stream: 7, first_block: 3 }, &Shape::new(dims))
    };
    shapes.iter().map(case).collect()
}

#[test]
fn the_twin_draws_the_same_bits() {
    Suite::new("philox_bits").check_all(&cases(), [Family::Integers]);
}

/// Counters wrap around, as integers of 32 bits do.
#[test]
fn counters_wrap() {
    let op = Op::PhiloxBits { stream: u32::MAX, first_block: u32::MAX - 1 };
    let scalars = vec![u32::MAX, 5, u32::MAX, u32::MAX - 1];
    let case = OpCase { scalars, ..OpCase::source(op, &Shape::new(&[4, 12])) };
    Suite::new("philox_bits, wrapping").check(&case, Family::Integers);
}

/// The vectors published with Random123 (Salmon et al. 2011): counter, key, words.
#[test]
fn known_answers() {
    let ones = u32::MAX;
    let vectors = [
        ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
        ([ones; 4], [ones; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
        (
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        ),
    ];
    for ([block, sample, step, stream], [low, high], words) in vectors {
        let op = Op::PhiloxBits { stream, first_block: block };
        let scalars = vec![low, high, step, sample];
        let case = OpCase { scalars, ..OpCase::source(op, &Shape::new(&[1, 4])) };
        // What the reference expects is what was published, and what the GPU then gives.
        let [Expected::Words(expected)] = &expect(&case, &[])[..] else { panic!("words") };
        assert_eq!(*expected, words);
        Suite::new("philox_bits, known answers").check(&case, Family::Integers);
    }
}

#[test]
fn more_workgroups_than_one_dimension_holds() {
    let op = Op::PhiloxBits { stream: 7, first_block: 3 };
    let case = OpCase::source(op, &Shape::new(&[MANY_ROWS, 3]));
    Suite::new("philox_bits, large").check(&case, Family::Integers);
}
