//! Plays a WAV file through the built CLAP plugin with a preset, as a DAW would, and measures
//! what it promises; a promise not kept is an error. `cargo xtask demo` runs it.

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use erbium_dsp::BankSpec;
use erbium_tests::host::{self, Instance, Setup};
use erbium_tests::{bands, signal, wav};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// The most that may be left of white noise with every band off, in dB.
const MOST_LEFT_DB: f64 = -110.0;

/// Play a WAV file through the built plugin and measure it.
#[derive(Parser)]
struct Arguments {
    /// A WAV file, mono or stereo
    wav: PathBuf,
    /// The built plugin; without it, the WAV file is only checked
    #[arg(long, requires = "output")]
    clap: Option<PathBuf>,
    /// The WAV file to write
    #[arg(long)]
    output: Option<PathBuf>,
    /// The preset to play it with
    #[arg(long)]
    preset: PathBuf,
}

/// No more of a preset file is read.
const PRESET_BYTES_MAX: u64 = 8 << 20;

/// A preset file. The demo plays the default bank, so it reads the drawn curve only, and refuses
/// a preset that asks for another bank.
#[derive(Deserialize)]
struct Preset {
    name: String,
    parameters: BTreeMap<String, Value>,
    curve: Vec<(f64, f64)>,
}

impl Preset {
    fn read(path: &Path) -> Result<Self> {
        let what = || format!("cannot read the preset {}", path.display());
        let mut text = String::new();
        let file = File::open(path).with_context(what)?;
        file.take(PRESET_BYTES_MAX).read_to_string(&mut text).with_context(what)?;
        let preset: Self = serde_json::from_str(&text).with_context(what)?;
        for (id, value) in &preset.parameters {
            let default = match id.as_str() {
                "scale" => Value::from("erb"),
                "bands" => Value::from(40),
                "latency" => Value::from("21ms"),
                _ => Value::Null,
            };
            ensure!(
                *value == default,
                "{}: the demo plays the default bank, not {id} {value}",
                path.display()
            );
        }
        Ok(preset)
    }
}

