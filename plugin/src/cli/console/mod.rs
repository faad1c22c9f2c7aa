//! What the program says: results on standard output, what went wrong on standard error. A reader that
//! closes its pipe early has seen what it wanted; anything else that cannot be said is an error.

pub mod refusal;

use anyhow::{Result, anyhow};
use erbium::message::one_line;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Clone, Copy)]
enum Stream {
    Output,
    Error,
}

/// What could not be said, and why.
#[derive(Default)]
struct Unsaid {
    output: Option<io::Error>,
    error: Option<io::Error>,
}

/// Held while something is said, so that lines of several threads stay apart.
static UNSAID: Mutex<Unsaid> = Mutex::new(Unsaid { output: None, error: None });

fn unsaid() -> MutexGuard<'static, Unsaid> {
    UNSAID.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says a line of a result.
pub fn print(line: &str) {
    print_text(&one_line(line));
}

/// Says what is text already, of any number of lines.
pub fn print_text(text: &str) {
    say(Stream::Output, text);
}

/// Says what is odd, a sentence.
pub fn warn(sentence: &str) {
    say(Stream::Error, &format!("erbium: warning: {}", one_line(sentence)));
}

/// Says what went wrong, a sentence.
pub fn fail(sentence: &str) {
    say(Stream::Error, &format!("erbium: {}", one_line(sentence)));
}

/// How the program ends: in failure, too, where it could not say what it had to.
pub fn exit_code(code: ExitCode) -> ExitCode {
    let output = unsaid().output.take();
    if let Some(error) = &output {
        fail(&format!("cannot write to standard output: {error}"));
    }
    let is_all_said = output.is_none() && unsaid().error.is_none();
    if is_all_said || code != ExitCode::SUCCESS { code } else { ExitCode::FAILURE }
}

/// Says the failures of several files, the last by returning it.
///
/// # Errors
/// Where there is a failure.
pub fn fail_all(mut failures: Vec<String>) -> Result<()> {
    let last = failures.pop();
    failures.iter().for_each(|failure| fail(failure));
    last.map_or(Ok(()), |failure| Err(anyhow!(failure)))
}

fn say(stream: Stream, text: &str) {
    let mut unsaid = unsaid();
    let written = if at_start::is_closed(stream) {
        Err(io::Error::other("it is closed"))
    } else {
        write(stream, format!("{text}\n").as_bytes())
    };
    match (written, stream) {
        (Err(error), _) if error.kind() == ErrorKind::BrokenPipe => {}
        (Err(error), Stream::Output) => drop(unsaid.output.get_or_insert(error)),
        (Err(error), Stream::Error) => drop(unsaid.error.get_or_insert(error)),
        (Ok(()), _) => {}
    }
}

/// Writes past the standard library, which takes a stream that cannot be written for one that swallows
/// everything.
#[cfg(unix)]
fn write(stream: Stream, bytes: &[u8]) -> io::Result<()> {
    use std::os::fd::AsFd;
    let file = match stream {
        Stream::Output => io::stdout().as_fd().try_clone_to_owned(),
        Stream::Error => io::stderr().as_fd().try_clone_to_owned(),
    };
    std::fs::File::from(file?).write_all(bytes)
}

#[cfg(not(unix))]
fn write(stream: Stream, bytes: &[u8]) -> io::Result<()> {
    match stream {
        Stream::Output => io::stdout().write_all(bytes).and_then(|()| io::stdout().flush()),
        Stream::Error => io::stderr().write_all(bytes),
    }
}

/// Which streams were closed when the program started. Before `main` the standard library puts /dev/null in
/// their place, lest a file that is opened takes it.
#[cfg(target_os = "linux")]
mod at_start {
    use super::Stream;
    use rustix::io::fcntl_getfd;
    use rustix::stdio::{stderr, stdout};
    use std::sync::atomic::{AtomicBool, Ordering};

    static OUTPUT: AtomicBool = AtomicBool::new(false);
    static ERROR: AtomicBool = AtomicBool::new(false);

    extern "C" fn note_closed_streams() {
        OUTPUT.store(fcntl_getfd(stdout()).is_err(), Ordering::Relaxed);
        ERROR.store(fcntl_getfd(stderr()).is_err(), Ordering::Relaxed);
    }

    // SAFETY: the loader calls what stands in this section, once and before any thread; `note_closed_streams` needs nothing of
    // what is set up later.
    #[used]
    #[unsafe(link_section = ".init_array")]
    static AT_START: extern "C" fn() = note_closed_streams;

    pub(super) fn is_closed(stream: Stream) -> bool {
        match stream {
            Stream::Output => OUTPUT.load(Ordering::Relaxed),
            Stream::Error => ERROR.load(Ordering::Relaxed),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod at_start {
    pub(super) const fn is_closed(_: super::Stream) -> bool {
        false
    }
}
