//! The product behind the weight gradients: c[t, m, n] = Σ over places and images of
//! a[image, place, m]·b[image, place, n], the images split where there are few outputs, the places where
//! there are very many.

use super::{
    Call,
    product::{extent, grid, iterations, tile_constants, wide},
    sum::{Middle, fold_all},
};
use crate::{
    launch::{Launch, Place},
    pipeline::Access::{Read, Write},
    shaders::{Constants, loads, shader, stores, weight_product_core},
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

/// The dispatches of a weight product; `texts` are the op's own parts.
pub(super) fn weight_product(
    call: &Call<'_>,
    texts: &[&'static str],
    product: &WeightProduct,
) -> Vec<Launch> {
    let &WeightProduct { images, a_size, b_size, rows, columns, window } = product;
    let variant = call.variant();
    let quads = columns.div_ceil(4);
    let (tiling, columns_at_once, column_shift) = grid(variant, quads);
    let channels = rows;
    let patches = has_patches(channels, window);
    let (taps, rows) = match window.kernel {
        [height, width] if patches => (1, height * width * channels),
        [height, width] => (height * width, channels),
    };
    let places = b_size[0] * b_size[1];
    let split_images =
        split_images(images, taps * rows.div_ceil(16) * columns.div_ceil(32), places);
    let image_splits = images.div_ceil(split_images);
    let split_places = match patches {
        true => places.div_ceil(ENOUGH_TILES.div_ceil(image_splits)),
        false => places,
    };
    let split_places = (MOST_ITERATIONS / (2 + split_images)).clamp(1, split_places);
    let place_splits = places.div_ceil(split_places);
    let splits = image_splits * place_splits;
    let row_tiles = rows.div_ceil(tiling.tile);
    let tiles = splits * taps * row_tiles;
    let column_quads = columns.is_multiple_of(4);
    let constants = Constants {
        text: format!(
            "const ROW_QUADS: bool = {};\nconst SINGLE_ROW: bool = {};\n\
             const COLUMN_QUADS: bool = {column_quads};\nconst PATCHES: bool = {patches};\n{}",
            rows.is_multiple_of(4),
            rows == 1,
            tile_constants(variant)
        ),
        variant: format!(
            "{} {} {}",
            variant.name(),
            if patches { "patches".to_owned() } else { extent("m", rows) },
            if column_quads { "n4" } else { "n1" }
        ),
    };
    let mut parts = vec![
        loads(variant),
        shader!("weight_product_loads"),
        stores(variant, columns),
        shader!("divide"),
    ];
    parts.extend(texts);
    parts.push(match patches {
        true => shader!("weight_product_patches"),
        false => shader!("weight_product_channels"),
    });
    parts.extend(weight_product_core(variant));
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
        a_size[0] * a_size[1] * channels,
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
        channels,
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
        iterations: iterations(variant, split_places, split_images, 1),
    }];
    if splits > 1 {
        let middle = Middle { outer: 1, reduced: splits, inner: elements };
        launches.extend(fold_all(call, middle, target, Place::Result(0), 1));
    }
    launches
}

/// Workgroups that a product should have at least.
const ENOUGH_TILES: usize = 64;

/// Whether the rows are taps and channels, rather than channels of one tap: where there are so few
/// channels that a tile would be almost empty.
pub(super) fn has_patches(channels: usize, window: Window) -> bool {
    channels < 8 && window.kernel != [1, 1]
}

/// Of one split, well below the limit: at one image the forms with workgroup memory take eight
/// iterations a place, and these are three.
const MOST_ITERATIONS: usize = 22_000;

/// The images of one split: all of them where outputs alone make work for many cores, else a
/// multiple of eight. A function of op and shape alone, so that every variant adds in one order.
fn split_images(images: usize, output_tiles: usize, places: usize) -> usize {
    const MOST_TERMS: usize = 16_384;
    let splits = ENOUGH_TILES.div_ceil(output_tiles);
    let bounded = (MOST_TERMS / places).max(1);
    images.div_ceil(splits).next_multiple_of(8).min(images).min(bounded)
}
