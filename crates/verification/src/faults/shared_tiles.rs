//! Faults of the products' cores whose tiles lie in workgroup memory.

use super::{PlantedFault, text};

/// What every op has with either core.
macro_rules! core {
    ($op:literal, $dropped:literal, $end:literal) => {
        [
            text!(DroppedTap $op, $dropped, concat!("first < ", $end, "; first += TILE_DEPTH") => concat!("first + TILE_DEPTH < ", $end, "; first += TILE_DEPTH")),
            text!(NoBarrier $op, "no-barrier-behind-tiles", "workgroupBarrier(); // The" => "// The"),
        ]
    };
}

/// What has more than one round at a tap or place. The quick checks of conv2d_grad_weight have one:
/// there, drivers that go through a loop's end with nothing to do meet the other barrier once more.
macro_rules! rounds {
    ($op:literal) => {
        [text!(NoBarrier $op, "no-barrier-before-tiles", "workgroupBarrier(); // All" => "// All")]
    };
}

/// What a core can suffer besides. Only the matrix products have it, with many rows and images in
/// their quick checks: the cores of the convolutions are the same text.
macro_rules! tiles {
    ($op:literal, $first:literal, $end:literal) => {
        [
            text!(OffByOne $op, "last-of-tile-shared", concat!("min(TILE_DEPTH, ", $end, " - first))") => concat!("min(TILE_DEPTH, ", $end, " - first) - 1u)")),
            text!(OffByOne $op, "last-block-shared", "local < TILE_ROWS && " => "local + 1u < TILE_ROWS && "),
            text!(Stale $op, "stale-tile-shared", "put_b(b_block, b_values);" => concat!("if (first == ", $first, ") { put_b(b_block, b_values); }")),
            text!(SwappedAxis $op, "other-k-shared", "add_one_k(c, a_place + A_QUADS, b_place + B_QUADS)" => "add_one_k(c, a_place + 2u * A_QUADS, b_place + B_QUADS)"),
            text!(SwappedAxis $op, "first-columns-shared", "group.y * TILE_COLUMNS" => "0u * TILE_COLUMNS"),
            text!(SwappedAxis $op, "high-rows-shared", "add_outer(c.high_low, a_high, b_low)" => "add_outer(c.high_low, a_low, b_low)"),
            text!(SwappedAxis $op, "high-columns-shared", "add_outer(c.low_high, a_low, b_high)" => "add_outer(c.low_high, a_low, b_low)"),
        ]
    };
}

pub(super) fn faults() -> Vec<PlantedFault> {
    let mut faults = Vec::new();
    faults.extend(core!("dense", "dropped-k-shared", "params.depth"));
    faults.extend(core!("dense_grad_input", "dropped-k-shared", "params.depth"));
    faults.extend(core!("conv2d", "dropped-k-shared", "params.depth"));
    faults.extend(core!("conv_transpose2d", "dropped-k-shared", "params.depth"));
    faults.extend(core!("dense_grad_weight", "dropped-image-shared", "share.end_image"));
    faults.extend(core!("conv2d_grad_weight", "dropped-image-shared", "share.end_image"));
    faults.extend(rounds!("dense"));
    faults.extend(rounds!("dense_grad_input"));
    faults.extend(rounds!("conv2d"));
    faults.extend(rounds!("conv_transpose2d"));
    faults.extend(rounds!("dense_grad_weight"));
    faults.extend(tiles!("dense", "0u", "params.depth"));
    faults.extend([
        text!(SwappedAxis "dense", "untransposed-shared", "transpose(mat4x4<f32>(\n                    load_a" => "(mat4x4<f32>(\n                    load_a"),
        text!(SwappedAxis "dense", "first-image-tile-shared", "let first_image = pixel_and_tile.y" => "let first_image = 0u"),
    ]);
    faults.extend(tiles!("dense_grad_weight", "share.first_image", "share.end_image"));
    faults.extend([
        text!(DroppedTap "dense_grad_weight", "late-image-shared", "k < count; k++" => "k + 1u < count; k++"),
        text!(SwappedAxis "dense_grad_weight", "first-row-tile-shared", "let first_row = block_and_tile.y" => "let first_row = 0u"),
    ]);
    faults
}
