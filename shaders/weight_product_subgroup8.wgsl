// c[t, m, n] = Σ over places and images of a[image, place, m] · b[image, place, n], images shared by broadcast: the
// form for adapters whose subgroups are always 8 wide.
// a: [images, .., rows]; b: [images, .., columns]; c: [splits, taps, rows, columns].
// 4 blocks of 4 rows of each lane a workgroup of 8; a lane's part of a block is what weight_product_block_*.wgsl says.
// Each lane loads the rows of image `lane` for all.
// Ascending place, then image, one accumulator a split; past the last image a is 0.

// Four rows of each of images 0 to 3 of eight, which the lanes have.
fn of_four(rows: vec4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(
        subgroupBroadcast(rows, 0u),
        subgroupBroadcast(rows, 1u),
        subgroupBroadcast(rows, 2u),
        subgroupBroadcast(rows, 3u),
    );
}

// The same of images 4 to 7.
fn of_four_late(rows: vec4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(
        subgroupBroadcast(rows, 4u),
        subgroupBroadcast(rows, 5u),
        subgroupBroadcast(rows, 6u),
        subgroupBroadcast(rows, 7u),
    );
}

// Σ over four images of a[image, m] · b[image, n] on top of c, for four rows, ascending.
fn add_four(c: mat4x4<f32>, rows: mat4x4<f32>, b_columns: mat4x4<f32>) -> mat4x4<f32> {
    let images = transpose(rows);
    return mat4x4<f32>(
        add_images(c[0], images[0], b_columns),
        add_images(c[1], images[1], b_columns),
        add_images(c[2], images[2], b_columns),
        add_images(c[3], images[3], b_columns),
    );
}

fn add_images(c: vec4<f32>, row: vec4<f32>, b_columns: mat4x4<f32>) -> vec4<f32> {
    let first = fma(vec4<f32>(row.x), b_columns[0], c);
    let second = fma(vec4<f32>(row.y), b_columns[1], first);
    let third = fma(vec4<f32>(row.z), b_columns[2], second);
    return fma(vec4<f32>(row.w), b_columns[3], third);
}

// Four columns of the images from `image` on; past the last one it is the last.
fn load_four(place: u32, image: u32, last_image: u32, column: u32) -> mat4x4<f32> {
    return mat4x4<f32>(
        load_b(place + min(image, last_image) * params.b_image, column),
        load_b(place + min(image + 1u, last_image) * params.b_image, column),
        load_b(place + min(image + 2u, last_image) * params.b_image, column),
        load_b(place + min(image + 3u, last_image) * params.b_image, column),
    );
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
    let block_and_tile = quotient_and_rest(tile, divisor(params.row_tiles));
    let block = block_and_tile.x;
    let row = block_and_tile.y * TILE_ROWS;
    let rows0 = rows_at(row);
    let rows4 = rows_at(row + 4u);
    let rows8 = rows_at(row + 8u);
    let rows12 = rows_at(row + 12u);
    let rows16 = rows_at(row + 16u);
    let rows20 = rows_at(row + 20u);
    let rows24 = rows_at(row + 24u);
    let rows28 = rows_at(row + 28u);
    var c0 = Block();
    var c4 = Block();
    var c8 = Block();
    var c12 = Block();
    let split_and_tap = quotient_and_rest(block, divisor(params.taps));
    let places = places_of(split_and_tap.y);
    let share = share_of(split_and_tap.x, places.count);
    let last_image = share.end_image - 1u;
    for (var p = share.first_place; p < share.end_place; p++) {
        let place = place_at(places, p);
        for (var image = share.first_image; image <= last_image; image += 8u) {
            let a_image = min(image + lane, last_image) * params.a_image;
            let counts = f32(image + lane <= last_image);
            let a0 = counts * load_rows(place, a_image, rows0);
            let a4 = counts * load_rows(place, a_image, rows4);
            let a8 = counts * load_rows(place, a_image, rows8);
            let a12 = counts * load_rows(place, a_image, rows12);
            var a16: vec4<f32>;
            var a20: vec4<f32>;
            var a24: vec4<f32>;
            var a28: vec4<f32>;
            if (TILE_ROWS == 32u) {
                a16 = counts * load_rows(place, a_image, rows16);
                a20 = counts * load_rows(place, a_image, rows20);
                a24 = counts * load_rows(place, a_image, rows24);
                a28 = counts * load_rows(place, a_image, rows28);
            }
            var b_columns = load_columns(place.b, image, last_image, column);
            c0 = add_block(c0, of_four(a0), of_four(a16), b_columns);
            c4 = add_block(c4, of_four(a4), of_four(a20), b_columns);
            c8 = add_block(c8, of_four(a8), of_four(a24), b_columns);
            c12 = add_block(c12, of_four(a12), of_four(a28), b_columns);
            b_columns = load_columns(place.b, image + 4u, last_image, column);
            c0 = add_block(c0, of_four_late(a0), of_four_late(a16), b_columns);
            c4 = add_block(c4, of_four_late(a4), of_four_late(a20), b_columns);
            c8 = add_block(c8, of_four_late(a8), of_four_late(a24), b_columns);
            c12 = add_block(c12, of_four_late(a12), of_four_late(a28), b_columns);
        }
    }
    keep_block(c0, block, row, column);
    keep_block(c4, block, row + 4u, column);
    keep_block(c8, block, row + 8u, column);
    keep_block(c12, block, row + 12u, column);
}
