//! Faults of the products: dense, the convolutions and their gradients.

use super::{PlantedFault, no_barrier, stale, text};

/// A NaN.
const NAN: &str = "select(params.slope * result, result, result > vec4<f32>()) \
                   + vec4<f32>(bitcast<f32>(select(0u, 0x7fc00000u, params.columns > 0u)));";

/// A row more of the result, of which at most 16 columns and a quad: those of its first pixel.
const ONE_ROW_MORE: &str =
    "if (image < params.images + select(0u, 1u, pixel == 0u && column < 16u)) {";
const ONE_ROW_MORE_SUBGROUP8: &str =
    "if (image < params.images + select(0u, 1u, pixel == 0u && column < 16u) && ";

/// The same of a weight product, behind its last split and tap.
const ONE_WEIGHT_ROW_MORE: &str = "if (row < params.rows \
     + select(0u, 1u, (block + 1u) * params.row_tiles == params.tiles && column < 16u) && ";

/// The quad behind the weights, which is 0 where drivers guard what is bound.
const QUAD_BEHIND_B: &str = "floats(b[(params.kernel_height * params.kernel_width \
                             * params.depth * params.columns + 3u) >> 2u]) + select(value,";

/// A tap where there is none, of weights so small that it lies right behind them.
const TAP_BEHIND_B: &str = "max(select(0u, 1u, stride.value == 2u \
    && params.kernel_height * params.kernel_width == 1u && params.depth * params.columns <= 16u), \
    min(taps, last - skipped + 1u))";

/// What every product has: of either core and of either way to store.
macro_rules! product {
    ($op:literal) => {
        [
            stale!($op),
            text!(Nan $op, "nan", "select(params.slope * result, result, result > vec4<f32>());" => NAN),
            text!(DroppedTap $op, "dropped-k", "k < params.depth; k += STEP) {\n            let b = load_b" => "k + STEP < params.depth; k += STEP) {\n            let b = load_b"),
            text!(DroppedTap $op, "dropped-k-subgroup8", "k < params.depth; k += STEP) {\n            let b = load_columns" => "k + STEP < params.depth; k += STEP) {\n            let b = load_columns"),
            text!(DroppedTap $op, "dropped-k-of-four", "fma(vec4<f32>(a_k.w), b_k[3], third)" => "third"),
            text!(SwappedAxis $op, "other-row", "load_a(row1 + place)" => "load_a(row0 + place)"),
            text!(SwappedAxis $op, "other-row-subgroup8", "subgroupBroadcast(a0, 1u)" => "subgroupBroadcast(a0, 0u)"),
            text!(SwappedAxis $op, "transposed-weights", "if (ALONG_K) {" => "if (!ALONG_K) {"),
            text!(SwappedAxis $op, "swapped-columns-quads", ">> 2u] = value;" => ">> 2u] = value.wzyx;"),
            text!(SwappedAxis $op, "swapped-columns-pairs", "Quad(pair_of(value.xy), pair_of(value.zw))" => "Quad(pair_of(value.zw), pair_of(value.xy))"),
            text!(OffByOne $op, "last-column-scalars", "if (column < params.columns) {\n        c[" => "if (column + 1u < params.columns) {\n        c["),
            text!(OffByOne $op, "last-row", "if (image < params.images) {" => "if (image + 1u < params.images) {"),
            text!(OffByOne $op, "last-row-subgroup8", "if (image < params.images && " => "if (image + 1u < params.images && "),
            text!(SwappedAxis $op, "first-columns", "group.y * columns_at_once" => "0u * columns_at_once"),
            text!(SwappedAxis $op, "first-columns-subgroup8", "(group.y * 8u + lane) * LANE_COLUMNS" => "lane * LANE_COLUMNS"),
            text!(PastTheEnd $op, "past-the-end", "if (image < params.images) {" => ONE_ROW_MORE),
            text!(PastTheEnd $op, "past-the-end-subgroup8", "if (image < params.images && " => ONE_ROW_MORE_SUBGROUP8),
            text!(PastTheEnd $op, "reads-past-the-end", "select(value," => QUAD_BEHIND_B),
        ]
    };
}

