//! The gains of the bands, moving smoothly.

use super::{GRID, RAMP_MS, STEPS};
use crate::cast::{count, real, single};

/// Linear band gains that move to new values within [`RAMP_MS`], along cubics that go on at the
/// speed there was: a goal that keeps moving is followed however often it is told. Between points of
/// the [`GRID`] they move in straight lines.
pub(super) struct Bands {
    from: Vec<f32>,
    /// Change per ramp at the ramp's start.
    speed: Vec<f32>,
    to: Vec<f32>,
    /// Since the last point of the grid.
    line: Line,
    /// In the steps of the grid before, the latest first; as `line` for bands that stand still.
    past: [Line; STEPS - 1],
    /// How many of those steps, the latest first, saw no movement.
    still_steps: usize,
    /// A whole number of steps of the grid.
    ramp_samples: usize,
    /// Samples from the ramp's start to the last point of the grid, no more than `ramp_samples`.
    elapsed: usize,
}

/// Gains along a straight line, from a point of the grid to the next.
#[derive(Clone)]
struct Line {
    /// At the first of the two.
    now: Vec<f32>,
    /// Change per sample.
    slope: Vec<f32>,
}

impl Line {
    /// Band `k`'s change of the sound, so many samples after the first point.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn change(&self, k: usize, ahead: usize) -> f32 {
        self.now[k] - 1.0 + self.slope[k] * AHEAD[ahead]
    }

    #[expect(clippy::float_cmp)] // Exact unity is what costs nothing.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn is_unity(&self, k: usize) -> bool {
        self.now[k] == 1.0 && self.slope[k] == 0.0
    }

    fn copy_from(&mut self, other: &Self) {
        self.now.copy_from_slice(&other.now);
        self.slope.copy_from_slice(&other.slope);
    }
}

/// The numbers of samples from a point of the grid to the next.
pub(super) const AHEAD: [f32; GRID] = {
    let mut ahead = [0.0; GRID];
    let mut n = 1;
    while n < GRID {
        ahead[n] = ahead[n - 1] + 1.0;
        n += 1;
    }
    ahead
};

impl Bands {
    pub fn new(bands: usize, sample_rate_hz: f64) -> Self {
        let steps = (count(sample_rate_hz * RAMP_MS / 1000.0) / GRID).max(1);
        let unity = vec![1.0; bands];
        let line = Line { now: unity.clone(), slope: vec![0.0; bands] };
        Self {
            from: unity.clone(),
            speed: vec![0.0; bands],
            to: unity,
            past: std::array::from_fn(|_| line.clone()),
            still_steps: STEPS - 1,
            line,
            ramp_samples: steps * GRID,
            elapsed: steps * GRID,
        }
    }

    /// At a point of the grid: starts a ramp from where the gains are and as fast as they move.
    /// Returns the goal, which still is the old one: to be written before time goes on.
    pub fn start(&mut self) -> &mut [f32] {
        for k in 0..self.to.len() {
            self.speed[k] = self.speed_now(k);
        }
        self.from.copy_from_slice(&self.line.now);
        self.elapsed = 0;
        &mut self.to
    }

    /// Ends the ramp.
    pub fn jump(&mut self) {
        self.elapsed = self.ramp_samples;
        if self.line.now != self.to {
            self.still_steps = 0;
        }
        self.line.now.copy_from_slice(&self.to);
        self.line.slope.fill(0.0);
    }

    /// The gains at the last point of the grid.
    pub fn now(&self) -> &[f32] {
        &self.line.now
    }

    /// Where the gains are or are moving to.
    pub fn goal(&self) -> &[f32] {
        &self.to
    }

    pub const fn moving(&self) -> bool {
        self.elapsed < self.ramp_samples
    }

    /// Whether every band is at unity, has been all through a window, and stays there.
    #[expect(clippy::float_cmp)] // Exact unity is what costs nothing.
    pub fn flat(&self) -> bool {
        self.stands_still() && self.line.now.iter().all(|&gain| gain == 1.0)
    }

    /// Whether no band has moved in the window that ends with this step.
    fn stands_still(&self) -> bool {
        !self.moving() && self.still_steps == STEPS - 1
    }

