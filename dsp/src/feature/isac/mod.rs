//! Front ends of the ISAC bank (Haider et al., 2025), as the Python package `hybra` has them.
//!
//! - [`Encoder`] (`ISAC`): complex coefficients at one stride, over a circle or a stream; its adjoint,
//!   its power spectral density and its frame bounds.
//! - [`Spectrogram`] (`ISACSpec`): powers averaged over time. [`isac_cc`] (`ISACCC`): cepstra of them.
//! - [`hybrid`] (`HybrA`): kernels followed by short learned ones.
//! - [`tighten`]: kernels moved towards a tight frame.
//!
//! ```
//! use erbium_dsp::feature::isac::{Encoder, Spectrogram, isac_cc};
//! use erbium_dsp::feature::mfcc;
//!
//! let encoder = Encoder::design(&Encoder::spec(16_000.0, 40, 128, 16))?;
//! let sound: Vec<f64> = (0..4000).map(|n| (0.2 * f64::from(n)).sin()).collect();
//! let coefficients = encoder.circular(&sound);
//! assert_eq!((coefficients.bands(), coefficients.frames()), (40, 250));
//! let powers = Spectrogram::new(encoder).apply(&coefficients);
//! assert_eq!(isac_cc(&powers, &mfcc::MfccOptions::default())?.rows(), 13);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod circle;
mod coefficients;
mod encoder;
mod spectrogram;
mod stream;
mod tighten;

pub use coefficients::Coefficients;
pub use encoder::{Encoder, LEARNED_TAPS_MAX, hybrid};
pub use spectrogram::{Spectrogram, SpectrogramStream, isac_cc};
pub use stream::Stream;
pub use tighten::{Tightened, tighten, tightness};
