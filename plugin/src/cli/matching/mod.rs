//! `erbium match`: the curve that brings one sound to another.

mod sound;
mod summary;
mod target;

use super::console;
use super::files::curve_output::CurveFormat;
use super::files::output_plan::{OutputPlan, OverwriteArgument};
use super::progress::progress_bar;
use super::render::settings;
use super::spec::real_within;
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use erbium::state::param::ParamId;
use erbium::state::param::setting::Setting;
use erbium::state::preset::{About, Preset};
use erbium_curve::target::speech;
use erbium_curve::{Curve, Point};
use erbium_dsp::Bank;
use erbium_dsp::matching::{MatchOptions, MatchedBand, Reference, match_bands};
use indicatif::ProgressBar;
use sound::Sound;
use std::path::{Path, PathBuf};
use summary::{left_alone, summary};
use target::{POSSIBLE, Target};

/// The largest range of gains in dB.
const RANGE_MAX_DB: f64 = erbium::state::limits::MAX_GAIN_DB as f64;

/// The lowest frequency in hertz of pink noise, for there is no end to its power.
const PINK_FROM_HZ: f64 = 20.0;

/// Find the curve that brings one sound to another, or to a target
#[derive(Args)]
#[command(after_help = "\
The long-term levels of both are measured band by band, pauses not counted, the mean of all channels; lengths and \
sample rates may differ. The gains found bring the levels of the one to those of the other as the bank plays them. \
Bands in which either holds no signal stay at 0 dB, and are named.

Targets that are no files, a file of such a name is ./pink:
  pink                    as much power in every octave, from 20 Hz on
  speech                  the long-term average of speech in twelve languages, from 56 Hz to 18 kHz (Byrne et
                          al., 1994)
  equal-loudness:FROM-TO  the sound itself, as balanced at TO phon as it was at FROM phon (ISO 226:2023):
                          equal-loudness:80-60 for quiet listening

pink and speech have a shape and no level, so that loudness is kept in any case. Loudness is the K-weighted power of \
ITU-R BS.1770, of all but pauses. --set names the bank that the curve is for.

Examples:
  erbium match mine.wav --to theirs.flac -o like-theirs.json
  erbium match mine.wav --to theirs.flac --amount 60 --smoothing 3 --range 9 --keep-loudness -o curve.txt
  erbium match talk.wav --to speech --set bands=24 -o speech.json
  erbium match mix.wav --to equal-loudness:80-60 -o quiet.json")]
pub struct Arguments {
    /// The sound to be changed, WAV or FLAC
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// What to bring it to: a WAV or FLAC file, pink, speech, or equal-loudness:FROM-TO
    #[arg(long, value_name = "REFERENCE")]
    to: Target,
    /// File to write: a preset, or the curve alone as GraphicEQ text or a table
    #[arg(short, long, value_name = "OUT.{json,txt,csv}")]
    output: PathBuf,
    /// How much of the curve is taken, in percent of its dB
    #[arg(long, value_name = "PERCENT", default_value_t = 100.0, allow_negative_numbers = true)]
    #[arg(value_parser = real_within((0.0, 100.0), "0 to 100 %"))]
    amount: f64,
    /// Average the curve over so many units of the bank's scale, such as ERB; 0 leaves it as it is
    #[arg(long, value_name = "UNITS", default_value_t = 0.0, allow_negative_numbers = true)]
    #[arg(value_parser = real_within((0.0, 1e6), "0 to 1000000 units of the bank's scale"))]
    smoothing: f64,
    /// The largest gain either way, in dB
    #[arg(long, value_name = "DB", default_value_t = RANGE_MAX_DB, allow_negative_numbers = true)]
    #[arg(value_parser = real_within((0.0, RANGE_MAX_DB), "0 to 24 dB"))]
    range: f64,
    /// Move the whole curve so that the output is as loud as the input
    #[arg(long)]
    keep_loudness: bool,
    /// Set a parameter of the bank: kind, scale, bands, latency or quality; may be repeated
    #[arg(long = "set", value_name = "ID=VALUE", value_parser = Setting::parse)]
    settings: Vec<Setting>,
    #[command(flatten)]
    overwrite: OverwriteArgument,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { input, to, output, .. } = arguments;
    arguments.check_settings()?;
    let format = CurveFormat::of(output)?;
    let reference = match to {
        Target::File(path) => Some(path),
        _ => None,
    };
    let mut plan = OutputPlan::new([input].into_iter().chain(reference), &[], arguments.overwrite);
    plan.add(output, None)?;
    let (sound, reference) = read(input, reference)?;
    let rate_hz = sound.spectrum.sample_rate_hz();
    let of_bank = settings(&Preset::default(), None, &arguments.settings, rate_hz);
    let (_, bank, notice) = of_bank.with_context(|| format!("cannot match {}", input.display()))?;
    let matched = arguments.matched(&bank, &sound, reference.as_ref());
    let curve = drawn(bank.centres_hz(), &matched)?;
    format.write(output, &arguments.preset(&curve), &curve)?;
    let warnings = sound.warnings.into_iter().chain(reference.into_iter().flat_map(|r| r.warnings));
    let warnings = warnings.chain(notice).chain(left_alone(bank.centres_hz(), &matched));
    warnings.for_each(|warning| console::warn(&warning));
    let what = summary(bank.centres_hz(), &matched);
    console::print(&format!(
        "{} to {} -> {}: {what}",
        input.display(),
        to.name(),
        output.display()
    ));
    Ok(())
}

