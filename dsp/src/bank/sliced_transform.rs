//! Long Fourier transforms of real numbers in parts of bounded work: for an audio thread, which cannot wait for the whole.
//!
//! Of N = R M points every R-th makes a short transform of M points, and R of those are put together with twiddle
//! factors (Cooley and Tukey, 1965, DOI 10.1090/S0025-5718-1965-0178586-1).

use crate::cast::{real, single};
use num_complex::Complex32;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use std::f64::consts::TAU;
use std::sync::Arc;

/// Bins that are done in one part.
pub(super) const SLICE: usize = 1024;

/// Points of the longest short transform.
const SHORT_MAX: usize = 4096;

/// Transforms of a number of points, forward and inverse, neither normalised.
pub(super) struct SlicedTransform {
    points: usize,
    /// Points of the short transforms, and how many of these there are.
    short: usize,
    many: usize,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    /// e^(−2πi n / points).
    roots: Vec<Complex32>,
}

/// What a transform is in the middle of.
pub(super) struct TransformWork {
    /// The short spectra, one after the other.
    spectra: Vec<Complex32>,
    frame: Vec<f32>,
    bins: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

impl SlicedTransform {
    /// For a number of points that is a power of two.
    pub fn new(points: usize) -> Self {
        let short = points.min(SHORT_MAX);
        let mut planner = RealFftPlanner::new();
        let root = |n: usize| {
            let (sin, cos) = (TAU * real(n) / real(points)).sin_cos();
            Complex32::new(single(cos), -single(sin))
        };
        let many = points / short;
        Self {
            points,
            short,
            many,
            forward: planner.plan_fft_forward(short),
            inverse: planner.plan_fft_inverse(short),
            roots: if many == 1 { Vec::new() } else { (0..points).map(root).collect() },
        }
    }

    pub fn work(&self) -> TransformWork {
        let bins = self.short / 2 + 1;
        let scratch = self.forward.get_scratch_len().max(self.inverse.get_scratch_len());
        TransformWork {
            spectra: vec![Complex32::ZERO; if self.many == 1 { 0 } else { self.many * bins }],
            frame: vec![0.0; self.short],
            bins: vec![Complex32::ZERO; bins],
            scratch: vec![Complex32::ZERO; scratch],
        }
    }

    pub const fn forward_parts(&self) -> usize {
        match self.many {
            1 => 1,
            many => many + (self.points / 2 + 1).div_ceil(SLICE),
        }
    }

    pub const fn inverse_parts(&self) -> usize {
        self.many
    }

    /// One part on the way from samples, which may be overwritten, to their spectrum from 0 Hz to the Nyquist frequency.
    pub fn forward_part(
        &self,
        part: usize,
        samples: &mut [f32],
        spectrum: &mut [Complex32],
        work: &mut TransformWork,
    ) {
        if self.many == 1 {
            let done = self.forward.process_with_scratch(samples, spectrum, &mut work.scratch);
            debug_assert!(done.is_ok(), "{done:?}");
            return;
        }
        let bins = self.short / 2 + 1;
        if part < self.many {
            for (to, from) in work.frame.iter_mut().zip(samples[part..].iter().step_by(self.many)) {
                *to = *from;
            }
            let place = part * bins..(part + 1) * bins;
            let short = &mut work.spectra[place];
            let done = self.forward.process_with_scratch(&mut work.frame, short, &mut work.scratch);
            debug_assert!(done.is_ok(), "{done:?}");
            return;
        }
        let first = (part - self.many) * SLICE;
        let end = spectrum.len().min(first + SLICE);
        for (n, bin) in (first..end).zip(&mut spectrum[first..end]) {
            let (place, mirrored) = self.short_bin(n);
            *bin = (0..self.many)
                .map(|r| {
                    let short = work.spectra[r * bins + place];
                    let short = if mirrored { short.conj() } else { short };
                    short * self.roots[(r * n) & (self.points - 1)]
                })
                .sum();
        }
    }

    /// One part on the way from a spectrum to samples.
    pub fn inverse_part(
        &self,
        part: usize,
        spectrum: &mut [Complex32],
        samples: &mut [f32],
        work: &mut TransformWork,
    ) {
        let half = self.points / 2;
        if part == 0 {
            (spectrum[0].im, spectrum[half].im) = (0.0, 0.0);
        }
        if self.many == 1 {
            let done = self.inverse.process_with_scratch(spectrum, samples, &mut work.scratch);
            debug_assert!(done.is_ok(), "{done:?}");
            return;
        }
        for (k, bin) in work.bins.iter_mut().enumerate() {
            let terms = (0..self.many).map(|q| {
                let n = k + q * self.short;
                let long = if n <= half { spectrum[n] } else { spectrum[self.points - n].conj() };
                long * self.roots[(n * part) & (self.points - 1)].conj()
            });
            *bin = terms.sum();
        }
        let last = work.bins.len() - 1;
        (work.bins[0].im, work.bins[last].im) = (0.0, 0.0);
        let done =
            self.inverse.process_with_scratch(&mut work.bins, &mut work.frame, &mut work.scratch);
        debug_assert!(done.is_ok(), "{done:?}");
        for (to, from) in samples[part..].iter_mut().step_by(self.many).zip(&work.frame) {
            *to = *from;
        }
    }

    /// Where a bin is among those of a short transform, and whether its conjugate is there.
    const fn short_bin(&self, n: usize) -> (usize, bool) {
        let place = n & (self.short - 1);
        if place > self.short / 2 { (self.short - place, true) } else { (place, false) }
    }
}

#[cfg(test)]
mod tests {
    use super::SlicedTransform;
    use num_complex::Complex32;
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};
    use realfft::RealFftPlanner;

    #[test]
    fn a_transform_in_parts_is_that_of_the_whole() {
        let mut random = StdRng::seed_from_u64(1);
        for points in [1024, 4096, 8192, 32_768, 131_072] {
            let transform = SlicedTransform::new(points);
            let mut work = transform.work();
            let mut samples: Vec<f32> =
                (0..points).map(|_| random.random_range(-1.0..1.0)).collect();
            let given = samples.clone();
            let whole = RealFftPlanner::<f32>::new().plan_fft_forward(points);
            let mut expected = whole.make_output_vec();
            whole.process(&mut samples.clone(), &mut expected).expect("fits");
            let mut spectrum = vec![Complex32::ZERO; points / 2 + 1];
            for part in 0..transform.forward_parts() {
                transform.forward_part(part, &mut samples, &mut spectrum, &mut work);
            }
            let scale = expected.iter().map(|bin| bin.norm()).fold(0.0, f32::max);
            for (bin, expected) in spectrum.iter().zip(&expected) {
                assert!((bin - expected).norm() < 1e-6 * scale, "{points}: {bin} {expected}");
            }
            samples.fill(9.0);
            for part in 0..transform.inverse_parts() {
                transform.inverse_part(part, &mut spectrum, &mut samples, &mut work);
            }
            #[expect(clippy::cast_precision_loss)]
            let many = points as f32;
            for (sample, given) in samples.iter().zip(&given) {
                assert!((sample / many - given).abs() < 1e-5, "{points}: {sample} {given}");
            }
        }
    }
}
