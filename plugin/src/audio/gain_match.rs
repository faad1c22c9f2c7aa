//! Gain match: the output as loud as the input, so that better is not just louder.
//!
//! Loudness is the K-weighted power of ITU-R BS.1770-4, averaged over [`AVERAGE_MS`] of sound above
//! its absolute gate. Everything moves on a grid of [`STEP_MS`] that starts with the stream, so a
//! render is the same whatever the blocks.

use crate::audio::time::{real, samples};
use crate::state::curve::single;
use crate::state::params::Settings;
use biquad::{Biquad, Coefficients, DirectForm2Transposed};

/// The time between two looks at the loudness, in milliseconds.
const STEP_MS: f64 = 10.0;
/// The time loudness is averaged over, in milliseconds.
const AVERAGE_MS: f64 = 3000.0;
/// The part of the way to where the gain belongs that it goes in one step: 0.2 s for two thirds.
const APPROACH: f64 = 0.05;
/// The farthest the gain goes either way, as an amplitude: 24 dB.
const MOST: f64 = 15.848_931_924_611_133;
/// The absolute gate, −70 LUFS, as a mean square.
const GATE: f64 = 1.172_976_4e-7;
/// Below this part of the input's power, −60 dB, the output is as good as off: nothing to match.
const OFF: f64 = 1e-6;
/// Filter states this small are silence; smaller ones would be slow to compute.
const FAINTEST: f64 = 1e-30;

/// The K-weighting of one channel.
struct Weighting([DirectForm2Transposed<f64>; 2]);

impl Weighting {
    fn new(rate_hz: f64) -> Self {
        Self([shelf(rate_hz), high_pass(rate_hz)].map(DirectForm2Transposed::new))
    }

    fn run(&mut self, sample: f64) -> f64 {
        let [shelf, high_pass] = &mut self.0;
        high_pass.run(shelf.run(sample))
    }

    fn settle(&mut self) {
        for filter in &mut self.0 {
            if filter.s1.abs() < FAINTEST && filter.s2.abs() < FAINTEST {
                filter.reset_state();
            }
        }
    }
}

/// The shelf of the head, from BS.1770-4 for any sample rate.
fn shelf(rate_hz: f64) -> Coefficients<f64> {
    let (centre_hz, gain_db, q) =
        (1_681.974_450_955_533, 3.999_843_853_973_347, 0.707_175_236_955_419_6);
    let k = (std::f64::consts::PI * centre_hz / rate_hz).tan();
    let high = 10.0_f64.powf(gain_db / 20.0);
    let band = high.powf(0.499_666_774_154_541_6);
    let scale = 1.0 + k / q + k * k;
    Coefficients {
        a1: 2.0 * (k * k - 1.0) / scale,
        a2: (1.0 - k / q + k * k) / scale,
        b0: (high + band * k / q + k * k) / scale,
        b1: 2.0 * (k * k - high) / scale,
        b2: (high - band * k / q + k * k) / scale,
    }
}

/// The high-pass of BS.1770-4 for any sample rate.
fn high_pass(rate_hz: f64) -> Coefficients<f64> {
    let (corner_hz, q) = (38.135_470_876_024_44, 0.500_327_037_323_877_3);
    let k = (std::f64::consts::PI * corner_hz / rate_hz).tan();
    let scale = 1.0 + k / q + k * k;
    Coefficients {
        a1: 2.0 * (k * k - 1.0) / scale,
        a2: (1.0 - k / q + k * k) / scale,
        b0: 1.0,
        b1: -2.0,
        b2: 1.0,
    }
}

/// The match of one chain.
pub(crate) struct GainMatch {
    /// Per channel: before and after.
    weightings: Vec<[Weighting; 2]>,
    active: bool,
    /// How much of the change is in what is matched.
    mix: f32,
    step_samples: usize,
    /// Samples of this step already played.
    played: usize,
    /// Sums of squares of this step: before and after.
    sums: [f64; 2],
    /// Mean squares over [`AVERAGE_MS`]: before and after.
    powers: [f64; 2],
    /// Steps averaged so far.
    steps: f64,
    /// The gain at the beginning and at the end of this step.
    gains: [f64; 2],
}

impl GainMatch {
    /// At rest, for a number of channels.
    pub(crate) fn new(rate_hz: f64, channels: usize) -> Self {
        Self {
            weightings: (0..channels).map(|_| [(); 2].map(|()| Weighting::new(rate_hz))).collect(),
            active: false,
            mix: 1.0,
            step_samples: samples(STEP_MS, rate_hz),
            played: 0,
            sums: [0.0; 2],
            powers: [0.0; 2],
            steps: 0.0,
            gains: [1.0; 2],
        }
    }

