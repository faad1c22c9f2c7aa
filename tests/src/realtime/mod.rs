//! What a plugin may not do on the audio thread, caught while it plays: to allocate or free, and to call
//! the system; and, where a test asks for that, to take a lock, even one that is free.
//!
//! It works on any build of the plugin, what users install included, as nothing is built into the plugin.
//! Allocations meet the allocator's functions in this program, which stand before the C library's for
//! every library that it loads. Calls of the system are caught by the kernel ([Syscall User Dispatch]),
//! whoever makes them. Locks are recognised by the instruction that takes them, which is made a breakpoint.
//!
//! Linux on x86-64 with glibc only, and not in builds for a sanitizer; elsewhere nothing is watched.
//!
//! [Syscall User Dispatch]: https://docs.kernel.org/admin-guide/syscall-user-dispatch.html

use std::fmt;

#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64", not(sanitized)))]
mod allocator;
#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64", not(sanitized)))]
mod exchange;
#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64", not(sanitized)))]
mod library;
#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64", not(sanitized)))]
mod locks;
#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64", not(sanitized)))]
mod record;
#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64", not(sanitized)))]
mod signals;
#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64", not(sanitized)))]
mod system_calls;
#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64", not(sanitized)))]
mod watch;

#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64", not(sanitized)))]
pub use locks::{watch_locks, watch_locks_of};
#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64", not(sanitized)))]
pub use watch::{outside, watched};

#[cfg(not(all(
    target_os = "linux",
    target_env = "gnu",
    target_arch = "x86_64",
    not(sanitized)
)))]
pub use unwatched::{outside, watch_locks, watch_locks_of, watched};

/// Whether there is time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// It is heard at once.
    Live,
    /// An offline render, which may sleep until what it needs is there.
    Offline,
}

impl Pace {
    /// Of an instance that was told so.
    #[must_use]
    pub const fn of(is_offline: bool) -> Self {
        if is_offline { Self::Offline } else { Self::Live }
    }
}

/// What the audio thread did and may not do, each with who called it.
#[derive(Clone, Debug, PartialEq)]
pub struct Violations {
    /// How many there were.
    pub count: usize,
    /// The first of them, in words.
    pub first: Vec<String>,
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} times the audio thread did what it may not:", self.count)?;
        self.first.iter().try_for_each(|text| write!(f, "\n{text}"))
    }
}

impl std::error::Error for Violations {}

#[cfg(not(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64", not(sanitized))))]
mod unwatched {
    use super::{Pace, Violations};

    /// Does something as the audio thread; nothing is watched on this system.
    ///
    /// # Errors
    /// Never.
    pub fn watched<T>(_: Pace, body: impl FnOnce() -> T) -> Result<T, Violations> {
        Ok(body())
    }

    /// What the host does while the plugin calls it.
    pub fn outside<T>(body: impl FnOnce() -> T) -> T {
        body()
    }

    /// Does nothing on this system.
    pub const fn watch_locks() {}

    /// Does nothing on this system.
    ///
    /// # Errors
    /// Never.
    pub const fn watch_locks_of(_: &std::path::Path) -> anyhow::Result<()> {
        Ok(())
    }
}
