//! `erbium analyze`: what a file holds, band by band.

use super::audio_file::Reader;
use super::cochleagram::{Cochleagram, real};
use super::output_file::OutputFile;
use super::picture;
use super::progress::progress_bar;
use super::spec::{SpecArguments, real_within};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use erbium_dsp::Bank;
use npyz::WriterBuilder;
use std::io::{BufWriter, Write};
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

/// The kinds of file that can be written.
#[derive(Clone, Copy)]
enum Kind {
    Png,
    Npy,
    Csv,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<()> {
    let Feature::Cochleagram = arguments.feature;
    let kind = kind(arguments)?;
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
    let written = match kind {
        Kind::Png => {
            picture::draw(&cochleagram, &title(arguments, &cochleagram), floor_db, &output)
        }
        Kind::Npy => write_npy(&cochleagram, &output),
        Kind::Csv => write_csv(&cochleagram, &output),
    };
    written.with_context(|| format!("cannot write {}", arguments.output.display()))?;
    output.finish()
}

fn kind(arguments: &Arguments) -> Result<Kind> {
    let extension = arguments.output.extension().unwrap_or_default().to_ascii_lowercase();
    match extension.to_str() {
        Some("png") => Ok(Kind::Png),
        Some("npy") => Ok(Kind::Npy),
        Some("csv") => Ok(Kind::Csv),
        _ => bail!(
            "cannot write {}; possible: a name ending in .png, .npy or .csv",
            arguments.output.display()
        ),
    }
}

fn title(arguments: &Arguments, cochleagram: &Cochleagram) -> String {
    let spec = cochleagram.bank.spec();
    let name = arguments.input.file_name().unwrap_or_default().to_string_lossy();
    format!("{name}: cochleagram, {} bands, {} scale", spec.bands, spec.scale)
}

fn write_npy(cochleagram: &Cochleagram, output: &OutputFile) -> Result<()> {
    let (bands, columns) = (cochleagram.bank.bands(), cochleagram.columns());
    let mut array = npyz::WriteOptions::new()
        .default_dtype()
        .shape(&[u64::try_from(bands)?, u64::try_from(columns)?])
        .writer(BufWriter::new(output.file()))
        .begin_nd()?;
    for k in 0..bands {
        array.extend((0..columns).map(|column| cochleagram.level_db(column, k)))?;
    }
    Ok(array.finish()?)
}

fn write_csv(cochleagram: &Cochleagram, output: &OutputFile) -> Result<()> {
    let mut table = BufWriter::new(output.file());
    write!(table, "time_s")?;
    for hz in cochleagram.bank.centres_hz() {
        write!(table, ",{hz:.2} Hz")?;
    }
    for column in 0..cochleagram.columns() {
        write!(table, "\n{:.6}", real(column) * cochleagram.hop_s())?;
        for k in 0..cochleagram.bank.bands() {
            write!(table, ",{:.2}", cochleagram.level_db(column, k))?;
        }
    }
    writeln!(table)?;
    Ok(table.flush()?)
}

/// The nearest number of samples, at least 1.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn samples(value: f64) -> usize {
    value.round().max(1.0) as usize
}
