//! Files that are not complete yet: removed whatever ends the program.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::NamedTempFile;

/// Every temporary that exists.
static TEMPORARIES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn temporaries() -> MutexGuard<'static, Vec<PathBuf>> {
    TEMPORARIES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Names a temporary for as long as it may exist.
pub(super) struct Registration(PathBuf);

impl Drop for Registration {
    fn drop(&mut self) {
        temporaries().retain(|path| *path != self.0);
    }
}

/// Makes a file under a name nobody looks for, which `open` opens.
///
/// # Errors
/// Those of `open`, which do not tell the name.
pub(super) fn create(
    folder: &Path,
    extension: &str,
    open: impl FnMut(&Path) -> io::Result<File>,
) -> io::Result<(NamedTempFile, Registration)> {
    let suffix = format!(".{extension}");
    // Held until the name is known, so that no signal comes in between.
    let mut temporaries = temporaries();
    let file = tempfile::Builder::new().prefix(".erbium-").suffix(&suffix).make_in(folder, open)?;
    temporaries.push(file.path().to_owned());
    let registration = Registration(file.path().to_owned());
    Ok((file, registration))
}

/// Removes every temporary; none appears as long as what is returned is held.
fn remove_all() -> MutexGuard<'static, Vec<PathBuf>> {
    let temporaries = temporaries();
    for path in temporaries.iter() {
        // It may just have been put in its place.
        let _ = std::fs::remove_file(path);
    }
    temporaries
}

/// From now on a signal that ends the program first removes what is not yet complete, and a limit of the
/// size of files is an error rather than a signal. What the program was started to ignore stays ignored: hangups
/// under `nohup`, interrupts in the background of a script.
#[cfg(target_os = "linux")]
pub fn remove_on_signals() {
    use signal_hook::consts::signal as s;
    use signal_hook::low_level;
    // Before there is any handler.
    let ignored = ignored_signals();
    // The framework's own handler, which this precludes, would not end the program.
    let _ = ctrlc::set_handler(|| ());
    let is_ignored = |signal: i32| ignored & (1 << (signal - 1)) != 0;
    if !is_ignored(s::SIGXFSZ) {
        // With any handler the write fails instead.
        let _ = signal_hook::flag::register(s::SIGXFSZ, std::sync::Arc::default());
    }
    let ending = [
        s::SIGHUP,
        s::SIGINT,
        s::SIGQUIT,
        s::SIGTERM,
        s::SIGALRM,
        s::SIGVTALRM,
        s::SIGPROF,
        s::SIGUSR1,
        s::SIGUSR2,
        s::SIGXCPU,
    ];
    let ending = ending.into_iter().filter(|signal| !is_ignored(*signal));
    let Ok(mut signals) = signal_hook::iterator::Signals::new(ending) else { return };
    // Without the thread a signal does nothing, as little as there is memory for it.
    let _ = std::thread::Builder::new().name("erbium-signals".to_owned()).spawn(move || {
        let Some(signal) = signals.forever().next() else { return };
        let _held = remove_all();
        // It ends the program as if nobody had handled it.
        let _ = low_level::emulate_default_handler(signal);
        low_level::exit(128 + signal);
    });
}

#[cfg(not(target_os = "linux"))]
unsafe extern "C" {
    /// The C library's: ends the program at once. Its `exit` would first take down what threads
    /// that draw and play still use.
    fn _exit(code: std::ffi::c_int) -> !;
}

/// From now on a signal that ends the program first removes what is not yet complete.
#[cfg(not(target_os = "linux"))]
pub fn remove_on_signals() {
    let _ = ctrlc::try_set_handler(|| {
        let _held = remove_all();
        // SAFETY: `_exit` takes any number, touches no memory and never returns.
        unsafe { _exit(130) }
    });
}

/// The signals that the program was started to ignore: bit n − 1 for signal n.
#[cfg(target_os = "linux")]
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
