// A lane's part of a block of weight_product_subgroup8.wgsl: 4 rows of 8 columns, so that a workgroup makes 16 x 64.

const TILE_ROWS: u32 = 16u;
const LANE_COLUMNS: u32 = 8u;

struct Block { low: mat4x4<f32>, high: mat4x4<f32> }

alias Columns = Block; // of four images

fn load_columns(place: u32, image: u32, last_image: u32, column: u32) -> Columns {
    return Columns(
        load_four(place, image, last_image, column),
        load_four(place, image, last_image, column + 4u),
    );
}

fn add_block(c: Block, rows: mat4x4<f32>, far_rows: mat4x4<f32>, b: Columns) -> Block {
    return Block(add_four(c.low, rows, b.low), add_four(c.high, rows, b.high));
}

fn keep_block(c: Block, block: u32, row: u32, column: u32) {
    keep(c.low, block, row, column);
    keep(c.high, block, row, column + 4u);
}
