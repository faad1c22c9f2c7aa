//! The inner loop of filtering by spectra: products of complex numbers.

use super::LANES;
use pulp::Simd;

/// Complex numbers as two lists of equal length: their real parts and their imaginary parts.
pub(crate) type Parts<'a> = [&'a [f32]; 2];

/// [`Parts`] to be added to.
pub(crate) type PartsMut<'a> = [&'a mut [f32]; 2];

/// Adds products to each channel's sums: `to`\[n\] += `by`\[n\] `from`\[n\]. The length of `by` is a
/// multiple of [`LANES`], that of the others no less.
#[inline(always)]
pub(crate) fn add_products<S: Simd, const C: usize>(
    simd: S,
    by: Parts,
    from: [Parts; C],
    to: [PartsMut; C],
) {
    debug_assert!(by[0].len().is_multiple_of(LANES));
    let [re, im] = by.map(|part| S::as_simd_f32s(part).0);
    let vectors = re.len();
    let im = &im[..vectors];
    let from = from.map(|parts| parts.map(|part| &S::as_simd_f32s(part).0[..vectors]));
    let mut to = to.map(|parts| parts.map(|part| &mut S::as_mut_simd_f32s(part).0[..vectors]));
    for v in 0..vectors {
        for c in 0..C {
            let ([x, y], [sum_re, sum_im]) = (from[c], &mut to[c]);
            let without = simd.mul_add_e_f32s(re[v], x[v], sum_re[v]);
            sum_re[v] = simd.negate_mul_add_e_f32s(im[v], y[v], without);
            let without = simd.mul_add_e_f32s(re[v], y[v], sum_im[v]);
            sum_im[v] = simd.mul_add_e_f32s(im[v], x[v], without);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::Vectors;
    use pulp::{Arch, WithSimd};

    const MANY: usize = 3 * LANES;

    struct Products<'a> {
        by: Parts<'a>,
        from: [Parts<'a>; 2],
        to: [PartsMut<'a>; 2],
    }

    impl WithSimd for Products<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            add_products(simd, self.by, self.from, self.to);
        }
    }

    #[test]
    fn every_width_agrees_with_the_definition_to_rounding() {
        let wave = |many: u16, step: f32| -> Vec<f32> {
            (0..many).map(|n| (f32::from(n) * step).sin()).collect()
        };
        let many = u16::try_from(MANY).expect("fits");
        // Longer than the factors: what is past them is left alone.
        let waves = [0.3, 0.5, 0.7, 0.9, 1.1, 1.3].map(|step| wave(many + 5, step));
        let by = [wave(many, 0.2), wave(many, 1.7)];
        for vectors in [Vectors::Best(Arch::new()), Vectors::Scalar, Vectors::Emulated512] {
            let [a, b, c, d, e, f] = &waves;
            let (mut left, mut right) = ([e.clone(), f.clone()], [f.clone(), a.clone()]);
            vectors.dispatch(Products {
                by: by.each_ref().map(Vec::as_slice),
                from: [[a, b], [c, d]],
                to: [
                    left.each_mut().map(Vec::as_mut_slice),
                    right.each_mut().map(Vec::as_mut_slice),
                ],
            });
            for (found, before, [x, y]) in [(&left, [e, f], [a, b]), (&right, [f, a], [c, d])] {
                for n in 0..MANY + 5 {
                    let (re, im) = if n < MANY { (by[0][n], by[1][n]) } else { (0.0, 0.0) };
                    let expected = [
                        before[0][n] + re * x[n] - im * y[n],
                        before[1][n] + re * y[n] + im * x[n],
                    ];
                    for part in 0..2 {
                        assert!((found[part][n] - expected[part]).abs() < 1e-6, "{n}");
                    }
                }
            }
        }
    }
}
