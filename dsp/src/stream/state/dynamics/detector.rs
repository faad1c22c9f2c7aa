//! The smoothed level of a band.

use crate::cast::{real, single};
use crate::dynamics::SmoothingTimes;
use crate::stream::timing::CONTROL_BLOCK;

/// The largest power that is smoothed: kernels that are given may make more of what is taken in than can be squared.
const LARGEST: f32 = 1e30;

/// The power of a band, smoothed with two time constants ([`SmoothingTimes`]).
#[derive(Clone)]
pub(super) struct Detector {
    slow: f32,
    fast: f32,
    /// Of the way to the power of a control block.
    slow_share: f32,
    fast_share: f32,
    /// The least that the slow power is of the fast one.
    least_share: f32,
    /// The power of the last control block in which there was any coefficient; none before the first.
    last: Option<f32>,
}

impl Detector {
    pub const fn new() -> Self {
        let (slow_share, fast_share) = (1.0, 1.0);
        Self { slow: 0.0, fast: 0.0, slow_share, fast_share, least_share: 0.0, last: None }
    }

    /// Takes other time constants.
    pub fn set_times(&mut self, times: &SmoothingTimes, sample_rate_hz: f64) {
        let block_ms = 1000.0 * real(CONTROL_BLOCK) / sample_rate_hz;
        let share = |time_ms: f64| single(-(-block_ms / time_ms.max(1e-9)).exp_m1());
        (self.slow_share, self.fast_share) = (share(times.slow_ms), share(times.fast_ms));
        self.least_share = single(10_f64.powf(-times.jump_db / 10.0));
    }

    /// Takes the mean power in a control block, or as much as in the one before. Whether it rises at the attack time.
    #[inline(always)]
    pub fn push(&mut self, power: Option<f32>) -> bool {
        let Some(power) = power.map(|power| power.min(LARGEST)).or(self.last) else {
            return false;
        };
        if self.last.is_none() {
            (self.slow, self.fast) = (power, power);
        }
        self.last = Some(power);
        self.slow += self.slow_share * (power - self.slow);
        self.fast += self.fast_share * (power - self.fast);
        let least = self.least_share * self.fast;
        let rises = self.slow < least;
        self.slow = self.slow.max(least);
        rises
    }

    #[inline(always)]
    pub const fn power(&self) -> f32 {
        self.slow
    }

    /// Of the way to the power of a control block, what the slow power goes.
    #[inline(always)]
    pub const fn slow_share(&self) -> f32 {
        self.slow_share
    }

    /// Forgets all sound.
    pub const fn reset(&mut self) {
        self.last = None;
        (self.slow, self.fast) = (0.0, 0.0);
    }
}