fn main() -> ExitCode {
    match demo(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn demo(arguments: Arguments) -> Result<()> {
    let recording = wav::read(&arguments.wav)?;
    let setup = Setup {
        sample_rate_hz: f64::from(recording.sample_rate_hz),
        channels: recording.channels.len(),
        ..Setup::default()
    };
    let spec = BankSpec { sample_rate_hz: setup.sample_rate_hz, ..BankSpec::default() };
    spec.check().map_err(|error| anyhow::anyhow!("{}: {error}", arguments.wav.display()))?;
    let preset = Preset::read(&arguments.preset)?;
    let (Some(clap), Some(output)) = (arguments.clap, arguments.output) else { return Ok(()) };

    let entry = host::load(&clap)?;
    println!("Plugin       {}", clap.display());
    println!(
        "Recording    {} ({:.1} s, {} Hz, {} channels)",
        arguments.wav.display(),
        recording.seconds(),
        recording.sample_rate_hz,
        setup.channels
    );
    latency(&entry, setup)?;
    flat_null(&entry, setup, &recording.channels)?;
    muted_all(&entry, setup)?;
    let channels = play_preset(&entry, setup, &preset, &recording)?;
    wav::write(&output, &wav::Recording { channels, ..recording })
}

/// Reported by the plugin, and measured as where an impulse comes out at flat.
fn latency(entry: &host::PluginEntry, setup: Setup) -> Result<()> {
    let mut instance = Instance::active(entry, setup)?;
    let reported = instance.latency_samples();
    let at = 1_000;
    let mut impulse = vec![0.0; at + reported + 48_000];
    impulse[at] = 1.0;
    let output = instance.play(&vec![impulse; setup.channels])?;
    let measured = signal::peak_index(&output[0]).checked_sub(at).context("no impulse came out")?;
    println!(
        "Latency      {reported} samples reported, {measured} measured ({:.2} ms)",
        1_000.0 * signal::index(measured) / setup.sample_rate_hz
    );
    ensure!(measured == reported, "the measured latency is not the reported one");
    Ok(())
}

/// The recording at flat against itself, delayed.
fn flat_null(entry: &host::PluginEntry, setup: Setup, input: &[Vec<f32>]) -> Result<()> {
    let mut instance = Instance::active(entry, setup)?;
    let latency_samples = instance.latency_samples();
    let output = instance.play(input)?;
    for (out, input) in output.iter().zip(input) {
        is_exact(out, &signal::delayed(input, latency_samples))?;
    }
    println!("Flat null    exact: the output is the delayed input bit for bit");
    Ok(())
}

/// Whether a channel at flat is the delayed input.
fn is_exact(output: &[f32], delayed_input: &[f32]) -> Result<()> {
    let Some(at) = signal::first_difference(output, delayed_input) else { return Ok(()) };
    ensure!(
        output.len() == delayed_input.len(),
        "the flat null is not exact: {} samples went in and {} came out",
        delayed_input.len(),
        output.len()
    );
    let level_db = signal::difference_db(output, delayed_input);
    bail!(
        "the flat null is not exact: from sample {at} on, the output differs from the delayed \
         input, by {level_db:.1} dB of it"
    )
}

/// What is left of white noise with every band off.
fn muted_all(entry: &host::PluginEntry, setup: Setup) -> Result<()> {
    let mut instance = Instance::new(entry, setup)?;
    instance.set_gains_db(&[host::OFF_DB; host::MAX_BANDS])?;
    instance.activate()?;
    let settled = 2 * instance.latency_samples() + 48_000;
    let noise = signal::noise(settled + 240_000, 1);
    let output = instance.play(&vec![noise.clone(); setup.channels])?;
    let depth_db = signal::db(signal::rms(&output[0][settled..]) / signal::rms(&noise[settled..]));
    println!("Muted all    {depth_db:.1} dB of white noise left with every band off");
    is_deep(depth_db)
}

/// Whether muting every band leaves as little as is promised.
fn is_deep(depth_db: f64) -> Result<()> {
    // Asked this way round, a depth that is not a number fails.
    ensure!(
        depth_db <= MOST_LEFT_DB,
        "with every band off, {depth_db:.1} dB of white noise is left; at most \
         {MOST_LEFT_DB} dB may be"
    );
    Ok(())
}

/// The recording through the preset, brought back in time by the latency.
fn play_preset(
    entry: &host::PluginEntry,
    setup: Setup,
    preset: &Preset,
    recording: &wav::Recording,
) -> Result<Vec<Vec<f32>>> {
    let mut instance = Instance::new(entry, setup)?;
    println!("Preset       {}", preset.name);
    let spec = BankSpec { sample_rate_hz: setup.sample_rate_hz, ..BankSpec::default() };
    let centres_hz = bands::centres_hz(&spec)?;
    let gains_db: Vec<f64> =
        centres_hz.iter().map(|&hz| bands::interpolate(&preset.curve, spec.scale, hz)).collect();
    instance.set_gains_db(&gains_db)?;
    instance.activate()?;
    let latency_samples = instance.latency_samples();
    let mut input = recording.channels.clone();
    for channel in &mut input {
        channel.resize(channel.len() + latency_samples, 0.0);
    }
    let start = Instant::now();
    let mut output = instance.play(&input)?;
    let seconds = start.elapsed().as_secs_f64();
    for channel in &mut output {
        channel.drain(..latency_samples);
    }
    println!("Speed        {:.0} times real time on one core", recording.seconds() / seconds);
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::{is_deep, is_exact};

    #[test]
    fn only_an_exact_null_passes() {
        assert!(is_exact(&[0.5, -0.25], &[0.5, -0.25]).is_ok());
        for output in [&[0.5, -0.25_f32.next_up()][..], &[0.5, f32::NAN], &[0.5]] {
            assert!(is_exact(output, &[0.5, -0.25]).is_err(), "{output:?}");
        }
    }

    #[test]
    fn only_a_deep_silence_passes() {
        assert!(is_deep(-110.0).is_ok() && is_deep(f64::NEG_INFINITY).is_ok());
        assert!(is_deep(-109.9).is_err() && is_deep(f64::NAN).is_err());
    }
}
