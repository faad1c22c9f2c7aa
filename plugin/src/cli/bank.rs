//! `erbium bank`: designs a bank, reports on it and exports it.

use super::console;
use super::files::output_plan::{OutputPlan, OverwriteArgument};
use super::plots::Plots;
use super::spec::{SpecArguments, real_within};
use super::table;
use anyhow::{Context, Result, bail};
use clap::Args;
use erbium::export::output_file::OutputFile;
use erbium::message::one_line;
use erbium::state::bank_file::{BankFile, to_npz};
use erbium_dsp::bank::FrameBounds;
use erbium_dsp::stream::Engine;
use erbium_dsp::{Bank, BankSpec, Sizing};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// Design a bank, measure it and export it
#[derive(Args)]
#[command(after_help = "\
Examples:
  erbium bank
  erbium bank --scale bark --bands 24 --latency-ms 11 --rate 44100 -o bark.npz
  erbium bank --kernel-size 128 --stride 2 --rate 16000 --prototype hann --json
  erbium bank --kind gammatone --latency-ms 8 --plots pictures
  erbium bank --bank-file trained.npz --rate 16000
  erbium bank --quality standard --table combinations.csv

The .npz holds centres_hz, bandwidths_hz, supports, strides, phases, kernels, duals, latency_samples;
  y[n] = Re sum_k sum_j duals[k, n - t] sum_l kernels[k, l] x[t - l],  t = j strides[k] + phases[k]
is x[n - latency_samples] but for the error reported as flat_noise_db. Phases may be taken as 0: the \
error then changes by a few dB at most.")]
pub struct Arguments {
    #[command(flatten)]
    spec: SpecArguments,
    /// Sample rate in hertz
    #[arg(long, value_name = "HZ", help_heading = "Bank")]
    #[arg(default_value_t = BankSpec::default().sample_rate_hz, allow_negative_numbers = true)]
    #[arg(value_parser = real_within(BankSpec::SAMPLE_RATE_HZ, "1000 to 768000 Hz"))]
    rate: f64,
    /// The bank of this file's kernels instead, as `erbium render --bank-file` plays it
    #[arg(long, value_name = "FILE.npz", conflicts_with_all = [
        "kind", "bands", "latency_ms", "quality", "prototype", "kernel_size", "stride", "table",
    ])]
    bank_file: Option<PathBuf>,
    /// Write kernels and duals to this file
    #[arg(short, long, value_name = "OUT.npz")]
    output: Option<PathBuf>,
    /// Measure the bank at work and draw bands.png, flat.png, curve.png, alias.png and impulse.png
    /// into this folder
    #[arg(long, value_name = "DIR")]
    plots: Option<PathBuf>,
    /// Design every combination of kind, scale, bands, latency and sample rate at this quality, write a
    /// row for each, and name the worst; takes some minutes
    #[arg(long, value_name = "OUT.csv", conflicts_with_all = ["output", "plots", "json"])]
    table: Option<PathBuf>,
    /// Print one JSON object instead of a summary
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    overwrite: OverwriteArgument,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<()> {
    let spec = arguments.spec.spec(arguments.rate);
    spec.check()?;
    let mut plan = OutputPlan::new(&arguments.bank_file, &[], arguments.overwrite);
    if let Some(path) = &arguments.table {
        plan.add(path, None)?;
        let text = table::write(spec.quality, OutputFile::create(path)?)?;
        console::print_text(&text);
        return Ok(());
    }
    let output = match &arguments.output {
        Some(path) if path.extension().is_none_or(|extension| extension != "npz") => {
            bail!("cannot export to {}; possible: a name ending in .npz", path.display())
        }
        Some(path) => {
            plan.add(path, None)?;
            Some(OutputFile::create(path)?)
        }
        None => None,
    };
    let plots = arguments.plots.as_deref().map(|folder| Plots::create(folder, &mut plan));
    let plots = plots.transpose()?;
    let start = Instant::now();
    let (bank, file) = match &arguments.bank_file {
        None => (Bank::design(&spec)?, None),
        Some(path) => {
            let file = BankFile::read(path)?;
            let bank = Bank::of_kernels(&file.kernels, spec.scale, arguments.rate, &|| false);
            (bank.with_context(|| format!("cannot use {}", path.display()))?, Some(file))
        }
    };
    let bank = Arc::new(bank);
    let design_ms = start.elapsed().as_secs_f64() * 1000.0;
    // Of kernels from a file at the levels they have there.
    let bounds =
        file.as_ref().map_or_else(|| bank.frame_bounds(), |file| file.kernels.frame_bounds());
    let text = if arguments.json {
        serde_json::to_string_pretty(&describe(&bank, file.as_ref(), bounds, design_ms))?
    } else {
        summarise(&bank, file.as_ref(), bounds, design_ms)
    };
    if let Some(output) = output {
        export(&bank, &output)
            .with_context(|| format!("cannot write {}", output.path().display()))?;
        output.finish()?;
    }
    if let Some(plots) = plots {
        plots.draw(&bank)?;
    }
    if let Some(warning) = warning(&bank) {
        console::warn(&warning);
    }
    console::print_text(&text);
    Ok(())
}

