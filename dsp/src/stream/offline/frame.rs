//! A frame of the signal on its way through a filter's spectrum.

use crate::bank::{Bank, Phase};
use crate::cast::real;
use num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use std::sync::Arc;

/// A frame is at least so many times as long as the history in it, so that two thirds of its work or more are
/// for new samples.
const FRAME_PARTS: usize = 3;

/// A frame has at least so many samples: of shorter ones too many would be needed (`cargo xtask bench cost`, group
/// of whole sounds offline).
const FRAME_MIN: usize = 8192;

/// A frame has no more samples: its buffers then have some 8 MB.
const FRAME_MAX: usize = 1 << 18;

/// Transforms of frames, and what they are multiplied with.
pub(crate) struct Frame {
    /// Samples of a frame.
    pub samples: usize,
    /// Samples of history at its start.
    pub past_samples: usize,
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
    /// The spectrum of the filter, for transforms that are not normalised.
    filter: Vec<Complex<f64>>,
    frame: Vec<f64>,
    bins: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
}

impl Frame {
    /// None where the filter is too long for frames.
    pub fn new(bank: &Bank) -> Option<Self> {
        // The history of the delayed dry signal, too.
        let past_samples = match bank.spec().phase {
            Phase::OfBank => bank.impulse_responses().samples.max(bank.latency_samples()),
            Phase::Minimum => bank.minimum_phase_sizes().taps,
        };
        let samples = (FRAME_PARTS * past_samples).max(FRAME_MIN).next_power_of_two();
        if samples > FRAME_MAX {
            return None;
        }
        let mut planner = RealFftPlanner::new();
        let (forward, inverse) =
            (planner.plan_fft_forward(samples), planner.plan_fft_inverse(samples));
        let scratch = forward.get_scratch_len().max(inverse.get_scratch_len());
        Some(Self {
            samples,
            past_samples,
            filter: forward.make_output_vec(),
            frame: vec![0.0; samples],
            bins: forward.make_output_vec(),
            scratch: vec![Complex::ZERO; scratch],
            forward,
            inverse,
        })
    }

    /// Takes the change at these gains as filter.
    pub fn set_gains(&mut self, bank: &Bank, gains: &[f32]) {
        self.frame.fill(0.0);
        match bank.spec().phase {
            Phase::OfBank => bank.impulse_responses().add_change(gains, &mut self.frame),
            Phase::Minimum => {
                for (sample, tap) in self.frame.iter_mut().zip(bank.collapse(gains)) {
                    *sample = f64::from(tap);
                }
                self.frame[0] -= 1.0;
            }
        }
        let Self { forward, filter, frame, scratch, .. } = self;
        let done = forward.process_with_scratch(frame, filter, scratch);
        debug_assert!(done.is_ok(), "{done:?}");
        let scale = 1.0 / real(self.samples);
        self.filter.iter_mut().for_each(|bin| *bin *= scale);
    }

    /// The filter's output over the frame that begins with these samples. The history has to be among
    /// them.
    pub fn filter(&mut self, recent: &[f32]) -> &[f64] {
        let Self { forward, inverse, filter, frame, bins, scratch, .. } = self;
        let (start, padding) = frame.split_at_mut(recent.len());
        for (sample, recent) in start.iter_mut().zip(recent) {
            *sample = f64::from(*recent);
        }
        padding.fill(0.0);
        let done = forward.process_with_scratch(frame, bins, scratch);
        debug_assert!(done.is_ok(), "{done:?}");
        for (bin, factor) in bins.iter_mut().zip(&*filter) {
            *bin *= factor;
        }
        let done = inverse.process_with_scratch(bins, frame, scratch);
        debug_assert!(done.is_ok(), "{done:?}");
        frame
    }
}