    /// Forgets all sound. What was learned from it is kept, unless told otherwise: a live player
    /// that starts again shall not jump, a render shall not depend on what was before it.
    pub(crate) fn reset(&mut self, forgets: bool) {
        self.weightings.iter_mut().flatten().flat_map(|w| &mut w.0).for_each(Biquad::reset_state);
        (self.played, self.sums, self.gains[0]) = (0, [0.0; 2], self.gains[1]);
        if forgets {
            (self.powers, self.steps, self.gains) = ([0.0; 2], 0.0, [1.0; 2]);
        }
    }

    /// Follows the settings. There is nothing to match while the input passes, or while a part of
    /// the sound is heard alone.
    pub(crate) fn follow(&mut self, settings: &Settings, listening: bool) {
        self.active = settings.gain_match && !settings.bypass && !settings.delta && !listening;
        self.mix = if settings.mix.is_finite() { settings.mix.clamp(0.0, 1.0) } else { 1.0 };
    }

    /// The gain at the end of this step, as an amplitude.
    pub(crate) fn gain(&self) -> f32 {
        single(self.gains[1])
    }

    /// Samples until this step ends, 0 while there is nothing to do.
    pub(crate) fn left(&self) -> usize {
        if self.active || self.moves() { self.step_samples - self.played } else { 0 }
    }

    #[expect(clippy::float_cmp)] // Exact unity is what costs nothing.
    fn moves(&self) -> bool {
        self.gains != [1.0; 2]
    }

    /// Hears one channel of a piece, before and after, and gives `out` its gain. `dry` is what
    /// was there before, `change` what the bands add.
    pub(crate) fn play(&mut self, channel: usize, dry: &[f32], change: &[f32], out: &mut [f32]) {
        if self.active
            && let Some([before, after]) = self.weightings.get_mut(channel)
        {
            for (dry, change) in dry.iter().zip(change) {
                let sum = if *change == 0.0 { *dry } else { dry + self.mix * change };
                self.sums[0] += before.run(f64::from(*dry)).powi(2);
                self.sums[1] += after.run(f64::from(sum)).powi(2);
            }
        }
        if self.moves() {
            let [from, to] = self.gains;
            let slope = (to - from) / real(self.step_samples);
            for (n, out) in out.iter_mut().enumerate() {
                *out *= single(from + slope * real(self.played + n + 1));
            }
        }
    }

    /// Counts samples on, once every channel was played.
    pub(crate) fn advance(&mut self, samples: usize) {
        if self.left() == 0 {
            return;
        }
        self.played += samples;
        if self.played >= self.step_samples {
            self.played = 0;
            self.step();
        }
    }

    #[expect(clippy::float_cmp)] // Exactly as loud is what flat is.
    fn step(&mut self) {
        self.weightings.iter_mut().flatten().for_each(Weighting::settle);
        let powers = self.sums.map(|sum| sum / real(self.step_samples));
        self.sums = [0.0; 2];
        if self.active && powers[0] > GATE {
            self.steps += 1.0;
            // The plain mean at first, so that the beginning is no longer in it than its share.
            let part = (STEP_MS / AVERAGE_MS).max(1.0 / self.steps);
            for (average, power) in self.powers.iter_mut().zip(powers) {
                *average += part * (power - *average);
            }
            if powers[0] == powers[1] {
                // Flat passes bit for bit; that shall not wait for the average to forget.
                self.powers[1] = self.powers[0];
            }
        }
        let [before, after] = self.powers;
        let aim = if self.active && after > OFF * before {
            (before / after).sqrt().clamp(1.0 / MOST, MOST)
        } else {
            1.0
        };
        let now = self.gains[1];
        let next = now + APPROACH * (aim - now);
        self.gains = [now, if (aim - next).abs() < 1e-6 { aim } else { next }];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebur128::{EbuR128, Mode};

    /// The weighting is that of the reference library, at every sample rate.
    #[test]
    fn the_weighting_is_that_of_the_standard() {
        for rate_hz in [44_100_u32, 48_000, 96_000] {
            let mut seed = 7_u32;
            let noise: Vec<f32> = (0..rate_hz)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    f32::from(seed.to_be_bytes()[0]) / 512.0 - 0.25
                })
                .collect();
            let mut reference = EbuR128::new(1, rate_hz, Mode::M).expect("possible");
            reference.add_frames_f32(&noise).expect("whole frames");
            let expected = reference.loudness_momentary().expect("in its mode");
            let mut weighting = Weighting::new(f64::from(rate_hz));
            let weighted: Vec<f64> =
                noise.iter().map(|sample| weighting.run(f64::from(*sample)).powi(2)).collect();
            let last = &weighted[weighted.len() - weighted.len() * 2 / 5..];
            let power = last.iter().sum::<f64>() / real(last.len());
            let loudness = -0.691 + 10.0 * power.log10();
            assert!((loudness - expected).abs() < 1e-3, "{rate_hz}: {loudness}, {expected}");
        }
    }
}
