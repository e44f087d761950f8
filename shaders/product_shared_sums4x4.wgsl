// 4 rows x 4 columns of sums an invocation, for tiles of 1024 elements: a shared part of product_shared_tiles.wgsl.

const SUM_QUADS: u32 = 1u;

struct Sums { c: mat4x4<f32> }

fn no_sums() -> Sums {
    return Sums(mat4x4<f32>());
}

// Adds a[m] · b[n] of one k, which lies at these places of the tiles.
fn add_one_k(c: Sums, a_place: u32, b_place: u32) -> Sums {
    return Sums(add_outer(c.c, a_tile[a_place], b_tile[b_place]));
}

fn keep_sums(sums: Sums, block: u32, row: u32, column: u32) {
    keep(sums.c, block, row, column);
}
