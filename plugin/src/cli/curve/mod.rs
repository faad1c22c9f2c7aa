//! `erbium curve`: curves of other programs, for other programs.

mod impulse;

use super::console;
use super::files::curve::sentence;
use super::files::output_plan::{OutputPlan, OverwriteArgument};
use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use erbium::export::output_file::OutputFile;
use erbium::state::param::setting::Setting;
use erbium::state::preset::Preset;
use erbium::state::preset::library::read_bytes;
use erbium_curve::export::{csv, fit, graphic_eq, parametric_eq};
use erbium_curve::{ChannelChoice, ChannelCurve, Error, Options, Purpose, read};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Convert equaliser curves
#[derive(Args)]
#[command(after_help = "\
Reads what `erbium render --curve` reads; docs/curves.md says what that is. Written are all points as one \
GraphicEQ line for Equalizer APO, AutoEq's users and Wavelet; a table of hertz and dB, with the preamp in its \
gains; as few peaks and shelves as come near to the curve, which Equalizer APO, AutoEq and REW read (how near \
is printed, from 20 Hz to 20 kHz as far as the rate goes); or to .wav the impulse response of Erbium with this \
curve, which a convolver plays: linear in phase with the latency of the bank, or with --set latency=0ms of minimum \
phase. --set takes the parameters that `erbium render` takes.

Examples:
  erbium curve ParametricEQ.txt -o GraphicEQ.txt
  erbium curve room.txt --measurement correct --form parametric --filters 8 -o filters.txt
  erbium curve results.csv -o curve.csv
  erbium curve ParametricEQ.txt -o room.wav --rate 44100 --set bands=64 --set latency=0ms")]
pub struct Arguments {
    /// File with a curve
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// File to write
    #[arg(short, long, value_name = "OUT.{txt,csv,wav}")]
    output: PathBuf,
    /// What is written [default: a table to .csv, an impulse response to .wav, else graphic]
    #[arg(long, value_enum)]
    form: Option<Form>,
    /// The most filters of the form parametric [default: 10]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(1..=10))]
    filters: Option<u8>,
    /// Sample rate in hertz at which filters work
    #[arg(long, value_name = "HZ", default_value_t = 48_000, value_parser = clap::value_parser!(u32).range(8000..=768_000))]
    rate: u32,
    /// Of a file with a curve for either channel, take this one: left, right, or mean, the mean in dB
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<ChannelChoice>,
    /// Take the curve for measured levels, which are wanted (target) or to be lost (correct)
    #[arg(long, value_name = "PURPOSE")]
    measurement: Option<Purpose>,
    /// Of the form impulse: set a parameter, as for `erbium render`; may be repeated
    #[arg(long = "set", value_name = "ID=VALUE", value_parser = Setting::parse)]
    settings: Vec<Setting>,
    #[command(flatten)]
    overwrite: OverwriteArgument,
}

/// The most filters of the form parametric, unless it is said.
const FILTERS: u8 = 10;

/// A form that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Graphic,
    Parametric,
    Csv,
    Impulse,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<()> {
    let (input, output, form) = (&arguments.input, &arguments.output, arguments.form());
    if form != Form::Impulse && !arguments.settings.is_empty() {
        bail!("--set is for impulse responses; possible: --form impulse, or an output .wav");
    }
    if form != Form::Parametric && arguments.filters.is_some() {
        bail!("--filters is for filters; possible: --form parametric");
    }
    let bytes = read_bytes(input)?;
    let rate_hz = f64::from(arguments.rate);
    let options = Options { purpose: arguments.measurement, ..Options::at(rate_hz) };
    let told = |error: Error| anyhow!("{}: {}", input.display(), sentence(&error));
    let curves = read(&bytes, &options).map_err(told)?;
    let channel = curves.channels.one(arguments.channel).map_err(told)?;
    let mut plan = OutputPlan::new([input], &[], arguments.overwrite);
    plan.add(output, None)?;
    for note in &curves.notes {
        console::warn(&format!("{}: {note}", input.display()));
    }
    let points = || format!("{} points", channel.curve.points().len());
    let what = match form {
        Form::Graphic => {
            write(output, &graphic_eq(&channel))?;
            points()
        }
        Form::Csv => {
            write(output, &csv(&channel))?;
            points()
        }
        Form::Parametric => {
            let filters = usize::from(arguments.filters.unwrap_or(FILTERS));
            let (text, what) = fitted(&channel, rate_hz, filters);
            write(output, &text)?;
            what
        }
        Form::Impulse => {
            let name = input.display().to_string();
            let preset =
                Preset::from_curve(&name, &bytes, &options, arguments.channel).map_err(told)?;
            impulse::write(output, &preset, &arguments.settings, arguments.rate)?
        }
    };
    let (input, contents, output) = (input.display(), curves.contents, output.display());
    console::print(&format!("{input} ({contents}) -> {output}: {what}"));
    Ok(())
}

impl Arguments {
    fn form(&self) -> Form {
        let ends_in = |ending| {
            self.output.extension().is_some_and(|given| given.eq_ignore_ascii_case(ending))
        };
        self.form.unwrap_or(match () {
            () if ends_in("csv") => Form::Csv,
            () if ends_in("wav") => Form::Impulse,
            () => Form::Graphic,
        })
    }
}

/// As few filters as come near to the curve, as text, and how near they come.
fn fitted(channel: &ChannelCurve, rate_hz: f64, filters: usize) -> (String, String) {
    let fit = fit(&channel.curve, rate_hz, filters);
    let preamp_db = fit.offset_db + channel.preamp_db.unwrap_or(0.0);
    let [low_hz, high_hz] = fit.range_hz;
    let what = format!(
        "{} filters, within {:.2} dB of the curve, {:.2} dB rms, from {low_hz:.0} to {high_hz:.0} Hz",
        fit.filters.len(),
        fit.worst_db,
        fit.rms_db
    );
    (parametric_eq(preamp_db, &fit.filters), what)
}

fn write(path: &Path, text: &str) -> Result<()> {
    let output = OutputFile::create(path)?;
    let written = output.writer().write_all(text.as_bytes());
    written.with_context(|| format!("cannot write {}", path.display()))?;
    output.finish()
}
