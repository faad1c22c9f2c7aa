//! What openings of a window leave behind.

use crate::soak::open_files;
use anyhow::{Result, ensure};
use std::time::{Duration, Instant};

/// Mesa keeps some 0.3 to 0.6 MB of each opening where it draws in software; the texture of the
/// spectrogram alone would be 2 MB.
const MOST_BYTES_EACH: u64 = 1_000_000;
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

/// Prints by how much memory has grown with each opening, where there were enough of them to tell. `memory` has the bytes
/// after each.
///
/// # Errors
/// Where it is more than Mesa keeps.
pub fn no_memory_is_left(memory: &[u64]) -> Result<()> {
    // The least of some rounds, as the allocator takes and gives back at its own pace.
    let least = |rounds: &[u64]| rounds.iter().copied().min().unwrap_or(0);
    if let Some(counted) = memory.get(FILLING..).filter(|counted| counted.len() > 4 * SOME) {
        let last = counted.len() - SOME;
        let grown = least(&counted[last..]).saturating_sub(least(&counted[..SOME]));
        let each = grown / u64::try_from(last)?;
        println!("{} openings leave {each} bytes each", memory.len());
        ensure!(each < MOST_BYTES_EACH, "{each} bytes are left of each opening");
    }
    Ok(())
}
