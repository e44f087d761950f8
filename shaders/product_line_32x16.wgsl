// A lane's part of a line of product_subgroup8.wgsl: two rows, 16 apart, of 2 columns, so that a workgroup makes
// 32 x 16. Only for columns that are a multiple of four, as load_pairs.wgsl reads them.

const TILE_ROWS: u32 = 32u;
const LANE_COLUMNS: u32 = 2u;
alias Line = vec4<f32>; // two columns of the near row, then of the far one
alias Columns = mat4x4<f32>; // [STEP, the two columns twice]

fn twice(index: u32) -> vec4<f32> {
    let pair = b[index >> 2u][part_of(index)];
    return bitcast<vec2<f32>>(vec2<u32>(u32(pair), u32(pair >> 32u))).xyxy;
}

fn load_columns(base: u32, k: u32, column: u32) -> Columns {
    let n0 = min(column, params.columns - 2u);
    if (ALONG_K) {
        let block = load_two_along_k(base + k + n0 * params.depth);
        return transpose(mat4x4<f32>(block[0], block[1], block[0], block[1]));
    }
    let place = base + k * params.columns + n0;
    if (STEP == 4u) {
        return mat4x4<f32>(
            twice(place),
            twice(place + params.columns),
            twice(place + 2u * params.columns),
            twice(place + 3u * params.columns),
        );
    }
    return mat4x4<f32>(twice(place), vec4<f32>(), vec4<f32>(), vec4<f32>());
}

// `STEP` k of two columns.
fn load_two_along_k(place: u32) -> mat2x4<f32> {
    let next = place + params.depth;
    if (STEP == 4u) {
        return mat2x4<f32>(quad_b(place), quad_b(next));
    }
    return mat2x4<f32>(vec4<f32>(scalar_b(place), 0.0, 0.0, 0.0), vec4<f32>(scalar_b(next), 0.0, 0.0, 0.0));
}

fn add_line(c: Line, row: vec4<f32>, far_row: vec4<f32>, b: Columns) -> Line {
    let first = fma(vec4<f32>(row.xx, far_row.xx), b[0], c);
    if (STEP == 1u) {
        return first;
    }
    let second = fma(vec4<f32>(row.yy, far_row.yy), b[1], first);
    let third = fma(vec4<f32>(row.zz, far_row.zz), b[2], second);
    return fma(vec4<f32>(row.ww, far_row.ww), b[3], third);
}

fn bias_of_line(column: u32) -> vec4<f32> {
    return bias_of(column).xyxy;
}

fn keep_half(half: vec2<f32>, image: u32, pixel: u32, column: u32) {
    if (image < params.images && column < params.columns) {
        store_pair((image * params.pixels + pixel) * params.columns, column, half);
    }
}

fn keep(line: Line, line_bias: vec4<f32>, image: u32, pixel: u32, column: u32) {
    let values = finish(line, line_bias);
    keep_half(values.xy, image, pixel, column);
    keep_half(values.zw, image + 16u, pixel, column);
}
