//! The product behind dense, conv2d and conv_transpose2d, and behind their gradients with respect
//! to the input: c[m, n] = Σ over taps and k of a[m, k]·b[k, n].

use super::Call;
use crate::{
    Traits,
    launch::{Launch, Place, Variant, nested},
    pipeline::Access::{Read, Write},
    shaders::{Constants, product_core, shader},
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

/// The dispatch of a product; `text` is the op's own part.
pub(super) fn product(call: &Call<'_>, text: &'static str, product: &Product) -> Launch {
    let &Product { images, a_size, c_size, depth, columns, window, taps, layout } = product;
    let variant = variant(call.traits, columns);
    let quads = columns.div_ceil(4);
    let (rows, columns_at_once, column_shift) = grid(variant, quads);
    let image_tiles = images.div_ceil(rows.tile);
    let pixels = c_size[0] * c_size[1];
    let tiles = image_tiles * pixels;
    let step = if depth.is_multiple_of(4) { 4 } else { 1 };
    let column_quads = columns.is_multiple_of(4);
    let along_k = layout == Layout::AlongK;
    let constants = Constants {
        text: format!(
            "const STEP: u32 = {step}u;\nconst COLUMN_QUADS: bool = {column_quads};\n\
             const SINGLE_COLUMN: bool = {};\nconst ALONG_K: bool = {along_k};\n",
            columns == 1
        ),
        variant: format!("{} k{step} {}", variant.name(), extent("n", columns)),
    };
    let store = if column_quads {
        shader!("product_store_quads")
    } else {
        shader!("product_store_scalars")
    };
    let parts = [shader!("product_loads"), store, text, product_core(variant)];
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
        iterations: nested(taps, depth / step),
    }
}

/// The dispatch of a product of two matrices: one pixel, one tap.
pub(super) fn matrix_product(call: &Call<'_>, text: &'static str, layout: Layout) -> Launch {
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
    product(call, text, &matrices)
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
        Variant::Subgroup8 => (Rows { tile: 16, tiles_a_workgroup: 1 }, 8, 0),
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

/// Broadcast pays where at least half of a subgroup has columns.
pub(super) fn variant(traits: Traits, columns: usize) -> Variant {
    if traits.subgroup_width == Some(8) && columns > 12 {
        Variant::Subgroup8
    } else {
        Variant::Registers
    }
}

/// Workgroups in x and z for at least this many in all, within 65,535 a dimension. Tiles of rows
/// lie along x, which is dealt out first, so that neighbours share their part of b in a cache.
pub(super) fn wide(workgroups: usize) -> [u32; 2] {
    let z = workgroups.div_ceil(65_535);
    [workgroups.div_ceil(z) as u32, z as u32]
}
