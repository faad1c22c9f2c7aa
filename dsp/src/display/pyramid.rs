//! A pyramid of sample rates: each level has half the rate of the one before, without delay between
//! them: sample j of a level lies at the time of sample 2j of the level before.

use crate::cast::{real, single};
use std::f64::consts::PI;

/// The passband of a level, as a share of its sample rate: the higher, the lower the rate of a row, and the longer
/// the filter.
pub(super) const PASSED: f64 = 0.35;

/// Taps of the half-band filter to either side of the middle; odd, as every other one is 0. So many give
/// [`PASSED`] and 95 dB in this module's tests.
const REACH: usize = 23;

/// The taps at 1, 3, 5, … from the middle, which itself is ½: a half-band filter by Kaiser's window
/// that passes 0.35 of the lower rate and stops what would fold onto that by 100 dB.
fn half_band() -> [f32; REACH.div_ceil(2)] {
    const BETA: f64 = 10.06; // Kaiser's (1974) for 100 dB: 0.1102 (100 − 8.7).
    let tap = |n: f64| {
        let place = n / real(REACH + 1);
        let window = bessel(BETA * (1.0 - place * place).sqrt()) / bessel(BETA);
        (PI * n / 2.0).sin() / (PI * n) * window
    };
    let taps: [f64; REACH.div_ceil(2)] = std::array::from_fn(|i| tap(real(2 * i + 1)));
    // Together with the middle they pass 0 Hz exactly.
    let sum: f64 = 2.0 * taps.iter().sum::<f64>();
    taps.map(|tap| single(0.5 * tap / sum))
}

/// The modified Bessel function of the first kind and order 0.
fn bessel(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..64 {
        let half = x / (2.0 * real(k));
        term *= half * half;
        sum += term;
    }
    sum
}

/// The recent samples of one level.
struct Level {
    samples: Vec<f32>,
    /// The time of the first of them, in samples of this level; before the stream began there is
    /// silence.
    first: isize,
}

impl Level {
    fn end(&self) -> isize {
        self.first + self.samples.len().cast_signed()
    }

    fn from(&self, time: isize) -> &[f32] {
        &self.samples[(time - self.first).unsigned_abs()..]
    }
}

/// The recent past of one stream at every rate.
pub(super) struct Pyramid {
    levels: Vec<Level>,
    /// Samples each level keeps.
    kept: usize,
    half_band: [f32; REACH.div_ceil(2)],
}

impl Pyramid {
    /// A pyramid of `levels` rates that each keep at least `kept` samples.
    pub fn new(levels: usize, kept: usize) -> Self {
        let kept = kept.max(2 * REACH + 2);
        let silence = || Level { samples: vec![0.0; kept], first: -kept.cast_signed() };
        let levels = (0..levels).map(|_| silence()).collect();
        Self { levels, kept, half_band: half_band() }
    }

    /// Takes samples in.
    pub fn push(&mut self, samples: &[f32]) {
        self.levels[0].samples.extend_from_slice(samples);
        for level in 1..self.levels.len() {
            let (above, below) = self.levels.split_at_mut(level);
            halve(&above[level - 1], &mut below[0], &self.half_band);
        }
    }

    /// Drops what is `kept` or more samples before `time`, given in samples of the first level.
    pub fn forget(&mut self, time: isize) {
        for (index, level) in self.levels.iter_mut().enumerate() {
            let needed = (time >> index) - self.kept.cast_signed();
            let old = usize::try_from(needed - level.first).unwrap_or(0);
            // Moving the remaining samples now and then costs less than moving them always.
            if old >= 4 * self.kept && old <= level.samples.len() {
                level.samples.drain(..old);
                level.first += old.cast_signed();
            }
        }
    }

    /// `length` samples of a level from `start` on, in samples of that level.
    pub fn slice(&self, level: usize, start: isize, length: usize) -> &[f32] {
        &self.levels[level].from(start)[..length]
    }

    /// The first sample of a level that is not there yet.
    #[cfg(test)]
    pub fn end(&self, level: usize) -> isize {
        self.levels[level].end()
    }
}

/// How many samples of the first level `level` lags behind what has arrived.
pub(super) const fn lag(level: usize) -> usize {
    // Each halving waits for REACH samples of its own input, and for the second of a pair.
    ((1 << level) - 1) * (REACH + 1)
}

/// Computes what can be of the lower rate.
fn halve(above: &Level, below: &mut Level, taps: &[f32]) {
    let reach = REACH.cast_signed();
    loop {
        let middle = 2 * below.end();
        if middle + reach >= above.end() {
            return;
        }
        let around = &above.from(middle - reach)[..=2 * REACH];
        let mut sum = 0.5 * around[REACH];
        for (i, tap) in taps.iter().enumerate() {
            let n = 2 * i + 1;
            sum += tap * (around[REACH - n] + around[REACH + n]);
        }
        below.samples.push(sum);
    }
}

#[cfg(test)]
mod tests {
    use super::{PASSED, Pyramid, lag};
    use crate::cast::{real, single};
    use std::f64::consts::TAU;

    /// What is left of a sine of so many cycles per sample, one level down, in dB.
    fn passed_db(cycles: f64) -> f64 {
        let mut pyramid = Pyramid::new(2, 64);
        let wave: Vec<f32> = (0..4000).map(|n| single((TAU * cycles * real(n)).sin())).collect();
        pyramid.push(&wave);
        let kept = pyramid.slice(1, 200, 1500);
        let power = kept.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / 750.0;
        10.0 * power.log10()
    }

    #[test]
    fn halving_passes_what_it_should_and_stops_what_would_fold_onto_it() {
        for cycles in [0.01, 0.05, 0.1, 0.15, PASSED / 2.0] {
            assert!(passed_db(cycles).abs() < 0.01, "{cycles}: {} dB", passed_db(cycles));
        }
        for cycles in [0.5 - PASSED / 2.0, 0.4, 0.45, 0.49] {
            assert!(passed_db(cycles) < -95.0, "{cycles}: {} dB", passed_db(cycles));
        }
    }

    #[test]
    fn levels_keep_time_and_arrive_within_their_lag() {
        let mut pyramid = Pyramid::new(5, 64);
        let mut wave = vec![0.0; 4096];
        wave[1600] = 1.0;
        for piece in wave.chunks(37) {
            pyramid.push(piece);
        }
        for level in 0..5 {
            let length = (4096 - lag(level)) >> level;
            assert!(pyramid.end(level) >= length.cast_signed(), "level {level} is late");
            let samples = pyramid.slice(level, 0, length);
            let peak = (0..length).max_by(|&a, &b| samples[a].total_cmp(&samples[b]));
            assert_eq!(peak, Some(1600 >> level), "level {level}");
        }
    }

    #[test]
    fn forgetting_leaves_what_is_kept() {
        let mut pyramid = Pyramid::new(3, 100);
        for time in (0..40_000_u16).step_by(50) {
            let samples: Vec<f32> = (time..time + 50).map(f32::from).collect();
            pyramid.push(&samples);
            let end = pyramid.end(0);
            pyramid.forget(end);
        }
        let end = pyramid.end(0);
        assert!(pyramid.levels.iter().all(|level| level.samples.len() < 700));
        let last = pyramid.slice(0, end - 100, 100);
        assert!(last.windows(2).all(|pair| pair[1] - pair[0] == 1.0));
    }
}
