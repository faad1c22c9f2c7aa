//! Peaks that stay for a while, one per band.

use crate::state::params::MAX_BANDS;

/// How long a peak stays, in seconds.
const HOLD_S: f64 = 1.5;
/// How fast it falls then, in dB per second.
const FALL_DB_PER_S: f32 = 24.0;

/// The highest levels of late, in dB.
pub struct PeakHold {
    db: [f32; MAX_BANDS],
    since_s: [f64; MAX_BANDS],
}

impl Default for PeakHold {
    fn default() -> Self {
        Self { db: [f32::NEG_INFINITY; MAX_BANDS], since_s: [0.0; MAX_BANDS] }
    }
}

impl PeakHold {
    /// Takes the levels of a moment, in dB; `passed_s` is the time since the last ones.
    pub fn push(&mut self, levels_db: &[f32; MAX_BANDS], now_s: f64, passed_s: f64) {
        for ((held_db, since_s), &level_db) in
            self.db.iter_mut().zip(&mut self.since_s).zip(levels_db)
        {
            if now_s - *since_s > HOLD_S {
                *held_db -= FALL_DB_PER_S * crate::editor::view::cast::single(passed_s);
            }
            if level_db >= *held_db {
                (*held_db, *since_s) = (level_db, now_s);
            }
        }
    }

    /// The peaks held, in dB.
    #[must_use]
    pub fn db(&self) -> &[f32; MAX_BANDS] {
        &self.db
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_stays_and_then_falls() {
        let mut hold = PeakHold::default();
        hold.push(&[-10.0; MAX_BANDS], 0.0, 0.1);
        hold.push(&[-90.0; MAX_BANDS], 1.4, 1.4);
        assert_eq!(hold.db()[5], -10.0);
        hold.push(&[-90.0; MAX_BANDS], 2.0, 0.5);
        assert_eq!(hold.db()[5], -22.0);
        hold.push(&[-15.0; MAX_BANDS], 2.1, 0.1);
        assert_eq!(hold.db()[5], -15.0);
    }
}