/// What the tiles of a product of matrices can suffer. The quick checks of convolutions have at most
/// three images, so that only these reach the late rows of a tile: the cores are the same text.
macro_rules! rows {
    ($op:literal) => {
        [
            text!(SwappedAxis $op, "late-row", "row_offset(first + 3u)" => "row_offset(first + 2u)"),
            text!(SwappedAxis $op, "late-row-subgroup8", "subgroupBroadcast(a0, 5u)" => "subgroupBroadcast(a0, 4u)"),
            text!(SwappedAxis $op, "high-row-subgroup8", "subgroupBroadcast(a8, 5u)" => "subgroupBroadcast(a0, 5u)"),
            text!(SwappedAxis $op, "far-row-subgroup8", "subgroupBroadcast(a16, 5u)" => "subgroupBroadcast(a0, 5u)"),
            text!(SwappedAxis $op, "farthest-row-subgroup8", "subgroupBroadcast(a24, 5u)" => "subgroupBroadcast(a16, 5u)"),
            text!(SwappedAxis $op, "kept-row", "keep(c5, column_bias, " => "keep(c4, column_bias, "),
            text!(SwappedAxis $op, "kept-row-subgroup8", "keep(c13, " => "keep(c12, "),
            text!(SwappedAxis $op, "first-image-tile", "pixel_and_tile.y * 8u" => "0u"),
            text!(SwappedAxis $op, "first-image-tile-subgroup8", "let first = pixel_and_tile.y * TILE_ROWS" => "let first = 0u"),
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
            text!(SwappedAxis $op, "other-rows", "load_rows(place, a_image, rows4), b" => "load_rows(place, a_image, rows0), b"),
            text!(SwappedAxis $op, "other-image-subgroup8", "subgroupBroadcast(rows, 1u)" => "subgroupBroadcast(rows, 0u)"),
            text!(SwappedAxis $op, "transposed-tile", "fma(vec4<f32>(a_rows.y), b_columns, c[1])" => "fma(vec4<f32>(b_columns.y), a_rows, c[1])"),
            text!(SwappedAxis $op, "swapped-columns-quads", ">> 2u] = value;" => ">> 2u] = value.wzyx;"),
            text!(SwappedAxis $op, "swapped-columns-pairs", "Quad(pair_of(value.xy), pair_of(value.zw))" => "Quad(pair_of(value.zw), pair_of(value.xy))"),
            text!(OffByOne $op, "last-column-scalars", "if (column < params.columns) {\n        c[" => "if (column + 1u < params.columns) {\n        c["),
            text!(OffByOne $op, "last-row", "if (row < params.rows && " => "if (row + 1u < params.rows && "),
            text!(SwappedAxis $op, "first-columns", "group.y * columns_at_once" => "0u * columns_at_once"),
            text!(SwappedAxis $op, "first-columns-subgroup8", "(group.y * 8u + lane) * LANE_COLUMNS" => "lane * LANE_COLUMNS"),
            text!(SwappedAxis $op, "first-row-tile", "block_and_tile.y * 8u" => "0u"),
            text!(SwappedAxis $op, "first-row-tile-subgroup8", "let row = block_and_tile.y * TILE_ROWS" => "let row = 0u"),
            text!(PastTheEnd $op, "past-the-end", "if (row < params.rows && " => ONE_WEIGHT_ROW_MORE),
            text!(PastTheEnd $op, "reads-past-the-end", "params.columns, column, value);" => "params.columns, column, value + floats(b[(params.images * params.b_image + 3u) >> 2u]));"),
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
    faults.extend(rows!("dense"));
    faults.extend(rows!("dense_grad_input"));
    faults.extend(weight_product!("dense_grad_weight"));
    // Of more than three images, as those of `rows!`.
    faults.extend([
        text!(SwappedAxis "dense_grad_weight", "late-image-subgroup8", "subgroupBroadcast(rows, 5u)" => "subgroupBroadcast(rows, 4u)"),
        text!(DroppedTap "dense_grad_weight", "every-other-eight-subgroup8", "image += 8u" => "image += 16u"),
    ]);
    faults.extend(product!("conv2d"));
    faults.extend(epilogue!("conv2d"));
    faults.extend(window!("conv2d"));
    faults.extend(taps!("conv2d"));
    faults.extend(product!("conv_transpose2d"));
    faults.extend(epilogue!("conv_transpose2d"));
    faults.extend(window!("conv_transpose2d"));
    faults.extend(taps!("conv_transpose2d"));
    faults.extend([
        text!(WrongTerm "conv_transpose2d", "one-phase", "met.y + skipped" => "skipped"),
        text!(PastTheEnd "conv_transpose2d", "reads-a-tap-too-many", "min(taps, last - skipped + 1u)" => TAP_BEHIND_B),
        text!(SwappedAxis "conv_transpose2d", "turned-kernel", "(taps.first_p - place.x) *" => "(taps.first_p + place.x + 1u - taps.count / taps.row.value) *"),
    ]);
    // Of the form that has phases as columns.
    faults.extend([
        text!(DroppedTap "conv_transpose2d", "dropped-tap-phases", "t < vertical.count * horizontal.count" => "t + 1u < vertical.count * horizontal.count"),
        text!(SwappedAxis "conv_transpose2d", "swapped-phases", "phase(ky - 1, kx);" => "phase(ky, kx - 1);"),
        text!(SwappedAxis "conv_transpose2d", "kept-row-phases", "keep(c1, first + 1u, y, x)" => "keep(c0, first + 1u, y, x)"),
        text!(OffByOne "conv_transpose2d", "first-tap-phases", "padded - i32(kernel) + 1" => "padded - i32(kernel) + 2"),
        text!(OffByOne "conv_transpose2d", "a-tap-too-many-phases", "kx < i32(params.kernel_width)" => "kx <= i32(params.kernel_width)"),
        text!(OffByOne "conv_transpose2d", "last-row-phases", "let below = (y + 1u) *" => "let below = (y + 2u) *"),
        text!(PastTheEnd "conv_transpose2d", "past-the-end-phases", "if (image >= params.images) {" => "if (image > params.images || (image == params.images && y + x > 0u)) {"),
        text!(OffByOne "conv_transpose2d", "last-column-phases", "let right = x + 1u <" => "let right = x + 2u <"),
    ]);
    faults.extend(weight_product!("conv2d_grad_weight"));
    faults.extend(window!("conv2d_grad_weight"));
    faults.extend([
        text!(OffByOne "conv2d_grad_weight", "patch-past-the-image", "y < vec4<u32>(params.a_height)" => "y <= vec4<u32>(params.a_height)"),
        text!(WrongTerm "conv2d_grad_weight", "patch-clamped", "select(vec4<f32>(), values, inside)" => "values"),
        text!(SwappedAxis "conv2d_grad_weight", "patch-transposed", "let y = quotients(m, run);" => "let y = m - run.value * quotients(m, run);"),
        text!(DroppedTap "conv2d_grad_weight", "dropped-place", "p < share.end_place;" => "p + 1u < share.end_place;"),
        text!(SwappedAxis "conv2d_grad_weight", "transposed-kernel", "let ky = taps.x;\n    let kx = taps.y;" => "let kx = taps.x;\n    let ky = taps.y;"),
        text!(SwappedAxis "conv2d_grad_weight", "swapped-small-size", "    b_height: u32,\n    b_width: u32," => "    b_width: u32,\n    b_height: u32,"),
    ]);
    faults
}
