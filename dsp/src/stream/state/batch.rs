//! The coefficients of recursive filters in a batch.

use crate::stream::plan::{BandPlan, Deadline};
use crate::stream::timing::BATCH;

/// A recursive filter's coefficients in a batch so far, already scaled, yet at baseband.
pub(crate) struct BatchAccumulator {
    pub re: Vec<f32>,
    pub im: Vec<f32>,
    /// The coefficients there are; those skipped are 0.
    pub many: usize,
}

impl BatchAccumulator {
    /// For a batch's coefficients, where they are computed by batches; else empty.
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
