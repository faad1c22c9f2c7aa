//! A stretch of signal that moves on: contiguous in memory, without a copy per block.

use crate::stream::simd::MARGIN;

/// Samples that a history may move on before it is copied back to the start: at 21 ms it then copies some two
/// samples for each, which is little beside the multiply-adds.
const SLACK: usize = 1024;

/// `span` samples in the order of time, always contiguous: the history of an input or a pending output.
pub(crate) struct History {
    /// The span moves through it; after it, padding for kernels of whole vectors.
    samples: Vec<f32>,
    span: usize,
    start: usize,
    /// Where the next sample goes while the samples are a ring, margin aside, that nobody reads.
    ring: Option<usize>,
}

impl History {
    pub fn new(span: usize) -> Self {
        Self { samples: vec![0.0; span + SLACK + MARGIN], span, start: 0, ring: None }
    }

    /// From the `nth` oldest of the span on, and past it at least [`MARGIN`] finite samples.
    #[inline(always)]
    pub fn at(&self, nth: usize) -> &[f32] {
        &self.samples[self.start + nth..]
    }

    /// [`Self::at`], to be added to. Past the span nothing is kept.
    #[inline(always)]
    pub fn at_mut(&mut self, nth: usize) -> &mut [f32] {
        &mut self.samples[self.start + nth..]
    }

    /// Moves on by a few samples, dropping as many of the oldest.
    #[inline(always)]
    pub fn push(&mut self, newest: &[f32]) {
        self.advance(newest.len()).copy_from_slice(newest);
    }

    /// [`Self::push`] without ever copying more than that: nothing can be read until it is [unrolled](Self::unroll).
    pub fn push_unread(&mut self, newest: &[f32]) {
        let ring = &mut self.samples[..self.span + SLACK];
        let next = self.ring.unwrap_or(self.start + self.span);
        let (now, wrapped) = newest.split_at(newest.len().min(ring.len() - next));
        ring[next..next + now.len()].copy_from_slice(now);
        ring[..wrapped.len()].copy_from_slice(wrapped);
        self.ring = Some(if wrapped.is_empty() { next + now.len() } else { wrapped.len() });
    }

    /// Makes readable what was taken in unread.
    pub fn unroll(&mut self) {
        if let Some(next) = self.ring.take() {
            self.samples[..self.span + SLACK].rotate_left(next);
            self.start = SLACK;
        }
    }

    /// Moves on by a few silent samples; those dropped are added to `sum`.
    #[inline(always)]
    pub fn pop_into(&mut self, sum: &mut [f32]) {
        for (sum, oldest) in sum.iter_mut().zip(self.at(0)) {
            *sum += oldest;
        }
        self.push_silence(sum.len());
    }

    /// Moves on by a few silent samples, dropping as many of the oldest.
    #[inline(always)]
    pub fn push_silence(&mut self, samples: usize) {
        self.advance(samples).fill(0.0);
    }

    /// The place of the newest samples after moving on.
    #[inline(always)]
    pub fn advance(&mut self, samples: usize) -> &mut [f32] {
        if self.start + samples > SLACK {
            self.samples.copy_within(self.start..self.start + self.span, 0);
            self.start = 0;
        }
        self.start += samples;
        let end = self.start + self.span;
        &mut self.samples[end - samples..end]
    }

    pub fn reset(&mut self) {
        self.samples.fill(0.0);
        self.start = 0;
        self.ring = None;
    }
}

/// A [`History`] in the reverse order of time: the newest sample comes first.
pub(crate) struct ReverseHistory {
    samples: Vec<f32>,
    span: usize,
    start: usize,
}

impl ReverseHistory {
    pub fn new(span: usize) -> Self {
        Self { samples: vec![0.0; span + SLACK + MARGIN], span, start: SLACK }
    }

    /// From the `nth` newest of the span on, and past it at least [`MARGIN`] finite samples.
    #[inline(always)]
    pub fn at(&self, nth: usize) -> &[f32] {
        &self.samples[self.start + nth..]
    }

    /// [`Self::at`], to be added to. Past the span nothing is kept.
    #[inline(always)]
    pub fn at_mut(&mut self, nth: usize) -> &mut [f32] {
        &mut self.samples[self.start + nth..]
    }

