//! What the tests need from outside, each missing piece a sentence and never a silent skip.

use std::path::PathBuf;

/// The bundled CLAP plugin.
pub const CLAP: &str = "ERBIUM_CLAP";
/// The bundled VST3 plugin.
pub const VST3: &str = "ERBIUM_VST3";
/// The standalone program.
pub const PROGRAM: &str = "ERBIUM_PROGRAM";
/// A Python interpreter with pedalboard and numpy.
pub const PYTHON: &str = "ERBIUM_PYTHON";

/// The path an environment variable holds.
///
/// # Panics
/// Where the variable is not set or nothing is there, with the way to put it right.
#[must_use]
pub fn path(variable: &str) -> PathBuf {
    let Some(value) = std::env::var_os(variable) else {
        panic!("{variable} is not set: run `cargo xtask test`, which builds what these tests need");
    };
    let path = PathBuf::from(value);
    assert!(
        path.exists(),
        "{variable} is {}, where nothing is: run `cargo xtask test`, which builds it",
        path.display()
    );
    path
}
