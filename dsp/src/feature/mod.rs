//! The auditory feature toolbox: filterbank matrices, spectrograms and cepstra.
//!
//! - [`matrix`]: a sparse [`Matrix`] from spectrum bins to bands, made by [`voicebox`] (power-preserving
//!   triangles), [`mel`] (librosa, kapre), [`log_bands`] (kapre) or [`csound`] (averages).
//! - [`layer`]: such a matrix as a layer that can be trained (kapre).
//! - [`spectrum`]: short-time spectra; [`decibel`], [`cepstrum`] and [`deltas`] go on from bands.
//!   [`mfcc`] puts them in a row.
//! - [`band_coefficients`]: the coefficients of a bank, and the sound that they hold.
//! - [`band_meter`]: the levels of an equalising bank over time, as its engine meters them; [`cochleagram`]: those of
//!   a whole sound.
//! - [`long_term`]: the mean spectrum of a whole sound.
//! - [`gammatone`]: the classic gammatone filterbank. [`isac`]: front ends of the ISAC bank.
//!
//! All that take samples take those that are no number, infinite or louder than
//! [`LOUDEST`](crate::stream::LOUDEST) as silence ([`finite_sample`]); [`decibel`] takes a power that is no finite
//! number as the least. Each has a stream that holds no more of the sound than it needs, for long files.

pub mod band_coefficients;
pub mod band_meter;
pub mod cepstrum;
pub mod cochleagram;
pub mod decibel;
pub mod deltas;
mod feature_matrix;
mod filterbank;
pub mod gammatone;
pub mod isac;
pub mod limits;
pub mod long_term;
pub mod mfcc;
mod option_error;
mod sample;
pub mod spectrum;

pub use feature_matrix::FeatureMatrix;
pub use filterbank::{Filterbank, Matrix, csound, layer, log_bands, matrix, mel, voicebox};
pub use option_error::OptionError;
pub use sample::finite_sample;

/// The pages of the manual, whose examples are tested.
#[cfg(doctest)]
mod manual {
    #[doc = include_str!("../../../docs/features/voicebox.md")]
    struct Voicebox;
    #[doc = include_str!("../../../docs/features/kapre.md")]
    struct Kapre;
    #[doc = include_str!("../../../docs/features/csound.md")]
    struct Csound;
    #[doc = include_str!("../../../docs/features/gammatone.md")]
    struct Gammatone;
    #[doc = include_str!("../../../docs/features/hybra.md")]
    struct Hybra;
}
