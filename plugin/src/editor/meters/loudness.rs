//! Loudness and true peak by EBU R 128, of the sound before and after the gains. Measured on the
//! editor's thread from the audio thread's queue: the audio thread has no part in it, and it costs nothing
//! while no window is open.

use crate::editor::meters::levels::SILENCE_DB;
use crate::telemetry::analyzer_queue::{AudioFrame, Samples};
use ebur128::{EbuR128, Mode};

/// How often the figures are read, in seconds: as often as the standard asks for.
const READ_S: f64 = 0.1;

/// Loudness in LUFS and peaks; `None` where there has not been enough sound.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Loudness {
    /// Of the last 0.4 s.
    pub momentary: Option<f64>,
    /// Of the last 3 s.
    pub short_term: Option<f64>,
    /// Of everything since the meters were reset, silence and pauses left out.
    pub integrated: Option<f64>,
    /// The largest sample since the meters were reset, in dB of full scale.
    pub sample_peak_db: Option<f64>,
    /// The same of the signal between the samples, in dBTP: ITU-R BS.1770-4, annex 2.
    pub true_peak_db: Option<f64>,
}

impl Loudness {
    fn read(meter: &EbuR128) -> Self {
        let measured =
            |lufs: Result<f64, _>| lufs.ok().filter(|lufs| lufs.is_finite() && *lufs > -70.0);
        let loudest_db = |peak: fn(&EbuR128, u32) -> Result<f64, ebur128::Error>| {
            let peaks = (0..meter.channels()).filter_map(|channel| peak(meter, channel).ok());
            let peak_db = 20.0 * peaks.fold(0.0, f64::max).log10();
            (peak_db > f64::from(SILENCE_DB)).then_some(peak_db)
        };
        Self {
            sample_peak_db: loudest_db(EbuR128::sample_peak),
            true_peak_db: loudest_db(EbuR128::true_peak),
            momentary: measured(meter.loudness_momentary()),
            short_term: measured(meter.loudness_shortterm()),
            integrated: measured(meter.loudness_global()),
        }
    }
}

/// Measures both sides of the gains.
#[derive(Default)]
pub struct LoudnessMeter {
    /// Before and after, with their sample rate and number of channels.
    meters: Option<([EbuR128; 2], (u32, u32))>,
    read_s: f64,
    loudness: [Loudness; 2],
}

impl LoudnessMeter {
    /// Takes in an audio frame.
    pub fn push(&mut self, frame: &AudioFrame) {
        let Some(format) = format_of(frame) else { return };
        if self.meters.as_ref().is_none_or(|(_, known)| *known != format) {
            self.meters = meters(format).map(|meters| (meters, format));
        }
        if let Some((meters, (_, channels))) = &mut self.meters {
            for (meter, samples) in meters.iter_mut().zip([&frame.pre, &frame.post]) {
                add(meter, samples, *channels);
            }
        }
    }

    /// Reads the figures, if it is time to; `now_s` is a clock in seconds.
    pub fn read(&mut self, now_s: f64) {
        if now_s - self.read_s >= READ_S
            && let Some((meters, _)) = &self.meters
        {
            self.read_s = now_s;
            self.loudness = meters.each_ref().map(Loudness::read);
        }
    }

    /// Restarts all measurements.
    pub fn reset(&mut self) {
        self.meters = None;
        self.loudness = [Loudness::default(); 2];
    }

    /// Before and after the gains.
    #[must_use]
    pub fn loudness(&self) -> [Loudness; 2] {
        self.loudness
    }
}

/// Sample rate and channels of a frame; `None` where there is nothing to measure.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn format_of(frame: &AudioFrame) -> Option<(u32, u32)> {
    let rate = frame.sample_rate_hz.round().clamp(0.0, 1e7) as u32;
    let channels = u32::try_from(frame.channels.min(frame.pre.len())).ok()?;
    (rate > 0 && channels > 0).then_some((rate, channels))
}

fn meters((rate, channels): (u32, u32)) -> Option<[EbuR128; 2]> {
    // The histogram keeps the memory of the integrated loudness from growing.
    let mode = Mode::S | Mode::I | Mode::HISTOGRAM | Mode::TRUE_PEAK;
    let meter = || EbuR128::new(channels, rate, mode).ok();
    Some([meter()?, meter()?])
}

fn add(meter: &mut EbuR128, samples: &Samples, channels: u32) {
    let planes: [&[f32]; 2] = [&samples[0], &samples[1]];
    let count = usize::try_from(channels).unwrap_or(0).min(planes.len());
    // Planes as many and as long as the meter was made for.
    let _ = meter.add_frames_planar_f32(&planes[..count]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::analyzer_queue::{ANALYZER_CHANNELS, FRAME_SAMPLES};

    /// EBU Tech 3341, case 1: a stereo sine of 1 kHz at −23 dBFS reads −23 LUFS.
    #[test]
    fn the_standards_tone_reads_as_it_says() {
        let mut meter = LoudnessMeter::default();
        let mut n = 0_u32;
        for _ in 0..4 * 48_000 / 256 {
            let mut tone = [0.0; FRAME_SAMPLES];
            for sample in &mut tone {
                let phase = std::f64::consts::TAU * 1000.0 * f64::from(n) / 48_000.0;
                *sample =
                    crate::editor::view::cast::single(10.0_f64.powf(-23.0 / 20.0) * phase.sin());
                n += 1;
            }
            let half = tone.map(|sample| 0.5 * sample);
            meter.push(&AudioFrame {
                sample_rate_hz: 48_000.0,
                start: 0,
                channels: 2,
                pre: [tone; ANALYZER_CHANNELS],
                post: [half; ANALYZER_CHANNELS],
            });
        }
        meter.read(1.0);
        let [before, after] = meter.loudness();
        for lufs in [before.momentary, before.short_term, before.integrated] {
            assert!((lufs.expect("sounds") + 23.0).abs() < 0.1, "{before:?}");
        }
        assert!((after.integrated.expect("sounds") + 29.02).abs() < 0.1, "{after:?}");
        meter.reset();
        assert_eq!(meter.loudness(), [Loudness::default(); 2]);
    }

    /// A sine at a quarter of the sample rate whose samples all miss its crests by 45°: the largest
    /// sample is 3 dB below the true peak.
    #[test]
    fn the_true_peak_is_the_one_between_the_samples() {
        let mut meter = LoudnessMeter::default();
        let amplitude = crate::editor::view::cast::single(10.0_f64.powf(-1.0 / 20.0 - 0.150_515));
        let mut tone = [0.0; FRAME_SAMPLES];
        for four in tone.chunks_exact_mut(4) {
            four.copy_from_slice(&[amplitude, amplitude, -amplitude, -amplitude]);
        }
        for _ in 0..20 {
            meter.push(&AudioFrame {
                sample_rate_hz: 48_000.0,
                start: 0,
                channels: 1,
                pre: [tone; ANALYZER_CHANNELS],
                post: [[0.0; FRAME_SAMPLES]; ANALYZER_CHANNELS],
            });
        }
        meter.read(1.0);
        let [before, after] = meter.loudness();
        let sample_peak_db = before.sample_peak_db.expect("sounds");
        let true_peak_db = before.true_peak_db.expect("sounds");
        assert!((sample_peak_db + 4.01).abs() < 0.01, "{before:?}");
        // EBU Tech 3341 allows +0.2 and −0.4 dB.
        assert!((-1.4..=-0.8).contains(&true_peak_db), "{before:?}");
        assert_eq!((after.sample_peak_db, after.true_peak_db), (None, None));
    }
}
