// Stores four neighbouring columns, or as many as there are, of a product of any number of columns.
// A shared part of all products.

@group(0) @binding(4) var<storage, read_write> c: array<f32>; // [rows, columns]

fn store_one(row: u32, column: u32, value: f32) {
    if (column < params.columns) {
        c[row + column] = value;
    }
}

fn store(row: u32, column: u32, value: vec4<f32>) {
    store_one(row, column, value.x);
    store_one(row, column + 1u, value.y);
    store_one(row, column + 2u, value.z);
    store_one(row, column + 3u, value.w);
}
