//! The low-pass between a rate and a lower one.

use crate::cast::real;
use crate::stream::simd::LANES;
use std::f64::consts::PI;

/// The Kaiser window's parameter β = 0.1102 (A − 8.7) (Kaiser, 1974): A = 127 dB of attenuation in the stop
/// band, and as little ripple below it: just what a decimated kernel may differ by (`decimate`).
const BETA: f64 = 13.0;

/// A sinc with zeros at all multiples of `factor` but 0 under a Kaiser window of so many samples to
/// either side: 1 in the middle, at `reach`; padded to whole vectors.
pub(crate) fn lowpass(factor: usize, reach: usize) -> Vec<f64> {
    let tap = |n: usize| {
        let time = real(n) - real(reach);
        let turn = PI * time / real(factor);
        let sinc = if n == reach { 1.0 } else { turn.sin() / turn };
        let place = time / real(reach);
        sinc * bessel(BETA * (1.0 - place * place).max(0.0).sqrt()) / bessel(BETA)
    };
    let mut taps: Vec<f64> = (0..2 * reach).map(tap).collect();
    taps.resize(taps.len().next_multiple_of(LANES), 0.0);
    taps
}

/// The modified Bessel function I₀, by its power series.
fn bessel(x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for n in 1..60 {
        let factor = x / 2.0 / real(n);
        term *= factor * factor;
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::{BETA, bessel, lowpass};
    use crate::cast::real;
    use std::f64::consts::TAU;

    #[test]
    fn the_bessel_function_is_that_of_the_tables() {
        for (x, expected) in
            [(0.0, 1.0), (1.0, 1.266_065_877_752_008), (10.0, 2_815.716_628_466_254)]
        {
            assert!((bessel(x) / expected - 1.0).abs() < 1e-14, "{x}");
        }
    }

    #[test]
    fn it_passes_low_frequencies_and_stops_their_images() {
        for (factor, reach) in [(2, 24), (4, 40), (8, 72)] {
            let taps = lowpass(factor, reach);
            let gain = |cycles: f64| {
                let part =
                    |(n, tap): (usize, &f64)| tap * (TAU * cycles * (real(n) - real(reach))).cos();
                taps.iter().enumerate().map(part).sum::<f64>() / real(factor)
            };
            // Half of the transition band, as Kaiser's formula has it.
            let half = (BETA / 0.1102 + 8.7 - 8.0) / (2.285 * TAU * 2.0 * real(reach)) / 2.0;
            let corner = 0.5 / real(factor);
            for n in 0..200 {
                let passed = (corner - half) * real(n) / 199.0;
                let stopped = corner + half + (0.5 - corner - half) * real(n) / 199.0;
                assert!((gain(passed) - 1.0).abs() < 1e-6, "{factor}: {passed} {}", gain(passed));
                assert!(gain(stopped).abs() < 1e-6, "{factor}: {stopped} {}", gain(stopped));
            }
        }
    }
}
