// c[t, m, n] = Σ over places and images of a[image, place, m] · b[image, place, n], each invocation alone: the form
// for every adapter.
// a: [images, .., rows]; b: [images, .., columns]; c: [splits, taps, rows, columns].
// 8 rows x 4 columns an invocation; of the 64 invocations of a workgroup the low `column_shift` bits count columns,
// the others tiles of rows. Ascending place, then image, one accumulator a split.

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
    let block_and_tile = quotient_and_rest(tile, divisor(params.row_tiles));
    let block = block_and_tile.x;
    let row = block_and_tile.y * 8u;
    let rows0 = rows_at(row);
    let rows4 = rows_at(row + 4u);
    var c0 = mat4x4<f32>();
    var c1 = mat4x4<f32>();
    let split_and_tap = quotient_and_rest(block, divisor(params.taps));
    let places = places_of(split_and_tap.y);
    let share = share_of(split_and_tap.x, places.count);
    for (var p = share.first_place; p < share.end_place; p++) {
        let place = place_at(places, p);
        for (var image = share.first_image; image < share.end_image; image++) {
            let a_image = image * params.a_image;
            let b_columns = load_b(place.b + image * params.b_image, column);
            c0 = outer_add(c0, load_rows(place, a_image, rows0), b_columns);
            if (!SINGLE_ROW) {
                c1 = outer_add(c1, load_rows(place, a_image, rows4), b_columns);
            }
        }
    }
    keep(c0, block, row, column);
    keep(c1, block, row + 4u, column);
}
