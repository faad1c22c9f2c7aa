//! Lower sample rates, at which bands of low frequencies hear and sound.
//!
//! A kernel that passes nothing above a fraction of the sample rate is told by every Mth of its taps:
//! h\[n\] = Σ_i h\[iM + s\] φ\[n − iM − s\], φ a low-pass that interpolates between them. What it hears is
//! therefore what these few taps hear of the sound that φ has low-passed, at every Mth sample; what
//! its dual sounds is what they sound at every Mth sample, with φ in between (Crochiere and Rabiner,
//! 1983: decimation and interpolation). All bands of a rate share the two low-passes.
//!
//! φ reaches to both sides of its middle, so the lower rate knows nothing of the newest samples and
//! cannot sound at once. The few taps there, an *edge*, stay at the full rate ([`thinned`]).

mod lowpass;
mod thinned;

pub(super) use thinned::{Thinned, thin};

use super::GRID;
use super::tape::{ReverseTape, Tape};
use super::vector::{Aligned, LANES, MARGIN, Source, aligned, dot, gather};
use crate::cast::{real, single};
use lowpass::lowpass;
use pulp::Simd;

/// Samples of the full rate to one of a lower one, as powers of two.
const SHIFTS: [u32; 3] = [3, 2, 1];

/// A lower sample rate. Its samples fall on the multiples of its factor from the stream's start on.
pub(super) struct Rate {
    shift: u32,
    /// φ, padded to whole vectors; its middle is at `reach`.
    interpolator: Vec<f64>,
    /// The same in the precision audio streams in.
    lowpass: Aligned<f32>,
    /// The same within [`MARGIN`]s of silence.
    sounding: Aligned<f32>,
    /// Samples of the full rate from the middle of φ to where it is over, a multiple of the factor.
    reach: usize,
    /// Whether any band hears at this rate.
    pub heard: bool,
    /// The taps that bands at this rate are spared, per sample.
    pub spared: f64,
}

impl Rate {
    /// All there are, the lowest first.
    pub fn all() -> Vec<Self> {
        SHIFTS.into_iter().map(Self::new).collect()
    }

    fn new(shift: u32) -> Self {
        // About as steep as the work for it is worth at each rate, and whole vectors.
        let reach = 8 * ((1 << shift) + 1);
        let interpolator = lowpass(1 << shift, reach);
        let lowpass: Vec<f32> = interpolator.iter().copied().map(single).collect();
        let silence = [0.0; MARGIN];
        let sounding = aligned(&[&silence, &lowpass[..], &silence].concat());
        let lowpass = aligned(&lowpass);
        Self { shift, interpolator, lowpass, sounding, reach, heard: false, spared: 0.0 }
    }

    /// Nothing is at this rate yet.
    pub const fn reset(&mut self) {
        self.heard = false;
        self.spared = 0.0;
    }

    /// Whether bands are spared more than twice the work of low-passing and interpolating.
    pub fn pays(&self) -> bool {
        self.spared > real(2 * self.lowpass.len()) / real(self.factor())
    }

    /// Those for one sample of this rate: low-passing, where that is heard, and interpolating.
    pub fn multiply_adds(&self) -> f64 {
        real(self.lowpass.len() * if self.heard { 2 } else { 1 })
    }

    /// Samples of the full rate to one of this.
    pub const fn factor(&self) -> usize {
        1 << self.shift
    }

    /// The factor as a power of two.
    pub const fn shift(&self) -> u32 {
        self.shift
    }

    /// Samples of the full rate that φ reaches from end to end.
    pub const fn span(&self) -> usize {
        2 * self.reach
    }

    /// The samples of this rate from the stream's start to before so many of the full rate.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub const fn begun(&self, samples: usize) -> usize {
        (samples + self.factor() - 1) >> self.shift
    }

    /// The last sample of this rate that is no later than this one of the full rate.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub const fn last(&self, sample: usize) -> usize {
        sample >> self.shift
    }
}

/// Adds what sounds at a lower rate to what each channel tells from the last point of the grid to the next,
/// so many samples of which have been told: right as far as what sounds is there.
#[inline(always)] // Compiled with the caller's vector instructions.
pub(super) fn interpolate<S: Simd, const C: usize>(
    simd: S,
    rate: &Rate,
    lower: [&Lower; C],
    told: usize,
    sums: &mut [[f32; GRID]; C],
) {
    let mut source = Source { taps: &rate.sounding, values: [&[]; C] };
    let mut outputs = [(); C].map(|()| Default::default());
    let begin = told / LANES * LANES;
    for (c, (output, sum)) in outputs.iter_mut().zip(sums).enumerate() {
        source.values[c] = &lower[c].told(rate, told)[begin >> rate.shift..];
        *output = &mut sum[begin..];
    }
    gather(simd, &[source], (rate.factor(), 1), outputs);
}

/// One channel at a lower rate.
pub(super) struct Lower {
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
    fn told(&self, rate: &Rate, ago: usize) -> &[f32] {
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
