//! What openings of a window leave behind.

use crate::soak::{UsedMemory, open_files};
use anyhow::{Result, ensure};
use std::time::{Duration, Instant};

/// Mesa keeps 0.1 to 1.5 kB of each opening, as it does of a window that only draws a triangle; the map of a
/// keyboard would be 54 kB, the texture of the spectrogram alone 2 MB.
const MOST_ALLOCATED_EACH: u64 = 8_000;
/// What is freed leaves pages that are in use in part, and stacks of threads that the C library keeps.
const MOST_RESIDENT_EACH: u64 = 1_000_000;
/// Openings until Mesa's pools and caches are full.
const FILLING: usize = 40;
/// Rounds whose memory is looked at together.
const SOME: usize = 10;

/// Waits until no more files are open than before: the window's thread ends by itself.
///
/// # Errors
/// Where some stay open.
pub fn no_files_are_left(before: usize) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let left = open_files()?.saturating_sub(before);
        if left == 0 {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "{left} files are left");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Prints by how much memory has grown with each opening, where there were enough of them to tell. `memory` is
/// what was in use after each.
///
/// # Errors
/// Where it is more than Mesa and the allocator keep.
pub fn no_memory_is_left(memory: &[UsedMemory]) -> Result<()> {
    let Some(counted) = memory.get(FILLING..).filter(|counted| counted.len() > 4 * SOME) else {
        return Ok(());
    };
    let last = counted.len() - SOME;
    let grown = |bytes: fn(&UsedMemory) -> u64| -> Result<u64> {
        // The least of some rounds, as windows and instances end at their own pace.
        let least = |rounds: &[UsedMemory]| rounds.iter().map(bytes).min().unwrap_or(0);
        let grown = least(&counted[last..]).saturating_sub(least(&counted[..SOME]));
        Ok(grown / u64::try_from(last)?)
    };
    let (allocated, resident) = (grown(|used| used.allocated)?, grown(|used| used.resident)?);
    println!(
        "{} openings leave {allocated} bytes allocated and {resident} bytes resident each",
        memory.len()
    );
    ensure!(allocated < MOST_ALLOCATED_EACH, "{allocated} bytes of each opening are never freed");
    ensure!(resident < MOST_RESIDENT_EACH, "{resident} bytes are left of each opening");
    Ok(())
}
