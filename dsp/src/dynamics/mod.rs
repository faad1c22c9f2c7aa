//! Dynamics of bands: gains that follow each band's level, between analysis and synthesis.
//!
//! ```text
//! coefficients c_k ─┬─> power |c_k|² ─> level ─> gain computer ─> d_k ─┐
//!                   └────────────────────────────> gain g_k of the curve × d_k ─> Synthesis
//! ```
//!
//! **Level**: the power of a band's coefficients over a control block of 32 samples, smoothed ([`SmoothingTimes`]), in
//! decibels of the power of a sinusoid of full scale at the centre; of the [larger](Link) channel, or of their mean.
//! **Gain computer**: [`GainComputer`]. **What is compared**: [`Mode`]. Gains move in straight lines from control
//! block to control block, and scale the very coefficients that the level was found from; only bands whose duals begin
//! at once are scaled a control block later.

mod gain_computer;
mod smoothing;

pub use gain_computer::{Action, GainComputer};
pub use smoothing::SmoothingTimes;

/// What a band's level is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The band's threshold.
    #[default]
    Absolute,
    /// The mean level, in decibels, of the bands around it, the next ones aside, and a margin: what sticks out of its
    /// surroundings. Bands below their threshold are left alone.
    Relative,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Absolute, Self::Relative];
}

/// The level of several channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// That of the channel with the most power.
    #[default]
    Larger,
    /// That of their mean power.
    Mean,
}

/// What dynamics do, in all bands alike; thresholds and amounts are each band's own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dynamics {
    /// What levels are compared with.
    pub mode: Mode,
    /// What is done about it.
    pub action: Action,
    /// Decibels of input for one of output where compressing, of output for one of input where expanding: 1 to 100.
    pub ratio: f32,
    /// The width of the bend at the threshold, in decibels: 0 to 48.
    pub knee_db: f32,
    /// The most that a gain moves, in decibels: 0 to 60.
    pub range_db: f32,
    /// How far above their surroundings bands may be in [`Mode::Relative`], in decibels: −48 to 48.
    pub margin_db: f32,
    /// How far the surroundings reach, half of it to either side, in ERB: 2 to 8.
    pub surroundings_erb: f32,
    /// The attack time in milliseconds in a band of 1 kHz: 0.1 to 1000. Times of other bands are to it as their
    /// bandwidths are to that of 1 kHz, inversely.
    pub attack_ms: f32,
    /// The release time, likewise: 1 to 10000.
    pub release_ms: f32,
    /// How much of the change there is, against none: 0 to 1.
    pub mix: f32,
    /// The level of several channels.
    pub link: Link,
}

impl Default for Dynamics {
    /// Off: a ratio of 1.
    fn default() -> Self {
        Self {
            mode: Mode::Absolute,
            action: Action::CompressDownward,
            ratio: 1.0,
            knee_db: 6.0,
            range_db: 24.0,
            margin_db: 6.0,
            surroundings_erb: 5.0,
            attack_ms: 20.0,
            release_ms: 150.0,
            mix: 1.0,
            link: Link::Larger,
        }
    }
}

impl Dynamics {
    /// Whether any gain may move.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.ratio > 1.0 && self.range_db > 0.0 && self.mix > 0.0
    }

    /// The same with every number in its range; those that are not finite are the default's.
    #[must_use]
    pub fn in_range(self) -> Self {
        let default = Self::default();
        let within = |value: f32, default: f32, (low, high): (f32, f32)| {
            if value.is_finite() { value.clamp(low, high) } else { default }
        };
        Self {
            ratio: within(self.ratio, default.ratio, (1.0, 100.0)),
            knee_db: within(self.knee_db, default.knee_db, (0.0, 48.0)),
            range_db: within(self.range_db, default.range_db, (0.0, 60.0)),
            margin_db: within(self.margin_db, default.margin_db, (-48.0, 48.0)),
            surroundings_erb: within(self.surroundings_erb, default.surroundings_erb, (2.0, 8.0)),
            attack_ms: within(self.attack_ms, default.attack_ms, (0.1, 1000.0)),
            release_ms: within(self.release_ms, default.release_ms, (1.0, 10_000.0)),
            mix: within(self.mix, default.mix, (0.0, 1.0)),
            ..self
        }
    }

    /// The static curve.
    #[must_use]
    pub fn gain_computer(&self) -> GainComputer {
        GainComputer {
            slope: self.action.slope(self.ratio),
            knee_db: self.knee_db,
            range_db: self.range_db,
        }
    }

    /// The smoothing of the level in a band of this equivalent noise bandwidth.
    #[must_use]
    pub fn smoothing(&self, bandwidth_hz: f64) -> SmoothingTimes {
        SmoothingTimes::new(self, bandwidth_hz)
    }
}
