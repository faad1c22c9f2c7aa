//! Tests that do something again and again, in a short form and, with `cargo xtask soak`, in a long one.

use std::time::{Duration, Instant};

/// Set by `cargo xtask soak`: how many minutes each long form takes at least.
const VARIABLE: &str = "ERBIUM_SOAK_MINUTES";

fn minutes() -> Option<u64> {
    std::env::var(VARIABLE).ok()?.parse().ok()
}

/// How long a test is asked to take at least; nothing in the short form.
#[must_use]
pub fn duration() -> Duration {
    Duration::from_secs(60 * minutes().unwrap_or(0))
}

/// How often a test does its thing at least, in its short and in its long form.
#[must_use]
pub fn count(short: usize, long: usize) -> usize {
    if minutes().is_some() { long } else { short }
}

/// The rounds of a test, numbered from 0: at least [`count`], and in the long form as many as the time
/// asked for holds.
pub fn rounds(short: usize, long: usize) -> impl Iterator<Item = usize> {
    let least = count(short, long);
    let (start, duration) = (Instant::now(), duration());
    (0..).take_while(move |&round| round < least || start.elapsed() < duration)
}

/// The bytes of memory that this process holds.
///
/// # Errors
/// Where the system does not say.
#[cfg(unix)]
pub fn memory_bytes() -> std::io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.map(|kilobytes| 1_024 * kilobytes).ok_or(std::io::ErrorKind::InvalidData.into())
}

/// What memory is in use, apart from what the allocator keeps of what was freed.
#[cfg(unix)]
#[derive(Clone, Copy)]
pub struct UsedMemory {
    /// Bytes that are allocated and not freed; as resident where the C library does not tell.
    pub allocated: u64,
    /// Bytes that the process holds after the allocator has given back what is free.
    pub resident: u64,
}

/// The memory in use.
///
/// glibc keeps what was freed in one of many arenas, eight for each processor. Which of them the threads of a
/// test meet is chance, and each keeps up to 30 MB of what was in use at some time, so that what is resident
/// grows by as much now and then, and tells nothing of a leak.
///
/// # Errors
/// Where the system does not say.
#[cfg(unix)]
pub fn used_memory() -> std::io::Result<UsedMemory> {
    let allocated = trimmed();
    let resident = memory_bytes()?;
    Ok(UsedMemory { allocated: allocated.unwrap_or(resident), resident })
}

/// Has the allocator give back what is free, and returns the bytes that are not.
#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))]
fn trimmed() -> Option<u64> {
    // SAFETY: both may be called at any time and by any thread.
    let counts = unsafe {
        libc::malloc_trim(0);
        libc::mallinfo2()
    };
    u64::try_from(counts.uordblks + counts.hblkhd).ok()
}

#[cfg(all(unix, not(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))))]
fn trimmed() -> Option<u64> {
    None
}

/// How many files this process holds open.
///
/// # Errors
/// Where the system does not say.
#[cfg(unix)]
pub fn open_files() -> std::io::Result<usize> {
    Ok(std::fs::read_dir("/proc/self/fd")?.count())
}
