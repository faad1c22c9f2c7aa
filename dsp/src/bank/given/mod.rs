//! Banks of given kernels: trained ones, or another program's, with a dual learned for them.
//!
//! Nothing is known of such kernels but their taps and strides, so what a design would say is measured:
//! a band's centre is where its kernel's spectrum peaks. Of several duals the most exact is kept: learned
//! on the kernels' mirror images or on what holds nearly all of their energy, or, with one stride for all
//! bands, the exact one, in which alias cancels between the bands.

mod error;
mod measure;

pub use error::GivenError;

use super::analysis::Analysis;
use super::{BankSpec, DesignError, FrameBounds, frame_bounds};
use crate::cast::real;
use crate::dual::{self, Band, Dual, DualError, Wishes};
use crate::kernel::Kernel;
use crate::scale::Scale;
use measure::{Measured, hole, measure};
use num_complex::Complex;
use std::f64::consts::SQRT_2;
use std::ops::Range;

/// The greatest error for a sinusoid with which kernels are played, in dB.
const OPAQUE_DB: f64 = -60.0;

/// The parts of a kernel's energy that the support of its dual may leave out.
const LEFT_OUT: [f64; 2] = [0.0, 1e-5];

/// The most multiplications that the search for an exact dual may take: some seconds.
const EXACT_WORK: f64 = 5e10;

/// The greatest ratio of frame bounds of what counts as a frame.
const CONDITION_LIMIT: f64 = 1e6;

/// The longest common period of strides at which frame bounds are found in no more than seconds.
const BOUNDS_PERIOD: usize = 128;

/// Centres nearer to each other than this, in cycles per sample, are the same: of a drawn curve, they
/// could not be told apart.
const SAME_CYCLES: f64 = 1e-7;

/// Analysis kernels and strides from elsewhere, sorted by centre frequency.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenKernels {
    kernels: Vec<Kernel>,
    strides: Vec<usize>,
    measured: Vec<Measured>,
    latency_samples: usize,
    made_for_hz: Option<f64>,
    fingerprint: u64,
}

impl GivenKernels {
    /// The longest kernel in samples.
    pub const LONGEST: usize = 65_536;

    /// Kernels, one row of taps from time 0 on per band, complex or real, and the samples between
    /// their coefficients: one stride per band, or one for all. Without a latency in samples, it is
    /// that of the longest kernel, with which every dual can be its kernel's mirror image.
    ///
    /// # Errors
    /// [`GivenError`] names what of the shapes and numbers is not possible.
    pub fn new(
        rows: Vec<Vec<Complex<f64>>>,
        strides: &[usize],
        latency_samples: Option<usize>,
    ) -> Result<Self, GivenError> {
        error::check(&rows, strides)?;
        let bands = rows.len();
        let stride = |k: usize| strides[if strides.len() == 1 { 0 } else { k }];
        let mut all: Vec<_> = rows
            .into_iter()
            .map(trimmed)
            .enumerate()
            .map(|(k, kernel)| (k, measure(&kernel), stride(k), kernel))
            .collect();
        all.sort_by(|a, b| a.1.centre_cycles.total_cmp(&b.1.centre_cycles));
        let same = |pair: &&[(usize, Measured, usize, Kernel)]| {
            pair[1].1.centre_cycles - pair[0].1.centre_cycles < SAME_CYCLES
        };
        if let Some(pair) = all.windows(2).find(same) {
            let bands = (pair[0].0.min(pair[1].0), pair[0].0.max(pair[1].0));
            return Err(GivenError::SameCentre { bands, cycles: pair[0].1.centre_cycles });
        }
        let longest = all.iter().map(|(.., kernel)| kernel.length()).max().unwrap_or(1);
        let mut given = Self {
            kernels: Vec::with_capacity(bands),
            strides: Vec::with_capacity(bands),
            measured: Vec::with_capacity(bands),
            latency_samples: latency_samples.unwrap_or(longest - 1),
            made_for_hz: None,
            fingerprint: 0,
        };
        for (_, measured, stride, kernel) in all {
            given.kernels.push(kernel);
            given.strides.push(stride);
            given.measured.push(measured);
        }
        if given.latency_samples >= Self::LONGEST {
            return Err(GivenError::Latency { given: given.latency_samples });
        }
        if dual::period(given.strides.iter().copied()) > dual::PERIOD_MAX {
            return Err(GivenError::Strides);
        }
        let coefficients = given.coefficients_per_sample();
        if coefficients < 1.0 {
            return Err(GivenError::Sparse { coefficients });
        }
        given.fingerprint = given.computed_fingerprint();
        Ok(given)
    }

