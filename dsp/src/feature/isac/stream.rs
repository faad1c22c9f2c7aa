//! Coefficients of a sound as it comes.

use super::Encoder;
use crate::feature::finite_sample;
use crate::kernel::Kernel;
use num_complex::Complex;
use pulp::{Arch, Simd, WithSimd};

/// Kernels are padded with silence to two of the widest vectors.
const LANES: usize = 16;

/// Who takes a frame: its number, and one coefficient per band.
pub type TakeFrame<'a> = &'a mut dyn FnMut(usize, &[Complex<f64>]);

/// A kernel as it meets the past, oldest sample first.
#[derive(Clone, Debug)]
struct Taps {
    /// Samples from the newest one taken in back to the end of the frame.
    age: usize,
    re: Vec<f64>,
    im: Vec<f64>,
}

/// An encoder at work on a stream: the same coefficients as [`Encoder::circular`] gives away from both
/// ends, with silence before and after.
#[derive(Clone, Debug)]
pub struct Stream {
    taps: Vec<Taps>,
    stride: usize,
    lead: usize,
    /// Samples of the past that any kernel reaches.
    reach: usize,
    /// The past, from `first` on.
    history: Vec<f64>,
    /// The time of the first sample kept; the stream begins at `reach`, after silence.
    first: usize,
    samples: usize,
    frames: usize,
    column: Vec<Complex<f64>>,
    arch: Arch,
}

impl Stream {
    pub(super) fn new(encoder: &Encoder) -> Self {
        Self::of(encoder.kernels(), encoder.stride(), encoder.lead())
    }

    /// Of kernels at a stride, frame j ahead of sample j · stride by the lead.
    pub(in crate::feature) fn of(kernels: &[Kernel], stride: usize, lead: usize) -> Self {
        let taps: Vec<_> = kernels
            .iter()
            .map(|kernel| {
                let padding = kernel.taps.len().next_multiple_of(LANES) - kernel.taps.len();
                let part = |part: fn(&Complex<f64>) -> f64| {
                    let silence = std::iter::repeat_n(0.0, padding);
                    silence.chain(kernel.taps.iter().rev().map(part)).collect()
                };
                Taps { age: kernel.offset, re: part(|tap| tap.re), im: part(|tap| tap.im) }
            })
            .collect();
        let reach = taps.iter().map(|taps| taps.age + taps.re.len()).max().unwrap_or(0);
        Self {
            column: vec![Complex::new(0.0, 0.0); taps.len()],
            taps,
            stride,
            lead,
            reach,
            history: vec![0.0; reach],
            first: 0,
            samples: 0,
            frames: 0,
            arch: Arch::new(),
        }
    }

    /// Takes samples in (what is [no sound](finite_sample) as silence) and hands on the frames that they complete.
    pub fn push(&mut self, sound: &[f64], take: TakeFrame) {
        self.history.extend(sound.iter().copied().map(finite_sample));
        self.samples += sound.len();
        while self.newest(self.frames) < self.samples {
            self.hand_on(take);
        }
        self.forget();
    }

    /// Ends the stream with silence and hands on what is left: one frame for each stride begun. The
    /// stream then begins anew.
    pub fn finish(&mut self, take: TakeFrame) {
        let frames = self.samples.div_ceil(self.stride);
        let needed = frames.checked_sub(1).map_or(0, |last| self.newest(last) + 1);
        let missing = needed.saturating_sub(self.samples);
        self.history.extend(std::iter::repeat_n(0.0, missing));
        while self.frames < frames {
            self.hand_on(take);
        }
        self.history.clear();
        self.history.resize(self.reach, 0.0);
        (self.first, self.samples, self.frames) = (0, 0, 0);
    }

    /// The newest sample that a frame depends on.
    const fn newest(&self, frame: usize) -> usize {
        frame * self.stride + self.lead
    }

    fn hand_on(&mut self, take: TakeFrame) {
        // One past the newest sample, where it is kept.
        let end = self.newest(self.frames) + 1 + self.reach - self.first;
        let correlate =
            Correlate { taps: &self.taps, history: &self.history[..end], column: &mut self.column };
        self.arch.dispatch(correlate);
        take(self.frames, &self.column);
        self.frames += 1;
    }

    /// Lets go of what no further frame needs, once in a while.
    fn forget(&mut self) {
        // The next frame needs the `reach` samples that end with its newest.
        let begin = self.newest(self.frames) + 1 - self.first;
        if begin > 65_536 {
            let gone = begin.min(self.history.len());
            self.history.drain(..gone);
            self.first += gone;
        }
    }
}

/// The coefficients of one frame.
struct Correlate<'a> {
    taps: &'a [Taps],
    history: &'a [f64],
    column: &'a mut [Complex<f64>],
}

impl WithSimd for Correlate<'_> {
    type Output = ();

    #[inline(always)] // Compiled with the caller's vector instructions.
    fn with_simd<S: Simd>(self, simd: S) {
        for (taps, value) in self.taps.iter().zip(self.column) {
            let end = self.history.len() - taps.age;
            let sound = &self.history[end - taps.re.len()..end];
            let (sound, _) = S::as_simd_f64s(sound);
            let (re, _) = S::as_simd_f64s(&taps.re);
            let (im, _) = S::as_simd_f64s(&taps.im);
            let zero = simd.splat_f64s(0.0);
            // Two sums of each part, or every addition would wait for the one before.
            let mut sums = [zero; 4];
            for ((x, re), im) in
                sound.chunks_exact(2).zip(re.chunks_exact(2)).zip(im.chunks_exact(2))
            {
                sums[0] = simd.mul_add_e_f64s(x[0], re[0], sums[0]);
                sums[1] = simd.mul_add_e_f64s(x[0], im[0], sums[1]);
                sums[2] = simd.mul_add_e_f64s(x[1], re[1], sums[2]);
                sums[3] = simd.mul_add_e_f64s(x[1], im[1], sums[3]);
            }
            *value = Complex::new(
                simd.reduce_sum_f64s(simd.add_f64s(sums[0], sums[2])),
                simd.reduce_sum_f64s(simd.add_f64s(sums[1], sums[3])),
            );
        }
    }
}
