//! The bank at constant gains as one filter.

use super::Bank;
use crate::cast::{real, single};
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

impl ImpulseResponse {
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
    #[must_use]
    pub fn collapse(&self, gains: &[f32]) -> Vec<f32> {
        let responses = self.impulse_responses();
        let mut sums = vec![0.0; responses.samples.max(self.latency_samples() + 1)];
        responses.add_change(gains, &mut sums);
        sums[self.latency_samples()] += 1.0;
        sums.into_iter().map(single).collect()
    }

    /// Computed once and kept with the bank.
    pub(crate) fn impulse_responses(&self) -> &Arc<ImpulseResponses> {
        self.impulse_responses.get_or_init(|| Arc::new(ImpulseResponses::new(self)))
    }
}
