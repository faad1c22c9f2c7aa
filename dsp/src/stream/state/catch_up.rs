//! Recursive filters rest while nothing is wanted of them, and catch up before they are.
//!
//! Kernels read the past whenever they like; recursive filters must have heard all of it. Letting them
//! hear at flat settings, too, would cost what nobody listens to. So they rest, and once wanted take
//! in [`RATE`] samples of what they missed for each that passes: they are ready after a seventh of what
//! they missed, which is no more than they remember. All of it at once would be a burst of work in one
//! block.

/// Samples taken in per sample of time while catching up. With 8 a gammatone bank of 8 ms is ready after
/// 10 ms, half a ramp, and its filters have 3840 multiply-adds for a sample meanwhile, twice what the engine
/// has with all bands at work (`cargo xtask bench limit`).
const RATE: usize = 8;

/// Where the filters of all channels are.
pub(crate) struct CatchUp {
    /// Samples missed.
    behind: usize,
    /// So much later nothing is left of what was heard before.
    memory: usize,
    /// Samples until they are ready, once they are wanted.
    waking: Option<usize>,
}

impl CatchUp {
    /// Filters that are ready, of a memory in samples.
    pub const fn new(memory: usize) -> Self {
        Self { behind: 0, memory, waking: None }
    }

    /// Samples that the filters have missed.
    pub const fn behind_samples(&self) -> usize {
        self.behind
    }

    /// Whether nothing that was heard before resting counts any more.
    pub const fn has_forgotten(&self) -> bool {
        self.behind == self.memory
    }

    /// Whether the filters have heard everything.
    pub const fn is_awake(&self) -> bool {
        self.behind == 0
    }

    /// Whether gains may leave flat: the same moment however the stream is cut into blocks.
    pub fn is_ready(&self) -> bool {
        self.waking.unwrap_or(self.behind) == 0
    }

    /// Nothing is wanted for so many samples.
    pub fn fall_behind(&mut self, samples: usize) {
        self.behind = (self.behind + samples).min(self.memory);
        self.waking = None;
    }

    /// Samples to catch up with before `samples` more pass.
    pub fn due(&mut self, samples: usize) -> usize {
        let waking = *self.waking.get_or_insert(self.behind.div_ceil(RATE - 1));
        self.waking = Some(waking.saturating_sub(samples));
        self.behind.min(RATE * samples)
    }

    /// Tells that so many have been caught up with.
    pub const fn caught_up(&mut self, samples: usize) {
        self.behind -= samples;
    }

    /// Tells that so many samples have passed.
    pub fn advance(&mut self, samples: usize) {
        if !self.is_awake() {
            self.behind += samples;
        }
    }

    /// Nothing has been missed.
    pub const fn reset(&mut self) {
        self.behind = 0;
        self.waking = None;
    }
}
