//! The level of the whole sound, as a sound level meter has it: frequency-weighted, time weighting S.
//!
//! The rows of the spectrogram are no measure of it: each column holds the greatest power of its time,
//! which for noise is 1 to 6 dB above the mean. So the sound itself is transformed, and every bin of
//! its power is weighted by the standard's own formula, which no filter below half the sample rate meets.

use crate::cast::{real, single};
use crate::editor::monitor::weighting::Weighting;
use crate::telemetry::analyzer_queue::{ANALYZER_CHANNELS, AudioFrame};
use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use std::sync::Arc;

/// The time constant of time weighting S in seconds: IEC 61672-1:2013, 5.8.
pub const TIME_CONSTANT_S: f64 = 1.0;
/// The least length of a transform in seconds: its bins are then so near to one another that the
/// weighting of a tone at 31.5 Hz is right to 0.2 dB.
const TRANSFORM_S: f64 = 0.25;
/// The lowest level that is a level, in dB of full scale.
const FLOOR_DB: f32 = -140.0;

/// Powers by [`Weighting`].
type Powers = [f64; Weighting::ALL.len()];

/// Before and after the gains.
pub const SIDES: usize = 2;

/// The level before and after the gains, of the louder channel. Measured on the editor's thread.
#[derive(Default)]
pub struct SoundLevel {
    analysis: Option<Analysis>,
}

impl SoundLevel {
    /// Takes in an audio frame.
    pub fn push(&mut self, frame: &AudioFrame) {
        let format = (frame.sample_rate_hz, frame.channels.min(ANALYZER_CHANNELS));
        if !(frame.sample_rate_hz > 0.0 && frame.sample_rate_hz < 1e7) || format.1 == 0 {
            return;
        }
        let analysis = match &mut self.analysis {
            Some(analysis) if analysis.format == format => analysis,
            analysis => analysis.insert(Analysis::new(format)),
        };
        analysis.push(frame);
    }

    /// The level before (0) or after (1) the gains in dB of full scale, of which a full-scale sine at
    /// 1 kHz has 0; `None` where there has not been enough sound, or none that is heard.
    #[must_use]
    pub fn level_db(&self, side: usize, weighting: Weighting) -> Option<f32> {
        let channels = &self.analysis.as_ref()?.powers[side];
        let greatest = channels.iter().map(|powers| powers[weighting as usize]).fold(0.0, f64::max);
        let level_db = single(10.0 * greatest.log10());
        (level_db > FLOOR_DB).then_some(level_db)
    }
}

/// The measurement of one format of sound.
struct Analysis {
    /// Sample rate in hertz, and channels.
    format: (f64, usize),
    transform: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// By weighting: what the power of a bin counts.
    factors: [Vec<f64>; Weighting::ALL.len()],
    /// By side and channel: the samples not yet transformed.
    waiting: [[Vec<f32>; ANALYZER_CHANNELS]; SIDES],
    /// By side and channel.
    powers: [[Powers; ANALYZER_CHANNELS]; SIDES],
    measured: bool,
    /// Where the next frame begins if no sound is lost.
    next: u64,
    input: Vec<f32>,
    bins: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

impl Analysis {
    fn new(format: (f64, usize)) -> Self {
        let (rate_hz, _) = format;
        let length = crate::cast::index(single(rate_hz * TRANSFORM_S)).next_power_of_two().max(16);
        let transform = RealFftPlanner::new().plan_fft_forward(length);
        // Hann: its lobes fall fast, so that a strong low tone leaves none where A weights more.
        let turn = std::f64::consts::TAU / real(length);
        let window: Vec<f64> = (0..length).map(|n| 0.5 - 0.5 * (turn * real(n)).cos()).collect();
        let squares: f64 = window.iter().map(|tap| tap * tap).sum();
        // Parseval's theorem, with the half of the bins that is not computed; a sine's power is half
        // the square of its amplitude.
        let scale = 2.0 * 2.0 / (real(length) * squares);
        let bins = transform.make_output_vec();
        let spacing_hz = rate_hz / real(length);
        let factors = Weighting::ALL.map(|weighting| {
            let factors = weighting.of_bins(bins.len(), spacing_hz).into_iter();
            factors.map(|factor| factor * scale).collect()
        });
        Self {
            format,
            window: window.into_iter().map(single).collect(),
            factors,
            waiting: Default::default(),
            powers: Default::default(),
            measured: false,
            next: 0,
            input: transform.make_input_vec(),
            scratch: transform.make_scratch_vec(),
            bins,
            transform,
        }
    }

    fn push(&mut self, frame: &AudioFrame) {
        let lost = frame.start != self.next;
        self.next = frame.start + frame.pre[0].len() as u64;
        for (side, samples) in [&frame.pre, &frame.post].into_iter().enumerate() {
            let waiting = self.waiting[side].iter_mut().zip(samples);
            for (waiting, samples) in waiting.take(self.format.1) {
                if lost {
                    waiting.clear();
                }
                waiting.extend_from_slice(samples);
            }
        }
        while self.waiting[0][0].len() >= self.window.len() {
            self.measure();
        }
    }

