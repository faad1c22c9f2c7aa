//! The built VST3 in a DAW: played, automated, saved, loaded again and exported; what comes out is judged here.

mod ardour;
mod automation;
mod compare;
mod session;

use crate::bundle::{self, Bundles, Profile};
use crate::files::copy;
use crate::run::{output_of, target_dir};
use crate::setup;
use anyhow::{Context, Result, bail, ensure};
use ardour::Ardour;
use automation::Lane;
use compare::{Sound, apart_db, change, ensure_equal};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is played.
const SOUND: &str = "tests/data/demo.wav";
/// Ardour plays plugins between exports as well, and where the sound falls on the sampling grid of the bands
/// follows from that. The grid of the default bank repeats in a divisor of this, so that all exports fall on
/// the same place of it and can be asked to be equal bit for bit.
const BLOCK: &str = "3072";
/// Falls on another place of it.
const OTHER_BLOCK: &str = "1024";
/// The most that two places on the grid may differ, in dB of the change that the gains make: twice the alias
/// of the default bank, -106.8 dB for the worst sinusoid.
const MOST_ALIAS_DB: f64 = -100.0;
/// The least that the gains change the sound, in dB of it.
const LEAST_CHANGE_DB: f64 = -40.0;
/// How long it plays at a device's pace, in seconds.
const PLAYED_S: u32 = 2;
/// Bands far from each other, by number, and their gains in dB.
const GAINS: &[(u32, f64)] = &[(10, 6.0), (20, -12.5), (33, 3.3)];

/// `cargo xtask soak --daw`.
pub fn task(dry_run: bool) -> Result<()> {
    setup::ensure_daw(dry_run)?;
    if dry_run {
        println!(
            "Would build the release VST3, play {SOUND} through it in Ardour and compare exports"
        );
        return Ok(());
    }
    let bundles = bundle::build(Profile::Release)?;
    let folder = target_dir()?.join("daw");
    ardour::fresh(&folder)?;
    let folder = fs::canonicalize(folder)?;
    let ardour = Ardour::new(&folder, &fs::canonicalize(&bundles.vst3)?)?;
    println!("\nErbium.vst3 in Ardour {}: {SOUND}, blocks of {BLOCK}", ardour.version()?);
    let soak = Soak { ardour, sound: compare::read(Path::new(SOUND))?, folder };
    soak.all(&bundles).with_context(|| {
        format!("Erbium.vst3 in Ardour (sessions and exports are in {})", soak.folder.display())
    })?;
    println!("All of it holds.");
    Ok(())
}

/// What one run has.
struct Soak {
    ardour: Ardour,
    sound: Sound,
    /// An absolute path.
    folder: PathBuf,
}

/// What Ardour says of the track and its plugin.
#[derive(PartialEq, Debug)]
struct Description {
    latency_samples: u64,
    /// Each parameter's value and name, as it was written.
    parameters: Vec<String>,
}

impl Soak {
    fn all(&self, bundles: &Bundles) -> Result<()> {
        let saved = self.flat_and_gains()?;
        let before = self.export("before")?;
        self.gains_reach_the_sound(&before, &bundles.program).context("with gains")?;
        self.reloaded(&saved, &before)?;
        self.state_alone(&saved, &before).context("from the plugin's own state alone")?;
        self.other_place(&before).context("at another place of the grid")?;
        self.automated(&saved, &before).context("with automation")
    }

    /// A new session with the sound on the track: flat, then with gains, then saved. Returns what was saved.
    fn flat_and_gains(&self) -> Result<Description> {
        let rate = self.sound.rate_hz.to_string();
        self.run("session", BLOCK, &["create", &rate, "insert", "Erbium", "save"])?;
        let session = self.session("session");
        let samples = self.sound.frames.len();
        session::add_sound(
            &session,
            Path::new(SOUND),
            u64::try_from(samples)?,
            self.sound.rate_hz,
        )?;
        let [new, with_gains] = ["new", "with-gains"].map(|name| self.path(name));
        let flat = self.export_steps("flat");
        let mut steps: Vec<String> = ["load", "describe", &new].map(str::to_owned).to_vec();
        steps.extend(flat);
        for (band, gain_db) in GAINS {
            steps.extend(["set".to_owned(), format!("Gain {band}"), gain_db.to_string()]);
        }
        steps.extend(["describe", &with_gains].map(str::to_owned));
        steps.extend(self.export_steps("before"));
        steps.push("save".to_owned());
        self.run("session", BLOCK, &steps)?;
        let new = self.describe("new")?;
        row("latency", &format!("{} samples", new.latency_samples));
        ensure!(new.latency_samples > 0, "the plugin reports no latency: it is not what plays");
        ensure_equal(&self.export("flat")?, &self.sound.frames)
            .context("flat, beside the source")?;
        row("flat, beside the source", "equal bit for bit at lag 0");
        let saved = self.describe("with-gains")?;
        let moved = different(&saved, &new);
        ensure!(moved == GAINS.len(), "{moved} parameters moved, not the {} set", GAINS.len());
        Ok(saved)
    }

