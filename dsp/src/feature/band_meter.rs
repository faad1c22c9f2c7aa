//! The levels of a bank's bands, for whole files: as an engine meters them, without what an engine
//! needs to be live.

use crate::bank::Bank;
use crate::cast::single;
use crate::stream::sanitize;
use num_complex::Complex;
use pulp::{Arch, Simd, WithSimd};

/// Kernels are padded with silence to a multiple of the widest vector.
const LANES: usize = 16;

/// Coefficients computed together, so that kernels are read once for all of them.
const TOGETHER: usize = 4;

/// Fainter samples are silence, −500 dB: near the smallest numbers there are, every operation would
/// take many times as long.
const FAINTEST: f32 = 1e-25;

/// A band's kernel as it meets the past, oldest sample first.
struct Band {
    re: Vec<f32>,
    im: Vec<f32>,
    /// How many samples before now the newest sample taken in lies.
    age: usize,
    stride: usize,
    phase: usize,
    /// From the amplitude of a coefficient to that of the sinusoid behind it.
    level: f32,
    /// The largest squared amplitude since levels were taken.
    peak: f32,
}

/// Meters the bands of an ISAC bank.
pub struct BandMeter {
    bands: Vec<Band>,
    /// The past of each channel, from `reach` samples before `time` on.
    history: Vec<Vec<f32>>,
    reach: usize,
    /// Samples taken in.
    time: usize,
    arch: Arch,
}

impl BandMeter {
    /// A meter for so many channels; `None` for a bank of recursive filters, which an
    /// [`Engine`](crate::stream::Engine) meters quicker.
    #[must_use]
    pub fn new(bank: &Bank, channels: usize) -> Option<Self> {
        if !bank.poles().is_empty() {
            return None;
        }
        let edge = |k: usize| k == 0 || k == bank.bands() - 1;
        let band = |k: usize| {
            let kernel = &bank.analysis_kernels()[k];
            let padding = kernel.taps.len().next_multiple_of(LANES) - kernel.taps.len();
            let part = |part: fn(&Complex<f64>) -> f64| {
                let taps = kernel.taps.iter().rev().map(|tap| single(part(tap)));
                std::iter::repeat_n(0.0, padding).chain(taps).collect()
            };
            Band {
                re: part(|tap| tap.re),
                im: part(|tap| tap.im),
                age: kernel.offset,
                stride: bank.strides()[k],
                phase: bank.phases()[k],
                // A sinusoid has half its amplitude at its positive frequency, but at 0 Hz and Nyquist.
                level: if edge(k) { std::f32::consts::SQRT_2 } else { 2.0 },
                peak: 0.0,
            }
        };
        let bands: Vec<_> = (0..bank.bands()).map(band).collect();
        let reach = bands.iter().map(|band| band.age + band.re.len()).max().unwrap_or(0);
        let history = vec![vec![0.0; reach]; channels];
        Some(Self { bands, history, reach, time: 0, arch: Arch::new() })
    }

    /// Takes the next samples of every channel. Those that are no number, or too
    /// [loud](crate::stream::LOUDEST), are silence.
    ///
    /// # Panics
    /// When there are not as many channels as the meter has, or their lengths differ.
    pub fn push(&mut self, channels: &[&[f32]]) {
        assert_eq!(channels.len(), self.history.len(), "as many channels as the meter has");
        let samples = channels.first().map_or(0, |channel| channel.len());
        assert!(channels.iter().all(|channel| channel.len() == samples), "equal lengths");
        let reach = self.reach;
        for (history, channel) in self.history.iter_mut().zip(channels) {
            history.extend(channel.iter().map(|&sample| audible(sanitize(sample))));
            let new =
                Correlate { bands: &mut self.bands, history, reach, time: self.time, samples };
            self.arch.dispatch(new);
            history.drain(..samples);
        }
        self.time += samples;
    }

    /// Moves the linear levels since the last call into `levels`, one per band: the largest of any
    /// channel, 1 for a full-scale sinusoid at the centre.
    ///
    /// # Panics
    /// When there is not one level per band.
    pub fn take_levels(&mut self, levels: &mut [f32]) {
        assert_eq!(levels.len(), self.bands.len(), "one level per band");
        for (level, band) in levels.iter_mut().zip(&mut self.bands) {
            *level = band.peak.sqrt() * band.level;
            band.peak = 0.0;
        }
    }
}

/// A sample as bands take it.
fn audible(sample: f32) -> f32 {
    if sample.abs() < FAINTEST { 0.0 } else { sample }
}

/// The new samples of one channel.
struct Correlate<'a> {
    bands: &'a mut [Band],
    history: &'a [f32],
    reach: usize,
    time: usize,
    samples: usize,
}

