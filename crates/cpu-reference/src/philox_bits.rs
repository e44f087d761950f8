//! philox_bits: y[n, e] = word e mod 4 of Philox4x32-10 (Salmon et al. 2011) at counter
//! (first_block + e / 4, first_sample + n, step, stream). y [N, ..] of u32, e flat inside sample n.

use crate::philox::Draw;
use graph::Shape;

pub(crate) fn philox_bits(shape: &Shape, draw: &Draw, scalars: &[u32]) -> Vec<u32> {
    draw.words(shape, scalars)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::philox::philox4x32_10;

    #[test]
    fn a_draw_depends_on_its_place_and_not_on_the_batch() {
        let draw = Draw { stream: 7, first_block: 5 };
        let whole = philox_bits(&Shape::new(&[3, 2, 3]), &draw, &[1, 2, 3, 10]);
        let block = |c0, sample| philox4x32_10([c0, sample, 3, 7], [1, 2]);
        assert_eq!(whole[..4], block(5, 10));
        assert_eq!(whole[4..6], block(6, 10)[..2]);
        assert_eq!(whole[6..10], block(5, 11));
        let last = philox_bits(&Shape::new(&[1, 6]), &draw, &[1, 2, 3, 12]);
        assert_eq!(whole[12..], last);
    }

    #[test]
    fn a_scalar_shape_is_one_sample() {
        let draw = Draw { stream: 0, first_block: 0 };
        assert_eq!(philox_bits(&Shape::new(&[]), &draw, &[0; 4]), [0x6627_e8d5]);
    }
}
