//! The gains of the bands, moving smoothly.

use super::segments::{GainSegment, GainSegments, STEP};
use crate::cast::{real, single};
use crate::stream::timing::{BATCH_BLOCKS, CONTROL_BLOCK};

/// A goal that moves by less does not restart its ramp. Where one band of a curve moves, solving for it moves
/// the gains of all others by something, however little, and no ramp of theirs is to be prolonged by that.
/// −100 dB, a 25th of the accuracy that curves are solved to: with more a slow fade would go in steps that can
/// be measured.
const RESTART_ABOVE: f32 = 1e-5;

/// Linear band gains that move to new values in a time of their own, each on a ramp of its own, along cubics
/// that end at rest. From one control tick to the next they move in straight lines.
///
/// **A gain never leaves the interval between where it was when its goal was set and the goal.** A cubic
/// that ends at rest is monotone if and only if it begins towards its goal, no faster than three times
/// the difference over the time (Fritsch and Carlson, 1980, DOI 10.1137/0717021). A new goal takes over the speed
/// there is as far as that allows: a goal that keeps moving is followed at its own speed, however often
/// it is set. What moves away from its new goal stops at once, for any braking would lead out of the
/// interval. Such a break is in the slope only, and a band's dual, which filters what is scaled, keeps it
/// within the band: no click.
pub(crate) struct GainRamps {
    /// The gains as bands are scaled with them.
    pub segments: GainSegments,
    to: Vec<f32>,
    /// Control blocks that each ramp still takes, whole numbers.
    left_steps: Vec<f32>,
    /// Change per step, at the last control tick.
    speed: Vec<f32>,
    /// The gain at the next control tick.
    next: Vec<f32>,
    /// How many control blocks before this one, of the batch that ends with it, saw no movement, from the latest on.
    still_steps: usize,
    /// Control blocks that a ramp takes.
    ramp_steps: usize,
    /// Control blocks until all ramps are over.
    moving_steps: usize,
}

/// What changes of gains are counted from.
#[derive(Clone, Copy)]
pub(crate) enum Base {
    /// The gains there are.
    Now,
    Unity,
}

impl GainRamps {
    /// At unity, with ramps of so many samples.
    pub fn new(bands: usize, ramp_samples: usize) -> Self {
        let unity = vec![1.0; bands];
        Self {
            segments: GainSegments::new(bands),
            to: unity.clone(),
            left_steps: vec![0.0; bands],
            speed: vec![0.0; bands],
            next: unity,
            still_steps: BATCH_BLOCKS - 1,
            ramp_steps: (ramp_samples / CONTROL_BLOCK).max(1),
            moving_steps: 0,
        }
    }

    /// At a control tick: gives each band this goal. Those that have it already go on as before.
    pub fn set_goals(&mut self, goals: &[f32]) {
        let ramp_steps = single(real(self.ramp_steps));
        for ((to, left), goal) in self.to.iter_mut().zip(&mut self.left_steps).zip(goals) {
            let way = (goal - *to).abs();
            if way > RESTART_ABOVE || (way > 0.0 && *left == 0.0) {
                *left = ramp_steps;
                self.moving_steps = self.ramp_steps;
            }
            *to = *goal;
        }
        self.note_rest();
    }

    fn note_rest(&mut self) {
        self.segments.stand_still = self.stands_still();
    }

    /// Ends all ramps.
    pub fn jump(&mut self) {
        let GainSegment { now, slope } = &mut self.segments.segment;
        if *now != self.to {
            self.still_steps = 0;
        }
        now.copy_from_slice(&self.to);
        slope.fill(0.0);
        self.speed.fill(0.0);
        self.left_steps.fill(0.0);
        self.moving_steps = 0;
        self.note_rest();
    }

    /// Ends all ramps, as at the start of a stream that jumps to these gains from unity.
    pub fn reset(&mut self) {
        self.segments.base.fill(1.0);
        self.segments.segment.now.fill(1.0);
        self.segments.segment.slope.fill(0.0);
        self.segments.forget_past();
        self.still_steps = BATCH_BLOCKS - 1;
        self.jump();
    }

    /// The gains at the last control tick.
    pub fn now(&self) -> &[f32] {
        &self.segments.segment.now
    }

