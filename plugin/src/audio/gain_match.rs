//! Gain match: the output as loud as the input, so that better is not just louder.
//!
//! Loudness is the K-weighted power of ITU-R BS.1770-4, averaged over [`AVERAGE_MS`] of sound above
//! its absolute gate. Everything moves on a grid of [`STEP_MS`] that starts with the stream, so a
//! render is the same whatever the blocks.

use crate::audio::time::{real, samples};
use crate::state::curve::single;
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

    fn reset(&mut self) {
        self.0.iter_mut().for_each(Biquad::reset_state);
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

/// The match of one instance.
///
/// Dry sound and change are weighted apart, so that powers are known for every mix of them: the gain that
/// belongs to another mix is there as soon as it is chosen.
pub(crate) struct GainMatch {
    /// Per channel: of dry sound and change.
    weightings: Vec<[Weighting; 2]>,
    /// Whether sound is measured.
    measuring: bool,
    /// Whether what was learned is of gains that are no more.
    outdated: bool,
    /// How much of the change is in what is matched.
    mix: f32,
    step_samples: usize,
    /// Samples of this step already heard.
    heard: usize,
    /// Whether there was any dry sound in this step, and any change.
    any: [bool; 2],
    /// Sums of this step.
    sums: Powers,
    /// Mean powers over [`AVERAGE_MS`].
    powers: Powers,
    /// Steps averaged so far.
    steps: f64,
    /// On its way to where it belongs.
    gain: f64,
}

/// Mean weighted powers, or sums, of dry sound and change.
#[derive(Clone, Copy, Default)]
struct Powers {
    dry: f64,
    /// Of the product of both.
    cross: f64,
    change: f64,
}

impl Powers {
    const fn parts(&mut self) -> [&mut f64; 3] {
        [&mut self.dry, &mut self.cross, &mut self.change]
    }

    /// The power of dry + mix · change.
    fn mixed(&self, mix: f64) -> f64 {
        self.dry + 2.0 * mix * self.cross + mix * mix * self.change
    }
}

impl GainMatch {
    /// At rest, for a number of channels.
    pub(crate) fn new(rate_hz: f64, channels: usize) -> Self {
        Self {
            weightings: (0..channels).map(|_| [(); 2].map(|()| Weighting::new(rate_hz))).collect(),
            measuring: false,
            outdated: false,
            mix: 1.0,
            step_samples: samples(STEP_MS, rate_hz),
            heard: 0,
            any: [false; 2],
            sums: Powers::default(),
            powers: Powers::default(),
            steps: 0.0,
            gain: 1.0,
        }
    }

    /// Forgets all sound. What was learned from it is kept, unless told otherwise: a live player
    /// that starts again shall not jump, a render shall not depend on what was before it.
    pub(crate) fn reset(&mut self, forgets: bool) {
        self.forget_sound();
        if forgets {
            self.forget();
        }
    }

    fn forget_sound(&mut self) {
        self.weightings.iter_mut().flatten().for_each(Weighting::reset);
        (self.heard, self.sums, self.any) = (0, Powers::default(), [false; 2]);
    }

    fn forget(&mut self) {
        (self.powers, self.steps, self.gain) = (Powers::default(), 0.0, 1.0);
    }

    /// Whether to measure, and for which mix. There is nothing to learn while a band is played solo.
    /// Bypass and delta only choose what is heard: what is learned meanwhile holds after them.
    pub(crate) fn update(&mut self, measuring: bool, mix: f32) {
        if measuring && !self.measuring {
            self.forget_sound();
            if std::mem::take(&mut self.outdated) {
                self.forget();
            }
        }
        self.measuring = measuring;
        if mix != self.mix {
            self.mix = mix;
            self.gain = self.aim();
        }
    }

    /// The gains of the bands have moved: what was learned before is not of them, unless it goes on
    /// being learned.
    pub(crate) fn on_gains_moved(&mut self) {
        self.outdated |= !self.measuring;
    }

    /// The gain now, as an amplitude.
    pub(crate) fn gain(&self) -> f32 {
        single(self.gain)
    }

    /// Samples until this step ends, 0 while there is nothing to do.
    pub(crate) fn left(&self) -> usize {
        if self.measuring { self.step_samples - self.heard } else { 0 }
    }

    /// Takes in one channel of a piece.
    pub(crate) fn push(&mut self, channel: usize, dry: &[f32], change: &[f32]) {
        if !self.measuring {
            return;
        }
        let Some([of_dry, of_change]) = self.weightings.get_mut(channel) else { return };
        for (dry, change) in dry.iter().zip(change) {
            self.any[0] |= *dry != 0.0;
            self.any[1] |= *change != 0.0;
            let dry = of_dry.run(f64::from(*dry));
            let change = of_change.run(f64::from(*change));
            self.sums.dry += dry * dry;
            self.sums.cross += dry * change;
            self.sums.change += change * change;
        }
    }

    /// Counts samples on, once every channel was taken in. Returns whether the gain may have moved.
    pub(crate) fn advance(&mut self, samples: usize) -> bool {
        if !self.measuring {
            return false;
        }
        self.heard += samples;
        let steps = self.heard >= self.step_samples;
        if steps {
            self.heard = 0;
            self.step();
        }
        steps
    }

    fn step(&mut self) {
        self.weightings.iter_mut().flatten().for_each(Weighting::settle);
        let mut sums = std::mem::take(&mut self.sums);
        let powers = sums.parts().map(|sum| *sum / real(self.step_samples));
        let any = std::mem::take(&mut self.any);
        if powers[0] > GATE {
            self.steps += 1.0;
            // The plain mean at first, so that the beginning is no longer in it than its share.
            let part = (STEP_MS / AVERAGE_MS).max(1.0 / self.steps);
            for (average, power) in self.powers.parts().into_iter().zip(powers) {
                *average += part * (power - *average);
            }
        }
        if any == [true, false] {
            // Flat passes bit for bit; that shall not wait for the average to forget.
            (self.powers.cross, self.powers.change) = (0.0, 0.0);
            self.weightings.iter_mut().for_each(|[_, of_change]| of_change.reset());
        }
        let aim = self.aim();
        let next = self.gain + APPROACH * (aim - self.gain);
        self.gain = if (aim - next).abs() < 1e-6 { aim } else { next };
    }

    /// Where the gain belongs.
    fn aim(&self) -> f64 {
        let (before, after) = (self.powers.dry, self.powers.mixed(f64::from(self.mix)));
        if after > OFF * before { (before / after).sqrt().clamp(1.0 / MOST, MOST) } else { 1.0 }
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
