//! The shader texts.

/// The text of a file of `shaders/`.
macro_rules! shader {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shaders/", $name, ".wgsl"))
    };
}
pub(crate) use shader;

use crate::launch::Variant;

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

/// The core of a product.
pub(crate) fn product_core(variant: Variant) -> &'static str {
    match variant {
        Variant::Registers => shader!("product_registers"),
        Variant::Subgroup8 => shader!("product_subgroup8"),
    }
}

/// The core of a weight product.
pub(crate) fn weight_product_core(variant: Variant) -> &'static str {
    match variant {
        Variant::Registers => shader!("weight_product_registers"),
        Variant::Subgroup8 => shader!("weight_product_subgroup8"),
    }
}
