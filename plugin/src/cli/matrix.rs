//! `erbium matrix`: filterbank matrices for spectra, as other tools make them.

use super::chart::{Axis, Raster, draw_curves, draw_raster, span};
use super::console;
use super::files::array::{ArrayKind, write_csv, write_npy, write_sparse};
use super::files::output_plan::{OutputPlan, OverwriteArgument};
use super::spec::{count_within, real_within};
use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use erbium::export::output_file::OutputFile;
use erbium_dsp::feature::limits::{BANDS_MAX, BINS_MAX};
use erbium_dsp::feature::voicebox::{self, Call, Plot};
use erbium_dsp::feature::{Filterbank, csound, log_bands, mel};
use erbium_dsp::scale::ScaleFormula;
use std::path::PathBuf;

/// The most empty bands that are named.
const EMPTY_NAMED: usize = 8;
/// The most values of a matrix that is written in full, 2 GiB.
const VALUES_MAX: usize = 1 << 28;

/// Make the matrix that turns a spectrum into bands
#[derive(Args)]
#[command(after_help = "\
Rows are bands, columns bins, in float64; as .npz it is sparse, for scipy.sparse.load_npz.

voicebox     filtbankm: triangles that preserve power. --fft or --bins, --rate; --bands may be left out.
             --options takes its letters, for example m (mel), e (ERB), b (Bark), l (log10), c, h, H, y,
             Y, s, S, u, U; g and G also draw a picture, OUT.png or --plot
librosa-mel  librosa.filters.mel: --rate, --fft, --bands
kapre-mel    the same under the name that kapre has for it
kapre-log    log-normal bands at --bands-per-octave, the first centred at --low
csound       mfb: averages over --fft-bins N, the bins of the spectrum: --rate, --bands, --low, --high

Examples:
  erbium matrix --system voicebox --bands 20 --fft 512 --rate 16000 --options m -o mel.npy
  erbium matrix --system librosa-mel --rate 22050 --fft 2048 --bands 128 -o mel.npz
  erbium matrix --system csound --fft-bins 1025 --bands 24 --low 0 --high 22050 --rate 44100 -o mfb.csv")]
pub struct Arguments {
    /// The tool whose matrix it shall be
    #[arg(long, value_enum)]
    system: System,
    /// File to write
    #[arg(short, long, value_name = "OUT.{npy,csv,npz,png}")]
    output: PathBuf,
    /// Sample rate in hertz
    #[arg(long, value_name = "HZ", allow_negative_numbers = true)]
    #[arg(value_parser = real_within((1e-3, 1e9), "0.001 to 1000000000 Hz"))]
    rate: f64,
    /// Number of bands; voicebox: below 1, or with option P, a spacing in 1000 scale units
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    #[arg(value_parser = real_within((1e-9, 65_536.0), "1 to 65536; of voicebox also a spacing, above 0"))]
    bands: Option<f64>,
    /// Length of the FFT in samples
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(value_parser = count_within((2, BINS_MAX), "2 to 16777216 samples"))]
    fft: Option<usize>,
    /// voicebox: number of bins, their step in Hz, and the first bin in Hz if not 0
    #[arg(long, value_name = "NF,DF[,F1]", value_delimiter = ',', conflicts_with = "fft")]
    #[arg(allow_hyphen_values = true, value_parser = of_bins())]
    bins: Option<Vec<f64>>,
    /// csound: number of bins of the spectrum
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(value_parser = count_within((2, BINS_MAX), "2 to 16777216 bins"))]
    fft_bins: Option<usize>,
    /// Lower limit in hertz; voicebox with option h: in scale units
    #[arg(long, value_name = "FL", allow_negative_numbers = true, value_parser = limit())]
    low: Option<f64>,
    /// Upper limit, as --low
    #[arg(long, value_name = "FH", allow_negative_numbers = true, value_parser = limit())]
    high: Option<f64>,
    /// voicebox: its option letters [default: f]
    #[arg(long, value_name = "W")]
    options: Option<String>,
    /// librosa-mel and kapre-mel: HTK's mel scale instead of Slaney's
    #[arg(long)]
    htk: bool,
    /// librosa-mel and kapre-mel: weights of bands against each other [default: slaney]
    #[arg(long, value_enum)]
    norm: Option<Norm>,
    /// kapre-log: bands per octave [default: 12]
    #[arg(long, value_name = "B", allow_negative_numbers = true)]
    #[arg(value_parser = count_within((1, BANDS_MAX), "1 to 65536"))]
    bands_per_octave: Option<usize>,
    /// Write the centres to this file too: hertz, or with option H scale units
    #[arg(long, value_name = "OUT.npy")]
    centres: Option<PathBuf>,
    /// Draw the bands into this file too
    #[arg(long, value_name = "OUT.png")]
    plot: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum System {
    Voicebox,
    KapreMel,
    KapreLog,
    LibrosaMel,
    Csound,
}

