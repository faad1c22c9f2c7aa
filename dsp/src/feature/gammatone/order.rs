//! What follows from the filters' order N: sums of nᴺ⁻¹ over geometric series, and how N one-pole stages give it.

use crate::scale::constants::GAMMATONE_ORDER;
use num_complex::Complex;

/// The power of time in the impulse response.
pub(super) const POWER: usize = GAMMATONE_ORDER - 1;

/// The weight of each stage's output. One-pole stages in a row give C(n + j, j) pⁿ after stage j from 0, and
/// nᵐ = Σ_j (−1)ᵐ⁻ʲ j! S(m + 1, j + 1) C(n + j, j), S Stirling's numbers of the second kind.
pub(super) const STAGE_WEIGHTS: [f64; GAMMATONE_ORDER] = stage_weights();

/// Eulerian numbers: the coefficients of Σ nᵐ qⁿ · (1 − q)ᵐ⁺¹ / q, for m = [`POWER`] and one more.
const EULERIAN: [[f64; GAMMATONE_ORDER]; 2] = [eulerian(POWER), eulerian(POWER + 1)];

const fn stage_weights() -> [f64; GAMMATONE_ORDER] {
    // j! S(m, j), row after row: each from the one above, j (a[j] + a[j − 1]).
    let mut surjections = [0.0; GAMMATONE_ORDER + 1];
    surjections[0] = 1.0;
    let mut row = 0;
    while row <= POWER {
        let mut j = GAMMATONE_ORDER;
        let mut factor = integer(GAMMATONE_ORDER);
        while j > 0 {
            surjections[j] = factor * (surjections[j] + surjections[j - 1]);
            factor -= 1.0;
            j -= 1;
        }
        surjections[0] = 0.0;
        row += 1;
    }
    let mut weights = [0.0; GAMMATONE_ORDER];
    let (mut sign, mut j) = (1.0, GAMMATONE_ORDER);
    while j > 0 {
        // j! S(m + 1, j) holds one factor too many.
        weights[j - 1] = sign * surjections[j] / integer(j);
        sign = -sign;
        j -= 1;
    }
    weights
}

const fn eulerian(m: usize) -> [f64; GAMMATONE_ORDER] {
    let mut numbers = [0.0; GAMMATONE_ORDER];
    numbers[0] = 1.0;
    let mut row = 2;
    while row <= m {
        let mut k = row - 1;
        while k > 0 {
            numbers[k] = integer(k + 1) * numbers[k] + integer(row - k) * numbers[k - 1];
            k -= 1;
        }
        row += 1;
    }
    numbers
}

const fn integer(count: usize) -> f64 {
    crate::cast::real(count)
}

/// Σ_(n ≥ 0) nᵐ qⁿ for |q| < 1, m = [`POWER`], and the same for m + 1.
pub(super) fn power_sums(q: Complex<f64>) -> [Complex<f64>; 2] {
    let left = 1.0 - q;
    let below = (0..POWER).fold(left, |product, _| product * left);
    let polynomial = |numbers: [f64; GAMMATONE_ORDER]| {
        q * numbers.iter().rev().fold(Complex::default(), |sum, number| sum * q + number)
    };
    [polynomial(EULERIAN[0]) / below, polynomial(EULERIAN[1]) / (below * left)]
}

#[cfg(test)]
mod tests {
    use super::{EULERIAN, STAGE_WEIGHTS, power_sums};
    use num_complex::Complex;

    #[test]
    fn numbers_of_order_4_are_the_known_ones() {
        assert_eq!(STAGE_WEIGHTS[..], [-1.0, 7.0, -12.0, 6.0]);
        assert_eq!(EULERIAN.as_flattened(), [1.0, 4.0, 1.0, 0.0, 1.0, 11.0, 11.0, 1.0]);
    }

    #[test]
    fn sums_are_those_of_the_series() {
        let q = Complex::from_polar(0.9, 0.7);
        for (sum, power) in power_sums(q).into_iter().zip([3, 4]) {
            let series: Complex<f64> = (0..600).map(|n| q.powi(n) * f64::from(n).powi(power)).sum();
            assert!((sum - series).norm() < 1e-9 * series.norm(), "{power}: {sum} {series}");
        }
    }
}
