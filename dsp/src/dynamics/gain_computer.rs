//! The static curve: from a level to a gain.

/// What is done to bands above their threshold, or below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Action {
    /// What is above the threshold is made less loud: a compressor.
    #[default]
    CompressDownward,
    /// What is below it is made louder.
    CompressUpward,
    /// What is below it is made less loud: a gate.
    ExpandDownward,
    /// What is above it is made louder.
    ExpandUpward,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::CompressDownward, Self::CompressUpward, Self::ExpandDownward, Self::ExpandUpward];

    /// Whether it is done below the threshold.
    #[must_use]
    pub const fn is_below(self) -> bool {
        matches!(self, Self::CompressUpward | Self::ExpandDownward)
    }

    /// Decibels of gain for each that the level is past the threshold, at this ratio.
    #[must_use]
    pub fn slope(self, ratio: f32) -> f32 {
        match self {
            Self::CompressDownward => 1.0 / ratio - 1.0,
            Self::CompressUpward => 1.0 - 1.0 / ratio,
            Self::ExpandDownward => 1.0 - ratio,
            Self::ExpandUpward => ratio - 1.0,
        }
    }
}

/// From how far a level is past its threshold to a gain, both in decibels: 0, then a bend of the second order, then a
/// straight line, as Giannoulis, Massberg and Reiss (2012, JAES 60(6), "Digital dynamic range compressor design") have
/// it; no more than the range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GainComputer {
    /// Decibels of gain for one past the threshold.
    pub slope: f32,
    /// The width of the bend in decibels.
    pub knee_db: f32,
    /// The largest magnitude of the gain in decibels.
    pub range_db: f32,
}

impl GainComputer {
    /// The gain in decibels where a level is so many past its threshold.
    #[must_use]
    pub fn gain_db(&self, past_db: f32) -> f32 {
        let half = 0.5 * self.knee_db;
        let bent = if past_db >= half {
            past_db
        } else if past_db > -half {
            (past_db + half) * (past_db + half) / (2.0 * self.knee_db)
        } else {
            0.0
        };
        (self.slope * bent).clamp(-self.range_db, self.range_db)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_nothing_before_its_bend_and_straight_after_it() {
        for (action, expected) in [
            (Action::CompressDownward, -7.5),
            (Action::CompressUpward, 7.5),
            (Action::ExpandDownward, -30.0),
            (Action::ExpandUpward, 30.0),
        ] {
            let curve =
                |knee_db| GainComputer { slope: action.slope(4.0), knee_db, range_db: 60.0 };
            for knee_db in [0.0, 6.0, 12.0] {
                assert_eq!(curve(knee_db).gain_db(-6.0), 0.0);
                assert!((curve(knee_db).gain_db(10.0) - expected).abs() < 1e-5, "{action:?}");
            }
            // Half a knee of 12 beyond the threshold: an eighth of it, times the slope.
            assert!((curve(12.0).gain_db(0.0) - 1.5 * action.slope(4.0)).abs() < 1e-6);
            let bounded = GainComputer { range_db: 3.0, ..curve(6.0) };
            assert_eq!(bounded.gain_db(40.0), expected.signum() * 3.0);
            assert_eq!(GainComputer { slope: action.slope(1.0), ..bounded }.gain_db(40.0), 0.0);
        }
    }
}
