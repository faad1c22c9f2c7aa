//! The ISAC encoder as a layer.

use crate::circle::convolve;
use candle_core::{Device, Error, Result, Tensor, Var};
use erbium_dsp::BankSpec;
use erbium_dsp::Kernel;
use erbium_dsp::feature::isac::Encoder;
use num_complex::Complex;

/// Complex coefficients, batch × bands × frames each.
#[derive(Clone, Debug)]
pub struct Coefficients {
    /// Real parts.
    pub re: Tensor,
    /// Imaginary parts.
    pub im: Tensor,
}

/// Sound to complex coefficients around a circle, as [`Encoder::circular`].
#[derive(Clone, Debug)]
pub struct Isac {
    spec: BankSpec,
    /// bands × 1 × taps each.
    re: Var,
    im: Var,
    stride: usize,
    lead: usize,
}

impl Isac {
    /// The encoder of a spec, with its kernels as parameters.
    ///
    /// # Errors
    /// When the spec cannot be designed.
    pub fn new(spec: &BankSpec) -> Result<Self> {
        let encoder = Encoder::design(spec).map_err(Error::wrap)?;
        let (bands, taps) = (encoder.bands(), encoder.longest());
        let part = |part: fn(&Kernel, usize) -> f64| {
            let row = |kernel| (0..taps).map(move |n| part(kernel, n));
            let values: Vec<f64> = encoder.kernels().iter().flat_map(row).collect();
            Var::from_tensor(&Tensor::from_vec(values, (bands, 1, taps), &Device::Cpu)?)
        };
        Ok(Self {
            spec: *spec,
            re: part(|kernel, n| tap(kernel, n).0)?,
            im: part(|kernel, n| tap(kernel, n).1)?,
            stride: encoder.stride(),
            lead: encoder.lead(),
        })
    }

    /// What builds the untrained layer again.
    #[must_use]
    pub const fn config(&self) -> &BankSpec {
        &self.spec
    }

    /// The kernels' real and imaginary parts, bands × 1 × taps.
    #[must_use]
    pub fn parameters(&self) -> [(&'static str, &Var); 2] {
        [("kernels.re", &self.re), ("kernels.im", &self.im)]
    }

    /// Samples from frame to frame.
    #[must_use]
    pub const fn stride(&self) -> usize {
        self.stride
    }

    /// The coefficients of a batch of sounds, batch × samples; samples are a multiple of the stride.
    ///
    /// # Errors
    /// When the shape does not fit.
    pub fn forward(&self, sound: &Tensor) -> Result<Coefficients> {
        let sound = sound.unsqueeze(1)?;
        let part = |kernels: &Var| convolve(&sound, kernels, self.lead, self.stride);
        Ok(Coefficients { re: part(&self.re)?, im: part(&self.im)? })
    }

    /// The trained kernels at work outside of training.
    ///
    /// # Errors
    /// When the parameters cannot be read.
    pub fn encoder(&self) -> Result<Encoder> {
        let read = |part: &Var| part.squeeze(1)?.to_vec2::<f64>();
        let kernels = read(&self.re)?
            .into_iter()
            .zip(read(&self.im)?)
            .map(|(re, im)| Kernel {
                offset: 0,
                taps: re.into_iter().zip(im).map(|(re, im)| Complex::new(re, im)).collect(),
            })
            .collect();
        Encoder::from_kernels(kernels, self.stride, self.spec.sample_rate_hz).map_err(Error::wrap)
    }
}

/// A tap of a kernel from time 0 on.
fn tap(kernel: &Kernel, n: usize) -> (f64, f64) {
    let tap = n.checked_sub(kernel.offset).and_then(|n| kernel.taps.get(n));
    tap.map_or((0.0, 0.0), |tap| (tap.re, tap.im))
}
