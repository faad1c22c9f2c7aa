//! The bank at constant gains as one filter.

use super::minimum_phase::MinimumPhase;
use super::{Bank, Phase};
use crate::cast::{count, real, single};
use crate::kernel::Kernel;
use num_complex::Complex;
use rustfft::FftPlanner;
use std::sync::Arc;

/// What each band does to an impulse, analysis and synthesis together, alias left aside: the mean of its
/// responses to impulses at all times.
pub(crate) struct ImpulseResponses {
    pub bands: Vec<ImpulseResponse>,
    /// Samples of the longest, from the impulse on.
    pub samples: usize,
}

/// How long a bank's filter with minimum phase is, and at how many points it is found.
pub(crate) struct MinimumPhaseSizes {
    pub taps: usize,
    /// While gains move.
    pub fast_points: usize,
    pub fine_points: usize,
}

/// When a band is taken to have rung out: the sum of the magnitudes of all bands' taps after that, at a change of 1.
const RINGING: f32 = 1e-4;

/// The longest filter with minimum phase.
const MINIMUM_PHASE_TAPS_MAX: usize = 1 << 16;

/// A real filter with its leading zeros left out.
pub(crate) struct ImpulseResponse {
    /// Samples before the first tap.
    pub offset: usize,
    pub taps: Vec<f32>,
}

impl ImpulseResponses {
    fn new(bank: &Bank) -> Self {
        let mut planner = FftPlanner::new();
        let bands: Vec<_> = (0..bank.bands())
            .map(|k| {
                let (kernel, dual) = (&bank.kernels[k], &bank.duals[k]);
                ImpulseResponse::new(kernel, dual, bank.strides[k], &mut planner)
            })
            .collect();
        let end = |band: &ImpulseResponse| band.offset + band.taps.len();
        Self { samples: bands.iter().map(end).max().unwrap_or(0), bands }
    }

    /// Adds Σ (g_k − 1) v_k at these gains, from the impulse on. Missing gains count as 1.
    pub fn add_change(&self, gains: &[f32], sums: &mut [f64]) {
        for (band, gain) in self.bands.iter().zip(gains) {
            let change = f64::from(*gain) - 1.0;
            for (sum, tap) in sums[band.offset..].iter_mut().zip(&band.taps) {
                *sum += change * f64::from(*tap);
            }
        }
    }
}

impl ImpulseResponses {
    /// Adds an impulse at the latency and the change to silence, in single precision.
    pub fn add_whole(&self, gains: &[f32], latency_samples: usize, sums: &mut [f32]) {
        let place = latency_samples % sums.len();
        sums[place] += 1.0;
        for (band, gain) in self.bands.iter().zip(gains) {
            band.add(gain - 1.0, sums);
        }
    }
}

impl ImpulseResponse {
    /// Adds it times a change, from the impulse on. What is longer than there is room for goes round: the spectrum
    /// at as many points is the same.
    pub fn add(&self, change: f32, sums: &mut [f32]) {
        let mut from = self.offset % sums.len();
        let mut taps = self.taps.as_slice();
        while !taps.is_empty() {
            let (now, later) = taps.split_at(taps.len().min(sums.len() - from));
            for (sum, tap) in sums[from..].iter_mut().zip(now) {
                *sum += change * tap;
            }
            (taps, from) = (later, 0);
        }
    }

    /// The real part of kernel and dual convolved, for coefficients so many samples apart.
    fn new(kernel: &Kernel, dual: &Kernel, stride: usize, planner: &mut FftPlanner<f64>) -> Self {
        let samples = kernel.taps.len() + dual.taps.len() - 1;
        let size = samples.next_power_of_two();
        let spectrum = |kernel: &Kernel, planner: &mut FftPlanner<f64>| {
            let mut taps = kernel.taps.clone();
            taps.resize(size, Complex::ZERO);
            planner.plan_fft_forward(size).process(&mut taps);
            taps
        };
        let mut product = spectrum(kernel, planner);
        for (bin, factor) in product.iter_mut().zip(spectrum(dual, planner)) {
            *bin *= factor;
        }
        planner.plan_fft_inverse(size).process(&mut product);
        let scale = 1.0 / (real(size) * real(stride));
        let taps = product[..samples].iter().map(|tap| single(tap.re * scale)).collect();
        Self { offset: kernel.offset + dual.offset, taps }
    }
}

