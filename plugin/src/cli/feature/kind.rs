//! The features that `erbium analyze` computes.

use clap::ValueEnum;

/// What can be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Feature {
    /// Band levels in dB over time
    Cochleagram,
    /// Complex coefficients of the bank's kernels
    Coefficients,
    /// Mel bands of short-time spectra (librosa, kapre)
    Mel,
    /// Log-normal bands of short-time spectra (kapre)
    Log,
    /// Band averages of short-time spectra (Csound)
    Mfb,
    /// Averaged powers of the bank's coefficients (`ISACSpec`)
    IsacMel,
    /// Cepstral coefficients of isac-mel (`ISACCC`)
    IsacCc,
    /// Mel-frequency cepstral coefficients
    Mfcc,
    /// Mean powers of all-pole gammatone bands in each hop
    Gammatone,
    /// All-pole gammatone bands themselves, sample by sample
    GammatoneBands,
}

impl Feature {
    /// The name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Whether it is one of the all-pole gammatone module.
    pub fn is_gammatone(self) -> bool {
        matches!(self, Self::Gammatone | Self::GammatoneBands)
    }

    /// Whether its frames follow from kernels and a stride.
    pub fn is_of_kernels(self) -> bool {
        matches!(self, Self::Coefficients | Self::IsacMel | Self::IsacCc)
    }
}
