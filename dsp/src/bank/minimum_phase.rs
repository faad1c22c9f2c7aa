//! The minimum-phase filter of a magnitude response, by its real cepstrum (Oppenheim, Schafer and Stockham, 1968, DOI
//! 10.1109/PROC.1968.6570).
//!
//! The cepstrum of a minimum-phase filter is causal, and its even part is that of the magnitude alone. So the causal
//! one is found by folding, and its spectrum has the phase as imaginary part.

use super::sliced_transform::{SLICE, SlicedTransform, TransformWork};
use crate::cast::{count, real, single};
use num_complex::Complex32;

/// Added to a magnitude, as power, in parts of its peak: where a response is 0 there is no minimum phase. At −45 dB of
/// the peak it is 0.0014 dB.
const FLOOR: f32 = 1e-4;

/// How a magnitude at a number of points is given its minimum phase.
pub(crate) struct MinimumPhase {
    pub points: usize,
    transform: SlicedTransform,
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
    transform: TransformWork,
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
}

impl MinimumPhase {
    /// For a number of points that is a power of two.
    pub fn new(points: usize) -> Self {
        Self { points, transform: SlicedTransform::new(points) }
    }

    pub fn work(&self) -> MinimumPhaseWork {
        let bins = self.bins();
        MinimumPhaseWork {
            samples: vec![0.0; self.points],
            spectrum: vec![Complex32::ZERO; bins],
            magnitudes: vec![0.0; bins],
            peak: 0.0,
            transform: self.transform.work(),
        }
    }

    pub const fn bins(&self) -> usize {
        self.points / 2 + 1
    }

    /// The parts of a step.
    const fn parts_of(&self, step: Step) -> usize {
        match step {
            Step::Transform | Step::Cepstrum | Step::Fold | Step::Filter => self.transform.parts(),
            Step::Measure | Step::Logarithm | Step::Phase => self.bins().div_ceil(SLICE),
        }
    }

    /// The parts of bounded work that it takes to go from a filter of any phase to that of minimum phase.
    pub fn parts(&self) -> usize {
        Step::ALL.iter().map(|step| self.parts_of(*step)).sum()
    }

    /// How many of the parts are left where the spectrum is given, not the filter.
    pub fn parts_from_spectrum(&self) -> usize {
        self.parts() - self.parts_of(Step::Transform)
    }

    /// Does one of [`Self::parts`].
    pub fn do_part(&self, work: &mut MinimumPhaseWork, mut part: usize) {
        for step in Step::ALL {
            let parts = self.parts_of(step);
            if part < parts {
                self.step(work, step, part);
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
        let parts = self.parts() - self.parts_of(Step::Filter);
        (0..parts).for_each(|part| self.do_part(work, part));
        let scale = single(real(self.points));
        let at = |bin: &f64| {
            let low = count(bin.floor()).min(self.bins() - 2);
            let part = single(bin - real(low));
            let (low, high) = (work.spectrum[low], work.spectrum[low + 1]);
            (low + (high - low) * part) * scale
        };
        bins.iter().map(at).collect()
    }

    fn step(&self, work: &mut MinimumPhaseWork, step: Step, part: usize) {
        let slice = part * SLICE..self.bins().min((part + 1) * SLICE);
        let MinimumPhaseWork { samples, spectrum, magnitudes, peak, transform } = work;
        match step {
            Step::Transform => self.transform.forward_part(part, samples, spectrum, transform),
            Step::Measure => {
                if part == 0 {
                    *peak = 0.0;
                }
                for (square, bin) in magnitudes[slice.clone()].iter_mut().zip(&spectrum[slice]) {
                    *square = bin.norm_sqr();
                    *peak = peak.max(*square);
                }
            }
            Step::Logarithm => {
                // With all gains off nothing may be left, and a logarithm is needed still.
                let floor = (*peak * FLOOR * FLOOR).max(f32::MIN_POSITIVE);
                for (square, bin) in magnitudes[slice.clone()].iter_mut().zip(&mut spectrum[slice])
                {
                    let power = *square + floor;
                    *square = power.sqrt();
                    *bin = Complex32::new(0.5 * power.ln(), 0.0);
                }
            }
            Step::Cepstrum | Step::Filter => {
                self.transform.inverse_part(part, spectrum, samples, transform);
            }
            Step::Fold => {
                if part == 0 {
                    self.fold(samples);
                }
                self.transform.forward_part(part, samples, spectrum, transform);
            }
            Step::Phase => {
                let scale = single(1.0 / real(self.points));
                for (magnitude, bin) in
                    magnitudes[slice.clone()].iter().zip(&mut spectrum[slice.clone()])
                {
                    *bin = Complex32::from_polar(scale * magnitude, bin.im);
                }
            }
        }
    }

    /// Makes a cepstrum causal, and takes the factor of the transforms from it.
    fn fold(&self, samples: &mut [f32]) {
        let half = self.points / 2;
        let scale = single(1.0 / real(self.points));
        samples[0] *= scale;
        samples[half] *= scale;
        samples[1..half].iter_mut().for_each(|sample| *sample *= 2.0 * scale);
        samples[half + 1..].fill(0.0);
    }
}
