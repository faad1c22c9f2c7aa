//! Log-normal bands at equal intervals, as kapre's `log` initialisation makes them.

use super::matrix::{Filterbank, Matrix, fft_bins_hz};
use super::mel::check_spectrum;
use crate::cast::real;
use crate::feature::OptionError;
use crate::feature::limits::{self, BANDS_MAX};

/// C1 of the piano in hertz, where bands begin by default.
pub const C1_HZ: f64 = 32.703_195_66;

/// The standard deviation of a band in intervals from band to band.
const SPREAD: f64 = 0.125;

/// Standard deviations to where a band ends.
const REACH: f64 = 39.0;

/// Everything that decides a matrix of log-normal bands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogBandOptions {
    /// The sample rate in hertz.
    pub sample_rate_hz: f64,
    /// The length of the FFT in samples.
    pub fft: usize,
    /// The number of bands.
    pub bands: usize,
    /// The first centre frequency in hertz.
    pub low_hz: f64,
    /// Bands per octave. The highest frequency follows from it.
    pub bands_per_octave: usize,
}

impl LogBandOptions {
    /// The defaults of kapre: from C1, 12 bands per octave.
    #[must_use]
    pub const fn new(sample_rate_hz: f64, fft: usize, bands: usize) -> Self {
        Self { sample_rate_hz, fft, bands, low_hz: C1_HZ, bands_per_octave: 12 }
    }

    fn centre_hz(&self, band: usize) -> f64 {
        self.low_hz * (real(band) / real(self.bands_per_octave)).exp2()
    }

    fn check(&self) -> Result<(), OptionError> {
        check_spectrum(self.sample_rate_hz, self.fft, self.bands)?;
        let low = self.low_hz;
        OptionError::unless(low > 0.0 && low.is_finite(), "low limit", low, "more than 0 Hz")?;
        // Bands may reach over all bins.
        limits::held("bin count", 1 + self.fft / 2, self.bands)?;
        let per_octave = self.bands_per_octave;
        limits::within("bands per octave", per_octave, 1, BANDS_MAX)?;
        let (highest, nyquist) = (self.centre_hz(self.bands - 1), self.sample_rate_hz / 2.0);
        // As many as fit, but for rounding.
        let fitting = (real(per_octave) * (nyquist / low).log2() + 1.0).floor();
        let possible = format!(
            "up to {fitting}, or a lower limit or sample rate that keeps the last band below {nyquist} Hz"
        );
        OptionError::unless(highest <= nyquist, "band count", self.bands, possible)
    }
}

/// Makes the matrix: bands × (1 + fft/2) bins. Rows sum to 1 but for bands so far between two bins
/// that they reach neither, which are [empty](Filterbank::empty_bands).
///
/// # Errors
/// [`OptionError`] names the first option that cannot be met.
pub fn filterbank(options: &LogBandOptions) -> Result<Filterbank, OptionError> {
    options.check()?;
    let spread = SPREAD / real(options.bands_per_octave);
    let octaves: Vec<f64> = fft_bins_hz(options.fft, options.sample_rate_hz)
        .skip(1) // 0 Hz is infinitely many octaves away.
        .map(f64::log2)
        .collect();
    let centres_hz: Vec<f64> = (0..options.bands).map(|band| options.centre_hz(band)).collect();
    let rows = centres_hz.iter().map(|hz| {
        let centre = hz.log2();
        let weight = |octave: &f64| {
            let away = (octave - centre) / spread;
            // So far out the exponential is 0 in double precision, but slow to find so.
            if away.abs() > REACH {
                return 0.0;
            }
            (-0.5 * away * away - spread.log2() - octave).exp()
        };
        let weights: Vec<f64> = octaves.iter().map(weight).collect();
        // What is no normal number cannot be scaled to 1; kapre's single precision has 0 there as well.
        let is_empty = weights.iter().sum::<f64>() < f64::MIN_POSITIVE;
        (1, if is_empty { Vec::new() } else { weights })
    });
    let mut matrix = Matrix::from_spans(octaves.len() + 1, rows);
    matrix.scale_rows(f64::recip);
    Filterbank::finite(matrix, centres_hz)
}
