//! The long-term spectrum of a sound: its mean power in narrow bins, pauses not counted.

use super::limits::BINS_MAX;
use super::spectrum::{Padding, Spectrum, SpectrumOptions, SpectrumStream};
use super::{OptionError, finite_sample};
use crate::cast::{count, real};
use std::f64::consts::TAU;
use std::ops::Range;

/// Frames are at least this long in seconds, so that bins, 2 Hz or less apart, are finer than any band.
const FRAME_S: f64 = 0.5;

/// Frames begin a quarter of one apart, so that their Hann windows weigh every sample alike.
const HOPS: usize = 4;

/// What is sound and what is a pause is decided for pieces of this length in seconds.
const PIECE_S: f64 = 0.1;

/// Pieces below this mean square, in dB re 1, are pauses. The noise of 16 bits with dither is at −96 dB.
pub const PAUSE_DB: f64 = -90.0;

/// Bins that a constant reaches through the Hann window.
const DC_BINS: usize = 2;

/// Measures the long-term spectrum of a sound that comes piece by piece. Samples that are no number, or [too
/// loud](super::finite_sample), are silence.
///
/// Frames are within the sound, lest its ends are heard as clicks; a shorter one is a frame of its own.
pub struct LongTermMeter {
    sample_rate_hz: f64,
    fft: usize,
    frames: Frames,
    /// The sum of |X|² over all frames and channels, bin by bin.
    sums: Vec<f64>,
    samples: usize,
    /// The sum of squares in the piece so far, and its samples of one channel.
    piece: (f64, usize),
    piece_samples: usize,
    /// Which samples are no pause: ranges that rise, apart from one another.
    sounding: Vec<Range<usize>>,
}

/// What is done with samples.
enum Frames {
    /// The sound so far of every channel, while it is shorter than a frame.
    Held(Vec<Vec<f64>>),
    /// The frames of every channel.
    Streams(Vec<SpectrumStream>),
}

impl LongTermMeter {
    /// A meter for so many channels, whose powers are averaged.
    ///
    /// # Errors
    /// [`OptionError`] where there is no channel, or the sample rate is not within 1 Hz and what a frame can hold.
    pub fn new(sample_rate_hz: f64, channels: usize) -> Result<Self, OptionError> {
        OptionError::unless(channels >= 1, "channels", channels, "1 or more")?;
        let most_hz = real(BINS_MAX) / FRAME_S;
        let possible = (1.0..=most_hz).contains(&sample_rate_hz);
        OptionError::unless(possible, "sample rate", sample_rate_hz, format!("1 to {most_hz} Hz"))?;
        let fft = count((FRAME_S * sample_rate_hz).ceil()).next_power_of_two().max(16);
        // What cannot be met is said now.
        spectrum(fft, fft)?;
        Ok(Self {
            sample_rate_hz,
            fft,
            frames: Frames::Held(vec![Vec::new(); channels]),
            sums: vec![0.0; fft / 2 + 1],
            samples: 0,
            piece: (0.0, 0),
            piece_samples: count(PIECE_S * sample_rate_hz).max(1),
            sounding: Vec::new(),
        })
    }

    /// Takes the next samples of every channel.
    ///
    /// # Panics
    /// When there are not as many channels as the meter has, or their lengths differ.
    pub fn push(&mut self, channels: &[&[f32]]) {
        assert_eq!(channels.len(), self.channels(), "as many channels as the meter has");
        let samples = channels[0].len();
        assert!(channels.iter().all(|channel| channel.len() == samples), "equal lengths");
        self.count(channels);
        let wide = |channel: &&[f32]| channel.iter().map(|sample| f64::from(*sample)).collect();
        let wide: Vec<Vec<f64>> = channels.iter().map(wide).collect();
        match &mut self.frames {
            Frames::Streams(streams) => take(streams, &wide, &mut self.sums),
            Frames::Held(held) => {
                for (held, wide) in held.iter_mut().zip(wide) {
                    held.extend(wide);
                }
                if held[0].len() >= self.fft
                    && let Ok(spectrum) = spectrum(self.fft, self.fft)
                {
                    let mut streams: Vec<_> = held.iter().map(|_| spectrum.stream()).collect();
                    take(&mut streams, held, &mut self.sums);
                    self.frames = Frames::Streams(streams);
                }
            }
        }
    }

