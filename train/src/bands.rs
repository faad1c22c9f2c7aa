//! A filterbank matrix as a layer.

use candle_core::{Device, Error, Result, Tensor, Var};
use erbium_dsp::feature::layer::{Config, FilterbankLayer};

/// Spectra to bands by a matrix, as [`FilterbankLayer`].
#[derive(Clone, Debug)]
pub struct Bands {
    config: Config,
    /// bands × bins.
    weights: Var,
}

impl Bands {
    /// The matrix that a configuration says.
    ///
    /// # Errors
    /// When the configuration cannot be met.
    pub fn new(config: &Config) -> Result<Self> {
        let layer = FilterbankLayer::new(config).map_err(Error::wrap)?;
        let bins = layer.weights().len() / config.bands;
        let weights = Tensor::from_slice(layer.weights(), (config.bands, bins), &Device::Cpu)?;
        Ok(Self { config: *config, weights: Var::from_tensor(&weights)? })
    }

    /// What builds the untrained layer again.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// The weights, bands × bins; none where the configuration says that they are not trained.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, &Var)> {
        if self.config.trainable { vec![("weights", &self.weights)] } else { Vec::new() }
    }

    /// Bands of spectra, … × bins × frames: … × bands × frames.
    ///
    /// # Errors
    /// When there is not one bin per column.
    pub fn forward(&self, spectra: &Tensor) -> Result<Tensor> {
        self.weights.broadcast_matmul(spectra)
    }
}