#[derive(Clone, Copy, ValueEnum)]
enum Norm {
    /// 2 / (width in Hz)
    Slaney,
    /// Rows sum to 1
    L1,
    /// Peaks of 1
    None,
}

/// A matrix and what else was asked for with it.
struct Made {
    bank: Filterbank,
    /// In the unit asked for.
    centres: Vec<f64>,
    /// The first bin and the step from bin to bin in hertz.
    bins_hz: (f64, f64),
    /// Asked for by a letter.
    plot: Option<Plot>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<()> {
    let kinds = [ArrayKind::Npy, ArrayKind::Csv, ArrayKind::Npz, ArrayKind::Png];
    let kind = ArrayKind::of(&arguments.output, &kinds)?;
    arguments.check_system()?;
    let made = arguments.make()?;
    if let Some(warning) = empty_bands(&made.bank) {
        console::warn(&format!("{warning}; possible: more bins, or fewer bands"));
    }
    let plot = arguments
        .plot
        .clone()
        .or_else(|| made.plot.map(|_| arguments.output.with_extension("png")));
    let plot = plot.filter(|path| kind != ArrayKind::Png || *path != arguments.output);
    if let Some(path) = &plot {
        ArrayKind::of(path, &[ArrayKind::Png])?;
    }
    if let Some(path) = &arguments.centres {
        ArrayKind::of(path, &[ArrayKind::Npy])?;
    }
    let mut plan = OutputPlan::new(&[], &[], OverwriteArgument::default());
    let paths = std::iter::once(&arguments.output).chain(&arguments.centres).chain(&plot);
    paths.into_iter().try_for_each(|path| plan.add(path, None))?;
    let create = |path: &PathBuf| OutputFile::create(path);
    let output = create(&arguments.output)?;
    let centres = arguments.centres.as_ref().map(create).transpose()?;
    let plot = plot.as_ref().map(create).transpose()?;
    let written = |output: &OutputFile, result: Result<()>| {
        result.with_context(|| format!("cannot write {}", output.path().display()))
    };
    written(&output, write(arguments, &made, kind, &output))?;
    if let Some(centres) = &centres {
        written(centres, write_npy(centres, &[made.centres.len()], &made.centres))?;
    }
    if let Some(plot) = &plot {
        written(plot, draw(arguments, &made, plot))?;
    }
    [Some(output), centres, plot].into_iter().flatten().try_for_each(OutputFile::finish)
}

/// Reads one of the numbers that tell bins.
fn of_bins() -> impl Fn(&str) -> Result<f64, String> + Clone {
    let possible = "up to 16777216 bins, steps and a first one of up to 1000000000 Hz";
    real_within((-1e9, 1e9), possible)
}

/// Reads a limit in hertz or scale units.
fn limit() -> impl Fn(&str) -> Result<f64, String> + Clone {
    real_within((-1e9, 1e9), "-1000000000 to 1000000000")
}

impl Arguments {
    /// Refuses options that the system does not have.
    fn check_system(&self) -> Result<()> {
        use System::{Csound, KapreLog, KapreMel, LibrosaMel, Voicebox};
        let given: [(&str, bool, &[System]); 7] = [
            ("--fft", self.fft.is_some(), &[Voicebox, KapreMel, KapreLog, LibrosaMel]),
            ("--bins", self.bins.is_some(), &[Voicebox]),
            ("--fft-bins", self.fft_bins.is_some(), &[Csound]),
            ("--options", self.options.is_some(), &[Voicebox]),
            ("--htk", self.htk, &[KapreMel, LibrosaMel]),
            ("--norm", self.norm.is_some(), &[KapreMel, LibrosaMel]),
            ("--bands-per-octave", self.bands_per_octave.is_some(), &[KapreLog]),
        ];
        for (option, given, systems) in given {
            if given && !systems.contains(&self.system) {
                let names: Vec<_> = systems.iter().map(|&system| name(system)).collect();
                bail!(
                    "{option} is no option of --system {}; possible with: {}",
                    name(self.system),
                    names.join(", ")
                );
            }
        }
        Ok(())
    }

