//! The display bank: many rows on an auditory scale, for spectrograms.
//!
//! A row is a windowed exponential like a band's, of the scale's own bandwidth at its frequency or a
//! fraction of it. All kernels are symmetric about the same instant, so that a click is one line
//! across all rows; a full-scale sinusoid reads 0 dB in the row of its frequency. There is no dual
//! and no bound on latency, so rows lie as densely as a picture needs.
//!
//! ```text
//! input ─> 1 ─½─> ½ ─½─> ¼ ─½─> …      a pyramid of sample rates: every row is computed on the
//!          │      │      │              lowest that holds it, so that kernels stay short
//!          rows   rows   rows ─> the greatest |coefficient| of each row in each column
//! ```

mod bank;
mod pyramid;
mod stream;

pub use bank::DisplayBank;
pub use stream::DisplayStream;

use crate::scale::Scale;

/// The specification of a display bank.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DisplaySpec {
    /// The scale that spaces the rows and gives them their bandwidths.
    pub scale: Scale,
    /// The frequency of the first row, in hertz; the last is the Nyquist frequency.
    pub lowest_hz: f64,
    /// The number of rows, equally spaced on the scale.
    pub rows: usize,
    /// How many times narrower than the scale's bandwidth a row is; time blurs as much more.
    pub sharpness: f64,
    /// The time from column to column in milliseconds; a column is a whole number of samples.
    pub column_ms: f64,
    /// The sample rate in hertz.
    pub sample_rate_hz: f64,
}

impl Default for DisplaySpec {
    /// ERB scale from 0 Hz, 512 rows of the scale's own bandwidth, 5 ms, 48 kHz.
    fn default() -> Self {
        Self {
            scale: Scale::default(),
            lowest_hz: 0.0,
            rows: 512,
            sharpness: 1.0,
            column_ms: 5.0,
            sample_rate_hz: 48_000.0,
        }
    }
}
