//! Auditory filterbanks as layers that can be trained, on [`candle_core`].
//!
//! | layer | what it does | parameters |
//! |---|---|---|
//! | [`Isac`] | sound to complex coefficients | `kernels.re`, `kernels.im` |
//! | [`Decoder`] | coefficients back to sound | `duals.re`, `duals.im` |
//! | [`Averaging`] | coefficients to averaged powers | `averaging` |
//! | [`Bands`] | spectra to bands, by a matrix | `weights` |
//!
//! Each is built from a configuration, a plain value that builds the same layer again; trained
//! parameters are kept beside it. [`untightness`] is a regulariser: 0 where the condition number κ of
//! the bank is 1. All numbers are in double precision. Nothing else of Erbium depends on this crate.
//!
//! ```
//! use candle_core::{Device, Tensor};
//! use erbium_dsp::feature::isac::Encoder;
//! use erbium_train::{Averaging, AveragingConfig, Isac};
//!
//! let isac = Isac::new(&Encoder::spec(16_000.0, 24, 64, 8))?;
//! let sound = Tensor::randn(0.0, 1.0, (2, 1600), &Device::Cpu)?;
//! let coefficients = isac.forward(&sound)?;
//! assert_eq!(coefficients.re.dims(), [2, 24, 200]);
//! let averaging = Averaging::new(&AveragingConfig { bands: 24, frames: 8, hop: 4, power: 2.0 })?;
//! let loss = averaging.forward(&coefficients)?.mean_all()?;
//! let gradients = loss.backward()?;
//! assert!(isac.parameters().iter().all(|(_, parameter)| gradients.get(parameter).is_some()));
//! # Ok::<(), candle_core::Error>(())
//! ```

mod averaging;
mod bands;
mod circle;
mod decoder;
mod isac;
mod tightness;

pub use averaging::{Averaging, AveragingConfig};
pub use bands::Bands;
pub use decoder::{Decoder, DecoderConfig};
pub use isac::{Coefficients, Isac};
pub use tightness::untightness;
