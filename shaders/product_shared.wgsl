// c[m, n] = epilogue(Σ over taps and k of a[m, k] · b[k, n]), tiles shared in workgroup memory: the form for GPUs.
// a, b, c and the rows of a tile as in product_registers.wgsl: one pixel a workgroup, so that its taps, its loops and
// its barriers are the same for all invocations.
// TILE_ROWS x TILE_COLUMNS a workgroup of 64, 16 k of one tap at a time. Each invocation loads 4 x 4 elements of a and
// of b, transposed to lie k first; depth and columns are multiples of four. Ascending tap, then k, one accumulator.

fn keep_row(value: vec4<f32>, pixel: u32, image: u32, column: u32) {
    if (image < params.images && column < params.columns) {
        store((image * params.pixels + pixel) * params.columns, column, finish(value, bias_of(column)));
    }
}

fn keep(value: mat4x4<f32>, pixel: u32, image: u32, column: u32) {
    keep_row(value[0], pixel, image, column);
    keep_row(value[1], pixel, image + 1u, column);
    keep_row(value[2], pixel, image + 2u, column);
    keep_row(value[3], pixel, image + 3u, column);
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let tile = group.z * groups.x + group.x;
    if (tile >= params.tiles) {
        return;
    }
    let pixel_and_tile = quotient_and_rest(tile, divisor(params.image_tiles));
    let pixel = pixel_and_tile.x;
    let first_image = pixel_and_tile.y * TILE_ROWS;
    let first_column = group.y * TILE_COLUMNS;
    let corner = corner_of(local);
    let image = first_image + corner.x * 4u;
    let column = first_column + corner.y * 4u;
    let has_sums = image < params.images && column < params.columns;

    let a_block = block_along_k(local);
    let a_image = first_image + a_block.quad * 4u;
    let loads_a = local < TILE_ROWS && a_image < params.images;
    let rows = min(vec4<u32>(a_image) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(params.images - 1u)) * params.a_image;
    // Counted from the last invocation on, so that half as many for a and half for b are not the same.
    let b_number = 63u - local;
    var b_block = block_along_quads(b_number, B_QUADS);
    if (ALONG_K) {
        b_block = block_along_k(b_number);
    }
    let b_column = first_column + b_block.quad * 4u;
    let loads_b = b_number < TILE_COLUMNS && b_column < params.columns;

    var sums = no_sums();
    let taps = taps_of(pixel);
    for (var t = 0u; t < taps.count; t++) {
        let tap = tap_at(taps, t);
        for (var first = 0u; first < params.depth; first += TILE_DEPTH) {
            let a_k = first + a_block.fourth * 4u;
            let b_k = first + b_block.fourth * 4u;
            let a_is_there = loads_a && a_k < params.depth;
            let b_is_there = loads_b && b_k < params.depth;
            var a_values: mat4x4<f32>;
            var b_values: mat4x4<f32>;
            if (a_is_there) {
                a_values = transpose(mat4x4<f32>(
                    load_a(rows.x + tap.a + a_k),
                    load_a(rows.y + tap.a + a_k),
                    load_a(rows.z + tap.a + a_k),
                    load_a(rows.w + tap.a + a_k),
                ));
            }
            if (b_is_there) {
                b_values = load_b(tap.b, b_k, b_column);
            }
            workgroupBarrier(); // All have added the tiles of the round before.
            if (a_is_there) {
                put_a(a_block, a_values);
            }
            if (b_is_there) {
                put_b(b_block, b_values);
            }
            workgroupBarrier(); // The tiles are there.
            if (has_sums) {
                sums = add_tiles(sums, corner, min(TILE_DEPTH, params.depth - first));
            }
        }
    }
    keep_sums(sums, pixel, image, column);
}
