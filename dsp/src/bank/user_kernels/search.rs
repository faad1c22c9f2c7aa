//! The search for the dual of given kernels.
//!
//! Of several the most exact is kept: learned on the kernels' mirror images or on what holds nearly all of
//! their energy, or, with one stride for all bands, the exact one, in which alias cancels between bands.

use super::measure::gap;
use super::{UserKernelError, UserKernels};
use crate::bank::DesignError;
use crate::bank::analysis::Analysis;
use crate::cast::real;
use crate::dual::{self, Band, Dual, DualError, DualOptions};
use crate::kernel::Kernel;
use num_complex::Complex;
use std::ops::Range;

/// The greatest error for a sinusoid with which kernels are played, in dB.
const OPAQUE_DB: f64 = -60.0;

/// The parts of a kernel's energy that the support of its dual may leave out.
const LEFT_OUT: [f64; 2] = [0.0, 1e-5];

/// The most multiplications that the search for an exact dual may take: some seconds.
const EXACT_WORK: f64 = 5e10;

/// The greatest ratio of frame bounds of what counts as a frame.
const CONDITION_LIMIT: f64 = 1e6;

impl UserKernels {
    /// Where the duals mirror what holds all but this part of their kernels' energy.
    pub(super) fn supports(&self, left_out: f64) -> Vec<Range<usize>> {
        let mirrored = |kernel: &Kernel| {
            let held = held(kernel, left_out);
            let end = (self.latency_samples + 1).saturating_sub(held.start).max(1);
            (self.latency_samples + 1).saturating_sub(held.end).min(end - 1)..end
        };
        self.kernels.iter().map(mirrored).collect()
    }

    /// The most exact dual, and its supports.
    pub(in crate::bank) fn dual(
        &self,
        analysis: &Analysis,
        sample_rate_hz: f64,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<(Dual, Vec<Range<usize>>), DesignError> {
        if let Some(made_for_hz) = self.made_for_hz.filter(|hz| *hz != sample_rate_hz) {
            return Err(UserKernelError::Rate { made_for_hz, sample_rate_hz }.into());
        }
        if let Some((low, high)) = gap(&self.kernels, &self.measured) {
            let hz = (low * sample_rate_hz, high * sample_rate_hz);
            return Err(UserKernelError::Gap { hz }.into());
        }
        let mut best: Option<(Dual, Vec<Range<usize>>)> = None;
        let (mut flat_sine_db, mut failure) = (f64::INFINITY, None);
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
                Err(error) => failure = failure.take().or(Some(error)),
            }
            Ok(())
        };
        for left_out in LEFT_OUT {
            let supports = self.supports(left_out);
            let bands = bands(analysis, &supports);
            let found =
                dual::solve_dual(&bands, self.latency_samples, &DualOptions::default(), cancelled);
            consider(found, &supports)?;
        }
        if self.is_exact_within_reach() {
            let supports = self.supports(0.0);
            let bands = bands(analysis, &supports);
            consider(dual::solve_exact_dual(&bands, self.latency_samples, cancelled), &supports)?;
        }
        best.ok_or_else(|| match failure {
            // Nothing was solved at all, and not for want of a stable solution.
            Some(error) if flat_sine_db.is_infinite() && error != DualError::Singular => {
                UserKernelError::Dual(error).into()
            }
            _ => self.refusal(flat_sine_db).into(),
        })
    }

    fn is_exact_within_reach(&self) -> bool {
        let longest = self.kernels.iter().map(Kernel::length).max().unwrap_or(1);
        let equations = real(longest + self.latency_samples);
        let work = equations.powi(3) / 3.0 * real(self.strides[0]);
        self.strides.iter().all(|stride| *stride == self.strides[0]) && work <= EXACT_WORK
    }

    /// Why no dual is good enough.
    fn refusal(&self, flat_sine_db: f64) -> UserKernelError {
        if let Some(bounds) = self.frame_bounds() {
            let condition = bounds.condition_number();
            // Negative where rounding made the lower bound so.
            if !(0.0..CONDITION_LIMIT).contains(&condition) {
                return UserKernelError::NoFrame { condition: condition.abs() };
            }
        }
        UserKernelError::Opaque { flat_sine_db, limit_db: OPAQUE_DB }
    }
}

/// The bands as the dual takes them, on these supports.
fn bands<'a>(analysis: &'a Analysis, supports: &[Range<usize>]) -> Vec<Band<'a>> {
    let with =
        |(band, support): (Band<'a>, &Range<usize>)| Band { support: support.clone(), ..band };
    analysis.bands().into_iter().zip(supports).map(with).collect()
}

/// The worst error of a dual in dB, at unity gains or others.
fn worst_db(dual: &Dual) -> f64 {
    dual.report.flat_sine_db.max(dual.report.worst_alias_db())
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
