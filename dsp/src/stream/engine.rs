//! [`Engine`]: a bank that processes live channels.

use super::plan::{GammatoneCoefs, HeldPlan, Plan};
use super::process::{
    BlockContext, SubBlock, add_held_output, begin_filter, end_held_block, meter_open_batches,
    process_block, stream_block,
};
use super::sanitize::{mute_faint, sanitize, shortest};
use super::state::{Base, CatchUp, Channel, DelayLine, GainControl, Goal, Held, Scratch};
use super::timing::{BATCH, BATCH_BLOCKS, CONTROL_BLOCK, FLUSH_INTERVAL};
use crate::bank::Bank;
use crate::vectors::Vectors;
use pulp::{Simd, WithSimd};
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
        let flushed = |coefs: &GammatoneCoefs| coefs.decay_samples + FLUSH_INTERVAL;
        let streamed = self.plan.gammatone.as_ref().map_or(self.plan.past, flushed);
        let held = self.plan.held.as_ref().map_or(0, HeldPlan::tail_samples);
        (streamed + self.plan.future).max(held)
    }

    /// Samples for which gains stand still before they are played as one filter, until the next multiple of 128
    /// since the stream began; none where the streamed bank is as little work.
    #[must_use]
    pub fn rest_samples(&self) -> Option<usize> {
        self.plan.held.as_ref().map(|held| held.rest_samples)
    }

    /// The multiply-adds of that filter for a sample of one channel.
    #[must_use]
    pub fn held_multiply_adds(&self) -> Option<f64> {
        self.plan.held.as_ref().map(|held| held.multiply_adds)
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
    /// Ramps start at the next multiple of 128 samples since the stream began, but no sooner than 256 after the
    /// last time, 896 where that curve was steep for the bands (all in proportion more above 48 kHz): so the
    /// cost of solving stays bounded however often targets move. The gains of a recursive bank leave flat once
    /// its filters have caught up with what they missed there, a seventh of [`Self::tail_samples`] later at
    /// most.
    pub fn set_targets(&mut self, targets: &[f32]) {
        self.gains.set_targets(targets);
    }

    /// Moves the bands' own linear gains as [`Self::set_targets`] does. Missing ones and values that
    /// are not finite stay as they are, surplus ones are ignored.
    pub fn set_gains(&mut self, gains: &[f32]) {
        self.gains.set_gains(gains);
    }

    /// Ends the gains' movement at once: for the start of a stream.
    pub fn jump_to_gains(&mut self) {
        if self.gains.is_pending() {
            let missed = self.catch_up.behind_samples();
            self.advance_filters(missed);
            self.catch_up.finish();
        }
        self.gains.jump(&self.bank, self.vectors);
        self.held.iter_mut().for_each(Held::cancel);
        if self.at_rest == AtRest::Held {
            self.go_over_at_once();
        }
    }

    /// Sets whether levels will be taken: bands at unity are then analysed too. Levels from before are not
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
        if self.metering {
            let sub_block = self.next_sub_block(0);
            self.vectors.dispatch(MeterOpenBatches { engine: self, sub_block: &sub_block });
        }
        self.since_levels = 0;
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
        self.gains.ramps.reset();
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
            self.process_sub_block(many);
            self.add_to_dry(channels, start, many);
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

    /// Delays the input and adds the change to it; where there is none, not even −0 is touched.
    fn add_to_dry(&mut self, channels: &mut [&mut [f32]], start: usize, many: usize) {
        self.dry.process_part(channels, start, many);
        for (channel, change) in channels.iter_mut().zip(&self.change) {
            for (sample, change) in channel[start..start + many].iter_mut().zip(change) {
                if *change != 0.0 {
                    *sample += change;
                }
            }
        }
    }

    /// The length of the next sub-block: none goes past a control tick.
    const fn sub_block_samples(&self, left: usize) -> usize {
        let to_grid = self.until_flush % CONTROL_BLOCK;
        let most = if to_grid == 0 { CONTROL_BLOCK } else { to_grid };
        if left < most { left } else { most }
    }

    /// Turns the input in `self.change` into the change.
    fn process_sub_block(&mut self, many: usize) {
        if self.until_flush.is_multiple_of(CONTROL_BLOCK) {
            self.on_control_tick();
        }
        let at_base = self.gains.ramps.are_at_base();
        if !at_base {
            self.pending_samples = self.plan.future;
        }
        let needed = !at_base || self.metering || self.gains.is_pending();
        if needed {
            let due = self.catch_up.due(many);
            self.advance_filters(due);
        }
        self.since_levels = self.since_levels.saturating_add(many);
        let filters_run = needed && self.catch_up.is_caught_up();
        let sub_block = SubBlock {
            filters_run,
            working: filters_run && (!at_base || self.metering)
                || self.channels.first().is_some_and(|channel| channel.output.dense.has_output()),
            silent: self.pending_samples == 0,
            ..self.next_sub_block(many)
        };
        let position = self.position();
        if let Some(held) = self.held.as_mut().filter(|held| held.is_fed()) {
            for (channel, block) in held.channels.iter_mut().zip(&self.change) {
                channel.push_input(position, &block[..many]);
            }
        }
        self.vectors.dispatch(ProcessSubBlock { engine: self, sub_block: &sub_block });
        if self.held.as_ref().is_some_and(|held| held.leaving.is_some()) {
            let sub_block = SubBlock { working: filters_run, silent: false, ..sub_block };
            self.swap_outputs();
            self.vectors.dispatch(StreamAgain { engine: self, sub_block: &sub_block });
            self.swap_outputs();
        }
        if self.held.as_ref().is_some_and(Held::is_fed) {
            self.vectors.dispatch(PlayHeld { engine: self, position, many });
        }
        if needed {
            self.catch_up.advance(many);
        } else {
            self.catch_up.fall_behind(many);
        }
        self.moment = (self.moment + many) % self.plan.period();
        self.until_flush = (self.until_flush + FLUSH_INTERVAL - many) % FLUSH_INTERVAL;
        if self.until_flush.is_multiple_of(CONTROL_BLOCK) {
            self.gains.ramps.end_segment();
        }
        if at_base {
            self.pending_samples = self.pending_samples.saturating_sub(many);
        }
    }

    /// Exchanges what bands are streamed for: the change from gains that stood still, or the whole.
    fn swap_outputs(&mut self) {
        if let Some(held) = &mut self.held {
            self.gains.ramps.swap_base(&mut held.unity);
        }
        self.channels.iter_mut().for_each(Channel::swap_outputs);
        std::mem::swap(&mut self.change, &mut self.whole_change);
    }

    /// The next samples, with nothing to do for them.
    const fn next_sub_block(&self, many: usize) -> SubBlock {
        let passed = self.position();
        let (ahead, step) = (passed % CONTROL_BLOCK, passed / CONTROL_BLOCK % BATCH_BLOCKS);
        SubBlock { many, ahead, step, filters_run: false, working: false, silent: true }
    }

    /// Samples since the last multiple of [`FLUSH_INTERVAL`].
    const fn position(&self) -> usize {
        (FLUSH_INTERVAL - self.until_flush) % FLUSH_INTERVAL
    }

    /// The work at a control tick.
    fn on_control_tick(&mut self) {
        let starts_batch = self.until_flush.is_multiple_of(BATCH);
        if starts_batch && let Some(goal) = self.held.as_ref().and_then(|held| held.fade) {
            self.go_over(goal);
        }
        if self.catch_up.is_ready() {
            if self.until_flush == 0 {
                self.channels.iter_mut().for_each(Channel::flush_denormals);
            }
            self.gains.on_control_tick(self.until_flush, &self.bank, self.vectors);
        }
        self.gains.ramps.begin_segment();
        let Some((held, plan)) = self.held.as_mut().zip(self.plan.held.as_ref()) else { return };
        let goal = held.on_control_tick(plan, &self.gains.ramps);
        if !starts_batch {
            return;
        }
        if held.begin_leaving(plan) {
            self.channels.iter_mut().for_each(|channel| channel.whole_output.reset());
        }
        held.fade = held.fade.or(goal);
        if goal == Some(Goal::Filter) {
            self.vectors.dispatch(BeginFilter { engine: self });
        }
    }

    /// What was faded to is played from now on: the gains there are, which stand still, with nothing streamed, or
    /// everything streamed.
    fn go_over(&mut self, goal: Goal) {
        if goal == Goal::Streamed {
            self.gains.ramps.set_base(Base::Unity);
            self.channels.iter_mut().for_each(Channel::swap_outputs);
        } else {
            self.gains.ramps.set_base(Base::Now);
            self.channels.iter_mut().for_each(|channel| channel.output.reset());
            self.pending_samples = 0;
        }
        self.held.iter_mut().for_each(|held| held.end_fade(goal));
    }

    /// The same without a fade.
    fn go_over_at_once(&mut self) {
        let Some((held, plan)) = self.held.as_mut().zip(self.plan.held.as_ref()) else { return };
        let goal = if self.gains.ramps.are_flat() { Goal::Flat } else { Goal::Filter };
        if goal == Goal::Filter {
            held.build_at_once(plan, self.gains.ramps.now());
            self.vectors.dispatch(BeginFilter { engine: self });
        }
        self.go_over(goal);
    }

    /// What a sub-block's work needs, and the channels with their blocks.
    #[inline(always)]
    fn context<'a>(
        &'a mut self,
        sub_block: &'a SubBlock,
    ) -> (BlockContext<'a>, &'a mut [Channel], &'a mut [[f32; CONTROL_BLOCK]]) {
        let context = BlockContext {
            plan: &self.plan,
            gains: &self.gains.ramps,
            metering: self.metering,
            moment: self.moment,
            sub_block,
            peaks: &mut self.peaks,
            since_levels: self.since_levels,
            scratch: &mut self.scratch,
        };
        (context, &mut self.channels, &mut self.change)
    }

    /// Has recursive filters and low-passes process so many samples that they have missed.
    fn advance_filters(&mut self, samples: usize) {
        if samples > 0 {
            let ahead = self.next_sub_block(0).ahead;
            self.vectors.dispatch(AdvanceFilters { engine: self, samples, ahead });
            self.catch_up.caught_up(samples);
        }
    }
}

