// The bindings and loads of a weight gradient, c[t, m, n] = Σ over places and images of a[image, place, m] · b[image, place, n]:
// a shared part, before a core (weight_product_*.wgsl) and the op's own part.
// `ROW_QUADS`, `COLUMN_QUADS` (generated): whether the rows (channels of a), the columns (channels of b) are a multiple of four;
// `SINGLE_ROW`: whether there is one row.
// A split takes its share of the images and of the places; where there are several, sum.wgsl adds them in ascending order.

struct Params {
    images: u32,
    split_images: u32, // of one split
    taps: u32,
    rows: u32, // values of m
    row_tiles: u32,
    tiles: u32, // splits · taps · row_tiles
    columns: u32, // values of n
    a_image: u32, // elements of one image of a
    b_image: u32, // elements of one image of b
    column_shift: u32, // log2 of the invocations of a workgroup that lie along n (weight_product_registers.wgsl)
    // The window; not used by dense_grad_weight.
    a_height: u32,
    a_width: u32,
    b_height: u32,
    b_width: u32,
    kernel_width: u32,
    stride_y: u32,
    stride_x: u32,
    padding_top: u32,
    padding_left: u32,
    place_splits: u32,
    split_places: u32, // of one split
    channels: u32, // of a
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> a: array<Quad>; // [images, a_height, a_width, rows]
@group(0) @binding(3) var<storage, read> b: array<Quad>; // [images, b_height, b_width, columns]

// The images and places of one split of a tap.
struct Share { first_image: u32, end_image: u32, first_place: u32, end_place: u32 }

fn share_of(split: u32, places: u32) -> Share {
    let share = quotient_and_rest(split, divisor(params.place_splits));
    let first_image = share.x * params.split_images;
    let first_place = share.y * params.split_places;
    return Share(
        first_image,
        min(first_image + params.split_images, params.images),
        first_place,
        min(first_place + params.split_places, places),
    );
}

// Where one place lies in an image of a and in an image of b; `corner` is the first row and column of a that the window
// covers there, in padded coordinates.
struct Place { a: u32, b: u32, corner: vec2<u32> }

fn scalar_a(index: u32) -> f32 {
    return element(a[index >> 2u][part_of(index)], index);
}

fn scalar_b(index: u32) -> f32 {
    return element(b[index >> 2u][part_of(index)], index);
}

// Rows `row` to `row + 3` of a at one image and place; what is past the last row is some other row.
fn load_a(base: u32, row: u32) -> vec4<f32> {
    let last = params.rows - 1u;
    if (ROW_QUADS) {
        return floats(a[(base + min(row, last & ~3u)) >> 2u]);
    }
    if (SINGLE_ROW) {
        return vec4<f32>(scalar_a(base), 0.0, 0.0, 0.0);
    }
    return vec4<f32>(
        scalar_a(base + min(row, last)),
        scalar_a(base + min(row + 1u, last)),
        scalar_a(base + min(row + 2u, last)),
        scalar_a(base + min(row + 3u, last)),
    );
}

// Columns `column` to `column + 3` of b at one image and place; what is past the last column is some other column.
fn load_b(base: u32, column: u32) -> vec4<f32> {
    let last = params.columns - 1u;
    if (COLUMN_QUADS) {
        return floats(b[(base + min(column, last & ~3u)) >> 2u]);
    }
    return vec4<f32>(
        scalar_b(base + min(column, last)),
        scalar_b(base + min(column + 1u, last)),
        scalar_b(base + min(column + 2u, last)),
        scalar_b(base + min(column + 3u, last)),
    );
}

// Four rows of four columns, c[i] += a[i] · b.
fn outer_add(c: mat4x4<f32>, a_rows: vec4<f32>, b_columns: vec4<f32>) -> mat4x4<f32> {
    let first = fma(vec4<f32>(a_rows.x), b_columns, c[0]);
    if (SINGLE_ROW) {
        return mat4x4<f32>(first, c[1], c[2], c[3]);
    }
    return mat4x4<f32>(
        first,
        fma(vec4<f32>(a_rows.y), b_columns, c[1]),
        fma(vec4<f32>(a_rows.z), b_columns, c[2]),
        fma(vec4<f32>(a_rows.w), b_columns, c[3]),
    );
}

// `block` counts splits and taps.
fn keep_row(value: vec4<f32>, block: u32, row: u32, column: u32) {
    if (row < params.rows && column < params.columns) {
        store((block * params.rows + row) * params.columns, column, value);
    }
}

fn keep(value: mat4x4<f32>, block: u32, row: u32, column: u32) {
    keep_row(value[0], block, row, column);
    keep_row(value[1], block, row + 1u, column);
    keep_row(value[2], block, row + 2u, column);
    keep_row(value[3], block, row + 3u, column);
}
