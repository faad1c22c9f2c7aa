//! `erbium analyze`: what files hold, band by band.

use super::chart::{Axis, Raster, draw_raster};
use super::cochleagram::{Cochleagram, real};
use super::console;
use super::feature::{Feature, FeatureArguments, Features, Picture, Plan};
use super::files::array::{ArrayKind, write_csv};
use super::files::audio::{ChannelBuffers, Reader, length, warn};
use super::files::output_plan::{OutputPlan, OverwriteArgument};
use super::progress::progress_bar;
use super::spec::{SpecArguments, count_within, real_within};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use erbium::export::output_file::OutputFile;
use erbium::export::{self, Caption, Format};
use erbium_dsp::Bank;
use indicatif::ProgressBar;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Show or export what files hold, band by band
#[derive(Args)]
#[command(after_help = "\
cochleagram   level of each band over time: in each hop the highest of any channel, in dB; 0 dB is a
              full-scale sinusoid
coefficients  complex coefficients of the bank's kernels at --stride, else at the bank's finest
isac-mel      their powers, averaged over time (ISACSpec); isac-cc: cepstra of those (ISACCC)
mel, log, mfb bands of short-time spectra as librosa, kapre and Csound have them; --db for decibels
mfcc          cepstra of mel bands
gammatone     mean power of each all-pole gammatone band in each hop; gammatone-bands: the bands
              themselves, sample by sample

Features are of the mean of all channels, or --per-channel of each; the cochleagram is of the loudest. As \
.png they are pictures, channels one above the other, the first at the bottom. As .npy they are arrays of \
bands by frames, per channel of channels by bands by frames (float32 for the cochleagram, complex128 for \
coefficients, else float64). As .csv they are a line for each frame, the time in seconds first, then band \
after band, per channel channel after channel.

Without --kernel-size, --stride alone asks for the published ISAC bank with kernels as long as its scale has \
them. Bands that no bin of a spectrum falls into are named in a warning.

Examples:
  erbium analyze speech.wav --feature cochleagram -o speech.png
  erbium analyze music.flac --feature cochleagram --scale bark --bands 24 --hop-ms 5 -o music.npy
  erbium analyze speech.wav --feature isac-mel --kernel-size 128 --stride 16 --scale mel -o isac.npy
  erbium analyze speech.wav --feature gammatone --bands 32 --low 80 --high 5000 --db -o speech.csv
  erbium analyze *.wav --feature mfcc --deltas 2 -o folder/ --format csv")]
pub struct Arguments {
    /// Files to analyse, WAV or FLAC
    #[arg(value_name = "IN", required = true)]
    inputs: Vec<PathBuf>,
    /// What to compute
    #[arg(long, value_enum)]
    feature: Feature,
    /// File to write: a picture, an array or a table; for several inputs a folder
    #[arg(short, long, value_name = "OUT.{png,npy,csv}|DIR")]
    output: PathBuf,
    /// Kind of the files in a folder [default: npy]
    #[arg(long, value_enum)]
    format: Option<FolderFormat>,
    /// Time from frame to frame in milliseconds [default: 10]; not with coefficients, isac or gammatone-bands
    #[arg(long, value_name = "MS", allow_negative_numbers = true)]
    #[arg(value_parser = real_within((0.1, 10_000.0), "0.1 to 10000 ms"))]
    hop_ms: Option<f64>,
    /// The same in samples
    #[arg(long, value_name = "SAMPLES", allow_negative_numbers = true, conflicts_with = "hop_ms")]
    #[arg(value_parser = count_within((1, 10_000_000), "1 to 10000000 samples"))]
    hop_samples: Option<usize>,
    /// Each channel by itself instead of their mean; not with cochleagram
    #[arg(long)]
    per_channel: bool,
    /// Lowest level in dB, -200 to 0; lower ones are shown and written as this [default: -90]
    #[arg(long, value_name = "DB", allow_negative_numbers = true)]
    #[arg(value_parser = real_within((-200.0_f32, 0.0), "-200 to 0 dB"))]
    floor_db: Option<f32>,
    #[command(flatten)]
    features: FeatureArguments,
    #[command(flatten)]
    spec: SpecArguments,
    #[command(flatten)]
    overwrite: OverwriteArgument,
}

#[derive(Clone, Copy, ValueEnum)]
enum FolderFormat {
    Npy,
    Csv,
    Png,
}

/// The lowest level unless told otherwise, in dB.
const FLOOR_DB: f32 = -90.0;

