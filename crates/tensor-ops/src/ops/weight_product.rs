//! The product behind the weight gradients: c[t, m, n] = Σ over places and images of
//! a[image, place, m]·b[image, place, n], the images split where there are few outputs, the places where
//! there are very many.

use super::{
    Call,
    product::{extent, grid, variant, wide},
    sum::{Middle, fold_all},
};
use crate::{
    launch::{Launch, Place, nested},
    pipeline::Access::{Read, Write},
    shaders::{Constants, shader, weight_product_core},
};
use graph::Window;

/// The extents of a weight product.
pub(super) struct WeightProduct {
    pub(super) images: usize,
    /// Height and width of an image of a.
    pub(super) a_size: [usize; 2],
    /// Height and width of an image of b.
    pub(super) b_size: [usize; 2],
    /// Channels of a.
    pub(super) rows: usize,
    /// Channels of b.
    pub(super) columns: usize,
    /// The geometry; 1x1 for dense.
    pub(super) window: Window,
}

/// The dispatches of a weight product; `text` is the op's own part.
pub(super) fn weight_product(
    call: &Call<'_>,
    text: &'static str,
    product: &WeightProduct,
) -> Vec<Launch> {
    let &WeightProduct { images, a_size, b_size, rows, columns, window } = product;
    let variant = variant(call.traits, columns.min(rows));
    let quads = columns.div_ceil(4);
    let (tiling, columns_at_once, column_shift) = grid(variant, quads);
    let taps = window.kernel[0] * window.kernel[1];
    let places = b_size[0] * b_size[1];
    let split_images =
        split_images(images, taps * rows.div_ceil(16) * columns.div_ceil(32), places);
    let split_places = (MOST_ITERATIONS / (2 + split_images)).clamp(1, places);
    let place_splits = places.div_ceil(split_places);
    let splits = images.div_ceil(split_images) * place_splits;
    let row_tiles = rows.div_ceil(tiling.tile);
    let tiles = splits * taps * row_tiles;
    let column_quads = columns.is_multiple_of(4);
    let constants = Constants {
        text: format!(
            "const ROW_QUADS: bool = {};\nconst SINGLE_ROW: bool = {};\n\
             const COLUMN_QUADS: bool = {column_quads};\n",
            rows.is_multiple_of(4),
            rows == 1
        ),
        variant: format!(
            "{} {} {}",
            variant.name(),
            extent("m", rows),
            if column_quads { "n4" } else { "n1" }
        ),
    };
    let store = if column_quads {
        shader!("product_store_quads")
    } else {
        shader!("product_store_scalars")
    };
    let parts = [shader!("weight_product_loads"), store, text, weight_product_core(variant)];
    let mut shader = call.shader(constants, &parts);
    shader.bindings = vec![Read, Read, Write];
    let params = [
        images,
        split_images,
        taps,
        rows,
        row_tiles,
        tiles,
        columns,
        a_size[0] * a_size[1] * rows,
        b_size[0] * b_size[1] * columns,
        column_shift,
        a_size[0],
        a_size[1],
        b_size[0],
        b_size[1],
        window.kernel[1],
        window.stride[0],
        window.stride[1],
        window.padding.top,
        window.padding.left,
        place_splits,
        split_places,
    ]
    .map(|value| value as u32);
    let elements = taps * rows * columns;
    let target = if splits == 1 { Place::Result(0) } else { Place::Scratch(0) };
    let [x, z] = wide(tiles.div_ceil(tiling.tiles_a_workgroup));
    let mut launches = vec![Launch {
        shader,
        places: vec![Place::Operand(0), Place::Operand(1), target],
        params: bytemuck::cast_slice(&params).to_vec(),
        workgroups: [x, quads.div_ceil(columns_at_once) as u32, z],
        scratch: if splits == 1 { Vec::new() } else { vec![splits * elements] },
        iterations: nested(split_places, split_images),
    }];
    if splits > 1 {
        let middle = Middle { outer: 1, reduced: splits, inner: elements };
        launches.extend(fold_all(call, middle, target, Place::Result(0), 1));
    }
    launches
}

/// Of one split, well below the limit.
const MOST_ITERATIONS: usize = 32_768;

/// The images of one split: all of them where outputs alone make work for many cores, else a
/// multiple of eight. A function of op and shape alone, so that every variant adds in one order.
fn split_images(images: usize, output_tiles: usize, places: usize) -> usize {
    const ENOUGH_TILES: usize = 64;
    const MOST_TERMS: usize = 16_384;
    let splits = ENOUGH_TILES.div_ceil(output_tiles);
    let bounded = (MOST_TERMS / places).max(1);
    images.div_ceil(splits).next_multiple_of(8).min(images).min(bounded)
}
