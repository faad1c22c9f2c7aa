//! The synthesis side of a bank: a dual as good as the spec's quality promises, or an error.

use super::analysis::{Analysis, Effort};
use super::{BankSpec, DesignError, GAMMATONE_ORDER, Kind, Quality, analyse};
use crate::cast::real;
use crate::dual::{self, Dual, DualError, DualOptions, Report};
use crate::kernel::Kernel;

/// The greatest sum of the bands' magnitudes: above it, bands reach a flat sum by cancelling each other,
/// and one muted raises the level. Gammatone banks without a bandwidth floor have 3 and more at 2 ms.
const MAGNITUDE_SUM_LIMIT: f64 = 1.5;

/// A band with less of its share than this is empty: its gain hardly moves its own centre. The
/// default banks have 0.25 and more (`tests/bank/figures.rs`).
const MIN_BAND_SHARE: f64 = 0.2;

/// Weights of the shares tried, each ten times the one before, at most: the search ends sooner where a larger one
/// costs transparency.
const SHARE_WEIGHTS: usize = 4;

/// Factors on the redundancy of high quality, where that alone is not enough. Found by designing 8 to 16
/// bands on every scale at 8 to 768 kHz: no bank needs more.
const EXTRA_REDUNDANCY: [f64; 2] = [1.5, 2.25];

/// A published setting, not checked for transparency: its bands are not scaled apart.
pub(super) fn published(
    spec: &BankSpec,
    cancelled: &dyn Fn() -> bool,
) -> Result<(Analysis, Dual), DesignError> {
    let analysis = analyse(spec, &Effort::of(spec))?;
    let options = options(&analysis, spec.quality.share_weight(), false);
    dual::check_images(&analysis.bands(), analysis.latency_samples + 1)?;
    let dual = dual::solve_dual(&analysis.bands(), analysis.latency_samples, &options, cancelled)?;
    Ok((analysis, dual))
}

/// A bank of bands that can be scaled apart: transparent, without bands that cancel each other, and
/// none left empty if that is possible; with more work than its quality has where that is needed.
pub(super) fn transparent(
    spec: &BankSpec,
    cancelled: &dyn Fn() -> bool,
) -> Result<(Analysis, Dual), DesignError> {
    let mut found: Option<(f64, Analysis, Dual)> = None;
    let mut refusal = None;
    for effort in efforts(spec) {
        let analysis = analyse(spec, &effort)?;
        match transparent_dual(spec, &effort, &analysis, cancelled)? {
            Ok(dual) => {
                let share = dual.report.min_band_share;
                // A bank by the rules of its own quality is kept as it is.
                if effort == Effort::of(spec) || share >= MIN_BAND_SHARE {
                    return Ok((analysis, dual));
                }
                if found.as_ref().is_none_or(|(least, ..)| share > *least) {
                    found = Some((share, analysis, dual));
                }
            }
            Err(report) => refusal = refusal.or(Some(report)),
        }
    }
    if let Some((_, analysis, dual)) = found {
        return Ok((analysis, dual));
    }
    let report = refusal.ok_or(DualError::Singular)?;
    Err(DesignError::Opaque {
        bands: spec.bands,
        flat_sine_db: report.flat_sine_db,
        alias_db: report.worst_alias_db(),
        peak_magnitude_sum: report.peak_magnitude_sum,
    })
}

/// The efforts tried in turn: the rules of the spec's quality, and where those leave the bank opaque, flat tops,
/// the rules of the qualities above, and more redundancy.
fn efforts(spec: &BankSpec) -> impl Iterator<Item = Effort> {
    let flat_top = spec.kind == Kind::Isac;
    let own = Effort::of(spec);
    let from_own = Quality::ALL.iter().filter(move |quality| **quality >= spec.quality);
    let more = from_own.map(move |&quality| Effort { quality, redundancy: 1.0, flat_top });
    let most =
        EXTRA_REDUNDANCY.map(|redundancy| Effort { quality: Quality::High, redundancy, flat_top });
    std::iter::once(own).chain(more.chain(most).filter(move |effort| *effort != own))
}

/// The dual of an analysis side, or the report of one that is not transparent.
fn transparent_dual(
    spec: &BankSpec,
    effort: &Effort,
    analysis: &Analysis,
    cancelled: &dyn Fn() -> bool,
) -> Result<Result<Dual, Report>, DesignError> {
    let mut found: Option<Dual> = None;
    let mut share_weight = effort.quality.share_weight();
    for _ in 0..SHARE_WEIGHTS {
        let options = options(analysis, share_weight, true);
        let dual =
            dual::solve_dual(&analysis.bands(), analysis.latency_samples, &options, cancelled)?;
        if !is_transparent(spec, &dual.report) {
            if found.is_none() {
                return Ok(Err(dual.report));
            }
            // Larger shares cost transparency: keep what there was before.
            break;
        }
        let full = dual.report.min_band_share >= MIN_BAND_SHARE;
        found = Some(dual);
        if full {
            break;
        }
        share_weight *= 10.0;
    }
    let mut dual = found.ok_or(DualError::Singular)?;
    if !analysis.poles.is_empty() {
        dual.report.macs_per_sample = recursive_macs(&dual.kernels, &analysis.strides);
    }
    Ok(Ok(dual))
}

fn options(analysis: &Analysis, share_weight: f64, optimise_phases: bool) -> DualOptions {
    // Designed responses are smooth over what the latency resolves.
    let report_samples = Some(analysis.latency_samples + 1);
    DualOptions { share_weight, optimise_phases, report_samples }
}

fn is_transparent(spec: &BankSpec, report: &Report) -> bool {
    let (flat_db, alias_db) = spec.quality.limits_db();
    report.flat_sine_db <= flat_db
        && report.worst_alias_db() <= alias_db
        && report.peak_magnitude_sum <= MAGNITUDE_SUM_LIMIT
}

/// Real multiply-adds per sample of recursive filters, four per stage, and of these duals: two a tap, or
/// one where taps are real.
fn recursive_macs(duals: &[Kernel], strides: &[usize]) -> f64 {
    let macs = |(dual, stride): (&Kernel, &usize)| {
        let parts = if dual.is_real() { 1.0 } else { 2.0 };
        4.0 * real(GAMMATONE_ORDER) + parts * real(dual.taps.len()) / real(*stride)
    };
    duals.iter().zip(strides).map(macs).sum()
}
