//! The built VST3 in pedalboard, a host of its own in Python.

use anyhow::{Context, Result, ensure};
use erbium_tests::prerequisites;
use erbium_tests::screen::{Running, screen};
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long the host may take: many times what it does on a busy machine.
const PATIENCE: Duration = Duration::from_secs(1200);

#[test]
fn pedalboard_plays_it() -> Result<()> {
    play("python/vst3_host.py", None)
}

#[test]
fn pedalboard_opens_and_closes_the_editor() -> Result<()> {
    let (_server, display) = screen()?;
    play("python/vst3_editor.py", Some(&display))
}

/// Runs a script of the host, on a display where it needs one.
fn play(script: &str, display: Option<&str>) -> Result<()> {
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
            .stdin(Stdio::null())
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?)
            .spawn()
            .context("Python does not start")?,
    );
    let deadline = Instant::now() + PATIENCE;
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
    Ok(())
}
