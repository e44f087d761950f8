//! The product behind dense, conv2d and conv_transpose2d, and behind their gradients with respect
//! to the input: c[m, n] = Σ over taps and k of a[m, k]·b[k, n].

use super::Call;
use crate::{
    Processor, SharedTile, SubgroupTile, Variant,
    launch::{Launch, Place, nested},
    pipeline::Access::{Read, Write},
    shaders::{Constants, loads, product_core, shader, stores},
};
use graph::Window;

/// The extents of a product.
pub(super) struct Product {
    /// Rows of c are images x pixels.
    pub(super) images: usize,
    /// Height and width of an image of a.
    pub(super) a_size: [usize; 2],
    /// Height and width of an image of c.
    pub(super) c_size: [usize; 2],
    /// Values of k at one tap.
    pub(super) depth: usize,
    /// Values of n.
    pub(super) columns: usize,
    /// The geometry; 1x1 for a dense op.
    pub(super) window: Window,
    /// The most taps of one pixel.
    pub(super) taps: usize,
    /// How b lies in memory.
    pub(super) layout: Layout,
}

/// How the weights of one tap lie in memory.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Layout {
    /// \[depth, columns\].
    AlongN,
    /// \[columns, depth\].
    AlongK,
}

/// The dispatch of a product; `texts` are the op's own parts.
pub(super) fn product(call: &Call<'_>, texts: &[&'static str], product: &Product) -> Launch {
    let &Product { images, a_size, c_size, depth, columns, window, taps, layout } = product;
    let variant = call.variant();
    let quads = columns.div_ceil(4);
    let (rows, columns_at_once, column_shift) = grid(variant, quads);
    let image_tiles = images.div_ceil(rows.tile);
    let pixels = c_size[0] * c_size[1];
    let places = match variant {
        Variant::Phases => c_size[0].div_ceil(2) * c_size[1].div_ceil(2),
        _ => pixels,
    };
    let tiles = image_tiles * places;
    let step = if depth.is_multiple_of(4) { 4 } else { 1 };
    let column_quads = columns.is_multiple_of(4);
    let along_k = layout == Layout::AlongK;
    let constants = Constants {
        text: format!(
            "const STEP: u32 = {step}u;\nconst COLUMN_QUADS: bool = {column_quads};\n\
             const SINGLE_COLUMN: bool = {};\nconst ALONG_K: bool = {along_k};\n{}",
            columns == 1,
            tile_constants(variant)
        ),
        variant: format!("{} k{step} {}", variant.name(), extent("n", columns)),
    };
    let mut parts =
        vec![loads(variant), shader!("product_loads"), stores(variant, columns), shader!("divide")];
    parts.extend(texts);
    parts.extend(product_core(variant));
    let mut shader = call.shader(constants, &parts);
    shader.bindings = vec![Read, Read, Write, Read];
    let params = [
        images,
        image_tiles,
        tiles,
        pixels,
        depth,
        columns,
        a_size[0] * a_size[1] * depth,
        column_shift,
        usize::from(call.has_bias),
        call.slope.to_bits() as usize,
        a_size[0],
        a_size[1],
        c_size[1],
        window.kernel[0],
        window.kernel[1],
        window.stride[0],
        window.stride[1],
        window.padding.top,
        window.padding.left,
        0,
    ]
    .map(|value| value as u32);
    // Without a bias any readable buffer serves, as it is not read.
    let bias = if call.has_bias { call.operands.len() - 1 } else { 1 };
    let [x, z] = wide(tiles.div_ceil(rows.tiles_a_workgroup));
    Launch {
        shader,
        places: vec![Place::Operand(0), Place::Operand(1), Place::Result(0), Place::Operand(bias)],
        params: bytemuck::cast_slice(&params).to_vec(),
        workgroups: [x, quads.div_ceil(columns_at_once) as u32, z],
        scratch: Vec::new(),
        iterations: iterations(variant, taps, depth, step),
    }
}

/// The dispatch of a product of two matrices: one pixel, one tap.
pub(super) fn matrix_product(call: &Call<'_>, texts: &[&'static str], layout: Layout) -> Launch {
    let (a, c) = (call.operands[0].shape.dims(), call.results[0].shape.dims());
    let matrices = Product {
        images: a[0],
        a_size: [1; 2],
        c_size: [1; 2],
        depth: a[1],
        columns: c[1],
        window: Window::square(1, 1, 0),
        taps: 1,
        layout,
    };
    product(call, texts, &matrices)
}

/// How rows are dealt to workgroups.
pub(super) struct Rows {
    /// Rows of one tile.
    pub(super) tile: usize,
    /// Tiles of one workgroup.
    pub(super) tiles_a_workgroup: usize,
}

