//! Faults of the ops that draw random bits.

use super::{PlantedFault, lanes, stale, text};

pub(super) fn faults() -> Vec<PlantedFault> {
    let mut faults = vec![
        text!(DroppedTap "philox_bits", "dropped-round", "round < 10u" => "round < 9u"),
        text!(WrongTerm "philox_bits", "no-carry", " + (carry >> 16u)" => ""),
        text!(SwappedAxis "philox_bits", "swapped-key", "draw.xy" => "draw.yx"),
        text!(SwappedAxis "philox_bits", "one-sample", "draw.w + sample" => "draw.w"),
        text!(WrongTerm "philox_bits", "no-first-block", "params.first_block + (element >> 2u)" => "(element >> 2u)"),
        stale!("philox_bits"),
        text!(OffByOne "philox_bits", "last-lane", "(lane < params.lanes)" => "(lane + 1u < params.lanes)"),
        text!(PastTheEnd "philox_bits", "past-the-end", "(lane < params.lanes)" => "(lane < params.lanes + 8u)"),
        // Among words the bits of a NaN are a word like others: a wrong one.
        text!(Nan "philox_bits", "nan", "= draw_bits(lane);" => "= draw_bits(lane) | Bits(select(0u, 0x7fc00000u, lane + 1u == params.lanes));"),
        text!(DroppedTap "dropout", "dropped-round", "round < 10u" => "round < 9u"),
        text!(WrongTerm "dropout", "inverted-mask", ">= Bits(params.threshold)" => "< Bits(params.threshold)"),
        text!(WrongTerm "dropout", "not-scaled", "params.factor * x[lane]" => "x[lane]"),
        text!(SwappedAxis "dropout", "one-sample", "draw.w + sample" => "draw.w"),
        text!(DroppedTap "normal", "dropped-round", "round < 10u" => "round < 9u"),
        text!(WrongTerm "normal", "mirrored", "== Bits(1u)" => "== Bits(0u)"),
        text!(WrongTerm "normal", "wrong-tail", "- Lane(1.6)" => "- Lane(1.5)"),
        text!(WrongTerm "normal", "coarse", "3.3871327179" => "3.387"),
        text!(SwappedAxis "normal", "one-sample", "draw.w + sample" => "draw.w"),
    ];
    faults.extend(lanes!("dropout", "select(Lane(0.0), params.factor * x[lane], keep)"));
    faults.extend(lanes!("normal", "== Bits(1u))"));
    faults
}
