// A lane's part of a line of product_subgroup8.wgsl: one row of 8 columns, so that a workgroup makes 16 x 64.

const TILE_ROWS: u32 = 16u;
const LANE_COLUMNS: u32 = 8u;

struct Line { low: vec4<f32>, high: vec4<f32> }

struct Columns { low: mat4x4<f32>, high: mat4x4<f32> } // each [STEP, 4]

fn load_columns(base: u32, k: u32, column: u32) -> Columns {
    return Columns(load_b(base, k, loadable(column)), load_b(base, k, loadable(column + 4u)));
}

fn add_line(c: Line, row: vec4<f32>, far_row: vec4<f32>, b: Columns) -> Line {
    return Line(multiply_add(c.low, row, b.low), multiply_add(c.high, row, b.high));
}

fn bias_of_line(column: u32) -> Line {
    return Line(bias_of(column), bias_of(column + 4u));
}

fn keep(line: Line, line_bias: Line, image: u32, pixel: u32, column: u32) {
    keep_quad(line.low, line_bias.low, image, pixel, column);
    keep_quad(line.high, line_bias.high, image, pixel, column + 4u);
}
