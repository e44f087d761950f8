//! Plausible numbers for operands: a kernel's time may depend on them, as with denormals.

use graph::{DType, Op, TensorType};

/// What an operand's elements are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// From -1 to 1.
    Spread,
    /// From 0.5 to 1.5: variances, second moments, what is divided by.
    Positive,
}

impl Numbers {
    /// What an op expects of the operand at this place.
    pub(crate) fn of_operand(op: &Op, place: usize) -> Self {
        let positive = match op {
            Op::Reciprocal | Op::SquareRoot => place == 0,
            Op::BatchNorm { .. } => place == 2,
            Op::BatchNormGradGammaBeta { .. } | Op::BatchNormGradInput { .. } => place == 3,
            Op::BatchNormRunning { .. } => place == 1 || place == 3,
            Op::Adam { .. } => place == 3,
            _ => false,
        };
        if positive { Self::Positive } else { Self::Spread }
    }

    /// So many f32.
    pub(crate) fn values(self, elements: usize) -> Vec<f32> {
        let least = match self {
            Self::Spread => -1.0,
            Self::Positive => 0.5,
        };
        let extent = if self == Self::Spread { 2.0 } else { 1.0 };
        let value = |place| least + extent * (bits(place) >> 8) as f32 / (1 << 24) as f32;
        (0..elements).map(value).collect()
    }

    /// The elements of a tensor of any type as bytes: integers are spread over all their values.
    pub(crate) fn bytes(self, ty: &TensorType) -> Vec<u8> {
        match ty.dtype {
            DType::F32 => {
                let values = self.values(ty.shape.elements());
                values.into_iter().flat_map(f32::to_le_bytes).collect()
            }
            DType::U32 | DType::U8 => (0..ty.bytes()).map(|place| bits(place) as u8).collect(),
        }
    }
}

/// Bits that depend on the place alone: the finaliser of MurmurHash3.
fn bits(place: usize) -> u32 {
    let mut bits = place as u32;
    bits = (bits ^ (bits >> 16)).wrapping_mul(0x85eb_ca6b);
    bits = (bits ^ (bits >> 13)).wrapping_mul(0xc2b2_ae35);
    bits ^ (bits >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spread_and_never_denormal() {
        for (numbers, least, most) in [(Numbers::Spread, -1.0, 1.0), (Numbers::Positive, 0.5, 1.5)]
        {
            let values = numbers.values(10_000);
            assert!(values.iter().all(|value| (least..=most).contains(value)));
            assert!(values.iter().all(|value| *value == 0.0 || value.is_normal()));
            let mean = values.iter().sum::<f32>() / 10_000.0;
            assert!((mean - (least + most) / 2.0).abs() < 0.03, "{mean}");
        }
        let pixels = TensorType { dtype: DType::U8, shape: graph::Shape::new(&[1000]) };
        let bytes = Numbers::Spread.bytes(&pixels);
        assert!(bytes.len() == 1000 && bytes.contains(&0) && bytes.contains(&255));
    }
}
