//! Which gains are the goal, and when ramps to them start.

use super::GainRamps;
use crate::bank::{Bank, Curve, Phase};
use crate::stream::sanitize::take_finite;
use crate::stream::timing::{
    CONTROL_BLOCK, SOLVE_HOLDOFF, SOLVE_HOLDOFF_STEEP, ramp_samples, solve_interval_samples,
};
use crate::vectors::Vectors;

/// The gains of an engine, and their targets.
pub(crate) struct GainControl {
    pub ramps: GainRamps,
    requested: Requested,
    /// One per band, of the kind requested.
    targets: Vec<f32>,
    /// Whether the ramps to these have yet to start.
    pending: bool,
    /// The amplitudes at the centres that were last solved for, unless gains were set themselves.
    solved_targets: Vec<f32>,
    is_solved: bool,
    /// Scratch for the goals of the ramps.
    goals: Vec<f32>,
    /// In samples.
    solve_interval: usize,
    /// Samples until ramps may start again.
    wait: usize,
}

/// What the targets are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Requested {
    /// Amplitudes at the centre frequencies.
    Targets,
    /// The bands' own gains.
    Gains,
}

impl GainControl {
    /// At flat settings.
    pub fn new(bank: &Bank) -> Self {
        let unity = || vec![1.0; bank.bands()];
        Self {
            ramps: GainRamps::new(
                bank.bands(),
                ramp_samples(bank.spec().phase, bank.spec().sample_rate_hz),
            ),
            requested: Requested::Targets,
            targets: unity(),
            pending: false,
            solved_targets: unity(),
            is_solved: true,
            goals: unity(),
            solve_interval: solve_interval_samples(bank.spec().sample_rate_hz),
            wait: 0,
        }
    }

    /// Requests amplitudes at the centre frequencies: 1 where one is missing.
    pub fn set_targets(&mut self, targets: &[f32]) {
        self.targets.fill(1.0);
        take_finite(targets, &mut self.targets);
        self.requested = Requested::Targets;
        self.pending = !self.is_solved || self.targets != self.solved_targets;
    }

    /// Requests the bands' own gains: the goal there was where one is missing.
    pub fn set_gains(&mut self, gains: &[f32]) {
        if self.requested != Requested::Gains {
            self.targets.copy_from_slice(self.ramps.goal());
        }
        take_finite(gains, &mut self.targets);
        self.requested = Requested::Gains;
        self.pending = self.targets != self.ramps.goal();
    }

    /// Whether ramps to the requested gains have yet to start.
    pub const fn is_pending(&self) -> bool {
        self.pending
    }

    /// Sets the gains to those requested at once.
    pub fn jump(&mut self, bank: &Bank, vectors: Vectors) {
        self.start_ramps(bank, vectors);
        self.wait = 0;
        self.ramps.jump();
    }

    /// At a control tick: starts the ramps if it is time, and they may.
    pub fn on_control_tick(&mut self, may_start: bool, bank: &Bank, vectors: Vectors) {
        self.wait = self.wait.saturating_sub(CONTROL_BLOCK);
        if may_start && self.wait == 0 {
            self.start_ramps(bank, vectors);
        }
    }

    fn start_ramps(&mut self, bank: &Bank, vectors: Vectors) {
        if !std::mem::replace(&mut self.pending, false) {
            return;
        }
        let holdoff = match self.requested {
            Requested::Targets => {
                let holdoff = match bank.solve(vectors, &self.targets, &mut self.goals) {
                    Curve::Smooth => SOLVE_HOLDOFF,
                    Curve::Steep => SOLVE_HOLDOFF_STEEP,
                };
                self.solved_targets.copy_from_slice(&self.targets);
                self.is_solved = true;
                holdoff
            }
            Requested::Gains => {
                self.goals.copy_from_slice(&self.targets);
                // Flat is flat, whichever way it is requested.
                self.is_solved = self.targets.iter().all(|gain| *gain == 1.0);
                if self.is_solved {
                    self.solved_targets.fill(1.0);
                }
                SOLVE_HOLDOFF
            }
        };
        // With minimum phase smooth curves wait for the next filter alone.
        let waits = bank.spec().phase == Phase::OfBank || holdoff > SOLVE_HOLDOFF;
        self.wait = if waits { (1 + holdoff) * self.solve_interval } else { 0 };
        self.ramps.set_goals(&self.goals);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::BankSpec;
    use crate::cast::{real, single};

    #[test]
    fn targets_are_solved_for_seldom_however_often_they_move() {
        const TICKS: usize = 7 * 8 * 10;
        for (steep, apart_samples) in [(false, 256), (true, 896)] {
            let bank = Bank::design(&BankSpec::default()).expect("the default exists");
            let mut control = GainControl::new(&bank);
            let mut solved = 0;
            for n in 0..TICKS {
                // Never what it was when last solved for.
                let lift = 1.5 + single(real(n) / 1000.0);
                let low = if steep { 0.1 } else { 1.0 };
                let targets: Vec<_> = (0..40).map(|k| lift * [low, 1.0][k % 2]).collect();
                control.set_targets(&targets);
                control.on_control_tick(true, &bank, Vectors::new());
                solved += usize::from(!control.is_pending());
            }
            assert_eq!(solved, TICKS * CONTROL_BLOCK / apart_samples, "steep: {steep}");
        }
    }
}
