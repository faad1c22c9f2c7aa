//! Features computed while a file is read: of the sound only what the next frame needs is held, and frames are kept
//! in a file.

use super::arguments::FeatureArguments;
use super::kind::Feature;
use super::values::{Features, Finish, Rows};
use super::way::Way;
use crate::cli::cochleagram::real;
use crate::cli::files::spool::Spool;
use crate::cli::matrix::empty_bands;
use anyhow::{Context, Result};
use erbium_dsp::BankSpec;
use erbium_dsp::feature::cepstrum::Cepstrum;
use erbium_dsp::feature::decibel::greatest;
use erbium_dsp::feature::gammatone::{self, PowerStream};
use erbium_dsp::feature::isac::{self, SpectrogramStream};
use erbium_dsp::feature::spectrum::SpectrumStream;
use erbium_dsp::feature::{FeatureMatrix, Filterbank, cepstrum};
use num_complex::Complex;
use std::path::Path;

/// Samples taken in at a time.
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

    /// Begins the feature of so many channels; `per_channel` says whether they are those of the sound. Frames are
    /// kept in `folder` meanwhile.
    ///
    /// # Errors
    /// When an option cannot be met, or nothing can be written there.
    pub fn begin(
        &self,
        channels: usize,
        per_channel: bool,
        folder: &Path,
    ) -> Result<FeatureStream<'_>> {
        let mut width = self.centres_hz().len();
        if matches!(self.way, Way::Coefficients(_)) {
            width *= 2;
        }
        Ok(FeatureStream {
            plan: self,
            per_channel,
            width,
            peaks: vec![f64::NEG_INFINITY; channels],
            stages: (0..channels).map(|_| self.stage()).collect::<Result<_>>()?,
            columns: vec![Vec::new(); channels],
            spool: Spool::new(folder, channels * width)?,
        })
    }

    fn stage(&self) -> Result<Stage<'_>> {
        Ok(match &self.way {
            Way::Coefficients(encoder) => Stage::Coefficients(Box::new(encoder.stream())),
            Way::Spectra(spectrum, _, bank) => {
                let bands = vec![0.0; bank.centres_hz.len()];
                Stage::Spectra(Box::new(spectrum.stream()), bank, bands)
            }
            Way::Averages(spectrogram) => Stage::Averages(Box::new(spectrogram.stream())),
            Way::Gammatone(bank, Some(hop)) => {
                let powers = bank.power_stream(*hop, *hop);
                Stage::Powers(Box::new(powers.context("--hop-ms or --hop-samples")?))
            }
            Way::Gammatone(bank, None) => Stage::Bands(Box::new(bank.stream())),
        })
    }

    /// What follows the bands.
    fn finish(&self) -> Finish {
        match self.feature {
            Feature::Coefficients => Finish::Complex,
            Feature::Mfcc | Feature::IsacCc => {
                Finish::Cepstra(self.options.cepstra(self.centres_hz().len()))
            }
            _ if self.options.decibels() => {
                Finish::Decibels { of_magnitudes: self.options.magnitudes() }
            }
            _ => Finish::Plain,
        }
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

/// A feature while its sound comes in. Of its frames only those of the samples that came last are held.
pub struct FeatureStream<'a> {
    plan: &'a Plan,
    per_channel: bool,
    /// Numbers in a frame of a channel.
    width: usize,
    /// The greatest power in each channel.
    peaks: Vec<f64>,
    stages: Vec<Stage<'a>>,
    /// For each channel frames that are not kept yet, one after the other.
    columns: Vec<Vec<f64>>,
    spool: Spool<f64>,
}

