//! How the level of a band is smoothed, so that attack and release take the times asked for.

use super::Dynamics;
use crate::scale::erb_hz;

/// The step of IEC 60118-2 and ANSI S3.22 from one steady level to another, in decibels: from 55 to 90 dB and back.
const STEP_DB: f64 = 35.0;

/// The attack time ends once the output is this near to where it will be, in decibels.
const ATTACK_WITHIN_DB: f64 = 3.0;

/// The release time likewise.
const RELEASE_WITHIN_DB: f64 = 4.0;

/// How far above the smoothed level a rise has to be to be followed at the attack time, in decibels: so much that noise
/// in a band seldom is, at the default times. Its levels are then nearly as unbiased as with one time constant
/// (`tests/engine/dynamics.rs` prints by how much gains are off).
const JUMP_DB: f64 = 2.5;

/// The same in parts of what the output may be off by once an attack is over, where that is less.
const JUMP_SHARE: f64 = 0.5;

/// The slopes for which times are exact: those of ratios from 2 on when compressing, to 3 when expanding.
const SLOPES: (f64, f64) = (0.5, 2.0);

/// How much longer a band's own rise makes the attack, in parts of the inverse of its bandwidth
/// (`tests/engine/dynamics.rs`).
const RISE: f64 = 1.0;

/// The shortest fast time constant, likewise: with shorter ones the level of noise is that of its peaks.
const FASTEST: f64 = 0.5;

/// The smoothing of a band's power: once with the slow time constant; where the power smoothed with the fast one is
/// above that by [`Self::jump_db`], the former is raised to where it no longer is.
///
/// Both time constants follow in closed form from the times of IEC 60118-2 and ANSI S3.22, in which the output is within
/// 3 dB (attack) or 4 dB (release) of where it will be after a step of 35 dB, as with Sokolova et al. (2022, DOI
/// 10.1109/ACCESS.2022.3176368), here for powers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SmoothingTimes {
    /// The slow time constant in milliseconds.
    pub slow_ms: f64,
    /// The fast one.
    pub fast_ms: f64,
    /// How far above the former the power smoothed with the latter may be, in decibels.
    pub jump_db: f64,
    /// The attack time that they give, in milliseconds: less than was asked for where the slow one is as fast, more where
    /// the band itself rises no faster.
    pub attack_ms: f64,
    /// The release time that they give.
    pub release_ms: f64,
}

impl SmoothingTimes {
    /// For the times of `dynamics` in a band of this bandwidth.
    #[must_use]
    pub fn new(dynamics: &Dynamics, bandwidth_hz: f64) -> Self {
        let slope = f64::from(dynamics.action.slope(dynamics.ratio).abs());
        let slope = slope.clamp(SLOPES.0, SLOPES.1);
        // Never more than 100 times as long as at 1 kHz.
        let longer = (erb_hz(1000.0) / bandwidth_hz).clamp(0.0, 100.0);
        let rise_ms = 1000.0 * RISE / bandwidth_hz;
        let power = |db: f64| 10_f64.powf(db / 10.0);
        let (attack_db, release_db) = (ATTACK_WITHIN_DB / slope, RELEASE_WITHIN_DB / slope);
        let jump_db = JUMP_DB.min(JUMP_SHARE * attack_db);
        // Of a rise 1 − e^(−t/τ) is there, and it is to be this much below 1.
        let rising = |db: f64| -(1.0 - power(-db)).ln();
        let falling = ((power(STEP_DB) - 1.0) / (power(release_db) - 1.0)).ln();
        let release_ms = longer * f64::from(dynamics.release_ms);
        let slow_ms = release_ms / falling;
        let asked_ms = (longer * f64::from(dynamics.attack_ms) - rise_ms).max(0.0);
        let least_ms = 1000.0 * FASTEST / bandwidth_hz;
        let fast_ms = (asked_ms / rising(attack_db - jump_db)).max(least_ms);
        let fast_attack_ms = fast_ms * rising(attack_db - jump_db);
        let attack_ms = rise_ms + fast_attack_ms.min(slow_ms * rising(attack_db));
        Self { slow_ms, fast_ms, jump_db, attack_ms, release_ms }
    }
}
