// The rows of a weight product are the taps and channels of a, for images of few channels: one load of b serves them
// all. What falls on padding is 0. A shared part, before a core; weight_product_channels.wgsl is the other way.

// Of four rows: where they lie behind the window's corner, in elements, rows and columns of a.
struct Rows { offset: vec4<u32>, y: vec4<u32>, x: vec4<u32> }

// n / d of each.
fn quotients(n: vec4<u32>, d: Divisor) -> vec4<u32> {
    return vec4<u32>(
        quotient_and_rest(n.x, d).x,
        quotient_and_rest(n.y, d).x,
        quotient_and_rest(n.z, d).x,
        quotient_and_rest(n.w, d).x,
    );
}

fn rows_at(row: u32) -> Rows {
    let m = min(vec4<u32>(row) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(params.rows - 1u));
    let run = divisor(params.kernel_width * params.channels);
    let y = quotients(m, run);
    let along_run = m - y * run.value;
    return Rows(y * params.a_width * params.channels + along_run, y, quotients(along_run, divisor(params.channels)));
}

// Four rows at a place of an image that begins at `image`.
fn load_rows(place: Place, image: u32, rows: Rows) -> vec4<f32> {
    let y = place.corner.x + rows.y - params.padding_top;
    let x = place.corner.y + rows.x - params.padding_left;
    // What is before the image is far behind it, as numbers wrap around.
    let inside = (y < vec4<u32>(params.a_height)) & (x < vec4<u32>(params.a_width));
    let index = select(vec4<u32>(), image + place.a + rows.offset, inside);
    let values = vec4<f32>(scalar_a(index.x), scalar_a(index.y), scalar_a(index.z), scalar_a(index.w));
    return select(vec4<f32>(), values, inside);
}
