//! The learned dual: synthesis kernels that undo a strided analysis bank.
//!
//! With analysis kernels h_k, strides d_k and phases p_k < d_k the coefficients are
//! c_k\[j\] = Σ_l h_k\[l\] x\[t − l\], t = j d_k + p_k, and the output is
//! y\[n\] = Re Σ_k Σ_j f_k\[n − t\] c_k\[j\]. The published ISAC bank learns f_k by gradient descent on the
//! error of y against the delayed x. That loss is quadratic, so it is minimised here in one step: over
//! all ω
//!
//! | Re Σ_k V_k − 1 |² + Σ_k | F_k |² S_k + μ Σ_k | V_k − U_k |² / U_k
//!
//! with V_k = F_k H_k e^(iωL) / d_k the band's response, the delay L removed. The first term is the error
//! at flat settings. The second is each band's own alias power, S_k = Σ_(m≠0) | H_k(ω + 2πm/d_k) / d_k |²,
//! on its own so that it stays low for *any* band gains; where a dual is real, H_k stands in it for the
//! kernel and its mirror image together. The third, small, gives every band its share
//! U_k = | H_k |² / Σ | H |²: without it a band of a little more alias than its neighbours would be left
//! empty, and its gain would move nothing. It also keeps a band quiet where others are dominant. Imaginary parts
//! of V_k weigh more in it, for only bands in phase add up in proportion to their gains. Each f_k is a short sum
//! of tapered exponentials around the band's centre frequency, all that its passband can hold, so there are a few
//! hundred unknowns at any sample rate and one Cholesky factorisation finds them.

mod basis;
mod equations;
mod exact;
mod grid;
mod phases;
mod report;

pub use report::Report;

use crate::kernel::Kernel;
use std::fmt;
use std::ops::Range;

/// The greatest error of an exact dual for the worst sinusoid, in dB: about single precision's rounding, −144 dB.
const EXACT_DB: f64 = -140.0;

/// The greatest common period of all strides, in samples: reports and phases take time in proportion to it.
pub(crate) const PERIOD_MAX: usize = 1 << 16;

/// The most points of the spectra of all bands by which they are measured, 1.3 GB: 64 bands of 100 ms at 768 kHz.
const SPECTRA_MAX: usize = 1 << 25;

/// The most images of a published setting, a minute: the sum of all strides times the points of the spectra.
const IMAGES_MAX: usize = 1 << 32;

/// A band to be undone.
#[derive(Clone, Debug)]
pub struct Band<'a> {
    /// The analysis kernel.
    pub kernel: &'a Kernel,
    /// Samples between coefficients.
    pub stride: usize,
    /// Where the dual may have taps, in samples after the coefficient.
    pub support: Range<usize>,
    /// Whether the dual's taps are to be real, so that only the real part of coefficients is synthesised: half
    /// the work. Right for a stride of 1; for a longer one where the kernel passes little below 0 Hz and
    /// above Nyquist, and twice its centre frequency is near no multiple of the coefficients' rate. Of
    /// a symmetric bank, whose work is halved already, no dual is.
    pub real: bool,
    /// The edges of the kernel's passband in cycles per sample, if it is wider than its
    /// length alone would make it: the dual then gets the degrees of freedom to be as wide.
    pub passband_cycles: Option<(f64, f64)>,
}

/// The synthesis side of a bank.
#[derive(Clone, Debug, PartialEq)]
pub struct Dual {
    /// The synthesis kernels, one per band.
    pub kernels: Vec<Kernel>,
    /// The time of each band's first coefficient in samples, below its stride: that at which the alias
    /// of the bands cancels best where they overlap.
    pub phases: Vec<usize>,
    /// How exact the whole is and what it costs.
    pub report: Report,
}

