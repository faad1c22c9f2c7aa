//! What released versions stored sounds as it did: a row of states and presets that grows with every
//! release, see `tests/data/states/README.md`.

use anyhow::{Context, Result, ensure};
use erbium_tests::host::{self, Instance, PluginEntry, Setup};
use erbium_tests::wav::{self, Recording};
use erbium_tests::{prerequisites, signal};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What differs by less, relative to the sound stored, is other vector instructions' rounding: they
/// move the last digits of single precision, some −140 dB each, and a sample sums thousands of them.
///
/// The sounds were stored on Linux. Exponentials and sines of another system's C library differ in the last
/// digit, which moves a dual within what its search leaves open: −93 and −99 dB under wine.
const SAME_DB: f64 = if cfg!(target_os = "linux") { -110.0 } else { -85.0 };

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/states")
}

fn entry() -> Result<PluginEntry> {
    host::load(&prerequisites::path(prerequisites::CLAP))
}

/// Adds what is missing, as a release does. Never replaces anything.
fn adding() -> bool {
    std::env::var_os("UPDATE_SNAPSHOTS").is_some()
}

/// A state as CLAP hosts hold it: its length, then JSON.
fn framed(json: &[u8]) -> Result<Vec<u8>> {
    let mut blob = u64::try_from(json.len())?.to_le_bytes().to_vec();
    blob.extend(json);
    Ok(blob)
}

/// The files of every version whose names end so.
fn stored(ending: &str) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for version in std::fs::read_dir(folder())? {
        let version = version?.path();
        if version.is_dir() {
            for file in std::fs::read_dir(&version)? {
                files.push(file?.path());
            }
        }
    }
    files.retain(|file| file.to_string_lossy().ends_with(ending));
    files.sort();
    Ok(files)
}

/// Compares with the sound stored beside `file`.
fn compare(file: &Path, played: &Recording) -> Result<()> {
    let sound = file.with_extension("wav");
    if adding() && !sound.exists() {
        wav::write(&sound, played)?;
    }
    let name = file.display();
    let expected = wav::read(&sound)?;
    ensure!(expected.sample_rate_hz == played.sample_rate_hz, "{name}: another sample rate");
    ensure!(expected.channels.len() == played.channels.len(), "{name}: other channels");
    for (played, expected) in played.channels.iter().zip(&expected.channels) {
        ensure!(played.len() == expected.len(), "{name}: another length");
        let difference_db = signal::difference_db(played, expected);
        ensure!(difference_db < SAME_DB, "{name} sounds otherwise: by {difference_db:.1} dB");
    }
    Ok(())
}

/// A state with a curve drawn on another bank, gains moved since, and the other of A and B.
fn state_of_this_version(entry: &PluginEntry, input: &Recording) -> Result<Vec<u8>> {
    let mut instance = Instance::active(entry, Setup::default())?;
    for (band, gain) in [(3, "off"), (7, "9.5 dB"), (12, "-6.25 dB"), (20, "4 dB"), (33, "-12 dB")]
    {
        instance.set(&format!("gain_{band}"), gain)?;
    }
    instance.play(&input.channels)?;
    // The curve is read anew at the bands of another bank.
    for (id, text) in
        [("scale", "Bark"), ("bands", "24"), ("latency", "11 ms"), ("quality", "High")]
    {
        instance.set(id, text)?;
    }
    instance.play(&input.channels)?;
    instance.idle()?;
    for (id, text) in [("gain_5", "-9 dB"), ("output", "-2.50 dB"), ("mix", "80")] {
        instance.set(id, text)?;
    }
    instance.play(&input.channels)?;
    let mut state: Value = serde_json::from_slice(&instance.save_state()?[8..])?;
    // The editor's own doing, which this host cannot do: B, and what a muted band had.
    let memory = json!({
        "slot": 0,
        "other": {
            "erbium": 1, "name": "B",
            "parameters": {
                "kind": "gammatone", "scale": "log", "bands": 28, "latency": "21ms",
                "quality": "standard", "output": 1.5, "mix": 100, "gain_match": false,
                "gain_4": "off", "gain_9": 5.25
            },
            "curve": [[0.0, 0.0], [250.0, -3.5], [1000.0, 6.0], [6000.0, -60.0]]
        },
        "preset": null, "preset_is_own": false, "before_off_db": [0.0, 0.0, 2.5]
    });
    state["fields"]["editor_memory"] = Value::String(memory.to_string());
    let mut other = Instance::new(entry, Setup::default())?;
    other.load_state(&framed(state.to_string().as_bytes())?)?;
    Ok(other.save_state()?[8..].to_vec())
}

/// Stores what this version stores, unless that is there.
fn add(entry: &PluginEntry) -> Result<()> {
    let folder = folder().join(env!("CARGO_PKG_VERSION"));
    std::fs::create_dir_all(&folder)?;
    let (state_file, preset_file) =
        (folder.join("drawn.state.json"), folder.join("other.preset.json"));
    if !state_file.exists() {
        std::fs::write(&state_file, state_of_this_version(entry, &input()?)?)?;
    }
    if !preset_file.exists() {
        // The other of A and B is stored as a preset, written by the plugin itself.
        let state: Value = serde_json::from_slice(&std::fs::read(&state_file)?)?;
        let memory = state["fields"]["editor_memory"].as_str().context("no memory")?;
        let memory: Value = serde_json::from_str(memory)?;
        std::fs::write(&preset_file, serde_json::to_string_pretty(&memory["other"])?)?;
    }
    Ok(())
}

fn input() -> Result<Recording> {
    wav::read(&folder().join("input.wav"))
}

#[test]
fn stored_states_sound_as_they_did() -> Result<()> {
    let entry = entry()?;
    if adding() {
        add(&entry)?;
    }
    let input = input()?;
    let files = stored(".state.json")?;
    ensure!(!files.is_empty(), "no state is stored");
    for file in files {
        let mut instance = Instance::new(&entry, Setup::default())?;
        instance.load_state(&framed(&std::fs::read(&file)?)?)?;
        instance.activate()?;
        let channels = instance.play(&input.channels)?;
        let flat = signal::delayed(&input.channels[0], instance.latency_samples());
        let heard_db = signal::difference_db(&channels[0], &flat);
        ensure!(heard_db > -20.0, "{}: the state is not heard", file.display());
        compare(&file, &Recording { sample_rate_hz: input.sample_rate_hz, channels })?;
        // What it is saved as again is the same sound.
        let mut second = Instance::new(&entry, Setup::default())?;
        second.load_state(&instance.save_state()?)?;
        second.activate()?;
        let channels = second.play(&input.channels)?;
        compare(&file, &Recording { sample_rate_hz: input.sample_rate_hz, channels })?;
    }
    Ok(())
}

#[test]
fn stored_presets_sound_as_they_did() -> Result<()> {
    if adding() {
        add(&entry()?)?;
    }
    let program = prerequisites::path(prerequisites::PROGRAM);
    let files = stored(".preset.json")?;
    ensure!(!files.is_empty(), "no preset is stored");
    for file in files {
        let output = tempfile::tempdir()?;
        let output = output.path().join("out.wav");
        let status = Command::new(&program)
            .arg("render")
            .arg(folder().join("input.wav"))
            .args(["--format", "f32", "-o"])
            .arg(&output)
            .arg("--preset")
            .arg(&file)
            .status()?;
        ensure!(status.success(), "{} is not rendered", file.display());
        compare(&file, &wav::read(&output)?)?;
    }
    Ok(())
}
