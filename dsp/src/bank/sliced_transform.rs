//! Long Fourier transforms of real numbers in parts of bounded work: for an audio thread, which cannot wait for the whole.
//!
//! Of N = R M points every R-th makes a short transform of M points. Of those each bin, with its twiddle factors, makes a
//! column of R points, whose transforms are the long one (Cooley and Tukey, 1965, DOI 10.1090/S0025-5718-1965-0178586-1).

use crate::cast::{real, single};
use num_complex::Complex32;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftPlanner};
use std::f64::consts::TAU;
use std::ops::Range;
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
    /// Those of columns.
    columns_forward: Arc<dyn Fft<f32>>,
    columns_inverse: Arc<dyn Fft<f32>>,
    /// e^(−2πi n / points).
    roots: Vec<Complex32>,
}

/// What a transform is in the middle of.
pub(super) struct TransformWork {
    /// The short spectra, one after the other.
    spectra: Vec<Complex32>,
    frame: Vec<f32>,
    columns: Vec<Complex32>,
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
        let mut columns = FftPlanner::new();
        Self {
            columns_forward: columns.plan_fft_forward(many),
            columns_inverse: columns.plan_fft_inverse(many),
            points,
            short,
            many,
            forward: planner.plan_fft_forward(short),
            inverse: planner.plan_fft_inverse(short),
            roots: if many == 1 { Vec::new() } else { (0..points).map(root).collect() },
        }
    }

    pub fn work(&self) -> TransformWork {
        let real = self.forward.get_scratch_len().max(self.inverse.get_scratch_len());
        let complex = self.columns_forward.get_inplace_scratch_len();
        let scratch = real.max(complex).max(self.columns_inverse.get_inplace_scratch_len());
        TransformWork {
            spectra: vec![
                Complex32::ZERO;
                if self.many == 1 { 0 } else { self.many * self.bins() }
            ],
            frame: vec![0.0; self.short],
            columns: vec![Complex32::ZERO; self.columns() * self.many],
            scratch: vec![Complex32::ZERO; scratch],
        }
    }

    /// Bins of a short spectrum.
    const fn bins(&self) -> usize {
        self.short / 2 + 1
    }

    /// Columns that are done in one part.
    const fn columns(&self) -> usize {
        match SLICE / self.many {
            0 => 1,
            columns => columns,
        }
    }

    /// The parts of a transform in either direction.
    pub const fn parts(&self) -> usize {
        match self.many {
            1 => 1,
            many => many + self.bins().div_ceil(self.columns()),
        }
    }

    /// The columns of a part.
    fn columns_of(&self, part: usize) -> Range<usize> {
        let first = part * self.columns();
        first..self.bins().min(first + self.columns())
    }

    /// One part on the way from samples, which may be overwritten, to their spectrum from 0 Hz to the Nyquist frequency.
    pub fn forward_part(
        &self,
        part: usize,
        samples: &mut [f32],
        spectrum: &mut [Complex32],
        work: &mut TransformWork,
    ) {
        let TransformWork { spectra, frame, columns, scratch } = work;
        if self.many == 1 {
            let done = self.forward.process_with_scratch(samples, spectrum, scratch);
            debug_assert!(done.is_ok(), "{done:?}");
            return;
        }
        let bins = self.bins();
        let Some(part) = part.checked_sub(self.many) else {
            for (to, from) in frame.iter_mut().zip(samples[part..].iter().step_by(self.many)) {
                *to = *from;
            }
            let short = &mut spectra[part * bins..(part + 1) * bins];
            let done = self.forward.process_with_scratch(frame, short, scratch);
            debug_assert!(done.is_ok(), "{done:?}");
            return;
        };
        let of = self.columns_of(part);
        let columns = &mut columns[..of.len() * self.many];
        for (k, column) in of.clone().zip(columns.chunks_exact_mut(self.many)) {
            for (r, value) in column.iter_mut().enumerate() {
                *value = spectra[r * bins + k] * self.roots[r * k];
            }
        }
        self.columns_forward.process_with_scratch(columns, scratch);
        let half = self.points / 2;
        for (k, column) in of.zip(columns.chunks_exact(self.many)) {
            for (q, value) in column.iter().enumerate() {
                let n = k + q * self.short;
                if n <= half {
                    spectrum[n] = *value;
                } else {
                    spectrum[self.points - n] = value.conj();
                }
            }
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
        let TransformWork { spectra, frame, columns, scratch } = work;
        let (bins, half) = (self.bins(), self.points / 2);
        if part == 0 {
            (spectrum[0].im, spectrum[half].im) = (0.0, 0.0);
        }
        if self.many == 1 {
            let done = self.inverse.process_with_scratch(spectrum, samples, scratch);
            debug_assert!(done.is_ok(), "{done:?}");
            return;
        }
        let column_parts = bins.div_ceil(self.columns());
        if let Some(r) = part.checked_sub(column_parts) {
            let short = &mut spectra[r * bins..(r + 1) * bins];
            (short[0].im, short[bins - 1].im) = (0.0, 0.0);
            let done = self.inverse.process_with_scratch(short, frame, scratch);
            debug_assert!(done.is_ok(), "{done:?}");
            for (to, from) in samples[r..].iter_mut().step_by(self.many).zip(&*frame) {
                *to = *from;
            }
            return;
        }
        let of = self.columns_of(part);
        let columns = &mut columns[..of.len() * self.many];
        for (k, column) in of.clone().zip(columns.chunks_exact_mut(self.many)) {
            for (q, value) in column.iter_mut().enumerate() {
                let n = k + q * self.short;
                *value = if n <= half { spectrum[n] } else { spectrum[self.points - n].conj() };
            }
        }
        self.columns_inverse.process_with_scratch(columns, scratch);
        for (k, column) in of.zip(columns.chunks_exact(self.many)) {
            for (r, value) in column.iter().enumerate() {
                spectra[r * bins + k] = value * self.roots[r * k].conj();
            }
        }
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
            for part in 0..transform.parts() {
                transform.forward_part(part, &mut samples, &mut spectrum, &mut work);
            }
            let scale = expected.iter().map(|bin| bin.norm()).fold(0.0, f32::max);
            for (bin, expected) in spectrum.iter().zip(&expected) {
                assert!((bin - expected).norm() < 1e-6 * scale, "{points}: {bin} {expected}");
            }
            samples.fill(9.0);
            for part in 0..transform.parts() {
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