/// A [`SubBlock`]'s work, for whatever vectors there are.
struct ProcessSubBlock<'a> {
    engine: &'a mut Engine,
    sub_block: &'a SubBlock,
}

impl WithSimd for ProcessSubBlock<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (mut context, channels, change) = self.engine.context(self.sub_block);
        let (pairs, single) = channels.as_chunks_mut::<2>();
        let (pair_blocks, single_block) = change.as_chunks_mut::<2>();
        for (channels, blocks) in pairs.iter_mut().zip(pair_blocks) {
            process_block(&mut context, simd, channels, blocks);
        }
        let (singles, single_blocks) =
            (single.as_chunks_mut::<1>(), single_block.as_chunks_mut::<1>());
        for (channels, blocks) in singles.0.iter_mut().zip(single_blocks.0) {
            process_block(&mut context, simd, channels, blocks);
        }
    }
}

/// The same for samples that have been taken in, for the other output.
struct StreamAgain<'a> {
    engine: &'a mut Engine,
    sub_block: &'a SubBlock,
}

impl WithSimd for StreamAgain<'_> {
    type Output = ();

    // One channel at a time: seldom needed, and half as much code.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (context, channels, change) = self.engine.context(self.sub_block);
        let mut context = BlockContext { metering: false, ..context };
        let channels = channels.as_chunks_mut::<1>().0;
        for (channels, blocks) in channels.iter_mut().zip(change.as_chunks_mut::<1>().0) {
            stream_block(&mut context, simd, channels, blocks);
        }
    }
}

