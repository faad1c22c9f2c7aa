//! What was done on the audio thread, noted without allocating and put into words afterwards.

use super::Violations;
use std::ffi::{CStr, c_void};
use std::fmt::Write;

/// Callers noted of each.
const FRAMES: usize = 64;
/// Violations of which the callers are noted.
const KEPT: usize = 32;
/// Violations that are put into words.
const TOLD: usize = 4;

/// What may not be done.
#[derive(Clone, Copy)]
pub(super) enum Violation {
    /// To ask for so many bytes.
    Allocation { bytes: usize },
    /// To give some back.
    Deallocation,
    /// To call the system, by the number and the first two arguments of the call.
    SystemCall { number: i64, arguments: [i64; 2] },
    /// To take a lock.
    Lock,
}

impl Violation {
    fn text(self) -> String {
        match self {
            Self::Allocation { bytes } => format!("it allocated {bytes} bytes"),
            Self::Deallocation => "it freed what was allocated".to_owned(),
            Self::SystemCall { number, arguments: [first, second] } => {
                let name = name(number).map_or_else(|| format!("number {number}"), str::to_owned);
                format!("it called the system: {name}({first:#x}, {second:#x}, …)")
            }
            Self::Lock => "it took a lock".to_owned(),
        }
    }
}

/// Parts of the names of functions that stand between a violation and its record.
const WATCH: [&str; 9] = [
    "std::thread::local::LocalKey",
    "on_trap",
    "backtrace::backtrace",
    "realtime::record::",
    "realtime::watch::note_and",
    "realtime::watch::outside",
    "realtime::allocator::",
    "realtime::system_calls::",
    "erbium_realtime_return",
];

/// Parts of the names of all functions by which the framework tells of a debug assertion that failed.
const DEBUG_ASSERTION: [&str; 2] = ["tracing_core::", "nice_plug_core::util::permit_alloc"];

/// The names of the calls that are the most likely.
fn name(number: i64) -> Option<&'static str> {
    let names = [
        (libc::SYS_read, "read"),
        (libc::SYS_write, "write"),
        (libc::SYS_writev, "writev"),
        (libc::SYS_openat, "openat"),
        (libc::SYS_close, "close"),
        (libc::SYS_mmap, "mmap"),
        (libc::SYS_munmap, "munmap"),
        (libc::SYS_mprotect, "mprotect"),
        (libc::SYS_madvise, "madvise"),
        (libc::SYS_brk, "brk"),
        (libc::SYS_futex, "futex"),
        (libc::SYS_nanosleep, "nanosleep"),
        (libc::SYS_clock_nanosleep, "clock_nanosleep"),
        (libc::SYS_sched_yield, "sched_yield"),
        (libc::SYS_poll, "poll"),
        (libc::SYS_getrandom, "getrandom"),
        (libc::SYS_clone, "clone"),
        (libc::SYS_clone3, "clone3"),
        (libc::SYS_rt_sigprocmask, "rt_sigprocmask"),
        (libc::SYS_sigaltstack, "sigaltstack"),
    ];
    names.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}

#[derive(Clone, Copy)]
struct Kept {
    violation: Violation,
    callers: [usize; FRAMES],
    depth: usize,
}

/// The violations of a thread.
pub(super) struct Record {
    kept: [Kept; KEPT],
    count: usize,
}

impl Record {
    pub(super) const fn new() -> Self {
        let none = Kept { violation: Violation::Deallocation, callers: [0; FRAMES], depth: 0 };
        Self { kept: [none; KEPT], count: 0 }
    }

    pub(super) const fn clear(&mut self) {
        self.count = 0;
    }

    /// Notes a violation and who calls. Allocates nothing: unwinding reads tables that are there.
    pub(super) fn note(&mut self, violation: Violation) {
        if let Some(kept) = self.kept.get_mut(self.count) {
            kept.violation = violation;
            kept.depth = 0;
            let each = |frame: &backtrace::Frame| {
                let room = kept.callers.get_mut(kept.depth);
                let Some(caller) = room else { return false };
                *caller = frame.ip().addr();
                kept.depth += 1;
                true
            };
            // SAFETY: only unwinding with symbols needs the lock that is not taken, and there is none.
            unsafe { backtrace::trace_unsynchronized(each) };
        }
        self.count += 1;
    }

    /// All of it in words; nothing where nothing was noted.
    pub(super) fn told(&self) -> Option<Violations> {
        let kept = &self.kept[..self.count.min(KEPT)];
        let told: Vec<_> = kept.iter().filter_map(Kept::told).collect();
        // What is not kept is taken for what comes before it.
        if told.is_empty() {
            return None;
        }
        let count = self.count - (kept.len() - told.len());
        Some(Violations { count, first: told.into_iter().take(TOLD).collect() })
    }
}

impl Kept {
    /// What it is, and who called; nothing where it is what the framework says in builds that debug, when a
    /// host breaks its rules.
    fn told(&self) -> Option<String> {
        let mut callers = String::new();
        for caller in &self.callers[..self.depth] {
            let name = symbol(*caller);
            // What is below is this host, and what is above is the watch.
            if name.contains("realtime::watch::watched") {
                break;
            }
            if !WATCH.iter().any(|part| name.contains(part)) {
                let _ = write!(callers, "\n    {name}");
            }
        }
        let is_assertion = DEBUG_ASSERTION.iter().all(|part| callers.contains(part));
        (!is_assertion).then(|| self.violation.text() + &callers)
    }
}

/// The function at an address, or the library and the place in it.
fn symbol(address: usize) -> String {
    let mut text = String::new();
    // Before the place where a call returns to.
    backtrace::resolve((address - 1) as *mut c_void, |symbol| {
        let name = symbol.name().map(|name| format!("{name:#}"));
        let line = symbol.lineno().zip(symbol.filename());
        let line = line.map(|(line, file)| format!(" ({}:{line})", file.display()));
        if let Some(name) = name {
            let _ = write!(
                text,
                "{}{name}{}",
                if text.is_empty() { "" } else { " in " },
                line.unwrap_or_default()
            );
        }
    });
    if !text.is_empty() {
        return text;
    }
    // SAFETY: all zeros is an empty answer.
    let mut info: libc::Dl_info = unsafe { std::mem::zeroed() };
    // SAFETY: any address may be asked for, and there is room for the answer.
    let is_known = unsafe { libc::dladdr(address as *const c_void, &mut info) } != 0;
    if !is_known || info.dli_fname.is_null() {
        return format!("{address:#x}");
    }
    // SAFETY: a name of a loaded library ends with a zero.
    let library = unsafe { CStr::from_ptr(info.dli_fname) };
    format!("{} + {:#x}", library.to_string_lossy(), address - info.dli_fbase.addr())
}
