//! Coefficients to powers averaged over time.

use crate::isac::Coefficients;
use candle_core::{Device, Result, Tensor, Var};

/// What builds averages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AveragingConfig {
    /// The number of bands.
    pub bands: usize,
    /// The length of an average in frames.
    pub frames: usize,
    /// From average to average in frames.
    pub hop: usize,
    /// The power of magnitudes: 2 for powers.
    pub power: f64,
}

/// Powers of coefficients averaged by a kernel per band, as
/// [`Spectrogram`](erbium_dsp::feature::isac::Spectrogram).
#[derive(Clone, Debug)]
pub struct Averaging {
    config: AveragingConfig,
    /// bands × 1 × frames.
    kernels: Var,
}

impl Averaging {
    /// Plain means before training.
    ///
    /// # Errors
    /// When there is not enough memory.
    pub fn new(config: &AveragingConfig) -> Result<Self> {
        let mean = 1.0 / f64::from(u32::try_from(config.frames.max(1)).unwrap_or(u32::MAX));
        let kernels = Tensor::full(mean, (config.bands, 1, config.frames), &Device::Cpu)?;
        Ok(Self { config: *config, kernels: Var::from_tensor(&kernels.contiguous()?)? })
    }

    /// What builds the untrained layer again.
    #[must_use]
    pub const fn config(&self) -> &AveragingConfig {
        &self.config
    }

    /// The averaging kernels, bands × 1 × frames.
    #[must_use]
    pub const fn parameters(&self) -> [(&'static str, &Var); 1] {
        [("averaging", &self.kernels)]
    }

    /// The averages: batch × bands × whole averages.
    ///
    /// # Errors
    /// When the shapes do not fit.
    pub fn forward(&self, coefficients: &Coefficients) -> Result<Tensor> {
        let squares = (coefficients.re.sqr()? + coefficients.im.sqr()?)?;
        let half = 0.5 * self.config.power;
        let powers =
            if (half - 1.0).abs() < f64::EPSILON { squares } else { squares.powf(half)? };
        powers.conv1d(&self.kernels, 0, self.config.hop, 1, self.config.bands)
    }
}
