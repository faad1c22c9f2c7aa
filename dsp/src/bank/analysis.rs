//! What every kind of bank designs first: the analysis side, before any dual.

use super::{BankSpec, Quality};
use crate::cast::count;
use crate::dual::Band;
use crate::kernel::Kernel;
use num_complex::Complex;
use std::ops::Range;

/// The work that goes into a bank: that of its quality, and more where it would not be transparent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Effort {
    /// The quality whose rules are followed.
    pub quality: Quality,
    /// A factor on its redundancy.
    pub redundancy: f64,
    /// Whether ISAC bands reach half-way to either neighbour, however far that is, with a flat top; if
    /// not, kernels are windowed exponentials alone.
    pub flat_top: bool,
}

impl Effort {
    /// That of the spec's quality.
    pub const fn of(spec: &BankSpec) -> Self {
        Self { quality: spec.quality, redundancy: 1.0, flat_top: false }
    }
}

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
    /// Whether only the real part of coefficients is synthesised.
    pub real: Vec<bool>,
    /// Kernels, or impulse responses of recursive filters cut off at −160 dB.
    pub kernels: Vec<Kernel>,
    /// Where the duals may have taps, in samples after a coefficient.
    pub supports: Vec<Range<usize>>,
    /// The passbands in cycles per sample of kernels with a flat top.
    pub passbands: Vec<Option<(f64, f64)>>,
    /// Poles of the recursive filters; empty where kernels are all there is.
    pub poles: Vec<Complex<f64>>,
}

impl Analysis {
    /// The bands as the dual takes them.
    pub fn bands(&self) -> Vec<Band<'_>> {
        let band = |k: usize| Band {
            kernel: &self.kernels[k],
            stride: self.strides[k],
            support: self.supports[k].clone(),
            real: self.real[k],
            passband_cycles: self.passbands[k],
        };
        (0..self.kernels.len()).map(band).collect()
    }
}

/// The longest stride up to `most` samples, at least 1, among those that soon repeat together: powers
/// of two and three times those.
pub(super) fn longest_stride(most: f64) -> usize {
    let most = count(most.floor()).max(1);
    let power = 1 << most.ilog2();
    if power > 1 && most >= power / 2 * 3 { power / 2 * 3 } else { power }
}