    fn gains_reach_the_sound(&self, before: &[[f32; 2]], program: &Path) -> Result<()> {
        let source = &self.sound.frames;
        ensure_finite(before)?;
        let change_db = apart_db(before, source, source);
        row("gains, beside the source", &format!("{change_db:.1} dB of it"));
        ensure!(
            change_db >= LEAST_CHANGE_DB,
            "they change the sound by {change_db:.1} dB of it, less than {LEAST_CHANGE_DB} dB"
        );
        let output = self.folder.join("rendered.wav");
        let mut command = Command::new(program);
        command.arg("render").arg(SOUND).arg("-o").arg(&output);
        for (band, gain_db) in GAINS {
            command.arg("--set").arg(format!("gain_{band}={gain_db}"));
        }
        output_of(&mut command)?;
        let rendered = compare::read(&output)?.frames;
        self.ensure_alias("gains, beside `erbium render`", &rendered, before)
    }

    /// In another process of Ardour.
    fn reloaded(&self, saved: &Description, before: &[[f32; 2]]) -> Result<()> {
        let after = self.reload("session", BLOCK, "after")?;
        ensure_values(&self.describe("after")?, saved).context("after a reload")?;
        row("values after save and reload", &format!("{} of them equal", saved.parameters.len()));
        ensure_equal(&after, before).context("after a reload, beside before it")?;
        row("sound after save and reload", "equal bit for bit");
        Ok(())
    }

    fn state_alone(&self, saved: &Description, before: &[[f32; 2]]) -> Result<()> {
        let session = self.copy_session("state-alone")?;
        session::leave_only_the_state(&session)?;
        let after = self.reload("state-alone", BLOCK, "state-alone")?;
        ensure_values(&self.describe("state-alone")?, saved)?;
        ensure_equal(&after, before)?;
        row("the plugin's own state alone", "equal bit for bit");
        Ok(())
    }

    fn other_place(&self, before: &[[f32; 2]]) -> Result<()> {
        let other = self.reload("session", OTHER_BLOCK, "other-blocks")?;
        self.ensure_alias(&format!("in blocks of {OTHER_BLOCK}"), &other, before)
    }

    fn automated(&self, saved: &Description, before: &[[f32; 2]]) -> Result<()> {
        let lane = Lane::new(self.sound.frames.len(), self.sound.rate_hz);
        let file = self.path("lane");
        fs::write(&file, lane.to_text())?;
        self.copy_session("automated")?;
        let mut steps: Vec<String> =
            ["load", "automate", automation::PARAMETER, &file].map(str::to_owned).to_vec();
        steps.extend(self.export_steps("automated"));
        steps.extend(self.export_steps("automated-again"));
        steps.push("save".to_owned());
        self.run("automated", BLOCK, &steps)?;
        let automated = self.export("automated")?;
        ensure_finite(&automated)?;
        lane.judge(&automated, before)?;

        let again = self.export("automated-again")?;
        ensure_equal(&again, &automated).context("exported again")?;
        let reloaded = self.reload("automated", BLOCK, "automated-reloaded")?;
        ensure_values(&self.describe("automated-reloaded")?, saved)?;
        ensure_equal(&reloaded, &automated).context("after a reload")?;
        row("automated again, and after reload", "equal bit for bit");
        self.played(&lane, &automated).context("after it was played")
    }

    /// Plays through the middle of the lane, as users listen, and exports after that.
    fn played(&self, lane: &Lane, automated: &[[f32; 2]]) -> Result<()> {
        let (from, file) = (lane.middle().to_string(), self.path("played-samples"));
        let seconds = PLAYED_S.to_string();
        let mut steps: Vec<String> =
            ["load", "roll", &from, &seconds, &file].map(str::to_owned).to_vec();
        steps.extend(self.export_steps("automated-played"));
        self.run("automated", BLOCK, &steps)?;
        let played: i64 = fs::read_to_string(&file)?.trim().parse()?;
        let least = i64::from(self.sound.rate_hz) * i64::from(PLAYED_S) / 2;
        ensure!(played >= least, "Ardour played {played} samples in {PLAYED_S} s, not {least}");
        ensure_equal(&self.export("automated-played")?, automated)?;
        row("automated, after it was played", &format!("equal bit for bit; {played} samples"));
        Ok(())
    }

