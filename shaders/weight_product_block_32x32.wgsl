// A lane's part of a block of weight_product_subgroup8.wgsl: twice 4 rows, 16 apart, of 4 columns, so that a workgroup
// makes 32 x 32.

const TILE_ROWS: u32 = 32u;
const LANE_COLUMNS: u32 = 4u;
alias Columns = mat4x4<f32>; // of four images

struct Block { near: mat4x4<f32>, far: mat4x4<f32> }

fn load_columns(place: u32, image: u32, last_image: u32, column: u32) -> Columns {
    return load_four(place, image, last_image, column);
}

fn add_block(c: Block, rows: mat4x4<f32>, far_rows: mat4x4<f32>, b: Columns) -> Block {
    return Block(add_four(c.near, rows, b), add_four(c.far, far_rows, b));
}

fn keep_block(c: Block, block: u32, row: u32, column: u32) {
    keep(c.near, block, row, column);
    keep(c.far, block, row + 16u, column);
}
