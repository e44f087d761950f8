//! Philox4x32-10 bits.

use ganvas_tests::{check_case, prove};
use graph::{Op, Shape};
use verification::{Expected, Family, OpCase, expect};

#[test]
fn every_group_agrees() {
    prove("philox_bits", ..);
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
        check_case("philox_bits, known answers", case, &[Family::Integers]);
    }
}
