//! Power-preserving triangular bands, as `filtbankm` of VOICEBOX (2011) makes them.
//!
//! A spectrum is taken for a piecewise linear power density: each bin is a triangle of width two bins
//! and of unit area. Each band is a triangle on a warped frequency scale with a peak of 1, and a weight
//! is the integral of their product, over positive and negative frequencies. Where bands cover a bin,
//! its weights sum to 1, so that power is preserved.
//!
//! [`VoiceboxOptions`] say everything by type; [`Call`] reads the arguments of the original, option string
//! included.
//!
//! ```
//! use erbium_dsp::feature::voicebox::{Bands, Bins, VoiceboxOptions, filterbank};
//! use erbium_dsp::scale::ScaleFormula;
//!
//! let options = VoiceboxOptions {
//!     bands: Bands::Count(20),
//!     scale: ScaleFormula::MelFant,
//!     ..VoiceboxOptions::new(Bins::of_fft(512, 16_000.0), 16_000.0)
//! };
//! let bank = filterbank(&options)?;
//! assert_eq!((bank.matrix.rows(), bank.matrix.columns()), (20, 257));
//! # Ok::<(), erbium_dsp::feature::OptionError>(())
//! ```

mod call;
mod nodes;
mod overlap;

pub use call::{Call, Plot};

use super::{Filterbank, Matrix};
use crate::cast::{count, real};
use crate::feature::OptionError;
use crate::scale::ScaleFormula;
use nodes::Nodes;
use overlap::{Triangle, overlap};

/// The bins of a spectrum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bins {
    /// How many there are.
    pub count: usize,
    /// From bin to bin, in hertz.
    pub step_hz: f64,
    /// The first bin's frequency in hertz.
    pub first_hz: f64,
}

impl Bins {
    /// Those of an FFT over `length` samples, from 0 Hz to half the sample rate.
    #[must_use]
    pub fn of_fft(length: usize, sample_rate_hz: f64) -> Self {
        Self { count: 1 + length / 2, step_hz: sample_rate_hz / real(length), first_hz: 0.0 }
    }

    fn hz(&self, bin: usize) -> f64 {
        self.first_hz + real(bin) * self.step_hz
    }

    /// One step above the last bin: the upper end of its triangle.
    fn top_hz(&self) -> f64 {
        self.hz(self.count)
    }

    /// The triangle of a bin. That of the first reaches down to the nearest of its mirror image and
    /// of what the mirror images of other bins leave.
    fn triangle(&self, bin: usize) -> Triangle {
        let (first, step) = (self.first_hz, self.step_hz);
        let left = match bin {
            0 if first == 0.0 => -step,
            0 if first <= step / 2.0 => -first,
            0 => (first - step).abs(),
            _ => self.hz(bin - 1),
        };
        Triangle { left, centre: self.hz(bin), right: self.hz(bin + 1) }
    }

    /// The bins whose triangles may reach between two frequencies.
    fn within(&self, (low_hz, high_hz): (f64, f64)) -> std::ops::Range<usize> {
        let bin = |hz: f64| count(((hz - self.first_hz) / self.step_hz).clamp(0.0, 1e15));
        let first = bin(low_hz).saturating_sub(2);
        first.min(self.count)..(bin(high_hz) + 3).min(self.count)
    }
}

/// How many bands.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Bands {
    /// ⌈4.6 log10 of twice the highest bin's frequency in hertz⌉.
    #[default]
    Auto,
    /// So many.
    Count(usize),
    /// As many as leave about so many scale units from band to band.
    Spacing(f64),
}

/// What the lower and upper frequency limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Limits {
    /// The outer feet of the first and the last triangle.
    #[default]
    Edges,
    /// The centres of the first and the last triangle.
    Centres,
}

/// The unit of the lower and upper limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Unit {
    /// Hertz.
    #[default]
    Hertz,
    /// Units of the scale.
    Scale,
}

/// What the numbers going in and coming out are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Quantity {
    /// Power in each bin, power in each band.
    #[default]
    Power,
    /// Power in each bin, power per hertz in each band.
    PowerToDensity,
    /// Power per hertz in both: each band is a weighted mean.
    Density,
}

