//! Puts the plugins where hosts look for them.

use crate::bundle::{self, Profile};
use crate::files::{copy, remove};
use crate::setup;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// Build the plugins and copy them to ~/.clap and ~/.vst3, where DAWs look for them
///
/// Example: cargo xtask install --dry-run
#[derive(clap::Args)]
pub struct Arguments {
    /// Only say what would be copied where
    #[arg(long)]
    dry_run: bool,
}

/// `cargo xtask install`.
pub fn task(arguments: &Arguments) -> Result<()> {
    let (clap_dir, vst3_dir) = plugin_dirs()?;
    setup::ensure_build(arguments.dry_run)?;
    if arguments.dry_run {
        println!("Would build the release plugins and copy");
        println!("  Erbium.clap to {}", clap_dir.display());
        println!("  Erbium.vst3 to {}", vst3_dir.display());
        return Ok(());
    }
    let bundles = bundle::build(Profile::Release)?;
    let mut copies =
        vec![(bundles.clap.clone(), clap_dir), (bundles.vst3.clone(), vst3_dir.clone())];
    if cfg!(target_os = "macos") {
        copies.push((
            bundles.clap.with_extension("component"),
            vst3_dir.with_file_name("Components"),
        ));
    }
    for (bundle, dir) in &copies {
        let name = bundle.file_name().context("a bundle without a name")?;
        let to = dir.join(name);
        replace(bundle, &to)?;
        println!("Installed {}", to.display());
    }
    println!("Let your DAW scan its plugins again.");
    Ok(())
}

/// The user's own plugin directories, CLAP's and VST3's.
fn plugin_dirs() -> Result<(PathBuf, PathBuf)> {
    let Some(home) = std::env::home_dir() else { bail!("there is no home directory") };
    if cfg!(target_os = "macos") {
        let plugins = home.join("Library/Audio/Plug-Ins");
        return Ok((plugins.join("CLAP"), plugins.join("VST3")));
    }
    if cfg!(target_os = "windows") {
        let local = std::env::var_os("LOCALAPPDATA").context("LOCALAPPDATA is not set")?;
        let common = PathBuf::from(local).join("Programs").join("Common");
        return Ok((common.join("CLAP"), common.join("VST3")));
    }
    Ok((home.join(".clap"), home.join(".vst3")))
}

/// Copies a file or directory beside its place and swaps it in, so that a DAW that has the old
/// one open keeps it and a copy cut short never stands in for a plugin.
pub fn replace(from: &Path, to: &Path) -> Result<()> {
    let what = || format!("cannot install {}", to.display());
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).with_context(what)?;
    }
    let new = to.with_extension("new");
    remove(&new).with_context(what)?;
    copy(from, &new).with_context(what)?;
    remove(to).with_context(what)?;
    fs::rename(&new, to).with_context(what)
}
