//! Recursive filters of many bands at once: one-pole stages in a row, in double precision.
//!
//! Single precision would lose the low bands: their poles are so near the unit circle that rounding
//! is heard at −94 dB.

use super::vector::LANES;
use crate::bank::GAMMATONE_ORDER;
use num_complex::Complex;
use pulp::Simd;

/// Values this small are taken as zero now and then, long before they would be slow to compute.
const NOTHING: f64 = 1e-20;

/// The poles of a bank, padded to whole vectors with filters that stay silent.
pub(super) struct Poles {
    re: Vec<f64>,
    im: Vec<f64>,
    /// (1 − |p|)⁴: unit gain at the centre frequency.
    level: Vec<f64>,
    /// Samples until the slowest filter has forgotten.
    pub memory_samples: usize,
}

impl Poles {
    pub fn new(poles: &[Complex<f64>]) -> Self {
        let padded = poles.len().next_multiple_of(LANES);
        let list = |value: &dyn Fn(&Complex<f64>) -> f64| {
            let mut list: Vec<f64> = poles.iter().map(value).collect();
            list.resize(padded, 0.0);
            list
        };
        let slowest = poles.iter().map(|pole| pole.norm()).fold(0.0, f64::max);
        Self {
            re: list(&|pole| pole.re),
            im: list(&|pole| pole.im),
            level: list(&|pole| (1.0 - pole.norm()).powi(4)),
            // n³ λⁿ falls below NOTHING well before this.
            memory_samples: crate::cast::count(2.0 * NOTHING.ln() / slowest.ln()),
        }
    }
}

/// What the stages of all bands hold for one channel.
pub(super) struct Cascade {
    re: [Vec<f64>; GAMMATONE_ORDER],
    im: [Vec<f64>; GAMMATONE_ORDER],
}

impl Cascade {
    pub fn new(poles: &Poles) -> Self {
        let stage = || vec![0.0; poles.re.len()];
        Self { re: std::array::from_fn(|_| stage()), im: std::array::from_fn(|_| stage()) }
    }

    /// Band `k`'s output now.
    pub fn output(&self, k: usize) -> (f32, f32) {
        let last = GAMMATONE_ORDER - 1;
        (crate::cast::single(self.re[last][k]), crate::cast::single(self.im[last][k]))
    }

    /// Takes one sample in.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn advance<S: Simd>(&mut self, simd: S, sample: f32, poles: &Poles) {
        let sample = simd.splat_f64s(f64::from(sample));
        let (pole_re, _) = S::as_simd_f64s(&poles.re);
        let (pole_im, _) = S::as_simd_f64s(&poles.im);
        let (level, _) = S::as_simd_f64s(&poles.level);
        let mut re = self.re.each_mut().map(|stage| S::as_mut_simd_f64s(stage).0);
        let mut im = self.im.each_mut().map(|stage| S::as_mut_simd_f64s(stage).0);
        for band in 0..level.len() {
            let mut in_re = simd.mul_f64s(sample, level[band]);
            let mut in_im = simd.splat_f64s(0.0);
            let (pole_re, pole_im) = (pole_re[band], pole_im[band]);
            for (re, im) in re.iter_mut().zip(&mut im) {
                let (old_re, old_im) = (re[band], im[band]);
                in_re = simd.mul_add_e_f64s(pole_re, old_re, in_re);
                in_re = simd.sub_f64s(in_re, simd.mul_f64s(pole_im, old_im));
                in_im = simd.mul_add_e_f64s(pole_re, old_im, in_im);
                in_im = simd.mul_add_e_f64s(pole_im, old_re, in_im);
                (re[band], im[band]) = (in_re, in_im);
            }
        }
    }

    /// Lets what can no longer be heard end.
    pub fn settle(&mut self) {
        for value in self.re.iter_mut().chain(&mut self.im).flatten() {
            if value.abs() < NOTHING {
                *value = 0.0;
            }
        }
    }

    pub fn reset(&mut self) {
        self.re.iter_mut().chain(&mut self.im).for_each(|stage| stage.fill(0.0));
    }
}
