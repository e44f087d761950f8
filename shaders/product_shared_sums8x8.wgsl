// 8 rows x 8 columns of sums an invocation, for tiles of 4096 elements: a shared part of product_shared_tiles.wgsl.
// Two quads each way, half a tile apart, so that neighbours read and store neighbouring quads.

const SUM_QUADS: u32 = 2u;

// Low and high rows, then low and high columns.
struct Sums { low_low: mat4x4<f32>, low_high: mat4x4<f32>, high_low: mat4x4<f32>, high_high: mat4x4<f32> }

fn no_sums() -> Sums {
    return Sums(mat4x4<f32>(), mat4x4<f32>(), mat4x4<f32>(), mat4x4<f32>());
}

// Adds a[m] · b[n] of one k, which lies at these places of the tiles.
fn add_one_k(c: Sums, a_place: u32, b_place: u32) -> Sums {
    let a_low = a_tile[a_place];
    let a_high = a_tile[a_place + A_QUADS / 2u];
    let b_low = b_tile[b_place];
    let b_high = b_tile[b_place + B_QUADS / 2u];
    return Sums(
        add_outer(c.low_low, a_low, b_low),
        add_outer(c.low_high, a_low, b_high),
        add_outer(c.high_low, a_high, b_low),
        add_outer(c.high_high, a_high, b_high),
    );
}

fn keep_sums(sums: Sums, block: u32, row: u32, column: u32) {
    keep(sums.low_low, block, row, column);
    keep(sums.low_high, block, row, column + TILE_COLUMNS / 2u);
    keep(sums.high_low, block, row + TILE_ROWS / 2u, column);
    keep(sums.high_high, block, row + TILE_ROWS / 2u, column + TILE_COLUMNS / 2u);
}
