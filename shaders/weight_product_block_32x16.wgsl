// A lane's part of a block of weight_product_subgroup8.wgsl: twice 4 rows, 16 apart, of 2 columns, so that a workgroup
// makes 32 x 16. Only for columns that are a multiple of four, as load_pairs.wgsl reads them.

const TILE_ROWS: u32 = 32u;
const LANE_COLUMNS: u32 = 2u;
alias Block = mat4x4<f32>; // of each row the two columns, then those of the row 16 further
alias Columns = mat4x4<f32>; // of four images the two columns twice

fn twice(index: u32) -> vec4<f32> {
    let pair = b[index >> 2u][part_of(index)];
    return bitcast<vec2<f32>>(vec2<u32>(u32(pair), u32(pair >> 32u))).xyxy;
}

fn load_columns(place: u32, image: u32, last_image: u32, column: u32) -> Columns {
    let base = place + min(column, params.columns - 2u);
    return Columns(
        twice(base + min(image, last_image) * params.b_image),
        twice(base + min(image + 1u, last_image) * params.b_image),
        twice(base + min(image + 2u, last_image) * params.b_image),
        twice(base + min(image + 3u, last_image) * params.b_image),
    );
}

// Of four images what a row and the one 16 further are multiplied by.
fn add_rows(c: vec4<f32>, row: vec4<f32>, far_row: vec4<f32>, b: Columns) -> vec4<f32> {
    let first = fma(vec4<f32>(row.xx, far_row.xx), b[0], c);
    let second = fma(vec4<f32>(row.yy, far_row.yy), b[1], first);
    let third = fma(vec4<f32>(row.zz, far_row.zz), b[2], second);
    return fma(vec4<f32>(row.ww, far_row.ww), b[3], third);
}

fn add_block(c: Block, rows: mat4x4<f32>, far_rows: mat4x4<f32>, b: Columns) -> Block {
    let near = transpose(rows);
    let far = transpose(far_rows);
    return Block(
        add_rows(c[0], near[0], far[0], b),
        add_rows(c[1], near[1], far[1], b),
        add_rows(c[2], near[2], far[2], b),
        add_rows(c[3], near[3], far[3], b),
    );
}

fn keep_half(half: vec2<f32>, block: u32, row: u32, column: u32) {
    if (row < params.rows && column < params.columns) {
        store_pair((block * params.rows + row) * params.columns, column, half);
    }
}

fn keep_halves(value: vec4<f32>, block: u32, row: u32, column: u32) {
    keep_half(value.xy, block, row, column);
    keep_half(value.zw, block, row + 16u, column);
}

fn keep_block(c: Block, block: u32, row: u32, column: u32) {
    keep_halves(c[0], block, row, column);
    keep_halves(c[1], block, row + 1u, column);
    keep_halves(c[2], block, row + 2u, column);
    keep_halves(c[3], block, row + 3u, column);
}
