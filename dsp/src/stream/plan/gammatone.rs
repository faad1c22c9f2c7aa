//! The recursive filters of a gammatone bank, as they stream: poles, and the phasors that shift the input to
//! baseband and the outputs back.

use crate::cast::real;
use crate::scale::constants::{GAMMATONE_EXPONENT, GAMMATONE_ORDER};
use crate::stream::simd::{Aligned, LANES, aligned};
use crate::stream::timing::CONTROL_BLOCK;
use num_complex::Complex;

/// Values below this, −400 dB, are set to zero once in a [`FLUSH_INTERVAL`](crate::stream::timing): in that time
/// no pole takes them from here to subnormal numbers, below 1e-308, which are slow to compute
/// (`tests/engine/subnormal.rs`).
pub(crate) const FLUSH_BELOW: f64 = 1e-20;

/// What filters that were idle leave out of the past, −120 dB: less than alias, and gains that leave rest have to
/// rise to it first.
const FORGOTTEN: f64 = 1e-6;

/// Bands side by side in [`PhasorTable`]: the most that a vector of double precision holds.
pub(crate) const SIDE: usize = LANES / 2;

/// The poles of a bank, padded to whole vectors with filters that stay silent.
pub(crate) struct GammatoneCoefs {
    /// |p|.
    pub decay: Aligned<f64>,
    /// The rotation of the stages' states from one control tick to the next.
    pub step_re: Aligned<f64>,
    pub step_im: Aligned<f64>,
    /// Shifts the input to baseband, times (1 − |p|)ᴺ: unit gain at the centre frequency.
    pub input: PhasorTable,
    /// Shifts the outputs back.
    pub output: PhasorTable,
    /// Samples until the slowest filter's states have decayed below [`FLUSH_BELOW`].
    pub decay_samples: usize,
    /// For each [`SIDE`] bands the samples after which they have forgotten what came before, but for
    /// [`FORGOTTEN`].
    pub memory_samples: Vec<usize>,
}

/// A factor for every band and sample of a control block: of [`SIDE`] bands after the other, for each
/// sample theirs side by side.
pub(crate) struct PhasorTable {
    pub re: Aligned<f64>,
    pub im: Aligned<f64>,
}

impl PhasorTable {
    fn new(bands: usize, phasor: impl Fn(usize, usize) -> Complex<f64>) -> Self {
        let places = (0..bands).step_by(SIDE).flat_map(|first| {
            (0..CONTROL_BLOCK).flat_map(move |n| (first..first + SIDE).map(move |k| (k, n)))
        });
        let (re, im): (Vec<f64>, Vec<f64>) = places
            .map(|(k, n)| if k < bands { phasor(k, n) } else { Complex::ZERO })
            .map(|phasor| (phasor.re, phasor.im))
            .unzip();
        Self { re: aligned(&re), im: aligned(&im) }
    }

    /// From band `k`'s of a sample on, of which those of the next sample are [`SIDE`] places on.
    #[inline(always)]
    pub fn from(&self, k: usize, n: usize) -> (&[f64], &[f64]) {
        let at = (k / SIDE * CONTROL_BLOCK + n) * SIDE + k % SIDE;
        (&self.re[at..], &self.im[at..])
    }

    /// Band `k`'s at a sample.
    pub fn at(&self, k: usize, n: usize) -> Complex<f64> {
        let (re, im) = self.from(k, n);
        Complex::new(re[0], im[0])
    }
}

impl GammatoneCoefs {
    pub fn new(poles: &[Complex<f64>]) -> Self {
        let padded = poles.len().next_multiple_of(SIDE);
        let list = |value: &dyn Fn(&Complex<f64>) -> f64| {
            let mut list: Vec<f64> = poles.iter().map(value).collect();
            list.resize(padded, 0.0);
            aligned(&list)
        };
        let phasor = |pole: &Complex<f64>, n: usize| Complex::cis(pole.arg() * real(n));
        let level = |pole: &Complex<f64>| (1.0 - pole.norm()).powi(GAMMATONE_EXPONENT);
        let slowest = poles.iter().map(|pole| pole.norm()).fold(0.0, f64::max);
        Self {
            decay: list(&|pole| pole.norm()),
            step_re: list(&|pole| phasor(pole, CONTROL_BLOCK).re),
            step_im: list(&|pole| phasor(pole, CONTROL_BLOCK).im),
            input: PhasorTable::new(poles.len(), |k, n| {
                level(&poles[k]) * phasor(&poles[k], n).conj()
            }),
            output: PhasorTable::new(poles.len(), |k, n| phasor(&poles[k], n)),
            // n³ λⁿ falls below FLUSH_BELOW well before this.
            decay_samples: crate::cast::count(2.0 * FLUSH_BELOW.ln() / slowest.ln()),
            memory_samples: poles
                .chunks(SIDE)
                .map(|poles| {
                    poles.iter().map(|pole| memory_samples(pole.norm())).max().unwrap_or(0)
                })
                .collect(),
        }
    }
}

/// The samples after which the envelope of an impulse response sums up to less than [`FORGOTTEN`]. It is
/// a negative binomial distribution of order N: what is left after n samples is the chance of fewer than N
/// successes in n + N trials, each failing with a chance of |p|.
fn memory_samples(decay: f64) -> usize {
    let left = |samples: usize| {
        let trials = samples + GAMMATONE_ORDER;
        let mut term = decay.powf(real(trials));
        let mut sum = 0.0;
        for successes in 0..GAMMATONE_ORDER {
            sum += term;
            let odds = real(trials - successes) / real(successes + 1);
            term *= odds * (1.0 - decay) / decay;
        }
        sum
    };
    let (mut least, mut most) = (0, 1);
    while left(most) > FORGOTTEN {
        (least, most) = (most, 2 * most);
    }
    while most - least > 1 {
        let middle = least.midpoint(most);
        if left(middle) > FORGOTTEN {
            least = middle;
        } else {
            most = middle;
        }
    }
    most
}
