// c[t, m, n] = Σ over places and images of a[image, place, m] · b[image, place, n], tiles shared in workgroup memory:
// the form for GPUs.
// a: [images, .., rows]; b: [images, .., columns]; c: [splits, taps, rows, columns].
// TILE_ROWS x TILE_COLUMNS of one split and tap a workgroup of 64, 16 images at one place at a time. Each invocation
// loads 4 images of a quad of a and of b; rows and columns are multiples of four. Ascending place, then image, one
// accumulator a split.

// Where four images from `image` on begin; past the last one it is the last.
fn four_images(image: u32, last: u32) -> vec4<u32> {
    return min(vec4<u32>(image) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(last));
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
    let block_and_tile = quotient_and_rest(tile, divisor(params.row_tiles));
    let block = block_and_tile.x;
    let first_row = block_and_tile.y * TILE_ROWS;
    let first_column = group.y * TILE_COLUMNS;
    let corner = corner_of(local);
    let row = first_row + corner.x * 4u;
    let column = first_column + corner.y * 4u;
    let has_sums = row < params.rows && column < params.columns;

    let a_block = block_along_quads(local, A_QUADS);
    let a_row = first_row + a_block.quad * 4u;
    let loads_a = local < TILE_ROWS && a_row < params.rows;
    // Counted from the last invocation on, so that half as many for a and half for b are not the same.
    let b_number = 63u - local;
    let b_block = block_along_quads(b_number, B_QUADS);
    let b_column = first_column + b_block.quad * 4u;
    let loads_b = b_number < TILE_COLUMNS && b_column < params.columns;

    var sums = no_sums();
    let split_and_tap = quotient_and_rest(block, divisor(params.taps));
    let places = places_of(split_and_tap.y);
    let share = share_of(split_and_tap.x, places.count);
    for (var p = share.first_place; p < share.end_place; p++) {
        let place = place_at(places, p);
        for (var first = share.first_image; first < share.end_image; first += TILE_DEPTH) {
            var a_values: mat4x4<f32>;
            var b_values: mat4x4<f32>;
            if (loads_a) {
                let bases = four_images(first + a_block.fourth * 4u, share.end_image - 1u) * params.a_image;
                a_values = mat4x4<f32>(
                    load_a(place.a + bases.x, a_row),
                    load_a(place.a + bases.y, a_row),
                    load_a(place.a + bases.z, a_row),
                    load_a(place.a + bases.w, a_row),
                );
            }
            if (loads_b) {
                let bases = four_images(first + b_block.fourth * 4u, share.end_image - 1u) * params.b_image;
                b_values = mat4x4<f32>(
                    load_b(place.b + bases.x, b_column),
                    load_b(place.b + bases.y, b_column),
                    load_b(place.b + bases.z, b_column),
                    load_b(place.b + bases.w, b_column),
                );
            }
            workgroupBarrier(); // All have added the tiles of the round before.
            if (loads_a) {
                put_a(a_block, a_values);
            }
            if (loads_b) {
                put_b(b_block, b_values);
            }
            workgroupBarrier(); // The tiles are there.
            if (has_sums) {
                sums = add_tiles(sums, corner, min(TILE_DEPTH, share.end_image - first));
            }
        }
    }
    keep_sums(sums, block, row, column);
}
