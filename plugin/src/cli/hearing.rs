//! `erbium hearing`: from an audiogram to a curve for each ear.

use super::console;
use super::files::curve_output::CurveFormat;
use super::files::output_plan::{OutputPlan, OverwriteArgument};
use anyhow::{Result, anyhow};
use clap::{Args, ValueEnum};
use erbium::state::preset::library::read_bytes;
use erbium::state::preset::{About, Preset};
use erbium_curve::hearing::{GAIN_MAX_DB, Prescription, Rule, read_audiogram};
use std::path::{Path, PathBuf};

/// Turn an audiogram into gains for each ear
#[derive(Args)]
#[command(after_help = "\
Erbium is no medical device and no hearing aid: nothing here is fitted to a person, verified in an ear or limits how \
loud sound becomes. For a hearing loss, see an audiologist; turn the level down before gains are tried.

AUDIOGRAM is a table of frequencies in hertz and thresholds in dB HL, with a column for both ears or one for each, \
told by headings such as \"Hz left right\"; decimal commas, semicolons, tabs and units are read. The rules are for \
linear amplification:
  half-gain  half of the threshold (Lybarger, 1963)
  nal-r      0.15 times the mean threshold at 500, 1000 and 2000 Hz, 0.31 times the threshold, and a constant for the
             frequency (Byrne and Dillon, 1986); needs thresholds at 500 to 2000 Hz
Gains are 0 to 20 dB: what a rule gives beyond is limited, with a warning. Beyond the audiogram's ends they are \
level.

Where the ears differ, out.json becomes out-left.json and out-right.json, or --ear names one. Play each in its own \
channel: one curve is played in all channels of a file or an instance.

Examples:
  erbium hearing audiogram.csv -o mine.json
  erbium hearing audiogram.csv --rule nal-r --ear left -o left.txt")]
pub struct Arguments {
    /// Table of hertz and dB HL
    #[arg(value_name = "AUDIOGRAM")]
    input: PathBuf,
    /// File to write: a preset, or the curve alone as GraphicEQ text or a table
    #[arg(short, long, value_name = "OUT.{json,txt,csv}")]
    output: PathBuf,
    /// From thresholds to gains: half-gain or nal-r
    #[arg(long, value_name = "RULE", default_value_t = Rule::HalfGain)]
    rule: Rule,
    /// Write the curve of this ear alone
    #[arg(long, value_enum)]
    ear: Option<Ear>,
    #[command(flatten)]
    overwrite: OverwriteArgument,
}

/// An ear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Ear {
    Left,
    Right,
}

impl Ear {
    const fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    /// The path of its file beside the other ear's.
    fn path(self, path: &Path) -> PathBuf {
        let mut name = path.file_stem().unwrap_or_default().to_owned();
        name.push(format!("-{}.", self.name()));
        name.push(path.extension().unwrap_or_default());
        path.with_file_name(name)
    }
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<()> {
    let (input, output) = (&arguments.input, &arguments.output);
    let format = CurveFormat::of(output)?;
    let name = input.display().to_string();
    let bytes = read_bytes(input)?;
    let both = read_audiogram(&bytes).map_err(|error| anyhow!("{name}: {error}"))?;
    let same = both.left == both.right;
    let ears = match arguments.ear {
        Some(Ear::Left) => vec![(Some(Ear::Left), &both.left, output.clone())],
        Some(Ear::Right) => vec![(Some(Ear::Right), &both.right, output.clone())],
        None if same => vec![(None, &both.left, output.clone())],
        None => [(Ear::Left, &both.left), (Ear::Right, &both.right)]
            .map(|(ear, audiogram)| (Some(ear), audiogram, ear.path(output)))
            .to_vec(),
    };
    let mut plan = OutputPlan::new([input], &[], arguments.overwrite);
    let mut written = Vec::new();
    for (ear, audiogram, path) in ears {
        plan.add(&path, None)?;
        let whose = ear.map_or("both ears", |ear| match ear {
            Ear::Left => "the left ear",
            Ear::Right => "the right ear",
        });
        let prescription = arguments.rule.prescribe(audiogram);
        let prescription = prescription.map_err(|error| anyhow!("{name}: {whose}: {error}"))?;
        written.push((whose, prescription, path));
    }
    for note in &both.notes {
        console::warn(&format!("{name}: {note}"));
    }
    for (whose, prescription, path) in written {
        let preset = arguments.preset(whose, &prescription, &path)?;
        format.write(&path, &preset, &prescription.curve)?;
        if let Some(warning) = limited(whose, &prescription) {
            console::warn(&warning);
        }
        let gains = prescription.curve.points().iter().map(|point| point.db);
        let (low_db, high_db) =
            gains.fold((f64::INFINITY, 0.0_f64), |(low, high), db| (low.min(db), high.max(db)));
        let (rule, path) = (arguments.rule, path.display());
        console::print(&format!(
            "{name} -> {path}: {rule} for {whose}, {low_db:.1} to {high_db:.1} dB"
        ));
    }
    Ok(())
}

/// What a rule gives beyond the limit, if anything.
fn limited(whose: &str, prescription: &Prescription) -> Option<String> {
    let places: Vec<String> = prescription
        .limited
        .iter()
        .map(|point| format!("{} Hz ({:.1} dB by the rule)", point.hz, point.db))
        .collect();
    (!places.is_empty()).then(|| {
        format!("the gains of {whose} are limited to {GAIN_MAX_DB} dB at {}", places.join(", "))
    })
}

impl Arguments {
    fn preset(&self, whose: &str, prescription: &Prescription, path: &Path) -> Result<Preset> {
        let rule = self.rule;
        let comment =
            format!("Gains by {rule} for {whose}, from an audiogram. Erbium is no medical device.");
        let about = About { comment: Some(comment), ..About::default() };
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let preset = Preset::of_curve(&prescription.curve).map_err(|error| anyhow!("{error}"))?;
        Ok(Preset { name, about, ..preset })
    }
}
