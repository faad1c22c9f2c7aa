//! How bands follow from sound.

use erbium_dsp::feature::Filterbank;
use erbium_dsp::feature::gammatone::Gammatone;
use erbium_dsp::feature::isac::{Encoder, Spectrogram};
use erbium_dsp::feature::spectrum::{Spectrum, SpectrumOptions};

/// From sound to bands.
pub enum Way {
    /// A matrix on short-time spectra.
    Spectra(Spectrum, SpectrumOptions, Filterbank),
    /// Complex coefficients.
    Coefficients(Encoder),
    /// Averages of their powers.
    Averages(Spectrogram),
    /// Mean powers with so many samples from frame to frame, else the bands themselves.
    Gammatone(Gammatone, Option<usize>),
}
