//! The gains of the bands, moving smoothly.

use super::RAMP_MS;
use crate::cast::{count, real, single};

/// Linear band gains that move to new values within [`RAMP_MS`]. Positions are a
/// function of time alone, so they do not depend on how the stream is cut into blocks.
pub(super) struct Bands {
    from: Vec<f32>,
    to: Vec<f32>,
    now: Vec<f32>,
    ramp_samples: usize,
    /// Samples since the ramp's start, no more than `ramp_samples`.
    elapsed: usize,
}

impl Bands {
    pub fn new(bands: usize, sample_rate_hz: f64) -> Self {
        let ramp_samples = count(sample_rate_hz * RAMP_MS / 1000.0).max(1);
        let unity = vec![1.0; bands];
        Self {
            from: unity.clone(),
            to: unity.clone(),
            now: unity,
            ramp_samples,
            elapsed: ramp_samples,
        }
    }

    /// Where the gains are going; to be followed by [`Self::start`].
    pub fn goal_mut(&mut self) -> &mut [f32] {
        &mut self.to
    }

    /// Starts a ramp from wherever the gains are now.
    pub fn start(&mut self) {
        self.from.copy_from_slice(&self.now);
        self.elapsed = 0;
    }

    /// Ends the ramp.
    pub fn jump(&mut self) {
        self.elapsed = self.ramp_samples;
        self.now.copy_from_slice(&self.to);
    }

    /// The gains now.
    pub fn now(&self) -> &[f32] {
        &self.now
    }

    pub fn moving(&self) -> bool {
        self.elapsed < self.ramp_samples
    }

    /// Whether every band is at unity and stays there.
    #[expect(clippy::float_cmp)] // Exact unity is what costs nothing.
    pub fn flat(&self) -> bool {
        !self.moving() && self.now.iter().all(|&gain| gain == 1.0)
    }

    /// The gain of band `k`, `ahead` samples from now.
    pub fn gain(&self, k: usize, ahead: usize) -> f32 {
        let elapsed = self.elapsed + ahead;
        if elapsed >= self.ramp_samples {
            return self.to[k];
        }
        let share = single(real(elapsed) / real(self.ramp_samples));
        // Smooth at both ends: corners would be heard in bands of short kernels.
        let share = share * share * (3.0 - 2.0 * share);
        self.from[k] + (self.to[k] - self.from[k]) * share
    }

    /// Moves on in time.
    pub fn advance(&mut self, samples: usize) {
        if !self.moving() {
            return;
        }
        for k in 0..self.now.len() {
            self.now[k] = self.gain(k, samples);
        }
        self.elapsed = (self.elapsed + samples).min(self.ramp_samples);
    }
}
