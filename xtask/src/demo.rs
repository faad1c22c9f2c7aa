//! The demo: the built plugin in a real host, playing real sound.

use crate::bundle::{self, Profile};
use crate::run::{cargo, run};
use crate::setup;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Play a recording through the built plugin: an output WAV, a picture and a summary in demo/
///
/// Builds and bundles the release plugin, loads the CLAP as a DAW does, plays the recording
/// through it with a preset, draws the result's cochleagram, and prints the latency reported and
/// measured, the flat null, the muted-all depth and the speed.
///
/// Example: cargo xtask demo song.wav
#[derive(clap::Args)]
pub struct Arguments {
    /// A WAV file, mono or stereo; without it, the recording that comes with the project
    wav: Option<PathBuf>,
    /// Only say what would be installed and made
    #[arg(long)]
    dry_run: bool,
}

/// `cargo xtask demo`; a relative path is meant from the directory `from`.
pub fn task(arguments: &Arguments, from: &Path) -> Result<()> {
    let root = std::env::current_dir()?;
    let wav = match &arguments.wav {
        Some(wav) => from.join(wav),
        None => root.join("tests/data/demo.wav"),
    };
    ensure!(wav.is_file(), "there is no WAV file {}", wav.display());
    let dir = root.join("demo");
    let (output, picture) = (dir.join("output.wav"), dir.join("cochleagram.png"));
    setup::ensure_build(arguments.dry_run)?;
    if arguments.dry_run {
        println!("Would play {} and write", wav.display());
        println!("  {}\n  {}", output.display(), picture.display());
        return Ok(());
    }
    let host = || {
        let mut command = cargo();
        command.args(["run", "--release", "-p", "erbium-tests", "--bin", "erbium-demo", "--"]);
        command.arg(&wav).args(["--preset", "plugin/presets/presence.json"]);
        command
    };
    // Without a plugin the host only checks the file: a bad one is told before the long build.
    run(&mut host())?;
    let bundles = bundle::build(Profile::Release)?;
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    run(host().arg("--clap").arg(&bundles.clap).arg("--output").arg(&output))?;
    run(Command::new(&bundles.program)
        .arg("analyze")
        .arg(&output)
        .args(["--feature", "cochleagram", "-o"])
        .arg(&picture))?;
    println!("Output       {}", output.display());
    println!("Cochleagram  {}", picture.display());
    Ok(())
}