impl WithSimd for Correlate<'_> {
    type Output = ();

    #[inline(always)] // Compiled with the caller's vector instructions.
    fn with_simd<S: Simd>(self, simd: S) {
        for band in self.bands {
            // The first sample from now on that is due.
            let late = (self.time + band.stride - band.phase) % band.stride;
            let first = (band.stride - late) % band.stride;
            let begin = self.reach + 1 - band.age - band.re.len();
            let window = |n: usize| &self.history[begin + n..begin + n + band.re.len()];
            let mut peak = band.peak;
            let mut n = first;
            while n + (TOGETHER - 1) * band.stride < self.samples {
                let windows = std::array::from_fn(|k| window(n + k * band.stride));
                let powers = powers::<S, TOGETHER>(simd, windows, &band.re, &band.im);
                peak = powers.into_iter().fold(peak, f32::max);
                n += TOGETHER * band.stride;
            }
            while n < self.samples {
                let [power] = powers::<S, 1>(simd, [window(n)], &band.re, &band.im);
                peak = peak.max(power);
                n += band.stride;
            }
            band.peak = peak;
        }
    }
}

/// |Σ x\[n\] (re\[n\] + i im\[n\])|² of several x, all as long as the kernel.
#[inline(always)] // Compiled with the caller's vector instructions.
fn powers<S: Simd, const N: usize>(
    simd: S,
    windows: [&[f32]; N],
    re: &[f32],
    im: &[f32],
) -> [f32; N] {
    let windows = windows.map(|window| S::as_simd_f32s(window).0);
    let ((re, _), (im, _)) = (S::as_simd_f32s(re), S::as_simd_f32s(im));
    let mut sums = [(simd.splat_f32s(0.0), simd.splat_f32s(0.0)); N];
    for (at, (re, im)) in re.iter().zip(im).enumerate() {
        for (sum, window) in sums.iter_mut().zip(&windows) {
            let x = window[at];
            *sum = (simd.mul_add_e_f32s(x, *re, sum.0), simd.mul_add_e_f32s(x, *im, sum.1));
        }
    }
    sums.map(|(re, im)| {
        let (re, im) = (simd.reduce_sum_f32s(re), simd.reduce_sum_f32s(im));
        re * re + im * im
    })
}

#[cfg(test)]
mod tests {
    use super::BandMeter;
    use crate::cast::{real, single};
    use crate::stream::Engine;
    use crate::{Bank, BankSpec, Kind, Sizing};
    use std::sync::Arc;

    #[test]
    fn levels_are_those_that_an_engine_meters() {
        let spec = BankSpec { sizing: Sizing::Latency { ms: 8.0 }, ..BankSpec::default() };
        let bank = Arc::new(Bank::design(&spec).expect("valid"));
        let wave = |n: usize, speed: f64| single((speed * real(n) * real(n)).sin());
        let left: Vec<f32> = (0..20_000).map(|n| wave(n, 1e-4)).collect();
        let right: Vec<f32> = (0..20_000).map(|n| 0.5 * wave(n, 3e-5)).collect();
        let mut levels = BandMeter::new(&bank, 2).expect("no recursive filters");
        let mut engine = Engine::new(bank.clone(), 2);
        engine.set_metering(true);
        let (mut ours, mut theirs) = (vec![0.0; bank.bands()], vec![0.0; bank.bands()]);
        let mut start = 0;
        for piece in [1, 63, 480, 481, 7, 3000, 968, 15_000] {
            let end = start + piece;
            levels.push(&[&left[start..end], &right[start..end]]);
            let (mut a, mut b) = (left[start..end].to_vec(), right[start..end].to_vec());
            engine.process(&mut [&mut a, &mut b]);
            levels.take_levels(&mut ours);
            engine.take_levels(&mut theirs);
            for (k, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
                let error = (ours - theirs).abs();
                assert!(error < 1e-5, "band {k} from {start}: {ours} {theirs}");
            }
            start = end;
        }
        let recursive = BankSpec { kind: Kind::Gammatone, bands: 24, ..spec };
        assert!(BandMeter::new(&Bank::design(&recursive).expect("valid"), 1).is_none());
    }

    #[test]
    fn what_is_no_sound_is_silence() {
        let spec = BankSpec { sizing: Sizing::Latency { ms: 8.0 }, ..BankSpec::default() };
        let bank = Bank::design(&spec).expect("valid");
        let wave: Vec<f32> = (0..4000).map(|n| single((1e-4 * real(n * n)).sin())).collect();
        let levels = |no_sound: [f32; 4]| {
            let mut channel = wave.clone();
            for (k, sample) in no_sound.into_iter().enumerate() {
                channel[700 + k] = sample;
            }
            let mut meter = BandMeter::new(&bank, 1).expect("no recursive filters");
            let mut levels = vec![0.0; bank.bands()];
            meter.push(&[&channel]);
            meter.take_levels(&mut levels);
            levels
        };
        let no_sound = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 2e15];
        assert_eq!(levels(no_sound), levels([0.0; 4]));
    }
}
