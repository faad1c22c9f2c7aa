//! Gains that follow the level of each band, control block by control block.

mod detector;
mod settings;

use super::{GainSegments, STEP};
use crate::bank::{Bank, CentreRows};
use crate::cast::{real, single};
use crate::dynamics::{Dynamics, Link, Mode, SmoothingTimes};
use crate::scale::Scale;
use crate::stream::plan::Plan;
use crate::stream::timing::{BATCH_BLOCKS, CONTROL_BLOCK};
use detector::Detector;
use settings::Settings;
use std::ops::Range;
use std::sync::Arc;

/// Milliseconds that settings take to move, and all of it to come and go.
const MOVE_MS: f64 = 20.0;

/// Decibels in a doubling of power.
const DB_PER_OCTAVE: f32 = 3.010_3;

/// How much larger a gain may be, of either sign, than any asked for in its band and the next ones, so that the response
/// at the centre is met.
const OVERSHOOT: f32 = 8.0;

/// How much of the slow smoothing's share of its way the part of a gain goes that is there for the neighbours: so slow that
/// the response to a steady sinusoid is met, and the fluctuation of noise not made more of.
const NEIGHBOURS_SHARE: f32 = 0.5;

/// How far that part may be from what it is to be meanwhile, against the response asked for.
const NEIGHBOURS_WITHIN: f32 = 0.4;

/// The least of the way that it goes in a control block where neighbours ask for nothing any more.
const NEIGHBOURS_LEAVE: f32 = 0.05;

/// Where it is as good as there, likewise: −100 dB.
const THERE: f32 = 1e-5;

/// The least response that the neighbours' part is reckoned against: −80 dB.
const LEAST: f32 = 1e-4;

/// The level of silence: −200 dB of full scale.
const SILENCE: f32 = 1e-20;

/// The sum of a band's powers in each channel of a pair that is processed together; a single one counts twice.
pub(crate) type PowerSums = [f32; 2];

/// The dynamics of an engine.
pub(crate) struct DynamicsState {
    /// The gains of the curve times those of the dynamics.
    pub segments: GainSegments,
    settings: Settings,
    bands: Vec<BandState>,
    /// For each pair of channels, the powers in this control block so far of each band that is scaled before it ends, and how
    /// many they are.
    sums: Vec<Vec<(PowerSums, f32)>>,
    /// The level around each band in decibels.
    surroundings_db: Vec<f32>,
    /// Which bands these are of: before it, and after it.
    around: Vec<[Range<usize>; 2]>,
    /// Each band's level in decibels.
    levels_db: Vec<f32>,
    /// Bands that are scaled before the control block ends.
    immediate: Vec<usize>,
    /// How gains depend on the responses asked for at the centres.
    rows: Arc<[CentreRows]>,
    /// The response less 1 that is asked for at each centre, as follows from the band's level.
    asked: Vec<f32>,
    /// The real parts of the responses that are to be solved for, less 1.
    real_parts: Vec<f32>,
    /// The dynamic gains less 1 at the last control tick that they are known for.
    changes: Vec<f32>,
    centres_erb: Vec<f64>,
    bandwidths_hz: Vec<f64>,
    sample_rate_hz: f64,
    /// Whether bands are scaled by these gains.
    pub is_active: bool,
    /// Control blocks for which none of it has moved anything.
    idle_blocks: usize,
}

/// What is kept of a band.
#[derive(Clone)]
struct BandState {
    detector: Detector,
    /// From the power of a coefficient to that of the sinusoid behind it, in decibels.
    level_db: f32,
    /// What the response asked for is multiplied by for the neighbours' part in it.
    correction: f32,
    /// Whether the level rises at the attack time.
    rises: bool,
    /// The power of the channels that are processed after the first two, until these are.
    others: Option<f32>,
}