    /// Measures what is waiting, half of which is measured once more with what follows.
    fn measure(&mut self) {
        let hop = self.window.len() / 2;
        let share = if self.measured {
            1.0 - (-real(hop) / self.format.0 / TIME_CONSTANT_S).exp()
        } else {
            1.0
        };
        self.measured = true;
        for side in 0..SIDES {
            for channel in 0..self.format.1 {
                let now = self.transformed(side, channel);
                for (power, now) in self.powers[side][channel].iter_mut().zip(now) {
                    *power += share * (now - *power);
                }
                self.waiting[side][channel].drain(..hop);
            }
        }
    }

    fn transformed(&mut self, side: usize, channel: usize) -> Powers {
        let samples = self.waiting[side][channel].iter().zip(&self.window);
        for (input, (sample, tap)) in self.input.iter_mut().zip(samples) {
            // What is no number would stay in the mean for ever.
            *input = if sample.is_finite() { sample * tap } else { 0.0 };
        }
        let (input, bins) = (&mut self.input, &mut self.bins);
        // Vectors as long as the transform has made them.
        let _ = self.transform.process_with_scratch(input, bins, &mut self.scratch);
        self.factors.each_ref().map(|factors| {
            let power = |(bin, factor): (&Complex<f32>, &f64)| f64::from(bin.norm_sqr()) * factor;
            self.bins.iter().zip(factors).map(power).sum()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::analyzer_queue::FRAME_SAMPLES;

    /// The levels after 3 s of a sound and half of it, by weighting.
    fn levels(rate_hz: f64, mut sound: impl FnMut(f64) -> f64) -> [[f32; 3]; SIDES] {
        let mut meter = SoundLevel::default();
        let mut n = 0_u32;
        while f64::from(n) < 3.0 * rate_hz {
            let start = u64::from(n);
            let mut pre = [0.0; FRAME_SAMPLES];
            for sample in &mut pre {
                *sample = single(sound(f64::from(n) / rate_hz));
                n += 1;
            }
            let post = [pre.map(|sample| 0.5 * sample); ANALYZER_CHANNELS];
            let pre = [pre; ANALYZER_CHANNELS];
            meter.push(&AudioFrame { sample_rate_hz: rate_hz, start, channels: 2, pre, post });
        }
        std::array::from_fn(|side| {
            Weighting::ALL.map(|weighting| meter.level_db(side, weighting).expect("sounds"))
        })
    }

    #[test]
    fn tones_read_as_the_standards_table_says() {
        for (nominal_hz, a_db, c_db) in [
            (31.5, -39.4, -3.0),
            (63.0, -26.2, -0.8),
            (125.0, -16.1, -0.2),
            (1_000.0, 0.0, 0.0),
            (4_000.0, 1.0, -0.8),
            (16_000.0, -6.6, -8.5),
        ] {
            let third = (10.0 * f64::log10(nominal_hz / 1_000.0)).round();
            let hz = 1_000.0 * 10.0_f64.powf(third / 10.0);
            for rate_hz in [44_100.0, 48_000.0] {
                let tone = |time_s: f64| 0.5 * (std::f64::consts::TAU * hz * time_s).sin();
                let levels = levels(rate_hz, tone);
                for (side, at_1_khz_db) in [(0, -6.02), (1, -12.04)] {
                    for (level_db, weighting_db) in levels[side].into_iter().zip([a_db, c_db, 0.0])
                    {
                        let error_db = level_db - at_1_khz_db - weighting_db;
                        assert!(error_db.abs() < 0.25, "{hz} Hz at {rate_hz}: {levels:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn noise_reads_its_mean_power() {
        let mut seed = 1_u32;
        let noise = |_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(seed >> 8) / f64::from(1_u32 << 23) - 1.0
        };
        let levels = levels(48_000.0, noise);
        // A third of the square of its amplitude, in powers of a full-scale sine.
        let expected_db = single(10.0 * (2.0_f64 / 3.0).log10());
        assert!((levels[0][Weighting::Z as usize] - expected_db).abs() < 0.15, "{levels:?}");
    }

    #[test]
    fn an_offset_is_no_sound_and_what_is_no_number_does_not_stay() {
        let mut meter = SoundLevel::default();
        let tone = |n: usize| single(0.1 * (real(n) * 0.3).sin());
        for (start, offset) in (0..400_u64).map(|i| (i * 256, 0.7)) {
            let mut pre = [[offset; FRAME_SAMPLES]; ANALYZER_CHANNELS];
            if start > 200 * 256 {
                for (n, sample) in pre[0].iter_mut().enumerate() {
                    *sample = if start == 201 * 256 { f32::NAN } else { tone(n) };
                }
            }
            meter.push(&AudioFrame {
                sample_rate_hz: 48_000.0,
                start,
                channels: 1,
                pre,
                post: pre,
            });
            if start == 200 * 256 {
                let level_db = meter.level_db(0, Weighting::Z);
                assert!(level_db.is_none_or(|level_db| level_db < -80.0), "{level_db:?}");
            }
        }
        assert!(meter.level_db(0, Weighting::A).expect("sounds").is_finite());
    }
}
