// Stores four neighbouring columns of a product whose columns are a multiple of four, or two, by pairs as
// load_pairs.wgsl reads them.
// A shared part of all products.

@group(0) @binding(4) var<storage, read_write> c: array<Quad>; // [rows, columns]

fn pair_of(value: vec2<f32>) -> u64 {
    let bits = bitcast<vec2<u32>>(value);
    return u64(bits.x) | (u64(bits.y) << 32u);
}

fn store(row: u32, column: u32, value: vec4<f32>) {
    c[(row + column) >> 2u] = Quad(pair_of(value.xy), pair_of(value.zw));
}

fn store_pair(row: u32, column: u32, value: vec2<f32>) {
    let index = row + column;
    c[index >> 2u][part_of(index)] = pair_of(value);
}
