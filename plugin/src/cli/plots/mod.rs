//! `erbium bank --plots`: pictures of a bank, measured.

mod chart;
mod measure;

use crate::cli::files::output_plan::OutputPlan;
use anyhow::{Context, Result, anyhow};
use chart::{Across, Area, BLUE, Chart, GREEN, INK, Line, PINK, VERMILION};
use erbium::export::font;
use erbium::export::output_file::OutputFile;
use erbium_dsp::stream::AtRest;
use erbium_dsp::{Bank, Sizing};
use measure::{real, single, sinusoid};
use plotters::prelude::*;
use rayon::prelude::*;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

const SIZE: (u32, u32) = (1200, 600);
/// The lowest frequency shown: what lies below cannot be heard as a tone.
const LOWEST_HZ: f64 = 20.0;
/// Frequencies of a line.
const POINTS: usize = 1600;
/// Frequencies at which sinusoids are played.
const MEASURED: usize = 160;
/// What counts as nothing, in dB.
const FLOOR_DB: f64 = -200.0;

/// The pictures, each a file in the making.
pub struct Plots {
    files: Vec<OutputFile>,
}

impl Plots {
    const NAMES: [&'static str; 5] =
        ["bands.png", "flat.png", "curve.png", "alias.png", "impulse.png"];

    /// Starts all files in a folder, which is made if need be.
    pub fn create(folder: &Path, plan: &mut OutputPlan) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(|error| {
            let name = folder.display();
            anyhow!("cannot make the folder {name}: {error}; possible: another with --plots")
        })?;
        let paths = Self::NAMES.map(|name| folder.join(name));
        paths.iter().try_for_each(|path| plan.add(path, None))?;
        let files = paths.iter().map(|path| OutputFile::create(path));
        Ok(Self { files: files.collect::<Result<_>>()? })
    }

    /// Measures, draws and puts all files in their places.
    pub fn draw(self, bank: &Arc<Bank>) -> Result<()> {
        font::register()?;
        let charts = [
            vec![bands(bank)],
            vec![flat(bank)],
            vec![curve(bank)],
            vec![aliases(bank)],
            impulse(bank),
        ];
        for (file, charts) in self.files.iter().zip(charts) {
            let mut pixels = vec![0; usize::try_from(3 * SIZE.0 * SIZE.1)?];
            draw(&BitMapBackend::with_buffer(&mut pixels, SIZE).into_drawing_area(), &charts)
                .map_err(|error| anyhow!(error))?;
            write(&pixels, file)
                .with_context(|| format!("cannot write {}", file.path().display()))?;
        }
        self.files.into_iter().try_for_each(OutputFile::finish)
    }
}

