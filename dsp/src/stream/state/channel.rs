//! The state of each channel: the history of its input and its pending output.

use super::{Cascade, CatchUp, History, PendingOutput, ReverseHistory, SubRateState};
use crate::stream::plan::{BatchGroup, Plan};
use crate::stream::timing::CONTROL_BLOCK;
use pulp::Simd;

/// What is done with input as it comes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intake {
    /// It is kept: at rest nobody reads it.
    Idle,
    /// It is kept for kernels; recursive filters and low-passes have yet to catch up.
    Kernels,
    /// All of it is done.
    Filters,
}

/// One channel of an engine.
pub(crate) struct Channel {
    /// The history of the input in the order of time, for folded kernels newer than their middle, and for
    /// recursive filters to catch up with.
    pub past: History,
    /// The same, newest first, for whole kernels, and for folded ones older than their middle. While nobody reads it it
    /// falls behind.
    pub past_reversed: ReverseHistory,
    /// Samples by which it does.
    reversed_behind: usize,
    /// The recursive filters, where there are any.
    pub cascade: Option<Cascade>,
    /// The input at each of the lower rates.
    pub subrates: Vec<SubRateState>,
    pub output: PendingOutput,
    /// The same without a filter of gains that stood still, while it is left: taken in turns with the other. None
    /// where there is no such filter.
    pub whole_output: Option<PendingOutput>,
}

impl Channel {
    /// For vectors of so many numbers of double precision.
    pub fn new(plan: &Plan, lanes: usize) -> Self {
        Self {
            past: History::new(plan.history),
            past_reversed: ReverseHistory::new(plan.history),
            reversed_behind: 0,
            cascade: plan.gammatone.as_ref().map(Cascade::new),
            subrates: plan.rates.iter().map(|rate| SubRateState::new(rate, plan.past)).collect(),
            output: PendingOutput::new(plan, lanes),
            whole_output: plan.held.as_ref().map(|_| PendingOutput::new(plan, lanes)),
        }
    }

    /// Has recursive filters, and low-passes, process so many samples that they have missed; now is so many after a
    /// control tick.
    #[inline(always)]
    pub fn catch_up<S: Simd>(
        &mut self,
        simd: S,
        plan: &Plan,
        filters: &CatchUp,
        (samples, ahead): (usize, usize),
    ) {
        self.past.unroll();
        if let (Some(cascade), Some(coefs)) = (&mut self.cascade, &plan.gammatone) {
            let behind = filters.behind_samples();
            let mut missed = &self.past.at(plan.history - behind)[..samples];
            // As if they had been processed in time.
            let mut ahead =
                (ahead + behind.next_multiple_of(CONTROL_BLOCK) - behind) % CONTROL_BLOCK;
            let mut done = 0;
            while !missed.is_empty() {
                let active = filters.active(done);
                cascade.reset_bands(active.fresh);
                let many = missed.len().min(CONTROL_BLOCK - ahead).min(active.samples);
                let (step, later) = missed.split_at(many);
                cascade.advance_bands(simd, step, (ahead, active.bands), coefs);
                done += many;
                (missed, ahead) = (later, (ahead + many) % CONTROL_BLOCK);
            }
            return;
        }
        self.reverse_missed(plan);
        let (mut behind, end) = (filters.behind_samples(), filters.behind_samples() - samples);
        let mut ahead = (ahead + behind.next_multiple_of(CONTROL_BLOCK) - behind) % CONTROL_BLOCK;
        while behind > end {
            let many = (behind - end).min(CONTROL_BLOCK - ahead);
            behind -= many;
            self.low_pass(simd, plan, behind, (ahead, many));
            ahead = (ahead + many) % CONTROL_BLOCK;
        }
    }

    /// Takes samples in at the lower rates, the newest of them so many ago, the first so many after a control
    /// tick.
    #[inline(always)]
    fn low_pass<S: Simd>(&mut self, simd: S, plan: &Plan, ago: usize, place: (usize, usize)) {
        for (lower, rate) in self.subrates.iter_mut().zip(&plan.rates) {
            lower.push_input(simd, rate, self.past_reversed.at(ago), place);
        }
    }

    /// Takes in reverse order in what was missed of the history.
    #[inline(always)]
    fn reverse_missed(&mut self, plan: &Plan) {
        let missed = self.reversed_behind.min(plan.history);
        if missed > 0 {
            self.past_reversed.push_many(&self.past.at(plan.history - missed)[..missed]);
            self.reversed_behind = 0;
        }
    }

    /// Takes samples in, so many after a control tick and none past the next one.
    #[inline(always)]
    pub fn push_input<S: Simd>(
        &mut self,
        simd: S,
        plan: &Plan,
        samples: &[f32],
        ahead: usize,
        intake: Intake,
    ) {
        if intake == Intake::Idle {
            self.past.push_unread(samples);
            self.reversed_behind += samples.len();
            return;
        }
        self.past.unroll();
        self.past.push(samples);
        if let (Some(cascade), Some(coefs)) = (&mut self.cascade, &plan.gammatone) {
            if intake == Intake::Filters {
                cascade.advance(simd, samples, ahead, coefs);
            }
            return;
        }
        self.reversed_behind += samples.len();
        self.reverse_missed(plan);
        if intake == Intake::Filters {
            self.low_pass(simd, plan, 0, (ahead, samples.len()));
        }
    }

    /// The samples that a group of bands reaches in a batch, in the order of time.
    #[inline(always)]
    pub fn batch_input(&self, plan: &Plan, group: &BatchGroup) -> &[f32] {
        let reach = group.lag + group.span;
        let past = match group.rate {
            Some(r) => self.subrates[r].recent(reach),
            None => &self.past.at(plan.history - reach)[..reach],
        };
        &past[..group.span]
    }

    /// [`Cascade::flush_denormals`].
    pub fn flush_denormals(&mut self) {
        self.cascade.iter_mut().for_each(Cascade::flush_denormals);
    }

    /// Exchanges both outputs.
    #[inline(always)]
    pub const fn swap_outputs(&mut self) {
        if let Some(whole_output) = &mut self.whole_output {
            std::mem::swap(&mut self.output, whole_output);
        }
    }

    pub fn reset(&mut self) {
        self.past.reset();
        self.past_reversed.reset();
        self.reversed_behind = 0;
        self.cascade.iter_mut().for_each(Cascade::reset);
        self.subrates.iter_mut().for_each(SubRateState::reset);
        self.output.reset();
    }
}
