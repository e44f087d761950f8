//! normal: y[n, e] = ±Φ⁻¹(p), with the sign from bit 31 and p from bits 8 to 30 of the Philox word of
//! the same place. y [N, ..].
//!
//! Φ⁻¹ is PPND7 of Wichura 1988, "Algorithm AS 241: the percentage points of the normal
//! distribution", with relative accuracy of about 10⁻⁷.

use crate::{Real, philox::Draw};
use graph::Shape;

pub(crate) fn normal<T: Real>(shape: &Shape, draw: &Draw, scalars: &[u32]) -> Vec<T> {
    draw.words(shape, scalars).into_iter().map(of_word).collect()
}

/// p = (k + ½) · 2⁻²⁴ with 23 bits k is in (0, ½) and exact in f32, as is p - ½.
fn of_word<T: Real>(word: u32) -> T {
    let k = (word >> 8) & 0x7f_ffff;
    let lower = quantile(T::from_f64((f64::from(k) + 0.5) / f64::from(1 << 24)));
    if word >> 31 == 1 { -lower } else { lower }
}

const CENTRE: [[f64; 4]; 2] = [
    [3.387_132_717_9, 50.434_271_938, 159.291_132_02, 59.109_374_720],
    [1.0, 17.895_169_469, 78.757_757_664, 67.187_563_600],
];
const MIDDLE: [[f64; 4]; 2] = [
    [1.423_437_277_7, 2.756_815_390_0, 1.306_728_481_6, 0.170_238_211_03],
    [1.0, 0.737_001_642_50, 0.120_211_329_75, 0.0],
];
const TAIL: [[f64; 4]; 2] = [
    [6.657_905_115_0, 3.081_226_386_0, 0.428_682_943_37, 0.017_337_203_997],
    [1.0, 0.241_978_942_25, 0.012_258_202_635, 0.0],
];

/// PPND7: the z below which a standard normal variable is with probability p, 0 < p < 1.
fn quantile<T: Real>(p: T) -> T {
    let of = T::from_f64;
    let q = p - of(0.5);
    if q.abs() <= of(0.425) {
        return q * ratio(&CENTRE, of(0.180_625) - q * q);
    }
    let r = (-p.min(T::one() - p).ln()).sqrt();
    let z = if r <= of(5.0) { ratio(&MIDDLE, r - of(1.6)) } else { ratio(&TAIL, r - of(5.0)) };
    if q < T::zero() { -z } else { z }
}

/// The quotient of two cubic polynomials at r, coefficients from the constant up.
fn ratio<T: Real>(coefficients: &[[f64; 4]; 2], r: T) -> T {
    let [numerator, denominator] = coefficients
        .map(|cubic| cubic.iter().rev().fold(T::zero(), |sum, &c| sum * r + T::from_f64(c)));
    numerator / denominator
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Φ(-x) for x > 0: the series around 0 for small x, and Laplace's continued fraction of Mills'
    /// ratio for large (Abramowitz & Stegun 26.2.11 and 26.2.14).
    fn lower_tail(x: f64) -> f64 {
        let density = (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
        if x < 3.0 {
            let (mut term, mut sum, mut n) = (x, x, 1.0);
            while term > 1e-18 * sum {
                n += 2.0;
                term *= x * x / n;
                sum += term;
            }
            0.5 - density * sum
        } else {
            let fraction = (1..=200).rev().fold(x, |below, n| x + f64::from(n) / below);
            density / fraction
        }
    }

    fn quantile_by_bisection(p: f64) -> f64 {
        let (mut low, mut high) = (0.0, 40.0);
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if lower_tail(middle) > p { low = middle } else { high = middle }
        }
        -low
    }

    #[test]
    fn quantiles_have_the_published_accuracy() {
        let spread = (1..500).map(|i| f64::from(i) / 1000.0);
        let tails = (4..100).map(|i| 10f64.powf(-f64::from(i) / 4.0));
        for p in spread.chain(tails) {
            let (z, exact) = (quantile(p), quantile_by_bisection(p));
            assert!((z - exact).abs() <= 1.2e-7 * exact.abs(), "p {p}: {z}, exactly {exact}");
            assert!(p < 1e-3 || (quantile(1.0 - p) + z).abs() <= 1e-6, "p {p} and 1 - p");
        }
    }

    #[test]
    fn the_word_gives_sign_and_probability() {
        let upper: f64 = of_word(0x8000_0000);
        assert_eq!(upper, -of_word::<f64>(0));
        assert!((upper - 5.419_983_17).abs() < 1e-6, "{upper}");
        let nearest: f64 = of_word(0x7fff_ffff);
        assert!(nearest < 0.0 && nearest > -1e-6, "{nearest}");
    }

    #[test]
    fn f32_agrees_with_f64() {
        for word in (0..10_000u32).map(|i| i.wrapping_mul(0x9E37_79B9)) {
            let (single, double) = (of_word::<f32>(word), of_word::<f64>(word));
            assert!((f64::from(single) - double).abs() <= 1e-6 * double.abs(), "{word:x}");
        }
    }

    #[test]
    fn draws_have_mean_0_and_variance_1() {
        let draw = Draw { stream: 3, first_block: 0 };
        let values: Vec<f64> = normal(&Shape::new(&[100, 1000]), &draw, &[1, 2, 3, 0]);
        let mean = values.iter().sum::<f64>() / 1e5;
        let variance = values.iter().map(|v| v * v).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.015 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
    }
}
