//! Which bands are worked out together, and when.

use super::{BandPlan, Pace, Rate};
use crate::bank::Bank;
use crate::cast::real;
use crate::stream::timing::{STEPS, WINDOW};

/// Bands of one rate and stride that share what they hear.
pub(crate) struct Group {
    /// The lower rate, in [`Plan::rates`]; none for the full one.
    pub rate: Option<usize>,
    /// Samples of the rate between coefficients.
    pub stride: usize,
    pub bands: Vec<usize>,
    /// The samples of the rate that none of the kernels hears, the newest ones.
    pub unheard: usize,
    /// The samples before them that any hears in a window; none where filters are recursive.
    pub heard: usize,
}

/// The bands that are worked out by windows, in groups, so that every step has about as much to do.
pub(crate) fn groups(bank: &Bank, bands: &[BandPlan], rates: &[Rate]) -> [Vec<Group>; STEPS] {
    let mut groups: Vec<Group> = Vec::new();
    for (k, band) in bands.iter().enumerate().filter(|(_, band)| band.pace == Pace::Window) {
        let rate = band.synthesis[0].rate;
        let factor = rate.map_or(1, |r| rates[r].factor());
        let stride = band.stride / factor;
        let alike = groups.iter_mut().find(|group| (group.rate, group.stride) == (rate, stride));
        match (alike, band.analysis.first()) {
            (Some(group), Some(part)) => {
                let reach = group.unheard + group.heard;
                group.bands.push(k);
                group.unheard = group.unheard.min(part.taps.nearest());
                group.heard = reach.max(part.taps.reach() + WINDOW / factor) - group.unheard;
            }
            // Recursive filters share nothing.
            (_, part) => {
                let (unheard, reach) = part.map_or((0, 0), |part| {
                    (part.taps.nearest(), part.taps.reach() + WINDOW / factor)
                });
                groups.push(Group {
                    rate,
                    stride,
                    bands: vec![k],
                    unheard,
                    heard: reach - unheard,
                });
            }
        }
    }
    let work = |k: &usize| bands[*k].multiply_adds() / real(bank.strides()[*k]);
    let work = |group: &Group| group.bands.iter().map(work).sum::<f64>();
    groups.sort_by(|a, b| work(b).total_cmp(&work(a)));
    let mut steps: [Vec<Group>; STEPS] = Default::default();
    for group in groups {
        let load = |step: &Vec<Group>| step.iter().map(work).sum::<f64>();
        if let Some(least) = steps.iter_mut().min_by(|a, b| load(a).total_cmp(&load(b))) {
            least.push(group);
        }
    }
    steps
}
