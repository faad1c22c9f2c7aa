//! Times and counts of samples.

/// A count as a real number.
#[expect(clippy::cast_precision_loss)]
pub(crate) const fn real(count: usize) -> f64 {
    count as f64
}

/// A time in samples, at least 1.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn samples(ms: f64, rate_hz: f64) -> usize {
    ((ms * rate_hz / 1000.0).round() as usize).max(1)
}
