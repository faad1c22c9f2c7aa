//! The plain form of a bank, to compare with: for each band and each of its strides one complex
//! correlation with the past and one real-part synthesis into the future, tap by tap, as written in
//! any textbook. Nothing is folded, shared or vectorised by hand.

use crate::cast::single;
use erbium_dsp::{Bank, Kernel};
use num_complex::Complex;

/// Samples that are played before buffers wind back.
const SLACK: usize = 8192;

struct Taps {
    re: Vec<f32>,
    /// Nothing where a recursive filter's coefficients sound by their real part.
    im: Vec<f32>,
    offset: usize,
}

impl Taps {
    fn new(kernel: &Kernel, reversed: bool) -> Self {
        let mut taps: Vec<_> = kernel.taps.clone();
        if reversed {
            taps.reverse();
        }
        let part = |part: fn(&Complex<f64>) -> f64| taps.iter().map(part).map(single).collect();
        Self { re: part(|tap| tap.re), im: part(|tap| tap.im), offset: kernel.offset }
    }
}

/// The filter of a recursive band: four one-pole stages in a row.
struct Recursion {
    pole: Complex<f64>,
    level: f64,
    stages: [Complex<f64>; 4],
}

struct Band {
    analysis: Taps,
    recursion: Option<Recursion>,
    synthesis: Taps,
    stride: usize,
    phase: usize,
    change: f32,
}

/// One channel through the plain form.
pub struct PlainForm {
    bands: Vec<Band>,
    past: Vec<f32>,
    future: Vec<f32>,
    /// Samples of the past, and of the future, that any kernel spans.
    span: usize,
    now: usize,
    count: usize,
}

impl PlainForm {
    /// A bank at these linear gains.
    pub fn new(bank: &Bank, gains: &[f32]) -> Self {
        let bands: Vec<_> = (0..bank.bands())
            .map(|k| {
                let dual = &bank.dual_kernels()[k];
                let mut synthesis = Taps::new(dual, false);
                if !bank.poles().is_empty() && dual.is_real() {
                    synthesis.im.clear();
                }
                Band {
                    analysis: Taps::new(&bank.analysis_kernels()[k], true),
                    recursion: bank.poles().get(k).map(|&pole| Recursion {
                        pole,
                        level: (1.0 - pole.norm()).powi(4),
                        stages: Default::default(),
                    }),
                    synthesis,
                    stride: bank.strides()[k],
                    phase: bank.phases()[k],
                    change: gains[k] - 1.0,
                }
            })
            .collect();
        let kernels = bank.analysis_kernels().iter().chain(bank.dual_kernels());
        let span = kernels.map(Kernel::length).max().unwrap_or(0);
        let buffer = || vec![0.0; span + SLACK];
        Self { bands, past: buffer(), future: buffer(), span, now: 0, count: 0 }
    }

    /// What the bands add to the sound, in place of it.
    pub fn change(&mut self, sound: &mut [f32]) {
        for sample in sound {
            if self.now == SLACK {
                self.past.copy_within(SLACK.., 0);
                self.future.copy_within(SLACK.., 0);
                self.future[self.span..].fill(0.0);
                self.now = 0;
            }
            let heard = self.now + self.span;
            self.past[heard] = *sample;
            for band in &mut self.bands {
                let due = self.count % band.stride == band.phase;
                let coefficient = match &mut band.recursion {
                    Some(recursion) => recursion.step(f64::from(*sample)),
                    None if due => correlate(&band.analysis, &self.past[..=heard]),
                    None => continue,
                };
                if due {
                    add_real(
                        &band.synthesis,
                        &mut self.future[self.now..],
                        coefficient * band.change,
                    );
                }
            }
            *sample = self.future[self.now];
            self.now += 1;
            self.count += 1;
        }
    }
}

impl Recursion {
    fn step(&mut self, sample: f64) -> Complex<f32> {
        let mut value = Complex::new(sample * self.level, 0.0);
        for stage in &mut self.stages {
            value += self.pole * *stage;
            *stage = value;
        }
        Complex::new(single(value.re), single(value.im))
    }
}

fn correlate(taps: &Taps, past: &[f32]) -> Complex<f32> {
    let end = past.len() - taps.offset;
    let heard = &past[end - taps.re.len()..end];
    let mut sum = Complex::new(0.0, 0.0);
    for ((x, re), im) in heard.iter().zip(&taps.re).zip(&taps.im) {
        sum.re += x * re;
        sum.im += x * im;
    }
    sum
}

fn add_real(taps: &Taps, future: &mut [f32], value: Complex<f32>) {
    if taps.im.is_empty() {
        for (y, re) in future[taps.offset..].iter_mut().zip(&taps.re) {
            *y += re * value.re;
        }
        return;
    }
    for ((y, re), im) in future[taps.offset..].iter_mut().zip(&taps.re).zip(&taps.im) {
        *y += re * value.re - im * value.im;
    }
}
