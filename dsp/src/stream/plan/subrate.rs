//! Lower sample rates, at which bands of low frequencies hear and sound.
//!
//! A kernel that passes nothing above a fraction of the sample rate is told by every Mth of its taps:
//! h\[n\] = Σ_i h\[iM + s\] φ\[n − iM − s\], φ a low-pass that interpolates between them. What it hears is
//! therefore what these few taps hear of the sound that φ has low-passed, at every Mth sample; what
//! its dual sounds is what they sound at every Mth sample, with φ in between (Crochiere and Rabiner,
//! 1983: decimation and interpolation). All bands of a rate share the two low-passes.
//!
//! φ reaches to both sides of its middle, so the lower rate knows nothing of the newest samples and
//! cannot sound at once. The few taps there, an *edge*, stay at the full rate ([`decimate`](super::decimate)).

use super::lowpass::lowpass;
use crate::cast::{real, single};
use crate::stream::simd::{Aligned, MARGIN, aligned};

/// Samples of the full rate to one of a lower one, as powers of two.
const SHIFTS: [u32; 3] = [3, 2, 1];

/// A lower sample rate. Its samples fall on the multiples of its factor from the stream's start on.
pub(crate) struct SubRate {
    pub shift: u32,
    /// φ, padded to whole vectors; its middle is at `reach`.
    pub interpolator: Vec<f64>,
    /// The same in the precision audio streams in.
    pub lowpass: Aligned<f32>,
    /// The same within [`MARGIN`]s of silence.
    pub sounding: Aligned<f32>,
    /// Samples of the full rate from the middle of φ to where it is over, a multiple of the factor.
    pub reach: usize,
    /// Whether any band hears at this rate.
    pub heard: bool,
    /// The taps that bands at this rate are spared, per sample.
    pub spared: f64,
}

impl SubRate {
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
    #[inline(always)]
    pub const fn begun(&self, samples: usize) -> usize {
        (samples + self.factor() - 1) >> self.shift
    }

    /// The last sample of this rate that is no later than this one of the full rate.
    #[inline(always)]
    pub const fn last(&self, sample: usize) -> usize {
        sample >> self.shift
    }
}
