//! Recursive filters are idle while no output is needed of them, and catch up before it is.
//!
//! Kernels read the input history at any time; recursive filters must have processed all of it. To run them at
//! flat settings, too, would be work without output. So they are idle, and once needed process [`RATE`] missed
//! samples for each that passes: they are ready after a seventh of what they missed, which is no more than their
//! impulse response. All of it at once would be a burst of work in one block.

/// Samples taken in per sample of time while catching up. With 8 a gammatone bank of 8 ms is ready after
/// 10 ms, half a ramp, and its filters have 3840 multiply-adds for a sample meanwhile, twice what the engine
/// has with no band at unity (`cargo xtask bench limit`).
const RATE: usize = 8;

/// Where the filters of all channels are.
pub(crate) struct CatchUp {
    /// Samples missed.
    behind: usize,
    /// Samples after which states have decayed to nothing.
    decay: usize,
    /// Samples until they are ready, once they are needed.
    ready_in: Option<usize>,
}

impl CatchUp {
    /// Filters that are ready, whose states decay within so many samples.
    pub const fn new(decay: usize) -> Self {
        Self { behind: 0, decay, ready_in: None }
    }

    /// Samples that the filters have missed.
    pub const fn behind_samples(&self) -> usize {
        self.behind
    }

    /// Whether states from before idling have decayed.
    pub const fn has_decayed(&self) -> bool {
        self.behind == self.decay
    }

    /// Whether the filters have processed everything.
    pub const fn is_caught_up(&self) -> bool {
        self.behind == 0
    }

    /// Whether gains may leave flat: the same moment however the stream is cut into blocks.
    pub fn is_ready(&self) -> bool {
        self.ready_in.unwrap_or(self.behind) == 0
    }

    /// Skips so many samples.
    pub fn fall_behind(&mut self, samples: usize) {
        self.behind = (self.behind + samples).min(self.decay);
        self.ready_in = None;
    }

    /// Samples to catch up with before `samples` more pass.
    pub fn due(&mut self, samples: usize) -> usize {
        let ready_in = *self.ready_in.get_or_insert(self.behind.div_ceil(RATE - 1));
        self.ready_in = Some(ready_in.saturating_sub(samples));
        self.behind.min(RATE * samples)
    }

    /// So many have been caught up with.
    pub const fn caught_up(&mut self, samples: usize) {
        self.behind -= samples;
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
        self.ready_in = None;
    }
}
