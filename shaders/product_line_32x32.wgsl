// A lane's part of a line of product_subgroup8.wgsl: two rows, 16 apart, of 4 columns, so that a workgroup makes
// 32 x 32.

const TILE_ROWS: u32 = 32u;
const LANE_COLUMNS: u32 = 4u;
alias Columns = mat4x4<f32>; // [STEP, 4]

struct Line { near: vec4<f32>, far: vec4<f32> }

fn load_columns(base: u32, k: u32, column: u32) -> Columns {
    return load_b(base, k, loadable(column));
}

fn add_line(c: Line, row: vec4<f32>, far_row: vec4<f32>, b: Columns) -> Line {
    return Line(multiply_add(c.near, row, b), multiply_add(c.far, far_row, b));
}

fn bias_of_line(column: u32) -> vec4<f32> {
    return bias_of(column);
}

fn keep(line: Line, line_bias: vec4<f32>, image: u32, pixel: u32, column: u32) {
    keep_quad(line.near, line_bias, image, pixel, column);
    keep_quad(line.far, line_bias, image + 16u, pixel, column);
}
