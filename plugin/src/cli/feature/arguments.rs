//! The options of features.

use super::gammatone::GammatoneArguments;
use super::kind::Feature;
use super::way::Way;
use crate::cli::files::kernels::read_encoder;
use crate::cli::spec::{count_within, frequency, real_within};
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use erbium_dsp::BankSpec;
use erbium_dsp::feature::cepstrum::Lifter;
use erbium_dsp::feature::isac::{Encoder, Spectrogram};
use erbium_dsp::feature::limits::{BANDS_MAX, BINS_MAX};
use erbium_dsp::feature::spectrum::{self, Measure, Spectrum};
use erbium_dsp::feature::{Filterbank, csound, log_bands, mel, mfcc};
use erbium_dsp::scale::ScaleFormula;
use std::path::PathBuf;

use Feature::{Coefficients as Coef, IsacCc, IsacMel, Log, Mel, Mfb, Mfcc};
use Feature::{Gammatone as Gamma, GammatoneBands as GammaBands};

/// What lies beyond both ends of a sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Padding {
    /// Nothing: frames begin at their time, and only whole ones count
    None,
    /// Silence, frames centred on their time
    Zeros,
    /// The mirrored sound, frames centred on their time
    Reflect,
}

/// Options of the features but the cochleagram.
#[derive(Args, Clone)]
#[command(next_help_heading = "Features")]
pub struct FeatureArguments {
    /// mel, log, mfb, mfcc: length of the FFT and its Hann window in samples [default: 2048]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(value_parser = count_within((2, BINS_MAX), "2 to 16777216 samples"))]
    fft: Option<usize>,
    /// mel, log, mfb, mfcc: what lies beyond both ends of the sound [default: zeros]
    #[arg(long, value_enum)]
    padding: Option<Padding>,
    /// mel, log, mfb, mfcc, gammatone: lowest frequency in hertz [default: 0, log: 32.7, gammatone: 80]
    #[arg(long, value_name = "HZ", allow_negative_numbers = true, value_parser = frequency())]
    low: Option<f64>,
    /// mel, mfb, mfcc, gammatone: highest frequency in hertz [default: half the sample rate]
    #[arg(long, value_name = "HZ", allow_negative_numbers = true, value_parser = frequency())]
    high: Option<f64>,
    /// mel, mfcc: HTK's mel scale instead of Slaney's
    #[arg(long)]
    htk: bool,
    /// log: bands per octave [default: 12]
    #[arg(long, value_name = "B", allow_negative_numbers = true)]
    #[arg(value_parser = count_within((1, BANDS_MAX), "1 to 65536"))]
    bands_per_octave: Option<usize>,
    /// mel, log, mfb, isac-mel: bands of magnitudes instead of powers
    #[arg(long)]
    magnitudes: bool,
    /// mel, log, mfb, isac-mel, gammatone: decibels, from a power of 1e-10 and 80 dB below the peak
    #[arg(long)]
    db: bool,
    /// coefficients, isac-mel, isac-cc: kernels of this file instead of a bank's: an array kernels of bands
    /// x taps, and strides; as `erbium bank -o` writes them
    #[arg(long, value_name = "FILE.npz")]
    kernels: Option<PathBuf>,
    /// mfcc, isac-cc: number of coefficients [default: 13, or as many as bands]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(value_parser = count_within((1, BANDS_MAX), "1 to as many as bands"))]
    coefficients: Option<usize>,
    /// mfcc, isac-cc: length of HTK's lifter [default: none]
    #[arg(long, value_name = "L", allow_negative_numbers = true)]
    #[arg(value_parser = real_within((1e-3, 1e6), "0.001 to 1000000"))]
    lifter: Option<f64>,
    /// mfcc, isac-cc: append slopes over time so many times [default: 0]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(value_parser = count_within((0, 10), "0 to 10 times"))]
    deltas: Option<usize>,
    #[command(flatten)]
    gammatone: GammatoneArguments,
}

impl FeatureArguments {
    /// The files that options are read from.
    pub fn files(&self) -> &Option<PathBuf> {
        &self.kernels
    }

