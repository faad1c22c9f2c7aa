//! The drawn gains as shown: a parameter that was moved, or the curve in force after a change of
//! bank; and the parameters that have to be brought up to date with the curve.

use crate::state::params::{ErbiumParams, MAX_BANDS};

/// A curve that has rested this long, in seconds, is what the parameters should say.
const RESTED_S: f64 = 0.25;

/// Which of the two moved last decides, band by band: the audio thread follows a parameter that
/// moved within a block, and a curve that moved alone was read anew for another bank.
pub struct Follower {
    bands: [Band; MAX_BANDS],
    begun: bool,
}

#[derive(Clone, Copy, Default)]
struct Band {
    parameter_db: f32,
    curve_db: f32,
    curve_leads: bool,
    moved_s: f64,
}

impl Default for Follower {
    fn default() -> Self {
        Self { bands: [Band::default(); MAX_BANDS], begun: false }
    }
}

impl Follower {
    /// Looks at parameters and curve. An editor that has just been opened takes the curve's side.
    pub fn look(&mut self, params: &ErbiumParams, now_s: f64) {
        for (k, band) in self.bands.iter_mut().enumerate() {
            let parameter_db = params.band[k].gain_db.value();
            let curve_db = params.curve.gain_db(k);
            if band.parameter_db != parameter_db {
                (band.curve_leads, band.moved_s) = (false, now_s);
            } else if band.curve_db != curve_db {
                (band.curve_leads, band.moved_s) = (true, now_s);
            }
            if !self.begun {
                (band.curve_leads, band.moved_s) = (true, now_s);
            }
            (band.parameter_db, band.curve_db) = (parameter_db, curve_db);
        }
        self.begun = true;
    }

    /// The drawn gains to show, in dB.
    #[must_use]
    pub fn drawn_db(&self) -> [f32; MAX_BANDS] {
        self.bands.map(|band| if band.curve_leads { band.curve_db } else { band.parameter_db })
    }

    /// The bands, of the first `count`, whose parameter has to be set to the curve's gain in dB.
    #[must_use]
    pub fn stale(&self, count: usize, now_s: f64) -> Vec<(usize, f32)> {
        let is_stale = |band: &Band| {
            band.curve_leads
                && (band.curve_db - band.parameter_db).abs() > 1e-3
                && now_s - band.moved_s >= RESTED_S
        };
        let used = self.bands.iter().take(count).enumerate();
        used.filter(|(_, band)| is_stale(band)).map(|(k, band)| (k, band.curve_db)).collect()
    }
}
