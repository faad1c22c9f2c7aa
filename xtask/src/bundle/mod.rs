//! Builds the plugin and program, and puts them into the shapes hosts look for.

mod audio_unit;
pub mod mend;
mod notices;

use crate::files::remove;
use crate::run::{output_of, run, target_dir};
use crate::setup;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Build the plugins and the program: target/bundled/Erbium.clap, Erbium.vst3 and Erbium
///
/// With --dev they go to target/bundled-dev: what is in target/bundled is what users run.
///
/// Example: cargo xtask bundle
#[derive(clap::Args)]
pub struct Arguments {
    /// Quicker to build, slower to run: the profile the tests use
    #[arg(long)]
    dev: bool,
}

/// The profile to build in.
#[derive(Clone, Copy, PartialEq)]
pub enum Profile {
    /// Quick to build.
    Dev,
    /// What users run.
    Release,
}

/// Where the bundles are.
pub struct Bundles {
    /// The CLAP plugin.
    pub clap: PathBuf,
    /// The VST3 plugin.
    pub vst3: PathBuf,
    /// The standalone program and command line.
    pub program: PathBuf,
}

/// `cargo xtask bundle`.
pub fn task(arguments: &Arguments) -> Result<()> {
    setup::ensure_build(false)?;
    build(if arguments.dev { Profile::Dev } else { Profile::Release })?;
    Ok(())
}

/// Builds and bundles; what is needed to build must be there.
pub fn build(profile: Profile) -> Result<Bundles> {
    let target = target_dir()?;
    let bundled = match profile {
        Profile::Release => {
            let [config, paths] = mend::cargo_options()?;
            let mut options = vec!["--release".to_owned(), config, paths];
            if cfg!(target_os = "macos") {
                options.extend(["--features", "auv2"].map(str::to_owned));
            }
            nice_plug_xtask::build(&["erbium".to_owned()], &options)?;
            nice_plug_xtask::bundle(&target, "erbium", &options, false)?;
            let bundled = target.join("bundled");
            if cfg!(target_os = "macos") {
                let library = bundled.join("Erbium.clap/Contents/MacOS/Erbium");
                let component = audio_unit::write(&bundled, &library, env!("CARGO_PKG_VERSION"))?;
                println!("Created an Audio Unit at {}", component.display());
            }
            let host = output_of(Command::new("rustc").args(["--print", "host-tuple"]))?;
            add_notices(&bundled, host.trim())?;
            bundled
        }
        Profile::Dev => {
            build_dev()?;
            bundle_aside(&target, &[], "bundled-dev")?
        }
    };
    let program = if cfg!(target_os = "windows") {
        "Erbium.exe"
    } else if cfg!(target_os = "macos") {
        "Erbium.app/Contents/MacOS/Erbium"
    } else {
        "Erbium"
    };
    Ok(Bundles {
        clap: bundled.join("Erbium.clap"),
        vst3: bundled.join("Erbium.vst3"),
        program: bundled.join(program),
    })
}

/// Builds everything that the tests need in one go. A package by itself would be built with other
/// features of its dependencies, and all of them a second time for the tests.
fn build_dev() -> Result<()> {
    run(mend::mended_cargo("build")?.args(["--workspace", "--lib", "--bin", "erbium", "--tests"]))
}

/// The licences of what is in the bundles, beside them and in those that are folders.
pub fn add_notices(bundled: &Path, target: &str) -> Result<()> {
    let text = notices::text(target)?;
    let what = || format!("cannot write {} in {}", notices::FILE, bundled.display());
    fs::write(bundled.join(notices::FILE), &text).with_context(what)?;
    for name in ["Erbium.vst3", "Erbium.clap", "Erbium.component", "Erbium.app"] {
        let contents = bundled.join(name).join("Contents");
        if contents.is_dir() {
            let resources = contents.join("Resources");
            fs::create_dir_all(&resources).with_context(what)?;
            fs::write(resources.join(notices::FILE), &text).with_context(what)?;
        }
    }
    Ok(())
}

/// Bundles into a folder of this name in target/. The framework writes to target/bundled only, so what
/// is there stands aside for a moment.
pub fn bundle_aside(target: &Path, options: &[String], name: &str) -> Result<PathBuf> {
    let [bundled, wanted, aside] = ["bundled", name, "bundled-aside"].map(|name| target.join(name));
    let what = || format!("cannot make {}", wanted.display());
    // One that is still aside was left there by a task cut short.
    if bundled.exists() && !aside.exists() {
        fs::rename(&bundled, &aside).with_context(what)?;
    }
    remove(&bundled).with_context(what)?;
    let result = nice_plug_xtask::bundle(target, "erbium", options, false).and_then(|()| {
        remove(&wanted).and_then(|()| fs::rename(&bundled, &wanted)).with_context(what)
    });
    if aside.exists() {
        remove(&bundled).with_context(what)?;
        fs::rename(&aside, &bundled).with_context(what)?;
    }
    result?;
    println!("Moved them to {}", wanted.display());
    Ok(wanted)
}