/// Why there is no dual.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DualError {
    /// There is no band, or one without taps, stride or support.
    Empty {
        /// The first such band.
        band: usize,
    },
    /// The strides have no common multiple that is short enough.
    Strides {
        /// The greatest common period possible, in samples.
        limit: usize,
    },
    /// The equations have no stable solution.
    Singular,
    /// There are too many bands to solve for at once.
    TooMany {
        /// The unknowns of these bands.
        given: usize,
        /// The greatest number possible.
        limit: usize,
    },
    /// An exact dual was requested for bands with different strides.
    Uneven {
        /// The shortest and the longest stride, in samples.
        strides: (usize, usize),
    },
    /// Kernels and supports are too long for an exact dual.
    TooLong {
        /// The length of a kernel with its dual, in samples.
        given: usize,
        /// The greatest possible.
        limit: usize,
    },
    /// No kernel with its dual reaches the latency.
    Latency {
        /// The least latency possible, in samples.
        first: usize,
        /// The greatest.
        last: usize,
    },
    /// There is no exact dual on these supports.
    Inexact {
        /// The error reached for the worst sinusoid, in dB.
        reached_db: f64,
        /// The greatest that counts as exact.
        limit_db: f64,
    },
    /// Measuring the bands would take too much memory or time.
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        given: usize,
        /// The greatest possible.
        limit: usize,
        /// What lessens it.
        possible: &'static str,
    },
    /// The caller asked to stop.
    Cancelled,
}

impl fmt::Display for DualError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { band } => {
                write!(f, "band {band} lacks taps, a stride or a support; possible: at least 1 of each")
            }
            Self::Strides { limit } => write!(
                f,
                "the strides repeat only after more than {limit} samples; possible: strides that share factors, such as powers of two"
            ),
            Self::Singular => f.write_str(
                "these kernels, strides and supports have no stable dual; possible: shorter strides or longer supports",
            ),
            Self::TooMany { given, limit } => write!(
                f,
                "these bands have {given} unknowns; possible: up to {limit}, some {} bands of symmetric kernels or half as many of others",
                limit / 11
            ),
            Self::TooMuch { what, given, limit, possible } => {
                write!(f, "these bands have {given} {what}; possible: up to {limit}, with {possible}")
            }
            Self::Uneven { strides: (shortest, longest) } => write!(
                f,
                "an exact dual has one stride for all bands, not {shortest} to {longest}; possible: a uniform stride, or a learned dual"
            ),
            Self::TooLong { given, limit } => write!(
                f,
                "kernels with their duals are {given} samples long; possible for an exact dual: up to {limit}"
            ),
            Self::Latency { first, last } => write!(
                f,
                "no kernel with its dual reaches this latency; possible: {first} to {last} samples"
            ),
            Self::Inexact { reached_db, limit_db } => write!(
                f,
                "these supports have no exact dual: the error is {reached_db:.1} dB, not {limit_db} or lower; possible: a shorter stride or longer supports"
            ),
            Self::Cancelled => f.write_str("the design was cancelled"),
        }
    }
}

impl std::error::Error for DualError {}

/// Requirements on a dual besides little error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DualOptions {
    /// The weight μ of every band's share: about the alias power, 1e-10 at −100 dB.
    pub share_weight: f64,
    /// Whether bands may compute at different times, those at which their alias cancels best; if not,
    /// all phases are 0.
    pub optimise_phases: bool,
    /// The resolution of the report: at least four frequencies for each 1 / so many samples. If `None`, the length of
    /// the longest kernel and its dual together, which resolves every ripple.
    pub report_samples: Option<usize>,
}

impl Default for DualOptions {
    /// A share for −100 dB, optimised phases and a report that misses nothing.
    fn default() -> Self {
        Self { share_weight: 1e-10, optimise_phases: true, report_samples: None }
    }
}

/// Learns the dual of `bands` for a total latency of `latency_samples`. Deterministic.
///
/// Where every kernel is symmetric and every support its mirror image about the latency, so are the
/// dual's kernels, at half the work.
///
/// # Errors
/// [`DualError`] names what is wrong with the bands; [`DualError::Cancelled`] comes soon after `cancelled` returns
/// true.
pub fn solve_dual(
    bands: &[Band],
    latency_samples: usize,
    options: &DualOptions,
    cancelled: &dyn Fn() -> bool,
) -> Result<Dual, DualError> {
    check(bands)?;
    let samples = options.report_samples.unwrap_or_else(|| response_samples(bands));
    check_spectra(bands, samples)?;
    let kernels = equations::solve(bands, latency_samples, options.share_weight, cancelled)?;
    let phases = if options.optimise_phases {
        phases::choose(bands, &kernels, cancelled)?
    } else {
        vec![0; bands.len()]
    };
    let report = report::measure(bands, &kernels, &phases, latency_samples, samples, cancelled)?;
    Ok(Dual { kernels, phases, report })
}

