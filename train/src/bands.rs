//! A filterbank matrix as a layer.

use candle_core::{Device, Error, Result, Tensor, Var, bail};
use erbium_dsp::feature::layer::{Config, FilterbankLayer, Layout};

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

    /// Bands of spectra in the configuration's [`Layout`], as [`FilterbankLayer::forward`]: (…, bins, frames) to
    /// (…, bands, frames) with channels first, (…, bins, frames, channels) to (…, bands, frames, channels) with
    /// channels last. Neither need be contiguous in memory, and there may be none or several axes before bins.
    ///
    /// # Errors
    /// When there is not one bin per column where the layout has bins; the error names the axis.
    pub fn forward(&self, spectra: &Tensor) -> Result<Tensor> {
        let shape = spectra.dims();
        let after = match self.config.layout {
            Layout::ChannelsFirst => 1,
            Layout::ChannelsLast => 2,
        };
        let (bands, bins) = self.weights.dims2()?;
        let axis = shape.len().checked_sub(after + 1);
        let Some(axis) = axis.filter(|&axis| shape[axis] == bins) else {
            bail!(
                "input shape {shape:?} is not possible; possible: {bins} bins on the axis before the last {after}"
            );
        };
        let outer: usize = shape[..axis].iter().product();
        let inner: usize = shape[axis + 1..].iter().product();
        let spectra = spectra.contiguous()?.reshape((outer, bins, inner))?;
        let output = [&shape[..axis], &[bands], &shape[axis + 1..]].concat();
        self.weights.broadcast_matmul(&spectra)?.reshape(output)
    }
}
