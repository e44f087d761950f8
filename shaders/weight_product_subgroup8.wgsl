// c[t, m, n] = Σ over places and images of a[image, place, m] · b[image, place, n], images shared by broadcast: the
// form for adapters whose subgroups are always 8 wide.
// a: [images, .., rows]; b: [images, .., columns]; c: [splits, taps, rows, columns].
// 16 rows x 32 columns a workgroup of 8: each invocation has 4 columns and loads the rows of image `lane` for all.
// Ascending place, then image, one accumulator a split; past the last image a is 0.

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
    let block = tile / params.row_tiles;
    let row = (tile % params.row_tiles) * 16u;
    var c0 = mat4x4<f32>();
    var c1 = mat4x4<f32>();
    var c2 = mat4x4<f32>();
    var c3 = mat4x4<f32>();
    let places = places_of(block % params.taps);
    let share = share_of(block / params.taps, places.count);
    let last_image = share.end_image - 1u;
    for (var p = share.first_place; p < share.end_place; p++) {
        let place = place_at(places, p);
        let b_place = place.b;
        for (var image = share.first_image; image <= last_image; image += 8u) {
            let a_base = place.a + min(image + lane, last_image) * params.a_image;
            let counts = f32(image + lane <= last_image);
            let a0 = counts * load_a(a_base, row);
            let a1 = counts * load_a(a_base, row + 4u);
            let a2 = counts * load_a(a_base, row + 8u);
            let a3 = counts * load_a(a_base, row + 12u);
            var b_columns: vec4<f32>;
            b_columns = load_b(b_place + min(image + 0u, last_image) * params.b_image, column);
            c0 = outer_add(c0, subgroupBroadcast(a0, 0u), b_columns);
            c1 = outer_add(c1, subgroupBroadcast(a1, 0u), b_columns);
            c2 = outer_add(c2, subgroupBroadcast(a2, 0u), b_columns);
            c3 = outer_add(c3, subgroupBroadcast(a3, 0u), b_columns);
            b_columns = load_b(b_place + min(image + 1u, last_image) * params.b_image, column);
            c0 = outer_add(c0, subgroupBroadcast(a0, 1u), b_columns);
            c1 = outer_add(c1, subgroupBroadcast(a1, 1u), b_columns);
            c2 = outer_add(c2, subgroupBroadcast(a2, 1u), b_columns);
            c3 = outer_add(c3, subgroupBroadcast(a3, 1u), b_columns);
            b_columns = load_b(b_place + min(image + 2u, last_image) * params.b_image, column);
            c0 = outer_add(c0, subgroupBroadcast(a0, 2u), b_columns);
            c1 = outer_add(c1, subgroupBroadcast(a1, 2u), b_columns);
            c2 = outer_add(c2, subgroupBroadcast(a2, 2u), b_columns);
            c3 = outer_add(c3, subgroupBroadcast(a3, 2u), b_columns);
            b_columns = load_b(b_place + min(image + 3u, last_image) * params.b_image, column);
            c0 = outer_add(c0, subgroupBroadcast(a0, 3u), b_columns);
            c1 = outer_add(c1, subgroupBroadcast(a1, 3u), b_columns);
            c2 = outer_add(c2, subgroupBroadcast(a2, 3u), b_columns);
            c3 = outer_add(c3, subgroupBroadcast(a3, 3u), b_columns);
            b_columns = load_b(b_place + min(image + 4u, last_image) * params.b_image, column);
            c0 = outer_add(c0, subgroupBroadcast(a0, 4u), b_columns);
            c1 = outer_add(c1, subgroupBroadcast(a1, 4u), b_columns);
            c2 = outer_add(c2, subgroupBroadcast(a2, 4u), b_columns);
            c3 = outer_add(c3, subgroupBroadcast(a3, 4u), b_columns);
            b_columns = load_b(b_place + min(image + 5u, last_image) * params.b_image, column);
            c0 = outer_add(c0, subgroupBroadcast(a0, 5u), b_columns);
            c1 = outer_add(c1, subgroupBroadcast(a1, 5u), b_columns);
            c2 = outer_add(c2, subgroupBroadcast(a2, 5u), b_columns);
            c3 = outer_add(c3, subgroupBroadcast(a3, 5u), b_columns);
            b_columns = load_b(b_place + min(image + 6u, last_image) * params.b_image, column);
            c0 = outer_add(c0, subgroupBroadcast(a0, 6u), b_columns);
            c1 = outer_add(c1, subgroupBroadcast(a1, 6u), b_columns);
            c2 = outer_add(c2, subgroupBroadcast(a2, 6u), b_columns);
            c3 = outer_add(c3, subgroupBroadcast(a3, 6u), b_columns);
            b_columns = load_b(b_place + min(image + 7u, last_image) * params.b_image, column);
            c0 = outer_add(c0, subgroupBroadcast(a0, 7u), b_columns);
            c1 = outer_add(c1, subgroupBroadcast(a1, 7u), b_columns);
            c2 = outer_add(c2, subgroupBroadcast(a2, 7u), b_columns);
            c3 = outer_add(c3, subgroupBroadcast(a3, 7u), b_columns);
        }
    }
    keep(c0, block, row, column);
    keep(c1, block, row + 4u, column);
    keep(c2, block, row + 8u, column);
    keep(c3, block, row + 12u, column);
}
