//! [`Engine`]: a bank that processes live channels.

mod dispatch;
mod work;

use super::plan::{GammatoneCoefs, Plan};
use super::sanitize::{mute_faint, sanitize, shortest};
use super::state::{
    CatchUp, Channel, DelayLine, DynamicsState, GainControl, Held, MinimumPhaseState, Scratch,
};
use super::timing::{CONTROL_BLOCK, FLUSH_INTERVAL};
use crate::bank::Bank;
use crate::dynamics::Dynamics;
use crate::vectors::Vectors;
use std::sync::Arc;

/// What plays gains that stand still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AtRest {
    /// The streamed bank until they have stood still for [`Engine::rest_samples`], then one filter.
    #[default]
    Either,
    /// The streamed bank: for tests and measurements.
    Streamed,
    /// One filter, also at once after [`Engine::jump_to_gains`], which then takes up to a millisecond: for tests
    /// and measurements.
    Held,
}

/// How an [`Engine`] does its work.
#[derive(Clone, Copy, Debug, Default)]
pub struct EngineOptions {
    /// With which vector instructions.
    pub vectors: Vectors,
    /// What plays gains that stand still.
    pub at_rest: AtRest,
}

/// A live equaliser: splits each channel into the bank's bands, scales them and puts them together.
///
/// Nothing but construction allocates; no method locks, waits or panics on any sound.
pub struct Engine {
    bank: Arc<Bank>,
    plan: Arc<Plan>,
    vectors: Vectors,
    gains: GainControl,
    channels: Vec<Channel>,
    /// Where recursive filters and low-passes are.
    catch_up: CatchUp,
    dry: DelayLine,
    /// Position in the schedule's period.
    moment: usize,
    /// Samples until the states of recursive filters are flushed again, and, by its remainder, until the next
    /// control tick.
    until_flush: usize,
    /// Gains that stand still as one filter, where that is less work than to stream them.
    held: Option<Held>,
    /// All bands as one filter, where minimum phase is asked for.
    minimum_phase: Option<MinimumPhaseState>,
    dynamics: DynamicsState,
    at_rest: AtRest,
    /// Samples of pending output left after the bands have gone to their base.
    pending_samples: usize,
    metering: bool,
    /// Per band the largest squared amplitude since levels were taken.
    peaks: Vec<f32>,
    /// Samples since levels were taken.
    since_levels: usize,
    change: Vec<[f32; CONTROL_BLOCK]>,
    /// The same streamed as if there were no filter, while it is left.
    whole_change: Vec<[f32; CONTROL_BLOCK]>,
    scratch: Scratch,
}

impl Engine {
    /// An engine at flat settings for a number of channels.
    #[must_use]
    pub fn new(bank: Arc<Bank>, channels: usize) -> Self {
        Self::with_options(bank, channels, EngineOptions::default())
    }

    /// [`Self::new`] with other vector instructions than the best, or gains at rest played one way only: for tests and measurements.
    #[must_use]
    pub fn with_options(bank: Arc<Bank>, channels: usize, options: EngineOptions) -> Self {
        let EngineOptions { vectors, at_rest } = options;
        let plan = bank.laid_out(Plan::new);
        let lanes = vectors.double_lanes();
        Self {
            gains: GainControl::new(&bank),
            channels: (0..channels).map(|_| Channel::new(&plan, lanes)).collect(),
            catch_up: CatchUp::new(plan.memory_samples(), plan.catch_up),
            dry: DelayLine::new(channels, bank.latency_samples()),
            held: plan
                .held
                .as_ref()
                .filter(|_| at_rest != AtRest::Streamed)
                .map(|held| Held::new(held, channels, at_rest == AtRest::Held)),
            minimum_phase: plan
                .minimum_phase
                .as_ref()
                .map(|plan| MinimumPhaseState::new(plan, channels)),
            dynamics: DynamicsState::new(&bank, &plan, channels),
            at_rest,
            moment: 0,
            until_flush: 0,
            pending_samples: 0,
            metering: false,
            peaks: vec![0.0; bank.bands()],
            since_levels: 0,
            scratch: Scratch::new(&plan),
            change: vec![[0.0; CONTROL_BLOCK]; channels],
            whole_change: vec![[0.0; CONTROL_BLOCK]; channels],
            plan,
            vectors,
            bank,
        }
    }

    /// The bank.
    #[must_use]
    pub const fn bank(&self) -> &Arc<Bank> {
        &self.bank
    }

