//! Where a stream can be split so that no bit changes.

use erbium::state::params::Settings;
use erbium_dsp::stream::Offline;

/// A segment holds at most about this many samples of all channels together, where it need not hold more to
/// be [`LEAST_PREROLL_PARTS`] long.
const MOST_SAMPLES: usize = 1 << 19;

/// A segment holds at least this many samples of all channels together.
const LEAST_SAMPLES: usize = 1 << 15;

/// A segment is at least so many times as long as its preroll.
const LEAST_PREROLL_PARTS: usize = 4;

/// How a stream is split into segments, and its channels into groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentPlan {
    /// Samples a chain is given before a segment: as many as the bank remembers. 0 where every
    /// segment has to go through the same chain.
    preroll_samples: usize,
    /// Channels that go through one chain.
    channels: usize,
    /// Samples of the shortest and the longest segment.
    segment_samples: (usize, usize),
    /// Segments begin at multiples of this.
    grid: usize,
    /// Threads that share the segments.
    threads: usize,
}

impl SegmentPlan {
    /// How to split a stream of `channels` channels for so many threads, where a bank works off whole
    /// frames of sound or, if it cannot, passes sound on as it comes.
    ///
    /// Frames remember a fixed time: a chain that was given as much goes on as if it had been given everything.
    /// What passes as it comes is shared out by channels only; and gain match needs all of the sound.
    pub fn new(
        settings: &Settings,
        offline: Option<&Offline>,
        channels: usize,
        threads: usize,
    ) -> Self {
        let segment_samples = (LEAST_SAMPLES / channels, MOST_SAMPLES / channels);
        let grid = offline.map_or(1, Offline::frame_samples);
        let whole = Self { preroll_samples: 0, channels, segment_samples, grid, threads };
        if settings.gain_match {
            return whole;
        }
        let Some(offline) = offline else {
            // Two channels in one chain take less work than in two, but no more than one core.
            let channels = if channels > threads { 2 } else { 1 };
            return Self { channels, ..whole };
        };
        let preroll_samples = offline.tail_samples();
        let least = segment_samples.0.max(LEAST_PREROLL_PARTS * preroll_samples);
        let segment_samples = (least, segment_samples.1.max(least));
        Self { preroll_samples, segment_samples, ..whole }
    }

    /// Samples a chain is given before a segment.
    pub const fn preroll_samples(self) -> usize {
        self.preroll_samples
    }

    /// Channels that go through one chain; the last may have fewer.
    pub const fn channels(self) -> usize {
        self.channels
    }

    /// Whether any chain can process any segment.
    pub const fn splits_time(self) -> bool {
        self.preroll_samples > 0
    }

    /// Samples of the next segment, where so many of the file were read before, and so many are left
    /// if that is known: shorter ones at the start and towards the end, so that all threads begin and
    /// end at about the same time.
    pub fn segment_samples(self, read: u64, left: Option<u64>) -> usize {
        let (least, most) = self.segment_samples;
        let samples = |count: Option<u64>| count.and_then(|count| usize::try_from(count).ok());
        let share = samples(left).map_or(most, |left| left / (2 * self.threads));
        let most = samples(Some(read)).map_or(most, |read| most.min(least.saturating_add(read)));
        share.clamp(least, most).next_multiple_of(self.grid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(threads: usize) -> SegmentPlan {
        let segment_samples = (61_440, 262_144);
        SegmentPlan { preroll_samples: 3840, channels: 2, segment_samples, grid: 768, threads }
    }

    #[test]
    fn segments_are_long_in_the_middle_and_begin_on_the_grid() {
        let (plan, whole) = (plan(2), 8_640_000);
        let mut read = 0;
        let mut lengths = Vec::new();
        while read < whole {
            let samples = plan.segment_samples(read, Some(whole - read));
            assert!(samples.is_multiple_of(768));
            lengths.push(samples);
            read += u64::try_from(samples).expect("fits");
        }
        let least = 61_440;
        assert_eq!((lengths[0], lengths.last()), (least, Some(&least)));
        assert_eq!(lengths.iter().max(), Some(&262_656));
        assert!(lengths.iter().filter(|samples| **samples < 262_144).count() < 16, "{lengths:?}");
    }

    #[test]
    fn where_the_length_is_unknown_segments_stay_long() {
        assert_eq!(plan(2).segment_samples(10_000_000, None), 262_656);
    }
}
