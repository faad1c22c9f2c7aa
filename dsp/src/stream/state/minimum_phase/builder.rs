//! How the minimum-phase filter is built, part by part.

use crate::bank::minimum_phase::MinimumPhaseWork;
use crate::stream::plan::{Level, MinimumPhasePlan, Resolution};
use crate::stream::state::filter::{Filter, FilterScratch};
use num_complex::Complex32;

/// Builds the filter of some gains.
pub(crate) struct MinimumPhaseBuilder {
    pub resolution: Resolution,
    /// Those gains less 1.
    changes: Vec<f32>,
    /// The next part: a band for each, then those of the minimum phase, then a partition for each.
    next: usize,
    fast: MinimumPhaseWork,
    fine: MinimumPhaseWork,
    scratch: FilterScratch,
}

impl MinimumPhaseBuilder {
    pub fn new(plan: &MinimumPhasePlan) -> Self {
        Self {
            resolution: Resolution::Fast,
            changes: vec![0.0; plan.spectra.len()],
            next: 0,
            fast: plan.at(Resolution::Fast).work(),
            fine: plan.at(Resolution::Fine).work(),
            scratch: FilterScratch::new(&plan.partitions),
        }
    }

    pub fn begin(&mut self, gains: &[f32], resolution: Resolution) {
        for (change, gain) in self.changes.iter_mut().zip(gains) {
            *change = gain - 1.0;
        }
        self.resolution = resolution;
        self.next = 0;
    }

    /// All parts of a filter.
    pub fn parts(&self, plan: &MinimumPhasePlan) -> usize {
        let taps = plan.taps(self.resolution);
        let partitions = plan.partitions.levels.iter().map(|level| filled(level, taps));
        self.changes.len() + self.phase_parts(plan) + partitions.sum::<usize>()
    }

    fn phase_parts(&self, plan: &MinimumPhasePlan) -> usize {
        let phase = plan.at(self.resolution);
        match self.resolution {
            Resolution::Fast => phase.parts_from_spectrum(),
            Resolution::Fine => phase.parts(),
        }
    }

    /// Does the parts up to this number. True once the filter is complete.
    pub fn build_to(&mut self, plan: &MinimumPhasePlan, filter: &mut Filter, end: usize) -> bool {
        let parts = self.parts(plan);
        while self.next < end.min(parts) {
            self.build_part(plan, filter);
            self.next += 1;
        }
        if self.next < parts {
            return false;
        }
        let taps = plan.taps(self.resolution);
        filter.set_direct(&self.work().samples[..taps]);
        true
    }

    /// Does the next part alone.
    pub fn build_next(&mut self, plan: &MinimumPhasePlan, filter: &mut Filter) -> bool {
        self.build_to(plan, filter, self.next + 1)
    }

    const fn work(&mut self) -> &mut MinimumPhaseWork {
        match self.resolution {
            Resolution::Fast => &mut self.fast,
            Resolution::Fine => &mut self.fine,
        }
    }

    fn build_part(&mut self, plan: &MinimumPhasePlan, filter: &mut Filter) {
        let bands = self.changes.len();
        if self.next < bands {
            self.add_band(plan, self.next);
            return;
        }
        let phase = plan.at(self.resolution);
        let (part, parts) = (self.next - bands, self.phase_parts(plan));
        if part < parts {
            let before = phase.parts() - parts;
            phase.do_part(self.work(), before + part);
            if part + 1 == parts {
                // Counted from the input itself, which is played anyway.
                self.work().samples[0] -= 1.0;
            }
            return;
        }
        let taps = plan.taps(self.resolution);
        let mut partition = part - parts;
        for (n, level) in plan.partitions.levels.iter().enumerate() {
            filter.filled[n] = filled(level, taps);
            if partition < filter.filled[n] {
                let Self { resolution, fast, fine, scratch, .. } = self;
                let work = if *resolution == Resolution::Fast { fast } else { fine };
                let place = (n, partition);
                filter.set_partition(&plan.partitions, place, &work.samples[..taps], scratch);
                return;
            }
            partition -= filter.filled[n];
        }
    }

    /// Adds a band to the response, of which at first there is the input itself.
    fn add_band(&mut self, plan: &MinimumPhasePlan, k: usize) {
        let change = self.changes[k];
        if self.resolution == Resolution::Fast {
            let spectrum = &mut self.fast.spectrum;
            if k == 0 {
                spectrum.fill(Complex32::ONE);
            }
            let band = &plan.spectra[k];
            for (sum, bin) in spectrum[band.first..].iter_mut().zip(&band.bins) {
                *sum += bin * change;
            }
            return;
        }
        let samples = &mut self.fine.samples;
        if k == 0 {
            samples.fill(0.0);
            let place = plan.latency_samples % samples.len();
            samples[place] = 1.0;
        }
        plan.responses.bands[k].add(change, samples);
    }
}

/// Partitions of a level that so many taps reach.
fn filled(level: &Level, taps: usize) -> usize {
    taps.saturating_sub(level.start()).div_ceil(level.block).min(level.partitions)
}
