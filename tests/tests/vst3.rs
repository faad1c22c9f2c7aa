//! The built VST3 in pedalboard, a host of its own in Python.

use anyhow::{Context, Result, ensure};
use erbium_tests::prerequisites;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long the host may take: many times what it does on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

#[test]
fn pedalboard_plays_it() -> Result<()> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/vst3_host.py");
    let folder = tempfile::tempdir()?;
    // A file and no pipe: nobody reads while the host runs.
    let log = folder.path().join("log.txt");
    let mut host = Command::new(prerequisites::path(prerequisites::PYTHON))
        .arg("-u")
        .arg(script)
        .arg(prerequisites::path(prerequisites::VST3))
        .stdin(Stdio::null())
        .stdout(File::create(&log)?)
        .stderr(File::options().append(true).open(&log)?)
        .spawn()
        .context("Python does not start")?;
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = host.try_wait()? {
            break Some(status);
        }
        if Instant::now() >= deadline {
            host.kill()?;
            host.wait()?;
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
