//! The recursive filters of a gammatone bank, as they stream: poles, and what turns the sound for them.

use crate::cast::real;
use crate::stream::simd::{Aligned, LANES, aligned};
use crate::stream::timing::CONTROL_BLOCK;
use num_complex::Complex;

/// Values this small, −400 dB, are taken as zero once in a [`FLUSH_INTERVAL`](crate::stream::timing), in which no
/// pole takes them from there to where they would be slow to compute, 1e-308.
pub(crate) const NOTHING: f64 = 1e-20;

/// Bands side by side in [`PhasorTable`]: the most that a vector of double precision holds.
pub(crate) const SIDE: usize = LANES / 2;

/// The poles of a bank, padded to whole vectors with filters that stay silent.
pub(crate) struct GammatoneCoefs {
    /// |p|.
    pub decay: Aligned<f64>,
    /// What turns the stages on from a control tick to the next.
    pub step_re: Aligned<f64>,
    pub step_im: Aligned<f64>,
    /// What turns the sound, times (1 − |p|)⁴: unit gain at the centre frequency.
    pub input: PhasorTable,
    /// What turns the outputs back.
    pub output: PhasorTable,
    /// Samples until the slowest filter has forgotten.
    pub memory_samples: usize,
}

/// A factor for every band and sample of a control block: of [`SIDE`] bands after the other, for each
/// sample theirs side by side.
pub(crate) struct PhasorTable {
    pub re: Aligned<f64>,
    pub im: Aligned<f64>,
}

impl PhasorTable {
    fn new(bands: usize, turn: impl Fn(usize, usize) -> Complex<f64>) -> Self {
        let places = (0..bands).step_by(SIDE).flat_map(|first| {
            (0..CONTROL_BLOCK).flat_map(move |n| (first..first + SIDE).map(move |k| (k, n)))
        });
        let (re, im): (Vec<f64>, Vec<f64>) = places
            .map(|(k, n)| if k < bands { turn(k, n) } else { Complex::ZERO })
            .map(|turn| (turn.re, turn.im))
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
        let turned = |pole: &Complex<f64>, n: usize| Complex::cis(pole.arg() * real(n));
        let level = |pole: &Complex<f64>| (1.0 - pole.norm()).powi(4);
        let slowest = poles.iter().map(|pole| pole.norm()).fold(0.0, f64::max);
        Self {
            decay: list(&|pole| pole.norm()),
            step_re: list(&|pole| turned(pole, CONTROL_BLOCK).re),
            step_im: list(&|pole| turned(pole, CONTROL_BLOCK).im),
            input: PhasorTable::new(poles.len(), |k, n| {
                level(&poles[k]) * turned(&poles[k], n).conj()
            }),
            output: PhasorTable::new(poles.len(), |k, n| turned(&poles[k], n)),
            // n³ λⁿ falls below NOTHING well before this.
            memory_samples: crate::cast::count(2.0 * NOTHING.ln() / slowest.ln()),
        }
    }
}