/// Rows, column quads a workgroup, and log2 of the invocations along the columns.
pub(super) fn grid(variant: Variant, quads: usize) -> (Rows, usize, usize) {
    match variant {
        Variant::Registers => {
            let along_columns = quads.next_power_of_two().min(64);
            let rows = Rows { tile: 8, tiles_a_workgroup: 64 / along_columns };
            (rows, along_columns, along_columns.ilog2() as usize)
        }
        Variant::Phases => (Rows { tile: 8, tiles_a_workgroup: 64 }, 1, 0),
        Variant::Subgroup(tile) => tiles_of(tile.extents()),
        Variant::Shared(tile) => tiles_of(tile.extents()),
    }
}

/// [`grid`] where a workgroup makes one tile of these rows and columns.
fn tiles_of([rows, columns]: [usize; 2]) -> (Rows, usize, usize) {
    (Rows { tile: rows, tiles_a_workgroup: 1 }, columns / 4, 0)
}

/// The constants of a variant's tile, where its shaders do not hold them.
pub(super) fn tile_constants(variant: Variant) -> String {
    match variant {
        Variant::Registers | Variant::Phases | Variant::Subgroup(_) => String::new(),
        Variant::Shared(tile) => tile.constants(),
    }
}

/// An upper bound of the loop iterations of one invocation: `outer` times `inner` terms, of which
/// the variants without workgroup memory take `step` at once.
pub(super) fn iterations(variant: Variant, outer: usize, inner: usize, step: usize) -> u64 {
    match variant {
        Variant::Registers | Variant::Phases | Variant::Subgroup(_) => nested(outer, inner / step),
        Variant::Shared(_) => SharedTile::iterations(outer, inner),
    }
}

/// How an extent is taken, in a variant's name: in quads, as single elements, or as the only one.
pub(super) fn extent(name: &str, elements: usize) -> String {
    match elements {
        1 => format!("single {name}"),
        _ if elements.is_multiple_of(4) => format!("{name}4"),
        _ => format!("{name}1"),
    }
}

/// What decides which variants make sense for a product.
#[derive(Clone, Copy)]
pub(super) struct Extents {
    /// Rows that a tile can take: images, or for a weight product the channels of a.
    pub(super) rows: usize,
    /// Columns of the result.
    pub(super) columns: usize,
    /// The extent of the result that limits how much of a tile is used.
    pub(super) narrowest: usize,
    /// Terms of a sum: values of k at one tap, or images and places of a weight product.
    pub(super) depth: usize,
    /// Those of one round of a tile in workgroup memory: of a weight product the images.
    pub(super) round: usize,
    /// Whether the channels of both operands come in fours.
    pub(super) quads: bool,
    /// Whether it has one column and four phases: a conv_transpose2d of stride two to one channel.
    pub(super) phases: bool,
}

/// Whether a variant makes sense for a product: whether most of its tile is not empty.
pub(super) fn fits(variant: Variant, extents: Extents) -> bool {
    match variant {
        Variant::Registers => true,
        Variant::Phases => extents.phases,
        Variant::Subgroup(tile) => subgroup_tile_fits(tile, extents),
        Variant::Shared(tile) => tile.fits(extents),
    }
}

/// Whether most lanes have columns, in fours. Wide tiles want all in fours, as few kernels of few
/// channels are worth one.
fn subgroup_tile_fits(tile: SubgroupTile, extents: Extents) -> bool {
    let Extents { columns, narrowest, quads, .. } = extents;
    let [_, tile_columns] = tile.extents();
    let fills = narrowest >= 8 && columns.is_multiple_of(4) && 2 * columns >= tile_columns;
    match tile {
        SubgroupTile::Tall | SubgroupTile::Square => fills,
        SubgroupTile::Small | SubgroupTile::Wide => fills && quads,
    }
}

/// Of the variants that fit, the one to take where nothing was measured.
pub(super) fn by_rule(variants: &[Variant], extents: Extents, processor: Processor) -> Variant {
    use SubgroupTile::{Small, Square, Tall, Wide};
    // A GPU would have a quarter of the invocations, which nobody has timed.
    if extents.phases && processor == Processor::Cpu {
        return Variant::Phases;
    }
    // Loads count most: a tile of 32 x 32 has the fewest for each term.
    let preferred = match (extents.columns, extents.rows) {
        (..=16, _) => [Tall, Square],
        (_, 17..) => [Square, Tall],
        (49.., _) => [Wide, Square],
        _ => [Small, Square],
    };
    let mut tiles = preferred.into_iter().map(Variant::Subgroup);
    if let Some(tile) = tiles.find(|tile| variants.contains(tile)) {
        return tile;
    }
    match processor {
        Processor::Cpu => Variant::Registers,
        Processor::Gpu => SharedTile::by_rule(variants, extents).unwrap_or(Variant::Registers),
    }
}

/// Workgroups in x and z for at least this many in all, within 65,535 a dimension. Tiles of rows
/// lie along x, which is dealt out first, so that neighbours share their part of b in a cache.
pub(super) fn wide(workgroups: usize) -> [u32; 2] {
    let z = workgroups.div_ceil(65_535);
    [workgroups.div_ceil(z) as u32, z as u32]
}
