//! Banks of given kernels: trained ones, or another program's, with a dual learned for them.
//!
//! Nothing is known of such kernels but their taps and strides, so what a design would say is measured:
//! a band's centre is where its kernel's spectrum peaks.

mod error;
mod limits;
mod measure;
mod search;

pub use error::UserKernelError;

use super::analysis::Analysis;
use super::{BankSpec, FrameBounds, frame_bounds};
use crate::cast::real;
use crate::dual;
use crate::kernel::Kernel;
use crate::scale::Scale;
use measure::{Measured, measure};
use num_complex::Complex;
use std::f64::consts::SQRT_2;

/// Centres nearer to each other than this, in cycles per sample, are the same: of a drawn curve, they
/// could not be told apart.
const SAME_CYCLES: f64 = 1e-7;

/// Analysis kernels and strides from elsewhere, sorted by centre frequency.
#[derive(Clone, Debug, PartialEq)]
pub struct UserKernels {
    kernels: Vec<Kernel>,
    strides: Vec<usize>,
    measured: Vec<Measured>,
    latency_samples: usize,
    made_for_hz: Option<f64>,
    fingerprint: u64,
}

impl UserKernels {
    /// The least and the greatest magnitude of a kernel's greatest tap: beyond, powers are no numbers.
    pub const GREATEST_TAP: (f64, f64) = (1e-60, 1e60);

    /// Kernels, one row of taps from time 0 on per band, complex or real, and the samples between
    /// their coefficients: one stride per band, or one for all. Without a latency in samples, it is
    /// that of the longest kernel, with which every dual can be its kernel's mirror image.
    ///
    /// # Errors
    /// [`UserKernelError`] names what of the shapes and numbers is not possible.
    pub fn new(
        rows: Vec<Vec<Complex<f64>>>,
        strides: &[usize],
        latency_samples: Option<usize>,
    ) -> Result<Self, UserKernelError> {
        error::check(&rows, strides)?;
        limits::check(&rows, strides, latency_samples)?;
        let bands = rows.len();
        let stride = |k: usize| strides[if strides.len() == 1 { 0 } else { k }];
        let mut all: Vec<_> = rows
            .into_iter()
            .map(trimmed)
            .enumerate()
            .map(|(k, kernel)| (k, measure(&kernel), stride(k), kernel))
            .collect();
        all.sort_by(|a, b| a.1.centre_cycles.total_cmp(&b.1.centre_cycles));
        let same = |pair: &&[(usize, Measured, usize, Kernel)]| {
            pair[1].1.centre_cycles - pair[0].1.centre_cycles < SAME_CYCLES
        };
        if let Some(pair) = all.windows(2).find(same) {
            let bands = (pair[0].0.min(pair[1].0), pair[0].0.max(pair[1].0));
            return Err(UserKernelError::SameCentre { bands, cycles: pair[0].1.centre_cycles });
        }
        let longest = all.iter().map(|(.., kernel)| kernel.length()).max().unwrap_or(1);
        let mut given = Self {
            kernels: Vec::with_capacity(bands),
            strides: Vec::with_capacity(bands),
            measured: Vec::with_capacity(bands),
            latency_samples: latency_samples.unwrap_or(longest - 1),
            made_for_hz: None,
            fingerprint: 0,
        };
        for (_, measured, stride, kernel) in all {
            given.kernels.push(kernel);
            given.strides.push(stride);
            given.measured.push(measured);
        }
        let coefficients = given.coefficients_per_sample();
        if coefficients < 1.0 {
            return Err(UserKernelError::Sparse { coefficients });
        }
        given.fingerprint = given.computed_fingerprint();
        Ok(given)
    }

    /// The same kernels, to be played at this sample rate in hertz alone. Without one they are played at
    /// any, where their bands then lie in proportion.
    #[must_use]
    pub fn made_for(mut self, sample_rate_hz: f64) -> Self {
        self.made_for_hz = Some(sample_rate_hz);
        self.fingerprint = self.computed_fingerprint();
        self
    }

    /// The only sample rate at which they are played, in hertz.
    #[must_use]
    pub const fn made_for_hz(&self) -> Option<f64> {
        self.made_for_hz
    }

