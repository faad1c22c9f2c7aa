//! Test signals and measurements, in linear amplitude, dB and hertz.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::f64::consts::TAU;

/// White noise, uniform between −0.5 and 0.5; the same seed gives the same noise.
#[must_use]
pub fn noise(samples: usize, seed: u64) -> Vec<f32> {
    let mut random = StdRng::seed_from_u64(seed);
    (0..samples).map(|_| random.random_range(-0.5..0.5)).collect()
}

/// A sine of the given linear amplitude.
#[must_use]
pub fn sine(samples: usize, hz: f64, amplitude: f64, sample_rate_hz: f64) -> Vec<f32> {
    let step = TAU * hz / sample_rate_hz;
    (0..samples).map(|n| narrow(amplitude * (step * index(n)).sin())).collect()
}

/// The linear amplitude at one frequency, by correlation over the whole signal.
#[must_use]
pub fn amplitude_at(signal: &[f32], hz: f64, sample_rate_hz: f64) -> f64 {
    let step = TAU * hz / sample_rate_hz;
    // A Hann window keeps the other frequencies of the signal out.
    let (mut re, mut im, mut weight) = (0.0, 0.0, 0.0);
    for (n, &x) in signal.iter().enumerate() {
        let window = 0.5 - 0.5 * (TAU * (index(n) + 0.5) / index(signal.len())).cos();
        re += window * f64::from(x) * (step * index(n)).cos();
        im += window * f64::from(x) * (step * index(n)).sin();
        weight += window;
    }
    2.0 * re.hypot(im) / weight
}

/// The root of the mean square.
#[must_use]
pub fn rms(signal: &[f32]) -> f64 {
    let sum: f64 = signal.iter().map(|&x| f64::from(x).powi(2)).sum();
    (sum / index(signal.len().max(1))).sqrt()
}

/// The largest absolute sample.
#[must_use]
pub fn peak(signal: &[f32]) -> f32 {
    signal.iter().fold(0.0, |peak, x| peak.max(x.abs()))
}

/// The index of the largest absolute sample, 0 for an empty signal.
#[must_use]
pub fn peak_index(signal: &[f32]) -> usize {
    (0..signal.len()).max_by(|&a, &b| signal[a].abs().total_cmp(&signal[b].abs())).unwrap_or(0)
}

/// A linear amplitude in dB; silence is −∞.
#[must_use]
pub fn db(amplitude: f64) -> f64 {
    20.0 * amplitude.log10()
}

/// A signal delayed by whole samples, as long as before.
#[must_use]
pub fn delayed(signal: &[f32], samples: usize) -> Vec<f32> {
    let kept = signal.len().saturating_sub(samples);
    let mut out = vec![0.0; signal.len() - kept];
    out.extend_from_slice(&signal[..kept]);
    out
}

/// Where two signals first differ in a bit; zeros of either sign are equal.
#[must_use]
pub fn first_difference(a: &[f32], b: &[f32]) -> Option<usize> {
    if a.len() != b.len() {
        return Some(a.len().min(b.len()));
    }
    // Not `a == b` alone: a NaN is equal to itself here.
    a.iter().zip(b).position(|(a, b)| a != b && a.to_bits() != b.to_bits())
}

/// Level of the difference of two signals against the second, in dB; −∞ where they are equal.
#[must_use]
pub fn difference_db(a: &[f32], b: &[f32]) -> f64 {
    let difference: Vec<f32> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    db(rms(&difference) / rms(b))
}

/// A sample count as a number to calculate with.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "sample counts stay far below 2^53")]
pub const fn index(n: usize) -> f64 {
    n as f64
}

#[expect(clippy::cast_possible_truncation, reason = "audio is single precision")]
const fn narrow(x: f64) -> f32 {
    x as f32
}
