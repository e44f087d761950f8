//! 8-bit pixels through a table.

use crate::{Family, Gradient, Law, Level, OpCase, Proof, Reference, shapes::MANY};
use graph::{DType, Op, Shape, TensorType};

pub(super) fn proof() -> Proof {
    let small: [&[usize]; 6] = [&[1], &[3], &[4], &[5], &[256], &[3, 5, 7, 3]];
    let shapes: [&[usize]; 4] = [&[2], &[255], &[17, 28, 28, 1], &[3, 64, 63, 3]];
    let reference = Reference::Definition("a look-up");
    Proof::new("scale_pixels", reference, Gradient::None("pixels and table are constants"))
        .laws(&[Law::BatchesApart])
        .group("small", Level::Quick, small.map(case), [Family::Normal])
        .group("shapes", Level::Full, shapes.map(case), Family::all())
        .group("many-workgroups", Level::Full, [case(&[MANY])], [Family::Normal])
}

fn case(dims: &[usize]) -> OpCase {
    let pixels = TensorType { dtype: DType::U8, shape: Shape::new(dims) };
    let operands = vec![pixels, TensorType::f32(&[256])];
    OpCase { operands, ..OpCase::new(Op::ScalePixels, &[]) }
}
