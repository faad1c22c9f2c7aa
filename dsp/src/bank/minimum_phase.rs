//! The minimum-phase filter of a magnitude response, by its real cepstrum (Oppenheim, Schafer and Stockham, 1968, DOI
//! 10.1109/PROC.1968.6570).
//!
//! The cepstrum of a minimum-phase filter is causal, and its even part is that of the magnitude alone. So the causal
//! one is found by folding, and its spectrum has the phase as imaginary part.

use crate::cast::{count, real, single};
use num_complex::Complex32;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use std::ops::Range;
use std::sync::Arc;

/// Added to a magnitude, as power, in parts of its peak: where a response is 0 there is no minimum phase. At −45 dB of
/// the peak it is 0.0014 dB.
const FLOOR: f32 = 1e-4;

/// Bins that are done in one part.
const SLICE: usize = 1024;

/// How a magnitude at a number of points is given its minimum phase.
pub(crate) struct MinimumPhase {
    pub points: usize,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
}

/// What it takes in and gives back.
pub(crate) struct MinimumPhaseWork {
    /// A filter of any phase at first, and one of minimum phase at last.
    pub samples: Vec<f32>,
    /// The spectrum of the former, from 0 Hz to the Nyquist frequency.
    pub spectrum: Vec<Complex32>,
    magnitudes: Vec<f32>,
    /// The greatest squared magnitude.
    peak: f32,
    scratch: Vec<Complex32>,
}

/// What is done, in order.
#[derive(Clone, Copy)]
enum Step {
    Transform,
    Measure,
    Logarithm,
    Cepstrum,
    Fold,
    Phase,
    Filter,
}

impl Step {
    const ALL: [Self; 7] = [
        Self::Transform,
        Self::Measure,
        Self::Logarithm,
        Self::Cepstrum,
        Self::Fold,
        Self::Phase,
        Self::Filter,
    ];

    /// Whether it is done in slices.
    const fn is_sliced(self) -> bool {
        matches!(self, Self::Measure | Self::Logarithm | Self::Phase)
    }
}

impl MinimumPhase {
    /// For an even number of points.
    pub fn new(points: usize) -> Self {
        let mut planner = RealFftPlanner::new();
        let (forward, inverse) =
            (planner.plan_fft_forward(points), planner.plan_fft_inverse(points));
        Self { points, forward, inverse }
    }

    pub fn work(&self) -> MinimumPhaseWork {
        let bins = self.bins();
        let scratch = self.forward.get_scratch_len().max(self.inverse.get_scratch_len());
        MinimumPhaseWork {
            samples: vec![0.0; self.points],
            spectrum: vec![Complex32::ZERO; bins],
            magnitudes: vec![0.0; bins],
            peak: 0.0,
            scratch: vec![Complex32::ZERO; scratch],
        }
    }

    pub const fn bins(&self) -> usize {
        self.points / 2 + 1
    }

    const fn slices(&self) -> usize {
        self.bins().div_ceil(SLICE)
    }

    /// The parts of bounded work that it takes to go from a filter of any phase to that of minimum phase.
    pub fn parts(&self) -> usize {
        Step::ALL.iter().map(|step| if step.is_sliced() { self.slices() } else { 1 }).sum()
    }

    /// How many of the parts are left where the spectrum is given, not the filter.
    pub fn parts_from_spectrum(&self) -> usize {
        self.parts() - 1
    }

    /// Does one of [`Self::parts`].
    pub fn do_part(&self, work: &mut MinimumPhaseWork, mut part: usize) {
        for step in Step::ALL {
            let parts = if step.is_sliced() { self.slices() } else { 1 };
            if part < parts {
                let start = part * SLICE;
                self.step(work, step, start..self.bins().min(start + SLICE));
                return;
            }
            part -= parts;
        }
    }

    /// Does all of them.
    pub fn do_all(&self, work: &mut MinimumPhaseWork) {
        (0..self.parts()).for_each(|part| self.do_part(work, part));
    }

    /// The response of the filter of minimum phase at these bins, and between them.
    pub fn responses(&self, work: &mut MinimumPhaseWork, bins: &[f64]) -> Vec<Complex32> {
        (0..self.parts() - 1).for_each(|part| self.do_part(work, part));
        let scale = single(real(self.points));
        let at = |bin: &f64| {
            let low = count(bin.floor()).min(self.bins() - 2);
            let part = single(bin - real(low));
            let (low, high) = (work.spectrum[low], work.spectrum[low + 1]);
            (low + (high - low) * part) * scale
        };
        bins.iter().map(at).collect()
    }

    fn step(&self, work: &mut MinimumPhaseWork, step: Step, slice: Range<usize>) {
        let MinimumPhaseWork { samples, spectrum, magnitudes, peak, scratch } = work;
        let done = match step {
            Step::Transform => self.forward.process_with_scratch(samples, spectrum, scratch),
            Step::Measure => {
                if slice.start == 0 {
                    *peak = 0.0;
                }
                for (square, bin) in magnitudes[slice.clone()].iter_mut().zip(&spectrum[slice]) {
                    *square = bin.norm_sqr();
                    *peak = peak.max(*square);
                }
                Ok(())
            }
            Step::Logarithm => {
                // Of all gains off nothing may be left.
                let floor = (*peak * FLOOR * FLOOR).max(f32::MIN_POSITIVE);
                for (square, bin) in magnitudes[slice.clone()].iter_mut().zip(&mut spectrum[slice])
                {
                    let power = *square + floor;
                    *square = power.sqrt();
                    *bin = Complex32::new(0.5 * power.ln(), 0.0);
                }
                Ok(())
            }
            Step::Cepstrum => self.inverse.process_with_scratch(spectrum, samples, scratch),
            Step::Fold => {
                let half = self.points / 2;
                let scale = single(1.0 / real(self.points));
                samples[0] *= scale;
                samples[half] *= scale;
                samples[1..half].iter_mut().for_each(|sample| *sample *= 2.0 * scale);
                samples[half + 1..].fill(0.0);
                self.forward.process_with_scratch(samples, spectrum, scratch)
            }
            Step::Phase => {
                let scale = single(1.0 / real(self.points));
                for (magnitude, bin) in
                    magnitudes[slice.clone()].iter().zip(&mut spectrum[slice.clone()])
                {
                    *bin = Complex32::from_polar(scale * magnitude, bin.im);
                }
                if slice.start == 0 {
                    spectrum[0].im = 0.0;
                }
                if slice.end == self.bins() {
                    spectrum[self.bins() - 1].im = 0.0;
                }
                Ok(())
            }
            Step::Filter => self.inverse.process_with_scratch(spectrum, samples, scratch),
        };
        debug_assert!(done.is_ok(), "{done:?}");
    }
}
