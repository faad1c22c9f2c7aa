//! The standalone program's window on a virtual screen.

use anyhow::{Context, Result, bail, ensure};
use erbium_tests::prerequisites;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take to appear: software drawing on a busy machine is slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that ends when the test does, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn missing(program: &str) -> String {
    format!("cannot run {program}: run `cargo xtask test`, which installs what the tests need")
}

/// A virtual screen and its name, which the server chooses itself so that none is in use.
fn screen() -> Result<(Running, String)> {
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1280x900x24", "+extension", "GLX", "-noreset"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| missing("Xvfb"))?;
    let stdout = server.stdout.take().context("no output of Xvfb")?;
    let server = Running(server);
    let mut number = String::new();
    BufReader::new(stdout).read_line(&mut number)?;
    ensure!(!number.trim().is_empty(), "Xvfb did not start");
    Ok((server, format!(":{}", number.trim())))
}

/// The id of the program's visible window.
fn window(display: &str, program: &mut Running) -> Result<String> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Some(status) = program.0.try_wait()? {
            bail!("the program ended before it showed a window ({status})");
        }
        let found = Command::new("xdotool")
            .args(["search", "--onlyvisible", "--name", "Erbium"])
            .env("DISPLAY", display)
            .output()
            .with_context(|| missing("xdotool"))?;
        if let Some(id) = String::from_utf8_lossy(&found.stdout).lines().next() {
            return Ok(id.to_owned());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    bail!("no window named Erbium appeared");
}

/// The colours in a picture of the window, as red, green and blue.
fn colours(display: &str, window: &str, picture: &Path) -> Result<BTreeSet<[u8; 3]>> {
    let status = Command::new("import")
        .args(["-window", window, "-depth", "8"])
        .arg(picture)
        .env("DISPLAY", display)
        .stderr(Stdio::null())
        .status()
        .with_context(|| missing("import"))?;
    ensure!(status.success(), "no picture of the window could be taken");
    let bytes = std::fs::read(picture)?;
    // A PPM has a header of three lines, then three bytes for each pixel.
    let lines = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let start = lines.map(|(at, _)| at + 1).nth(2).context("not a PPM picture")?;
    Ok(bytes[start..].chunks_exact(3).map(|rgb| [rgb[0], rgb[1], rgb[2]]).collect())
}

#[test]
fn the_program_draws_its_window() -> Result<()> {
    let program = prerequisites::path(prerequisites::PROGRAM);
    let folder = tempfile::tempdir()?;
    let (_server, display) = screen()?;
    let log = folder.path().join("log.txt");
    let mut program = Running(
        Command::new(program)
            .args(["--backend", "dummy"])
            .env("DISPLAY", &display)
            .env_remove("WAYLAND_DISPLAY")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .stdin(Stdio::null())
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?)
            .spawn()?,
    );
    let said = || std::fs::read_to_string(&log).unwrap_or_default();
    let window = window(&display, &mut program).with_context(said)?;
    let picture = folder.path().join("window.ppm");
    let deadline = Instant::now() + PATIENCE;
    // A window that is blank or only cleared has one or two colours; text and curves blend many.
    let mut seen = 0;
    while seen < 16 {
        ensure!(Instant::now() < deadline, "the window stays blank: {seen} colours\n{}", said());
        std::thread::sleep(Duration::from_millis(500));
        seen = colours(&display, &window, &picture)?.len();
    }
    ensure!(program.0.try_wait()?.is_none(), "the program ended by itself\n{}", said());
    Ok(())
}
