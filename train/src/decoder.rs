//! Coefficients back to sound.

use crate::circle::convolve;
use crate::isac::{Coefficients, Isac};
use candle_core::{Device, Error, Result, Tensor, Var};
use erbium_dsp::dual::{Band, solve_exact_dual};
use num_complex::Complex;

/// What builds a decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecoderConfig {
    /// The number of bands.
    pub bands: usize,
    /// The length of the duals in samples.
    pub taps: usize,
    /// Samples from frame to frame.
    pub stride: usize,
    /// Samples by which the duals reach before their frame.
    pub lead: usize,
}

/// y\[n\] = Re Σ_k Σ_j f_k\[n + lead − j d\] c_k\[j\] around a circle, f_k the duals.
#[derive(Clone, Debug)]
pub struct Decoder {
    config: DecoderConfig,
    /// 1 × bands × taps each.
    re: Var,
    im: Var,
}

impl Decoder {
    /// A decoder that is silent before training.
    ///
    /// # Errors
    /// When there is not enough memory.
    pub fn new(config: &DecoderConfig) -> Result<Self> {
        let zeros = || {
            let shape = (1, config.bands, config.taps);
            Var::from_tensor(&Tensor::zeros(shape, candle_core::DType::F64, &Device::Cpu)?)
        };
        Ok(Self { config: *config, re: zeros()?, im: zeros()? })
    }

    /// The adjoint of an encoder: exact, but for a factor, where its frame is tight.
    ///
    /// # Errors
    /// When the parameters cannot be read.
    pub fn adjoint(isac: &Isac) -> Result<Self> {
        let [(_, re), (_, im)] = isac.parameters();
        let (bands, _, taps) = re.dims3()?;
        let config =
            DecoderConfig { bands, taps, stride: isac.stride(), lead: taps - 1 - taps / 2 };
        let turned = |part: &Var| part.transpose(0, 1)?.flip(&[2])?.contiguous();
        let level = 1.0 / energy_gain(isac)?;
        let re = Var::from_tensor(&(turned(re)? * level)?)?;
        let im = Var::from_tensor(&(turned(im)? * -level)?)?;
        Ok(Self { config, re, im })
    }

    /// The exact dual of least energy of an encoder, solved for directly, without training.
    ///
    /// # Errors
    /// When the encoder has none as long as its kernels, or its parameters cannot be read.
    pub fn solved(isac: &Isac) -> Result<Self> {
        let encoder = isac.encoder()?;
        let (taps, stride) = (encoder.longest(), encoder.stride());
        // A dual may have taps wherever its kernel, mirrored about the latency, could.
        let band =
            |kernel| Band { kernel, stride, support: 0..taps, real: false, passband_cycles: None };
        let bands: Vec<_> = encoder.kernels().iter().map(band).collect();
        let dual = solve_exact_dual(&bands, taps - 1, &|| false).map_err(Error::wrap)?;
        let shape = (1, encoder.bands(), taps);
        let part = |part: fn(&Complex<f64>) -> f64| {
            let values: Vec<f64> = dual.kernels.iter().flat_map(|f| &f.taps).map(part).collect();
            Var::from_tensor(&Tensor::from_vec(values, shape, &Device::Cpu)?)
        };
        let config =
            DecoderConfig { bands: encoder.bands(), taps, stride, lead: taps - 1 - encoder.lead() };
        Ok(Self { config, re: part(|tap| tap.re)?, im: part(|tap| tap.im)? })
    }

    /// What builds the silent layer again.
    #[must_use]
    pub const fn config(&self) -> &DecoderConfig {
        &self.config
    }

    /// The duals' real and imaginary parts, 1 × bands × taps.
    #[must_use]
    pub fn parameters(&self) -> [(&'static str, &Var); 2] {
        [("duals.re", &self.re), ("duals.im", &self.im)]
    }

    /// The sounds of a batch of coefficients: batch × samples, as many as frames × stride.
    ///
    /// # Errors
    /// When the shapes do not fit.
    pub fn forward(&self, coefficients: &Coefficients) -> Result<Tensor> {
        let part = |values: &Tensor, duals: &Var| {
            let (batch, bands, frames) = values.dims3()?;
            // Frames at their times, with silence between.
            let spread = values.unsqueeze(3)?.pad_with_zeros(3, 0, self.config.stride - 1)?;
            let spread = spread.reshape((batch, bands, frames * self.config.stride))?;
            convolve(&spread, duals, self.config.lead, 1)?.squeeze(1)
        };
        part(&coefficients.re, &self.re)? - part(&coefficients.im, &self.im)?
    }
}

/// Σ |c|² / Σ x² of white noise.
fn energy_gain(isac: &Isac) -> Result<f64> {
    let [re, im] = isac.parameters().map(|(_, part)| part.sqr()?.sum_all()?.to_scalar::<f64>());
    Ok((re? + im?) / f64::from(u32::try_from(isac.stride()).unwrap_or(u32::MAX)))
}