    /// The number of bands.
    #[must_use]
    pub fn bands(&self) -> usize {
        self.kernels.len()
    }

    /// The kernels as they were given, without silence at their ends, in rising order of their centres.
    #[must_use]
    pub fn kernels(&self) -> &[Kernel] {
        &self.kernels
    }

    /// Samples between coefficients, one per kernel.
    #[must_use]
    pub fn strides(&self) -> &[usize] {
        &self.strides
    }

    /// The delay of a bank of these kernels in samples.
    #[must_use]
    pub const fn latency_samples(&self) -> usize {
        self.latency_samples
    }

    /// Distinguishes these kernels, strides and latency from others; of 48 bits.
    #[must_use]
    pub const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// What the bank of these kernels has as its spec.
    #[must_use]
    pub fn spec(&self, scale: Scale, sample_rate_hz: f64) -> BankSpec {
        BankSpec::of_user_kernels(self.fingerprint, self.bands(), scale, sample_rate_hz)
    }

    /// The frame bounds of the kernels at the levels at which they were given, by the exact polyphase
    /// method as [`Bank::frame_bounds`](super::Bank::frame_bounds); `None` where that has none.
    #[must_use]
    pub fn frame_bounds(&self) -> Option<FrameBounds> {
        let longest = self.kernels.iter().map(Kernel::length).max().unwrap_or(1);
        let period = dual::period(self.strides.iter().copied());
        frame_bounds(&self.kernels, &self.strides, period, 2 * longest.max(period))
    }

    /// Real numbers per sample of sound that the coefficients hold.
    fn coefficients_per_sample(&self) -> f64 {
        let each = |(kernel, stride): (&Kernel, &usize)| {
            if kernel.is_real() { 1.0 / real(*stride) } else { 2.0 / real(*stride) }
        };
        self.kernels.iter().zip(&self.strides).map(each).sum()
    }

    /// The analysis side at a sample rate.
    pub(super) fn analysis(&self, sample_rate_hz: f64) -> Analysis {
        let last = self.bands() - 1;
        let levelled = |k: usize| {
            // An engine takes the first and the last band to be those of 0 Hz and Nyquist.
            let parts = if k == 0 || k == last { SQRT_2 } else { 2.0 };
            let level = 1.0 / (parts * self.measured[k].gain);
            let kernel = &self.kernels[k];
            let taps = kernel.taps.iter().map(|tap| tap * level).collect();
            Kernel { offset: kernel.offset, taps }
        };
        let measured = |value: fn(&Measured) -> f64| {
            self.measured.iter().map(|measured| value(measured) * sample_rate_hz).collect()
        };
        Analysis {
            latency_samples: self.latency_samples,
            centres_hz: measured(|measured| measured.centre_cycles),
            bandwidths_hz: measured(|measured| measured.bandwidth_cycles),
            strides: self.strides.clone(),
            real: vec![false; self.bands()],
            kernels: (0..=last).map(levelled).collect(),
            supports: self.supports(0.0),
            passbands: vec![None; self.bands()],
            poles: Vec::new(),
        }
    }

    /// FNV-1a over all numbers, folded.
    fn computed_fingerprint(&self) -> u64 {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        let mut add = |number: u64| {
            for byte in number.to_le_bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        };
        add(self.latency_samples as u64);
        add(self.made_for_hz.map_or(0, f64::to_bits));
        for (kernel, stride) in self.kernels.iter().zip(&self.strides) {
            add(*stride as u64);
            add(kernel.offset as u64);
            add(kernel.taps.len() as u64);
            for tap in &kernel.taps {
                add(tap.re.to_bits());
                add(tap.im.to_bits());
            }
        }
        (hash ^ (hash >> 48)) & 0xffff_ffff_ffff
    }
}

/// A kernel without the silence at its ends.
fn trimmed(mut taps: Vec<Complex<f64>>) -> Kernel {
    let sounds = |tap: &Complex<f64>| tap.norm_sqr() > 0.0;
    taps.truncate(taps.iter().rposition(sounds).map_or(0, |last| last + 1));
    let offset = taps.iter().position(sounds).unwrap_or(0);
    Kernel { offset, taps: taps.split_off(offset) }
}
