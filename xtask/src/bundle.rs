//! Builds the plugin and program, and puts them into the shapes hosts look for.

use crate::run::target_dir;
use crate::setup;
use anyhow::Result;
use std::path::PathBuf;

/// Build the plugins and the program: target/bundled/Erbium.clap, Erbium.vst3 and Erbium
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

/// Where the bundles are. Both profiles write to the same place, so a bundle is what was built
/// last and every task builds the one it uses.
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
    let mut arguments = vec!["bundle".to_owned(), "erbium".to_owned()];
    if profile == Profile::Release {
        arguments.push("--release".to_owned());
    }
    nice_plug_xtask::main_with_args("cargo xtask", arguments)?;
    let bundled = target_dir()?.join("bundled");
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
