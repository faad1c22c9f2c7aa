//! The gains of the bands, moving smoothly.

use crate::cast::{count, real, single};
use crate::stream::timing::{GRID, RAMP_MS, STEPS};

/// A goal that moves by less, −100 dB of unity, is reached when the one before would have been. Solving
/// for a curve of which one band moves changes the gains of all by something; this much is what the
/// solution is settled to, and needs no new ramp.
const NUDGE: f32 = 1e-5;

/// Linear band gains that move to new values within [`RAMP_MS`], each on a ramp of its own, along cubics
/// that end at rest. Between points of the [`GRID`] they move in straight lines.
///
/// **A gain never leaves the interval between where it was when its goal was set and the goal.** A cubic
/// that ends at rest is monotone if and only if it begins towards its goal, no faster than three times
/// the way over the time (Fritsch and Carlson, 1980, DOI 10.1137/0717021). A new goal takes over the speed
/// there is as far as that allows: a goal that keeps moving is followed at its own speed, however often
/// it is told. What moves away from its new goal stops at once, for any braking would lead out of the
/// interval. Such a break is in the slope only, and a band's dual, which what is scaled passes, keeps it
/// within the band: no click.
pub(crate) struct Bands {
    to: Vec<f32>,
    /// Steps of the grid that each ramp still takes, whole numbers.
    left_steps: Vec<f32>,
    /// Change per step, at the last point of the grid.
    speed: Vec<f32>,
    /// The gain at the next point of the grid.
    next: Vec<f32>,
    /// Since the last point of the grid.
    line: Line,
    /// In the steps of the grid before, the latest first; as `line` for bands that stand still.
    past: [Line; STEPS - 1],
    /// How many of those steps, the latest first, saw no movement.
    still_steps: usize,
    /// Steps that a ramp takes.
    ramp_steps: usize,
    /// Steps until all ramps are over.
    moving_steps: usize,
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
pub(crate) const AHEAD: [f32; GRID] = {
    let mut ahead = [0.0; GRID];
    let mut n = 1;
    while n < GRID {
        ahead[n] = ahead[n - 1] + 1.0;
        n += 1;
    }
    ahead
};

/// Samples of a step of the grid.
const STEP: f32 = single(real(GRID));

impl Bands {
    pub fn new(bands: usize, sample_rate_hz: f64) -> Self {
        let unity = vec![1.0; bands];
        let line = Line { now: unity.clone(), slope: vec![0.0; bands] };
        Self {
            to: unity.clone(),
            left_steps: vec![0.0; bands],
            speed: vec![0.0; bands],
            next: unity,
            past: std::array::from_fn(|_| line.clone()),
            still_steps: STEPS - 1,
            line,
            ramp_steps: (count(sample_rate_hz * RAMP_MS / 1000.0) / GRID).max(1),
            moving_steps: 0,
        }
    }

    /// At a point of the grid: gives each band this goal. Those that have it already go on as before.
    pub fn set_goals(&mut self, goals: &[f32]) {
        let ramp_steps = single(real(self.ramp_steps));
        for ((to, left), goal) in self.to.iter_mut().zip(&mut self.left_steps).zip(goals) {
            let way = (goal - *to).abs();
            if way > NUDGE || (way > 0.0 && *left == 0.0) {
                *left = ramp_steps;
                self.moving_steps = self.ramp_steps;
            }
            *to = *goal;
        }
    }

