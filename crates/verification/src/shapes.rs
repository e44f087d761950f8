//! Shapes for ops that do not care for axes, and for matrices.

use crate::{OpCase, op_case::Lie};
use graph::{Graph, Op};
use tensor_ops::{MAX_LOOP_ITERATIONS, Traits, dispatches_of};

/// The op on this many operands of one shape: element counts around lanes of 4, workgroups of 64
/// and the shapes of images, odd ones among them.
pub(crate) fn pointwise(op: &Op, operands: usize) -> Vec<OpCase> {
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
    of_shapes(op, operands, &shapes)
}

/// The same on a few of them: within a workgroup and beyond one, as scalars and as quads.
pub(crate) fn small(op: &Op, operands: usize) -> Vec<OpCase> {
    of_shapes(op, operands, &[&[1], &[4], &[3, 5], &[65], &[2, 9, 5, 3], &[3, 7, 5, 4]])
}

/// The same on two of them, for ops of several attributes: an odd number of elements and quads.
pub(crate) fn odd_and_quads(op: &Op, operands: usize) -> Vec<OpCase> {
    of_shapes(op, operands, &[&[3, 9, 5, 1], &[3, 7, 5, 4]])
}

/// The op on so many elements that a kernel needs more than 65,535 workgroups.
pub(crate) fn many(op: &Op, operands: usize) -> OpCase {
    OpCase::new(op.clone(), &vec![[MANY].as_slice(); operands])
}

/// Powers of two in [`Family::Sweep`](crate::Family::Sweep).
const POWERS: usize = 214;

/// The op on the points of [`Family::Sweep`](crate::Family::Sweep), a thousandth apart.
pub(crate) fn sweep(op: &Op, operands: usize) -> OpCase {
    OpCase::new(op.clone(), &vec![[240_001 + POWERS].as_slice(); operands])
}

/// The same, a quarter apart.
pub(crate) fn points(op: &Op, operands: usize) -> OpCase {
    OpCase::new(op.clone(), &vec![[961 + POWERS].as_slice(); operands])
}

fn of_shapes(op: &Op, operands: usize, shapes: &[&[usize]]) -> Vec<OpCase> {
    shapes.iter().map(|dims| OpCase::new(op.clone(), &vec![*dims; operands])).collect()
}

/// The cases of the first of these extents whose loops plans accept in each variant, where that
/// differs.
pub(crate) fn longest(
    extents: &(impl Iterator<Item = usize> + Clone),
    of: impl Fn(usize) -> OpCase,
) -> Vec<OpCase> {
    let accepted = |graph: &Graph, traits: Traits| {
        let most =
            dispatches_of(graph, traits).iter().map(|dispatch| dispatch.loop_iterations).max();
        most.is_none_or(|iterations| iterations <= MAX_LOOP_ITERATIONS)
    };
    let on = |traits, extent: usize| accepted(&of(extent).graph(Lie::InBuffers), traits);
    let mut firsts: Vec<usize> = Traits::of_every_variant()
        .filter_map(|traits| extents.clone().find(|&extent| on(traits, extent)))
        .collect();
    firsts.sort_unstable();
    firsts.dedup();
    firsts.into_iter().map(of).collect()
}

/// Elements for which a kernel with 64 elements a workgroup needs more than 65,535 workgroups.
pub(crate) const MANY: usize = 65_536 * 64 + 1;

/// The same in rows of three elements.
pub(crate) const MANY_ROWS: usize = MANY.div_ceil(3);

/// Extents of products n x k x m.
pub(crate) fn products() -> Vec<[usize; 3]> {
    vec![[3, 5, 64], [17, 64, 5], [64, 3, 1], [1, 1, 1], [3, 100, 196], [35, 33, 9], [64, 200, 36]]
}

