//! A filterbank as a layer that can be trained, as kapre's `Filterbank`.
//!
//! ```
//! use erbium_dsp::feature::layer::{Config, FilterbankLayer, Init, Layout};
//!
//! let config = Config { init: Init::Mel, ..Config::new(16_000.0, 512, 40) };
//! let mut layer = FilterbankLayer::new(&config)?;
//! // Two items of one channel, 257 bins and 10 frames of power.
//! let (shape, input) = ([2, 1, 257, 10], vec![1.0; 2 * 257 * 10]);
//! let output = layer.forward(&input, shape)?;
//! assert_eq!(layer.output_shape(shape)?, [2, 1, 40, 10]);
//! // One step of gradient descent on the sum of all outputs.
//! let gradients = layer.gradients(&input, shape, &vec![1.0; output.len()])?;
//! for (weight, slope) in layer.weights_mut().iter_mut().zip(&gradients.weights) {
//!     *weight -= 1e-3 * slope;
//! }
//! # Ok::<(), erbium_dsp::feature::OptionError>(())
//! ```

use super::log_bands;
use super::mel::{self, Norm};
use crate::cast::real;
use crate::feature::OptionError;
use crate::scale::ScaleFormula;

/// The weights before training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Init {
    /// Slaney's mel triangles of equal area.
    #[default]
    Mel,
    /// Log-normal bands; the upper limit has no effect, and a lower limit of 0 Hz is an error.
    Log,
    /// Triangles of equal area, evenly spaced in hertz.
    Linear,
    /// Evenly distributed from 0 to 2/bins, so that a row sums to about 1; the same for equal seeds.
    UniformRandom {
        /// Which of the possible draws.
        seed: u64,
    },
}

/// The order of the axes, the batch always first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Layout {
    /// (batch, channel, frequency, time).
    #[default]
    ChannelsFirst,
    /// (batch, frequency, time, channel).
    ChannelsLast,
}

impl Layout {
    const fn frequency_axis(self) -> usize {
        match self {
            Self::ChannelsFirst => 2,
            Self::ChannelsLast => 1,
        }
    }
}

/// Everything that rebuilds a layer as it was before training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Config {
    /// The number of bands.
    pub bands: usize,
    /// Whether weights shall follow their gradients; an optimiser's matter, the layer only keeps it.
    pub trainable: bool,
    /// The sample rate in hertz.
    pub sample_rate_hz: f64,
    /// The length of the FFT behind the spectra in samples.
    pub fft: usize,
    /// The weights before training.
    pub init: Init,
    /// The lower limit in hertz; `None` for 0 Hz, or C1 with [`Init::Log`].
    pub low_hz: Option<f64>,
    /// The upper limit in hertz; `None` for half the sample rate.
    pub high_hz: Option<f64>,
    /// Bands per octave of [`Init::Log`].
    pub bands_per_octave: usize,
    /// The order of the axes.
    pub layout: Layout,
}

impl Config {
    /// The defaults of the original.
    #[must_use]
    pub fn new(sample_rate_hz: f64, fft: usize, bands: usize) -> Self {
        Self {
            bands,
            trainable: true,
            sample_rate_hz,
            fft,
            init: Init::default(),
            low_hz: None,
            high_hz: None,
            bands_per_octave: 12,
            layout: Layout::default(),
        }
    }

    fn weights(&self) -> Result<Vec<f64>, OptionError> {
        let triangles = |scale| {
            let options = mel::MelOptions {
                low_hz: self.low_hz.unwrap_or(0.0),
                high_hz: self.high_hz,
                scale,
                norm: Norm::Slaney,
                ..mel::MelOptions::new(self.sample_rate_hz, self.fft, self.bands)
            };
            mel::filterbank(&options)
        };
        let bank = match self.init {
            Init::Mel => triangles(ScaleFormula::MelSlaney),
            Init::Linear => triangles(ScaleFormula::Linear),
            Init::Log => log_bands::filterbank(&log_bands::LogBandOptions {
                low_hz: self.low_hz.unwrap_or(log_bands::C1_HZ),
                bands_per_octave: self.bands_per_octave,
                ..log_bands::LogBandOptions::new(self.sample_rate_hz, self.fft, self.bands)
            }),
            Init::UniformRandom { seed } => {
                mel::check_spectrum(self.sample_rate_hz, self.fft, self.bands)?;
                let bins = 1 + self.fft / 2;
                return Ok(uniform(seed)
                    .take(self.bands * bins)
                    .map(|u| 2.0 * u / real(bins))
                    .collect());
            }
        };
        Ok(bank?.matrix.to_dense())
    }
}

/// Numbers evenly distributed from 0 to 1 (`SplitMix64`).
fn uniform(seed: u64) -> impl Iterator<Item = f64> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let top = u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or(0);
        f64::from(top) / (f64::from(u32::MAX) + 1.0)
    })
}

