// The tiles that the 64 invocations of a workgroup share in workgroup memory: a shared part, before the sums of an
// invocation (product_shared_sums*.wgsl) and a core (product_shared.wgsl, weight_product_shared.wgsl).
// `TILE_ROWS`, `TILE_COLUMNS` (generated): the part of c that a workgroup makes.
// a_tile: [16 k, TILE_ROWS], b_tile: [16 k, TILE_COLUMNS], in quads of rows and of columns. Two quads are left free
// behind every fourth k, so that neighbours of a subgroup who store at other k or quads do so in other banks.

const TILE_DEPTH: u32 = 16u;
const A_QUADS: u32 = TILE_ROWS / 4u;
const B_QUADS: u32 = TILE_COLUMNS / 4u;
const A_STRIDE: u32 = TILE_ROWS + 2u; // quads of four k
const B_STRIDE: u32 = TILE_COLUMNS + 2u;

var<workgroup> a_tile: array<vec4<f32>, 4u * A_STRIDE>;
var<workgroup> b_tile: array<vec4<f32>, 4u * B_STRIDE>;

// Four k, from 4 · `fourth` on, of one quad: what an invocation stores. A tile of 64 has 64 of them.
struct Block { fourth: u32, quad: u32 }

// The blocks of a tile counted along k, for operands that are contiguous along k.
fn block_along_k(number: u32) -> Block {
    return Block(number % 4u, number / 4u);
}

// The same along the quads.
fn block_along_quads(number: u32, quads: u32) -> Block {
    return Block(number / quads, number % quads);
}

fn put_a(block: Block, values: mat4x4<f32>) {
    let place = block.fourth * A_STRIDE + block.quad;
    a_tile[place] = values[0];
    a_tile[place + A_QUADS] = values[1];
    a_tile[place + 2u * A_QUADS] = values[2];
    a_tile[place + 3u * A_QUADS] = values[3];
}

fn put_b(block: Block, values: mat4x4<f32>) {
    let place = block.fourth * B_STRIDE + block.quad;
    b_tile[place] = values[0];
    b_tile[place + B_QUADS] = values[1];
    b_tile[place + 2u * B_QUADS] = values[2];
    b_tile[place + 3u * B_QUADS] = values[3];
}

// Which sums an invocation has: its first quad of rows and of columns.
fn corner_of(local: u32) -> vec2<u32> {
    let across = B_QUADS / SUM_QUADS;
    return vec2<u32>(local / across, local % across);
}

// Adds the first `count` k of the tiles, ascending; what lies behind them is never read.
fn add_tiles(sums: Sums, corner: vec2<u32>, count: u32) -> Sums {
    var c = sums;
    var a_place = corner.x;
    var b_place = corner.y;
    var k = 0u;
    for (; k + 4u <= count; k += 4u) {
        c = add_one_k(c, a_place, b_place);
        c = add_one_k(c, a_place + A_QUADS, b_place + B_QUADS);
        c = add_one_k(c, a_place + 2u * A_QUADS, b_place + 2u * B_QUADS);
        c = add_one_k(c, a_place + 3u * A_QUADS, b_place + 3u * B_QUADS);
        a_place += A_STRIDE;
        b_place += B_STRIDE;
    }
    for (; k < count; k++) {
        c = add_one_k(c, a_place, b_place);
        a_place += A_QUADS;
        b_place += B_QUADS;
    }
    return c;
}

// Four rows of four columns, c[i] + a[i] · b.
fn add_outer(c: mat4x4<f32>, a_rows: vec4<f32>, b_columns: vec4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(
        fma(vec4<f32>(a_rows.x), b_columns, c[0]),
        fma(vec4<f32>(a_rows.y), b_columns, c[1]),
        fma(vec4<f32>(a_rows.z), b_columns, c[2]),
        fma(vec4<f32>(a_rows.w), b_columns, c[3]),
    );
}
