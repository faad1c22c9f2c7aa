//! What recursive filters tell in a batch.

use crate::stream::plan::{BandPlan, Deadline};
use crate::stream::timing::BATCH;

/// What a recursive filter has told in a batch so far, already scaled, yet to be turned back.
pub(crate) struct BatchAccumulator {
    pub re: Vec<f32>,
    pub im: Vec<f32>,
    /// The coefficients there are; those left out are silent.
    pub many: usize,
}

impl BatchAccumulator {
    /// Room for a batch's coefficients, where they are worked out by batches.
    pub fn new(band: &BandPlan) -> Self {
        let many = if band.deadline == Deadline::Batch { BATCH.div_ceil(band.stride) } else { 0 };
        Self { re: vec![0.0; many], im: vec![0.0; many], many: 0 }
    }

    pub const fn reset(&mut self) {
        self.many = 0;
    }

    /// The place of so many coefficients, the first the `nth` of the batch.
    #[inline(always)]
    pub fn next(&mut self, nth: usize, many: usize) -> (&mut [f32], &mut [f32]) {
        self.skip_to(nth);
        self.many = nth + many;
        (&mut self.re[nth..nth + many], &mut self.im[nth..nth + many])
    }

    #[inline(always)]
    pub fn skip_to(&mut self, nth: usize) {
        if self.many < nth {
            self.re[self.many..nth].fill(0.0);
            self.im[self.many..nth].fill(0.0);
            self.many = nth;
        }
    }
}
