// c[m, n] = epilogue(Σ over taps and k of a[m, k] · b[k, n]), each invocation alone: the form for every adapter.
// a: [images, ..], b: weights, c: [images, pixels, columns]; a row m is one image at one pixel, and the rows of a
// tile are one pixel of neighbouring images, so that they share their taps.
// 8 rows x 4 columns an invocation; of the 64 invocations of a workgroup the low `column_shift` bits count columns,
// the others tiles of rows. Ascending tap, then k, one accumulator.

fn row_offset(image: u32) -> u32 {
    return min(image, params.images - 1u) * params.a_image;
}

fn keep(value: vec4<f32>, column_bias: vec4<f32>, image: u32, pixel: u32, column: u32) {
    if (image < params.images) {
        store((image * params.pixels + pixel) * params.columns, column, finish(value, column_bias));
    }
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let columns_at_once = 1u << params.column_shift;
    let column = (group.y * columns_at_once + (local & (columns_at_once - 1u))) * 4u;
    let tile = ((group.z * groups.x + group.x) << (6u - params.column_shift)) + (local >> params.column_shift);
    if (tile >= params.tiles || column >= params.columns) {
        return;
    }
    let pixel_and_tile = quotient_and_rest(tile, divisor(params.image_tiles));
    let pixel = pixel_and_tile.x;
    let first = pixel_and_tile.y * 8u;
    let row0 = row_offset(first);
    let row1 = row_offset(first + 1u);
    let row2 = row_offset(first + 2u);
    let row3 = row_offset(first + 3u);
    let row4 = row_offset(first + 4u);
    let row5 = row_offset(first + 5u);
    let row6 = row_offset(first + 6u);
    let row7 = row_offset(first + 7u);
    var c0 = vec4<f32>();
    var c1 = vec4<f32>();
    var c2 = vec4<f32>();
    var c3 = vec4<f32>();
    var c4 = vec4<f32>();
    var c5 = vec4<f32>();
    var c6 = vec4<f32>();
    var c7 = vec4<f32>();
    let taps = taps_of(pixel);
    for (var t = 0u; t < taps.count; t++) {
        let tap = tap_at(taps, t);
        for (var k = 0u; k < params.depth; k += STEP) {
            let b = load_b(tap.b, k, column);
            let place = tap.a + k;
            c0 = multiply_add(c0, load_a(row0 + place), b);
            c1 = multiply_add(c1, load_a(row1 + place), b);
            c2 = multiply_add(c2, load_a(row2 + place), b);
            c3 = multiply_add(c3, load_a(row3 + place), b);
            c4 = multiply_add(c4, load_a(row4 + place), b);
            c5 = multiply_add(c5, load_a(row5 + place), b);
            c6 = multiply_add(c6, load_a(row6 + place), b);
            c7 = multiply_add(c7, load_a(row7 + place), b);
        }
    }
    let column_bias = bias_of(column);
    keep(c0, column_bias, first, pixel, column);
    keep(c1, column_bias, first + 1u, pixel, column);
    keep(c2, column_bias, first + 2u, pixel, column);
    keep(c3, column_bias, first + 3u, pixel, column);
    keep(c4, column_bias, first + 4u, pixel, column);
    keep(c5, column_bias, first + 5u, pixel, column);
    keep(c6, column_bias, first + 6u, pixel, column);
    keep(c7, column_bias, first + 7u, pixel, column);
}
