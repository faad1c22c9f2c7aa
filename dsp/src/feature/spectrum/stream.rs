//! Short-time spectra of a sound that comes piece by piece.

use super::{Padding, Spectrum};
use crate::feature::finite_sample;
use num_complex::Complex;

/// A [`Spectrum`] at work on a stream; it holds the last few frames of the sound.
pub struct SpectrumStream {
    spectrum: Spectrum,
    /// The sound with its padding, from `first` on.
    padded: Vec<f64>,
    first: usize,
    /// Samples taken in.
    samples: usize,
    /// Whether the padding before the sound is in place.
    padded_before: bool,
    /// Frames handed on.
    frames: usize,
    windowed: Vec<f64>,
    bins: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
    measured: Vec<f64>,
}

impl SpectrumStream {
    pub(super) fn new(spectrum: Spectrum) -> Self {
        let mut stream = Self {
            padded: Vec::new(),
            first: 0,
            samples: 0,
            padded_before: false,
            frames: 0,
            windowed: spectrum.fft.make_input_vec(),
            bins: spectrum.fft.make_output_vec(),
            scratch: spectrum.fft.make_scratch_vec(),
            measured: vec![0.0; spectrum.bins()],
            spectrum,
        };
        stream.begin();
        stream
    }

    fn begin(&mut self) {
        (self.first, self.samples, self.frames) = (0, 0, 0);
        self.padded.clear();
        self.padded_before = self.spectrum.options.padding != Padding::Reflect;
        if self.padded_before {
            self.padded.resize(self.spectrum.lead(), 0.0);
        }
    }

    /// Takes samples in and hands on the frames that they complete: their number, and one value per bin.
    pub fn push(&mut self, sound: &[f64], take: &mut dyn FnMut(usize, &[f64])) {
        self.padded.extend(sound.iter().copied().map(finite_sample));
        self.samples += sound.len();
        if !self.padded_before && self.samples > self.spectrum.lead() {
            self.mirror_beginning();
        }
        if self.padded_before {
            self.hand_on(usize::MAX, take);
        }
    }

    /// Ends the sound and hands on the frames that are left. The stream then begins anew.
    pub fn finish(&mut self, take: &mut dyn FnMut(usize, &[f64])) {
        if !self.padded_before {
            self.mirror_beginning();
        }
        let frames = self.spectrum.frames(self.samples);
        let (hop, fft) = (self.spectrum.options.hop_samples, self.spectrum.options.fft);
        let needed = frames.checked_sub(1).map_or(0, |last| last * hop + fft);
        let missing = needed.saturating_sub(self.first + self.padded.len());
        let lead = self.spectrum.lead();
        // The sound as far as it is kept, without the padding before it.
        let sound = lead.saturating_sub(self.first)..lead + self.samples - self.first;
        let after: Vec<f64> = match self.spectrum.options.padding {
            Padding::Reflect => {
                let sound = &self.padded[sound];
                (0..missing).map(|n| mirrored(sound, sound.len() + n)).collect()
            }
            Padding::None | Padding::Zeros => vec![0.0; missing],
        };
        self.padded.extend(after);
        self.hand_on(frames, take);
        self.begin();
    }

    /// Puts the mirror image of the beginning before it.
    fn mirror_beginning(&mut self) {
        let lead = self.spectrum.lead();
        let before: Vec<f64> = (1..=lead).rev().map(|n| mirrored(&self.padded, n)).collect();
        self.padded.splice(0..0, before);
        self.padded_before = true;
    }

    /// Hands on what frames are complete, up to so many.
    fn hand_on(&mut self, most: usize, take: &mut dyn FnMut(usize, &[f64])) {
        let (hop, fft) = (self.spectrum.options.hop_samples, self.spectrum.options.fft);
        while self.frames < most && self.frames * hop + fft <= self.first + self.padded.len() {
            let start = self.frames * hop - self.first;
            let sound = &self.padded[start..start + fft];
            for ((value, sample), weight) in
                self.windowed.iter_mut().zip(sound).zip(&self.spectrum.window)
            {
                *value = sample * weight;
            }
            // All lengths are those of the plan.
            let plan = &self.spectrum.fft;
            if plan
                .process_with_scratch(&mut self.windowed, &mut self.bins, &mut self.scratch)
                .is_ok()
            {
                for (value, bin) in self.measured.iter_mut().zip(&self.bins) {
                    *value = self.spectrum.measure(*bin);
                }
                take(self.frames, &self.measured);
            }
            self.frames += 1;
        }
        // What the next frame needs, and what a mirror image at the end may.
        let end = self.first + self.padded.len();
        let keep = (self.frames * hop).min(end.saturating_sub(fft + 2)).saturating_sub(self.first);
        if keep > super::PIECE {
            self.padded.drain(..keep);
            self.first += keep;
        }
    }
}

/// The sample at `n` of a sound mirrored at both ends, without end.
fn mirrored(sound: &[f64], n: usize) -> f64 {
    match sound {
        [] => 0.0,
        [only] => *only,
        _ => {
            let around = 2 * (sound.len() - 1);
            let at = n % around;
            sound[at.min(around - at)]
        }
    }
}
