//! The gains of the bands in the last batch, as bands are scaled with them.

use crate::cast::{real, single};
use crate::stream::timing::{BATCH_BLOCKS, CONTROL_BLOCK};

/// The gains of the bands in straight lines, from a control tick to the next, in all control blocks of a batch.
#[derive(Clone)]
pub(crate) struct GainSegments {
    /// The gains that are played as one filter (`held`), from which changes are counted: at first unity.
    pub base: Vec<f32>,
    /// Since the last control tick.
    pub segment: GainSegment,
    /// In the control blocks before, the latest first; as `segment` for bands that stand still.
    past: [GainSegment; BATCH_BLOCKS - 1],
    /// Whether no band has moved in the batch that ends with this control block.
    pub stand_still: bool,
}

/// Gains along a straight line, from a control tick to the next.
#[derive(Clone)]
pub(crate) struct GainSegment {
    /// At the first of the two.
    pub now: Vec<f32>,
    /// Change per sample.
    pub slope: Vec<f32>,
}

impl GainSegment {
    /// Band `k`'s gain less its base, so many samples after the first point.
    #[inline(always)]
    fn change(&self, base: &[f32], k: usize, ahead: usize) -> f32 {
        self.now[k] - base[k] + self.slope[k] * AHEAD[ahead]
    }

    #[expect(clippy::float_cmp)] // An exact base is what costs nothing.
    #[inline(always)]
    fn is_at_base(&self, base: &[f32], k: usize) -> bool {
        self.now[k] == base[k] && self.slope[k] == 0.0
    }

    fn copy_from(&mut self, other: &Self) {
        self.now.copy_from_slice(&other.now);
        self.slope.copy_from_slice(&other.slope);
    }
}

/// The numbers of samples from a control tick to the next.
pub(crate) const AHEAD: [f32; CONTROL_BLOCK] = {
    let mut ahead = [0.0; CONTROL_BLOCK];
    let mut n = 1;
    while n < CONTROL_BLOCK {
        ahead[n] = ahead[n - 1] + 1.0;
        n += 1;
    }
    ahead
};

/// Samples of a control block.
pub(crate) const STEP: f32 = single(real(CONTROL_BLOCK));

impl GainSegments {
    /// At unity.
    pub fn new(bands: usize) -> Self {
        let unity = vec![1.0; bands];
        let segment = GainSegment { now: unity.clone(), slope: vec![0.0; bands] };
        Self {
            base: unity,
            past: std::array::from_fn(|_| segment.clone()),
            segment,
            stand_still: true,
        }
    }

    /// Takes all but the base from others.
    pub fn copy_from(&mut self, other: &Self) {
        self.segment.copy_from(&other.segment);
        for (past, other) in self.past.iter_mut().zip(&other.past) {
            past.copy_from(other);
        }
    }

    /// As if gains had always been what they are.
    pub fn forget_past(&mut self) {
        self.past.iter_mut().for_each(|past| past.copy_from(&self.segment));
    }

    /// At the end of a control block: the segment is the latest of the past.
    pub fn end_segment(&mut self) {
        self.past.rotate_right(1);
        self.past[0].copy_from(&self.segment);
    }

    /// Those of this control block, or of so many before it.
    #[inline(always)]
    pub const fn ago(&self, blocks: usize) -> &GainSegment {
        if blocks == 0 { &self.segment } else { &self.past[blocks - 1] }
    }

    /// [`Self::ago`], to be changed.
    #[inline(always)]
    pub const fn ago_mut(&mut self, blocks: usize) -> &mut GainSegment {
        if blocks == 0 { &mut self.segment } else { &mut self.past[blocks - 1] }
    }

    /// Band `k`'s gain less its base, so many samples after the last control tick.
    #[inline(always)]
    pub fn change(&self, k: usize, ahead: usize) -> f32 {
        self.segment.change(&self.base, k, ahead)
    }

    /// The gains less their base of some neighbours, from band `first` on, at the last control tick, and their
    /// change per sample; unchanged for bands that there are not.
    #[inline(always)]
    pub fn segment(&self, first: usize, (changes, slopes): (&mut [f64], &mut [f64])) {
        let line = self.segment.now[first..].iter().zip(&self.base[first..]);
        let line = line.zip(&self.segment.slope[first..]);
        for ((change, slope), ((now, base), step)) in changes.iter_mut().zip(slopes).zip(line) {
            (*change, *slope) = (f64::from(now - base), f64::from(*step));
        }
    }

    /// Whether band `k` is at its base until the next control tick.
    #[inline(always)]
    pub fn is_at_base(&self, k: usize) -> bool {
        self.segment.is_at_base(&self.base, k)
    }

    /// Whether band `k` has been at its base all through the batch that ends with this control block.
    #[inline(always)]
    pub fn at_base_in_batch(&self, k: usize) -> bool {
        let past = || self.past.iter().all(|line| line.is_at_base(&self.base, k));
        self.is_at_base(k) && (self.stand_still || past())
    }

    /// [`Self::change`] at several times in this control block, the first so many samples after the last control
    /// tick and the others by strides.
    #[inline(always)]
    pub fn changes_now(&self, k: usize, (wait, stride): (usize, usize), changes: &mut [f32]) {
        if self.segment.slope[k] == 0.0 {
            changes.fill(self.change(k, 0));
            return;
        }
        for (f, change) in changes.iter_mut().enumerate() {
            *change = self.change(k, wait + f * stride);
        }
    }

    /// The same at times in the batch that ends with this control block, counted from its start.
    #[inline(always)]
    pub fn changes(&self, k: usize, (wait, stride): (usize, usize), changes: &mut [f32]) {
        if self.stand_still {
            changes.fill(self.change(k, 0));
            return;
        }
        for (f, change) in changes.iter_mut().enumerate() {
            let ahead = wait + f * stride;
            let line = self.ago(BATCH_BLOCKS - 1 - ahead / CONTROL_BLOCK);
            *change = line.change(&self.base, k, ahead % CONTROL_BLOCK);
        }
    }
}