    /// Within the alias of the bank, at its different places.
    fn ensure_alias(&self, what: &str, heard: &[[f32; 2]], wanted: &[[f32; 2]]) -> Result<()> {
        ensure!(heard.len() == wanted.len(), "{} frames, not {}", heard.len(), wanted.len());
        let apart = apart_db(heard, wanted, &change(wanted, &self.sound.frames));
        let measured = if apart == f64::NEG_INFINITY {
            "equal bit for bit".to_owned()
        } else {
            format!("{apart:.1} dB of the change")
        };
        row(what, &measured);
        ensure!(
            apart <= MOST_ALIAS_DB,
            "apart by {apart:.1} dB of the change, more than {MOST_ALIAS_DB} dB"
        );
        Ok(())
    }

    fn run<S: AsRef<str>>(&self, session: &str, block: &str, steps: &[S]) -> Result<()> {
        let steps: Vec<&str> =
            ["blocks", block].into_iter().chain(steps.iter().map(AsRef::as_ref)).collect();
        self.ardour.run(&self.session(session), &steps)
    }

    /// Loads a session in a process of its own, and exports and describes it by this name.
    fn reload(&self, session: &str, block: &str, name: &str) -> Result<Vec<[f32; 2]>> {
        let description = self.path(name);
        let mut steps: Vec<String> = ["load", "describe", &description].map(str::to_owned).to_vec();
        steps.extend(self.export_steps(name));
        self.run(session, block, &steps)?;
        self.export(name)
    }

    fn copy_session(&self, name: &str) -> Result<PathBuf> {
        let to = self.session(name);
        copy(&self.session("session"), &to)
            .with_context(|| format!("cannot copy the session to {}", to.display()))?;
        Ok(to)
    }

    fn export_steps(&self, name: &str) -> [String; 4] {
        let samples = self.sound.frames.len().to_string();
        ["export".to_owned(), self.path(name), samples, ardour::EXPORT.to_owned()]
    }

    fn export(&self, name: &str) -> Result<Vec<[f32; 2]>> {
        let sound = compare::read(&self.folder.join(format!("{name}.wav")))?;
        ensure!(sound.rate_hz == self.sound.rate_hz, "{name} is at {} Hz", sound.rate_hz);
        Ok(sound.frames)
    }

    fn describe(&self, name: &str) -> Result<Description> {
        let text = fs::read_to_string(self.path(name))?;
        let mut lines = text.lines();
        let mut number = |key: &str| -> Result<u64> {
            let value = lines.next().and_then(|line| line.strip_prefix(key)?.strip_prefix('\t'));
            value
                .with_context(|| format!("Ardour does not tell {key}"))?
                .parse()
                .context(text.clone())
        };
        let (latency_samples, regions) = (number("latency")?, number("regions")?);
        ensure!(regions == 1, "the track has {regions} regions, not the one sound");
        Ok(Description { latency_samples, parameters: lines.map(str::to_owned).collect() })
    }

    fn session(&self, name: &str) -> PathBuf {
        self.folder.join("sessions").join(name)
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_string_lossy().into_owned()
    }
}

/// One line of the table.
fn row(what: &str, measured: &str) {
    println!("  {what:<36}{measured}");
}

fn ensure_finite(frames: &[[f32; 2]]) -> Result<()> {
    let bad = frames.iter().position(|frame| !frame.iter().all(|sample| sample.is_finite()));
    ensure!(bad.is_none(), "frame {} is no number", bad.unwrap_or_default());
    Ok(())
}

/// How many values are not the same.
fn different(a: &Description, b: &Description) -> usize {
    a.parameters.iter().zip(&b.parameters).filter(|(a, b)| a != b).count()
}

fn ensure_values(heard: &Description, wanted: &Description) -> Result<()> {
    let pairs = || heard.parameters.iter().zip(&wanted.parameters);
    ensure!(heard.parameters.len() == wanted.parameters.len(), "other parameters");
    if let Some((heard, wanted)) = pairs().find(|(heard, wanted)| heard != wanted) {
        bail!("{}, not {}", heard.replace('\t', " "), wanted.replace('\t', " "));
    }
    Ok(())
}
