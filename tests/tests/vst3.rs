//! The built VST3 in pedalboard, a host of its own in Python.

use anyhow::{Context, Result, ensure};
use erbium_tests::screen::{Running, screen};
use erbium_tests::{prerequisites, soak};
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long the host may take: many times what it does on a busy machine.
const PATIENCE: Duration = Duration::from_secs(1200);

#[test]
fn pedalboard_plays_it() -> Result<()> {
    play("python/vst3_host.py", None, &[])
}

#[test]
fn pedalboard_opens_and_closes_the_editor() -> Result<()> {
    let (_server, display) = screen()?;
    play("python/vst3_editor.py", Some(&display), &[])
}

/// Opens and closes the editor under some lanes of automation.
fn openings_under_automation(lanes: usize) -> Result<()> {
    let (_server, display) = screen()?;
    let openings = u64::try_from(soak::count(6, 100))?;
    let numbers = [u64::try_from(lanes)?, openings, soak::duration().as_secs()];
    play("python/vst3_automation.py", Some(&display), &numbers.map(|number| number.to_string()))
}

#[test]
fn soak_pedalboard_openings_under_one_lane() -> Result<()> {
    openings_under_automation(1)
}

#[test]
fn soak_pedalboard_openings_under_dense_automation() -> Result<()> {
    openings_under_automation(64)
}

/// Runs a script of the host, on a display where it needs one. No thread of the plugin may panic.
fn play(script: &str, display: Option<&str>, arguments: &[String]) -> Result<()> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let folder = tempfile::tempdir()?;
    // A file and no pipe: nobody reads while the host runs.
    let log = folder.path().join("log.txt");
    let mut command = Command::new(prerequisites::path(prerequisites::PYTHON));
    if let Some(display) = display {
        command.env("DISPLAY", display).env_remove("WAYLAND_DISPLAY");
        command.env("LIBGL_ALWAYS_SOFTWARE", "1");
    }
    let mut host = Running(
        command
            .arg("-u")
            .arg(script)
            .arg(prerequisites::path(prerequisites::VST3))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?)
            .spawn()
            .context("Python does not start")?,
    );
    let deadline = Instant::now() + PATIENCE + soak::duration();
    let status = loop {
        if let Some(status) = host.0.try_wait()? {
            break Some(status);
        }
        if Instant::now() >= deadline {
            break None;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    let said = std::fs::read_to_string(&log)?;
    println!("{said}");
    let status =
        status.with_context(|| format!("the host was still busy after {PATIENCE:?}\n{said}"))?;
    ensure!(status.success(), "the host failed ({status})\n{said}");
    ensure!(!said.contains("panicked at"), "a thread of the plugin panicked\n{said}");
    Ok(())
}
