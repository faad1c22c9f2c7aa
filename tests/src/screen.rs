//! A virtual screen for what has a window.

use anyhow::{Context, Result, ensure};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long the server may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that ends when the test does, however it ends.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What to say where a program is not installed.
#[must_use]
pub fn missing(program: &str) -> String {
    format!("cannot run {program}: run `cargo xtask test`, which installs what the tests need")
}

/// A virtual screen and its name, which the server chooses itself so that none is in use.
///
/// # Errors
/// When the server is not installed or does not get ready.
pub fn screen() -> Result<(Running, String)> {
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1280x900x24", "+extension", "GLX", "-noreset"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| missing("Xvfb"))?;
    let stdout = server.stdout.take().context("no output of Xvfb")?;
    let server = Running(server);
    // Reading waits without end, so another thread does it.
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut number = String::new();
        let read = BufReader::new(stdout).read_line(&mut number);
        // Nobody listens any more where the deadline has passed.
        let _ = sender.send(read.map(|_| number));
    });
    let number = receiver.recv_timeout(PATIENCE).context("Xvfb does not get ready")??;
    ensure!(!number.trim().is_empty(), "Xvfb did not start");
    Ok((server, format!(":{}", number.trim())))
}