    const fn channels(&self) -> usize {
        match &self.frames {
            Frames::Held(channels) => channels.len(),
            Frames::Streams(channels) => channels.len(),
        }
    }

    /// Ends the sound.
    #[must_use]
    pub fn finish(mut self) -> LongTermSpectrum {
        self.end_piece();
        let windows = match &self.frames {
            Frames::Streams(_) => Windows::whole(self.fft, self.samples),
            Frames::Held(held) => {
                take_short(self.fft, held, &mut self.sums);
                Windows { window: self.samples, hop: self.fft, frames: 1 }
            }
        };
        // A transform of N samples holds N times their energy, half of it at negative frequencies. Pauses hold nothing,
        // and do not count.
        let weight: f64 = self.sounding.iter().map(|range| windows.weight(range)).sum();
        let scale = weight * real(self.channels()) * real(self.fft);
        let both_signs = |bin: usize| if bin == self.fft / 2 { 1.0 } else { 2.0 };
        let dc_bins = (DC_BINS * self.fft).div_ceil(windows.window.max(1));
        let power = |(bin, sum): (usize, &f64)| match bin >= dc_bins && scale > 0.0 {
            true => both_signs(bin) * sum / scale,
            false => 0.0,
        };
        let sounding: usize = self.sounding.iter().map(ExactSizeIterator::len).sum();
        LongTermSpectrum {
            sample_rate_hz: self.sample_rate_hz,
            powers: self.sums.iter().enumerate().map(power).collect(),
            sounding_s: real(sounding) / self.sample_rate_hz,
        }
    }

    /// Counts the samples that are no pause.
    fn count(&mut self, channels: &[&[f32]]) {
        for n in 0..channels[0].len() {
            let square = |channel: &&[f32]| finite_sample(f64::from(channel[n])).powi(2);
            self.piece.0 += channels.iter().map(square).sum::<f64>();
            self.piece.1 += 1;
            self.samples += 1;
            if self.piece.1 == self.piece_samples {
                self.end_piece();
            }
        }
    }

    fn end_piece(&mut self) {
        let (sum, samples) = std::mem::take(&mut self.piece);
        let least = 10.0_f64.powf(PAUSE_DB / 10.0) * real(samples * self.channels());
        if sum > least {
            let start = self.samples - samples;
            match self.sounding.last_mut().filter(|last| last.end == start) {
                Some(last) => last.end = self.samples,
                None => self.sounding.push(start..self.samples),
            }
        }
    }
}

/// Frames of so many samples under a Hann window.
fn spectrum(fft: usize, window_samples: usize) -> Result<Spectrum, OptionError> {
    let hop_samples = fft / HOPS;
    let options = SpectrumOptions {
        window_samples,
        hop_samples,
        padding: Padding::None,
        ..SpectrumOptions::new(fft)
    };
    Spectrum::new(&options)
}

/// Where the Hann windows of frames are.
struct Windows {
    window: usize,
    hop: usize,
    frames: usize,
}

impl Windows {
    /// Those of frames of so many samples within a sound.
    const fn whole(fft: usize, samples: usize) -> Self {
        let hop = fft / HOPS;
        Self { window: fft, hop, frames: 1 + (samples - fft) / hop }
    }

