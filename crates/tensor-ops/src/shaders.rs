//! The shader texts.

/// The text of a file of `shaders/`.
macro_rules! shader {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shaders/", $name, ".wgsl"))
    };
}
pub(crate) use shader;

use crate::{SubgroupTile, Variant};

/// Generated text, and the variant that it makes of a kernel.
#[derive(Default)]
pub(crate) struct Constants {
    pub(crate) text: String,
    pub(crate) variant: String,
}

/// The constants of a kernel over lanes of four elements, or of one.
pub(crate) fn lane_constants(width: usize) -> Constants {
    let (text, variant) = if width == 4 {
        ("alias Lane = vec4<f32>;\nalias Bits = vec4<u32>;\n", "quads")
    } else {
        ("alias Lane = f32;\nalias Bits = u32;\n", "scalars")
    };
    Constants { text: text.to_owned(), variant: variant.to_owned() }
}

/// The core of a product, behind the parts that it is joined with.
pub(crate) fn product_core(variant: Variant) -> Vec<&'static str> {
    match variant {
        Variant::Registers => vec![shader!("product_registers")],
        Variant::Phases => vec![shader!("conv_transpose2d_phases")],
        Variant::Subgroup(tile) => {
            let line = match tile {
                SubgroupTile::Tall => shader!("product_line_32x16"),
                SubgroupTile::Small => shader!("product_line_16x32"),
                SubgroupTile::Square => shader!("product_line_32x32"),
                SubgroupTile::Wide => shader!("product_line_16x64"),
            };
            vec![line, shader!("product_subgroup8")]
        }
        Variant::Shared(tile) => tile.parts(shader!("product_shared")),
    }
}

/// The core of a weight product, behind the parts that it is joined with.
pub(crate) fn weight_product_core(variant: Variant) -> Vec<&'static str> {
    match variant {
        Variant::Registers | Variant::Phases => vec![shader!("weight_product_registers")],
        Variant::Subgroup(tile) => {
            let block = match tile {
                SubgroupTile::Tall => shader!("weight_product_block_32x16"),
                SubgroupTile::Small => shader!("weight_product_block_16x32"),
                SubgroupTile::Square => shader!("weight_product_block_32x32"),
                SubgroupTile::Wide => shader!("weight_product_block_16x64"),
            };
            vec![block, shader!("weight_product_subgroup8")]
        }
        Variant::Shared(tile) => tile.parts(shader!("weight_product_shared")),
    }
}

/// How a variant reads storage.
pub(crate) fn loads(variant: Variant) -> &'static str {
    match variant {
        Variant::Registers | Variant::Phases | Variant::Shared(_) => shader!("load_floats"),
        Variant::Subgroup(_) => shader!("load_pairs"),
    }
}

/// How a variant writes this number of columns.
pub(crate) fn stores(variant: Variant, columns: usize) -> &'static str {
    match variant {
        _ if !columns.is_multiple_of(4) => shader!("product_store_scalars"),
        Variant::Registers | Variant::Phases | Variant::Shared(_) => shader!("product_store_quads"),
        Variant::Subgroup(_) => shader!("product_store_pairs"),
    }
}