    /// Refuses options that the feature does not have.
    pub fn check(&self, feature: Feature) -> Result<()> {
        let given: [(&str, bool, &[Feature]); 12] = [
            ("--fft", self.fft.is_some(), &[Mel, Log, Mfb, Mfcc]),
            ("--padding", self.padding.is_some(), &[Mel, Log, Mfb, Mfcc]),
            ("--low", self.low.is_some(), &[Mel, Log, Mfb, Mfcc, Gamma, GammaBands]),
            ("--high", self.high.is_some(), &[Mel, Mfb, Mfcc, Gamma, GammaBands]),
            ("--htk", self.htk, &[Mel, Mfcc]),
            ("--bands-per-octave", self.bands_per_octave.is_some(), &[Log]),
            ("--magnitudes", self.magnitudes, &[Mel, Log, Mfb, IsacMel]),
            ("--db", self.db, &[Mel, Log, Mfb, IsacMel, Gamma]),
            ("--kernels", self.kernels.is_some(), &[Coef, IsacMel, IsacCc]),
            ("--coefficients", self.coefficients.is_some(), &[Mfcc, IsacCc]),
            ("--lifter", self.lifter.is_some(), &[Mfcc, IsacCc]),
            ("--deltas", self.deltas.is_some(), &[Mfcc, IsacCc]),
        ];
        for (option, given, features) in given {
            if given && !features.contains(&feature) {
                let names: Vec<_> = features.iter().map(|feature| feature.name()).collect();
                bail!(
                    "{option} is no option of --feature {}; possible with: {}",
                    feature.name(),
                    names.join(", ")
                );
            }
        }
        self.gammatone.check(feature)
    }

    /// How a feature follows from sound.
    pub(super) fn way(&self, feature: Feature, spec: &BankSpec, hop_samples: usize) -> Result<Way> {
        let rate_hz = spec.sample_rate_hz;
        Ok(match feature {
            Mel | Log | Mfb | Mfcc => {
                let spectra = self.spectra(hop_samples);
                let spectrum = Spectrum::new(&spectra)?;
                Way::Spectra(spectrum, spectra, self.matrix(feature, spec, spectra.fft)?)
            }
            Feature::Cochleagram | Coef | IsacMel | IsacCc => {
                let encoder = match &self.kernels {
                    Some(path) => read_encoder(path, rate_hz)?,
                    None => Encoder::design(spec)?,
                };
                if feature == Coef {
                    Way::Coefficients(encoder)
                } else {
                    let mut spectrogram = Spectrogram::new(encoder);
                    if self.magnitudes {
                        spectrogram.power = 1.0;
                    }
                    Way::Averages(spectrogram)
                }
            }
            Gamma | GammaBands => {
                let bank = self.gammatone.bank((self.low, self.high), spec.bands, rate_hz)?;
                let hop_samples = (feature == Gamma).then_some(hop_samples);
                Way::Gammatone(bank, hop_samples)
            }
        })
    }

    fn spectra(&self, hop_samples: usize) -> spectrum::SpectrumOptions {
        let defaults = spectrum::SpectrumOptions::new(self.fft.unwrap_or(2048));
        spectrum::SpectrumOptions {
            hop_samples,
            measure: if self.magnitudes { Measure::Magnitude } else { Measure::Power },
            padding: match self.padding {
                None => defaults.padding,
                Some(Padding::None) => spectrum::Padding::None,
                Some(Padding::Zeros) => spectrum::Padding::Zeros,
                Some(Padding::Reflect) => spectrum::Padding::Reflect,
            },
            ..defaults
        }
    }

    fn matrix(&self, feature: Feature, spec: &BankSpec, fft: usize) -> Result<Filterbank> {
        let (rate_hz, bands) = (spec.sample_rate_hz, spec.bands);
        let bank = match feature {
            Log => {
                let defaults = log_bands::LogBandOptions::new(rate_hz, fft, bands);
                log_bands::filterbank(&log_bands::LogBandOptions {
                    low_hz: self.low.unwrap_or(defaults.low_hz),
                    bands_per_octave: self.bands_per_octave.unwrap_or(defaults.bands_per_octave),
                    ..defaults
                })
            }
            Mfb => csound::filterbank(&csound::CsoundOptions {
                bins: 1 + fft / 2,
                bands,
                low_hz: self.low.unwrap_or(0.0),
                high_hz: self.high.unwrap_or(rate_hz / 2.0),
                sample_rate_hz: rate_hz,
            }),
            _ => mel::filterbank(&mel::MelOptions {
                low_hz: self.low.unwrap_or(0.0),
                high_hz: self.high,
                scale: if self.htk { ScaleFormula::MelHtk } else { ScaleFormula::MelSlaney },
                ..mel::MelOptions::new(rate_hz, fft, bands)
            }),
        };
        Ok(bank?)
    }

    /// How bands become cepstra, of this many bands.
    pub(super) fn cepstra(&self, bands: usize) -> mfcc::MfccOptions {
        let defaults = mfcc::MfccOptions::default();
        mfcc::MfccOptions {
            coefficients: self.coefficients.unwrap_or(defaults.coefficients.min(bands)),
            lifter: self.lifter.map_or(Lifter::None, Lifter::Htk),
            deltas: self.deltas.unwrap_or(0),
            ..defaults
        }
    }

    /// Whether bands are of magnitudes.
    pub(super) const fn magnitudes(&self) -> bool {
        self.magnitudes
    }

    /// Whether bands are wanted in decibels.
    pub(super) const fn decibels(&self) -> bool {
        self.db
    }
}
