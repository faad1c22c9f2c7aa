//! Features computed while a file is read: of the sound only what the next frame needs is held.

use super::arguments::FeatureArguments;
use super::kind::Feature;
use super::values::{Features, Rows, Values};
use super::way::Way;
use crate::cli::cochleagram::real;
use crate::cli::matrix::empty_bands;
use anyhow::Result;
use erbium_dsp::BankSpec;
use erbium_dsp::feature::cepstrum::Cepstrum;
use erbium_dsp::feature::decibel::Decibels;
use erbium_dsp::feature::gammatone::{self, PowerStream};
use erbium_dsp::feature::isac::{self, Coefficients, SpectrogramStream, isac_cc};
use erbium_dsp::feature::spectrum::SpectrumStream;
use erbium_dsp::feature::{FeatureMatrix, Filterbank, cepstrum, mfcc};
use npyz::num_complex::Complex;

/// Samples of gammatone bands computed at a time.
const PIECE: usize = 4096;

/// A feature ready to be computed.
pub struct Plan {
    feature: Feature,
    rate_hz: f64,
    options: FeatureArguments,
    way: Way,
}

impl Plan {
    /// Prepares a feature, so that options that cannot be met are told before a file is read.
    pub fn new(
        feature: Feature,
        spec: &BankSpec,
        hop_samples: usize,
        options: &FeatureArguments,
    ) -> Result<Self> {
        let way = options.way(feature, spec, hop_samples)?;
        let (options, rate_hz) = (options.clone(), spec.sample_rate_hz);
        let plan = Self { feature, rate_hz, options, way };
        if plan.is_cepstrum() {
            let bands = plan.centres_hz().len();
            let options = plan.options.cepstra(bands);
            let norm = cepstrum::Norm::Orthonormal;
            Cepstrum::new(bands, options.coefficients, norm, options.lifter)?;
        }
        Ok(plan)
    }

    /// What to say of bands that hold nothing; `None` where all can.
    pub fn warning(&self) -> Option<String> {
        let Way::Spectra(_, options, bank) = &self.way else { return None };
        let warning = empty_bands(bank)?;
        Some(format!("{warning}; possible: --fft above {}, or fewer --bands", options.fft))
    }

    /// Begins the feature of one channel.
    ///
    /// # Errors
    /// When an option cannot be met.
    pub fn begin(&self) -> Result<ChannelStream<'_>> {
        let bands = self.centres_hz().len();
        let stage = match &self.way {
            Way::Coefficients(encoder) => {
                return Ok(ChannelStream::Complex(encoder.stream(), vec![Vec::new(); bands]));
            }
            Way::Spectra(spectrum, _, bank) => {
                Stage::Spectra(Box::new(spectrum.stream()), bank, vec![0.0; bands])
            }
            Way::Averages(spectrogram) => Stage::Averages(Box::new(spectrogram.stream())),
            Way::Gammatone(bank, Some(hop)) => {
                Stage::Powers(Box::new(bank.power_stream(*hop, *hop)?))
            }
            Way::Gammatone(bank, None) => Stage::Bands(Box::new(bank.stream())),
        };
        Ok(ChannelStream::Real(stage, vec![Vec::new(); bands]))
    }

    /// Puts the channels together.
    ///
    /// # Errors
    /// When the sound is too short for slopes, or an option cannot be met.
    pub fn finish(&self, channels: Vec<ChannelStream>, per_channel: bool) -> Result<Features> {
        let (start_s, hop_s) = self.times();
        let centres_hz = self.centres_hz();
        let (rows, unit, axis) = if self.is_cepstrum() {
            let count = self.options.cepstra(centres_hz.len()).coefficients;
            (Rows::Coefficients(count), "", "coefficient")
        } else {
            let complex = matches!(self.way, Way::Coefficients(_));
            let unit = if self.options.decibels() || complex { "dB" } else { "" };
            (Rows::Bands(centres_hz.to_vec()), unit, "Hz")
        };
        let channels: Result<_> =
            channels.into_iter().map(|channel| self.values(channel)).collect();
        Ok(Features { channels: channels?, per_channel, rows, start_s, hop_s, unit, axis })
    }

    /// What follows bands.
    fn values(&self, channel: ChannelStream) -> Result<Values> {
        let mut bands = match channel {
            ChannelStream::Complex(mut stream, mut rows) => {
                stream.finish(&mut |_, column| append(&mut rows, column));
                let bands = rows.len();
                return Ok(Values::Complex(Coefficients::from_values(bands, joined(rows))));
            }
            ChannelStream::Real(stage, mut rows) => {
                stage.finish(&mut rows);
                let (bands, frames) = (rows.len(), rows.first().map_or(0, Vec::len));
                FeatureMatrix::from_values(bands, frames, joined(rows))
            }
        };
        let options = self.options.cepstra(bands.rows());
        match self.feature {
            Feature::Mfcc => bands = mfcc::mfcc(&bands, &options)?,
            Feature::IsacCc => bands = isac_cc(&bands, &options)?,
            _ if self.options.decibels() => to_decibels(&mut bands, self.options.magnitudes()),
            _ => {}
        }
        Ok(Values::Real(bands))
    }

    fn is_cepstrum(&self) -> bool {
        matches!(self.feature, Feature::Mfcc | Feature::IsacCc)
    }

    fn centres_hz(&self) -> &[f64] {
        match &self.way {
            Way::Spectra(_, _, bank) => &bank.centres_hz,
            Way::Coefficients(encoder) => encoder.centres_hz(),
            Way::Averages(spectrogram) => spectrogram.encoder().centres_hz(),
            Way::Gammatone(bank, _) => bank.centres_hz(),
        }
    }

    /// The time of the first frame and that from frame to frame, in seconds.
    fn times(&self) -> (f64, f64) {
        let (start, hop) = match &self.way {
            Way::Spectra(_, options, _) => (0.0, options.hop_samples),
            Way::Coefficients(encoder) => (0.0, encoder.stride()),
            // Averages and means are told for their middle.
            Way::Averages(spectrogram) => {
                let stride = spectrogram.encoder().stride();
                let averaged = real((spectrogram.averaged_frames() - 1) * stride);
                (0.5 * averaged, spectrogram.hop_samples())
            }
            Way::Gammatone(_, Some(hop)) => (0.5 * real(*hop), *hop),
            Way::Gammatone(_, None) => (0.0, 1),
        };
        (start / self.rate_hz, real(hop) / self.rate_hz)
    }
}

