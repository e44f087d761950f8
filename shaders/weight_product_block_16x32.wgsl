// A lane's part of a block of weight_product_subgroup8.wgsl: 4 rows of 4 columns, so that a workgroup makes 16 x 32.

const TILE_ROWS: u32 = 16u;
const LANE_COLUMNS: u32 = 4u;
alias Block = mat4x4<f32>;
alias Columns = mat4x4<f32>; // of four images

fn load_columns(place: u32, image: u32, last_image: u32, column: u32) -> Columns {
    return load_four(place, image, last_image, column);
}

fn add_block(c: Block, rows: mat4x4<f32>, far_rows: mat4x4<f32>, b: Columns) -> Block {
    return add_four(c, rows, b);
}

fn keep_block(c: Block, block: u32, row: u32, column: u32) {
    keep(c, block, row, column);
}