    /// The same kernels, to be played at this sample rate in hertz alone. Without one they are played at
    /// any, where their bands then lie in proportion.
    #[must_use]
    pub fn made_for(mut self, sample_rate_hz: f64) -> Self {
        self.made_for_hz = Some(sample_rate_hz);
        self.fingerprint = self.computed_fingerprint();
        self
    }

    /// The only sample rate at which they are played, in hertz.
    #[must_use]
    pub const fn made_for_hz(&self) -> Option<f64> {
        self.made_for_hz
    }

    /// The number of bands.
    #[must_use]
    pub fn bands(&self) -> usize {
        self.kernels.len()
    }

    /// The kernels as they were given, without silence at their ends, in rising order of their centres.
    #[must_use]
    pub fn kernels(&self) -> &[Kernel] {
        &self.kernels
    }

    /// Samples between coefficients, one per kernel.
    #[must_use]
    pub fn strides(&self) -> &[usize] {
        &self.strides
    }

    /// The delay of a bank of these kernels in samples.
    #[must_use]
    pub const fn latency_samples(&self) -> usize {
        self.latency_samples
    }

    /// Tells these kernels, strides and latency from others; of 48 bits.
    #[must_use]
    pub const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// What the bank of these kernels has as its spec.
    #[must_use]
    pub fn spec(&self, scale: Scale, sample_rate_hz: f64) -> BankSpec {
        BankSpec::given(self.fingerprint, self.bands(), scale, sample_rate_hz)
    }

    /// The frame bounds of the kernels at the levels at which they were given, by the exact polyphase
    /// method as [`Bank::frame_bounds`](super::Bank::frame_bounds).
    #[must_use]
    pub fn frame_bounds(&self) -> FrameBounds {
        let longest = self.kernels.iter().map(Kernel::length).max().unwrap_or(1);
        let period = dual::period(self.strides.iter().copied());
        frame_bounds(&self.kernels, &self.strides, period, 2 * longest.max(period))
    }

    /// Real numbers per sample of sound that the coefficients hold.
    fn coefficients_per_sample(&self) -> f64 {
        let each = |(kernel, stride): (&Kernel, &usize)| {
            if kernel.is_real() { 1.0 / real(*stride) } else { 2.0 / real(*stride) }
        };
        self.kernels.iter().zip(&self.strides).map(each).sum()
    }

    /// The analysis side at a sample rate.
    pub(super) fn analysis(&self, sample_rate_hz: f64) -> Analysis {
        let last = self.bands() - 1;
        let levelled = |k: usize| {
            // An engine takes the first and the last band to be those of 0 Hz and Nyquist.
            let heard = if k == 0 || k == last { SQRT_2 } else { 2.0 };
            let level = 1.0 / (heard * self.measured[k].gain);
            let kernel = &self.kernels[k];
            let taps = kernel.taps.iter().map(|tap| tap * level).collect();
            Kernel { offset: kernel.offset, taps }
        };
        let measured = |value: fn(&Measured) -> f64| {
            self.measured.iter().map(|measured| value(measured) * sample_rate_hz).collect()
        };
        Analysis {
            latency_samples: self.latency_samples,
            centres_hz: measured(|measured| measured.centre_cycles),
            bandwidths_hz: measured(|measured| measured.bandwidth_cycles),
            strides: self.strides.clone(),
            kernels: (0..=last).map(levelled).collect(),
            supports: self.supports(0.0),
            poles: Vec::new(),
        }
    }

    /// Where the duals mirror what holds all but this part of their kernels' energy.
    fn supports(&self, left_out: f64) -> Vec<Range<usize>> {
        let mirrored = |kernel: &Kernel| {
            let held = held(kernel, left_out);
            let end = (self.latency_samples + 1).saturating_sub(held.start).max(1);
            (self.latency_samples + 1).saturating_sub(held.end).min(end - 1)..end
        };
        self.kernels.iter().map(mirrored).collect()
    }