impl DynamicsState {
    pub fn new(bank: &Bank, plan: &Plan, channels: usize) -> Self {
        let band = |level: f32| BandState {
            detector: Detector::new(),
            level_db: 20.0 * level.log10(),
            correction: 1.0,
            rises: false,
            others: None,
        };
        let (bands, sample_rate_hz) = (bank.bands(), bank.spec().sample_rate_hz);
        let ramp_blocks = MOVE_MS / 1000.0 * sample_rate_hz / real(CONTROL_BLOCK);
        let mut state = Self {
            segments: GainSegments::new(bands),
            settings: Settings::new(bands, single(ramp_blocks.max(1.0))),
            bands: plan.bands.iter().map(|plan| band(plan.level)).collect(),
            sums: vec![vec![([0.0; 2], 0.0); bands]; channels.div_ceil(2)],
            surroundings_db: vec![0.0; bands],
            around: vec![[0..0, 0..0]; bands],
            levels_db: vec![0.0; bands],
            immediate: plan.all_immediate(),
            rows: bank.centre_rows().clone(),
            asked: vec![0.0; bands],
            real_parts: vec![0.0; bands],
            changes: vec![0.0; bands],
            centres_erb: bank.centres_hz().iter().map(|hz| Scale::Erb.units_from_hz(*hz)).collect(),
            bandwidths_hz: bank.bandwidths_hz().to_vec(),
            sample_rate_hz,
            is_active: false,
            idle_blocks: 0,
        };
        state.segments.stand_still = false;
        state.set_times();
        state.set_surroundings();
        state
    }

    pub fn set(&mut self, dynamics: &Dynamics) {
        let dynamics = dynamics.in_range();
        let before = std::mem::replace(&mut self.settings.to, dynamics);
        if before != dynamics {
            self.set_times();
        }
        if before.surroundings_erb != dynamics.surroundings_erb {
            self.set_surroundings();
        }
    }

    pub fn set_thresholds_db(&mut self, thresholds_db: &[f32]) {
        self.settings.set_thresholds_db(thresholds_db);
    }

    pub fn set_amounts(&mut self, amounts: &[f32]) {
        self.settings.set_amounts(amounts);
    }

    /// Takes the times of smoothing from the settings.
    fn set_times(&mut self) {
        let dynamics = self.settings.to;
        for (band, bandwidth_hz) in self.bands.iter_mut().zip(&self.bandwidths_hz) {
            let times = SmoothingTimes::new(&dynamics, *bandwidth_hz);
            band.detector.set_times(&times, self.sample_rate_hz);
        }
    }

    /// Takes which bands are around each from the settings.
    fn set_surroundings(&mut self) {
        let reach = 0.5 * f64::from(self.settings.to.surroundings_erb);
        for (k, around) in self.around.iter_mut().enumerate() {
            let near = |j: &usize| (self.centres_erb[*j] - self.centres_erb[k]).abs() <= reach;
            let below = (0..k).find(near).unwrap_or(k).min(k.saturating_sub(2));
            let last = (k..self.bands.len()).rfind(near).unwrap_or(k);
            let above = (last + 1).max(k + 3).min(self.bands.len());
            // The next ones are part of what sticks out.
            *around = [below..k.saturating_sub(1), (k + 2).min(above)..above];
        }
    }

    /// Whether gains are to move, or still do.
    pub fn is_wanted(&self) -> bool {
        self.settings.presence > 0.0 || self.settings.are_on()
    }

    /// The response that is asked for at each centre, in decibels.
    pub fn gains_db(&self, gains_db: &mut [f32]) {
        for (gain_db, asked) in gains_db.iter_mut().zip(&self.asked) {
            *gain_db = 20.0 * (1.0 + asked).log10();
        }
    }

    /// At a control tick, after gains have moved on: begins, if it is wanted and may, and begins the segment to the next tick
    /// of bands that are scaled at once.
    pub fn on_control_tick(&mut self, may_begin: bool, gains: &GainSegments) {
        self.settings.advance();
        if !self.is_active {
            if self.is_wanted() && may_begin {
                self.begin(gains);
            } else {
                return;
            }
        }
        let idle = !self.is_wanted() && self.changes.iter().all(|change| *change == 0.0);
        self.idle_blocks = if idle { self.idle_blocks + 1 } else { 0 };
        if self.idle_blocks > 2 * BATCH_BLOCKS {
            self.end();
            return;
        }
        if self.settings.now.mode == Mode::Relative {
            self.find_surroundings();
        }
        for n in 0..self.immediate.len() {
            let k = self.immediate[n];
            let mut power = None;
            for pair in 0..self.sums.len() {
                let (sums, many) = std::mem::replace(&mut self.sums[pair][k], ([0.0; 2], 0.0));
                if many > 0.0 {
                    let own = self.link(sums, many);
                    power = Some(power.map_or(own, |power: f32| power.max(own)));
                }
            }
            self.update_gain(k, 0, power, gains);
        }
    }