    /// Moves on by a few samples, given in the order of time, dropping as many of the oldest.
    #[inline(always)]
    pub fn push(&mut self, newest: &[f32]) {
        for (to, from) in self.advance(newest.len()).iter_mut().rev().zip(newest) {
            *to = *from;
        }
    }

    /// The same with up to as many samples as there is room for.
    pub fn push_many(&mut self, newest: &[f32]) {
        newest.chunks(SLACK).for_each(|newest| self.push(newest));
    }

    /// Moves on by a few silent samples; those dropped are added to `sum`, in the order of time.
    #[inline(always)]
    pub fn pop_into(&mut self, sum: &mut [f32]) {
        let oldest = &self.at(0)[..self.span];
        for (sum, oldest) in sum.iter_mut().zip(oldest.iter().rev()) {
            *sum += oldest;
        }
        self.advance(sum.len()).fill(0.0);
    }

    /// The place of the newest samples after moving on.
    #[inline(always)]
    fn advance(&mut self, samples: usize) -> &mut [f32] {
        if self.start < samples {
            self.samples.copy_within(self.start..self.start + self.span, SLACK);
            self.start = SLACK;
        }
        self.start -= samples;
        &mut self.samples[self.start..self.start + samples]
    }

    pub fn reset(&mut self) {
        self.samples.fill(0.0);
        self.start = SLACK;
    }
}

#[cfg(test)]
mod tests {
    use super::{History, MARGIN, ReverseHistory, SLACK};
    use crate::cast::{real, single};

    #[test]
    fn both_keep_the_newest_across_rewinding() {
        let (mut history, mut reverse) = (History::new(3), ReverseHistory::new(3));
        let last = 4 * SLACK + 1;
        for n in (0..=last).step_by(2) {
            let newest = [n, n + 1].map(|n| single(real(n)));
            history.push(&newest);
            reverse.push(&newest);
        }
        let newest = [0, 1, 2].map(|ago| single(real(last - ago)));
        let mut late = ReverseHistory::new(3);
        let all: Vec<_> = (0..=last).map(|n| single(real(n))).collect();
        late.push_many(&all);
        assert_eq!(late.at(0)[..3], reverse.at(0)[..3]);
        assert_eq!(reverse.at(0)[..3], newest);
        assert_eq!(history.at(0)[..3], [newest[2], newest[1], newest[0]]);
        assert!(history.at(3).len() >= MARGIN && reverse.at(3).len() >= MARGIN);
    }

    #[test]
    fn what_is_taken_in_unread_is_there_once_it_is_unrolled() {
        for span in [3, SLACK + 70] {
            let (mut read, mut unread) = (History::new(span), History::new(span));
            let mut sound = (0_usize..).map(|n| single(real(n)));
            for many in (1..60).chain([SLACK, 1, 5 * 31]) {
                for _ in 0..many % 17 {
                    let newest: Vec<_> = sound.by_ref().take(many.min(SLACK)).collect();
                    read.push(&newest);
                    // Read in between, and not.
                    if many.is_multiple_of(5) {
                        unread.unroll();
                        unread.push(&newest);
                    } else {
                        unread.push_unread(&newest);
                    }
                }
                if many.is_multiple_of(3) {
                    unread.unroll();
                    assert_eq!(unread.at(0)[..span], read.at(0)[..span], "{span}, {many}");
                    assert!(unread.at(span).len() >= MARGIN);
                }
            }
        }
    }

    #[test]
    fn what_is_added_comes_out_in_time_across_rewinding() {
        let (mut history, mut reverse) = (History::new(5), ReverseHistory::new(5));
        let mut popped = Vec::new();
        for n in 0..=SLACK {
            // Two samples ahead of the first that comes out next.
            history.at_mut(2)[0] += single(real(n));
            reverse.at_mut(2)[0] += single(real(n));
            let mut block = [0.0; 2];
            history.pop_into(&mut block);
            reverse.pop_into(&mut block);
            popped.extend(block);
        }
        assert_eq!(popped[..2], [0.0, 0.0]);
        for (n, block) in popped[2..].chunks_exact(2).enumerate() {
            assert_eq!(block, [2.0 * single(real(n)), 0.0]);
        }
    }
}
