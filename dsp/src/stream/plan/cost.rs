//! What an engine does when, counted.

use super::{BandPlan, Part, Plan};
use crate::bank::GAMMATONE_ORDER;
use crate::cast::real;
use crate::dual;
use crate::stream::timing::{BATCH, BATCH_BLOCKS, CONTROL_BLOCK};

/// Those of a recursive filter for a sample: two for the shift to baseband, its stages, two for the shift back.
const FILTER: usize = 2 * GAMMATONE_ORDER + 4;

impl Plan {
    /// The multiply-adds for one channel at each sample of one cycle of the schedule, while no band is at
    /// unity: folded kernels once, lower rates at theirs, bands with a deadline at the ends of control blocks
    /// and batches.
    pub fn multiply_adds(&self) -> Vec<f64> {
        let cycle = dual::period([self.period(), BATCH]);
        let of = |k: &usize| self.bands[*k].multiply_adds();
        let at = |n: usize| {
            let immediate: f64 = self.immediate(n % self.period()).iter().map(of).sum();
            let recursive = if self.gammatone.is_some() { FILTER * self.bands.len() } else { 0 };
            let rates = self.rates.iter().filter(|rate| n.is_multiple_of(rate.factor()));
            let rates: f64 = rates.map(|rate| rate.multiply_adds()).sum();
            immediate
                + real(recursive)
                + rates
                + if n % CONTROL_BLOCK == CONTROL_BLOCK - 1 { self.at_end(n + 1) } else { 0.0 }
        };
        (0..cycle).map(at).collect()
    }

    /// Those at the end of a control block.
    fn at_end(&self, end: usize) -> f64 {
        let cycle = self.period() * BATCH;
        let since = |k: usize, samples: usize| {
            let band = &self.bands[k];
            let wait = band.wait_samples((end + cycle - samples) % self.period());
            real(samples.saturating_sub(wait).div_ceil(band.stride)) * band.multiply_adds()
        };
        let batches = &self.by_batch[(end / CONTROL_BLOCK + BATCH_BLOCKS - 1) % BATCH_BLOCKS];
        let batches = batches.iter().flat_map(|group| &group.bands);
        self.by_control_block
            .iter()
            .chain(&self.dense.bands)
            .map(|&k| since(k, CONTROL_BLOCK))
            .sum::<f64>()
            + batches.map(|&k| since(k, BATCH)).sum::<f64>()
    }
}

impl BandPlan {
    /// Those for one coefficient, of kernels and dual.
    pub(crate) fn multiply_adds(&self) -> f64 {
        let sum: f64 = self.analysis.iter().chain(&self.synthesis).map(Part::multiply_adds).sum();
        // Of real taps there is but one.
        if self.real { sum / 2.0 } else { sum }
    }
}

impl Part {
    /// A real and an imaginary one for each tap.
    const fn multiply_adds(&self) -> f64 {
        real(2 * self.taps.many)
    }
}
