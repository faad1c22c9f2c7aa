//! Samples as every feature takes them.

use crate::stream::LOUDEST;

/// A sample as features take it: what is no number, infinite or louder than [`LOUDEST`] is silence, as it is to
/// the [`Engine`](crate::stream::Engine), so that it cannot outlast its time in recursive filters, or spread over
/// a whole spectrum.
#[must_use]
pub fn finite_sample(sample: f64) -> f64 {
    // False for NaN too.
    if sample.abs() <= f64::from(LOUDEST) { sample } else { 0.0 }
}
