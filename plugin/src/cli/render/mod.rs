//! `erbium render`: files through the plugin's own chain.

mod curve;
mod outputs;
mod segment_plan;
mod segments;
mod workers;

use super::console;
use super::files::audio::{Reader, SampleFormat, Writer, warn};
use super::files::output_plan::{OutputPlan, OverwriteArgument};
use super::progress::progress_bar;
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use curve::{CurveArguments, CurveFile};
use erbium::design::{DesignFailure, designed};
use erbium::export::output_file::OutputFile;
use erbium::state::bank_file::BankFile;
use erbium::state::param::ParamId;
use erbium::state::param::setting::Setting;
use erbium::state::params::{ErbiumParams, Settings};
use erbium::state::preset::Preset;
use erbium::state::preset::library::read_bytes;
use erbium_dsp::Bank;
use indicatif::ProgressBar;
use outputs::outputs;
use rayon::Scope;
use segments::{Segment, Segments};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use workers::Workers;
pub(super) use workers::chain_for;

/// From here on the alias of a bank is warned of, in dB.
const AUDIBLE_ALIAS_DB: f64 = -50.0;

/// Equalise files as the plugin does
#[derive(Args)]
#[command(after_help = "\
The output is aligned with the input: the latency is taken off its start and its end is played out, so \
both have the same length. At flat settings they are equal to the last bit; else what is added or taken away \
differs from the plugin's by less than -115 dB of it (at latency=0ms after the first tenth of a second, in which \
the plugin plays a shorter filter). Every core is used, for one file as for several; the \
output does not depend on their number.

WAV (also RF64 and RIFX; PCM, float, A-law, mu-law) and FLAC in, with up to 32 channels; WAV out, RF64 past \
4 GiB, with the input's speakers. Where a file holds more or less sound than it says, what it holds is \
rendered, with a warning; a FLAC file that is cut short or damaged is refused.

Parameters are the plugin's: scale, bands, latency (0ms is played with minimum phase), quality, output, mix, bypass, delta, and gain_1 \
(0 Hz) to gain_64 in dB or off. `erbium bank` tells more about a choice of the first four.

With --curve, a curve of another program takes the place of the preset's, and its preamp that of the output \
gain; everything else of the preset stays. Filters in it work at the rate of each file. What it holds that is \
no curve is told, or refused. docs/curves.md says what is read.

With --bank-file, kernels of up to 64 bands play instead, in samples as they are at any rate; kind, bands, \
latency and quality then have no effect, 0ms included, and the scale is the one curves are drawn on. The file holds \
kernels (bands x taps, complex or real) and strides (one per band, or one); their dual is learned.

Examples:
  erbium render speech.wav --preset plugin/presets/warm-speech.json
  erbium render speech.wav --set scale=mel --set bands=24 --set gain_7=-6 --set gain_8=off
  erbium render music.flac --curve ParametricEQ.txt -o equalised.wav
  erbium render music.flac --curve room.txt --measurement correct
  erbium render speech.wav --bank-file trained.npz --set gain_3=-6
  erbium render *.flac -o rendered/ --set latency=43ms --format i24")]
pub struct Arguments {
    /// Files to render
    #[arg(value_name = "IN", required = true)]
    inputs: Vec<PathBuf>,
    /// File, or folder for several inputs [default: name.erbium.wav beside each input]
    #[arg(short, long, value_name = "FILE|DIR")]
    output: Option<PathBuf>,
    /// Play the kernels of this file, as `erbium bank -o`, NumPy or PyTorch write them, instead of a bank
    /// of the parameters
    #[arg(long, value_name = "FILE.npz")]
    bank_file: Option<PathBuf>,
    /// Start from this preset
    #[arg(long, value_name = "FILE")]
    preset: Option<PathBuf>,
    #[command(flatten)]
    curve: CurveArguments,
    /// Set a parameter, after the preset and the curve; may be repeated
    #[arg(long = "set", value_name = "ID=VALUE", value_parser = Setting::parse)]
    settings: Vec<Setting>,
    /// How samples are stored
    #[arg(long, value_enum, default_value_t = SampleFormat::F32)]
    format: SampleFormat,
    #[command(flatten)]
    overwrite: OverwriteArgument,
}

