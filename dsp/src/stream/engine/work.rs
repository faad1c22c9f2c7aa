//! The work on a sub-block, at a control tick, and in going over from streamed bands to a filter and back.

use super::dispatch::{
    AdvanceFilters, BeginFilter, MeterOpenBatches, PlayFilter, ProcessSubBlock, StreamAgain,
};
use super::{AtRest, Engine};
use crate::stream::plan::{Partitions, Resolution};
use crate::stream::process::{BlockContext, SubBlock};
use crate::stream::state::{Base, Channel, Filters, Goal, Held, Intake, PendingOutput};
use crate::stream::timing::{BATCH, BATCH_BLOCKS, CONTROL_BLOCK, FLUSH_INTERVAL};

impl Engine {
    /// The length of the next sub-block: none goes past a control tick.
    pub(super) const fn sub_block_samples(&self, left: usize) -> usize {
        let to_grid = self.until_flush % CONTROL_BLOCK;
        let most = if to_grid == 0 { CONTROL_BLOCK } else { to_grid };
        if left < most { left } else { most }
    }

    /// Turns the input in `self.change` into the change.
    pub(super) fn process_sub_block(&mut self, many: usize) {
        if self.until_flush.is_multiple_of(CONTROL_BLOCK) {
            self.on_control_tick();
        }
        let one_filter = self.minimum_phase.is_some();
        let dynamic = self.dynamics.is_active;
        let at_base = one_filter || !dynamic && self.gains.ramps.are_at_base();
        if !at_base {
            self.pending_samples = self.plan.future;
        }
        // What fades in is streamed to its end, also where gains are back at the base by then.
        let is_left = self.held.as_ref().is_some_and(|held| held.leaving.is_some());
        let needed = !at_base
            || is_left
            || self.metering
            || !one_filter && (self.gains.is_pending() || self.dynamics.is_wanted());
        if needed {
            let due = self.catch_up.due(many);
            self.advance_filters(due);
        }
        self.since_levels = self.since_levels.saturating_add(many);
        let filters_run = needed && self.catch_up.is_caught_up();
        let sub_block = SubBlock {
            intake: match (needed, filters_run) {
                (false, _) => Intake::Idle,
                (true, false) => Intake::Kernels,
                (true, true) => Intake::Filters,
            },
            working: filters_run && (!at_base || self.metering)
                || self.channels.first().is_some_and(|channel| channel.output.dense.has_output()),
            silent: self.pending_samples == 0,
            ..self.next_sub_block(many)
        };
        let position = self.position();
        let held = self.held.as_mut().filter(|held| held.is_fed()).map(|held| &mut held.filters);
        let filters = held.or(self.minimum_phase.as_mut().map(|state| &mut state.filters));
        if let Some(filters) = filters {
            for (channel, block) in filters.channels.iter_mut().zip(&self.change) {
                channel.push_input(position, &block[..many]);
            }
        }
        self.vectors.dispatch(ProcessSubBlock { engine: self, sub_block: &sub_block });
        if is_left {
            let sub_block = SubBlock { working: filters_run, silent: false, ..sub_block };
            self.swap_outputs();
            self.vectors.dispatch(StreamAgain { engine: self, sub_block: &sub_block });
            self.swap_outputs();
        }
        if one_filter || self.held.as_ref().is_some_and(Held::is_fed) {
            self.vectors.dispatch(PlayFilter { engine: self, position, many });
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
            self.dynamics.end_segment();
        }
        if at_base {
            self.pending_samples = self.pending_samples.saturating_sub(many);
        }
    }

    /// Exchanges what bands are streamed for: the change from gains that stood still, or the whole.
    fn swap_outputs(&mut self) {
        if let Some(held) = &mut self.held {
            std::mem::swap(&mut self.gains.ramps.segments.base, &mut held.unity);
            self.dynamics.set_base(&self.gains.ramps.segments.base);
        }
        self.channels.iter_mut().for_each(Channel::swap_outputs);
        std::mem::swap(&mut self.change, &mut self.whole_change);
    }

    /// The next samples, with nothing to do for them.
    const fn next_sub_block(&self, many: usize) -> SubBlock {
        let passed = self.position();
        let (ahead, step) = (passed % CONTROL_BLOCK, passed / CONTROL_BLOCK % BATCH_BLOCKS);
        SubBlock { many, ahead, step, intake: Intake::Idle, working: false, silent: true }
    }

    /// Samples since the last multiple of [`FLUSH_INTERVAL`].
    pub(super) const fn position(&self) -> usize {
        (FLUSH_INTERVAL - self.until_flush) % FLUSH_INTERVAL
    }