impl Bank {
    /// The impulse response of the whole bank at these linear gains, delayed impulse and change together, so
    /// that a convolution with it is what an engine plays at rest: δ\[n − latency\] + Σ (g_k − 1) v_k\[n\]. Its
    /// spectrum is what [`responses`](Self::responses) sum up to. Missing gains count as 1. Takes
    /// milliseconds and allocates.
    ///
    /// With [minimum phase](Phase::Minimum) it begins at once, and its magnitude is within 0.01 dB of the other's
    /// wherever that is above −45 dB of its peak and above −75 dB, below which single precision shows.
    #[must_use]
    pub fn collapse(&self, gains: &[f32]) -> Vec<f32> {
        if self.spec.phase == Phase::Minimum {
            return self.collapse_to_minimum_phase(gains);
        }
        let latency = self.latency_samples();
        let responses = self.impulse_responses();
        let mut sums = vec![0.0; responses.samples.max(latency + 1)];
        responses.add_change(gains, &mut sums);
        sums[latency] += 1.0;
        sums.into_iter().map(single).collect()
    }

    /// As an engine does it.
    #[expect(clippy::float_cmp)] // Exactly flat is exactly the input.
    fn collapse_to_minimum_phase(&self, gains: &[f32]) -> Vec<f32> {
        let sizes = self.minimum_phase_sizes();
        if gains.iter().take(self.bands()).all(|gain| *gain == 1.0) {
            return std::iter::once(1.0).chain(vec![0.0; sizes.taps - 1]).collect();
        }
        let phase = MinimumPhase::new(sizes.fine_points);
        let mut work = phase.work();
        let latency = self.kernel_latency_samples();
        self.impulse_responses().add_whole(gains, latency, &mut work.samples);
        phase.do_all(&mut work);
        work.samples.truncate(sizes.taps);
        work.samples
    }

    pub(crate) fn minimum_phase_sizes(&self) -> MinimumPhaseSizes {
        let responses = self.impulse_responses();
        let latency = self.kernel_latency_samples();
        let mut tail = vec![0.0; responses.samples];
        for band in &responses.bands {
            for (sum, tap) in tail[band.offset..].iter_mut().zip(&band.taps) {
                *sum += tap.abs();
            }
        }
        let mut left = 0.0;
        let after = tail.iter().skip(latency).rev().take_while(|sum| {
            left += **sum;
            left < RINGING
        });
        let rings = responses.samples.saturating_sub(latency) - after.count();
        let scale = count((self.spec.sample_rate_hz / 48_000.0).ceil()).next_power_of_two();
        // Bands alone ring longer with minimum phase: up to three times as long where kernels are bounded, twice where
        // they decay (`tests/engine/minimum_phase.rs`).
        let ringing = if self.poles.is_empty() { 3 * rings } else { 2 * rings };
        let taps = ringing.next_power_of_two().clamp(1024, MINIMUM_PHASE_TAPS_MAX);
        MinimumPhaseSizes {
            taps,
            // Above 192 kHz no more: a core has to keep up.
            fast_points: 4096 * scale.min(4),
            fine_points: (32_768 * scale).max(8 * taps),
        }
    }

    /// Computed once and kept with the bank.
    pub(crate) fn impulse_responses(&self) -> &Arc<ImpulseResponses> {
        self.impulse_responses.get_or_init(|| Arc::new(ImpulseResponses::new(self)))
    }
}