    /// What band `k` adds to the sound, so many samples after the last point of the grid.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn change(&self, k: usize, ahead: usize) -> f32 {
        self.line.change(k, ahead)
    }

    /// What some neighbours, from band `first` on, add to the sound at the last point of the grid, and how
    /// much that changes with every sample; of bands that there are not, nothing.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn line(&self, first: usize, (changes, slopes): (&mut [f64], &mut [f64])) {
        let line = self.line.now[first..].iter().zip(&self.line.slope[first..]);
        for ((change, slope), (now, step)) in changes.iter_mut().zip(slopes).zip(line) {
            (*change, *slope) = (f64::from(now - 1.0), f64::from(*step));
        }
    }

    /// Whether band `k` is at unity until the next point of the grid.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn is_unity(&self, k: usize) -> bool {
        self.line.is_unity(k)
    }

    /// Whether band `k` has been at unity all through the window that ends with this step.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn unity_lately(&self, k: usize) -> bool {
        self.is_unity(k) && (self.stands_still() || self.past.iter().all(|line| line.is_unity(k)))
    }

    /// [`Self::change`] at several times in this step, the first so many samples after the last point of
    /// the grid and the others by strides.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn changes_now(&self, k: usize, (wait, stride): (usize, usize), changes: &mut [f32]) {
        if self.line.slope[k] == 0.0 {
            changes.fill(self.line.change(k, 0));
            return;
        }
        for (f, change) in changes.iter_mut().enumerate() {
            *change = self.line.change(k, wait + f * stride);
        }
    }

    /// The same at times in the window that ends with this step, counted from its start.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn changes(&self, k: usize, (wait, stride): (usize, usize), changes: &mut [f32]) {
        if self.stands_still() {
            changes.fill(self.line.change(k, 0));
            return;
        }
        for (f, change) in changes.iter_mut().enumerate() {
            let ahead = wait + f * stride;
            let line = match STEPS - 1 - ahead / GRID {
                0 => &self.line,
                ago => &self.past[ago - 1],
            };
            *change = line.change(k, ahead % GRID);
        }
    }

    /// At a point of the grid, after any new goal: sets out for the next one.
    pub fn set_out(&mut self) {
        if !self.moving() {
            return;
        }
        for k in 0..self.to.len() {
            let next = self.at(k, self.elapsed + GRID);
            self.line.slope[k] = (next - self.line.now[k]) / single(real(GRID));
        }
    }

    /// Arrives at the next point of the grid.
    pub fn arrive(&mut self) {
        if self.stands_still() {
            return;
        }
        self.past.rotate_right(1);
        self.past[0].copy_from(&self.line);
        if !self.moving() {
            self.still_steps += 1;
            return;
        }
        self.still_steps = 0;
        self.elapsed += GRID;
        for k in 0..self.to.len() {
            self.line.now[k] = self.at(k, self.elapsed);
        }
        if !self.moving() {
            self.line.slope.fill(0.0);
        }
    }

    /// The gain of band `k` so many samples after the ramp's start.
    fn at(&self, k: usize, elapsed: usize) -> f32 {
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
}

#[cfg(test)]
mod tests {
    use super::{Bands, GRID, STEPS};
    use crate::cast::{real, single};
    use crate::stream::WINDOW;

    #[test]
    fn a_goal_that_keeps_moving_is_followed_however_often_it_is_told() {
        for steps in [1, 8] {
            let mut bands = Bands::new(1, 48_000.0);
            for time in (0..48_000).step_by(GRID) {
                if time % (steps * GRID) == 0 {
                    bands.start()[0] = 1.0 - single(real(time) / 48_000.0);
                }
                bands.set_out();
                bands.arrive();
            }
            let gain = bands.now()[0];
            assert!(gain.abs() < 0.04, "told every {steps} steps: {gain}");
        }
    }

    #[test]
    fn a_ramp_ends_exactly_at_its_goal_and_never_jumps() {
        let mut bands = Bands::new(1, 44_100.0);
        bands.start()[0] = 0.1;
        let mut last = 1.0;
        while bands.moving() {
            bands.set_out();
            for ahead in 0..GRID {
                let gain = 1.0 + bands.change(0, ahead);
                assert!((gain - last).abs() < 0.002, "{last} to {gain}");
                last = gain;
            }
            bands.arrive();
        }
        assert_eq!(bands.now()[0].to_bits(), 0.1_f32.to_bits());
        assert_eq!(bands.change(0, 0).to_bits(), bands.change(0, GRID - 1).to_bits());
    }

    #[test]
    fn a_window_keeps_the_changes_of_all_its_steps_and_is_flat_only_after_them() {
        let mut bands = Bands::new(1, 48_000.0);
        let mut changes = Vec::new();
        let mut still_steps = STEPS;
        for step in 0..200 {
            if step % 90 == 20 {
                bands.start()[0] = if step < 90 { 0.3 } else { 1.0 };
            }
            bands.set_out();
            changes.extend((0..GRID).map(|ahead| bands.change(0, ahead)));
            let moves = bands.moving();
            let late = changes.len().saturating_sub(WINDOW);
            still_steps = if moves { 0 } else { still_steps + 1 };
            let flat = still_steps >= STEPS && changes[changes.len() - 1] == 0.0;
            assert_eq!(bands.flat(), flat, "step {step}");
            if step >= STEPS {
                for (wait, stride) in [(0, 1), (2, 3), (5, 16)] {
                    let expected: Vec<f32> =
                        changes[late + wait..].iter().step_by(stride).copied().collect();
                    let mut found = vec![0.0; expected.len()];
                    bands.changes(0, (wait, stride), &mut found);
                    assert_eq!(found, expected, "step {step}, {wait}, {stride}");
                }
            }
            bands.arrive();
        }
        assert!(bands.flat());
    }
}