/// A few: k and m each as quads, odd and single, below and above the twelve columns from which
/// subgroups share rows, as either may be the columns of an op. Most have at most three rows; the
/// last ones reach every row of a tile and a second tile of rows in each core, and a second block of
/// columns: beyond 32 where subgroups share rows, beyond 256 where not. The very last one reaches a
/// second tile and a last partial one on each axis where workgroups share tiles, as rows, columns, k
/// or images. Convolutions share the text of the cores.
pub(crate) fn small_products() -> Vec<[usize; 3]> {
    vec![
        [1, 1, 1],
        [3, 7, 9],
        [2, 13, 17],
        [3, 16, 20],
        [1, 13, 16],
        [3, 16, 13],
        [3, 1, 5],
        [2, 1, 8],
        [3, 5, 1],
        [3, 8, 1],
        [17, 20, 36],
        [17, 36, 20],
        [17, 13, 17],
        [2, 5, 260],
        [2, 260, 5],
        [67, 132, 260],
    ]
}

/// Products whose results are few, so that their sum over n is split: results of odd extents and of
/// quads, and splits of twice the eight rows that a subgroup takes at once.
pub(crate) fn split_products() -> Vec<[usize; 3]> {
    vec![[17, 3, 5], [17, 4, 5], [529, 16, 20]]
}

/// Extents of products around the tiles of 8, 16 and 32 on each axis.
pub(crate) fn tile_edges() -> Vec<[usize; 3]> {
    let mut products = Vec::new();
    for extent in [1, 2, 3, 7, 8, 9, 15, 16, 17, 19, 31, 32, 33, 35, 64, 67] {
        products.extend([[extent, 5, 3], [extent, 8, 16], [3, extent, 5], [4, extent, 36]]);
        products.extend([[3, 4, extent], [extent, extent, extent]]);
    }
    products
}

/// The dense layers of the presets: batch, inputs, outputs.
pub(crate) fn dense_layers(batch: usize) -> Vec<[usize; 3]> {
    let of_width = |width: usize| [[batch, 100, 7 * 7 * 4 * width], [batch, 7 * 7 * 2 * width, 1]];
    [16, 64].into_iter().flat_map(of_width).collect()
}

/// Each case with a bias, with a LeakyReLU and with both behind it.
pub(crate) fn epilogues(cases: impl IntoIterator<Item = OpCase>) -> Vec<OpCase> {
    let followed = |case: OpCase| {
        [(true, None), (false, Some(0.25)), (true, Some(0.25))]
            .map(|(bias, slope)| case.clone().followed_by(bias, slope))
    };
    cases.into_iter().flat_map(followed).collect()
}

/// Samples of random draws: blocks of four that end with a sample and blocks that do not.
pub(crate) const DRAWS: [&[usize]; 8] = [
    &[1, 1],
    &[17, 64],
    &[64, 100],
    &[9],
    &[17, 3, 2, 5],
    &[3, 14, 14, 16],
    &[64, 7, 3],
    &[2, 7, 5, 3],
];

/// A few of at most three samples.
pub(crate) const SMALL_DRAWS: [&[usize]; 3] = [&[1, 4], &[3, 5], &[3, 9, 2, 8]];

/// Rows and channels around lanes, workgroups and splits of rows.
pub(crate) const ROWS: [&[usize]; 14] = [
    &[2, 1],
    &[3, 5],
    &[4, 4],
    &[63, 3],
    &[64, 4],
    &[65, 5],
    &[17, 64],
    &[3, 2, 5, 1],
    &[2, 9, 7, 3],
    &[17, 6, 9, 5],
    &[64, 7, 5, 8],
    &[5, 28, 27, 16],
    &[64, 3136],
    &[3, 12_544],
];

/// A few of at most three images, with rows to split and without.
pub(crate) const SMALL_ROWS: [&[usize]; 5] =
    [&[3, 5], &[3, 64], &[3, 2, 5, 1], &[2, 9, 7, 3], &[3, 7, 5, 4]];
