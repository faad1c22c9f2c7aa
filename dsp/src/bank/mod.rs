//! Filterbanks: from a [`BankSpec`] to an immutable [`Bank`].

mod frame;
mod interaction;
mod isac;
mod kernel;
mod report;
mod response;
mod schedule;
mod spec;

pub use frame::FrameBounds;
pub use kernel::Kernel;
pub use report::Report;
pub use response::Responses;
pub use spec::{BankSpec, DesignError, Kind, Prototype, Quality, Sizing};

use crate::cast::{count, real};
use crate::dual;
use interaction::Interaction;

/// A designed filterbank: analysis kernels and the dual that undoes them. Every list has one entry
/// per band, rising in centre frequency.
pub struct Bank {
    spec: BankSpec,
    centres_hz: Vec<f64>,
    supports: Vec<usize>,
    strides: Vec<usize>,
    phases: Vec<usize>,
    kernels: Vec<Kernel>,
    duals: Vec<Kernel>,
    interaction: Interaction,
    report: Report,
}

impl Quality {
    /// The least ratio of support to stride.
    const fn redundancy(self) -> f64 {
        match self {
            Self::Eco => 8.0,
            Self::Standard => 12.0,
            Self::High => 16.0,
        }
    }
}

impl Bank {
    /// Designs a bank. Takes some tens of milliseconds and allocates: not for the audio thread.
    /// Deterministic.
    ///
    /// # Errors
    /// [`DesignError::OutOfRange`] names a setting out of range; [`DesignError::Singular`] when no
    /// stable dual exists.
    pub fn design(spec: &BankSpec) -> Result<Self, DesignError> {
        Self::design_unless(spec, &|| false)
    }

    /// [`Self::design`], given up soon after `cancelled` says so.
    ///
    /// # Errors
    /// As [`Self::design`], and [`DesignError::Cancelled`].
    pub fn design_unless(
        spec: &BankSpec,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Self, DesignError> {
        spec.check()?;
        let Kind::Isac = spec.kind;
        let analysis = isac::design(spec);
        let strides: Vec<usize> = match spec.sizing {
            Sizing::Published { stride, .. } => vec![stride; spec.bands],
            Sizing::Latency { .. } => {
                analysis.supports.iter().map(|&support| stride(support, spec.quality)).collect()
            }
        };
        let latency_samples = match spec.sizing {
            Sizing::Latency { .. } => spec.latency_samples(),
            Sizing::Published { .. } => analysis.supports.iter().copied().max().unwrap_or(1) - 1,
        };
        let bands: Vec<dual::Band> = (0..spec.bands)
            .map(|k| dual::Band {
                kernel: &analysis.kernels[k],
                centre_cycles: analysis.centres_hz[k] / spec.sample_rate_hz,
                stride: strides[k],
            })
            .collect();
        let duals = dual::learn(&bands, latency_samples, cancelled)?;
        let phases = schedule::phases(&analysis.supports, &strides);
        let report = report::measure(
            &analysis.kernels,
            &duals,
            &strides,
            &phases,
            latency_samples,
            cancelled,
        )?;
        let mut bank = Self {
            spec: *spec,
            centres_hz: analysis.centres_hz,
            supports: analysis.supports,
            strides,
            phases,
            kernels: analysis.kernels,
            duals,
            interaction: Interaction::default(),
            report,
        };
        bank.interaction = Interaction::new(&bank).ok_or(DesignError::Singular)?;
        Ok(bank)
    }

    /// What the bank was designed from.
    #[must_use]
    pub const fn spec(&self) -> &BankSpec {
        &self.spec
    }

    /// The number of bands.
    #[must_use]
    pub const fn bands(&self) -> usize {
        self.spec.bands
    }

    /// The delay from input to output in samples.
    #[must_use]
    pub const fn latency_samples(&self) -> usize {
        self.report.latency_samples
    }

    /// Centre frequencies in hertz; the first is 0, the last the Nyquist frequency.
    #[must_use]
    pub fn centres_hz(&self) -> &[f64] {
        &self.centres_hz
    }

    /// Equivalent noise bandwidths in hertz.
    #[must_use]
    pub fn bandwidths_hz(&self) -> Vec<f64> {
        let scale = self.spec.prototype.noise_bandwidth() * self.spec.sample_rate_hz;
        self.supports.iter().map(|&support| scale / real(support)).collect()
    }

    /// Supports of the kernels and their duals in samples.
    #[must_use]
    pub fn supports(&self) -> &[usize] {
        &self.supports
    }

    /// Samples between the coefficients of a band.
    #[must_use]
    pub fn strides(&self) -> &[usize] {
        &self.strides
    }

    /// The time of each band's first coefficient in samples, below its stride: coefficients of
    /// different bands fall on different samples so that work is even.
    #[must_use]
    pub fn phases(&self) -> &[usize] {
        &self.phases
    }

    /// The analysis kernels, of unit gain at the centre frequency but for 1/√2 at 0 Hz and Nyquist.
    #[must_use]
    pub fn analysis_kernels(&self) -> &[Kernel] {
        &self.kernels
    }

    /// The synthesis kernels: the learned dual.
    #[must_use]
    pub fn dual_kernels(&self) -> &[Kernel] {
        &self.duals
    }

    /// How exact the bank is and what it costs.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// Turns linear amplitudes wanted at the centre frequencies into the bands' linear gains, by
    /// the bank's interaction matrix. Exactly 1 everywhere where 1 is wanted everywhere. Does not
    /// allocate.
    ///
    /// # Panics
    /// When either slice is shorter than the number of bands.
    pub fn solve_gains(&self, targets: &[f32], gains: &mut [f32]) {
        self.interaction.solve(targets, gains);
    }
}

/// The greatest power of two that leaves `quality`'s redundancy.
fn stride(support: usize, quality: Quality) -> usize {
    let most = count((real(support) / quality.redundancy()).floor()).max(1);
    1 << most.ilog2()
}
