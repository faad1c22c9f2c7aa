//! Where a stream can be cut so that no bit changes.

use erbium::params::Settings;
use erbium_dsp::Bank;

/// Besides the bank's period, what engines do at once repeats with this one, in samples.
const GRID: usize = 256;

/// Where a bank's strides have no period shorter than this, in samples, cuts would lie too far apart.
const LONGEST_GRID: usize = 1 << 16;

/// A segment holds at most about this many samples of all channels together.
const MOST_SAMPLES: usize = 1 << 19;

/// A segment holds at least this many samples of all channels together.
const LEAST_SAMPLES: usize = 1 << 15;

/// A segment is at least so many times as long as what has to be heard before it.
const LEAST_WARM_PARTS: usize = 16;

/// How a stream is cut into segments, and its channels into groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Samples a chain has to hear before a segment: those of the bank's memory. 0 where every
    /// segment has to go through the same chain.
    warm_samples: usize,
    /// Channels that go through one chain.
    channels: usize,
    /// Samples of the shortest and the longest segment.
    segment_samples: (usize, usize),
    /// Segments begin at multiples of this.
    grid: usize,
    /// Threads that share the segments.
    threads: usize,
}

impl Cut {
    /// How to cut a stream of `channels` channels that lasts `memory_samples` in the chain, for so
    /// many threads.
    ///
    /// The kernels of ISAC banks are finite: a chain that has heard as much as they span goes on as
    /// if it had heard everything. Recursive filters never forget to the last bit, so gammatone
    /// banks are shared out by channels only; and gain match hears all of the sound.
    pub fn new(
        settings: &Settings,
        bank: &Bank,
        memory_samples: usize,
        channels: usize,
        threads: usize,
    ) -> Self {
        let segment_samples = (LEAST_SAMPLES / channels, MOST_SAMPLES / channels);
        let whole = Self { warm_samples: 0, channels, segment_samples, grid: 1, threads };
        if settings.gain_match {
            return whole;
        }
        let grid = least_common_multiple(bank.period(), GRID);
        if !bank.poles().is_empty() || grid > LONGEST_GRID {
            // Two channels in one chain take less work than in two, but no more than one core.
            let channels = if channels > threads { 2 } else { 1 };
            return Self { channels, ..whole };
        }
        let warm_samples = memory_samples.next_multiple_of(grid);
        let least = segment_samples.0.max(LEAST_WARM_PARTS * warm_samples);
        let segment_samples = (least, segment_samples.1.max(least));
        Self { warm_samples, segment_samples, grid, ..whole }
    }

    /// Samples a chain has to hear before a segment.
    pub const fn warm_samples(self) -> usize {
        self.warm_samples
    }

    /// Channels that go through one chain; the last may have fewer.
    pub const fn channels(self) -> usize {
        self.channels
    }

    /// Whether any chain can play any segment.
    pub const fn is_in_time(self) -> bool {
        self.warm_samples > 0
    }

    /// Samples of the next segment, where so many of the file are left if that is known: shorter ones
    /// towards the end, so that all threads end at about the same time.
    pub fn segment_samples(self, left: Option<u64>) -> usize {
        let (least, most) = self.segment_samples;
        let left = left.and_then(|left| usize::try_from(left).ok()).unwrap_or(usize::MAX);
        (left / (2 * self.threads)).clamp(least, most).next_multiple_of(self.grid)
    }
}

fn least_common_multiple(a: usize, b: usize) -> usize {
    let (mut divisor, mut rest) = (a, b);
    while rest > 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    (a / divisor).saturating_mul(b)
}