    fn make(&self) -> Result<Made> {
        match self.system {
            System::Voicebox => self.voicebox(),
            System::KapreMel | System::LibrosaMel => self.mel(),
            System::KapreLog => self.log(),
            System::Csound => self.csound(),
        }
    }

    fn voicebox(&self) -> Result<Made> {
        let fft;
        let bins = match (&self.bins, self.fft) {
            (Some(bins), _) if bins.first().is_some_and(|bins| *bins > real(BINS_MAX)) => {
                bail!("--bins {} is not possible; possible: up to {BINS_MAX} bins", bins[0])
            }
            (Some(bins), _) => bins.as_slice(),
            (None, Some(length)) => {
                fft = [real(length)];
                &fft
            }
            (None, None) => return Err(self.lacks("--fft N or --bins NF,DF,F1")),
        };
        let letters = self.options.as_deref().unwrap_or("f");
        let call = Call::parse(self.bands, bins, self.rate, self.low, self.high, letters)?;
        let bank = voicebox::filterbank(&call.options)?;
        let scale = call.options.scale;
        let centres = match call.centres_on_scale {
            true => bank.centres_hz.iter().map(|&hz| scale.units_from_hz(hz)).collect(),
            false => bank.centres_hz.clone(),
        };
        let bins = call.options.bins;
        Ok(Made { bank, centres, bins_hz: (bins.first_hz, bins.step_hz), plot: call.plot })
    }

    fn mel(&self) -> Result<Made> {
        let options = mel::MelOptions {
            low_hz: self.low.unwrap_or(0.0),
            high_hz: self.high,
            scale: if self.htk { ScaleFormula::MelHtk } else { ScaleFormula::MelSlaney },
            norm: match self.norm {
                None | Some(Norm::Slaney) => mel::Norm::Slaney,
                Some(Norm::L1) => mel::Norm::L1,
                Some(Norm::None) => mel::Norm::None,
            },
            ..mel::MelOptions::new(self.rate, self.fft()?, self.bands()?)
        };
        Ok(self.plain(mel::filterbank(&options)?, self.rate / real(options.fft)))
    }

    fn log(&self) -> Result<Made> {
        if self.high.is_some() {
            console::warn(
                "--high has no effect: the highest band of kapre-log follows from --low, --bands and \
                 --bands-per-octave",
            );
        }
        let defaults = log_bands::LogBandOptions::new(self.rate, self.fft()?, self.bands()?);
        let options = log_bands::LogBandOptions {
            low_hz: self.low.unwrap_or(defaults.low_hz),
            bands_per_octave: self.bands_per_octave.unwrap_or(defaults.bands_per_octave),
            ..defaults
        };
        Ok(self.plain(log_bands::filterbank(&options)?, self.rate / real(options.fft)))
    }

    fn csound(&self) -> Result<Made> {
        let options = csound::CsoundOptions {
            bins: self.fft_bins.ok_or_else(|| self.lacks("--fft-bins N"))?,
            bands: self.bands()?,
            low_hz: self.low.unwrap_or(0.0),
            high_hz: self.high.unwrap_or(self.rate / 2.0),
            sample_rate_hz: self.rate,
        };
        let step_hz = self.rate / (2.0 * real(options.bins.saturating_sub(1).max(1)));
        Ok(self.plain(csound::filterbank(&options)?, step_hz))
    }

    fn plain(&self, bank: Filterbank, step_hz: f64) -> Made {
        Made { centres: bank.centres_hz.clone(), bank, bins_hz: (0.0, step_hz), plot: None }
    }

    fn fft(&self) -> Result<usize> {
        self.fft.ok_or_else(|| self.lacks("--fft N"))
    }

