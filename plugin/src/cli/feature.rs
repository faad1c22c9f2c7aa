//! The features that `erbium analyze` computes, and their options.

use super::array_file::write_npy;
use super::cochleagram::real;
use super::gammatone::GammatoneArguments;
use super::kernel_file::read_encoder;
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use erbium::export::output_file::OutputFile;
use erbium_dsp::BankSpec;
use erbium_dsp::feature::cepstrum::Lifter;
use erbium_dsp::feature::decibel::Decibels;
use erbium_dsp::feature::gammatone::Gammatone;
use erbium_dsp::feature::isac::{Coefficients, Encoder, Spectrogram, isac_cc};
use erbium_dsp::feature::spectrum::Measure;
use erbium_dsp::feature::{FeatureMatrix, Filterbank, csound, log_bands, mel, mfcc, spectrum};
use erbium_dsp::scale::ScaleFormula;
use std::path::PathBuf;

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

use Feature::{Coefficients as Coef, IsacCc, IsacMel, Log, Mel, Mfb, Mfcc};
use Feature::{Gammatone as Gamma, GammatoneBands as GammaBands};

impl Feature {
    /// The name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Whether it is one of the all-pole gammatone module.
    pub fn is_gammatone(self) -> bool {
        matches!(self, Gamma | GammaBands)
    }
}

/// Options of the features but the cochleagram.
#[derive(Args, Clone)]
#[command(next_help_heading = "Features")]
pub struct FeatureArguments {
    /// mel, log, mfb, mfcc: length of the FFT and its Hann window in samples [default: 2048]
    #[arg(long, value_name = "N")]
    fft: Option<usize>,
    /// mel, log, mfb, mfcc, gammatone: lowest frequency in hertz [default: 0, log: 32.7, gammatone: 80]
    #[arg(long, value_name = "HZ", allow_negative_numbers = true)]
    low: Option<f64>,
    /// mel, mfb, mfcc, gammatone: highest frequency in hertz [default: half the sample rate]
    #[arg(long, value_name = "HZ", allow_negative_numbers = true)]
    high: Option<f64>,
    /// mel, mfcc: HTK's mel scale instead of Slaney's
    #[arg(long)]
    htk: bool,
    /// log: bands per octave [default: 12]
    #[arg(long, value_name = "B")]
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
    /// mfcc, isac-cc: number of coefficients [default: 13]
    #[arg(long, value_name = "N")]
    coefficients: Option<usize>,
    /// mfcc, isac-cc: length of HTK's lifter [default: none]
    #[arg(long, value_name = "L", allow_negative_numbers = true)]
    lifter: Option<f64>,
    /// mfcc, isac-cc: append slopes over time so many times [default: 0]
    #[arg(long, value_name = "N")]
    deltas: Option<usize>,
    #[command(flatten)]
    gammatone: GammatoneArguments,
}

