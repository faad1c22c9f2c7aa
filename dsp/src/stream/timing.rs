//! Block sizes and intervals, in samples counted from the start of the stream, and the time of a ramp.

use crate::bank::Phase;
use crate::cast::count;

/// Samples of a control block. At its start, a control tick, gains begin a segment; at its end bands whose deadline
/// it is are computed. What a band may wait is taken from its latency: longer blocks would leave more bands
/// without time for it, shorter ones fewer coefficients to compute at once.
pub(crate) const CONTROL_BLOCK: usize = 32;

/// Control blocks in a batch: so many that a band of stride 16 fills a vector of 8, few enough that most
/// bands of 21 ms have time to wait for one (`cargo xtask bench limit` prints what is done, and how fast).
pub(crate) const BATCH_BLOCKS: usize = 4;

/// Samples in a batch.
pub(crate) const BATCH: usize = BATCH_BLOCKS * CONTROL_BLOCK;

/// The time of a gain's ramp to a new value, in milliseconds. The plugin's own
/// ramps (mix, output gain, bypass) have a time of their own.
pub const GAIN_RAMP_MS: f64 = 20.0;

/// The samples of a gain's ramp: with minimum phase none, as filters go over into one another.
pub(crate) fn ramp_samples(phase: Phase, sample_rate_hz: f64) -> usize {
    match phase {
        Phase::OfBank => count(sample_rate_hz * GAIN_RAMP_MS / 1000.0),
        Phase::Minimum => 0,
    }
}

/// Samples after which recursive filters set negligible states to zero: a multiple of [`CONTROL_BLOCK`],
/// and seldom enough that it does not show in `cargo xtask bench cost`.
pub(crate) const FLUSH_INTERVAL: usize = 1024;

/// Samples from one start of ramps to the next, at up to 48 kHz, intervals that are skipped aside.
const SOLVE_INTERVAL: usize = 128;

/// [`SOLVE_INTERVAL`] times a power of two, no less than 8/3 ms unless at the longest: [`FLUSH_INTERVAL`].
pub(crate) fn solve_interval_samples(sample_rate_hz: f64) -> usize {
    let factor = count((sample_rate_hz / 48_000.0).ceil()).next_power_of_two();
    (factor * SOLVE_INTERVAL).min(FLUSH_INTERVAL)
}

/// Samples in which recursive filters catch up with what they missed at rest, so that gains leave it, at the next
/// control tick, 5 ms after they were asked to; no fewer than a control block has.
pub(crate) fn catch_up_samples(sample_rate_hz: f64) -> usize {
    let leave = count(sample_rate_hz * LEAVE_MS / 1000.0);
    leave.saturating_sub(CONTROL_BLOCK).max(CONTROL_BLOCK)
}

/// The longest that gains take to leave rest, in milliseconds.
const LEAVE_MS: f64 = 5.0;

/// Such intervals skipped once ramps have started: so few that a goal that keeps moving is followed four
/// times in a ramp, so many that 64 bands automated in every block of 32 cost no more than 1.2 times what
/// they do while none moves (`cargo xtask bench steady`).
pub(crate) const SOLVE_HOLDOFF: usize = 1;

/// The same after a curve that took long to solve for, by the same measure: followed about once in a ramp.
pub(crate) const SOLVE_HOLDOFF_STEEP: usize = 6;