/// A matrix product over frequency.
#[derive(Clone, Debug, PartialEq)]
pub struct FilterbankLayer {
    config: Config,
    bins: usize,
    weights: Vec<f64>,
}

/// How a loss changes with what went into it.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradients {
    /// With each weight, bands × bins.
    pub weights: Vec<f64>,
    /// With each value of the input, in its shape.
    pub input: Vec<f64>,
}

/// One product: where its values are in input and output.
struct Slice {
    /// Index of the first bin in the input, and of the first band in the output.
    input: usize,
    output: usize,
    /// From bin to bin, and from band to band.
    step: usize,
}

impl FilterbankLayer {
    /// Builds a layer.
    ///
    /// # Errors
    /// [`OptionError`] names the first setting that cannot be met.
    pub fn new(config: &Config) -> Result<Self, OptionError> {
        Ok(Self { config: *config, bins: 1 + config.fft / 2, weights: config.weights()? })
    }

    /// What rebuilds the layer; trained weights are to be kept beside it.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// The weights, bands × bins, row after row.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The weights, for an optimiser or for those of a trained layer.
    pub fn weights_mut(&mut self) -> &mut [f64] {
        &mut self.weights
    }

    /// The shape of the output for an input of this shape: bands in place of bins.
    ///
    /// # Errors
    /// [`OptionError`] when the frequency axis has not one entry per bin.
    pub fn output_shape(&self, shape: [usize; 4]) -> Result<[usize; 4], OptionError> {
        let axis = self.config.layout.frequency_axis();
        let possible = format!("{} bins on axis {axis}", self.bins);
        OptionError::unless(
            shape[axis] == self.bins,
            "input shape",
            format!("{shape:?}"),
            possible,
        )?;
        let mut output = shape;
        output[axis] = self.config.bands;
        Ok(output)
    }

    /// The output for an input of this shape, the last axis fastest.
    ///
    /// # Errors
    /// [`OptionError`] when the shape does not fit the layer or the input not the shape.
    pub fn forward(&self, input: &[f64], shape: [usize; 4]) -> Result<Vec<f64>, OptionError> {
        let output_shape = self.check(input, shape)?;
        let mut output = vec![0.0; output_shape.iter().product()];
        for slice in self.slices(shape) {
            for (band, weights) in self.weights.chunks_exact(self.bins).enumerate() {
                let values = input[slice.input..].iter().step_by(slice.step);
                let sum = weights.iter().zip(values).map(|(weight, value)| weight * value).sum();
                output[slice.output + band * slice.step] = sum;
            }
        }
        Ok(output)
    }

    /// The gradients of a loss with respect to weights and input, from its gradient with respect to
    /// the output.
    ///
    /// # Errors
    /// [`OptionError`] when the shape does not fit the layer, or a slice not its shape.
    pub fn gradients(
        &self,
        input: &[f64],
        shape: [usize; 4],
        output_gradient: &[f64],
    ) -> Result<Gradients, OptionError> {
        let output_shape = self.check(input, shape)?;
        let values = output_shape.iter().product::<usize>();
        let given = output_gradient.len();
        OptionError::unless(given == values, "length of the gradient", given, format!("{values}"))?;
        let mut gradients =
            Gradients { weights: vec![0.0; self.weights.len()], input: vec![0.0; input.len()] };
        for slice in self.slices(shape) {
            for band in 0..self.config.bands {
                let slope = output_gradient[slice.output + band * slice.step];
                for bin in 0..self.bins {
                    let (weight, at) = (band * self.bins + bin, slice.input + bin * slice.step);
                    gradients.weights[weight] += slope * input[at];
                    gradients.input[at] += slope * self.weights[weight];
                }
            }
        }
        Ok(gradients)
    }

    fn check(&self, input: &[f64], shape: [usize; 4]) -> Result<[usize; 4], OptionError> {
        let output_shape = self.output_shape(shape)?;
        let values = shape.iter().product::<usize>();
        OptionError::unless(
            input.len() == values,
            "length of the input",
            input.len(),
            format!("{values}"),
        )?;
        Ok(output_shape)
    }