/// What a filter adds to a sub-block's change, for whatever vectors there are.
struct PlayHeld<'a> {
    engine: &'a mut Engine,
    /// Samples since the last multiple of [`FLUSH_INTERVAL`].
    position: usize,
    many: usize,
}

impl WithSimd for PlayHeld<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { engine: Engine { plan, held, change, whole_change, .. }, position, many } = self;
        let Some((held, plan)) = held.as_mut().zip(plan.held.as_ref()) else { return };
        if held.has_output() {
            add_held_output(plan, held, (change, whole_change), (position, many));
        }
        let end = position + many;
        if end.is_multiple_of(CONTROL_BLOCK) {
            end_held_block(simd, plan, held, end);
        }
    }
}

/// The start of a filter, for whatever vectors there are.
struct BeginFilter<'a> {
    engine: &'a mut Engine,
}

impl WithSimd for BeginFilter<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let position = self.engine.position();
        let Engine { plan, held, .. } = self.engine;
        let Some((held, plan)) = held.as_mut().zip(plan.held.as_ref()) else { return };
        let incoming = held.incoming();
        begin_filter(simd, plan, held, incoming, position);
    }
}

/// The levels of batches that have not ended, for whatever vectors there are.
struct MeterOpenBatches<'a> {
    engine: &'a mut Engine,
    sub_block: &'a SubBlock,
}

impl WithSimd for MeterOpenBatches<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (mut context, channels, _) = self.engine.context(self.sub_block);
        for channel in channels.as_chunks::<1>().0 {
            meter_open_batches(&mut context, simd, channel);
        }
    }
}

/// Missed samples, for whatever vectors there are.
struct AdvanceFilters<'a> {
    engine: &'a mut Engine,
    samples: usize,
    /// Samples from the last control tick.
    ahead: usize,
}

impl WithSimd for AdvanceFilters<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Engine { plan, catch_up, channels, .. } = self.engine;
        for channel in channels {
            channel.catch_up(simd, plan, catch_up, (self.samples, self.ahead));
        }
    }
}
