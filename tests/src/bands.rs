//! Where the bands of a bank lie, and curves drawn over them.

use anyhow::Result;
use erbium_dsp::{Bank, BankSpec};

/// The centre frequencies in hertz of a bank, first band first.
///
/// # Errors
/// Where the spec has no bank.
pub fn centres_hz(spec: &BankSpec) -> Result<Vec<f64>> {
    let bank = Bank::design(spec).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(bank.centres_hz().to_vec())
}

/// The index of the band whose centre is nearest to a frequency in hertz.
#[must_use]
pub fn nearest(centres_hz: &[f64], hz: f64) -> usize {
    (0..centres_hz.len())
        .min_by(|&a, &b| (centres_hz[a] - hz).abs().total_cmp(&(centres_hz[b] - hz).abs()))
        .unwrap_or(0)
}

/// A curve of gains in dB at rising frequencies, read at one frequency in hertz: linear between
/// its points on a logarithmic axis, level before the first and after the last.
#[must_use]
pub fn interpolate(curve: &[(f64, f64)], hz: f64) -> f64 {
    let above = curve.partition_point(|&(at, _)| at <= hz);
    match (curve[..above].last(), curve.get(above)) {
        (Some(&(low, from)), Some(&(high, to))) => {
            // 0 Hz has no logarithm: 20 Hz stands for it, where hearing ends.
            let position = |hz: f64| hz.max(20.0).ln();
            from + (to - from) * (position(hz) - position(low)) / (position(high) - position(low))
        }
        (Some(&(_, gain)), None) | (None, Some(&(_, gain))) => gain,
        (None, None) => 0.0,
    }
}
