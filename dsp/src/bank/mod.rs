//! Filterbanks: from a [`BankSpec`], or from [`UserKernels`], to an immutable [`Bank`].

mod analysis;
mod collapse;
mod flat_top;
mod frame;
mod gammatone;
mod interaction;
mod isac;
pub(crate) mod minimum_phase;
mod response;
mod sliced_transform;
mod spec;
mod synthesis;
mod user_kernels;

pub(crate) use collapse::{ImpulseResponse, ImpulseResponses, MinimumPhaseSizes};
pub use frame::FrameBounds;
pub(crate) use frame::bounds as frame_bounds;
pub(crate) use interaction::{CentreRows, Curve};
pub use response::Responses;
pub use spec::{BankSpec, DesignError, Kind, Phase, Prototype, Quality, Sizing};
pub use user_kernels::{UserKernelError, UserKernels};

use crate::dual::{self, Dual, DualError, Report};
use crate::kernel::Kernel;
use crate::scale::Scale;
pub(crate) use crate::scale::constants::GAMMATONE_ORDER;
use crate::vectors::Vectors;
use analysis::{Analysis, Effort};
use interaction::Interaction;
use num_complex::Complex;
use std::any::Any;
use std::sync::{Arc, OnceLock};

/// The analysis side alone.
fn analyse(spec: &BankSpec, effort: &Effort) -> Result<Analysis, DesignError> {
    spec.check()?;
    analyse_checked(spec, effort)
}

fn analyse_checked(spec: &BankSpec, effort: &Effort) -> Result<Analysis, DesignError> {
    match (spec.kind, spec.sizing) {
        (_, Sizing::UserKernels { .. }) => Err(DesignError::KernelsMissing),
        (Kind::Isac, _) => isac::design(spec, effort),
        (Kind::Gammatone, Sizing::Latency { ms }) => Ok(gammatone::design(spec, effort, ms)),
        (Kind::Gammatone, Sizing::Published { .. }) => Err(DesignError::NotPublished),
    }
}

/// The analysis side of a bank without a dual. One entry per band.
pub(crate) struct AnalysisSide {
    pub kernels: Vec<Kernel>,
    pub centres_hz: Vec<f64>,
    pub strides: Vec<usize>,
}

/// Designs the analysis side alone, also of so few bands or so many that they have no dual.
///
/// # Errors
/// [`DesignError::OutOfRange`] names a setting out of range.
pub(crate) fn analysis_side(spec: &BankSpec) -> Result<AnalysisSide, DesignError> {
    spec.check_analysis()?;
    let Analysis { kernels, centres_hz, strides, .. } = analyse_checked(spec, &Effort::of(spec))?;
    Ok(AnalysisSide { kernels, centres_hz, strides })
}

