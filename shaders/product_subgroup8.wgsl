// c[m, n] = epilogue(Σ over taps and k of a[m, k] · b[k, n]), rows shared by broadcast: the form for adapters whose
// subgroups are always 8 wide.
// a, b, c and the rows of a tile as in product_registers.wgsl.
// 16 lines of each lane a workgroup of 8; a lane's part of a line is what product_line_*.wgsl says. Each lane loads the
// rows `lane` and `lane + 8`, and `lane + 16` and `lane + 24` where there are 32, for all.
// Ascending tap, then k, one accumulator.

fn row_offset(image: u32) -> u32 {
    return min(image, params.images - 1u) * params.a_image;
}

// The columns from `column` on that can be loaded; what is past the last quad is the last quad.
fn loadable(column: u32) -> u32 {
    return min(column, ((params.columns - 1u) >> 2u) * 4u);
}

fn keep_quad(value: vec4<f32>, column_bias: vec4<f32>, image: u32, pixel: u32, column: u32) {
    if (image < params.images && column < params.columns) {
        store((image * params.pixels + pixel) * params.columns, column, finish(value, column_bias));
    }
}

@compute @workgroup_size(8)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(subgroup_invocation_id) lane: u32,
) {
    let tile = group.z * groups.x + group.x;
    if (tile >= params.tiles) {
        return;
    }
    let column = (group.y * 8u + lane) * LANE_COLUMNS;
    let pixel_and_tile = quotient_and_rest(tile, divisor(params.image_tiles));
    let pixel = pixel_and_tile.x;
    let first = pixel_and_tile.y * TILE_ROWS;
    let row0 = row_offset(first + lane);
    let row8 = row_offset(first + lane + 8u);
    let row16 = row_offset(first + lane + 16u);
    let row24 = row_offset(first + lane + 24u);
    var c0 = Line();
    var c1 = Line();
    var c2 = Line();
    var c3 = Line();
    var c4 = Line();
    var c5 = Line();
    var c6 = Line();
    var c7 = Line();
    var c8 = Line();
    var c9 = Line();
    var c10 = Line();
    var c11 = Line();
    var c12 = Line();
    var c13 = Line();
    var c14 = Line();
    var c15 = Line();
    let taps = taps_of(pixel);
    for (var t = 0u; t < taps.count; t++) {
        let tap = tap_at(taps, t);
        for (var k = 0u; k < params.depth; k += STEP) {
            let b = load_columns(tap.b, k, column);
            let place = tap.a + k;
            let a0 = load_a(row0 + place);
            let a8 = load_a(row8 + place);
            var a16: vec4<f32>;
            var a24: vec4<f32>;
            if (TILE_ROWS == 32u) {
                a16 = load_a(row16 + place);
                a24 = load_a(row24 + place);
            }
            c0 = add_line(c0, subgroupBroadcast(a0, 0u), subgroupBroadcast(a16, 0u), b);
            c1 = add_line(c1, subgroupBroadcast(a0, 1u), subgroupBroadcast(a16, 1u), b);
            c2 = add_line(c2, subgroupBroadcast(a0, 2u), subgroupBroadcast(a16, 2u), b);
            c3 = add_line(c3, subgroupBroadcast(a0, 3u), subgroupBroadcast(a16, 3u), b);
            c4 = add_line(c4, subgroupBroadcast(a0, 4u), subgroupBroadcast(a16, 4u), b);
            c5 = add_line(c5, subgroupBroadcast(a0, 5u), subgroupBroadcast(a16, 5u), b);
            c6 = add_line(c6, subgroupBroadcast(a0, 6u), subgroupBroadcast(a16, 6u), b);
            c7 = add_line(c7, subgroupBroadcast(a0, 7u), subgroupBroadcast(a16, 7u), b);
            c8 = add_line(c8, subgroupBroadcast(a8, 0u), subgroupBroadcast(a24, 0u), b);
            c9 = add_line(c9, subgroupBroadcast(a8, 1u), subgroupBroadcast(a24, 1u), b);
            c10 = add_line(c10, subgroupBroadcast(a8, 2u), subgroupBroadcast(a24, 2u), b);
            c11 = add_line(c11, subgroupBroadcast(a8, 3u), subgroupBroadcast(a24, 3u), b);
            c12 = add_line(c12, subgroupBroadcast(a8, 4u), subgroupBroadcast(a24, 4u), b);
            c13 = add_line(c13, subgroupBroadcast(a8, 5u), subgroupBroadcast(a24, 5u), b);
            c14 = add_line(c14, subgroupBroadcast(a8, 6u), subgroupBroadcast(a24, 6u), b);
            c15 = add_line(c15, subgroupBroadcast(a8, 7u), subgroupBroadcast(a24, 7u), b);
        }
    }
    let line_bias = bias_of_line(column);
    keep(c0, line_bias, first, pixel, column);
    keep(c1, line_bias, first + 1u, pixel, column);
    keep(c2, line_bias, first + 2u, pixel, column);
    keep(c3, line_bias, first + 3u, pixel, column);
    keep(c4, line_bias, first + 4u, pixel, column);
    keep(c5, line_bias, first + 5u, pixel, column);
    keep(c6, line_bias, first + 6u, pixel, column);
    keep(c7, line_bias, first + 7u, pixel, column);
    keep(c8, line_bias, first + 8u, pixel, column);
    keep(c9, line_bias, first + 9u, pixel, column);
    keep(c10, line_bias, first + 10u, pixel, column);
    keep(c11, line_bias, first + 11u, pixel, column);
    keep(c12, line_bias, first + 12u, pixel, column);
    keep(c13, line_bias, first + 13u, pixel, column);
    keep(c14, line_bias, first + 14u, pixel, column);
    keep(c15, line_bias, first + 15u, pixel, column);
}
