//! Kernels as the engine reads them.

use super::SubRate;
use crate::cast::single;
use crate::kernel::Kernel;
use crate::stream::simd::{Aligned, LANES, MARGIN, PolyphaseTaps, aligned};
use num_complex::Complex;

/// What of a kernel is at one rate.
pub(crate) struct Part {
    /// The lower rate, in [`Plan::rates`]; none for the full one.
    pub rate: Option<usize>,
    pub taps: Taps,
}

impl Part {
    /// The taps sorted for coefficients so many samples of the full rate apart.
    pub(crate) fn polyphase(&self, stride: usize, rates: &[SubRate]) -> PolyphaseTaps {
        let stride = self.rate.map_or(stride, |r| stride / rates[r].factor());
        let Taps { re, im, many, .. } = &self.taps;
        PolyphaseTaps::new(&re[..*many], &im[..*many], stride)
    }
}

/// Taps as two lists: the output is the real part of a coefficient times the first less its imaginary part
/// times the second, which is empty where only the real part is synthesised.
pub(crate) struct Taps {
    pub re: Aligned<f32>,
    pub im: Aligned<f32>,
    /// The taps without the zeros that pad them.
    pub many: usize,
    pub layout: TapLayout,
    /// Samples between now and the first tap; where folded the nearer of the two in the middle.
    pub near: usize,
    /// Samples between now and the other tap in the middle, the same where there is but one.
    pub far: usize,
}

/// How taps are laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum TapLayout {
    /// Those of a Hermitian kernel from its middle outwards, without its constant phase: half the
    /// multiplications.
    Folded,
    /// All from now on.
    Whole,
    /// All from now on between [`MARGIN`]s of zeros: many coefficients are overlap-added in one pass.
    Run,
    /// The same of a real kernel for pairs of real coefficients: the second of a pair takes the place of the
    /// imaginary part, whose taps are a stride later.
    RunOfPairs,
}

impl Taps {
    /// Samples between now and the nearest tap.
    pub(crate) fn nearest(&self) -> usize {
        if self.layout == TapLayout::Folded { self.near + 1 - self.many } else { self.near }
    }

    /// Samples from now to after the last tap.
    pub(crate) const fn reach(&self) -> usize {
        self.far + self.many
    }

    /// All taps.
    pub(crate) fn whole(kernel: &Kernel) -> Self {
        let taps = kernel.taps.iter().copied();
        Self::padded(TapLayout::Whole, taps, kernel.offset, kernel.offset)
    }

    /// All taps between [`MARGIN`]s of zeros, without the constant phase of a folded kernel.
    pub(crate) fn run(kernel: &Kernel, folded: bool) -> Self {
        let back = if folded { kernel.phase_factor().conj() } else { Complex::ONE };
        let zeros = || std::iter::repeat_n(Complex::ZERO, MARGIN);
        let taps = kernel.taps.iter().map(|tap| tap * back);
        let (re, im): (Vec<f32>, Vec<f32>) =
            zeros().chain(taps).chain(zeros()).map(parts_of).unzip();
        let many = kernel.taps.len();
        let (re, im) = (aligned(&re), aligned(&im));
        Self { re, im, many, layout: TapLayout::Run, near: kernel.offset, far: kernel.offset }
    }

    /// All taps of a real kernel between [`MARGIN`]s of zeros, for pairs of coefficients so many samples
    /// apart.
    pub(crate) fn run_of_pairs(kernel: &Kernel, stride: usize) -> Self {
        let zeros = |many: usize| std::iter::repeat_n(0.0, many);
        let taps = || kernel.taps.iter().map(|tap| single(tap.re));
        let margin = || zeros(MARGIN);
        let (re, im): (Vec<f32>, Vec<f32>) = (
            margin().chain(taps()).chain(zeros(stride)).chain(margin()).collect(),
            margin().chain(zeros(stride)).chain(taps().map(|tap| -tap)).chain(margin()).collect(),
        );
        let many = kernel.taps.len() + stride;
        let (re, im) = (aligned(&re), aligned(&im));
        Self {
            re,
            im,
            many,
            layout: TapLayout::RunOfPairs,
            near: kernel.offset,
            far: kernel.offset,
        }
    }

