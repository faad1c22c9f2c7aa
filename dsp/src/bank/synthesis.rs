//! The synthesis side of a bank: a dual as good as the spec's quality promises, or a refusal that names
//! the nearest that is.

use super::analysis::Analysis;
use super::{BankSpec, DesignError, GAMMATONE_ORDER, analyse};
use crate::cast::real;
use crate::dual::{self, Dual, DualError, Report, Wishes};
use crate::kernel::Kernel;

/// How far bands may reach a flat sum by cancelling each other.
const CANCELLATION_LIMIT: f64 = 1.5;

/// A band with less of its share than this is empty.
const EMPTY: f64 = 0.2;

/// Weights of the shares tried, each ten times the one before.
const SHARES: usize = 4;

/// The dual of a published setting, as good as it is: its bands are not scaled apart.
pub(super) fn published(
    spec: &BankSpec,
    analysis: &Analysis,
    cancelled: &dyn Fn() -> bool,
) -> Result<Dual, DesignError> {
    let wishes = Wishes { share: spec.quality.share(), staggered: false };
    Ok(dual::learn(&analysis.bands(), analysis.latency_samples, &wishes, cancelled)?)
}

/// The dual of a bank of bands that can be scaled apart: transparent, without bands that cancel each
/// other, and none left empty if that is possible.
pub(super) fn transparent(
    spec: &BankSpec,
    analysis: &Analysis,
    cancelled: &dyn Fn() -> bool,
) -> Result<Dual, DesignError> {
    let mut found: Option<Dual> = None;
    let mut share = spec.quality.share();
    for _ in 0..SHARES {
        let wishes = Wishes { share, staggered: true };
        let dual = dual::learn(&analysis.bands(), analysis.latency_samples, &wishes, cancelled)?;
        if !is_transparent(spec, &dual.report) {
            if found.is_none() {
                return Err(opaque(spec, &dual.report, cancelled));
            }
            // Larger shares cost transparency: keep what there was before.
            break;
        }
        let full = dual.report.emptiest >= EMPTY;
        found = Some(dual);
        if full {
            break;
        }
        share *= 10.0;
    }
    let mut dual = found.ok_or(DualError::Singular)?;
    if !analysis.poles.is_empty() {
        dual.report.macs_per_sample = recursive_macs(&dual.kernels, &analysis.strides);
    }
    Ok(dual)
}

fn is_transparent(spec: &BankSpec, report: &Report) -> bool {
    let (flat_db, alias_db) = spec.quality.limits_db();
    report.flat_sine_db <= flat_db
        && report.worst_alias_db() <= alias_db
        && report.cancellation <= CANCELLATION_LIMIT
}

fn opaque(spec: &BankSpec, report: &Report, cancelled: &dyn Fn() -> bool) -> DesignError {
    match nearest_bands(spec, cancelled) {
        Ok(nearest_bands) => DesignError::Opaque {
            bands: spec.bands,
            flat_sine_db: report.flat_sine_db,
            alias_db: report.worst_alias_db(),
            cancellation: report.cancellation,
            nearest_bands,
        },
        Err(error) => error,
    }
}

/// The number of bands nearest to the one asked for with which all else works, rather more than fewer.
fn nearest_bands(
    spec: &BankSpec,
    cancelled: &dyn Fn() -> bool,
) -> Result<Option<usize>, DesignError> {
    let (least, most) = BankSpec::BANDS;
    let wishes = Wishes { share: spec.quality.share(), staggered: true };
    let others = (1..=most - least)
        .flat_map(|away| [spec.bands + away, spec.bands.saturating_sub(away)])
        .filter(|bands| (least..=most).contains(bands));
    for bands in others {
        let spec = BankSpec { bands, ..*spec };
        let analysis = analyse(&spec)?;
        match dual::learn(&analysis.bands(), analysis.latency_samples, &wishes, cancelled) {
            Ok(dual) if is_transparent(&spec, &dual.report) => return Ok(Some(bands)),
            Err(DualError::Cancelled) => return Err(DesignError::Cancelled),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(None)
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
