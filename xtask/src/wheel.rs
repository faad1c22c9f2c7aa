//! The Python package: built as a wheel, installed into an environment made for it, and tested there.

use crate::files;
use crate::python::{self, Package};
use crate::run::{run, target_dir};
use crate::setup;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Build the Python package, install it into a fresh virtual environment and run its tests
///
/// The environment is target/python-package; the wheel is left in target/wheels. System packages are installed only
/// where missing.
///
/// Example: cargo xtask python -- -k stream
#[derive(clap::Args)]
pub struct Arguments {
    /// Build the wheel to be given to others: optimised as a whole, which takes minutes
    #[arg(long)]
    release: bool,
    /// Only say what would be installed and run
    #[arg(long)]
    dry_run: bool,
    /// What pytest is given, for example -k and part of a test's name
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// What builds the package and tests it, from PyPI; librosa and SciPy are what it is held against.
const PACKAGES: &[Package] = &[
    ("maturin", "1.16.0"),
    ("numpy", "2.2.6"),
    ("scipy", "1.15.3"),
    ("librosa", "0.11.0"),
    ("pytest", "9.0.2"),
    ("hypothesis", "6.168.5"),
];

/// The environment in target.
const VENV: &str = "python-package";

/// `cargo xtask python`.
pub fn task(arguments: &Arguments) -> Result<()> {
    setup::ensure_python(arguments.dry_run)?;
    if arguments.dry_run {
        python::announce(PACKAGES, VENV);
        println!("Would build the package in python and run its tests");
        return Ok(());
    }
    let python = python::fresh(PACKAGES, VENV)?;
    let wheel = build(&python, arguments.release)?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"])
        .arg(&wheel)
        .stdin(Stdio::null()))?;
    println!("{} is installed in {}", wheel.display(), target_dir()?.join(VENV).display());
    // From here, where no folder hides the package that is installed.
    run(Command::new(&python)
        .args([
            "-m",
            "pytest",
            "-c",
            "python/pyproject.toml",
            "--rootdir",
            "python",
            "python/tests",
        ])
        .args(&arguments.arguments)
        // What these keep for later runs is not for the tree.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("HYPOTHESIS_STORAGE_DIRECTORY", target_dir()?.join("hypothesis"))
        .stdin(Stdio::null()))
}

/// Builds the wheel and returns where it is.
fn build(python: &Path, release: bool) -> Result<PathBuf> {
    let folder = target_dir()?.join("wheels");
    files::remove(&folder)?;
    let profile = if release { "release" } else { "dev" };
    run(Command::new(python)
        .args(["-m", "maturin", "build", "--locked", "--profile", profile])
        .args(["--manifest-path", "python/Cargo.toml", "--interpreter"])
        .arg(python)
        .arg("--out")
        .arg(&folder)
        .stdin(Stdio::null()))?;
    let mut wheels = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    match (wheels.next(), wheels.next()) {
        (Some(wheel), None) => Ok(wheel?.path()),
        _ => bail!("{} does not hold one wheel", folder.display()),
    }
}