/// A designed filterbank: analysis kernels and the dual that undoes them. Every list has one entry
/// per band, rising in centre frequency.
pub struct Bank {
    spec: BankSpec,
    requested: BankSpec,
    centres_hz: Vec<f64>,
    bandwidths_hz: Vec<f64>,
    supports: Vec<usize>,
    strides: Vec<usize>,
    phases: Vec<usize>,
    kernels: Vec<Kernel>,
    poles: Vec<Complex<f64>>,
    duals: Vec<Kernel>,
    interaction: Interaction,
    report: Report,
    impulse_responses: OnceLock<Arc<ImpulseResponses>>,
    /// What the first engine has laid out for all.
    laid_out: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl Bank {
    /// Designs a bank. Takes tens to hundreds of milliseconds and allocates: not for the audio thread.
    /// Deterministic.
    ///
    /// # Errors
    /// [`DesignError::OutOfRange`] names a setting out of range, [`DesignError::Opaque`] holds how far the
    /// bank would be from transparent, [`DesignError::Dual`] why there is no dual.
    pub fn design(spec: &BankSpec) -> Result<Self, DesignError> {
        Self::design_unless(spec, &|| false)
    }

    /// [`Self::design`], cancelled soon after `cancelled` returns true.
    ///
    /// # Errors
    /// As [`Self::design`], and [`DesignError::Cancelled`].
    pub fn design_unless(
        spec: &BankSpec,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Self, DesignError> {
        let (analysis, dual) = match spec.sizing {
            Sizing::Latency { .. } => synthesis::transparent(spec, cancelled)?,
            Sizing::Published { .. } => synthesis::published(spec, cancelled)?,
            Sizing::UserKernels { .. } => return Err(DesignError::KernelsMissing),
        };
        Self::of(*spec, analysis, dual)
    }

    /// [`Self::design_unless`], or where that bank cannot be designed, the nearest that can, found in no more
    /// than a handful of designs: first with more bands, then on the ERB scale, then ISAC; always of the
    /// latency requested. [`Self::spec`] is that of the bank, [`Self::requested`] the one given.
    ///
    /// # Errors
    /// As [`Self::design_unless`]; [`DesignError::Opaque`] if there is nothing near.
    pub fn design_nearest(
        spec: &BankSpec,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Self, DesignError> {
        let mut refusal = None;
        for candidate in std::iter::once(*spec).chain(spec.substitutes()) {
            match Self::design_unless(&candidate, cancelled) {
                Ok(bank) => return Ok(Self { requested: *spec, ..bank }),
                Err(error @ (DesignError::Opaque { .. } | DesignError::Dual(_))) => {
                    refusal = refusal.or(Some(error));
                }
                Err(error) => return Err(error),
            }
        }
        Err(refusal.unwrap_or(DesignError::Dual(DualError::Singular)))
    }

    /// The bank of given kernels, whose dual is learned as in [`Self::design`]; `scale` is the one on
    /// which curves are drawn between its bands. Its kernels are the given ones, each at a level of
    /// its own, with which [levels](crate::stream::Engine::take_levels) are those of sinusoids.
    ///
    /// # Errors
    /// [`DesignError::UserKernels`] holds why these kernels cannot be played, [`DesignError::OutOfRange`] names a
    /// sample rate out of range; [`DesignError::Cancelled`] comes soon after `cancelled` returns true.
    pub fn of_kernels(
        given: &UserKernels,
        scale: Scale,
        sample_rate_hz: f64,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Self, DesignError> {
        let spec = given.spec(scale, sample_rate_hz);
        spec.check()?;
        let analysis = given.analysis(sample_rate_hz);
        let (dual, supports) = given.dual(&analysis, sample_rate_hz, cancelled)?;
        Self::of(spec, Analysis { supports, ..analysis }, dual)
    }

    fn of(spec: BankSpec, analysis: Analysis, dual: Dual) -> Result<Self, DesignError> {
        let supports = analysis.supports.iter().map(ExactSizeIterator::len).collect();
        let mut bank = Self {
            spec,
            requested: spec,
            centres_hz: analysis.centres_hz,
            bandwidths_hz: analysis.bandwidths_hz,
            supports,
            strides: analysis.strides,
            phases: dual.phases,
            kernels: analysis.kernels,
            poles: analysis.poles,
            duals: dual.kernels,
            interaction: Interaction::default(),
            report: dual.report,
            impulse_responses: OnceLock::new(),
            laid_out: OnceLock::new(),
        };
        bank.interaction = Interaction::new(&bank).ok_or(DualError::Singular)?;
        Ok(bank)
    }

    /// What the bank was designed from.
    #[must_use]
    pub const fn spec(&self) -> &BankSpec {
        &self.spec
    }

    /// The spec requested: [`Self::spec`] itself but for banks of [`Self::design_nearest`].
    #[must_use]
    pub const fn requested(&self) -> &BankSpec {
        &self.requested
    }

    /// The number of bands.
    #[must_use]
    pub const fn bands(&self) -> usize {
        self.spec.bands
    }

    /// The same kernels, played with this phase.
    #[must_use]
    pub fn with_phase(mut self, phase: Phase) -> Self {
        self.spec.phase = phase;
        self.requested.phase = phase;
        self.laid_out = OnceLock::new();
        self
    }

    /// The delay from input to output in samples: 0 with minimum phase.
    #[must_use]
    pub const fn latency_samples(&self) -> usize {
        match self.spec.phase {
            Phase::OfBank => self.kernel_latency_samples(),
            Phase::Minimum => 0,
        }
    }

    /// That of kernels and duals, whatever phase is played.
    pub(crate) const fn kernel_latency_samples(&self) -> usize {
        self.report.latency_samples
    }

    /// Centre frequencies in hertz, rising; the first is 0, the last the Nyquist frequency, but in a bank
    /// of given kernels, where they are where the kernels' spectra peak.
    #[must_use]
    pub fn centres_hz(&self) -> &[f64] {
        &self.centres_hz
    }

    /// Equivalent noise bandwidths in hertz.
    #[must_use]
    pub fn bandwidths_hz(&self) -> &[f64] {
        &self.bandwidths_hz
    }

    /// Supports of the duals in samples; those of ISAC kernels are the same unless shorter than 24.
    #[must_use]
    pub fn supports(&self) -> &[usize] {
        &self.supports
    }

    /// Samples between the coefficients of a band.
    #[must_use]
    pub fn strides(&self) -> &[usize] {
        &self.strides
    }

    /// The samples after which all bands' coefficients fall on the same times again.
    #[must_use]
    pub fn period(&self) -> usize {
        dual::period(self.strides.iter().copied())
    }

    /// The time of each band's first coefficient in samples, below its stride: where bands
    /// overlap, their alias then cancels best. All 0 with published sizing.
    #[must_use]
    pub fn phases(&self) -> &[usize] {
        &self.phases
    }

    /// The analysis kernels, of unit gain at the centre frequency but for 1/√2 at 0 Hz and Nyquist in
    /// an ISAC bank, and but for [given](Self::of_kernels) ones. Those of a gammatone bank are impulse
    /// responses cut off at −160 dB.
    #[must_use]
    pub fn analysis_kernels(&self) -> &[Kernel] {
        &self.kernels
    }

    /// The poles λ e^(iω) of a gammatone bank's filters, each of order 4; empty in an ISAC bank.
    #[must_use]
    pub fn poles(&self) -> &[Complex<f64>] {
        &self.poles
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

    /// The result of `lay_out`, computed once and kept with the bank: for the module that plays it.
    pub(crate) fn laid_out<T: Any + Send + Sync>(&self, lay_out: impl Fn(&Self) -> T) -> Arc<T> {
        let kept = self.laid_out.get_or_init(|| Arc::new(lay_out(self))).clone();
        kept.downcast().unwrap_or_else(|_| Arc::new(lay_out(self)))
    }

    /// What gains that follow levels depend on at each centre.
    pub(crate) const fn centre_rows(&self) -> &Arc<[CentreRows]> {
        &self.interaction.rows
    }

    /// [`Self::solve_gains`], which also returns how the curve was solved.
    pub(crate) fn solve(&self, vectors: Vectors, targets: &[f32], gains: &mut [f32]) -> Curve {
        self.interaction.solve(vectors, targets, gains)
    }

    /// The bands' linear gains for linear target amplitudes at the centre frequencies, by the bank's interaction
    /// matrix. Exactly 1 everywhere if all targets are 1. Does not allocate.
    ///
    /// # Panics
    /// When either slice is shorter than the number of bands.
    pub fn solve_gains(&self, targets: &[f32], gains: &mut [f32]) {
        self.solve(Vectors::new(), targets, gains);
    }
}