/// What to warn of: a bank that audibly changes sound even at flat settings.
fn warning(bank: &Bank) -> Option<String> {
    let flat_db = bank.report().flat_noise_db;
    let possible = match bank.spec().sizing {
        Sizing::Published { .. } => "a smaller --stride",
        Sizing::UserKernels { .. } => "kernels of shorter strides",
        Sizing::Latency { .. } => "a longer --latency-ms",
    };
    (flat_db > -60.0).then(|| {
        format!("this bank does not give back its input: the error is {flat_db:.1} dB; possible: {possible}")
    })
}

/// The multiply-adds that an engine does for a sample of one channel while gains move, and at rest, where it plays one
/// filter.
fn engine_macs(bank: &Arc<Bank>) -> (f64, Option<f64>) {
    let engine = Engine::new(bank.clone(), 1);
    let streamed = engine.multiply_adds();
    (streamed.iter().sum::<f64>() / real(streamed.len()), engine.held_multiply_adds())
}

fn describe(
    bank: &Arc<Bank>,
    file: Option<&BankFile>,
    bounds: Option<FrameBounds>,
    design_ms: f64,
) -> serde_json::Value {
    let (spec, report) = (bank.spec(), bank.report());
    let (streamed_macs, held_macs) = engine_macs(bank);
    let mut object = json!({
        "kind": spec.kind.name(),
        "scale": spec.scale.name(),
        "bands": spec.bands,
        "latency_ms": latency_ms(bank),
        "quality": spec.quality.name(),
        "rate": spec.sample_rate_hz,
        "prototype": spec.prototype.name(),
        "latency_samples": report.latency_samples,
        "flat_noise_db": report.flat_noise_db,
        "flat_sine_db": report.flat_sine_db,
        "alias_notch_db": report.alias_notch_db,
        "alias_solo_db": report.alias_solo_db,
        "alias_random_db": report.alias_random_db,
        "alias_zigzag_db": report.alias_zigzag_db,
        "condition_number": bounds.map(|bounds| bounds.condition_number()),
        "frame_lower": bounds.map(|bounds| bounds.lower),
        "frame_upper": bounds.map(|bounds| bounds.upper),
        "psd_ripple_db": report.psd_ripple_db,
        "macs_per_sample": report.macs_per_sample,
        "streamed_macs_per_sample": streamed_macs,
        "held_macs_per_sample": held_macs,
        "design_ms": design_ms,
    });
    if let Sizing::Published { kernel_size, stride, supp_mult, fc_max_hz } = spec.sizing {
        object["kernel_size"] = json!(kernel_size);
        object["stride"] = json!(stride);
        object["supp_mult"] = json!(supp_mult);
        object["fc_max"] = json!(fc_max_hz.unwrap_or(spec.sample_rate_hz / 2.0));
    }
    if let (Some(file), Some(object)) = (file, object.as_object_mut()) {
        // What designs have and kernels from elsewhere have not.
        for key in ["kind", "quality", "prototype"] {
            object.remove(key);
        }
        object.insert("bank_file".to_owned(), json!(file.name));
    }
    object
}