    fn bands(&self) -> Result<usize> {
        let bands = self.bands.ok_or_else(|| self.lacks("--bands P"))?;
        whole(bands)
            .ok_or_else(|| anyhow!("--bands {bands} is not possible; possible: a whole number"))
    }

    fn lacks(&self, option: &str) -> anyhow::Error {
        anyhow!("--system {} needs {option}", name(self.system))
    }

    fn title(&self) -> String {
        let letters = self.options.as_deref().map(|w| format!(" {w}")).unwrap_or_default();
        format!("{}{letters}", name(self.system))
    }
}

/// What to say of bands without a bin, which are named as rows of the matrix, from 0; `None` where all have one.
pub fn empty_bands(bank: &Filterbank) -> Option<String> {
    let empty = bank.empty_bands();
    let named = |&band: &usize| format!("{band} ({:.1} Hz)", bank.centres_hz[band]);
    let mut names: Vec<_> = empty.iter().take(EMPTY_NAMED).map(named).collect();
    let (many, all) = (empty.len(), bank.matrix.rows());
    if many > EMPTY_NAMED {
        names.push(format!("and {} more", many - EMPTY_NAMED));
    }
    (many > 0).then(|| {
        format!("{many} of {all} bands are empty, as no bin falls into them: {}", names.join(", "))
    })
}

fn write(arguments: &Arguments, made: &Made, kind: ArrayKind, output: &OutputFile) -> Result<()> {
    let matrix = &made.bank.matrix;
    let (rows, columns) = (matrix.rows(), matrix.columns());
    if kind != ArrayKind::Npz && rows * columns > VALUES_MAX {
        bail!(
            "a matrix of {rows} bands and {columns} bins is too large to be written in full; \
             possible: {VALUES_MAX} values, or .npz, which holds only those that are not 0"
        );
    }
    match kind {
        ArrayKind::Npy => write_npy(output, &[rows, columns], &matrix.to_dense()),
        ArrayKind::Npz => write_sparse(output, matrix),
        ArrayKind::Png => draw(arguments, made, output),
        ArrayKind::Csv => {
            let dense = matrix.to_dense();
            let (first_hz, step_hz) = made.bins_hz;
            let bin = |k| format!("{} Hz", first_hz + real(k) * step_hz);
            let names = std::iter::once("centre".to_owned()).chain((0..columns).map(bin));
            let names: Vec<_> = names.collect();
            let line = |(centre, row): (&f64, &[f64])| [&[*centre], row].concat();
            write_csv(
                output,
                &names,
                made.centres.iter().zip(dense.chunks(columns)).map(line).map(Ok),
            )
        }
    }
}

fn draw(arguments: &Arguments, made: &Made, output: &OutputFile) -> Result<()> {
    let matrix = &made.bank.matrix;
    let (rows, columns) = (matrix.rows(), matrix.columns());
    let (first_hz, step_hz) = made.bins_hz;
    let values = matrix.to_dense();
    let peak = values.iter().copied().fold(0.0, f64::max);
    let image = made.plot == Some(Plot::Image);
    let (label, range) = if image {
        ("band", (0.5, real(rows) + 0.5))
    } else {
        ("weight", (0.0, if peak > 0.0 { peak } else { 1.0 }))
    };
    let plain = |value: f64| format!("{}", (value * 1e6).round() / 1e6);
    let raster = Raster {
        title: &arguments.title(),
        shape: (rows, columns),
        values: &values,
        span: span(&values),
        unit: "weight",
        x: Axis {
            label: "frequency / Hz",
            range: (first_hz, first_hz + real(columns.max(2) - 1) * step_hz),
            format: &plain,
        },
        y: Axis { label, range, format: &plain },
    };
    if image { draw_raster(&raster, output) } else { draw_curves(&raster, output) }
}

fn name(system: System) -> String {
    system.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

/// The count that a number is.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(value: f64) -> Option<usize> {
    (value.fract() == 0.0 && (0.0..1e9).contains(&value)).then_some(value as usize)
}

/// A count as a real number, exact below 2⁵³.
#[expect(clippy::cast_precision_loss)]
const fn real(count: usize) -> f64 {
    count as f64
}
