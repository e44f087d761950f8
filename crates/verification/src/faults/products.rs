//! Faults of the products: dense, the convolutions and their gradients.

use super::{PlantedFault, no_barrier, stale, text};

/// A NaN in the last four columns.
const NAN: &str = "select(params.slope * result, result, result > vec4<f32>()) \
                   + vec4<f32>(bitcast<f32>(select(0u, 0x7fc00000u, column + 4u >= params.columns)));";

/// What every product has: of either core and of either way to store.
macro_rules! product {
    ($op:literal) => {
        [
            stale!($op),
            text!(Nan $op, "nan", "select(params.slope * result, result, result > vec4<f32>());" => NAN),
            text!(DroppedTap $op, "dropped-k", "k < params.depth; k += STEP) {\n            let b " => "k + STEP < params.depth; k += STEP) {\n            let b "),
            text!(DroppedTap $op, "dropped-k-subgroup8", "k < params.depth; k += STEP) {\n            let low " => "k + STEP < params.depth; k += STEP) {\n            let low "),
            text!(DroppedTap $op, "dropped-k-of-four", "fma(vec4<f32>(a_k.w), b_k[3], third)" => "third"),
            text!(SwappedAxis $op, "other-row", "load_a(row1 + place)" => "load_a(row0 + place)"),
            text!(SwappedAxis $op, "other-row-subgroup8", "subgroupBroadcast(low, 1u)" => "subgroupBroadcast(low, 0u)"),
            text!(SwappedAxis $op, "transposed-weights", "if (ALONG_K) {" => "if (!ALONG_K) {"),
            text!(SwappedAxis $op, "swapped-columns-quads", ">> 2u] = value;" => ">> 2u] = value.wzyx;"),
            text!(OffByOne $op, "last-column-scalars", "if (column < params.columns) {\n        c[" => "if (column + 1u < params.columns) {\n        c["),
            text!(OffByOne $op, "last-row", "if (image < params.images) {" => "if (image + 1u < params.images) {"),
            text!(OffByOne $op, "last-row-subgroup8", "if (image < params.images && " => "if (image + 1u < params.images && "),
        ]
    };
}

/// What those have behind which networks have a bias and a LeakyReLU.
macro_rules! epilogue {
    ($op:literal) => {
        [
            text!(WrongTerm $op, "no-bias", "params.has_bias != 0u" => "params.has_bias == 2u"),
            text!(WrongTerm $op, "no-slope", "params.slope * result" => "result"),
        ]
    };
}

/// What both weight gradients have: of either core and of either way to store.
macro_rules! weight_product {
    ($op:literal) => {
        [
            stale!($op),
            no_barrier!($op),
            text!(Nan $op, "nan", "store((block * params.rows + row) * params.columns, column, value);" => "store((block * params.rows + row) * params.columns, column, value + vec4<f32>(bitcast<f32>(select(0u, 0x7fc00000u, row + 1u == params.rows))));"),
            text!(DroppedTap $op, "dropped-image", "image < share.end_image;" => "image + 1u < share.end_image;"),
            text!(DroppedTap $op, "dropped-image-subgroup8", "f32(image + lane <= last_image)" => "f32(image + lane < last_image)"),
            text!(DroppedTap $op, "dropped-split", "place < params.row;" => "place + params.width < params.row;"),
            text!(SwappedAxis $op, "other-rows", "load_a(a_base, row + 4u), b" => "load_a(a_base, row), b"),
            text!(SwappedAxis $op, "other-image-subgroup8", "subgroupBroadcast(a0, 1u)" => "subgroupBroadcast(a0, 0u)"),
            text!(SwappedAxis $op, "transposed-tile", "fma(vec4<f32>(a_rows.y), b_columns, c[1])" => "fma(vec4<f32>(b_columns.y), a_rows, c[1])"),
            text!(SwappedAxis $op, "swapped-columns-quads", ">> 2u] = value;" => ">> 2u] = value.wzyx;"),
            text!(OffByOne $op, "last-column-scalars", "if (column < params.columns) {\n        c[" => "if (column + 1u < params.columns) {\n        c["),
            text!(OffByOne $op, "last-row", "if (row < params.rows && " => "if (row + 1u < params.rows && "),
        ]
    };
}

/// What the geometry of every convolution can suffer.
macro_rules! window {
    ($op:literal) => {
        [
            text!(SwappedAxis $op, "swapped-strides", "    stride_y: u32,\n    stride_x: u32," => "    stride_x: u32,\n    stride_y: u32,"),
            text!(SwappedAxis $op, "swapped-paddings", "    padding_top: u32,\n    padding_left: u32," => "    padding_left: u32,\n    padding_top: u32,"),
            text!(SwappedAxis $op, "swapped-height-width", "    a_height: u32,\n    a_width: u32," => "    a_width: u32,\n    a_height: u32,"),
            text!(OffByOne $op, "padding-top", "params.padding_top" => "(params.padding_top + 1u)"),
            text!(OffByOne $op, "padding-left", "params.padding_left" => "(params.padding_left + 1u)"),
        ]
    };
}

/// What those have whose taps are visited for each pixel.
macro_rules! taps {
    ($op:literal) => {
        [
            text!(DroppedTap $op, "dropped-tap", "t < taps.count;" => "t + 1u < taps.count;"),
            text!(SwappedAxis $op, "swapped-kernel", "    kernel_height: u32,\n    kernel_width: u32," => "    kernel_width: u32,\n    kernel_height: u32,"),
            text!(SwappedAxis $op, "transposed-kernel", "(ky * params.kernel_width + kx)" => "(kx * params.kernel_height + ky)"),
        ]
    };
}

pub(super) fn faults() -> Vec<PlantedFault> {
    let mut faults = Vec::new();
    faults.extend(product!("dense"));
    faults.extend(epilogue!("dense"));
    faults.extend(product!("dense_grad_input"));
    faults.extend(weight_product!("dense_grad_weight"));
    faults.extend(product!("conv2d"));
    faults.extend(epilogue!("conv2d"));
    faults.extend(window!("conv2d"));
    faults.extend(taps!("conv2d"));
    faults.extend(product!("conv_transpose2d"));
    faults.extend(epilogue!("conv_transpose2d"));
    faults.extend(window!("conv_transpose2d"));
    faults.extend(taps!("conv_transpose2d"));
    faults.extend([
        text!(WrongTerm "conv_transpose2d", "one-phase", "place % stride + skipped" => "skipped"),
        text!(SwappedAxis "conv_transpose2d", "turned-kernel", "(taps.first_p - j) *" => "(taps.first_p + j + 1u - taps.count / taps.width) *"),
    ]);
    faults.extend(weight_product!("conv2d_grad_weight"));
    faults.extend(window!("conv2d_grad_weight"));
    faults.extend([
        text!(DroppedTap "conv2d_grad_weight", "dropped-place", "p < share.end_place;" => "p + 1u < share.end_place;"),
        text!(SwappedAxis "conv2d_grad_weight", "transposed-kernel", "let ky = tap / params.kernel_width;\n    let kx = tap % params.kernel_width;" => "let kx = tap / params.kernel_width;\n    let ky = tap % params.kernel_width;"),
        text!(SwappedAxis "conv2d_grad_weight", "swapped-small-size", "    b_height: u32,\n    b_width: u32," => "    b_width: u32,\n    b_height: u32,"),
    ]);
    faults
}