    /// Where the gains are or are moving to.
    pub fn goal(&self) -> &[f32] {
        &self.to
    }

    pub const fn moving(&self) -> bool {
        self.moving_steps > 0
    }

    /// Whether every band is at its base, has been all through a batch, and stays there.
    pub fn are_at_base(&self) -> bool {
        self.stands_still() && self.segments.segment.now == self.segments.base
    }

    /// Whether the base is unity.
    #[expect(clippy::float_cmp)] // Exact unity is what costs nothing.
    pub fn are_flat(&self) -> bool {
        self.now().iter().all(|&gain| gain == 1.0)
    }

    /// Whether no band has moved in the batch that ends with this control block.
    pub const fn stands_still(&self) -> bool {
        !self.moving() && self.still_steps == BATCH_BLOCKS - 1
    }

    /// Counts changes from the gains there are, or from unity.
    pub fn set_base(&mut self, base: Base) {
        match base {
            Base::Now => {
                self.segments.base.copy_from_slice(&self.segments.segment.now);
                self.segments.forget_past();
                self.still_steps = BATCH_BLOCKS - 1;
                self.note_rest();
            }
            Base::Unity => self.segments.base.fill(1.0),
        }
    }

    /// At a control tick, after any new goals: begins the segment to the next one.
    pub fn begin_segment(&mut self) {
        if !self.moving() {
            return;
        }
        let Self { to, left_steps, speed, next, segments, .. } = self;
        let GainSegment { now, slope } = &mut segments.segment;
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
            // Rounding, too, stays within the interval.
            let there = (now[k] + step).max(now[k].min(to[k])).min(now[k].max(to[k]));
            next[k] = if last { to[k] } else { there };
            let onward = (6.0 * way * done + from * (1.0 - 3.0 * done)) * (undone * done);
            speed[k] = if last { 0.0 } else { onward };
            slope[k] = (next[k] - now[k]) / STEP;
        }
    }

    /// Ends the segment, at the next control tick.
    pub fn end_segment(&mut self) {
        if self.stands_still() {
            return;
        }
        self.segments.end_segment();
        if self.moving() {
            self.still_steps = 0;
            self.segments.segment.now.copy_from_slice(&self.next);
            self.left_steps.iter_mut().for_each(|left| *left = (*left - 1.0).max(0.0));
            self.moving_steps -= 1;
            if !self.moving() {
                self.segments.segment.slope.fill(0.0);
            }
        } else {
            self.still_steps += 1;
        }
        self.note_rest();
    }
}

