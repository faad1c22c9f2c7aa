//! What is analysed for the spectrogram, and the columns of levels that come of it.

use crate::editor::view::cast::real;
use erbium_dsp::Scale;
use erbium_dsp::display::{DisplayBank, DisplaySpec};
use std::sync::Arc;

/// Rows of a column.
pub const ROWS: usize = 512;
/// The time of a column in milliseconds.
pub const COLUMN_MS: f64 = 5.0;

/// What the columns are to show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnalysisRequest {
    /// The scale of the rows.
    pub scale: Scale,
    /// The frequency of the first row in hertz.
    pub lowest_hz: f64,
    /// How many times narrower than the scale's bandwidth a row is.
    pub sharpness: f64,
}

impl AnalysisRequest {
    /// What makes a bank of that at a sample rate.
    pub(super) fn spec(self, sample_rate_hz: f64) -> DisplaySpec {
        DisplaySpec {
            scale: self.scale,
            lowest_hz: self.lowest_hz,
            rows: ROWS,
            sharpness: self.sharpness,
            column_ms: COLUMN_MS,
            sample_rate_hz,
        }
    }
}

/// The levels of a column in hundredths of a dB of full scale, a precision that takes an eighth of
/// the memory a minute would need in full.
#[derive(Clone, Copy)]
pub struct Levels {
    /// Before the gains.
    pub pre: [i16; ROWS],
    /// After the gains.
    pub post: [i16; ROWS],
}

/// The lowest level kept, in hundredths of a dB of full scale.
pub const NOTHING: i16 = -16_000;

impl Levels {
    /// No sound in any row.
    pub(super) const SILENCE: Self = Self { pre: [NOTHING; ROWS], post: [NOTHING; ROWS] };

    /// The levels of powers, row by row the greatest of all channels.
    pub fn of(pre: &[Vec<f32>], post: &[Vec<f32>]) -> Self {
        let greatest = |channels: &[Vec<f32>], row: usize| {
            channels.iter().map(|power| power[row]).fold(0.0, f32::max)
        };
        Self {
            pre: std::array::from_fn(|row| hundredths(greatest(pre, row))),
            post: std::array::from_fn(|row| hundredths(greatest(post, row))),
        }
    }
}

/// A power as a level.
#[expect(clippy::cast_possible_truncation)]
fn hundredths(power: f32) -> i16 {
    // Saturates, and even the loudest sound is within.
    (1_000.0 * power.max(1e-16).log10()).round() as i16
}

/// A column.
#[derive(Clone)]
pub struct Column {
    /// The bank whose rows these are.
    pub bank: Arc<DisplayBank>,
    /// Whether it follows the column before it without a gap in time.
    pub contiguous: bool,
    /// What it holds.
    pub levels: Arc<Levels>,
}

impl Column {
    /// The time it covers in seconds.
    #[must_use]
    pub fn hop_s(&self) -> f64 {
        real(self.bank.column_samples()) / self.bank.spec().sample_rate_hz
    }
}
