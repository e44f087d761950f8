// Stores four neighbouring columns of a product whose columns are a multiple of four.
// A shared part of all products.

@group(0) @binding(4) var<storage, read_write> c: array<vec4<f32>>; // [rows, columns]

fn store(row: u32, column: u32, value: vec4<f32>) {
    c[(row + column) >> 2u] = value;
}
