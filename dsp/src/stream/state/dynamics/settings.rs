//! The settings of dynamics, moving smoothly.

use crate::dynamics::{Dynamics, GainComputer};
use crate::stream::sanitize::take_finite;

/// Time constants, in the time in which all of it comes or goes, with which numbers move.
const TIME_CONSTANTS: f32 = 2.0;

/// The settings that are in force, on their way to those asked for.
pub(super) struct Settings {
    /// Those asked for.
    pub to: Dynamics,
    /// Mode and action in force; the numbers are those asked for.
    pub now: Dynamics,
    pub computer: GainComputer,
    pub margin_db: f32,
    pub mix: f32,
    pub bands: Vec<BandSettings>,
    /// How much of all gains there is: goes to 0 before mode or action change, and to be off.
    pub presence: f32,
    /// The most that moves in a control block.
    presence_step: f32,
    /// Of the way that is left, what numbers go in a control block.
    share: f32,
}

/// Those of a band.
#[derive(Clone, Copy)]
pub(super) struct BandSettings {
    pub threshold_db: f32,
    pub amount: f32,
    to_threshold_db: f32,
    to_amount: f32,
}

impl Settings {
    /// For so many control blocks from one setting to the next.
    pub fn new(bands: usize, ramp_blocks: f32) -> Self {
        let to = Dynamics::default();
        let band =
            BandSettings { threshold_db: 0.0, amount: 1.0, to_threshold_db: 0.0, to_amount: 1.0 };
        Self {
            to,
            now: to,
            computer: to.gain_computer(),
            margin_db: to.margin_db,
            mix: to.mix,
            bands: vec![band; bands],
            presence: 0.0,
            presence_step: 1.0 / ramp_blocks,
            share: 1.0 - (-TIME_CONSTANTS / ramp_blocks).exp(),
        }
    }

    pub fn set_thresholds_db(&mut self, thresholds_db: &[f32]) {
        for (band, threshold_db) in self.bands.iter_mut().zip(thresholds_db) {
            take_finite(&[*threshold_db], std::slice::from_mut(&mut band.to_threshold_db));
        }
    }

    pub fn set_amounts(&mut self, amounts: &[f32]) {
        for (band, amount) in self.bands.iter_mut().zip(amounts) {
            if amount.is_finite() {
                band.to_amount = amount.clamp(0.0, 2.0);
            }
        }
    }

    /// Whether any gain is to move.
    pub fn are_on(&self) -> bool {
        self.to.is_on() && self.bands.iter().any(|band| band.to_amount > 0.0)
    }

    /// At a control tick: moves on.
    pub fn advance(&mut self) {
        let same = self.now.mode == self.to.mode && self.now.action == self.to.action;
        if !same && self.presence == 0.0 {
            self.take_on();
        }
        let goal = if same && self.are_on() { 1.0 } else { 0.0 };
        self.presence += (goal - self.presence).clamp(-self.presence_step, self.presence_step);
        self.go(self.share);
    }

    /// Goes all the way at once.
    pub fn jump(&mut self) {
        self.take_on();
        self.presence = if self.are_on() { 1.0 } else { 0.0 };
        self.go(1.0);
    }

    /// Takes mode and action as asked for.
    fn take_on(&mut self) {
        self.now = self.to;
        self.computer = self.to.gain_computer();
    }

    fn go(&mut self, share: f32) {
        let go = |from: &mut f32, to: f32| {
            *from += share * (to - *from);
        };
        // A slope of another action would be of the other sign.
        let slope = self.now.action.slope(self.to.ratio);
        go(&mut self.computer.slope, slope);
        go(&mut self.computer.knee_db, self.to.knee_db);
        go(&mut self.computer.range_db, self.to.range_db);
        go(&mut self.margin_db, self.to.margin_db);
        go(&mut self.mix, self.to.mix);
        for band in &mut self.bands {
            go(&mut band.threshold_db, band.to_threshold_db);
            go(&mut band.amount, band.to_amount);
        }
    }
}
