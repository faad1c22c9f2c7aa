//! The state of each channel: the history of its input and its pending output.

use super::{
    BatchAccumulator, Cascade, CatchUp, DenseHistory, History, ReverseHistory, SubRateState,
};
use crate::stream::plan::{BatchGroup, Plan};
use crate::stream::timing::CONTROL_BLOCK;
use pulp::Simd;

/// One channel of an engine.
pub(crate) struct Channel {
    /// The history of the input in the order of time, for folded kernels newer than their middle, and for
    /// recursive filters to catch up with.
    pub past: History,
    /// The same, newest first, for whole kernels, and for folded ones older than their middle.
    pub past_reversed: ReverseHistory,
    /// The recursive filters, where there are any.
    pub cascade: Option<Cascade>,
    /// The scaled coefficients of recursive filters at every sample.
    pub dense: DenseHistory,
    /// Those of each other recursive filter in a batch.
    pub accumulated: Vec<BatchAccumulator>,
    /// Input and output at each of the lower rates.
    pub subrates: Vec<SubRateState>,
    /// The pending output: the sum of both, and of what is interpolated from the lower rates.
    pub future: History,
    /// The part of it that folded duals give on the near side of their middle.
    pub future_reversed: ReverseHistory,
}

impl Channel {
    /// For vectors of so many numbers of double precision.
    pub fn new(plan: &Plan, lanes: usize) -> Self {
        let lower = |rate| SubRateState::new(rate, plan.past, plan.future);
        Self {
            past: History::new(plan.past),
            past_reversed: ReverseHistory::new(plan.past),
            cascade: plan.gammatone.as_ref().map(Cascade::new),
            dense: DenseHistory::new(&plan.dense, lanes),
            accumulated: if plan.gammatone.is_some() {
                plan.bands.iter().map(BatchAccumulator::new).collect()
            } else {
                Vec::new()
            },
            subrates: plan.rates.iter().map(lower).collect(),
            future: History::new(plan.future),
            future_reversed: ReverseHistory::new(plan.future),
        }
    }

    /// Has recursive filters process so many samples that they have missed; now is so many after a control
    /// tick.
    #[inline(always)]
    pub fn catch_up<S: Simd>(
        &mut self,
        simd: S,
        plan: &Plan,
        filters: &CatchUp,
        (samples, ahead): (usize, usize),
    ) {
        if let (Some(cascade), Some(coefs)) = (&mut self.cascade, &plan.gammatone) {
            if filters.has_decayed() {
                cascade.reset();
            }
            let behind = filters.behind_samples();
            let mut missed = &self.past.at(plan.past - behind)[..samples];
            // As if they had been processed in time.
            let mut ahead =
                (ahead + behind.next_multiple_of(CONTROL_BLOCK) - behind) % CONTROL_BLOCK;
            while !missed.is_empty() {
                let (step, later) = missed.split_at(missed.len().min(CONTROL_BLOCK - ahead));
                cascade.advance(simd, step, ahead, coefs);
                (missed, ahead) = (later, 0);
            }
        }
    }

    /// Takes samples in, so many after a control tick and none past the next one; recursive filters process them
    /// only if `filters_run`.
    #[inline(always)]
    pub fn push_input<S: Simd>(
        &mut self,
        simd: S,
        plan: &Plan,
        samples: &[f32],
        ahead: usize,
        filters_run: bool,
    ) {
        self.past.push(samples);
        if let (Some(cascade), Some(coefs)) = (&mut self.cascade, &plan.gammatone) {
            if filters_run {
                cascade.advance(simd, samples, ahead, coefs);
            }
            return;
        }
        self.past_reversed.push(samples);
        for (lower, rate) in self.subrates.iter_mut().zip(&plan.rates) {
            lower.push_input(simd, rate, self.past_reversed.at(0), (ahead, samples.len()));
        }
    }

    /// The samples that a group of bands reaches in a batch, in the order of time.
    #[inline(always)]
    pub fn batch_input(&self, plan: &Plan, group: &BatchGroup) -> &[f32] {
        let reach = group.lag + group.span;
        let past = match group.rate {
            Some(r) => self.subrates[r].recent(reach),
            None => &self.past.at(plan.past - reach)[..reach],
        };
        &past[..group.span]
    }

    /// [`Cascade::flush_denormals`].
    pub fn flush_denormals(&mut self) {
        self.cascade.iter_mut().for_each(Cascade::flush_denormals);
    }

    pub fn reset(&mut self) {
        self.past.reset();
        self.past_reversed.reset();
        self.cascade.iter_mut().for_each(Cascade::reset);
        self.dense.reset();
        self.accumulated.iter_mut().for_each(BatchAccumulator::reset);
        self.subrates.iter_mut().for_each(SubRateState::reset);
        self.future.reset();
        self.future_reversed.reset();
    }
}
