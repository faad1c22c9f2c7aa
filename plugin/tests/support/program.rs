//! The built program on the command line.
#![allow(dead_code, reason = "not every test uses everything")]

use erbium_npy::{Element, Limits, Npz};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

pub const RATE_HZ: u32 = 16_000;

pub fn erbium(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_erbium"))
        .args(arguments)
        .current_dir(folder)
        // No test opens the window.
        .env_remove("DISPLAY")
        .output()
        .expect("the program starts")
}

/// Runs the program, which must succeed, and gives what it printed.
pub fn succeed(folder: &Path, arguments: &[&str]) -> (String, String) {
    let output = erbium(folder, arguments);
    let [out, err] =
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).expect("text"));
    assert!(output.status.success(), "{arguments:?}: {err}");
    (out, err)
}

/// Runs the program, which must fail, and gives what it said.
pub fn fail(folder: &Path, arguments: &[&str]) -> String {
    let output = erbium(folder, arguments);
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(!output.status.success(), "{arguments:?} succeeded");
    said
}

pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

pub fn saws_flac() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/saws.flac")
}

/// The same noise on every run, within ±1.
pub fn noise(samples: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from(i16::from_be_bytes([state.to_be_bytes()[0], state.to_be_bytes()[1]])) / 32_768.0
    };
    (0..samples).map(|_| next()).collect()
}

pub fn sine(hz: f64, amplitude: f64, samples: u32) -> Vec<f32> {
    let turn = std::f64::consts::TAU * hz / f64::from(RATE_HZ);
    (0..samples).map(|n| single(amplitude * (turn * f64::from(n)).sin())).collect()
}

#[expect(clippy::cast_possible_truncation)]
const fn single(value: f64) -> f32 {
    value as f32
}

pub fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("readable");
    entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into()).collect()
}

pub fn read_npz<T: Element>(path: &Path, name: &str) -> (Vec<usize>, Vec<T>) {
    let mut npz = Npz::open(path, Limits::default()).expect("readable");
    let array = npz.array(name).expect("readable").unwrap_or_else(|| panic!("{name} is missing"));
    (array.shape().to_vec(), array.values().expect("of this type"))
}
