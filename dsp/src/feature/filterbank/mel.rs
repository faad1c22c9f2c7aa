//! Mel bands sampled at the bins, as librosa and kapre make them.

use super::matrix::{Filterbank, Matrix, fft_bins_hz};
use crate::cast::real;
use crate::feature::OptionError;
use crate::feature::limits::{self, BANDS_MAX, BINS_MAX};
use crate::scale::ScaleFormula;

/// How bands are weighted against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Norm {
    /// 2 / (width in hertz), Slaney's: triangles of equal area.
    #[default]
    Slaney,
    /// Each row's weights sum to 1.
    L1,
    /// Peaks of 1.
    None,
}

/// Everything that decides a mel matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MelOptions {
    /// The sample rate in hertz.
    pub sample_rate_hz: f64,
    /// The length of the FFT in samples.
    pub fft: usize,
    /// The number of bands.
    pub bands: usize,
    /// The lower foot of the first triangle in hertz.
    pub low_hz: f64,
    /// The upper foot of the last triangle in hertz; `None` for half the sample rate.
    pub high_hz: Option<f64>,
    /// The scale on which triangles are spaced evenly: [`ScaleFormula::MelSlaney`] as the originals, or any
    /// other that is finite at 0 Hz.
    pub scale: ScaleFormula,
    /// The weights of bands against each other.
    pub norm: Norm,
}

impl MelOptions {
    /// The defaults of librosa: from 0 Hz to half the sample rate, Slaney's scale and norm.
    #[must_use]
    pub const fn new(sample_rate_hz: f64, fft: usize, bands: usize) -> Self {
        Self {
            sample_rate_hz,
            fft,
            bands,
            low_hz: 0.0,
            high_hz: None,
            scale: ScaleFormula::MelSlaney,
            norm: Norm::Slaney,
        }
    }

    fn high_hz(&self) -> f64 {
        self.high_hz.unwrap_or(self.sample_rate_hz / 2.0)
    }

    fn check(&self) -> Result<(), OptionError> {
        check_spectrum(self.sample_rate_hz, self.fft, self.bands)?;
        let low = self.low_hz;
        let lowest =
            if self.scale == ScaleFormula::Log10 { "more than 0 Hz" } else { "0 Hz or more" };
        let above = low > 0.0 || (low == 0.0 && self.scale != ScaleFormula::Log10);
        OptionError::unless(above && low.is_finite(), "low limit", low, lowest)?;
        let possible = format!("more than the low limit, {low} Hz");
        let high = self.high_hz();
        OptionError::unless(high > low && high.is_finite(), "high limit", high, possible)
    }
}

/// What every matrix for the bins of an FFT needs.
pub(super) fn check_spectrum(
    sample_rate_hz: f64,
    fft: usize,
    bands: usize,
) -> Result<(), OptionError> {
    let positive = sample_rate_hz > 0.0 && sample_rate_hz.is_finite();
    OptionError::unless(positive, "sample rate", sample_rate_hz, "more than 0 Hz")?;
    limits::within("FFT length", fft, 2, BINS_MAX)?;
    limits::within("band count", bands, 1, BANDS_MAX)
}

/// Makes the matrix: bands × (1 + fft/2) bins. Bands narrower than a bin may be [empty](Filterbank::empty_bands).
///
/// # Errors
/// [`OptionError`] names the first option that cannot be met.
pub fn filterbank(options: &MelOptions) -> Result<Filterbank, OptionError> {
    options.check()?;
    let scale = options.scale;
    let low = scale.units_from_hz(options.low_hz);
    let high = scale.units_from_hz(options.high_hz());
    let step = (high - low) / real(options.bands + 1);
    let nodes: Vec<f64> =
        (0..options.bands + 2).map(|node| scale.hz_from_units(low + real(node) * step)).collect();
    let bins: Vec<f64> = fft_bins_hz(options.fft, options.sample_rate_hz).collect();
    let rows = nodes.windows(3).map(|nodes| {
        let first = bins.partition_point(|&hz| hz <= nodes[0]);
        let end = bins.partition_point(|&hz| hz < nodes[2]).max(first);
        let level = match options.norm {
            Norm::Slaney => 2.0 / (nodes[2] - nodes[0]),
            Norm::L1 | Norm::None => 1.0,
        };
        let weight = |hz: &f64| {
            let rise = (hz - nodes[0]) / (nodes[1] - nodes[0]);
            let fall = (nodes[2] - hz) / (nodes[2] - nodes[1]);
            rise.min(fall) * level
        };
        (first, bins[first..end].iter().map(weight).collect())
    });
    let mut matrix = Matrix::from_spans(bins.len(), rows);
    if options.norm == Norm::L1 {
        matrix.scale_rows(f64::recip);
    }
    Filterbank::finite(matrix, nodes[1..=options.bands].to_vec())
}
