//! Builds the plugin and program, and puts them into the shapes hosts look for.

use crate::files::remove;
use crate::mend;
use crate::run::{run, target_dir};
use crate::setup;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

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
            let options = ["--release".to_owned(), config, paths];
            nice_plug_xtask::build(&["erbium".to_owned()], &options)?;
            nice_plug_xtask::bundle(&target, "erbium", &options, false)?;
            target.join("bundled")
        }
        Profile::Dev => {
            build_dev()?;
            bundle_dev(&target)?
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

/// Bundles into target/bundled-dev. The framework writes to target/bundled only, so what is there
/// stands aside for a moment.
fn bundle_dev(target: &Path) -> Result<PathBuf> {
    let [bundled, dev, aside] =
        ["bundled", "bundled-dev", "bundled-aside"].map(|name| target.join(name));
    let what = || format!("cannot make {}", dev.display());
    // One that is still aside was left there by a task cut short.
    if bundled.exists() && !aside.exists() {
        fs::rename(&bundled, &aside).with_context(what)?;
    }
    remove(&bundled).with_context(what)?;
    let result = nice_plug_xtask::bundle(target, "erbium", &[], false)
        .and_then(|()| remove(&dev).and_then(|()| fs::rename(&bundled, &dev)).with_context(what));
    if aside.exists() {
        remove(&bundled).with_context(what)?;
        fs::rename(&aside, &bundled).with_context(what)?;
    }
    result?;
    println!("Moved them to {}", dev.display());
    Ok(dev)
}
