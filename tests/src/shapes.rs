//! Shapes for ops that do not care for axes, and for matrices.

use crate::OpCase;
use graph::Op;

/// The op on this many operands of one shape: element counts around lanes of 4, workgroups of 64
/// and the shapes of images, odd ones among them.
pub fn pointwise(op: &Op, operands: usize) -> Vec<OpCase> {
    let shapes: [&[usize]; 15] = [
        &[1],
        &[2],
        &[3],
        &[4],
        &[5],
        &[63],
        &[64],
        &[65],
        &[255],
        &[256],
        &[260],
        &[3, 5],
        &[3, 5, 7, 1],
        &[17, 4, 3, 5],
        &[64, 7, 5, 3],
    ];
    shapes.iter().map(|dims| OpCase::new(op.clone(), &vec![*dims; operands])).collect()
}

/// Elements for which a kernel with 64 elements a workgroup needs more than 65,535 workgroups.
pub const MANY: usize = 65_536 * 64 + 1;

/// The same in rows of three elements.
pub const MANY_ROWS: usize = MANY.div_ceil(3);

/// Extents of products n x k x m.
pub fn products() -> Vec<[usize; 3]> {
    vec![[3, 5, 64], [17, 64, 5], [64, 3, 1], [1, 1, 1], [3, 100, 196], [35, 33, 9], [64, 200, 36]]
}

/// Extents of products around the tiles of 8, 16 and 32 on each axis.
pub fn tile_edges() -> Vec<[usize; 3]> {
    let mut products = Vec::new();
    for extent in [1, 2, 3, 7, 8, 9, 15, 16, 17, 19, 31, 32, 33, 35, 64, 67] {
        products.extend([[extent, 5, 3], [extent, 8, 16], [3, extent, 5], [4, extent, 36]]);
        products.extend([[3, 4, extent], [extent, extent, extent]]);
    }
    products
}

/// The dense layers of the presets: batch, inputs, outputs.
pub fn dense_layers() -> Vec<[usize; 3]> {
    let mut layers = Vec::new();
    for batch in [3, 64] {
        for width in [16, 64] {
            layers.push([batch, 100, 7 * 7 * 4 * width]);
            layers.push([batch, 7 * 7 * 2 * width, 1]);
        }
    }
    layers
}