/// The hop unless told otherwise, in milliseconds.
const HOP_MS: f64 = 10.0;

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<()> {
    arguments.check()?;
    let outputs = arguments.outputs()?;
    let jobs: Vec<_> = arguments.inputs.iter().zip(&outputs).collect();
    let bar = progress_bar(&arguments.inputs);
    let failures: Vec<String> = jobs
        .par_iter()
        .filter_map(|(input, (output, kind))| {
            let result = arguments.analyse(input, output, *kind, &bar);
            result.err().map(|error| format!("{error:#}"))
        })
        .collect();
    bar.finish_and_clear();
    console::fail_all(failures)
}

impl Arguments {
    /// Refuses options that the feature does not have.
    fn check(&self) -> Result<()> {
        self.features.check(self.feature)?;
        let hop =
            [("--hop-ms", self.hop_ms.is_some()), ("--hop-samples", self.hop_samples.is_some())];
        for (option, _) in hop.into_iter().filter(|(_, given)| *given) {
            if self.feature == Feature::GammatoneBands {
                bail!("{option} is no option of --feature gammatone-bands; it has every sample");
            }
            if self.feature.is_of_kernels() {
                bail!(
                    "{option} is no option of --feature {}; its frames follow from the kernels and --stride",
                    self.feature.name()
                );
            }
        }
        if self.per_channel && self.feature == Feature::Cochleagram {
            bail!(
                "--per-channel is no option of --feature cochleagram, which shows the loudest channel; \
                 possible: all other features, or files of one channel"
            );
        }
        if self.floor_db.is_some() && self.feature != Feature::Cochleagram {
            bail!("--floor-db is no option of --feature {}", self.feature.name());
        }
        Ok(())
    }

    /// Where each input's feature goes, and as what.
    fn outputs(&self) -> Result<Vec<(PathBuf, ArrayKind)>> {
        const KINDS: [ArrayKind; 3] = [ArrayKind::Png, ArrayKind::Npy, ArrayKind::Csv];
        let output = &self.output;
        if !output.is_dir() {
            let name = output.display();
            if self.inputs.len() > 1 || name.to_string().ends_with(std::path::is_separator) {
                bail!("the folder {name} does not exist; possible: -o with an existing folder");
            }
            if self.format.is_some() {
                bail!("--format is for folders; possible: the ending of {name}");
            }
            return self.plan(vec![(output.clone(), ArrayKind::of(output, &KINDS)?)]);
        }
        let (kind, extension) = match self.format {
            None | Some(FolderFormat::Npy) => (ArrayKind::Npy, "npy"),
            Some(FolderFormat::Csv) => (ArrayKind::Csv, "csv"),
            Some(FolderFormat::Png) => (ArrayKind::Png, "png"),
        };
        let place = |input: &PathBuf| {
            let mut name = input.file_stem().unwrap_or_default().to_owned();
            name.push(format!(".{}.{extension}", self.feature.name()));
            (output.join(name), kind)
        };
        let outputs: Vec<_> = self.inputs.iter().map(place).collect();
        self.plan(outputs)
    }

    /// The outputs, where none is lost and none replaces what is read.
    fn plan(&self, outputs: Vec<(PathBuf, ArrayKind)>) -> Result<Vec<(PathBuf, ArrayKind)>> {
        let mut plan = OutputPlan::new(self.features.files(), &self.inputs, self.overwrite);
        for (input, (output, _)) in self.inputs.iter().zip(&outputs) {
            plan.add(output, Some(input))?;
        }
        Ok(outputs)
    }

    fn analyse(
        &self,
        input: &Path,
        output: &Path,
        kind: ArrayKind,
        bar: &ProgressBar,
    ) -> Result<()> {
        let mut reader = Reader::open(input)?;
        let name = input.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let file = if self.feature == Feature::Cochleagram {
            self.write_cochleagram(&mut reader, &name, output, kind, bar)?
        } else {
            self.write_features(&mut reader, &name, output, kind, bar)?
        };
        file.finish()?;
        warn(bar, reader.warnings());
        Ok(())
    }

    fn write_cochleagram(
        &self,
        reader: &mut Reader,
        name: &str,
        output: &Path,
        kind: ArrayKind,
        bar: &ProgressBar,
    ) -> Result<OutputFile> {
        let rate_hz = f64::from(reader.sample_rate_hz());
        let spec = self.spec.spec(rate_hz);
        spec.check().context(
            "a cochleagram needs a bank that an equaliser can play; other features do not",
        )?;
        let output = OutputFile::create(output)?;
        let bank = Arc::new(Bank::design(&spec)?);
        let floor_db = self.floor_db.unwrap_or(FLOOR_DB);
        let hop_samples = self.hop_samples(rate_hz);
        let folder = output.folder();
        let cochleagram = Cochleagram::measure(reader, bank, hop_samples, floor_db, folder, bar)?;
        let raster = cochleagram.into_raster();
        let top_db = (raster.peak_db()? / 5.0).ceil() * 5.0;
        let caption = Caption {
            title: &format!("{name}: cochleagram, {} bands, {} scale", spec.bands, spec.scale),
            floor_db,
            top_db: top_db.max(floor_db + 10.0),
            color: &|share| {
                let color = colorous::MAGMA.eval_continuous(share);
                [color.r, color.g, color.b]
            },
        };
        let format = match kind {
            ArrayKind::Png => Format::Png,
            ArrayKind::Csv => Format::Csv,
            ArrayKind::Npy | ArrayKind::Npz => Format::Npy,
        };
        let written = export::write(&raster, &caption, format, &output);
        written.with_context(|| format!("cannot write {}", output.path().display()))?;
        Ok(output)
    }