    /// How much samples weigh in all frames together: the sum of the windows' squares.
    fn weight(&self, samples: &Range<usize>) -> f64 {
        // Where there are as many frames as can be, they add up to the same everywhere.
        let full = self.hop * (HOPS - 1)..self.hop * self.frames;
        let inside = samples.start.max(full.start)..samples.end.min(full.end);
        if self.window != self.hop * HOPS || inside.is_empty() {
            return samples.clone().map(|n| self.at(n)).sum();
        }
        let edges = (samples.start..inside.start).chain(inside.end..samples.end);
        // The mean square of a Hann window is 3/8.
        edges.map(|n| self.at(n)).sum::<f64>() + 0.375 * real(HOPS) * real(inside.len())
    }

    fn at(&self, n: usize) -> f64 {
        let first = (n + 1).saturating_sub(self.window).div_ceil(self.hop);
        let frames = first..self.frames.min(n / self.hop + 1);
        let hann = |n: usize| match self.window {
            1 => 1.0,
            _ => 0.5 - 0.5 * (TAU * real(n) / real(self.window)).cos(),
        };
        frames.map(|frame| hann(n - frame * self.hop).powi(2)).sum()
    }
}

/// Adds the powers of the frames that the next samples complete.
fn take(streams: &mut [SpectrumStream], channels: &[Vec<f64>], sums: &mut [f64]) {
    for (stream, channel) in streams.iter_mut().zip(channels) {
        stream.push(channel, &mut |_, powers| add(sums, powers));
    }
}

/// Adds the powers of a sound that is shorter than a frame.
fn take_short(fft: usize, channels: &[Vec<f64>], sums: &mut [f64]) {
    let samples = channels[0].len();
    let Ok(spectrum) = spectrum(fft, samples) else { return };
    for channel in channels {
        let mut frame = vec![0.0; fft];
        // Where the window is.
        frame[(fft - samples) / 2..][..samples].copy_from_slice(channel);
        spectrum.for_each_frame(&frame, |_, powers| add(sums, powers));
    }
}

fn add(sums: &mut [f64], powers: &[f64]) {
    for (sum, power) in sums.iter_mut().zip(powers) {
        *sum += power;
    }
}

/// The mean power of a sound over the time that it is no pause, in bins from 0 Hz to half the sample rate.
#[derive(Clone, Debug, PartialEq)]
pub struct LongTermSpectrum {
    sample_rate_hz: f64,
    powers: Vec<f64>,
    sounding_s: f64,
}

impl LongTermSpectrum {
    /// The sample rate in hertz.
    #[must_use]
    pub const fn sample_rate_hz(&self) -> f64 {
        self.sample_rate_hz
    }

    /// The mean square in each bin, 1 of a constant of 1: the mean of all channels. A constant is left out.
    #[must_use]
    pub fn powers(&self) -> &[f64] {
        &self.powers
    }

    /// From bin to bin in hertz.
    #[must_use]
    pub fn bin_hz(&self) -> f64 {
        0.5 * self.sample_rate_hz / real(self.powers.len() - 1)
    }

    /// How long the sound is in seconds, pauses not counted.
    #[must_use]
    pub const fn sounding_s(&self) -> f64 {
        self.sounding_s
    }

    /// The power from one edge in hertz to the next, of rising edges: one less than there are edges. A bin reaches
    /// half a bin to either side.
    #[must_use]
    pub fn between(&self, edges_hz: &[f64]) -> Vec<f64> {
        let mut below = Vec::with_capacity(self.powers.len() + 1);
        below.push(0.0);
        let mut sum = 0.0;
        below.extend(self.powers.iter().map(|power| {
            sum += power;
            sum
        }));
        let up_to = |hz: &f64| {
            let bins = (hz / self.bin_hz() + 0.5).clamp(0.0, real(self.powers.len()));
            let whole = count(bins.floor()).min(self.powers.len() - 1);
            below[whole] + (bins - real(whole)) * self.powers[whole]
        };
        let sums: Vec<f64> = edges_hz.iter().map(up_to).collect();
        sums.array_windows().map(|[low, high]| (high - low).max(0.0)).collect()
    }
}