/// Everything that decides a matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VoiceboxOptions {
    /// How many bands.
    pub bands: Bands,
    /// The bins of the spectrum.
    pub bins: Bins,
    /// The sample rate in hertz.
    pub sample_rate_hz: f64,
    /// The scale on which bands are spaced evenly.
    pub scale: ScaleFormula,
    /// The lower limit; `None` for 0 Hz, or 30 Hz on [`ScaleFormula::Log10`].
    pub low: Option<f64>,
    /// The upper limit; `None` for half the sample rate.
    pub high: Option<f64>,
    /// The unit of both.
    pub unit: Unit,
    /// What both limit.
    pub limits: Limits,
    /// Extend the first band at full weight down to 0 Hz.
    pub extend_low: bool,
    /// Extend the last band at full weight up to the highest bin.
    pub extend_high: bool,
    /// What the numbers are.
    pub quantity: Quantity,
    /// The spectrum holds the power of negative frequencies in the positive ones' bins already.
    pub one_sided_input: bool,
    /// Bands shall hold the power of negative frequencies too.
    pub one_sided_output: bool,
}

impl VoiceboxOptions {
    /// The defaults of the original: linear scale, automatic count, power in and out.
    #[must_use]
    pub const fn new(bins: Bins, sample_rate_hz: f64) -> Self {
        Self {
            bands: Bands::Auto,
            bins,
            sample_rate_hz,
            scale: ScaleFormula::Linear,
            low: None,
            high: None,
            unit: Unit::Hertz,
            limits: Limits::Edges,
            extend_low: false,
            extend_high: false,
            quantity: Quantity::Power,
            one_sided_input: false,
            one_sided_output: false,
        }
    }
}

/// Makes the matrix: bands × bins. Its centres are in hertz; [`ScaleFormula::units_from_hz`] of the options'
/// scale turns them into scale units.
///
/// # Errors
/// [`OptionError`] names the first option that cannot be met.
pub fn filterbank(options: &VoiceboxOptions) -> Result<Filterbank, OptionError> {
    let nodes = Nodes::new(options)?;
    let mut rows = vec![(0, Vec::new()); nodes.bands()];
    for (row, triangle) in nodes.triangles(options) {
        let gain = output_gain(options, triangle);
        add_row(&mut rows[row], options, triangle, gain);
    }
    let mut matrix = Matrix::from_spans(options.bins.count, rows);
    if options.quantity == Quantity::Density {
        matrix.scale_rows(f64::recip);
    }
    Filterbank::finite(matrix, nodes.centres_hz().to_vec())
}

fn output_gain(options: &VoiceboxOptions, triangle: Triangle) -> f64 {
    let width_hz = triangle.right - triangle.left;
    let density = match options.quantity {
        Quantity::PowerToDensity | Quantity::Density if width_hz > 0.0 => 2.0 / width_hz,
        _ => 1.0,
    };
    if options.one_sided_output && triangle.centre != 0.0 { 2.0 * density } else { density }
}

fn input_gain(options: &VoiceboxOptions, bin: usize, triangle: Triangle) -> f64 {
    let mut gain = match options.quantity {
        Quantity::Density => 1.0,
        Quantity::Power | Quantity::PowerToDensity => 2.0 / (triangle.right - triangle.left),
    };
    let zero_hz = options.bins.hz(bin) == 0.0;
    if options.one_sided_input && !zero_hz {
        gain *= 0.5;
    }
    // Half of the triangle at 0 Hz lies below, where the extension does not reach.
    if options.extend_low && zero_hz {
        gain *= 2.0;
    }
    gain
}

/// Adds a band's triangle to its row, kept as a first column and the values from there.
fn add_row(row: &mut (usize, Vec<f64>), options: &VoiceboxOptions, band: Triangle, gain: f64) {
    let bins = &options.bins;
    let mirrored = band.mirrored();
    let mut add = |triangle: Triangle, is_mirror: bool| {
        for bin in bins.within((triangle.left, triangle.right)) {
            let input = bins.triangle(bin);
            // 0 Hz is its own mirror image.
            if is_mirror && input.centre == 0.0 {
                continue;
            }
            let value = overlap(input, triangle);
            if value != 0.0 {
                *entry(row, bin) += input_gain(options, bin, input) * value * gain;
            }
        }
    };
    add(band, false);
    add(mirrored, true);
}

/// The value of a column, which the row grows to hold.
fn entry(row: &mut (usize, Vec<f64>), column: usize) -> &mut f64 {
    let (first, values) = row;
    if values.is_empty() {
        *first = column;
    }
    if column < *first {
        let missing = *first - column;
        values.splice(0..0, std::iter::repeat_n(0.0, missing));
        *first = column;
    }
    let at = column - *first;
    if at >= values.len() {
        values.resize(at + 1, 0.0);
    }
    &mut values[at]
}
