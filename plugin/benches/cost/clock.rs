//! Processor time of threads.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// The processor time this thread has used.
pub fn own() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// The processor time the threads of this name have used; they have to rest now. `None` where the
/// system does not tell.
pub fn of(name: &str) -> Option<Duration> {
    let mut sum = None;
    for task in std::fs::read_dir("/proc/self/task").ok()?.flatten() {
        let read = |file: &str| std::fs::read_to_string(task.path().join(file)).ok();
        // The system keeps 15 letters of a name.
        if read("comm")?.trim() == &name[..name.len().min(15)] {
            let used_ns: u64 = read("schedstat")?.split(' ').next()?.parse().ok()?;
            sum = Some(sum.unwrap_or_default() + Duration::from_nanos(used_ns));
        }
    }
    sum
}
