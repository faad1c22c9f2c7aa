//! Recursive filters, and the low-passes to lower rates, are idle while no output is needed of them, and catch up
//! before it is.
//!
//! Kernels read the input history at any time; filters must have processed all of it. To run them while
//! gains are at rest, too, would be work without output. So they are idle, and once needed process what they
//! missed within a fixed time, at about the same work for each sample that passes. Of that, wide recursive filters
//! forget all but the latest: they begin when the others have come to it.

use crate::stream::plan::SIDE;
use std::ops::Range;

/// Samples taken in per sample of time where little was missed.
const RATE: usize = 8;

/// Where the filters of all channels are.
pub(crate) struct CatchUp {
    /// Samples missed.
    behind: usize,
    /// For each [`SIDE`] bands the samples that are remembered, falling.
    memory: Vec<usize>,
    /// Samples in which everything is caught up with.
    time: usize,
    start: Option<Start>,
}

/// How filters have caught up since they are needed.
#[derive(Clone, Copy)]
struct Start {
    /// Samples that were missed then.
    behind: usize,
    /// Samples processed since.
    done: usize,
    /// Samples until they are ready.
    ready_in: usize,
}

impl CatchUp {
    /// Filters that are ready and remember so many samples, for each [`SIDE`] bands; they will catch up within
    /// `time` samples.
    pub fn new(mut memory: Vec<usize>, time: usize) -> Self {
        let mut longest = 0;
        for samples in memory.iter_mut().rev() {
            longest = longest.max(*samples);
            *samples = longest;
        }
        Self { behind: 0, memory, time, start: None }
    }

    /// Samples that the filters have missed.
    pub const fn behind_samples(&self) -> usize {
        self.behind
    }

    /// Whether the filters have processed everything.
    pub const fn is_caught_up(&self) -> bool {
        self.behind == 0
    }

    /// Whether gains may leave rest: the same moment however the stream is cut into blocks.
    pub fn is_ready(&self) -> bool {
        self.start.map_or(self.behind, |start| start.ready_in) == 0
    }

    /// Which bands take the next missed sample in, after so many more have been.
    pub fn active(&self, more: usize) -> Active {
        let start = self.started();
        let age = start.behind.saturating_sub(start.done + more);
        let bands = |oldest: usize| {
            SIDE * self.memory.iter().take_while(|memory| **memory >= oldest).count()
        };
        let later = self.memory.iter().filter(|memory| **memory < age).max();
        Active {
            fresh: if age > 0 { bands(age + 1)..bands(age) } else { 0..0 },
            bands: bands(age),
            samples: later.map_or(usize::MAX, |memory| age - memory),
        }
    }

    fn started(&self) -> Start {
        let soon = self.behind.div_ceil(RATE - 1).min(self.time);
        self.start.unwrap_or(Start { behind: self.behind, done: 0, ready_in: soon })
    }

    /// Skips so many samples.
    pub fn fall_behind(&mut self, samples: usize) {
        let longest = self.memory.first().copied().unwrap_or(0);
        if self.start.take().is_some() && self.behind > 0 {
            // Some filters have caught up in part, others have not begun to.
            self.behind = longest;
        }
        self.behind = (self.behind + samples).min(longest);
    }

    /// Samples to catch up with before `samples` more pass.
    pub fn due(&mut self, samples: usize) -> usize {
        let start = self.started();
        self.start = Some(Start { ready_in: start.ready_in.saturating_sub(samples), ..start });
        if start.ready_in <= samples {
            return self.behind;
        }
        let mut left = self.work(start.behind, start.done) * samples / start.ready_in;
        let mut done = start.done;
        let end = start.done + self.behind;
        while done < end && left > 0 {
            let age = start.behind.saturating_sub(done);
            let groups = self.memory.iter().filter(|memory| **memory >= age).count().max(1);
            let later = self.memory.iter().filter(|memory| **memory < age).max();
            let until = later.map_or(end, |memory| (done + age - memory).min(end));
            let many = left.div_ceil(groups).min(until - done);
            left = left.saturating_sub(many * groups);
            done += many;
        }
        done - start.done
    }

    /// What is left to do, in groups of bands times samples.
    fn work(&self, behind: usize, done: usize) -> usize {
        let age = behind.saturating_sub(done);
        self.memory.iter().map(|memory| (*memory).min(age) + self.time).sum()
    }

    /// So many have been caught up with.
    pub fn caught_up(&mut self, samples: usize) {
        let start = self.started();
        self.start = Some(Start { done: start.done + samples, ..start });
        self.behind -= samples;
    }

    /// Everything has been caught up with, sooner than was due.
    pub const fn finish(&mut self) {
        self.start = None;
    }

    /// So many samples have passed.
    pub fn advance(&mut self, samples: usize) {
        if !self.is_caught_up() {
            self.behind += samples;
        }
    }

    /// Nothing has been missed.
    pub const fn reset(&mut self) {
        self.behind = 0;
        self.start = None;
    }
}

/// Which bands take missed samples in.
pub(crate) struct Active {
    /// Those that begin with the next sample, from silence.
    pub fresh: Range<usize>,
    /// How many do, from the lowest on.
    pub bands: usize,
    /// For how many samples there are no more.
    pub samples: usize,
}
