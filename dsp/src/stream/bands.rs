//! The gains of the bands, moving smoothly.

use super::RAMP_MS;
use crate::cast::{count, real, single};

/// Linear band gains that move to new values within [`RAMP_MS`], along cubics that go on at the
/// speed there was: a goal that keeps moving is followed however often it is told. Positions are a
/// function of time alone, so they do not depend on how the stream is cut into blocks.
pub(super) struct Bands {
    from: Vec<f32>,
    /// Change per ramp at the ramp's start.
    speed: Vec<f32>,
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
            speed: vec![0.0; bands],
            to: unity.clone(),
            now: unity,
            ramp_samples,
            elapsed: ramp_samples,
        }
    }

    /// Starts a ramp from where the gains are and as fast as they move. Returns the goal, which
    /// still is the old one: to be written before time goes on.
    pub fn start(&mut self) -> &mut [f32] {
        for k in 0..self.now.len() {
            self.speed[k] = self.speed_now(k);
        }
        self.from.copy_from_slice(&self.now);
        self.elapsed = 0;
        &mut self.to
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
        let done = self.share(elapsed);
        let left = 1.0 - done;
        // Cubic Hermite from (from, speed) to (to, 0).
        self.from[k]
            + (self.to[k] - self.from[k]) * (done * done * (3.0 - 2.0 * done))
            + self.speed[k] * (done * left * left)
    }

    /// The change of band `k`'s gain per ramp, now.
    fn speed_now(&self, k: usize) -> f32 {
        if !self.moving() {
            return 0.0;
        }
        let done = self.share(self.elapsed);
        let left = 1.0 - done;
        6.0 * (self.to[k] - self.from[k]) * (done * left)
            + self.speed[k] * (left * (1.0 - 3.0 * done))
    }

    /// The part of the ramp that is over after `elapsed` samples.
    fn share(&self, elapsed: usize) -> f32 {
        single(real(elapsed) / real(self.ramp_samples))
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

#[cfg(test)]
mod tests {
    use super::Bands;
    use crate::cast::{real, single};

    #[test]
    fn a_goal_that_keeps_moving_is_followed_however_often_it_is_told() {
        for step in [1, 32, 512] {
            let mut bands = Bands::new(1, 48_000.0);
            let mut time = 0;
            while time < 48_000 {
                bands.start()[0] = 1.0 - single(real(time) / 48_000.0);
                bands.advance(step);
                time += step;
            }
            let gain = bands.now()[0];
            assert!(gain.abs() < 0.04, "told every {step} samples: {gain}");
        }
    }
}