#[cfg(test)]
mod tests {
    use super::{BATCH_BLOCKS, CONTROL_BLOCK, GainRamps, STEP};
    use crate::bank::Phase;
    use crate::cast::{real, single};
    use crate::stream::timing::{BATCH, ramp_samples};
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    #[test]
    fn gains_stay_between_their_start_and_their_goals_and_arrive_in_time() {
        const BANDS: usize = 24;
        let mut random = StdRng::seed_from_u64(3);
        for rate_hz in [1234.5, 8_000.0, 48_000.0, 192_000.0] {
            let mut bands = GainRamps::new(BANDS, ramp_samples(Phase::OfBank, rate_hz));
            let ramp_steps = bands.ramp_steps;
            let (mut from, mut goals) = ([1.0_f32; BANDS], [1.0_f32; BANDS]);
            let (mut ends, mut last) = ([0; BANDS], [1.0_f32; BANDS]);
            // The most that gains may move in a sample.
            let (mut fastest, mut before) = ([0.0_f32; BANDS], [0.0_f32; BANDS]);
            for step in 0..4000 {
                let mut moved = [false; BANDS];
                // Busy times and quiet ones.
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
                bands.begin_segment();
                for k in 0..BANDS {
                    let (low, high) = (from[k].min(goals[k]), from[k].max(goals[k]));
                    let rounding = 4.0 * f32::EPSILON * high.max(1.0);
                    let kept = low..=high;
                    assert!(kept.contains(&bands.now()[k]), "{} of {kept:?}", bands.now()[k]);
                    for ahead in 0..CONTROL_BLOCK {
                        let gain = 1.0 + bands.segments.change(k, ahead);
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
                bands.end_segment();
                for k in (0..BANDS).filter(|&k| step + 1 >= ends[k]) {
                    assert_eq!(bands.now()[k].to_bits(), goals[k].to_bits());
                }
            }
        }
    }

    #[test]
    fn a_ramp_is_not_restarted_by_other_bands_or_by_the_same_goal() {
        let ramp = |others: &dyn Fn(usize) -> f32| {
            let mut bands = GainRamps::new(2, 960);
            let mut gains = Vec::new();
            for step in 0..40 {
                bands.set_goals(&[4.0, others(step)]);
                bands.begin_segment();
                gains.extend(
                    (0..CONTROL_BLOCK).map(|ahead| bands.segments.change(0, ahead).to_bits()),
                );
                bands.end_segment();
            }
            gains
        };
        assert!(ramp(&|_| 1.0) == ramp(&|step| single(real(step % 7))));
    }

    #[test]
    fn a_goal_that_moves_by_next_to_nothing_does_not_prolong_a_ramp() {
        let mut bands = GainRamps::new(1, 960);
        for step in 0..bands.ramp_steps {
            bands.set_goals(&[0.25 + 1e-6 * single(real(step))]);
            bands.begin_segment();
            bands.end_segment();
        }
        assert!(!bands.moving());
        assert_eq!(bands.now(), bands.goal());
    }

    #[test]
    fn a_goal_that_keeps_moving_is_followed_however_often_it_is_set() {
        for steps in [1, 8] {
            let mut bands = GainRamps::new(1, 960);
            for time in (0..48_000).step_by(CONTROL_BLOCK) {
                if time % (steps * CONTROL_BLOCK) == 0 {
                    bands.set_goals(&[1.0 - single(real(time) / 48_000.0)]);
                }
                bands.begin_segment();
                bands.end_segment();
            }
            let gain = bands.now()[0];
            assert!(gain.abs() < 0.04, "set every {steps} steps: {gain}");
        }
    }

    #[test]
    fn a_ramp_ends_exactly_at_its_goal_and_never_jumps() {
        let mut bands = GainRamps::new(1, 882);
        bands.set_goals(&[0.1]);
        let mut last = 1.0;
        while bands.moving() {
            bands.begin_segment();
            for ahead in 0..CONTROL_BLOCK {
                let gain = 1.0 + bands.segments.change(0, ahead);
                assert!((gain - last).abs() < 0.002, "{last} to {gain}");
                last = gain;
            }
            bands.end_segment();
        }
        assert_eq!(bands.now()[0].to_bits(), 0.1_f32.to_bits());
        assert_eq!(
            bands.segments.change(0, 0).to_bits(),
            bands.segments.change(0, CONTROL_BLOCK - 1).to_bits()
        );
    }

    #[test]
    fn a_batch_keeps_the_changes_of_all_its_blocks_and_is_flat_only_after_them() {
        let mut bands = GainRamps::new(1, 960);
        let mut changes = Vec::new();
        let mut still_steps = BATCH_BLOCKS;
        for step in 0..200 {
            if step % 90 == 20 {
                bands.set_goals(&[if step < 90 { 0.3 } else { 1.0 }]);
            }
            bands.begin_segment();
            changes.extend((0..CONTROL_BLOCK).map(|ahead| bands.segments.change(0, ahead)));
            let moves = bands.moving();
            let late = changes.len().saturating_sub(BATCH);
            still_steps = if moves { 0 } else { still_steps + 1 };
            let flat = still_steps >= BATCH_BLOCKS && changes[changes.len() - 1] == 0.0;
            assert_eq!(bands.are_at_base(), flat, "step {step}");
            if step >= BATCH_BLOCKS {
                for (wait, stride) in [(0, 1), (2, 3), (5, 16)] {
                    let expected: Vec<f32> =
                        changes[late + wait..].iter().step_by(stride).copied().collect();
                    let mut found = vec![0.0; expected.len()];
                    bands.segments.changes(0, (wait, stride), &mut found);
                    assert_eq!(found, expected, "step {step}, {wait}, {stride}");
                }
            }
            bands.end_segment();
        }
        assert!(bands.are_at_base());
    }
}
