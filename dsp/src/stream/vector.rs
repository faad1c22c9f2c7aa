//! The two inner loops, written once for every vector width that [`pulp`] finds at run time.

use pulp::Simd;

/// Kernels are padded with silence to a multiple of this many taps: two of the widest vectors.
pub(crate) const LANES: usize = 16;

/// Σ x\[n\] (re\[n\] + i im\[n\]), for slices of equal length, a multiple of [`LANES`].
#[inline(always)] // Compiled with the caller's vector instructions.
pub(crate) fn correlate<S: Simd>(simd: S, x: &[f32], re: &[f32], im: &[f32]) -> (f32, f32) {
    let zero = simd.splat_f32s(0.0);
    // Two sums of each part, or every addition would wait for the one before.
    let (mut re_even, mut re_odd, mut im_even, mut im_odd) = (zero, zero, zero, zero);
    let (x, _) = S::as_simd_f32s(x);
    let (re, _) = S::as_simd_f32s(re);
    let (im, _) = S::as_simd_f32s(im);
    for ((x, re), im) in x.chunks_exact(2).zip(re.chunks_exact(2)).zip(im.chunks_exact(2)) {
        re_even = simd.mul_add_e_f32s(x[0], re[0], re_even);
        im_even = simd.mul_add_e_f32s(x[0], im[0], im_even);
        re_odd = simd.mul_add_e_f32s(x[1], re[1], re_odd);
        im_odd = simd.mul_add_e_f32s(x[1], im[1], im_odd);
    }
    let sum = |even, odd| simd.reduce_sum_f32s(simd.add_f32s(even, odd));
    (sum(re_even, re_odd), sum(im_even, im_odd))
}

/// y\[n\] += re\[n\] a − im\[n\] b, for slices of equal length, a multiple of [`LANES`].
#[inline(always)] // Compiled with the caller's vector instructions.
pub(super) fn add_real<S: Simd>(simd: S, y: &mut [f32], re: &[f32], im: &[f32], a: f32, b: f32) {
    let (a, minus_b) = (simd.splat_f32s(a), simd.splat_f32s(-b));
    let (y, _) = S::as_mut_simd_f32s(y);
    let (re, _) = S::as_simd_f32s(re);
    let (im, _) = S::as_simd_f32s(im);
    for ((y, re), im) in y.iter_mut().zip(re).zip(im) {
        *y = simd.mul_add_e_f32s(*im, minus_b, simd.mul_add_e_f32s(*re, a, *y));
    }
}

#[cfg(test)]
mod tests {
    use super::{LANES, add_real, correlate};
    use pulp::{Arch, Scalar, Simd, WithSimd};

    fn wave(length: usize, cycles: f64) -> Vec<f32> {
        (0..length).map(|n| crate::cast::single((cycles * crate::cast::real(n)).sin())).collect()
    }

    /// Both loops over the same numbers.
    struct Both;

    impl WithSimd for Both {
        type Output = Vec<f32>;

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> Vec<f32> {
            let length = 9 * LANES;
            let (x, re, im) = (wave(length, 0.7), wave(length, 0.9), wave(length, 1.3));
            let (a, b) = correlate(simd, &x, &re, &im);
            let mut y = x;
            add_real(simd, &mut y, &re, &im, 0.3, -0.2);
            y.extend([a, b]);
            y
        }
    }

    #[test]
    fn every_width_agrees_with_scalars_to_rounding() {
        let vectors = Arch::new().dispatch(Both);
        let scalars = Both.with_simd(Scalar);
        for (vector, scalar) in vectors.iter().zip(&scalars) {
            assert!((vector - scalar).abs() < 1e-5, "{vector} {scalar}");
        }
    }
}
