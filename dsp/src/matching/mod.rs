//! Matching: gains of a bank's bands that bring the long-term levels of one sound to those of another, or to a
//! published spectrum.
//!
//! The level of a band is the power under a triangle over the bank's scale, from the centre before to the centre
//! after. The gains are targets at the centres, as they are drawn; what the bank makes of them in between is
//! taken into account, so that the levels are met by what is heard.

mod cells;
mod loudness;
mod solve;

pub use loudness::k_weighting;
pub use solve::{LevelDifference, MatchOptions, MatchedBand, Reference, match_bands};

/// A band has signal from this level on, in dB re a mean square of 1. The noise of 16 bits, with dither and rounded more
/// than once, is lower in every band.
pub const FLOOR_DB: f64 = -90.0;

/// A band this far in dB below the loudest one has no signal.
pub const FLOOR_BELOW_LOUDEST_DB: f64 = 70.0;
