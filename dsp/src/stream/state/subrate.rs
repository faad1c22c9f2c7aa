//! One channel at a lower rate.

use super::{History, ReverseHistory};
use crate::stream::plan::SubRate;
use crate::stream::simd::dot;
use crate::stream::timing::CONTROL_BLOCK;
use pulp::Simd;

/// One channel at a lower rate.
pub(crate) struct SubRateState {
    /// The history of the input, low-passed, newest first.
    pub past_reversed: ReverseHistory,
    /// The same in the order of time.
    past: History,
    /// Its samples.
    span: usize,
}

/// The pending output of one channel at a lower rate.
pub(crate) struct SubRateOutput {
    /// The pending output, and before it what the interpolator still reaches.
    future: History,
    /// Samples that the interpolator still reaches.
    tail: usize,
}

/// Samples of a lower rate, with all that are begun, in so many of the full rate.
fn span(rate: &SubRate, samples: usize) -> usize {
    (samples + rate.span()) / rate.factor() + 2
}

impl SubRateState {
    /// For kernels that reach `past` samples of the full rate.
    pub fn new(rate: &SubRate, past: usize) -> Self {
        let span = span(rate, past);
        Self { past_reversed: ReverseHistory::new(span), past: History::new(span), span }
    }

    /// The latest samples, in the order of time.
    #[inline(always)]
    pub fn recent(&self, many: usize) -> &[f32] {
        &self.past.at(self.span - many)[..many]
    }

    /// Takes in samples that `newest_first` holds, the first of them so many after a control tick.
    #[inline(always)]
    pub fn push_input<S: Simd>(
        &mut self,
        simd: S,
        rate: &SubRate,
        newest_first: &[f32],
        (ahead, many): (usize, usize),
    ) {
        let (begun, end) = (rate.begun(ahead), rate.begun(ahead + many));
        if !rate.analysed || begun == end {
            return;
        }
        let mut samples = [0.0; CONTROL_BLOCK];
        for (n, sample) in (begun..end).zip(&mut samples) {
            let after = ahead + many - 1 - (n << rate.shift);
            *sample = dot(simd, &newest_first[after..][..rate.lowpass.len()], &rate.lowpass);
        }
        self.past_reversed.push(&samples[..end - begun]);
        self.past.push(&samples[..end - begun]);
    }

    pub fn reset(&mut self) {
        self.past_reversed.reset();
        self.past.reset();
    }
}

impl SubRateOutput {
    /// For duals that reach `future` samples of the full rate.
    pub fn new(rate: &SubRate, future: usize) -> Self {
        let tail = (rate.lowpass.len() + CONTROL_BLOCK) / rate.factor();
        Self { future: History::new(tail + span(rate, future)), tail }
    }

    /// The pending output, from a sample on.
    #[inline(always)]
    pub fn future(&mut self, start: usize) -> &mut [f32] {
        self.future.at_mut(self.tail + start)
    }

    /// What the interpolator reaches from a control tick on, so many samples of the full rate ago.
    #[inline(always)]
    pub fn pending(&self, rate: &SubRate, ago: usize) -> &[f32] {
        self.future.at(self.tail - rate.begun(ago) - (rate.lowpass.len() >> rate.shift))
    }

    /// Moves on by some samples of the full rate, the first so many after a control tick.
    #[inline(always)]
    pub fn advance(&mut self, rate: &SubRate, ahead: usize, many: usize) {
        self.future.push_silence(rate.begun(ahead + many) - rate.begun(ahead));
    }

    pub fn reset(&mut self) {
        self.future.reset();
    }
}