    /// At the end of a control block.
    pub fn end_segment(&mut self) {
        if self.is_active {
            self.segments.end_segment();
        }
    }

    fn begin(&mut self, gains: &GainSegments) {
        self.is_active = true;
        self.idle_blocks = 0;
        self.segments.copy_from(gains);
        self.segments.base.copy_from_slice(&gains.base);
        for band in &mut self.bands {
            band.detector.reset();
            (band.correction, band.others) = (1.0, None);
        }
        self.sums.iter_mut().for_each(|sums| sums.fill(([0.0; 2], 0.0)));
        self.asked.fill(0.0);
        self.real_parts.fill(0.0);
        self.changes.fill(0.0);
    }

    const fn end(&mut self) {
        self.is_active = false;
        self.idle_blocks = 0;
    }

    /// Counts changes from these gains.
    pub fn set_base(&mut self, base: &[f32]) {
        if self.is_active {
            self.segments.base.copy_from_slice(base);
        }
    }

    /// Settings are reached at once.
    pub fn jump(&mut self) {
        self.settings.jump();
    }

    /// Forgets all sound; settings are reached at once.
    pub fn reset(&mut self) {
        self.end();
        self.asked.fill(0.0);
        self.real_parts.fill(0.0);
        self.changes.fill(0.0);
        self.jump();
    }

    /// The mean level in decibels of the bands around each.
    fn find_surroundings(&mut self) {
        for (level, (near, band)) in
            self.surroundings_db.iter_mut().zip(self.around.iter().zip(&self.bands))
        {
            let [below, above] = near.clone();
            let mean = |bands: Range<usize>| {
                let many = single(real(bands.len()));
                (many > 0.0).then(|| self.levels_db[bands].iter().sum::<f32>() / many)
            };
            // So that a slope of levels is none of what sticks out.
            *level = match (mean(below), mean(above)) {
                (Some(below), Some(above)) => 0.5 * (below + above),
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => level_db(band),
            };
        }
    }

    /// The power of linked channels from their sums.
    #[inline(always)]
    pub fn link(&self, sums: PowerSums, many: f32) -> f32 {
        match self.settings.now.link {
            Link::Larger => sums[0].max(sums[1]) / many,
            Link::Mean => 0.5 * (sums[0] + sums[1]) / many,
        }
    }

    /// Adds to band `k`'s powers in this control block, in a pair of channels.
    #[inline(always)]
    pub fn add_power(&mut self, pair: usize, k: usize, powers: PowerSums) {
        let (sums, many) = &mut self.sums[pair][k];
        sums[0] += powers[0];
        sums[1] += powers[1];
        *many += 1.0;
    }

    /// Takes band `k`'s power in channels that are processed after the first two.
    #[inline(always)]
    pub fn add_others(&mut self, k: usize, power: f32) {
        let others = &mut self.bands[k].others;
        *others = Some(others.map_or(power, |other| other.max(power)));
    }

    /// Takes band `k`'s power in the control block so many before this one, and sets the gains in it.
    #[inline(always)]
    pub fn update_gain(&mut self, k: usize, ago: usize, power: Option<f32>, gains: &GainSegments) {
        let power = power.map(|power| self.bands[k].others.map_or(power, |other| other.max(power)));
        self.bands[k].rises = self.bands[k].detector.push(power);
        self.asked[k] = self.asked(k);
        let to = self.solved(k);
        let from = std::mem::replace(&mut self.changes[k], to);
        let (curve, segment) = (gains.ago(ago), self.segments.ago_mut(ago));
        let (now, slope) = (curve.now[k], curve.slope[k]);
        let next = (now + STEP * slope) * (1.0 + to);
        segment.now[k] = now * (1.0 + from);
        segment.slope[k] =
            if from == 0.0 && to == 0.0 { slope } else { (next - segment.now[k]) / STEP };
    }