/// The longest response of a band after analysis and synthesis, from time 0 on.
fn response_samples(bands: &[Band]) -> usize {
    bands.iter().map(|band| band.kernel.length() + band.support.end).max().unwrap_or(1)
}

/// The exact dual of bands with one stride, of least energy, all phases 0: for the setting of the
/// published ISAC bank, where bands are not scaled apart and alias cancels between them.
///
/// # Errors
/// [`DualError::Inexact`] when these supports have none, and as [`solve_dual`].
pub fn solve_exact_dual(
    bands: &[Band],
    latency_samples: usize,
    cancelled: &dyn Fn() -> bool,
) -> Result<Dual, DualError> {
    check(bands)?;
    let shortest = strides(bands).min().unwrap_or(1);
    let longest = strides(bands).max().unwrap_or(1);
    if shortest != longest {
        return Err(DualError::Uneven { strides: (shortest, longest) });
    }
    let samples = response_samples(bands);
    check_spectra(bands, samples)?;
    let kernels = exact::solve(bands, longest, latency_samples, cancelled)?;
    let phases = vec![0; bands.len()];
    let report = report::measure(bands, &kernels, &phases, latency_samples, samples, cancelled)?;
    if report.flat_sine_db > EXACT_DB {
        return Err(DualError::Inexact { reached_db: report.flat_sine_db, limit_db: EXACT_DB });
    }
    Ok(Dual { kernels, phases, report })
}

fn check(bands: &[Band]) -> Result<(), DualError> {
    let empty =
        |band: &Band| band.kernel.taps.is_empty() || band.stride == 0 || band.support.is_empty();
    if let Some(band) = bands.iter().position(empty).or(bands.is_empty().then_some(0)) {
        return Err(DualError::Empty { band });
    }
    if period(strides(bands)) > PERIOD_MAX {
        return Err(DualError::Strides { limit: PERIOD_MAX });
    }
    Ok(())
}

/// Requires that what is measured of all bands fits into memory.
fn check_spectra(bands: &[Band], samples: usize) -> Result<(), DualError> {
    within(
        "bands times points of their spectra",
        bands.len().saturating_mul(grid_points(period(strides(bands)), samples)),
        SPECTRA_MAX,
        "fewer bands, or shorter kernels",
    )
}

/// Requires that the images of all bands are measured in a minute, at as many points as a report has.
pub(crate) fn check_images(bands: &[Band], samples: usize) -> Result<(), DualError> {
    let points = grid_points(period(strides(bands)), samples);
    within(
        "images to be measured",
        strides(bands).fold(0, usize::saturating_add).saturating_mul(points),
        IMAGES_MAX,
        "shorter strides, shorter kernels or fewer bands",
    )
}

fn within(
    what: &'static str,
    given: usize,
    limit: usize,
    possible: &'static str,
) -> Result<(), DualError> {
    if given > limit {
        return Err(DualError::TooMuch { what, given, limit, possible });
    }
    Ok(())
}

/// The least common multiple of all strides, none of them 0, or 1 more than [`PERIOD_MAX`] where that is
/// less.
pub(crate) fn period(strides: impl IntoIterator<Item = usize>) -> usize {
    strides.into_iter().fold(1, |period, stride| {
        // Strides may be anything: no product may overflow.
        (period / common(period, stride)).saturating_mul(stride).min(PERIOD_MAX + 1)
    })
}

/// The points around the circle at which a bank is measured: a multiple of two and of the strides' common period,
/// four for each sample of the longest response.
pub(crate) fn grid_points(period: usize, samples: usize) -> usize {
    let mut points = period;
    while points < 4 * samples || points % 2 == 1 {
        points *= 2;
    }
    points
}

fn strides(bands: &[Band]) -> impl Iterator<Item = usize> {
    bands.iter().map(|band| band.stride)
}

/// The greatest common divisor.
const fn common(mut a: usize, mut b: usize) -> usize {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}
