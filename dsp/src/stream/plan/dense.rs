//! Bands of recursive filters with a coefficient at every sample.

use super::BandPlan;
use crate::stream::timing::CONTROL_BLOCK;

/// The dense bands of a bank.
pub(crate) struct DensePlan {
    /// Rising.
    pub bands: Vec<usize>,
    /// Samples from a coefficient to the first tap of any dual.
    pub nearest: usize,
    /// Samples of coefficients that contribute to a control block's output.
    pub span: usize,
}

impl DensePlan {
    pub fn new(dense: Vec<usize>, bands: &[BandPlan]) -> Self {
        let taps = || dense.iter().map(|&k| &bands[k].synthesis[0].taps);
        let nearest = taps().map(|taps| taps.near).min().unwrap_or(0);
        let span = taps().map(|taps| taps.reach() - nearest + CONTROL_BLOCK).max().unwrap_or(0);
        Self { nearest, span, bands: dense }
    }

    /// Those of each vector of so many bands.
    pub fn vectors(&self, lanes: usize) -> impl Iterator<Item = &[usize]> {
        self.bands.chunk_by(move |a, b| a / lanes == b / lanes)
    }

    /// Control blocks to which a coefficient contributes.
    pub const fn steps(&self) -> usize {
        self.span.div_ceil(CONTROL_BLOCK)
    }
}
