//! Matrices from the bins of a spectrum to bands, and the conventions by which they are made.

pub mod csound;
pub mod layer;
pub mod log_bands;
pub mod matrix;
pub mod mel;
pub mod voicebox;

pub use matrix::{Filterbank, Matrix};
