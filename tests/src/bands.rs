//! Where the bands of a bank lie, and curves drawn over them.

use anyhow::Result;
use erbium_dsp::{Bank, BankSpec, Scale};

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

/// A curve of gains in dB at rising frequencies, read at one frequency in hertz as presets are:
/// linear over the units of the scale, level before the first point and after the last.
#[must_use]
pub fn interpolate(curve: &[(f64, f64)], scale: Scale, hz: f64) -> f64 {
    let above = curve.partition_point(|&(at_hz, _)| at_hz <= hz);
    match (curve[..above].last(), curve.get(above)) {
        (Some(&(low_hz, from)), Some(&(high_hz, to))) => {
            let [low, high, at] = [low_hz, high_hz, hz].map(|hz| scale.units_from_hz(hz));
            from + (to - from) * (at - low) / (high - low)
        }
        (Some(&(_, gain_db)), None) | (None, Some(&(_, gain_db))) => gain_db,
        (None, None) => 0.0,
    }
}
