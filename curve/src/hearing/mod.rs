//! From thresholds of hearing to gains, by published rules for linear amplification. What comes out is a curve for an
//! equaliser: no fitting of a hearing aid, and no medical advice.

mod audiogram;
mod rule;

pub use audiogram::{Audiogram, Audiograms, THRESHOLDS_DB, read_audiogram};
pub use rule::{GAIN_MAX_DB, Prescription, Rule};
