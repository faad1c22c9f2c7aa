//! Frame bounds: how evenly the analysis alone weighs all signals.

use super::Bank;
use crate::cast::real;
use crate::kernel::Kernel;
use faer::{Mat, Side};
use num_complex::Complex;
use rustfft::FftPlanner;

/// A x·x ≤ Σ_k Σ_j d_k |c_k\[j\]|² ≤ B x·x for all real signals x: a coefficient stands for the d_k
/// samples of its stride, as with the published kernels, which carry √d.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrameBounds {
    /// A.
    pub lower: f64,
    /// B.
    pub upper: f64,
}

/// The most multiplications that finding frame bounds may take: some tens of seconds.
const WORK_MAX: f64 = 4e10;

/// The most numbers in the spectra of all kernels: 512 MiB.
const VALUES_MAX: usize = 1 << 25;

impl FrameBounds {
    /// B / A: 1 for a tight frame.
    #[must_use]
    pub fn condition_number(&self) -> f64 {
        self.upper / self.lower
    }
}

impl Bank {
    /// The frame bounds of the bank with all phases 0, from the eigenvalues of the frame operator at
    /// each frequency and its images (the exact polyphase method). Takes longer than the design, so only
    /// on request. `None` where it would take minutes or gigabytes: with long kernels, or where the strides
    /// [repeat together](Self::period) only after several hundred samples.
    #[must_use]
    pub fn frame_bounds(&self) -> Option<FrameBounds> {
        self.frame_bounds_over(8 * self.supports.iter().copied().max().unwrap_or(1))
    }

    /// [`Self::frame_bounds`] over at least so many frequencies around the circle. The published
    /// implementation takes twice the longest support, which may miss the bottom of a gap between bands.
    #[must_use]
    pub fn frame_bounds_over(&self, frequencies: usize) -> Option<FrameBounds> {
        bounds(&self.kernels, &self.strides, self.period(), frequencies)
    }
}

/// The frame bounds of kernels whose strides all divide a period, over at least so many frequencies
/// around the circle; `None` beyond [`WORK_MAX`] or [`VALUES_MAX`].
pub(crate) fn bounds(
    kernels: &[Kernel],
    strides: &[usize],
    period: usize,
    frequencies: usize,
) -> Option<FrameBounds> {
    let points = frequencies.div_ceil(period);
    let size = points * period;
    // An entry of the operator takes a term for each band, its eigenvalues some four operations for each row.
    let entries = real(period) * real(period) * real(points / 2 + 1);
    let work = entries * (4.0 * real(period) + real(kernels.len()));
    if work > WORK_MAX || kernels.len().saturating_mul(size) > VALUES_MAX {
        return None;
    }
    let fft = FftPlanner::new().plan_fft_forward(size);
    let spectra: Vec<_> = kernels.iter().map(|kernel| kernel.spectrum(&*fft)).collect();
    let mut found = FrameBounds { lower: f64::INFINITY, upper: 0.0 };
    // Real signals are symmetric in frequency, so half the points are enough.
    for point in 0..=points / 2 {
        let operator = Mat::from_fn(period, period, |row, column| {
            entry(&spectra, strides, period, point + row * points, point + column * points)
        });
        for value in operator.self_adjoint_eigenvalues(Side::Lower).into_iter().flatten() {
            found.lower = found.lower.min(value);
            found.upper = found.upper.max(value);
        }
    }
    Some(found)
}

/// The frame operator between two images, each real band counted half with its mirror image.
fn entry(
    spectra: &[Vec<Complex<f64>>],
    strides: &[usize],
    period: usize,
    row: usize,
    column: usize,
) -> Complex<f64> {
    let size = spectra[0].len();
    let points = size / period;
    let apart = row.abs_diff(column) / points;
    let mut sum = Complex::new(0.0, 0.0);
    for (spectrum, &stride) in spectra.iter().zip(strides) {
        if apart.is_multiple_of(period / stride) {
            let own = spectrum[row].conj() * spectrum[column];
            let mirror = spectrum[(size - row) % size] * spectrum[(size - column) % size].conj();
            sum += (own + mirror) * 0.5;
        }
    }
    sum
}