    fn write_features(
        &self,
        reader: &mut Reader,
        name: &str,
        output: &Path,
        kind: ArrayKind,
        bar: &ProgressBar,
    ) -> Result<OutputFile> {
        let rate_hz = f64::from(reader.sample_rate_hz());
        let spec = self.spec.spec(rate_hz);
        let plan = Plan::new(self.feature, &spec, self.hop_samples(rate_hz), &self.features)?;
        if let Some(warning) = plan.warning() {
            console::warn(&format!("{name}: {warning}"));
        }
        let output = OutputFile::create(output)?;
        let features = self.stream(reader, &plan, &output, bar)?;
        if features.frames() == 0 {
            bail!(
                "{name} is too short for a single frame; possible: a shorter --fft, or --padding zeros \
                 or reflect"
            );
        }
        let title = format!("{name}: {}", self.feature.name());
        let written = match kind {
            ArrayKind::Png => draw(&features, &title, &output),
            ArrayKind::Csv => {
                write_csv(&output, &names(features.column_names()), features.columns())
            }
            ArrayKind::Npy | ArrayKind::Npz => features.write_npy(&output),
        };
        written.with_context(|| format!("cannot write {}", output.path().display()))?;
        Ok(output)
    }

    /// Computes a feature while the file is read. Frames are kept beside the output.
    fn stream(
        &self,
        reader: &mut Reader,
        plan: &Plan,
        output: &OutputFile,
        bar: &ProgressBar,
    ) -> Result<Features> {
        let channels = if self.per_channel { reader.channels() } else { 1 };
        let mut stream = plan.begin(channels, self.per_channel, output.folder())?;
        let mut buffers = ChannelBuffers::new();
        let mut sound = vec![Vec::new(); channels];
        while reader.read(&mut buffers)? {
            if self.per_channel {
                for (sound, buffer) in sound.iter_mut().zip(&buffers) {
                    sound.clear();
                    sound.extend(buffer.iter().copied().map(f64::from));
                }
            } else {
                mean(&buffers, &mut sound[0]);
            }
            stream.push(&sound.iter().map(Vec::as_slice).collect::<Vec<_>>())?;
            bar.inc(length(&buffers));
        }
        stream.finish()
    }

    fn hop_samples(&self, rate_hz: f64) -> usize {
        let of_ms = || samples(self.hop_ms.unwrap_or(HOP_MS) * rate_hz / 1000.0);
        self.hop_samples.unwrap_or_else(of_ms)
    }
}

fn names(columns: impl IntoIterator<Item = String>) -> Vec<String> {
    std::iter::once("time_s".to_owned()).chain(columns).collect()
}

/// The mean of all channels.
fn mean(buffers: &ChannelBuffers, sound: &mut Vec<f64>) {
    let sample = |n: usize| buffers.iter().map(|buffer| f64::from(buffer[n])).sum::<f64>();
    let channels = real(buffers.len());
    let samples = buffers.first().map_or(0, Vec::len);
    sound.clear();
    sound.extend((0..samples).map(|n| sample(n) / channels));
}

fn draw(features: &Features, title: &str, output: &OutputFile) -> Result<()> {
    let frames = features.frames();
    let Picture { shape, values, span } = features.picture()?;
    let plain = |value: f64| format!("{}", (value * 1e6).round() / 1e6);
    let row = |value: f64| features.row_label(value);
    draw_raster(
        &Raster {
            title,
            shape,
            values: &values,
            span,
            unit: features.unit,
            x: Axis {
                label: "time / s",
                range: (features.start_s, features.start_s + real(frames) * features.hop_s),
                format: &plain,
            },
            y: Axis { label: features.axis, range: (-0.5, real(shape.0) - 0.5), format: &row },
        },
        output,
    )
}

/// The nearest number of samples, at least 1.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn samples(value: f64) -> usize {
    value.round().max(1.0) as usize
}