/// The curve through what was found, at centres in hertz.
fn drawn(centres_hz: &[f64], matched: &[MatchedBand]) -> Result<Curve> {
    // To a ten-thousandth of a dB, and no negative zero.
    let rounded = |db: f64| (db * 1e4).round() / 1e4 + 0.0;
    let points = centres_hz.iter().zip(matched);
    let points = points.map(|(hz, band)| Point { hz: *hz, db: rounded(band.gain_db) });
    Curve::new(points.collect()).map_err(|error| anyhow!("{error}"))
}

/// Measures a file that is matched to: a name that is none may be a target's that was mistyped.
fn read_reference(path: &Path, bar: &ProgressBar) -> Result<Sound> {
    Sound::read(path, bar).map_err(|error| match path.try_exists() {
        Ok(false) => anyhow!("{error:#}; possible: {POSSIBLE}"),
        _ => error,
    })
}

/// Measures both files at once.
fn read(input: &Path, reference: Option<&PathBuf>) -> Result<(Sound, Option<Sound>)> {
    let files: Vec<PathBuf> = reference.into_iter().cloned().chain([input.to_owned()]).collect();
    let bar = progress_bar(&files);
    let (sound, reference) = rayon::join(
        || Sound::read(input, &bar),
        || reference.map(|path| read_reference(path, &bar)).transpose(),
    );
    bar.finish_and_clear();
    Ok((sound?, reference?))
}

impl Arguments {
    /// Refuses parameters that nothing is matched with.
    fn check_settings(&self) -> Result<()> {
        let names = ParamId::BANK.map(ParamId::id).join(", ");
        for setting in &self.settings {
            let id = setting.id();
            if !ParamId::from_id(id).is_some_and(|control| ParamId::BANK.contains(&control)) {
                bail!("--set {id} has no part in a match; possible: {names}");
            }
        }
        Ok(())
    }

    fn matched(&self, bank: &Bank, sound: &Sound, reference: Option<&Sound>) -> Vec<MatchedBand> {
        let options = MatchOptions {
            amount: self.amount / 100.0,
            smoothing_units: self.smoothing,
            range_db: self.range,
            keeps_loudness: self.keep_loudness,
        };
        let pink = |hz: f64| (hz >= PINK_FROM_HZ).then(|| 1.0 / hz);
        let speech = |hz: f64| speech::density_db(hz).map(|db| 10.0_f64.powf(0.1 * db));
        let louder = |hz: f64| match &self.to {
            Target::EqualLoudness(levels) => levels.gain_db(hz),
            _ => 0.0,
        };
        let reference = match (&self.to, reference) {
            (Target::Pink, _) => Reference::Shape(&pink),
            (Target::Speech, _) => Reference::Shape(&speech),
            (_, Some(other)) => Reference::Sound(&other.spectrum),
            (_, None) => Reference::Change(&louder),
        };
        match_bands(bank, &sound.spectrum, reference, &options)
    }

    fn preset(&self, curve: &Curve) -> Preset {
        let stem =
            |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let to = match &self.to {
            Target::File(path) => stem(path),
            target => target.name(),
        };
        let comment = format!("{} matched to {to} by erbium match", stem(&self.input));
        let about = About { comment: Some(comment), ..About::default() };
        // The points are the bank's own centres, at which it reads them whatever its scale.
        let curve = curve.points().iter().map(|point| (point.hz, point.db)).collect();
        let (name, settings) = (stem(&self.output), self.settings.clone());
        Preset { name, about, settings, curve, ..Preset::default() }
    }
}