    /// The work at a control tick.
    fn on_control_tick(&mut self) {
        let starts_batch = self.until_flush.is_multiple_of(BATCH);
        if starts_batch && let Some(goal) = self.held.as_ref().and_then(|held| held.fade) {
            self.go_over(goal);
        }
        let ready = self.catch_up.is_ready();
        if ready && self.until_flush == 0 {
            self.channels.iter_mut().for_each(Channel::flush_denormals);
        }
        if let Some((state, plan)) =
            self.minimum_phase.as_mut().zip(self.plan.minimum_phase.as_ref())
        {
            let begins = state.advance(plan);
            let may_start = state.takes_gains(plan);
            self.gains.on_control_tick(may_start, &self.bank, self.vectors);
            state.build(plan, self.gains.ramps.goal());
            if let Some(which) = begins {
                self.vectors.dispatch(BeginFilter { engine: self, which });
            }
        } else {
            self.gains.on_control_tick(ready, &self.bank, self.vectors);
        }
        self.gains.ramps.begin_segment();
        if self.minimum_phase.is_none() {
            let fades = self.held.as_ref().is_some_and(|held| held.fade.is_some());
            let may_begin = self.catch_up.is_caught_up() && !fades;
            self.dynamics.on_control_tick(may_begin, &self.gains.ramps.segments);
        }
        let Some((held, plan)) = self.held.as_mut().zip(self.plan.held.as_ref()) else { return };
        let goal = held.on_control_tick(plan, &self.gains.ramps, !self.dynamics.is_wanted());
        if !starts_batch {
            return;
        }
        if held.begin_leaving(plan) {
            self.channels.iter_mut().for_each(|channel| {
                channel.whole_output.iter_mut().for_each(PendingOutput::reset);
            });
        }
        held.fade = held.fade.or(goal);
        if goal == Some(Goal::Filter) {
            let which = held.incoming();
            self.vectors.dispatch(BeginFilter { engine: self, which });
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
        self.dynamics.set_base(&self.gains.ramps.segments.base);
        self.held.iter_mut().for_each(|held| held.end_fade(goal));
    }

    /// The same without a fade.
    pub(super) fn go_over_at_once(&mut self) {
        let Some((held, plan)) = self.held.as_mut().zip(self.plan.held.as_ref()) else { return };
        let goal = if self.gains.ramps.are_flat() { Goal::Flat } else { Goal::Filter };
        if goal == Goal::Filter {
            held.build_at_once(plan, self.gains.ramps.now());
            let which = held.incoming();
            self.vectors.dispatch(BeginFilter { engine: self, which });
        }
        self.go_over(goal);
    }

    /// The same to the filter with minimum phase.
    pub(super) fn jump_with_minimum_phase(&mut self) {
        let plan = self.plan.minimum_phase.as_ref();
        let Some((state, plan)) = self.minimum_phase.as_mut().zip(plan) else { return };
        let resolution =
            if self.at_rest == AtRest::Held { Resolution::Fine } else { Resolution::Fast };
        if let Some(which) = state.jump(plan, self.gains.ramps.now(), resolution) {
            self.vectors.dispatch(BeginFilter { engine: self, which });
        }
    }

    /// The filters that play all bands as one.
    #[inline(always)]
    pub(super) fn filters(&mut self) -> Option<(&Partitions, &mut Filters)> {
        let Self { plan, held, minimum_phase, .. } = self;
        let held = held.as_mut().zip(plan.held.as_ref());
        let held = held.map(|(held, plan)| (&plan.partitions, &mut held.filters));
        held.or_else(|| {
            let state = minimum_phase.as_mut().zip(plan.minimum_phase.as_ref());
            state.map(|(state, plan)| (&plan.partitions, &mut state.filters))
        })
    }

    /// What a sub-block's work needs, and the channels with their blocks.
    #[inline(always)]
    pub(super) fn context<'a>(
        &'a mut self,
        sub_block: &'a SubBlock,
    ) -> (BlockContext<'a>, &'a mut [Channel], &'a mut [[f32; CONTROL_BLOCK]]) {
        let context = BlockContext {
            plan: &self.plan,
            updates_gains: self.dynamics.is_active,
            dynamics: Some(&mut self.dynamics).filter(|dynamics| dynamics.is_active),
            pair: 0,
            gains: self
                .minimum_phase
                .as_ref()
                .map_or(&self.gains.ramps.segments, |state| &state.streamed),
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
    pub(super) fn advance_filters(&mut self, samples: usize) {
        if samples > 0 {
            let ahead = self.next_sub_block(0).ahead;
            self.vectors.dispatch(AdvanceFilters { engine: self, samples, ahead });
            self.catch_up.caught_up(samples);
        }
    }

    /// Updates peaks by what batches that have not ended hold.
    pub(super) fn meter_open_batches(&mut self) {
        let sub_block = self.next_sub_block(0);
        self.vectors.dispatch(MeterOpenBatches { engine: self, sub_block: &sub_block });
    }
}
