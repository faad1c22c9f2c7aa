//! Which bands are computed together, and when.

use super::{BandPlan, Deadline, SubRate};
use crate::bank::Bank;
use crate::cast::real;
use crate::stream::timing::{BATCH, BATCH_BLOCKS};

/// Bands of one rate and stride that share their input samples.
pub(crate) struct BatchGroup {
    /// The lower rate, in [`Plan::rates`]; none for the full one.
    pub rate: Option<usize>,
    /// Samples of the rate between coefficients.
    pub stride: usize,
    pub bands: Vec<usize>,
    /// The newest samples of the rate, which none of the kernels reaches.
    pub lag: usize,
    /// The samples before them that any reaches in a batch; none where filters are recursive.
    pub span: usize,
}

/// The bands that are computed by batches, in groups, so that every control block has about as much to do.
pub(crate) fn groups(
    bank: &Bank,
    bands: &[BandPlan],
    rates: &[SubRate],
) -> [Vec<BatchGroup>; BATCH_BLOCKS] {
    let mut groups: Vec<BatchGroup> = Vec::new();
    for (k, band) in bands.iter().enumerate().filter(|(_, band)| band.deadline == Deadline::Batch) {
        let rate = band.synthesis[0].rate;
        let factor = rate.map_or(1, |r| rates[r].factor());
        let stride = band.stride / factor;
        let alike = groups.iter_mut().find(|group| (group.rate, group.stride) == (rate, stride));
        match (alike, band.analysis.first()) {
            (Some(group), Some(part)) => {
                let reach = group.lag + group.span;
                group.bands.push(k);
                group.lag = group.lag.min(part.taps.nearest());
                group.span = reach.max(part.taps.reach() + BATCH / factor) - group.lag;
            }
            // Recursive filters share nothing.
            (_, part) => {
                let (lag, reach) = part.map_or((0, 0), |part| {
                    (part.taps.nearest(), part.taps.reach() + BATCH / factor)
                });
                groups.push(BatchGroup { rate, stride, bands: vec![k], lag, span: reach - lag });
            }
        }
    }
    let work = |k: &usize| bands[*k].multiply_adds() / real(bank.strides()[*k]);
    let work = |group: &BatchGroup| group.bands.iter().map(work).sum::<f64>();
    groups.sort_by(|a, b| work(b).total_cmp(&work(a)));
    let mut steps: [Vec<BatchGroup>; BATCH_BLOCKS] = Default::default();
    for group in groups {
        let load = |step: &Vec<BatchGroup>| step.iter().map(work).sum::<f64>();
        if let Some(least) = steps.iter_mut().min_by(|a, b| load(a).total_cmp(&load(b))) {
            least.push(group);
        }
    }
    steps
}