    /// The number of channels.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels.len()
    }

    /// The delay from input to output in samples.
    #[must_use]
    pub fn latency_samples(&self) -> usize {
        self.bank.latency_samples()
    }

    /// The tail: after so many samples of silence the output is exactly zero.
    #[must_use]
    pub fn tail_samples(&self) -> usize {
        if let Some(plan) = &self.plan.minimum_phase {
            return plan.partitions.tail_samples();
        }
        let flushed = |coefs: &GammatoneCoefs| coefs.decay_samples + FLUSH_INTERVAL;
        let streamed = self.plan.gammatone.as_ref().map_or(self.plan.past, flushed);
        let held = self.plan.held.as_ref().map_or(0, |held| held.partitions.tail_samples());
        (streamed + self.plan.future).max(held)
    }

    /// Samples for which gains stand still before they are played as one filter, until the next multiple of 128
    /// since the stream began; none where the streamed bank is as little work, and with minimum phase.
    #[must_use]
    pub fn rest_samples(&self) -> Option<usize> {
        self.plan.held.as_ref().map(|held| held.rest_samples)
    }

    /// The multiply-adds of that filter for a sample of one channel, or of that with minimum phase.
    #[must_use]
    pub fn held_multiply_adds(&self) -> Option<f64> {
        let held = self.plan.held.as_ref().map(|held| &held.partitions);
        let minimum_phase = self.plan.minimum_phase.as_ref().map(|plan| &plan.partitions);
        held.or(minimum_phase).map(|partitions| partitions.multiply_adds)
    }

    /// The multiply-adds for one channel at each sample of one cycle of the schedule, while no band is at
    /// unity, as the engine does them: symmetric kernels folded, low bands at lower rates, bands with a
    /// deadline at the ends of control blocks and batches. Allocates: not for the audio thread.
    #[must_use]
    pub fn multiply_adds(&self) -> Vec<f64> {
        self.plan.multiply_adds()
    }

    /// The bands' linear gains, where they were at the last multiple of 32 samples since the stream began.
    #[must_use]
    pub fn gains(&self) -> &[f32] {
        self.gains.ramps.now()
    }

    /// Moves the response at the centre frequencies to these linear amplitudes (0 is off), through
    /// [`Bank::solve_gains`]. Missing ones count as 1, surplus ones and values that are not finite are
    /// ignored. The same targets again do nothing. A ramp takes [`GAIN_RAMP_MS`](super::GAIN_RAMP_MS), and no gain
    /// leaves the interval from where the ramp started to its goal.
    ///
    /// Ramps start at the next multiple of 32 samples since the stream began, but no sooner than 256 after the
    /// last time, 896 where that curve was steep for the bands (both in proportion more above 48 kHz): so the
    /// cost of solving stays bounded however often targets move. With [minimum phase](crate::bank::Phase) there is
    /// no ramp: the filter that plays goes over within 20 ms after the start. Gains leave rest 5 ms later at most, once recursive
    /// filters and low-passes have caught up with what they missed there.
    pub fn set_targets(&mut self, targets: &[f32]) {
        self.gains.set_targets(targets);
    }

    /// Moves the bands' own linear gains as [`Self::set_targets`] does. Missing ones and values that
    /// are not finite stay as they are, surplus ones are ignored.
    pub fn set_gains(&mut self, gains: &[f32]) {
        self.gains.set_gains(gains);
    }

    /// Has gains follow the bands' levels; those of [`Dynamics`] that are off cost nothing and change no bit. Numbers move to
    /// new ones with a time constant of 10 ms; dynamics take 20 ms to come and to go, and another mode or action comes once
    /// the last is gone. With [minimum phase](crate::bank::Phase) there are none.
    pub fn set_dynamics(&mut self, dynamics: &Dynamics) {
        self.dynamics.set(dynamics);
    }

    /// Sets each band's threshold in decibels of a sinusoid of full scale at its centre; at first 0. Missing ones and values
    /// that are not finite stay as they are, surplus ones are ignored.
    pub fn set_thresholds_db(&mut self, thresholds_db: &[f32]) {
        self.dynamics.set_thresholds_db(thresholds_db);
    }

    /// Sets how much of the dynamics each band gets, in parts of its gain in decibels, 0 to 2; at first 1. Missing ones and
    /// values that are not finite stay as they are, surplus ones are ignored.
    pub fn set_amounts(&mut self, amounts: &[f32]) {
        self.dynamics.set_amounts(amounts);
    }

    /// The response that dynamics ask for at each centre now, in decibels: one for each band, surplus ones are left alone.
    pub fn dynamic_gains_db(&self, gains_db: &mut [f32]) {
        self.dynamics.gains_db(gains_db);
    }

    /// Ends the movement of gains and of settings of dynamics at once: for the start of a stream.
    pub fn jump_to_gains(&mut self) {
        self.dynamics.jump();
        if self.gains.is_pending() && self.minimum_phase.is_none() {
            let missed = self.catch_up.behind_samples();
            self.advance_filters(missed);
            self.catch_up.finish();
        }
        self.gains.jump(&self.bank, self.vectors);
        self.held.iter_mut().for_each(Held::cancel);
        self.jump_with_minimum_phase();
        if self.at_rest == AtRest::Held {
            self.go_over_at_once();
        }
    }

    /// Sets whether levels will be taken: bands at unity are then analysed too, after 5 ms at most, in which what was
    /// idle catches up. Levels from before are not
    /// among those taken.
    pub fn set_metering(&mut self, metering: bool) {
        if metering && !self.metering {
            self.peaks.fill(0.0);
            self.since_levels = 0;
        }
        self.metering = metering;
    }

    /// Per band the largest linear amplitude before the gains since the last call, over all
    /// channels: 1 for a full-scale sinusoid at the centre. Needs [`Self::set_metering`].
    pub fn take_levels(&mut self, levels: &mut [f32]) {
        if self.catch_up.is_caught_up() {
            if self.metering {
                self.meter_open_batches();
            }
            self.since_levels = 0;
        }
        for ((level, peak), band) in levels.iter_mut().zip(&mut self.peaks).zip(&self.plan.bands) {
            // The square of a sample within bounds may still overflow.
            *level = (peak.sqrt() * band.level).min(f32::MAX);
            *peak = 0.0;
        }
    }

    /// Clears all signal state and ends any ramp of the gains.
    pub fn reset(&mut self) {
        self.channels.iter_mut().for_each(Channel::reset);
        self.catch_up.reset();
        self.dry.reset();
        self.held.iter_mut().for_each(Held::reset);
        self.minimum_phase.iter_mut().for_each(MinimumPhaseState::reset);
        self.gains.ramps.reset();
        self.dynamics.reset();
        self.peaks.fill(0.0);
        self.since_levels = 0;
        self.moment = 0;
        self.until_flush = 0;
        self.pending_samples = 0;
        self.jump_to_gains();
    }

    /// Equalises a block of any length in place, `channels[channel][sample]`. Channels past the
    /// engine's own are left alone; missing ones count as silence; the shortest of all decides the length.
    ///
    /// Where the change is 0 the output is the delayed input bit for bit, subnormal numbers included. It holds no
    /// other subnormal ones: a change is either 0 or far above them.
    pub fn process(&mut self, channels: &mut [&mut [f32]]) {
        let length = channels.iter().map(|channel| channel.len()).min().unwrap_or(0);
        let mut start = 0;
        while start < length {
            let many = self.sub_block_samples(length - start);
            for (c, channel) in channels.iter_mut().enumerate().take(self.channels.len()) {
                for sample in &mut channel[start..start + many] {
                    *sample = sanitize(*sample);
                }
                for (to, from) in self.change[c].iter_mut().zip(&channel[start..start + many]) {
                    *to = mute_faint(*from);
                }
            }
            for c in channels.len()..self.channels.len() {
                self.change[c][..many].fill(0.0);
            }
            // Before the bands: so its memory is waited for meanwhile.
            self.dry.process_part(channels, start, many);
            self.process_sub_block(many);
            self.add_change(channels, start, many);
            start += many;
        }
    }

    /// Only what equalising adds, Σ (g_k − 1) v_k, aligned with the input delayed by the latency: finite,
    /// and 0 where it is below −500 dB. `input` and `change` are `[channel][sample]`; the shortest of all
    /// decides the length. Channels missing in `input` count as silence; surplus ones in either are left alone.
    pub fn process_change(&mut self, input: &[&[f32]], change: &mut [&mut [f32]]) {
        let length = shortest(input, change);
        let mut start = 0;
        while start < length {
            let many = self.sub_block_samples(length - start);
            for (c, buffer) in self.change.iter_mut().enumerate() {
                match input.get(c) {
                    Some(channel) => {
                        for (to, from) in buffer.iter_mut().zip(&channel[start..start + many]) {
                            *to = mute_faint(sanitize(*from));
                        }
                    }
                    None => buffer[..many].fill(0.0),
                }
            }
            self.process_sub_block(many);
            for (channel, buffer) in change.iter_mut().zip(&self.change) {
                channel[start..start + many].copy_from_slice(&buffer[..many]);
            }
            start += many;
        }
    }

    /// Adds the change to the delayed input; where there is none, not even −0 is touched.
    fn add_change(&self, channels: &mut [&mut [f32]], start: usize, many: usize) {
        for (channel, change) in channels.iter_mut().zip(&self.change) {
            for (sample, change) in channel[start..start + many].iter_mut().zip(change) {
                if *change != 0.0 {
                    *sample += change;
                }
            }
        }
    }
}