/// The latency asked for; with published settings the one that follows.
fn latency_ms(bank: &Bank) -> f64 {
    match bank.spec().sizing {
        Sizing::Latency { ms } => ms,
        Sizing::Published { .. } | Sizing::UserKernels { .. } => {
            1000.0 * real(bank.latency_samples()) / bank.spec().sample_rate_hz
        }
    }
}

fn summarise(
    bank: &Arc<Bank>,
    file: Option<&BankFile>,
    bounds: Option<FrameBounds>,
    design_ms: f64,
) -> String {
    let (spec, report) = (bank.spec(), bank.report());
    let (streamed_macs, held_macs) = engine_macs(bank);
    let held_macs = held_macs.map_or_else(String::new, |held| format!(", {held:.0} at rest"));
    let (finest, coarsest) = range(bank.strides());
    let (shortest, longest) = range(bank.supports());
    let bandwidths_hz = bank.bandwidths_hz();
    let narrowest_hz = bandwidths_hz.iter().copied().fold(f64::INFINITY, f64::min);
    let widest_hz = bandwidths_hz.iter().copied().fold(0.0, f64::max);
    let title = match file {
        Some(file) => {
            let name = one_line(&file.name);
            format!("{name}, a file: {} bands at {} Hz", spec.bands, spec.sample_rate_hz)
        }
        None => format!(
            "{} bank, {} scale, {} bands at {} Hz, {} quality, {} window",
            spec.kind, spec.scale, spec.bands, spec.sample_rate_hz, spec.quality, spec.prototype
        ),
    };
    let lines = [
        title,
        format!(
            "latency               {} samples, {:.2} ms",
            report.latency_samples,
            1000.0 * real(report.latency_samples) / spec.sample_rate_hz
        ),
        format!(
            "reconstruction error  {:.1} dB for noise, {:.1} dB for the worst sinusoid",
            report.flat_noise_db, report.flat_sine_db
        ),
        format!(
            "alias                 {:.1} dB at worst: notch {:.1}, solo {:.1}, random {:.1}, zigzag {:.1}",
            report.worst_alias_db(),
            report.alias_notch_db,
            report.alias_solo_db,
            report.alias_random_db,
            report.alias_zigzag_db
        ),
        frame(bank, bounds),
        format!("power ripple          {:.2} dB", report.psd_ripple_db),
        format!("bandwidths            {narrowest_hz:.1} to {widest_hz:.1} Hz"),
        format!(
            "supports              {shortest} to {longest} samples, strides {finest} to {coarsest}"
        ),
        format!(
            "work                  {:.0} multiply-adds per sample and channel; the engine does {streamed_macs:.0}{held_macs}",
            report.macs_per_sample
        ),
        format!("design                {design_ms:.0} ms"),
    ];
    lines.join("\n")
}

fn frame(bank: &Bank, bounds: Option<FrameBounds>) -> String {
    match bounds {
        Some(bounds) => format!(
            "frame                 condition number {:.3}, bounds {:.4} to {:.4}",
            bounds.condition_number(),
            bounds.lower,
            bounds.upper
        ),
        None => format!(
            "frame                 not measured: strides that repeat together every {} samples would take minutes",
            bank.period()
        ),
    }
}

/// The least and the greatest.
fn range(counts: &[usize]) -> (usize, usize) {
    (counts.iter().copied().min().unwrap_or(0), counts.iter().copied().max().unwrap_or(0))
}

fn export(bank: &Bank, output: &OutputFile) -> Result<()> {
    // From memory, for the archive's writer cannot tell of a full disk.
    Ok(output.writer().write_all(&to_npz(bank, None)?)?)
}

/// A count as a real number, exact below 2⁵³.
#[expect(clippy::cast_precision_loss)]
const fn real(count: usize) -> f64 {
    count as f64
}
