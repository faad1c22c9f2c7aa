//! What is kept of each channel: the past that bands hear and the future that they sound in.

use super::{
    BatchAccumulator, Cascade, CatchUp, DenseHistory, History, ReverseHistory, SubRateState,
};
use crate::stream::plan::{BatchGroup, Plan};
use crate::stream::timing::CONTROL_BLOCK;
use pulp::Simd;

/// One channel of an engine.
pub(crate) struct Channel {
    /// The past of the input in the order of time, for folded kernels newer than their middle, and for what
    /// recursive filters may have to catch up with.
    pub past: History,
    /// The past of the input the other way round, for whole kernels, and for folded ones older than their
    /// middle.
    pub past_reversed: ReverseHistory,
    /// The recursive filters, where there are any.
    pub cascade: Option<Cascade>,
    /// What recursive filters tell at every sample.
    pub dense: DenseHistory,
    /// Per other recursive filter what it has told in a batch.
    pub accumulated: Vec<BatchAccumulator>,
    /// What is heard and sounds at each of the lower rates.
    pub subrates: Vec<SubRateState>,
    /// The future of the output, as far as it is known; the sum of both, and of what sounds at the lower
    /// rates.
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

    /// Lets recursive filters take in so many samples that they have missed; now is so many after a control
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
            if filters.has_forgotten() {
                cascade.reset();
            }
            let behind = filters.behind_samples();
            let mut missed = &self.past.at(plan.past - behind)[..samples];
            // As if they had been heard in time.
            let mut ahead =
                (ahead + behind.next_multiple_of(CONTROL_BLOCK) - behind) % CONTROL_BLOCK;
            while !missed.is_empty() {
                let (step, later) = missed.split_at(missed.len().min(CONTROL_BLOCK - ahead));
                cascade.advance(simd, step, ahead, coefs);
                (missed, ahead) = (later, 0);
            }
        }
    }

    /// Takes samples in, so many after a control tick and none past the next one; recursive
    /// filters only when `awake`.
    #[inline(always)]
    pub fn push_input<S: Simd>(
        &mut self,
        simd: S,
        plan: &Plan,
        samples: &[f32],
        ahead: usize,
        awake: bool,
    ) {
        self.past.push(samples);
        if let (Some(cascade), Some(coefs)) = (&mut self.cascade, &plan.gammatone) {
            if awake {
                cascade.advance(simd, samples, ahead, coefs);
            }
            return;
        }
        self.past_reversed.push(samples);
        for (lower, rate) in self.subrates.iter_mut().zip(&plan.rates) {
            lower.push_input(simd, rate, self.past_reversed.at(0), (ahead, samples.len()));
        }
    }

    /// The samples that a group of bands has heard in a batch, in the order of time.
    #[inline(always)]
    pub fn batch_input(&self, plan: &Plan, group: &BatchGroup) -> &[f32] {
        let reach = group.lag + group.span;
        let past = match group.rate {
            Some(r) => self.subrates[r].recent(reach),
            None => &self.past.at(plan.past - reach)[..reach],
        };
        &past[..group.span]
    }

    /// Lets what recursive filters hold end where it can no longer be heard.
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
