//! The auditory feature toolbox: filterbank matrices, spectrograms and cepstra.
//!
//! - [`matrix`]: a sparse [`Matrix`] from spectrum bins to bands, made by [`voicebox`] (power-preserving
//!   triangles), [`mel`] (librosa, kapre), [`log_bands`] (kapre) or [`csound`] (averages).

pub mod csound;
mod invalid;
pub mod log_bands;
pub mod matrix;
pub mod mel;
pub mod voicebox;

pub use invalid::Invalid;
pub use matrix::{Filterbank, Matrix};
