//! scale_pixels: y = table\[pixel\]. pixels of u8 and y of one shape, table \[256\].

use crate::Real;

pub(crate) fn scale_pixels<T: Real>(pixels: &[u8], table: &[T]) -> Vec<T> {
    pixels.iter().map(|&pixel| table[usize::from(pixel)]).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn pixels_are_looked_up() {
        let table: Vec<f64> = (0..256).map(|v| f64::from(v) / 2.0).collect();
        assert_eq!(super::scale_pixels(&[0, 255, 3], &table), [0.0, 127.5, 1.5]);
    }
}
