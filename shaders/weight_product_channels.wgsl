// The rows of a weight product are the channels of a. A shared part, before a core; weight_product_patches.wgsl is
// the other way.

alias Rows = u32; // the first of four

fn rows_at(row: u32) -> Rows {
    return row;
}

// Four rows at a place of an image that begins at `image`.
fn load_rows(place: Place, image: u32, rows: Rows) -> vec4<f32> {
    return load_a(place.a + image, rows);
}
