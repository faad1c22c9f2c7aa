//! The built program with limited memory and time.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the program within so many KiB of address space. Returns whether it was content, and what it said; `None`
/// where it took too long.
pub fn within(folder: &Path, kib: u32, arguments: &[&str]) -> Option<(Option<i32>, String)> {
    let mut child = Command::new("sh")
        .args(["-c", &format!("ulimit -v {kib}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_erbium")])
        .args(arguments)
        .current_dir(folder)
        // No test opens the window.
        .env_remove("DISPLAY")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut pipe = child.stderr.take().expect("it is piped");
    let said = std::thread::spawn(move || {
        let mut said = String::new();
        pipe.read_to_string(&mut said).map(|_| said)
    });
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            let said = said.join().expect("ends").expect("text");
            return Some((status.code(), said));
        }
        if start.elapsed() > PATIENCE {
            child.kill().expect("it can be ended");
            child.wait().expect("it ends");
            return None;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
