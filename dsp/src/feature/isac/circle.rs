//! Analysis and its adjoint around a circle, by FFT.

use super::{Coefficients, Encoder};
use crate::cast::real;
use crate::feature::finite_sample;
use num_complex::Complex;
use rustfft::{Fft, FftPlanner};
use std::f64::consts::TAU;
use std::sync::Arc;

const ZERO: Complex<f64> = Complex { re: 0.0, im: 0.0 };

/// Transforms of a circle and of its frames.
struct Circle {
    size: usize,
    frames: usize,
    whole: [Arc<dyn Fft<f64>>; 2],
    strided: [Arc<dyn Fft<f64>>; 2],
    /// A delay by the lead, undone.
    lead: Vec<Complex<f64>>,
}

impl Circle {
    fn new(encoder: &Encoder, frames: usize) -> Self {
        let mut planner = FftPlanner::new();
        let mut plans = |size| [planner.plan_fft_forward(size), planner.plan_fft_inverse(size)];
        let size = frames * encoder.stride();
        let turn = |bin: usize| {
            let turns = (bin * encoder.lead()) % size;
            Complex::cis(TAU * real(turns) / real(size))
        };
        Self {
            size,
            frames,
            whole: plans(size),
            strided: plans(frames),
            lead: (0..size).map(turn).collect(),
        }
    }

    fn spectrum(&self, encoder: &Encoder, band: usize) -> Vec<Complex<f64>> {
        let mut spectrum = encoder.kernels()[band].spectrum(&*self.whole[0]);
        spectrum.iter_mut().zip(&self.lead).for_each(|(bin, turn)| *bin *= turn);
        spectrum
    }
}

pub(super) fn analyse(encoder: &Encoder, sound: &[f64]) -> Coefficients {
    let frames = sound.len().div_ceil(encoder.stride());
    if frames == 0 {
        return Coefficients::from_values(encoder.bands(), Vec::new());
    }
    let circle = Circle::new(encoder, frames);
    let mut input = vec![ZERO; circle.size];
    input.iter_mut().zip(sound).for_each(|(bin, &sample)| bin.re = finite_sample(sample));
    circle.whole[0].process(&mut input);
    let mut values = Vec::with_capacity(encoder.bands() * frames);
    let level = 1.0 / real(circle.size);
    for band in 0..encoder.bands() {
        // Taking every stride-th sample folds the spectrum.
        let mut folded = vec![ZERO; frames];
        let spectrum = circle.spectrum(encoder, band);
        for (bin, (kernel, sound)) in spectrum.iter().zip(&input).enumerate() {
            folded[bin % circle.frames] += kernel * sound * level;
        }
        circle.strided[1].process(&mut folded);
        values.append(&mut folded);
    }
    Coefficients::from_values(encoder.bands(), values)
}

pub(super) fn synthesise(encoder: &Encoder, coefficients: &Coefficients) -> Vec<Complex<f64>> {
    assert_eq!(coefficients.bands(), encoder.bands(), "one band per kernel");
    let frames = coefficients.frames();
    if frames == 0 {
        return Vec::new();
    }
    let circle = Circle::new(encoder, frames);
    let mut sum = vec![ZERO; circle.size];
    for band in 0..encoder.bands() {
        let mut frame_spectrum = coefficients.band(band).to_vec();
        circle.strided[0].process(&mut frame_spectrum);
        let spectrum = circle.spectrum(encoder, band);
        for (bin, (value, kernel)) in sum.iter_mut().zip(&spectrum).enumerate() {
            *value += kernel.conj() * frame_spectrum[bin % frames];
        }
    }
    circle.whole[1].process(&mut sum);
    let level = 1.0 / real(circle.size);
    sum.iter_mut().for_each(|value| *value *= level);
    sum
}