/// One row after the other; each is freed when it is in.
fn joined<T>(rows: Vec<Vec<T>>) -> Vec<T> {
    let mut values = Vec::with_capacity(rows.iter().map(Vec::len).sum());
    rows.into_iter().for_each(|mut row| values.append(&mut row));
    values
}

/// Magnitudes are squared first, so that decibels are those of powers.
fn to_decibels(bands: &mut FeatureMatrix, magnitudes: bool) {
    if magnitudes {
        bands.values_mut().iter_mut().for_each(|value| *value *= *value);
    }
    Decibels::LIBROSA.apply(bands.values_mut());
}

/// The feature of one channel while its sound comes in, with the frames so far, row by row.
pub enum ChannelStream<'a> {
    Real(Stage<'a>, Vec<Vec<f64>>),
    Complex(isac::Stream, Vec<Vec<Complex<f64>>>),
}

impl ChannelStream<'_> {
    /// Takes the next samples in.
    pub fn push(&mut self, sound: &[f64]) {
        match self {
            Self::Real(stage, rows) => stage.push(sound, rows),
            Self::Complex(stream, rows) => {
                stream.push(sound, &mut |_, column| append(rows, column));
            }
        }
    }
}

/// What turns the next samples into frames of real numbers.
pub enum Stage<'a> {
    Spectra(Box<SpectrumStream>, &'a Filterbank, Vec<f64>),
    Averages(Box<SpectrogramStream>),
    Powers(Box<PowerStream>),
    Bands(Box<gammatone::Stream>),
}

impl Stage<'_> {
    fn push(&mut self, sound: &[f64], rows: &mut [Vec<f64>]) {
        match self {
            Self::Spectra(stream, bank, column) => stream.push(sound, &mut |_, spectrum| {
                bank.matrix.apply(spectrum, column);
                append(rows, column);
            }),
            Self::Averages(stream) => stream.push(sound, &mut |_, column| append(rows, column)),
            Self::Powers(stream) => stream.push(sound, &mut |_, column| append(rows, column)),
            Self::Bands(stream) => {
                sound.chunks(PIECE).for_each(|piece| append_all(rows, &stream.push(piece)));
            }
        }
    }

    fn finish(self, rows: &mut [Vec<f64>]) {
        match self {
            Self::Spectra(mut stream, bank, mut column) => stream.finish(&mut |_, spectrum| {
                bank.matrix.apply(spectrum, &mut column);
                append(rows, &column);
            }),
            Self::Averages(mut stream) => stream.finish(&mut |_, column| append(rows, column)),
            Self::Powers(mut stream) => stream.finish(&mut |_, column| append(rows, column)),
            Self::Bands(mut stream) => append_all(rows, &stream.finish()),
        }
    }
}

fn append<T: Copy>(rows: &mut [Vec<T>], column: &[T]) {
    rows.iter_mut().zip(column).for_each(|(row, value)| row.push(*value));
}

fn append_all(rows: &mut [Vec<f64>], bands: &FeatureMatrix) {
    rows.iter_mut().enumerate().for_each(|(band, row)| row.extend_from_slice(bands.row(band)));
}
