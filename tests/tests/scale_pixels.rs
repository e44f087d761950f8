//! 8-bit pixels through a table.

use ganvas_tests::{Family, OpCase, Suite};
use graph::{DType, Op, Shape, TensorType};

pub(crate) fn cases() -> Vec<OpCase> {
    let shapes: [&[usize]; 8] =
        [&[1], &[2], &[3], &[4], &[5], &[256], &[3, 5, 7, 3], &[17, 28, 28, 1]];
    let case = |dims: &&[usize]| {
        let pixels = TensorType { dtype: DType::U8, shape: Shape::new(dims) };
        let operands = vec![pixels, TensorType::f32(&[256])];
        OpCase { operands, ..OpCase::new(Op::ScalePixels, &[]) }
    };
    shapes.iter().map(case).collect()
}

#[test]
fn pixels_are_looked_up() {
    Suite::new("scale_pixels").check_all(&cases(), [Family::Normal]);
}