/// What is played besides what is set on the command line.
#[derive(Clone, Copy)]
struct Sound<'a> {
    preset: &'a Preset,
    curve: Option<&'a CurveFile>,
    bank_file: Option<&'a BankFile>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<()> {
    let bank_file = arguments.bank_file()?;
    let preset = arguments.preset.as_deref().map(read_preset).transpose()?.unwrap_or_default();
    let curve = arguments.curve.file()?;
    let options = arguments.bank_file.iter().chain(&arguments.preset).chain(&arguments.curve.curve);
    let plan = OutputPlan::new(options, &arguments.inputs, arguments.overwrite);
    let outputs = outputs(&arguments.inputs, arguments.output.as_deref(), plan)?;
    let bar = progress_bar(&arguments.inputs);
    let sound = Sound { preset: &preset, curve: curve.as_ref(), bank_file: bank_file.as_ref() };
    let failures = every_file(arguments, sound, &outputs, &bar);
    bar.finish_and_clear();
    console::fail_all(failures)
}

/// Renders the files, as many at once as there are cores. Returns what went wrong, in their order.
fn every_file(
    arguments: &Arguments,
    sound: Sound<'_>,
    outputs: &[PathBuf],
    bar: &ProgressBar,
) -> Vec<String> {
    let inputs = &arguments.inputs;
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    // These threads read, write and wait; the work is done by rayon's.
    let take_files = || {
        // Held until the next file has its own, or equal banks would be designed again.
        let mut _bank = None;
        loop {
            let k = next.fetch_add(1, Ordering::Relaxed);
            let (Some(input), Some(output)) = (inputs.get(k), outputs.get(k)) else { break };
            match render(arguments, sound, input, output, bar) {
                Ok(bank) => _bank = Some(bank),
                Err(error) => {
                    let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
                    failures.push((k, format!("{error:#}")));
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..inputs.len().min(rayon::current_num_threads()) {
            scope.spawn(take_files);
        }
        take_files();
    });
    let mut failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    failures.sort();
    failures.into_iter().map(|(_, failure)| failure).collect()
}

impl Arguments {
    /// The bank to be played instead of the parameters' own.
    fn bank_file(&self) -> Result<Option<BankFile>> {
        let Some(path) = &self.bank_file else { return Ok(None) };
        let decides_kernels = |setting: &&Setting| {
            ParamId::from_id(setting.id()).is_some_and(ParamId::decides_kernels)
        };
        if let Some(setting) = self.settings.iter().find(decides_kernels) {
            bail!(
                "--set {} has no effect on the bank of a file; possible: --bank-file without it",
                setting.id()
            );
        }
        BankFile::read(path).map(Some)
    }
}

fn read_preset(path: &Path) -> Result<Preset> {
    let name = path.display();
    let json = String::from_utf8(read_bytes(path)?)
        .map_err(|_| anyhow!("{name} is no UTF-8 text; possible: an Erbium preset (JSON)"))?;
    let preset = Preset::from_json(&json).map_err(|sentence| anyhow!("{name}: {sentence}"))?;
    for notice in &preset.notices {
        console::warn(&format!("{name}: {notice}"));
    }
    Ok(preset)
}

/// Renders one file. Whoever calls keeps the bank it returns for the next, which may ask for the
/// same.
fn render(
    arguments: &Arguments,
    Sound { preset, curve, bank_file }: Sound<'_>,
    input: &Path,
    output: &Path,
    bar: &ProgressBar,
) -> Result<Arc<Bank>> {
    let start = Instant::now();
    let reader = Reader::open(input)?;
    let (channels, rate_hz) = (reader.channels(), reader.sample_rate_hz());
    let promised_samples = reader.promised_samples();
    let cannot = || format!("cannot render {}", input.display());
    let with_curve = curve.map(|curve| curve.onto(preset, f64::from(rate_hz), bar));
    let with_curve = with_curve.transpose().with_context(cannot)?;
    let preset = with_curve.as_ref().unwrap_or(preset);
    let (settings, bank, notice) =
        settings(preset, bank_file, &arguments.settings, f64::from(rate_hz))
            .with_context(cannot)?;
    let file = OutputFile::create(output)?;
    let writer = Writer::new(file, reader.layout(), arguments.format, promised_samples)?;
    // The others have other files to process.
    let threads = rayon::current_num_threads().div_ceil(arguments.inputs.len());
    let workers = Workers::new(&settings, channels, threads)?;
    let segments = Segments::new(reader, workers.plan(), workers.latency_samples(), bar);
    let (samples, warnings) =
        rayon::in_place_scope(|scope| process(scope, segments, workers, writer))?;
    let seconds = start.elapsed().as_secs_f64();
    let duration = real(samples) / f64::from(rate_hz);
    let alias_db = bank.report().worst_alias_db();
    let warnings: Vec<String> = notice.into_iter().chain(warnings).collect();
    warn(bar, &warnings);
    bar.suspend(|| {
        if bank_file.is_some() && alias_db > AUDIBLE_ALIAS_DB {
            console::warn(&format!(
                "bands of this bank alias at {alias_db:.0} dB where their gains differ; possible: \
                 kernels of shorter strides"
            ));
        }
        let (input, output) = (input.display(), output.display());
        let plural = if channels == 1 { "" } else { "s" };
        let speed = speed(duration / seconds);
        console::print(&format!(
            "{input} -> {output}: {duration:.2} s, {channels} channel{plural}, {rate_hz} Hz{speed}"
        ));
    });
    Ok(bank)
}

/// Reads, processes and writes, all at once. Returns the samples read and what to warn of.
fn process<'a>(
    scope: &Scope<'a>,
    mut segments: Segments,
    mut workers: Workers<'a>,
    mut writer: Writer,
) -> Result<(u64, Vec<String>)> {
    // Of the output, the latency is left out.
    let mut skip = workers.latency_samples();
    let mut write = |Segment { buffers, preroll_samples }: &Segment| {
        let skipped = skip.min(buffers[0].len() - preroll_samples);
        skip -= skipped;
        let start = preroll_samples + skipped;
        let channels: Vec<&[f32]> = buffers.iter().map(|channel| &channel[start..]).collect();
        writer.write(&channels)
    };
    while let Some(segment) = segments.next()? {
        let processed = if workers.is_free() { None } else { workers.finish()? };
        workers.start(scope, segment);
        // While it is processed there is time to write.
        if let Some(processed) = processed {
            write(&processed)?;
            segments.recycle(processed.buffers);
        }
    }
    while let Some(processed) = workers.finish()? {
        write(&processed)?;
    }
    let mut warnings = segments.warnings().to_vec();
    warnings.extend(writer.finish()?);
    Ok((segments.samples(), warnings))
}

/// How fast it went; nothing where the file is too short to tell.
fn speed(times: f64) -> String {
    match times {
        10.0.. => format!(", {times:.0} times real time"),
        0.1.. => format!(", {times:.1} times real time"),
        _ => String::new(),
    }
}

/// What preset and settings say at a sample rate in hertz, the bank that plays, which is shared for as
/// long as it is held, and why it is not the one asked for, if so.
pub(super) fn settings(
    preset: &Preset,
    bank_file: Option<&BankFile>,
    further: &[Setting],
    sample_rate_hz: f64,
) -> Result<(Settings, Arc<Bank>, Option<String>)> {
    let mut params = ErbiumParams::default();
    params.bank_file.load(bank_file.cloned());
    let mut notice = None;
    let bank = preset.apply(&mut params, further, |params| {
        let spec = params.bank_spec(sample_rate_hz);
        // In place of a file's bank no other will do.
        let designed = designed(&spec, &spec, &|| false)?;
        notice = designed.notice;
        Ok::<_, DesignFailure>(designed.bank)
    })?;
    for setting in further {
        let band = setting.id().strip_prefix("gain_").and_then(|band| band.parse::<usize>().ok());
        if band.is_some_and(|band| band > bank.bands()) {
            let (id, bands) = (setting.id(), bank.bands());
            bail!("{id} is not in use with {bands} bands; possible: gain_1 to gain_{bands}");
        }
    }
    Ok((params.settings(sample_rate_hz), bank, notice))
}

/// A length as a real number, exact below 2⁵³.
#[expect(clippy::cast_precision_loss)]
const fn real(samples: u64) -> f64 {
    samples as f64
}
