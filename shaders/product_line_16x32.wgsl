// A lane's part of a line of product_subgroup8.wgsl: one row of 4 columns, so that a workgroup makes 16 x 32.

const TILE_ROWS: u32 = 16u;
const LANE_COLUMNS: u32 = 4u;
alias Line = vec4<f32>;
alias Columns = mat4x4<f32>; // [STEP, 4]

fn load_columns(base: u32, k: u32, column: u32) -> Columns {
    return load_b(base, k, loadable(column));
}

fn add_line(c: Line, row: vec4<f32>, far_row: vec4<f32>, b: Columns) -> Line {
    return multiply_add(c, row, b);
}

fn bias_of_line(column: u32) -> vec4<f32> {
    return bias_of(column);
}

fn keep(line: Line, line_bias: vec4<f32>, image: u32, pixel: u32, column: u32) {
    keep_quad(line, line_bias, image, pixel, column);
}
