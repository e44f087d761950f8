// The bindings and loads of a product: a shared part, before a core (product_*.wgsl) and the op's own part.
// `STEP` (generated) is how many k are loaded at once: 4 where the depth is a multiple of four, else 1.
// `COLUMN_QUADS`, `SINGLE_COLUMN` (generated): whether the columns are a multiple of four, whether there is one.
// `ALONG_K` (generated): whether b is contiguous along k, [columns, depth], rather than along n, [depth, columns].

struct Params {
    images: u32, // rows are images x pixels
    image_tiles: u32, // tiles of rows at one pixel
    tiles: u32, // image_tiles · pixels
    pixels: u32, // of one image of c
    depth: u32, // values of k at one tap
    columns: u32, // values of n
    a_image: u32, // elements of one image of a
    column_shift: u32, // log2 of the invocations of a workgroup that lie along n (product_registers.wgsl)
    has_bias: u32,
    slope: f32, // of the LeakyReLU at the end; 1 for none
    // The window; not used by the dense ops.
    a_height: u32,
    a_width: u32,
    c_width: u32,
    kernel_height: u32,
    kernel_width: u32,
    stride_y: u32,
    stride_x: u32,
    padding_top: u32,
    padding_left: u32,
    unused: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> a: array<Quad>; // [images, a_height, a_width, depth]
@group(0) @binding(3) var<storage, read> b: array<Quad>; // [taps, depth, columns] or [taps, columns, depth]
@group(0) @binding(5) var<storage, read> bias: array<f32>; // [columns]

// Where one tap's part of a (of its image) and of b begins.
struct Tap { a: u32, b: u32 }

fn load_a(index: u32) -> vec4<f32> {
    if (STEP == 4u) {
        return floats(a[index >> 2u]);
    }
    return vec4<f32>(element(a[index >> 2u][part_of(index)], index), 0.0, 0.0, 0.0);
}

fn quad_b(index: u32) -> vec4<f32> {
    return floats(b[index >> 2u]);
}

fn scalar_b(index: u32) -> f32 {
    return element(b[index >> 2u][part_of(index)], index);
}

// The `STEP` rows of b from k on, columns `column` to `column + 3`.
fn load_b(base: u32, k: u32, column: u32) -> mat4x4<f32> {
    if (ALONG_K) {
        return load_b_along_k(base + k, column);
    }
    let place = base + k * params.columns;
    let row = row_b(place, column);
    if (STEP == 4u) {
        return mat4x4<f32>(
            row,
            row_b(place + params.columns, column),
            row_b(place + 2u * params.columns, column),
            row_b(place + 3u * params.columns, column),
        );
    }
    return mat4x4<f32>(row, vec4<f32>(), vec4<f32>(), vec4<f32>());
}

fn load_b_along_k(place: u32, column: u32) -> mat4x4<f32> {
    let n0 = place + column * params.depth;
    if (SINGLE_COLUMN) {
        var single = vec4<f32>(scalar_b(n0), 0.0, 0.0, 0.0);
        if (STEP == 4u) {
            single = quad_b(n0);
        }
        return transpose(mat4x4<f32>(single, vec4<f32>(), vec4<f32>(), vec4<f32>()));
    }
    if (STEP == 4u && COLUMN_QUADS) {
        let n1 = n0 + params.depth;
        let n2 = n1 + params.depth;
        return transpose(mat4x4<f32>(quad_b(n0), quad_b(n1), quad_b(n2), quad_b(n2 + params.depth)));
    }
    let last = params.columns - 1u;
    let n1 = place + min(column + 1u, last) * params.depth;
    let n2 = place + min(column + 2u, last) * params.depth;
    let n3 = place + min(column + 3u, last) * params.depth;
    if (STEP == 4u) {
        return transpose(mat4x4<f32>(quad_b(n0), quad_b(n1), quad_b(n2), quad_b(n3)));
    }
    let row = vec4<f32>(scalar_b(n0), scalar_b(n1), scalar_b(n2), scalar_b(n3));
    return mat4x4<f32>(row, vec4<f32>(), vec4<f32>(), vec4<f32>());
}

fn row_b(place: u32, column: u32) -> vec4<f32> {
    if (COLUMN_QUADS) {
        return quad_b(place + column);
    }
    if (SINGLE_COLUMN) {
        return vec4<f32>(scalar_b(place + column), 0.0, 0.0, 0.0);
    }
    let last = params.columns - 1u;
    return vec4<f32>(
        scalar_b(place + column),
        scalar_b(place + min(column + 1u, last)),
        scalar_b(place + min(column + 2u, last)),
        scalar_b(place + min(column + 3u, last)),
    );
}

// c + Σ over the `STEP` k of a[k] · b[k], ascending.
fn multiply_add(c: vec4<f32>, a_k: vec4<f32>, b_k: mat4x4<f32>) -> vec4<f32> {
    let first = fma(vec4<f32>(a_k.x), b_k[0], c);
    if (STEP == 1u) {
        return first;
    }
    let second = fma(vec4<f32>(a_k.y), b_k[1], first);
    let third = fma(vec4<f32>(a_k.z), b_k[2], second);
    return fma(vec4<f32>(a_k.w), b_k[3], third);
}

// The bias of columns `column` to `column + 3`; any value where there is none.
fn bias_of(column: u32) -> vec4<f32> {
    var values: vec4<f32>;
    if (params.has_bias != 0u) {
        let last = params.columns - 1u;
        values = vec4<f32>(
            bias[min(column, last)],
            bias[min(column + 1u, last)],
            bias[min(column + 2u, last)],
            bias[min(column + 3u, last)],
        );
    }
    return values;
}

// The epilogue of four columns: bias, then LeakyReLU.
fn finish(value: vec4<f32>, column_bias: vec4<f32>) -> vec4<f32> {
    let result = select(value, value + column_bias, params.has_bias != 0u);
    return select(params.slope * result, result, result > vec4<f32>());
}