    /// The most exact dual, and its supports.
    pub(super) fn dual(
        &self,
        analysis: &Analysis,
        sample_rate_hz: f64,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<(Dual, Vec<Range<usize>>), DesignError> {
        if let Some(made_for_hz) = self.made_for_hz.filter(|hz| *hz != sample_rate_hz) {
            return Err(GivenError::Rate { made_for_hz, sample_rate_hz }.into());
        }
        if let Some((low, high)) = hole(&self.kernels, &self.measured) {
            let hz = (low * sample_rate_hz, high * sample_rate_hz);
            return Err(GivenError::Hole { hz }.into());
        }
        let mut best: Option<(Dual, Vec<Range<usize>>)> = None;
        let mut flat_sine_db = f64::INFINITY;
        let mut consider = |found: Result<Dual, DualError>, supports: &[Range<usize>]| {
            match found {
                Err(DualError::Cancelled) => return Err(DesignError::Cancelled),
                Ok(dual) => {
                    flat_sine_db = flat_sine_db.min(dual.report.flat_sine_db);
                    let better =
                        best.as_ref().is_none_or(|(best, _)| worst_db(&dual) < worst_db(best));
                    if dual.report.flat_sine_db <= OPAQUE_DB && better {
                        best = Some((dual, supports.to_vec()));
                    }
                }
                Err(_) => {}
            }
            Ok(())
        };
        for left_out in LEFT_OUT {
            let supports = self.supports(left_out);
            let bands = bands(analysis, &supports);
            let found = dual::learn(&bands, self.latency_samples, &Wishes::default(), cancelled);
            consider(found, &supports)?;
        }
        if self.is_exact_within_reach() {
            let supports = self.supports(0.0);
            let bands = bands(analysis, &supports);
            consider(dual::solve_exactly(&bands, self.latency_samples, cancelled), &supports)?;
        }
        best.ok_or_else(|| self.refusal(flat_sine_db).into())
    }

    fn is_exact_within_reach(&self) -> bool {
        let longest = self.kernels.iter().map(Kernel::length).max().unwrap_or(1);
        let equations = real(longest + self.latency_samples);
        let work = equations.powi(3) / 3.0 * real(self.strides[0]);
        self.strides.iter().all(|stride| *stride == self.strides[0]) && work <= EXACT_WORK
    }

    /// Why no dual is good enough.
    fn refusal(&self, flat_sine_db: f64) -> GivenError {
        if dual::period(self.strides.iter().copied()) <= BOUNDS_PERIOD {
            let condition = self.frame_bounds().condition_number();
            // Negative where rounding made the lower bound so.
            if !(0.0..CONDITION_LIMIT).contains(&condition) {
                return GivenError::NoFrame { condition: condition.abs() };
            }
        }
        GivenError::Opaque { flat_sine_db, limit_db: OPAQUE_DB }
    }

    /// FNV-1a over all numbers, folded.
    fn computed_fingerprint(&self) -> u64 {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        let mut hear = |number: u64| {
            for byte in number.to_le_bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        };
        hear(self.latency_samples as u64);
        hear(self.made_for_hz.map_or(0, f64::to_bits));
        for (kernel, stride) in self.kernels.iter().zip(&self.strides) {
            hear(*stride as u64);
            hear(kernel.offset as u64);
            hear(kernel.taps.len() as u64);
            for tap in &kernel.taps {
                hear(tap.re.to_bits());
                hear(tap.im.to_bits());
            }
        }
        (hash ^ (hash >> 48)) & 0xffff_ffff_ffff
    }
}

/// The bands as the dual takes them, on these supports.
fn bands<'a>(analysis: &'a Analysis, supports: &[Range<usize>]) -> Vec<Band<'a>> {
    let with =
        |(band, support): (Band<'a>, &Range<usize>)| Band { support: support.clone(), ..band };
    analysis.bands().into_iter().zip(supports).map(with).collect()
}

/// The worst that can be heard of a dual in dB, at flat settings or others.
fn worst_db(dual: &Dual) -> f64 {
    dual.report.flat_sine_db.max(dual.report.worst_alias_db())
}

/// A kernel without the silence at its ends.
fn trimmed(mut taps: Vec<Complex<f64>>) -> Kernel {
    let sounds = |tap: &Complex<f64>| tap.norm_sqr() > 0.0;
    taps.truncate(taps.iter().rposition(sounds).map_or(0, |last| last + 1));
    let offset = taps.iter().position(sounds).unwrap_or(0);
    Kernel { offset, taps: taps.split_off(offset) }
}

/// The samples that hold all but this part of a kernel's energy.
fn held(kernel: &Kernel, left_out: f64) -> Range<usize> {
    let energy = |n: usize| kernel.taps[n].norm_sqr();
    let mut spare = left_out * kernel.taps.iter().map(Complex::norm_sqr).sum::<f64>();
    let (mut start, mut end) = (0, kernel.taps.len());
    while end - start > 1 {
        let (first, last) = (energy(start), energy(end - 1));
        spare -= first.min(last);
        if spare < 0.0 {
            break;
        }
        if first <= last { start += 1 } else { end -= 1 }
    }
    kernel.offset + start..kernel.offset + end
}
