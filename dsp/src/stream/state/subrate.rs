//! One channel at a lower rate.

use super::{ReverseTape, Tape};
use crate::stream::plan::Rate;
use crate::stream::simd::dot;
use crate::stream::timing::GRID;
use pulp::Simd;

/// One channel at a lower rate.
pub(crate) struct Lower {
    /// The past of the input, low-passed.
    pub heard: ReverseTape,
    /// The same in the order of time.
    in_order: Tape,
    /// Its samples.
    span: usize,
    /// The future of the output, and before it what still sounds.
    output: Tape,
    /// The samples that still sound.
    sounding: usize,
}

impl Lower {
    /// For kernels that hear `past` samples of the full rate, and duals that sound in `future` ones.
    pub fn new(rate: &Rate, past: usize, future: usize) -> Self {
        let span = |samples: usize| (samples + rate.span()) / rate.factor() + 2;
        let sounding = (rate.lowpass.len() + GRID) / rate.factor();
        Self {
            heard: ReverseTape::new(span(past)),
            in_order: Tape::new(span(past)),
            span: span(past),
            output: Tape::new(sounding + span(future)),
            sounding,
        }
    }

    /// The samples last heard, in the order of time.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn recent(&self, many: usize) -> &[f32] {
        &self.in_order.at(self.span - many)[..many]
    }

    /// Takes in samples that `newest_first` holds, the first of them so many after a point of the grid.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn hear<S: Simd>(
        &mut self,
        simd: S,
        rate: &Rate,
        newest_first: &[f32],
        (ahead, many): (usize, usize),
    ) {
        let (begun, end) = (rate.begun(ahead), rate.begun(ahead + many));
        if !rate.heard || begun == end {
            return;
        }
        let mut samples = [0.0; GRID];
        for (n, sample) in (begun..end).zip(&mut samples) {
            let after = ahead + many - 1 - (n << rate.shift);
            *sample = dot(simd, &newest_first[after..][..rate.lowpass.len()], &rate.lowpass);
        }
        self.heard.append(&samples[..end - begun]);
        self.in_order.append(&samples[..end - begun]);
    }

    /// The future of the output, from a sample on.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn future(&mut self, start: usize) -> &mut [f32] {
        self.output.at_mut(self.sounding + start)
    }

    /// What sounds from a point of the grid on, so many samples of the full rate ago.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn told(&self, rate: &Rate, ago: usize) -> &[f32] {
        self.output.at(self.sounding - rate.begun(ago) - (rate.lowpass.len() >> rate.shift))
    }

    /// Moves on by some samples of the full rate, the first so many after a point of the grid.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn pass(&mut self, rate: &Rate, ahead: usize, many: usize) {
        self.output.skip(rate.begun(ahead + many) - rate.begun(ahead));
    }

    pub fn reset(&mut self) {
        self.heard.reset();
        self.in_order.reset();
        self.output.reset();
    }
}
