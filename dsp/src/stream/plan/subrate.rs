//! Lower sample rates, at which bands of low frequencies are analysed and synthesised.
//!
//! A kernel that passes nothing above a fraction of the sample rate is represented by every Mth of its taps:
//! h\[n\] = Σ_i h\[iM + s\] φ\[n − iM − s\], φ a low-pass that interpolates between them. Its coefficients
//! are therefore the correlation of these few taps with the input that φ has low-passed, at every Mth sample;
//! the output of its dual is that of its few taps at every Mth sample, interpolated by φ (decimation and
//! interpolation: Crochiere and Rabiner, 1981, DOI 10.1109/PROC.1981.11969). All bands of a rate share the two
//! low-passes.
//!
//! φ reaches to both sides of its middle, so the lower rate lacks the newest samples and cannot contribute to
//! the very next ones. The few taps there, an *edge*, stay at the full rate ([`decimate`](super::decimate)).

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
    /// The same between [`MARGIN`]s of zeros.
    pub padded_lowpass: Aligned<f32>,
    /// Samples of the full rate from the middle of φ to where it is over, a multiple of the factor.
    pub reach: usize,
    /// Whether any band is analysed at this rate.
    pub analysed: bool,
    /// The taps that bands save at this rate, per sample.
    pub saved_taps: f64,
}

impl SubRate {
    /// All there are, the lowest first.
    pub fn all() -> Vec<Self> {
        SHIFTS.into_iter().map(Self::new).collect()
    }

    fn new(shift: u32) -> Self {
        // Whole vectors: 24, 40 and 72 samples, at which `lowpass` is 1e-6 off in pass and stop band (its tests).
        // A longer φ has a narrower transition band but costs more for all bands of the rate.
        let reach = 8 * ((1 << shift) + 1);
        let interpolator = lowpass(1 << shift, reach);
        let lowpass: Vec<f32> = interpolator.iter().copied().map(single).collect();
        let zeros = [0.0; MARGIN];
        let padded_lowpass = aligned(&[&zeros, &lowpass[..], &zeros].concat());
        let lowpass = aligned(&lowpass);
        Self {
            shift,
            interpolator,
            lowpass,
            padded_lowpass,
            reach,
            analysed: false,
            saved_taps: 0.0,
        }
    }

    /// Nothing is at this rate yet.
    pub const fn reset(&mut self) {
        self.analysed = false;
        self.saved_taps = 0.0;
    }

    /// Whether bands save more than twice the work of low-passing and interpolating.
    pub fn pays_off(&self) -> bool {
        self.saved_taps > real(2 * self.lowpass.len()) / real(self.factor())
    }

    /// Those for one sample of this rate: low-passing, where bands are analysed at it, and interpolating.
    pub fn multiply_adds(&self) -> f64 {
        real(self.lowpass.len() * if self.analysed { 2 } else { 1 })
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
