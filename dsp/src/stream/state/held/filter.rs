//! A filter in partitions, and how it is built step by step.

use super::spectra::BlockSpectra;
use crate::cast::{real, single};
use crate::stream::plan::{HeldPlan, Level, transform_work};
use num_complex::Complex32;

/// All bands at constant gains, as one filter.
pub(crate) struct HeldFilter {
    /// The first taps.
    pub direct: Vec<f32>,
    /// The partitions of each level, for transforms that are not normalised.
    pub levels: Vec<BlockSpectra>,
}

impl HeldFilter {
    pub fn new(plan: &HeldPlan) -> Self {
        let level = |level: &Level| BlockSpectra::new(level.partitions, level.block);
        Self {
            direct: vec![0.0; plan.direct.len()],
            levels: plan.levels.iter().map(level).collect(),
        }
    }
}

/// Sums up bands' impulse responses and transforms them, in slices of bounded work.
pub(crate) struct FilterBuilder {
    /// The changes of the bands' gains.
    changes: Vec<f32>,
    /// The sum, from the plan's first tap on.
    taps: Vec<f32>,
    /// The next thing to do: a band for each, then a partition for each.
    next: usize,
    frame: Vec<f32>,
    spectrum: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

impl FilterBuilder {
    pub fn new(plan: &HeldPlan) -> Self {
        let longest = plan.levels.iter().map(|level| level.block).max().unwrap_or(0);
        let scratch = plan.levels.iter().map(|level| level.forward.get_scratch_len()).max();
        Self {
            changes: vec![0.0; plan.responses.bands.len()],
            taps: vec![0.0; plan.taps().len()],
            next: 0,
            frame: vec![0.0; 2 * longest],
            spectrum: vec![Complex32::ZERO; longest + 1],
            scratch: vec![Complex32::ZERO; scratch.unwrap_or(0)],
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
    pub fn build(&mut self, plan: &HeldPlan, filter: &mut HeldFilter, at_once: bool) -> bool {
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
    fn build_part(&mut self, plan: &HeldPlan, filter: &mut HeldFilter) -> Option<f64> {
        let bands = self.changes.len();
        let part = self.next;
        if part < bands {
            self.next += 1;
            self.add_band(plan, part);
            return Some(plan.band_multiply_adds(part));
        }
        let mut partition = part - bands;
        for (level, spectra) in plan.levels.iter().zip(&mut filter.levels) {
            if partition < level.partitions {
                self.next += 1;
                self.transform(plan, level, partition, spectra);
                return Some(transform_work(2 * level.block));
            }
            partition -= level.partitions;
        }
        for (tap, sum) in filter.direct.iter_mut().zip(&self.taps) {
            *tap = *sum;
        }
        None
    }

    fn add_band(&mut self, plan: &HeldPlan, k: usize) {
        let (band, range, change) = (&plan.responses.bands[k], plan.taps(), self.changes[k]);
        if change == 0.0 {
            return;
        }
        let before = range.start.saturating_sub(band.offset).min(band.taps.len());
        let start = (band.offset + before).saturating_sub(range.start).min(self.taps.len());
        for (sum, tap) in self.taps[start..].iter_mut().zip(&band.taps[before..]) {
            *sum += change * tap;
        }
    }

    fn transform(
        &mut self,
        plan: &HeldPlan,
        level: &Level,
        partition: usize,
        spectra: &mut BlockSpectra,
    ) {
        let frame = &mut self.frame[..2 * level.block];
        let spectrum = &mut self.spectrum[..=level.block];
        let first = level.start() + partition * level.block - plan.taps().start;
        frame.fill(0.0);
        for (sample, tap) in frame[..level.block].iter_mut().zip(&self.taps[first..]) {
            *sample = *tap;
        }
        let done = level.forward.process_with_scratch(frame, spectrum, &mut self.scratch);
        debug_assert!(done.is_ok(), "{done:?}");
        spectra.set(partition, spectrum, single(1.0 / real(2 * level.block)));
    }
}

#[cfg(test)]
mod tests {
    use super::{FilterBuilder, HeldFilter};
    use crate::bank::{Bank, BankSpec, Kind, Sizing};
    use crate::stream::plan::Plan;
    use crate::stream::timing::CONTROL_BLOCK;

    #[test]
    fn a_filter_is_built_in_slices_before_gains_have_rested() {
        for (kind, ms) in [(Kind::Isac, 21.0), (Kind::Gammatone, 8.0), (Kind::Gammatone, 21.0)] {
            let spec = BankSpec { kind, sizing: Sizing::Latency { ms }, ..BankSpec::default() };
            let bank = Bank::design(&spec).expect("designs");
            let plan = Plan::new(&bank).held.expect("has a filter");
            let (mut builder, mut filter) = (FilterBuilder::new(&plan), HeldFilter::new(&plan));
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
