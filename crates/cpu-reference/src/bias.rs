//! bias: y[r, c] = x[r, c] + b\[c\]. x, y [.., C], b \[C\].

use crate::{Real, add::add};

pub(crate) fn bias<T: Real>(x: &[T], bias: &[T]) -> Vec<T> {
    x.chunks_exact(bias.len()).flat_map(|row| add(row, bias)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn each_row_gets_the_bias() {
        assert_eq!(super::bias(&[1., 2., 3., 4.], &[10., 20.]), [11., 22., 13., 24.]);
    }
}
