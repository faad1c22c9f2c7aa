//! The demo's own steps: the recording through the built plugin, then its picture.

use anyhow::{Context, Result, ensure};
use erbium_tests::{prerequisites, signal, wav};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file of the workspace.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

/// Runs a program to its end, which has to be a success, and returns what it printed.
fn said(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    let (said, complaints) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{command:?}: {}\n{said}\n{complaints}", output.status);
    Ok(said.into_owned())
}

fn demo(wav: &Path, preset: &Path, output: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_erbium-demo"));
    command.arg(wav).arg("--preset").arg(preset);
    command.arg("--clap").arg(prerequisites::path(prerequisites::CLAP));
    command.arg("--output").arg(output);
    command
}

#[test]
fn plays_the_recording_and_draws_it() -> Result<()> {
    let program = prerequisites::path(prerequisites::PROGRAM);
    let (recording, preset) = (file("tests/data/demo.wav"), file("plugin/presets/presence.json"));
    let folder = tempfile::tempdir()?;
    let output = folder.path().join("output.wav");
    let summary = said(&mut demo(&recording, &preset, &output))?;
    for line in ["Latency", "Flat null    exact", "Muted all", "Preset", "Speed"] {
        ensure!(summary.contains(line), "no line of {line:?} in\n{summary}");
    }

    // The command line renders the same preset without the host in between.
    let rendered = folder.path().join("rendered.wav");
    let mut render = Command::new(&program);
    render.arg("render").arg(&recording).arg("--preset").arg(&preset).arg("-o").arg(&rendered);
    said(&mut render)?;
    let [input, played, rendered] = [&recording, &output, &rendered].map(|path| wav::read(path));
    let (input, played, rendered) = (input?, played?, rendered?);
    ensure!(played.sample_rate_hz == input.sample_rate_hz);
    ensure!(played.channels.len() == input.channels.len());
    for ((input, played), rendered) in
        input.channels.iter().zip(&played.channels).zip(&rendered.channels)
    {
        ensure!(played.len() == input.len(), "{} samples of {}", played.len(), input.len());
        let change_db = signal::difference_db(played, input);
        ensure!(change_db > -30.0, "the preset is not heard: {change_db:.1} dB of change");
        let error_db = signal::difference_db(played, rendered);
        ensure!(error_db < -100.0, "played and rendered differ by {error_db:.1} dB");
    }

    let picture = folder.path().join("cochleagram.png");
    let mut analyze = Command::new(&program);
    analyze.arg("analyze").arg(&output).args(["--feature", "cochleagram", "-o"]).arg(&picture);
    said(&mut analyze)?;
    let png = std::fs::read(&picture)?;
    ensure!(png.starts_with(b"\x89PNG\r\n\x1a\n"), "not a PNG picture");
    let size = |at: usize| -> Result<u32> { Ok(u32::from_be_bytes(png[at..at + 4].try_into()?)) };
    // The header's width and height; a picture of one colour packs into far less.
    let (width, height) = (size(16)?, size(20)?);
    ensure!((width, height) == (1400, 700), "the picture has {width} by {height} pixels");
    ensure!(png.len() > 50_000, "the picture is empty: {} bytes", png.len());
    Ok(())
}

#[test]
fn a_failure_is_told() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let output = folder.path().join("output.wav");
    let recording = file("tests/data/demo.wav");
    let refused = demo(&recording, &folder.path().join("none.json"), &output).output()?;
    ensure!(!refused.status.success(), "a preset that is not there plays");
    let complaint = String::from_utf8_lossy(&refused.stderr);
    ensure!(complaint.contains("cannot read the preset"), "{complaint}");
    ensure!(!output.exists(), "a failed demo leaves an output");
    Ok(())
}