impl FeatureArguments {
    /// Refuses options that the feature does not have.
    pub fn check(&self, feature: Feature) -> Result<()> {
        let given: [(&str, bool, &[Feature]); 11] = [
            ("--fft", self.fft.is_some(), &[Mel, Log, Mfb, Mfcc]),
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

    /// Prepares a feature, so that options that cannot be met are told before a file is read.
    pub fn plan(&self, feature: Feature, spec: &BankSpec, hop_samples: usize) -> Result<Plan> {
        let rate_hz = spec.sample_rate_hz;
        let way = match feature {
            Mel | Log | Mfb | Mfcc => {
                let fft = self.fft.unwrap_or(2048);
                let measure = if self.magnitudes { Measure::Magnitude } else { Measure::Power };
                let spectra = spectrum::SpectrumOptions {
                    hop_samples,
                    measure,
                    ..spectrum::SpectrumOptions::new(fft)
                };
                spectrum::Spectrum::new(&spectra)?;
                Way::Spectra(spectra, self.matrix(feature, spec, fft)?)
            }
            Feature::Cochleagram | Coef | IsacMel | IsacCc => Way::Kernels(match &self.kernels {
                Some(path) => read_encoder(path, rate_hz)?,
                None => Encoder::design(spec)?,
            }),
            Gamma | GammaBands => {
                let bank = self.gammatone.bank((self.low, self.high), spec.bands, rate_hz)?;
                Way::Gammatone(bank, hop_samples)
            }
        };
        Ok(Plan { feature, rate_hz, options: self.clone(), way })
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

    fn cepstra(&self) -> mfcc::MfccOptions {
        let defaults = mfcc::MfccOptions::default();
        mfcc::MfccOptions {
            coefficients: self.coefficients.unwrap_or(defaults.coefficients),
            lifter: self.lifter.map_or(Lifter::None, Lifter::Htk),
            deltas: self.deltas.unwrap_or(0),
            ..defaults
        }
    }
}

/// From sound to bands.
enum Way {
    Spectra(spectrum::SpectrumOptions, Filterbank),
    Kernels(Encoder),
    /// With samples from frame to frame.
    Gammatone(Gammatone, usize),
}

/// A feature ready to be computed.
pub struct Plan {
    feature: Feature,
    rate_hz: f64,
    options: FeatureArguments,
    way: Way,
}

impl Plan {
    /// Computes the feature of a sound.
    pub fn compute(&self, sound: &[f64]) -> Result<Features> {
        match &self.way {
            Way::Spectra(spectra, bank) => {
                let bands = mfcc::bands(sound, spectra, &bank.matrix)?;
                self.features(bands, &bank.centres_hz, spectra.hop_samples, 0.0)
            }
            Way::Kernels(encoder) => self.of_kernels(encoder, sound),
            Way::Gammatone(bank, _) if self.feature == GammaBands => {
                self.features(bank.apply(sound), bank.centres_hz(), 1, 0.0)
            }
            Way::Gammatone(bank, hop_samples) => {
                let powers = bank.spectrogram(sound, *hop_samples, *hop_samples)?;
                // Means are told for the middle of their hop.
                let start_s = 0.5 * real(*hop_samples) / self.rate_hz;
                self.features(powers, bank.centres_hz(), *hop_samples, start_s)
            }
        }
    }

    fn of_kernels(&self, encoder: &Encoder, sound: &[f64]) -> Result<Features> {
        let coefficients = encoder.linear(sound);
        if self.feature == Coef {
            return Ok(Features {
                values: Values::Complex(coefficients),
                rows: Rows::Bands(encoder.centres_hz().to_vec()),
                start_s: 0.0,
                hop_s: real(encoder.stride()) / self.rate_hz,
                unit: "dB",
                axis: "Hz",
            });
        }
        let mut spectrogram = Spectrogram::new(encoder.clone());
        if self.options.magnitudes {
            spectrogram.power = 1.0;
        }
        // Averages are told for their middle.
        let averaged = real((spectrogram.averaged_frames() - 1) * encoder.stride());
        let start_s = 0.5 * averaged / self.rate_hz;
        let bands = spectrogram.apply(&coefficients);
        self.features(bands, encoder.centres_hz(), spectrogram.hop_samples(), start_s)
    }

    /// What follows bands.
    fn features(
        &self,
        mut bands: FeatureMatrix,
        centres_hz: &[f64],
        hop_samples: usize,
        start_s: f64,
    ) -> Result<Features> {
        let hop_s = real(hop_samples) / self.rate_hz;
        let options = self.options.cepstra();
        let cepstra = match self.feature {
            Mfcc => Some(mfcc::mfcc(&bands, &options)?),
            IsacCc => Some(isac_cc(&bands, &options)?),
            _ => None,
        };
        if let Some(cepstra) = cepstra {
            let rows = Rows::Coefficients(options.coefficients);
            let values = Values::Real(cepstra);
            return Ok(Features { values, rows, start_s, hop_s, unit: "", axis: "coefficient" });
        }
        let unit = if self.options.db {
            to_decibels(&mut bands, self.options.magnitudes);
            "dB"
        } else {
            ""
        };
        let rows = Rows::Bands(centres_hz.to_vec());
        Ok(Features { values: Values::Real(bands), rows, start_s, hop_s, unit, axis: "Hz" })
    }
}

/// Magnitudes are squared first, so that decibels are those of powers.
fn to_decibels(bands: &mut FeatureMatrix, magnitudes: bool) {
    if magnitudes {
        bands.values_mut().iter_mut().for_each(|value| *value *= *value);
    }
    Decibels::LIBROSA.apply(bands.values_mut());
}

enum Values {
    Real(FeatureMatrix),
    Complex(Coefficients),
}

/// What rows are: bands with these centres in hertz, or so many coefficients and their slopes.
enum Rows {
    Bands(Vec<f64>),
    Coefficients(usize),
}

/// A feature of a sound.
pub struct Features {
    values: Values,
    rows: Rows,
    /// The time of the first frame in seconds.
    pub start_s: f64,
    /// From frame to frame in seconds.
    pub hop_s: f64,
    /// The unit of the values.
    pub unit: &'static str,
    /// What the rows are counted in.
    pub axis: &'static str,
}

impl Features {
    /// The number of frames.
    pub fn frames(&self) -> usize {
        match &self.values {
            Values::Real(plane) => plane.frames(),
            Values::Complex(coefficients) => coefficients.frames(),
        }
    }

    /// Writes all values, rows × frames.
    pub fn write_npy(&self, output: &OutputFile) -> Result<()> {
        match &self.values {
            Values::Real(plane) => {
                write_npy(output, &[plane.rows(), plane.frames()], plane.values())
            }
            Values::Complex(c) => write_npy(output, &[c.bands(), c.frames()], c.values()),
        }
    }

    /// The names of what [`Self::column`] gives.
    pub fn column_names(&self) -> Vec<String> {
        match (&self.rows, &self.values) {
            (Rows::Bands(centres_hz), Values::Real(_)) => {
                centres_hz.iter().map(|hz| format!("{hz:.2} Hz")).collect()
            }
            (Rows::Bands(centres_hz), Values::Complex(_)) => {
                let parts = |hz: &f64| ["re", "im"].map(|part| format!("{part} {hz:.2} Hz"));
                centres_hz.iter().flat_map(parts).collect()
            }
            (&Rows::Coefficients(count), _) => {
                let rows = self.levels().rows();
                (0..rows).map(|row| format!("{}{}", "d".repeat(row / count), row % count)).collect()
            }
        }
    }

    /// A frame: its values, of complex ones real and imaginary parts in turn.
    pub fn column(&self, frame: usize) -> Vec<f64> {
        match &self.values {
            Values::Real(plane) => {
                let mut column = vec![0.0; plane.rows()];
                plane.read_frame(frame, &mut column);
                column
            }
            Values::Complex(coefficients) => (0..coefficients.bands())
                .map(|band| coefficients.band(band)[frame])
                .flat_map(|value| [value.re, value.im])
                .collect(),
        }
    }

    /// What a picture shows: of complex values their powers in decibels.
    pub fn levels(&self) -> FeatureMatrix {
        match &self.values {
            Values::Real(plane) => plane.clone(),
            Values::Complex(coefficients) => {
                let mut levels = coefficients.magnitudes(2.0);
                Decibels::LIBROSA.apply(levels.values_mut());
                levels
            }
        }
    }

    /// How the axis of a picture names a position among the rows.
    pub fn row_label(&self, position: f64) -> String {
        match &self.rows {
            Rows::Coefficients(_) => format!("{position:.0}"),
            Rows::Bands(centres_hz) => {
                // The nearest row, of positions that the axis puts between two.
                let nearest = centres_hz
                    .iter()
                    .enumerate()
                    .min_by(|(a, _), (b, _)| {
                        let away = |row: usize| (real(row) - position).abs();
                        away(*a).total_cmp(&away(*b))
                    })
                    .map_or(0.0, |(_, hz)| *hz);
                format!("{nearest:.0}")
            }
        }
    }
}
