//! 8-bit pixels through a table.

use ganvas_tests::{Family, OpCase, Suite, shapes::MANY};
use graph::{DType, Op, Shape, TensorType};

fn case(dims: &[usize]) -> OpCase {
    let pixels = TensorType { dtype: DType::U8, shape: Shape::new(dims) };
    let operands = vec![pixels, TensorType::f32(&[256])];
    OpCase { operands, ..OpCase::new(Op::ScalePixels, &[]) }
}

pub(crate) fn cases() -> Vec<OpCase> {
    let shapes: [&[usize]; 8] =
        [&[1], &[2], &[3], &[4], &[5], &[256], &[3, 5, 7, 3], &[17, 28, 28, 1]];
    shapes.into_iter().map(case).collect()
}

#[test]
fn pixels_are_looked_up() {
    Suite::new("scale_pixels").check_all(&cases(), [Family::Normal]);
}

#[test]
fn more_workgroups_than_one_dimension_holds() {
    Suite::new("scale_pixels, large").check(&case(&[MANY]), Family::Normal);
}