impl FeatureStream<'_> {
    /// Takes the next samples in, one slice for each channel, all of one length.
    ///
    /// # Errors
    /// When frames cannot be kept.
    pub fn push(&mut self, sound: &[&[f64]]) -> Result<()> {
        let length = sound.first().map_or(0, |channel| channel.len());
        for start in (0..length).step_by(PIECE) {
            let piece = start..length.min(start + PIECE);
            for ((stage, columns), channel) in
                self.stages.iter_mut().zip(&mut self.columns).zip(sound)
            {
                stage.push(&channel[piece.clone()], columns);
            }
            self.keep()?;
        }
        Ok(())
    }

    /// Ends the sound.
    ///
    /// # Errors
    /// When frames cannot be kept.
    pub fn finish(mut self) -> Result<Features> {
        for (stage, columns) in self.stages.iter_mut().zip(&mut self.columns) {
            stage.finish(columns);
        }
        self.keep()?;
        let plan = self.plan;
        let (start_s, hop_s) = plan.times();
        let centres_hz = plan.centres_hz();
        let finish = plan.finish();
        let (rows, unit, axis) = match finish {
            Finish::Cepstra(options) => {
                (Rows::Coefficients(options.coefficients), "", "coefficient")
            }
            Finish::Plain => (Rows::Bands(centres_hz.to_vec()), "", "Hz"),
            Finish::Decibels { .. } | Finish::Complex => {
                (Rows::Bands(centres_hz.to_vec()), "dB", "Hz")
            }
        };
        Ok(Features {
            frames: self.spool.finish()?,
            width: self.width,
            peaks: self.peaks,
            finish,
            per_channel: self.per_channel,
            rows,
            start_s,
            hop_s,
            unit,
            axis,
        })
    }

    /// Keeps the frames that are complete: of every channel as many.
    fn keep(&mut self) -> Result<()> {
        let finish = self.plan.finish();
        for (columns, peak) in self.columns.iter().zip(&mut self.peaks) {
            *peak = finish.powers(columns).fold(*peak, greatest);
        }
        let frames = self.columns.first().map_or(0, Vec::len) / self.width;
        for frame in 0..frames {
            let at = frame * self.width..(frame + 1) * self.width;
            self.spool.push(self.columns.iter().map(|columns| &columns[at.clone()]))?;
        }
        self.columns.iter_mut().for_each(Vec::clear);
        Ok(())
    }
}

/// What turns the next samples into frames.
enum Stage<'a> {
    Spectra(Box<SpectrumStream>, &'a Filterbank, Vec<f64>),
    Averages(Box<SpectrogramStream>),
    Powers(Box<PowerStream>),
    Bands(Box<gammatone::Stream>),
    Coefficients(Box<isac::Stream>),
}

impl Stage<'_> {
    fn push(&mut self, sound: &[f64], columns: &mut Vec<f64>) {
        match self {
            Self::Spectra(stream, bank, column) => stream.push(sound, &mut |_, spectrum| {
                bank.matrix.apply(spectrum, column);
                columns.extend_from_slice(column);
            }),
            Self::Averages(stream) => {
                stream.push(sound, &mut |_, column| columns.extend_from_slice(column));
            }
            Self::Powers(stream) => {
                stream.push(sound, &mut |_, column| columns.extend_from_slice(column));
            }
            Self::Bands(stream) => append_all(columns, &stream.push(sound)),
            Self::Coefficients(stream) => {
                stream.push(sound, &mut |_, column| append_parts(columns, column));
            }
        }
    }

    fn finish(&mut self, columns: &mut Vec<f64>) {
        match self {
            Self::Spectra(stream, bank, column) => stream.finish(&mut |_, spectrum| {
                bank.matrix.apply(spectrum, column);
                columns.extend_from_slice(column);
            }),
            Self::Averages(stream) => {
                stream.finish(&mut |_, column| columns.extend_from_slice(column));
            }
            Self::Powers(stream) => {
                stream.finish(&mut |_, column| columns.extend_from_slice(column));
            }
            Self::Bands(stream) => append_all(columns, &stream.finish()),
            Self::Coefficients(stream) => {
                stream.finish(&mut |_, column| append_parts(columns, column));
            }
        }
    }
}

/// Real and imaginary parts in turn.
fn append_parts(columns: &mut Vec<f64>, column: &[Complex<f64>]) {
    columns.extend(column.iter().flat_map(|value| [value.re, value.im]));
}

/// Frame after frame.
fn append_all(columns: &mut Vec<f64>, bands: &FeatureMatrix) {
    for frame in 0..bands.frames() {
        columns.extend((0..bands.rows()).map(|band| bands.row(band)[frame]));
    }
}