    /// All taps of a real kernel.
    pub(crate) fn whole_real(kernel: &Kernel) -> Self {
        Self { im: aligned(&[]), ..Self::whole(kernel) }
    }

    /// The taps of a Hermitian kernel from the middle on; half of a single middle tap, which counts on both
    /// sides.
    pub(crate) fn folded(kernel: &Kernel) -> Self {
        let back = kernel.phase_factor().conj();
        let mut taps: Vec<_> =
            kernel.taps[kernel.taps.len() / 2..].iter().map(|tap| tap * back).collect();
        let odd = kernel.taps.len() % 2;
        if odd == 1 {
            taps[0] = Complex::new(taps[0].re / 2.0, 0.0);
        }
        let far = kernel.offset + kernel.taps.len() / 2;
        Self::padded(TapLayout::Folded, taps.into_iter(), far + odd - 1, far)
    }

    /// Taps followed by zeros to whole vectors.
    fn padded(
        layout: TapLayout,
        taps: impl Iterator<Item = Complex<f64>>,
        near: usize,
        far: usize,
    ) -> Self {
        let (mut re, mut im): (Vec<f32>, Vec<f32>) = taps.map(parts_of).unzip();
        let many = re.len();
        let whole = many.next_multiple_of(LANES);
        re.resize(whole, 0.0);
        im.resize(whole, 0.0);
        let (re, im) = (aligned(&re), aligned(&im));
        Self { re, im, many, layout, near, far }
    }
}

/// A tap's real and imaginary part.
fn parts_of(tap: Complex<f64>) -> (f32, f32) {
    (single(tap.re), single(tap.im))
}

#[cfg(test)]
mod tests {
    use super::Taps;
    use crate::cast::{real, single};
    use crate::kernel::Kernel;
    use crate::stream::simd::{CoefficientBlock, add_run};
    use crate::vectors::Vectors;
    use num_complex::Complex;
    use pulp::{Simd, WithSimd};

    /// Samples between coefficients.
    const STRIDE: usize = 3;

    struct Pairs<'a> {
        run: &'a CoefficientBlock,
        taps: &'a Taps,
    }

    impl WithSimd for Pairs<'_> {
        type Output = Vec<f32>;

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> Vec<f32> {
            let mut output = vec![0.0; 200];
            let taps = (&self.taps.re[..], &self.taps.im[..]);
            add_run(simd, self.run, 2 * STRIDE, taps, [&mut output]);
            output
        }
    }

    #[test]
    fn pairs_of_real_coefficients_are_overlap_added_as_each_would_be_alone() {
        let kernel = Kernel {
            offset: 0,
            taps: (0..40).map(|n| Complex::from(0.3 + (0.4 * real(n)).sin())).collect(),
        };
        let taps = Taps::run_of_pairs(&kernel, STRIDE);
        for many in [1, 2, 7, 8] {
            let coefficient = |f: usize| (1.0 + 0.7 * real(f)).cos();
            let mut run = CoefficientBlock::new();
            // What was there before does not count.
            run.re[0].fill(9.0);
            for f in 0..many {
                run.re[0][f] = single(coefficient(f));
            }
            run.many = many;
            run.pair_up::<1>();
            let found = Vectors::new().dispatch(Pairs { run: &run, taps: &taps });
            for (n, found) in found.iter().enumerate() {
                let part = |f: usize| {
                    let tap = n.checked_sub(f * STRIDE).and_then(|n| kernel.taps.get(n));
                    coefficient(f) * tap.map_or(0.0, |tap| tap.re)
                };
                let expected: f64 = (0..many).map(part).sum();
                assert!((f64::from(*found) - expected).abs() < 1e-5, "{many}: {n}");
            }
        }
    }
}
