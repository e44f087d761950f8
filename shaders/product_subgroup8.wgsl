// c[m, n] = epilogue(Σ over taps and k of a[m, k] · b[k, n]), rows shared by broadcast: the form for adapters whose
// subgroups are always 8 wide.
// a, b, c and the rows of a tile as in product_registers.wgsl.
// 16 rows x 32 columns a workgroup of 8: each invocation has 4 columns and loads rows `lane` and `lane + 8` for all.
// Ascending tap, then k, one accumulator.

fn row_offset(image: u32) -> u32 {
    return min(image, params.images - 1u) * params.a_image;
}

fn keep(value: vec4<f32>, image: u32, pixel: u32, column: u32) {
    if (image < params.images && column < params.columns) {
        store((image * params.pixels + pixel) * params.columns, column, finish(value, column));
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
    let column = (group.y * 8u + lane) * 4u;
    let b_column = min(column, ((params.columns - 1u) >> 2u) * 4u);
    let pixel = tile / params.image_tiles;
    let first = (tile % params.image_tiles) * 16u;
    let row_low = row_offset(first + lane);
    let row_high = row_offset(first + lane + 8u);
    var c0 = vec4<f32>();
    var c1 = vec4<f32>();
    var c2 = vec4<f32>();
    var c3 = vec4<f32>();
    var c4 = vec4<f32>();
    var c5 = vec4<f32>();
    var c6 = vec4<f32>();
    var c7 = vec4<f32>();
    var c8 = vec4<f32>();
    var c9 = vec4<f32>();
    var c10 = vec4<f32>();
    var c11 = vec4<f32>();
    var c12 = vec4<f32>();
    var c13 = vec4<f32>();
    var c14 = vec4<f32>();
    var c15 = vec4<f32>();
    let taps = taps_of(pixel);
    for (var t = 0u; t < taps.count; t++) {
        let tap = tap_at(taps, t);
        for (var k = 0u; k < params.depth; k += STEP) {
            let low = load_a(row_low + tap.a + k);
            let high = load_a(row_high + tap.a + k);
            let b = load_b(tap.b, k, b_column);
            c0 = multiply_add(c0, subgroupBroadcast(low, 0u), b);
            c1 = multiply_add(c1, subgroupBroadcast(low, 1u), b);
            c2 = multiply_add(c2, subgroupBroadcast(low, 2u), b);
            c3 = multiply_add(c3, subgroupBroadcast(low, 3u), b);
            c4 = multiply_add(c4, subgroupBroadcast(low, 4u), b);
            c5 = multiply_add(c5, subgroupBroadcast(low, 5u), b);
            c6 = multiply_add(c6, subgroupBroadcast(low, 6u), b);
            c7 = multiply_add(c7, subgroupBroadcast(low, 7u), b);
            c8 = multiply_add(c8, subgroupBroadcast(high, 0u), b);
            c9 = multiply_add(c9, subgroupBroadcast(high, 1u), b);
            c10 = multiply_add(c10, subgroupBroadcast(high, 2u), b);
            c11 = multiply_add(c11, subgroupBroadcast(high, 3u), b);
            c12 = multiply_add(c12, subgroupBroadcast(high, 4u), b);
            c13 = multiply_add(c13, subgroupBroadcast(high, 5u), b);
            c14 = multiply_add(c14, subgroupBroadcast(high, 6u), b);
            c15 = multiply_add(c15, subgroupBroadcast(high, 7u), b);
        }
    }
    keep(c0, first, pixel, column);
    keep(c1, first + 1u, pixel, column);
    keep(c2, first + 2u, pixel, column);
    keep(c3, first + 3u, pixel, column);
    keep(c4, first + 4u, pixel, column);
    keep(c5, first + 5u, pixel, column);
    keep(c6, first + 6u, pixel, column);
    keep(c7, first + 7u, pixel, column);
    keep(c8, first + 8u, pixel, column);
    keep(c9, first + 9u, pixel, column);
    keep(c10, first + 10u, pixel, column);
    keep(c11, first + 11u, pixel, column);
    keep(c12, first + 12u, pixel, column);
    keep(c13, first + 13u, pixel, column);
    keep(c14, first + 14u, pixel, column);
    keep(c15, first + 15u, pixel, column);
}
