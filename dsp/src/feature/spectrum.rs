//! Short-time spectra.

use super::{Invalid, Plane};
use crate::cast::real;
use num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use std::f64::consts::TAU;
use std::sync::Arc;

/// What is told of a spectrum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Measure {
    /// |X|².
    #[default]
    Power,
    /// |X|.
    Magnitude,
}

/// Everything that decides short-time spectra.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The length of the FFT in samples.
    pub fft: usize,
    /// The length of the Hann window in the middle of it, in samples.
    pub window_samples: usize,
    /// From frame to frame in samples.
    pub hop_samples: usize,
    /// Whether frame t is centred on sample t · hop, with silence beyond both ends, so that there are
    /// 1 + ⌊samples / hop⌋ frames; else it begins there, and only whole frames count.
    pub centred: bool,
    /// What is told.
    pub measure: Measure,
}

impl Options {
    /// As librosa: a window as long as the FFT, a hop of a quarter, centred, powers.
    #[must_use]
    pub const fn new(fft: usize) -> Self {
        Self {
            fft,
            window_samples: fft,
            hop_samples: fft.div_ceil(4),
            centred: true,
            measure: Measure::Power,
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        Invalid::unless(self.fft >= 2, "FFT length", self.fft, "2 or more")?;
        let met = (1..=self.fft).contains(&self.window_samples);
        let possible = format!("1 to {}, the FFT length", self.fft);
        Invalid::unless(met, "window length", self.window_samples, possible)?;
        Invalid::unless(self.hop_samples >= 1, "hop", self.hop_samples, "1 sample or more")
    }
}

/// Computes short-time spectra.
pub struct Spectrum {
    options: Options,
    window: Vec<f64>,
    fft: Arc<dyn RealToComplex<f64>>,
}

impl Spectrum {
    /// Plans the transform.
    ///
    /// # Errors
    /// [`Invalid`] names the first option that cannot be met.
    pub fn new(options: &Options) -> Result<Self, Invalid> {
        options.check()?;
        // The periodic window, whose shifted copies add up to a constant.
        let turn = TAU / real(options.window_samples);
        let hann = |n: usize| 0.5 - 0.5 * (turn * real(n)).cos();
        let mut window = vec![0.0; options.fft];
        let start = (options.fft - options.window_samples) / 2;
        for (n, value) in window[start..].iter_mut().take(options.window_samples).enumerate() {
            *value = if options.window_samples == 1 { 1.0 } else { hann(n) };
        }
        let fft = RealFftPlanner::new().plan_fft_forward(options.fft);
        Ok(Self { options: *options, window, fft })
    }

    /// The number of bins: 1 + fft/2.
    #[must_use]
    pub const fn bins(&self) -> usize {
        1 + self.options.fft / 2
    }

    /// The number of frames of so many samples.
    #[must_use]
    pub const fn frames(&self, samples: usize) -> usize {
        match (self.options.centred, samples.checked_sub(self.options.fft)) {
            (true, _) => 1 + samples / self.options.hop_samples,
            (false, Some(left)) => 1 + left / self.options.hop_samples,
            (false, None) => 0,
        }
    }

    /// The spectra of a sound: bins × frames.
    #[must_use]
    pub fn apply(&self, sound: &[f64]) -> Plane {
        let mut plane = Plane::zeros(self.bins(), self.frames(sound.len()));
        self.for_each_frame(sound, |frame, spectrum| plane.write_frame(frame, spectrum));
        plane
    }

    /// Hands the spectrum of each frame to `take`, with the frame's number: for long sounds, of which
    /// not all spectra are wanted at once.
    pub fn for_each_frame(&self, sound: &[f64], mut take: impl FnMut(usize, &[f64])) {
        let lead = if self.options.centred { self.options.fft / 2 } else { 0 };
        let mut time = self.fft.make_input_vec();
        let mut spectrum = self.fft.make_output_vec();
        let mut scratch = self.fft.make_scratch_vec();
        let mut measured = vec![0.0; self.bins()];
        for frame in 0..self.frames(sound.len()) {
            let start = frame * self.options.hop_samples;
            for (n, (value, weight)) in time.iter_mut().zip(&self.window).enumerate() {
                let sample = (start + n).checked_sub(lead).and_then(|at| sound.get(at));
                *value = sample.copied().unwrap_or(0.0) * weight;
            }
            // All lengths are those of the plan.
            if self.fft.process_with_scratch(&mut time, &mut spectrum, &mut scratch).is_ok() {
                for (value, bin) in measured.iter_mut().zip(&spectrum) {
                    *value = self.measure(*bin);
                }
                take(frame, &measured);
            }
        }
    }

    fn measure(&self, bin: Complex<f64>) -> f64 {
        match self.options.measure {
            Measure::Power => bin.norm_sqr(),
            Measure::Magnitude => bin.norm(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Measure, Options, Spectrum};
    use crate::cast::real;
    use std::f64::consts::TAU;

    #[test]
    fn a_sinusoid_peaks_in_its_bin_with_half_the_windows_sum() {
        let sound: Vec<f64> = (0..4000).map(|n| (TAU * 32.0 / 256.0 * real(n)).cos()).collect();
        let options =
            Options { measure: Measure::Magnitude, hop_samples: 100, ..Options::new(256) };
        let spectrum = Spectrum::new(&options).expect("valid");
        let plane = spectrum.apply(&sound);
        assert_eq!((plane.rows(), plane.frames()), (129, 41));
        assert!((plane.row(32)[20] - 64.0).abs() < 1e-9);
        assert!((plane.row(33)[20] - 32.0).abs() < 1e-9);
        assert!(plane.row(35)[20] < 1e-9);
        let options = Options { centred: false, ..options };
        let plane = Spectrum::new(&options).expect("valid").apply(&sound);
        // 3744 samples after the first frame.
        assert_eq!(plane.frames(), 38);
        assert_eq!(Spectrum::new(&options).expect("valid").apply(&sound[..255]).frames(), 0);
    }

    #[test]
    fn options_that_cannot_be_met_are_named() {
        let refuse = |options: Options| Spectrum::new(&options).err().expect("bad").to_string();
        let options = Options::new(256);
        assert!(refuse(Options { fft: 1, ..options }).contains("FFT length 1"));
        assert!(refuse(Options { window_samples: 300, ..options }).contains("window length 300"));
        assert!(refuse(Options { hop_samples: 0, ..options }).contains("hop 0"));
    }
}
