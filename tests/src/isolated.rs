//! Tests in a process of their own: one that aborts fails by itself, and says why.

use crate::screen::{Running, screen};
use anyhow::{Context, Result, ensure};
use std::fs::File;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Names the test that this process is for.
const VARIABLE: &str = "ERBIUM_ISOLATED";
/// How long a test may take: many times what it does on a busy machine.
const PATIENCE: Duration = Duration::from_secs(600);

/// Runs the body of the test of this name in a process of its own, on a virtual screen where it
/// needs one. A panic fails the test on whichever thread it happens.
///
/// # Errors
/// What the body fails with, or how its process ended.
pub fn isolated(test: &str, needs_screen: bool, body: impl FnOnce() -> Result<()>) -> Result<()> {
    if std::env::var(VARIABLE).is_ok_and(|value| value == test) {
        return body();
    }
    let screen = needs_screen.then(screen).transpose()?;
    let folder = tempfile::tempdir()?;
    // A file and no pipe: nobody reads while the test runs. Both write to its end, or what one says
    // would be written over by the other, a panic for example.
    let log = folder.path().join("log.txt");
    let log_end = || File::options().create(true).append(true).open(&log);
    let mut command = Command::new(std::env::current_exe()?);
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]).env(VARIABLE, test);
    // What is set in a window is kept there, and never among the settings of whoever runs the tests.
    command.env("XDG_CONFIG_HOME", folder.path());
    if let Some((_, display)) = &screen {
        command.env("DISPLAY", display).env_remove("WAYLAND_DISPLAY");
        command.env("LIBGL_ALWAYS_SOFTWARE", "1");
    }
    let mut child = Running(
        command
            .stdin(Stdio::null())
            .stdout(log_end()?)
            .stderr(log_end()?)
            .spawn()
            .context("the test does not start")?,
    );
    let patience = PATIENCE + crate::soak::duration();
    let deadline = Instant::now() + patience;
    let status = loop {
        if let Some(status) = child.0.try_wait()? {
            break Some(status);
        }
        if Instant::now() >= deadline {
            break None;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let said = std::fs::read_to_string(&log)?;
    println!("{said}");
    let status = status.with_context(|| format!("still busy after {patience:?}"))?;
    ensure!(status.success(), "{test} ended with {status}");
    ensure!(!said.contains("panicked at"), "a thread of the plugin panicked");
    // The framework says so in builds that debug, on the audio thread as well.
    ensure!(!said.contains("task queue is full"), "a task of the plugin's was dropped");
    ensure!(said.contains("1 passed"), "there is no test {test}");
    Ok(())
}
