//! How the filter of gains that stand still is built step by step.

use crate::stream::plan::{HeldPlan, transform_work};
use crate::stream::state::filter::{Filter, FilterScratch};

/// Sums up bands' impulse responses and transforms them, in slices of bounded work.
pub(crate) struct FilterBuilder {
    /// The changes of the bands' gains.
    changes: Vec<f32>,
    /// The sum, from the plan's first tap on.
    taps: Vec<f32>,
    /// The next thing to do: a band for each, then a partition for each.
    next: usize,
    scratch: FilterScratch,
}

impl FilterBuilder {
    pub fn new(plan: &HeldPlan) -> Self {
        Self {
            changes: vec![0.0; plan.responses.bands.len()],
            taps: vec![0.0; plan.partitions.taps().len()],
            next: 0,
            scratch: FilterScratch::new(&plan.partitions),
        }
    }

    /// Begins with the filter of these gains.
    pub fn begin(&mut self, gains: &[f32]) {
        for (change, gain) in self.changes.iter_mut().zip(gains) {
            *change = gain - 1.0;
        }
        self.taps.fill(0.0);
        self.next = 0;
    }

    /// Does as much as a control block has time for, or all there is. True once the filter is complete.
    pub fn build(&mut self, plan: &HeldPlan, filter: &mut Filter, at_once: bool) -> bool {
        let mut left = plan.build_multiply_adds;
        loop {
            let Some(work) = self.build_part(plan, filter) else { return true };
            left -= work;
            if left <= 0.0 && !at_once {
                return false;
            }
        }
    }

    /// The next part, and its work; none where all is done.
    fn build_part(&mut self, plan: &HeldPlan, filter: &mut Filter) -> Option<f64> {
        let bands = self.changes.len();
        let part = self.next;
        if part < bands {
            self.next += 1;
            self.add_band(plan, part);
            return Some(plan.band_multiply_adds(part));
        }
        let mut partition = part - bands;
        for (n, level) in plan.partitions.levels.iter().enumerate() {
            if partition < level.partitions {
                self.next += 1;
                let place = (n, partition);
                filter.set_partition(&plan.partitions, place, &self.taps, &mut self.scratch);
                return Some(transform_work(2 * level.block));
            }
            partition -= level.partitions;
        }
        filter.set_direct(&self.taps);
        None
    }

    fn add_band(&mut self, plan: &HeldPlan, k: usize) {
        let (band, range, change) =
            (&plan.responses.bands[k], plan.partitions.taps(), self.changes[k]);
        if change == 0.0 {
            return;
        }
        let before = range.start.saturating_sub(band.offset).min(band.taps.len());
        let start = (band.offset + before).saturating_sub(range.start).min(self.taps.len());
        for (sum, tap) in self.taps[start..].iter_mut().zip(&band.taps[before..]) {
            *sum += change * tap;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FilterBuilder;
    use crate::bank::{Bank, BankSpec, Kind, Sizing};
    use crate::stream::plan::Plan;
    use crate::stream::state::filter::Filter;
    use crate::stream::timing::CONTROL_BLOCK;

    #[test]
    fn a_filter_is_built_in_slices_before_gains_have_rested() {
        for (kind, ms) in [(Kind::Isac, 21.0), (Kind::Gammatone, 8.0), (Kind::Gammatone, 21.0)] {
            let spec = BankSpec { kind, sizing: Sizing::Latency { ms }, ..BankSpec::default() };
            let bank = Bank::design(&spec).expect("designs");
            let plan = Plan::new(&bank).held.expect("has a filter");
            let (mut builder, mut filter) =
                (FilterBuilder::new(&plan), Filter::new(&plan.partitions));
            builder.begin(&vec![2.0; bank.bands()]);
            let mut slices = 1;
            while !builder.build(&plan, &mut filter, false) {
                slices += 1;
            }
            println!("{kind} {ms} ms: {slices} slices in {} samples", plan.rest_samples);
            assert!(slices > 4, "{slices}");
            assert!(slices * CONTROL_BLOCK <= plan.rest_samples, "{slices}");
        }
    }
}