    /// Ends all ramps.
    pub fn jump(&mut self) {
        if self.line.now != self.to {
            self.still_steps = 0;
        }
        self.line.now.copy_from_slice(&self.to);
        self.line.slope.fill(0.0);
        self.speed.fill(0.0);
        self.left_steps.fill(0.0);
        self.moving_steps = 0;
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
        self.moving_steps > 0
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

    /// At a point of the grid, after any new goals: sets out for the next one.
    #[expect(clippy::needless_range_loop)] // Seven lists at once; written so, it compiles to vectors.
    pub fn set_out(&mut self) {
        if !self.moving() {
            return;
        }
        let Self { to, left_steps, speed, next, line: Line { now, slope }, .. } = self;
        let bands = to.len();
        let (left_steps, speed, next) =
            (&left_steps[..bands], &mut speed[..bands], &mut next[..bands]);
        let (now, slope) = (&now[..bands], &mut slope[..bands]);
        for k in 0..bands {
            let left = left_steps[k].max(1.0);
            let (done, way) = (1.0 / left, to[k] - now[k]);
            let undone = 1.0 - done;
            // Cubic Hermite from here, at a speed in the time that is left, to rest at the goal: what is
            // left of a cubic is a cubic.
            let fastest = 3.0 * way;
            let from = (speed[k] * left).max(fastest.min(0.0)).min(fastest.max(0.0));
            let step = way * (done * done * (3.0 - 2.0 * done)) + from * (done * undone * undone);
            let last = left_steps[k] <= 1.0;
            // Rounding, too, stays on the way.
            let there = (now[k] + step).max(now[k].min(to[k])).min(now[k].max(to[k]));
            next[k] = if last { to[k] } else { there };
            let onward = (6.0 * way * done + from * (1.0 - 3.0 * done)) * (undone * done);
            speed[k] = if last { 0.0 } else { onward };
            slope[k] = (next[k] - now[k]) / STEP;
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
        self.line.now.copy_from_slice(&self.next);
        self.left_steps.iter_mut().for_each(|left| *left = (*left - 1.0).max(0.0));
        self.moving_steps -= 1;
        if !self.moving() {
            self.line.slope.fill(0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bands, GRID, STEP, STEPS};
    use crate::cast::{real, single};
    use crate::stream::timing::WINDOW;
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    #[test]
    fn gains_stay_between_where_they_set_out_and_their_goals_and_arrive_in_time() {
        const BANDS: usize = 24;
        let mut random = StdRng::seed_from_u64(3);
        for rate_hz in [1234.5, 8_000.0, 48_000.0, 192_000.0] {
            let mut bands = Bands::new(BANDS, rate_hz);
            let ramp_steps = bands.ramp_steps;
            let (mut from, mut goals) = ([1.0_f32; BANDS], [1.0_f32; BANDS]);
            let (mut ends, mut last) = ([0; BANDS], [1.0_f32; BANDS]);
            // The most that gains may move in a sample.
            let (mut fastest, mut before) = ([0.0_f32; BANDS], [0.0_f32; BANDS]);
            for step in 0..4000 {
                let mut moved = [false; BANDS];
                // Busy times and times of rest.
                if random.random_bool(if step / 500 % 2 == 0 { 0.3 } else { 0.01 }) {
                    for k in 0..BANDS {
                        let goal = match random.random_range(0..8) {
                            0 => 0.0,
                            1 => 1.0,
                            2 => random.random_range(0.0..16.0),
                            3 => goals[k] * random.random_range(0.999_995..1.000_005),
                            _ => continue,
                        };
                        if goal != goals[k] {
                            (from[k], goals[k]) = (bands.now()[k], goal);
                            ends[k] = step + ramp_steps;
                            moved[k] = true;
                        }
                    }
                    bands.set_goals(&goals);
                }
                for k in (0..BANDS).filter(|&k| moved[k]) {
                    let samples = bands.left_steps[k] * STEP;
                    fastest[k] = 3.0 * (goals[k] - from[k]).abs() / samples;
                }
                bands.set_out();
                for k in 0..BANDS {
                    let (low, high) = (from[k].min(goals[k]), from[k].max(goals[k]));
                    let rounding = 4.0 * f32::EPSILON * high.max(1.0);
                    let kept = low..=high;
                    assert!(kept.contains(&bands.now()[k]), "{} of {kept:?}", bands.now()[k]);
                    for ahead in 0..GRID {
                        let gain = 1.0 + bands.change(k, ahead);
                        let kept = low - rounding..=high + rounding;
                        assert!(kept.contains(&gain), "{gain} of {kept:?} {step} {k}");
                        // Up to the first sample it is the step before that moves them.
                        let fastest = if ahead == 0 { before[k] } else { fastest[k] };
                        let moved = (gain - last[k]).abs();
                        let rounding = 8.0 * f32::EPSILON * gain.max(last[k]).max(1.0);
                        assert!(moved <= 1.001 * fastest + rounding, "{moved} {fastest}");
                        last[k] = gain;
                    }
                    before[k] = fastest[k];
                }
                bands.arrive();
                for k in (0..BANDS).filter(|&k| step + 1 >= ends[k]) {
                    assert_eq!(bands.now()[k].to_bits(), goals[k].to_bits());
                }
            }
        }
    }

    #[test]
    fn a_ramp_is_not_begun_anew_by_what_others_do_or_by_the_same_goal() {
        let ramp = |others: &dyn Fn(usize) -> f32| {
            let mut bands = Bands::new(2, 48_000.0);
            let mut gains = Vec::new();
            for step in 0..40 {
                bands.set_goals(&[4.0, others(step)]);
                bands.set_out();
                gains.extend((0..GRID).map(|ahead| bands.change(0, ahead).to_bits()));
                bands.arrive();
            }
            gains
        };
        assert!(ramp(&|_| 1.0) == ramp(&|step| single(real(step % 7))));
    }

    #[test]
    fn a_goal_that_keeps_nudging_does_not_put_off_the_end_of_a_ramp() {
        let mut bands = Bands::new(1, 48_000.0);
        for step in 0..bands.ramp_steps {
            bands.set_goals(&[0.25 + 1e-6 * single(real(step))]);
            bands.set_out();
            bands.arrive();
        }
        assert!(!bands.moving());
        assert_eq!(bands.now(), bands.goal());
    }

    #[test]
    fn a_goal_that_keeps_moving_is_followed_however_often_it_is_told() {
        for steps in [1, 8] {
            let mut bands = Bands::new(1, 48_000.0);
            for time in (0..48_000).step_by(GRID) {
                if time % (steps * GRID) == 0 {
                    bands.set_goals(&[1.0 - single(real(time) / 48_000.0)]);
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
        bands.set_goals(&[0.1]);
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
                bands.set_goals(&[if step < 90 { 0.3 } else { 1.0 }]);
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
