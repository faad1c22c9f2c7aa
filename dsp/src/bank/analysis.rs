//! What every kind of bank designs first: the analysis side, before any dual.

use super::kernel::Kernel;
use num_complex::Complex;
use std::ops::Range;

/// The analysis side of a bank. Every list has one entry per band, first band (0 Hz) first.
pub(super) struct Analysis {
    /// The delay from input to output in samples.
    pub latency_samples: usize,
    /// Centre frequencies in hertz.
    pub centres_hz: Vec<f64>,
    /// Equivalent noise bandwidths in hertz.
    pub bandwidths_hz: Vec<f64>,
    /// Samples between coefficients.
    pub strides: Vec<usize>,
    /// Kernels, or impulse responses of recursive filters cut off at −160 dB.
    pub kernels: Vec<Kernel>,
    /// Whether kernels are Hermitian about their middle.
    pub symmetric: bool,
    /// Where the duals may have taps, in samples after a coefficient.
    pub supports: Vec<Range<usize>>,
    /// Poles of the recursive filters; empty where kernels are all there is.
    pub poles: Vec<Complex<f64>>,
}
