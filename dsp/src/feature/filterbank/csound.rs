//! Mel-frequency band averages, as Csound's opcode `mfb` makes them.

use super::matrix::{Filterbank, Matrix};
use crate::cast::{count, real};
use crate::feature::OptionError;
use crate::feature::limits::{self, BANDS_MAX, BINS_MAX};
use crate::scale::ScaleFormula;
use num_complex::Complex;

/// Everything that decides the bands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CsoundOptions {
    /// The number of bins in the spectrum, N: 1 + half the FFT length.
    pub bins: usize,
    /// The number of bands, L < N.
    pub bands: usize,
    /// The lower limit in hertz.
    pub low_hz: f64,
    /// The upper limit in hertz.
    pub high_hz: f64,
    /// The sample rate in hertz.
    pub sample_rate_hz: f64,
}

impl CsoundOptions {
    fn check(&self) -> Result<(), OptionError> {
        let positive = self.sample_rate_hz > 0.0 && self.sample_rate_hz.is_finite();
        OptionError::unless(positive, "sample rate", self.sample_rate_hz, "more than 0 Hz")?;
        limits::within("bin count", self.bins, 2, BINS_MAX)?;
        let most = BANDS_MAX.min(self.bins - 1);
        let possible = format!("1 to {most}, less than the bins");
        let met = (1..=most).contains(&self.bands);
        OptionError::unless(met, "band count", self.bands, possible)?;
        let low = self.low_hz;
        OptionError::unless(low >= 0.0 && low.is_finite(), "low limit", low, "0 Hz or more")?;
        let possible = format!("more than the low limit, {low} Hz");
        let high = self.high_hz;
        OptionError::unless(high > low && high.is_finite(), "high limit", high, possible)
    }
}

/// Makes the matrix: bands × bins. It serves magnitudes and powers alike. A weight rises from 0 at the
/// first bin of a band and falls from 1 at its middle; the sum is divided by the bins between, so that
/// a band is an average.
///
/// A band of no width, where L + 2 points fall on fewer bins, is [empty](Filterbank::empty_bands), 0 (the original gives NaN).
///
/// # Errors
/// [`OptionError`] names the first option that cannot be met.
pub fn filterbank(options: &CsoundOptions) -> Result<Filterbank, OptionError> {
    options.check()?;
    let scale = ScaleFormula::MelCsound;
    let low = scale.units_from_hz(options.low_hz);
    let step = (scale.units_from_hz(options.high_hz) - low) / real(options.bands + 1);
    let bin_hz = options.sample_rate_hz / (2.0 * real(options.bins - 1));
    // Added up step by step as in the original: where a point falls on a bin, rounding decides.
    let points: Vec<f64> = std::iter::successors(Some(low), |units| Some(units + step))
        .take(options.bands + 2)
        .map(|units| scale.hz_from_units(units))
        .collect();
    let edges: Vec<usize> =
        points.iter().map(|hz| count((hz / bin_hz).floor()).min(options.bins)).collect();
    let rows = edges.windows(3).map(|edges| {
        let (first, middle, end) = (edges[0], edges[1], edges[2]);
        let width = real((end - first).max(1));
        let rise = (first..middle).map(|bin| real(bin - first) / real(middle - first));
        let fall = (middle..end).map(|bin| real(end - bin) / real(end - middle));
        let weights = rise.chain(fall).take(options.bins - first);
        (first, weights.map(|weight| weight / width).collect())
    });
    let matrix = Matrix::from_spans(options.bins, rows);
    Ok(Filterbank { matrix, centres_hz: points[1..=options.bands].to_vec() })
}

/// The magnitudes of a spectrum, as the opcode `mags`.
pub fn magnitudes(spectrum: &[Complex<f64>]) -> impl Iterator<Item = f64> + '_ {
    spectrum.iter().map(|bin| bin.norm())
}

/// The powers of a spectrum, as the opcode `pows`.
pub fn powers(spectrum: &[Complex<f64>]) -> impl Iterator<Item = f64> + '_ {
    spectrum.iter().map(Complex::norm_sqr)
}