    fn slices(&self, shape: [usize; 4]) -> impl Iterator<Item = Slice> + use<> {
        let axis = self.config.layout.frequency_axis();
        let step: usize = shape[axis + 1..].iter().product();
        let outer: usize = shape[..axis].iter().product();
        let (bins, bands) = (self.bins, self.config.bands);
        (0..outer).flat_map(move |item| {
            (0..step).map(move |inner| Slice {
                input: item * bins * step + inner,
                output: item * bands * step + inner,
                step,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FFT: usize = 32;

    fn input(length: usize) -> Vec<f64> {
        (0..length).map(|n| (0.37 * real(n)).sin() + 1.1).collect()
    }

    fn layer(layout: Layout, init: Init) -> FilterbankLayer {
        let config = Config { layout, init, ..Config::new(16_000.0, FFT, 5) };
        FilterbankLayer::new(&config).expect("valid")
    }

    #[test]
    fn both_layouts_give_the_same_product() {
        let first = layer(Layout::ChannelsFirst, Init::UniformRandom { seed: 3 });
        let last = layer(Layout::ChannelsLast, Init::UniformRandom { seed: 3 });
        let (batch, channels, bins, frames) = (2, 3, 17, 4);
        let values = input(batch * channels * bins * frames);
        let mut moved = values.clone();
        let at = |b, c, f, t| ((b * channels + c) * bins + f) * frames + t;
        let moved_at = |b, c, f, t, rows| ((b * rows + f) * frames + t) * channels + c;
        for b in 0..batch {
            for c in 0..channels {
                for f in 0..bins {
                    for t in 0..frames {
                        moved[moved_at(b, c, f, t, bins)] = values[at(b, c, f, t)];
                    }
                }
            }
        }
        let one = first.forward(&values, [batch, channels, bins, frames]).expect("fits");
        let other = last.forward(&moved, [batch, bins, frames, channels]).expect("fits");
        let expected: f64 =
            (0..bins).map(|f| first.weights()[2 * bins + f] * values[at(1, 2, f, 3)]).sum();
        let ours = one[((channels + 2) * 5 + 2) * frames + 3];
        assert!((ours - expected).abs() < 1e-14);
        assert!((other[moved_at(1, 2, 2, 3, 5)] - expected).abs() < 1e-14);
        let shape = [batch, bins, frames, channels];
        assert_eq!(last.output_shape(shape).expect("fits"), [2, 5, 4, 3]);
    }

    #[test]
    fn gradients_agree_with_finite_differences() {
        for layout in [Layout::ChannelsFirst, Layout::ChannelsLast] {
            let mut layer = layer(layout, Init::Mel);
            let shape = match layout {
                Layout::ChannelsFirst => [2, 1, 17, 3],
                Layout::ChannelsLast => [2, 17, 3, 1],
            };
            let mut values = input(2 * 17 * 3);
            // The loss ½ Σ y², whose gradient is y.
            let loss = |layer: &FilterbankLayer, values: &[f64]| {
                let output = layer.forward(values, shape).expect("fits");
                0.5 * output.iter().map(|y| y * y).sum::<f64>()
            };
            let output = layer.forward(&values, shape).expect("fits");
            let gradients = layer.gradients(&values, shape, &output).expect("fits");
            let step = 1e-6;
            for k in [0, 7, 40, 84] {
                layer.weights_mut()[k] += step;
                let up = loss(&layer, &values);
                layer.weights_mut()[k] -= 2.0 * step;
                let slope = (up - loss(&layer, &values)) / (2.0 * step);
                layer.weights_mut()[k] += step;
                assert!((slope - gradients.weights[k]).abs() < 1e-6 * slope.abs().max(1e-3));
            }
            for k in [0, 20, 55, 101] {
                values[k] += step;
                let up = loss(&layer, &values);
                values[k] -= 2.0 * step;
                let slope = (up - loss(&layer, &values)) / (2.0 * step);
                values[k] += step;
                assert!((slope - gradients.input[k]).abs() < 1e-6 * slope.abs().max(1e-3));
            }
        }
    }

    #[test]
    fn a_configuration_rebuilds_the_same_layer() {
        for init in [Init::Mel, Init::Linear, Init::UniformRandom { seed: 1 }] {
            let layer = layer(Layout::ChannelsLast, init);
            let again = FilterbankLayer::new(layer.config()).expect("valid");
            assert_eq!(layer, again);
            assert!(layer.weights().iter().any(|&weight| weight > 0.0), "{init:?}");
        }
        let sums: f64 =
            layer(Layout::ChannelsFirst, Init::UniformRandom { seed: 9 }).weights().iter().sum();
        assert!((sums / 5.0 - 1.0).abs() < 0.3, "{sums}");
    }

    #[test]
    fn settings_and_shapes_that_do_not_fit_are_named() {
        let config = Config { init: Init::Log, low_hz: Some(0.0), ..Config::new(16_000.0, FFT, 5) };
        let error = FilterbankLayer::new(&config).expect_err("0 Hz").to_string();
        assert!(error.contains("low limit 0"), "{error}");
        let layer = layer(Layout::ChannelsFirst, Init::Mel);
        let error = layer.forward(&[0.0; 16], [1, 1, 16, 1]).expect_err("16 bins").to_string();
        assert!(error.contains("17 bins on axis 2"), "{error}");
        let error = layer.forward(&[0.0; 16], [1, 1, 17, 1]).expect_err("16 values").to_string();
        assert!(error.contains("length of the input 16") && error.contains("17"), "{error}");
    }
}