    /// What other channels than the first two had is taken.
    #[inline(always)]
    pub fn take_others(&mut self, k: usize) {
        self.bands[k].others = None;
    }

    /// Band `k`'s gain less 1 for what is asked for at the centres.
    #[inline(always)]
    fn solved(&mut self, k: usize) -> f32 {
        let CentreRows { solution, quadrature } = &self.rows[k];
        let near = &self.asked[k.saturating_sub(1)..(k + 2).min(self.asked.len())];
        let most = OVERSHOOT * (1.0 + near.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        let real_part = solution.times(&self.real_parts).clamp(-1.0 - most, most - 1.0);
        let band = &mut self.bands[k];
        let asked = 1.0 + self.asked[k];
        let share = NEIGHBOURS_SHARE * band.detector.slow_share();
        let goal = (1.0 + real_part) / asked.max(LEAST);
        let share = match (band.rises, goal == 1.0) {
            (true, _) => 1.0,
            (_, true) => share.max(NEIGHBOURS_LEAVE),
            _ => share,
        };
        let way = goal - band.correction;
        let within = (1.0 - share) * way.clamp(-NEIGHBOURS_WITHIN, NEIGHBOURS_WITHIN);
        band.correction = if way.abs() > THERE { goal - within } else { goal };
        // The real part that makes up the response with the imaginary part of the gains there are.
        let imaginary = quadrature.times(&self.changes);
        self.real_parts[k] = (asked * asked - imaginary * imaginary).max(0.0).sqrt() - 1.0;
        asked * band.correction - 1.0
    }

    /// The response less 1 that is asked for at band `k`'s centre at its present level.
    #[inline(always)]
    fn asked(&mut self, k: usize) -> f32 {
        let own_db = level_db(&self.bands[k]);
        self.levels_db[k] = own_db;
        let Settings { now, computer, margin_db, mix, bands, presence, .. } = &self.settings;
        let band = bands[k];
        let is_below = now.action.is_below();
        let past = |level_db: f32, threshold_db: f32| {
            if is_below { threshold_db - level_db } else { level_db - threshold_db }
        };
        let margin_db = if is_below { -margin_db } else { *margin_db };
        let past_db = match now.mode {
            Mode::Absolute => past(own_db, band.threshold_db),
            Mode::Relative => {
                past(own_db, self.surroundings_db[k] + margin_db).min(own_db - band.threshold_db)
            }
        };
        let gain_db = presence * band.amount * computer.gain_db(past_db);
        if gain_db == 0.0 {
            return 0.0;
        }
        mix * ((gain_db / (2.0 * DB_PER_OCTAVE)).exp2() - 1.0)
    }
}

/// A band's level in decibels.
#[inline(always)]
fn level_db(band: &BandState) -> f32 {
    DB_PER_OCTAVE * band.detector.power().max(SILENCE).log2() + band.level_db
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::BankSpec;

    #[test]
    fn dynamics_that_are_off_are_over_and_cost_nothing() {
        let bank = Bank::design(&BankSpec::default()).expect("the default exists");
        let mut state = DynamicsState::new(&bank, &Plan::new(&bank), 2);
        let gains = GainSegments::new(bank.bands());
        let play = |state: &mut DynamicsState, blocks: usize| {
            for _ in 0..blocks {
                state.on_control_tick(true, &gains);
                for k in 0..bank.bands() {
                    state.update_gain(k, 0, Some(1.0), &gains);
                }
                state.end_segment();
            }
        };
        play(&mut state, 10);
        assert!(!state.is_active && !state.is_wanted());
        state.set(&Dynamics { ratio: 4.0, ..Dynamics::default() });
        state.set_thresholds_db(&[-20.0; 64]);
        play(&mut state, 1000);
        assert!(state.is_active);
        state.set(&Dynamics::default());
        // Half a second.
        play(&mut state, 750);
        assert!(!state.is_active && !state.is_wanted());
    }
}
