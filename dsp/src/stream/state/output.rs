//! The output of a channel that coefficients have been added to, and is yet to come.

use super::{BatchAccumulator, DenseHistory, History, ReverseHistory, SubRateOutput};
use crate::stream::plan::Plan;

/// The pending output of a channel.
pub(crate) struct PendingOutput {
    /// The scaled coefficients of recursive filters at every sample.
    pub dense: DenseHistory,
    /// Those of each other recursive filter in a batch.
    pub accumulated: Vec<BatchAccumulator>,
    /// That at each of the lower rates.
    pub subrates: Vec<SubRateOutput>,
    /// That at the full rate: the sum of this and the next, and of what is interpolated from the lower rates.
    pub future: History,
    /// The part of it that folded duals give on the near side of their middle.
    pub future_reversed: ReverseHistory,
}

impl PendingOutput {
    /// For vectors of so many numbers of double precision.
    pub fn new(plan: &Plan, lanes: usize) -> Self {
        Self {
            dense: DenseHistory::new(&plan.dense, lanes),
            accumulated: if plan.gammatone.is_some() {
                plan.bands.iter().map(BatchAccumulator::new).collect()
            } else {
                Vec::new()
            },
            subrates: plan.rates.iter().map(|rate| SubRateOutput::new(rate, plan.future)).collect(),
            future: History::new(plan.future),
            future_reversed: ReverseHistory::new(plan.future),
        }
    }

    pub fn reset(&mut self) {
        self.dense.reset();
        self.accumulated.iter_mut().for_each(BatchAccumulator::reset);
        self.subrates.iter_mut().for_each(SubRateOutput::reset);
        self.future.reset();
        self.future_reversed.reset();
    }
}
