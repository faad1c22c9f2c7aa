//! `erbium analyze`: what a file holds, band by band.

use super::audio_file::Reader;
use super::cochleagram::Cochleagram;
use super::output_file::OutputFile;
use super::progress::progress_bar;
use super::spec::{SpecArguments, real_within};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use erbium::export::{self, Caption, Format};
use erbium_dsp::Bank;
use std::path::PathBuf;
use std::sync::Arc;

/// Show or export what a file holds, band by band
#[derive(Args)]
#[command(after_help = "\
A cochleagram has the level of each band over time: in each hop the highest of any channel, in dB;
0 dB is a full-scale sinusoid. As .png it is a picture, as .npy a float32 array of bands by columns,
as .csv a line for each column, the time in seconds first.

Examples:
  erbium analyze speech.wav --feature cochleagram -o speech.png
  erbium analyze music.flac --feature cochleagram --scale bark --bands 24 --hop-ms 5 -o music.npy")]
pub struct Arguments {
    /// File to analyse, WAV or FLAC
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// What to compute
    #[arg(long, value_enum)]
    feature: Feature,
    /// File to write: a picture, an array or a table
    #[arg(short, long, value_name = "OUT.{png,npy,csv}")]
    output: PathBuf,
    /// Time from column to column in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 10.0, allow_negative_numbers = true)]
    #[arg(value_parser = real_within((0.1, 10_000.0), "0.1 to 10000 ms"))]
    hop_ms: f64,
    /// Lowest level in dB, -200 to 0; lower ones are shown and written as this
    #[arg(long, value_name = "DB", default_value_t = -90.0, allow_negative_numbers = true)]
    #[arg(value_parser = real_within((-200.0_f32, 0.0), "-200 to 0 dB"))]
    floor_db: f32,
    #[command(flatten)]
    spec: SpecArguments,
}

#[derive(Clone, Copy, ValueEnum)]
enum Feature {
    /// Band levels in dB over time
    Cochleagram,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<()> {
    let Feature::Cochleagram = arguments.feature;
    let format = format(arguments)?;
    let (hop_ms, floor_db) = (arguments.hop_ms, arguments.floor_db);
    let mut reader = Reader::open(&arguments.input)?;
    let rate_hz = f64::from(reader.sample_rate_hz());
    let spec = arguments.spec.spec(rate_hz);
    spec.check()?;
    let output = OutputFile::create(&arguments.output, std::slice::from_ref(&arguments.input))?;
    let bank = Arc::new(Bank::design(&spec)?);
    let bar = progress_bar(reader.promised_samples().unwrap_or(0));
    let hop_samples = samples(hop_ms * rate_hz / 1000.0);
    let cochleagram = Cochleagram::listen(&mut reader, bank, hop_samples, floor_db, &bar)?;
    bar.finish_and_clear();
    let raster = cochleagram.raster();
    let top_db = (raster.peak_db() / 5.0).ceil() * 5.0;
    let caption = Caption {
        title: &title(arguments, &cochleagram),
        floor_db,
        top_db: top_db.max(floor_db + 10.0),
        color: &|share| {
            let color = colorous::MAGMA.eval_continuous(share);
            [color.r, color.g, color.b]
        },
    };
    let written = export::write(&raster, &caption, format, &output);
    written.with_context(|| format!("cannot write {}", arguments.output.display()))?;
    output.finish()
}

fn format(arguments: &Arguments) -> Result<Format> {
    let extension = arguments.output.extension().unwrap_or_default();
    let Some(format) = Format::of(&extension.to_string_lossy()) else {
        bail!(
            "cannot write {}; possible: a name ending in .png, .npy or .csv",
            arguments.output.display()
        );
    };
    Ok(format)
}

fn title(arguments: &Arguments, cochleagram: &Cochleagram) -> String {
    let spec = cochleagram.bank.spec();
    let name = arguments.input.file_name().unwrap_or_default().to_string_lossy();
    format!("{name}: cochleagram, {} bands, {} scale", spec.bands, spec.scale)
}

/// The nearest number of samples, at least 1.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn samples(value: f64) -> usize {
    value.round().max(1.0) as usize
}