/// Writes red, green and blue of every pixel, as small as it gets.
fn write(pixels: &[u8], file: &OutputFile) -> Result<()> {
    let mut encoder = png::Encoder::new(BufWriter::new(file.writer()), SIZE.0, SIZE.1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    // 18 levels of each colour are enough for lines and letters, and halve the file.
    let pixels: Vec<u8> = pixels.iter().map(|value| value / 15 * 15).collect();
    writer.write_image_data(&pixels)?;
    Ok(writer.finish()?)
}

/// Draws charts one below the other.
fn draw(area: &Area, charts: &[Chart]) -> Result<(), String> {
    area.fill(&WHITE).map_err(|error| error.to_string())?;
    for (part, chart) in area.split_evenly((charts.len(), 1)).iter().zip(charts) {
        chart.draw(part)?;
    }
    area.present().map_err(|error| error.to_string())
}

fn title(what: &str, bank: &Bank) -> String {
    let spec = bank.spec();
    let sizing = match spec.sizing {
        Sizing::Latency { ms } => format!("{ms} ms"),
        Sizing::UserKernels { .. } => {
            return format!("{what}: kernels of a file, {} bands", spec.bands);
        }
        Sizing::Published { kernel_size: Some(kernel_size), stride, .. } => {
            format!("kernels of {kernel_size}, stride {stride}")
        }
        Sizing::Published { kernel_size: None, stride, .. } => {
            format!("kernels without a limit, stride {stride}")
        }
    };
    format!("{what}: {}, {}, {} bands, {sizing}", spec.kind, spec.scale, spec.bands)
}

/// The audible range, as far as the sample rate goes.
fn range(bank: &Bank) -> (f64, f64) {
    (LOWEST_HZ, bank.spec().sample_rate_hz / 2.0)
}

/// So many frequencies, evenly spaced on a logarithmic axis, to just below half the sample rate.
fn frequencies(bank: &Bank, many: usize) -> Vec<f64> {
    let (low, high) = (range(bank).0, 0.985 * range(bank).1);
    (0..many).map(|n| low * (high / low).powf(real(n) / real(many - 1))).collect()
}

fn db(amplitude: f64) -> f64 {
    if amplitude > 1e-10 { 20.0 * amplitude.log10() } else { FLOOR_DB }
}

/// Every band's response after analysis and synthesis.
fn bands(bank: &Bank) -> Chart {
    let hz = frequencies(bank, POINTS);
    let responses = bank.responses(&hz);
    let mut lines: Vec<Line> = (0..bank.bands())
        .map(|k| {
            let levels = responses.band(k).iter().map(|v| db(f64::from(v.norm())));
            Line::new("", [BLUE, VERMILION, GREEN][k % 3], hz.iter().copied().zip(levels).collect())
        })
        .collect();
    let sum = |n: usize| {
        let all = (0..bank.bands()).map(|k| responses.band(k)[n]);
        all.fold((0.0, 0.0), |(re, im), v| (re + f64::from(v.re), im + f64::from(v.im)))
    };
    let total = hz.iter().enumerate().map(|(n, &hz)| (hz, db(sum(n).0.hypot(sum(n).1))));
    lines.push(Line { width: 3, ..Line::new("all bands together", INK, total.collect()) });
    let (low, high) = range(bank);
    Chart {
        title: title("Bands after analysis and synthesis", bank),
        across: Across::Hz(low, high),
        up: ("level / dB", -60.0, 10.0, 10.0),
        lines,
    }
}

/// What is left of sinusoids when every band is off: the error of analysis and dual.
fn flat(bank: &Arc<Bank>) -> Chart {
    let off = vec![0.0; bank.bands()];
    let line = |name, colour, at_rest| {
        let left = |hz: &f64| (*hz, db(sinusoid(bank, &off, at_rest, *hz).total));
        Line::new(name, colour, frequencies(bank, MEASURED).par_iter().map(left).collect())
    };
    let (low, high) = range(bank);
    Chart {
        title: title("Left of a sinusoid with every band off", bank),
        across: Across::Hz(low, high),
        up: ("level / dB", -160.0, -60.0, 10.0),
        lines: vec![
            line("streamed", BLUE, AtRest::Streamed),
            line("at rest, as one filter", VERMILION, AtRest::Held),
        ],
    }
}

/// A curve worth drawing: gentle hills, and one band 18 dB down.
fn drawn_db(bank: &Bank) -> Vec<f64> {
    let last = real(bank.bands() - 1);
    let bell =
        |k: usize, middle: f64, width: f64| (-((real(k) / last - middle) / width).powi(2)).exp();
    let notch = bank.bands() * 7 / 10;
    (0..bank.bands())
        .map(|k| {
            let hills =
                9.0 * bell(k, 0.3, 0.12) - 12.0 * bell(k, 0.52, 0.08) + 6.0 * bell(k, 0.9, 0.1);
            if k == notch { -18.0 } else { hills }
        })
        .collect()
}

fn gains(bank: &Bank, targets_db: &[f64]) -> Vec<f32> {
    let linear = |db: &f64| single(10.0_f64.powf(db / 20.0));
    let targets: Vec<f32> = targets_db.iter().map(linear).collect();
    let mut gains = vec![1.0; bank.bands()];
    bank.solve_gains(&targets, &mut gains);
    gains
}

/// A drawn curve and the response.
fn curve(bank: &Bank) -> Chart {
    let drawn_db = drawn_db(bank);
    let hz = frequencies(bank, POINTS);
    let mut response = vec![0.0; hz.len()];
    bank.responses(&hz).total(&gains(bank, &drawn_db), &mut response);
    let measured = hz.iter().copied().zip(response.iter().map(|a| db(f64::from(*a)))).collect();
    let (low, high) = range(bank);
    let drawn = bank.centres_hz().iter().copied().zip(drawn_db);
    let drawn = drawn.filter(|(hz, _)| (low..=high).contains(hz)).collect();
    Chart {
        title: title("A drawn curve and the response", bank),
        across: Across::Hz(low, high),
        up: ("level / dB", -24.0, 12.0, 6.0),
        lines: vec![
            Line::new("response", BLUE, measured),
            Line { dots: true, ..Line::new("drawn at the centres", VERMILION, drawn) },
        ],
    }
}

/// Alias under gains that provoke it, against the peak gain.
fn aliases(bank: &Arc<Bank>) -> Chart {
    let middle = bank.bands() / 2;
    let one = |own: f32, others: f32| {
        let mut gains = vec![others; bank.bands()];
        gains[middle] = own;
        gains
    };
    let zigzag_db = (0..bank.bands()).map(|k| if k % 2 == 1 { 12.0_f64 } else { -12.0 });
    let zigzag: Vec<_> = zigzag_db.map(|db| single(10.0_f64.powf(db / 20.0))).collect();
    let sets = [
        ("one band 40 dB down", BLUE, one(0.01, 1.0), AtRest::Streamed),
        ("one band alone", VERMILION, one(1.0, 0.0), AtRest::Streamed),
        ("12 dB up and down in turn", GREEN, zigzag.clone(), AtRest::Streamed),
        ("the curve of curve.png", PINK, gains(bank, &drawn_db(bank)), AtRest::Streamed),
        ("12 dB up and down, at rest as one filter", INK, zigzag, AtRest::Held),
    ];
    let hz = frequencies(bank, MEASURED);
    let (low, high) = range(bank);
    let line = |(name, colour, gains, at_rest): (&'static str, RGBColor, Vec<f32>, AtRest)| {
        let grid = frequencies(bank, POINTS);
        let mut response = vec![0.0; grid.len()];
        bank.responses(&grid).total(&gains, &mut response);
        let peak = f64::from(response.iter().copied().fold(0.0, f32::max));
        let alias = |hz: &f64| (*hz, db(sinusoid(bank, &gains, at_rest, *hz).alias / peak));
        Line::new(name, colour, hz.par_iter().map(alias).collect())
    };
    Chart {
        title: title("Alias of a sinusoid against the peak gain", bank),
        across: Across::Hz(low, high),
        up: ("level / dB", -170.0, -60.0, 10.0),
        lines: sets.into_iter().map(line).collect(),
    }
}

/// The impulse response at the curve of [`curve`], and its level.
fn impulse(bank: &Arc<Bank>) -> Vec<Chart> {
    let latency = bank.latency_samples();
    let samples = 3 * latency + 64;
    let mut response = bank.collapse(&gains(bank, &drawn_db(bank)));
    response.resize(samples, 0.0);
    let ms = |n: usize| 1000.0 * real(n) / bank.spec().sample_rate_hz;
    let values = || response.iter().enumerate().map(|(n, y)| (ms(n), f64::from(*y)));
    let peak = values().fold(0.0_f64, |most, (_, y)| most.max(y.abs()));
    let end = ms(samples - 1);
    let marked = |low: f64, high: f64| vec![(ms(latency), low), (ms(latency), high)];
    let latency_line =
        |low, high| Line { width: 1, ..Line::new("the latency", VERMILION, marked(low, high)) };
    let step = if peak > 1.0 { 0.5 } else { 0.2 };
    let top = (peak / step).ceil() * step;
    vec![
        Chart {
            title: title("Impulse response at the curve of curve.png", bank),
            across: Across::Ms(0.0, end),
            up: ("amplitude", -top, top, step),
            lines: vec![latency_line(-top, top), Line::new("", BLUE, values().collect())],
        },
        Chart {
            title: String::new(),
            across: Across::Ms(0.0, end),
            up: ("level / dB", -140.0, 0.0, 20.0),
            lines: vec![
                latency_line(-140.0, 0.0),
                Line::new("", BLUE, values().map(|(ms, y)| (ms, db(y.abs()))).collect()),
            ],
        },
    ]
}
