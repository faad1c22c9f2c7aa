//! Short-time spectra.

mod stream;

pub use stream::SpectrumStream;

use super::{FeatureMatrix, OptionError};
use crate::cast::real;
use num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use std::f64::consts::TAU;
use std::sync::Arc;

/// Samples taken in at a time of a sound that is there as a whole.
const PIECE: usize = 1 << 16;

/// What is measured of a bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Measure {
    /// |X|².
    #[default]
    Power,
    /// |X|.
    Magnitude,
}

/// What lies beyond both ends of a sound. With any padding frame t is centred on sample t · hop, so that there are
/// 1 + ⌊samples / hop⌋ frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Padding {
    /// Nothing: frame t begins at sample t · hop, and only whole frames count (`center=False` in librosa).
    None,
    /// Silence (`pad_mode="constant"`).
    #[default]
    Zeros,
    /// The sound mirrored at its first and its last sample, which are not repeated; where it is shorter than
    /// half the FFT, again and again (`pad_mode="reflect"`).
    Reflect,
}

/// Everything that decides short-time spectra.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpectrumOptions {
    /// The length of the FFT in samples.
    pub fft: usize,
    /// The length of the Hann window in the middle of it, in samples.
    pub window_samples: usize,
    /// From frame to frame in samples.
    pub hop_samples: usize,
    /// What lies beyond both ends.
    pub padding: Padding,
    /// What is measured.
    pub measure: Measure,
}

impl SpectrumOptions {
    /// As librosa: a window as long as the FFT, a hop of a quarter, silence beyond both ends, powers.
    #[must_use]
    pub const fn new(fft: usize) -> Self {
        Self {
            fft,
            window_samples: fft,
            hop_samples: fft.div_ceil(4),
            padding: Padding::Zeros,
            measure: Measure::Power,
        }
    }

    fn check(&self) -> Result<(), OptionError> {
        super::limits::within("FFT length", self.fft, 2, super::limits::BINS_MAX)?;
        let met = (1..=self.fft).contains(&self.window_samples);
        let possible = format!("1 to {}, the FFT length", self.fft);
        OptionError::unless(met, "window length", self.window_samples, possible)?;
        OptionError::unless(self.hop_samples >= 1, "hop", self.hop_samples, "1 sample or more")
    }
}

/// Computes short-time spectra. Samples that are no number, or [too loud](super::finite_sample), are silence.
#[derive(Clone)]
pub struct Spectrum {
    options: SpectrumOptions,
    window: Vec<f64>,
    fft: Arc<dyn RealToComplex<f64>>,
}

impl Spectrum {
    /// Plans the transform.
    ///
    /// # Errors
    /// [`OptionError`] names the first option that cannot be met.
    pub fn new(options: &SpectrumOptions) -> Result<Self, OptionError> {
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
        match (self.options.padding, samples.checked_sub(self.options.fft)) {
            (Padding::Zeros | Padding::Reflect, _) => 1 + samples / self.options.hop_samples,
            (Padding::None, Some(left)) => 1 + left / self.options.hop_samples,
            (Padding::None, None) => 0,
        }
    }

    /// Samples from the beginning of a frame to the time that it stands for.
    const fn lead(&self) -> usize {
        match self.options.padding {
            Padding::None => 0,
            Padding::Zeros | Padding::Reflect => self.options.fft / 2,
        }
    }

    /// The spectra of a sound: bins × frames.
    #[must_use]
    pub fn apply(&self, sound: &[f64]) -> FeatureMatrix {
        let mut spectra = FeatureMatrix::zeros(self.bins(), self.frames(sound.len()));
        self.for_each_frame(sound, |frame, spectrum| spectra.write_frame(frame, spectrum));
        spectra
    }

    /// Hands the spectrum of each frame to `take`, with the frame's number: for long sounds, of which
    /// not all spectra are needed at once.
    pub fn for_each_frame(&self, sound: &[f64], mut take: impl FnMut(usize, &[f64])) {
        let mut stream = self.stream();
        for piece in sound.chunks(PIECE) {
            stream.push(piece, &mut take);
        }
        stream.finish(&mut take);
    }

    /// The spectra of a sound that comes piece by piece; it keeps no more of it than a few frames.
    #[must_use]
    pub fn stream(&self) -> SpectrumStream {
        SpectrumStream::new(self.clone())
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
    use super::{Measure, Padding, Spectrum, SpectrumOptions};
    use crate::cast::real;
    use std::f64::consts::TAU;

    #[test]
    fn a_sinusoid_peaks_in_its_bin_with_half_the_windows_sum() {
        let sound: Vec<f64> = (0..4000).map(|n| (TAU * 32.0 / 256.0 * real(n)).cos()).collect();
        let options = SpectrumOptions {
            measure: Measure::Magnitude,
            hop_samples: 100,
            ..SpectrumOptions::new(256)
        };
        let spectrum = Spectrum::new(&options).expect("valid");
        let plane = spectrum.apply(&sound);
        assert_eq!((plane.rows(), plane.frames()), (129, 41));
        assert!((plane.row(32)[20] - 64.0).abs() < 1e-9);
        assert!((plane.row(33)[20] - 32.0).abs() < 1e-9);
        assert!(plane.row(35)[20] < 1e-9);
        let options = SpectrumOptions { padding: Padding::None, ..options };
        let plane = Spectrum::new(&options).expect("valid").apply(&sound);
        // 3744 samples after the first frame.
        assert_eq!(plane.frames(), 38);
        assert_eq!(Spectrum::new(&options).expect("valid").apply(&sound[..255]).frames(), 0);
    }

    #[test]
    fn options_that_cannot_be_met_are_named() {
        let refuse =
            |options: SpectrumOptions| Spectrum::new(&options).err().expect("bad").to_string();
        let options = SpectrumOptions::new(256);
        assert!(refuse(SpectrumOptions { fft: 1, ..options }).contains("FFT length 1"));
        assert!(
            refuse(SpectrumOptions { window_samples: 300, ..options })
                .contains("window length 300")
        );
        assert!(refuse(SpectrumOptions { hop_samples: 0, ..options }).contains("hop 0"));
    }

    #[test]
    fn padding_is_the_sound_padded_beforehand() {
        let sound: Vec<f64> = (0..300).map(|n| (0.01 * real(n * n)).sin()).collect();
        for (fft, samples) in [(64, 300), (65, 300), (64, 33), (64, 20), (64, 2), (64, 1), (64, 0)]
        {
            let sound = &sound[..samples];
            let options = SpectrumOptions { hop_samples: 10, ..SpectrumOptions::new(fft) };
            let lead = fft / 2;
            let silence = vec![0.0; lead + 1];
            // As numpy.pad(mode="reflect"): to and fro, ends not twice.
            let mirrored = |n: usize| match samples {
                0 => 0.0,
                1 => sound[0],
                _ => {
                    let around = 2 * (samples - 1);
                    let at = (n + around * lead - lead) % around;
                    sound[at.min(around - at)]
                }
            };
            let padded = [
                (Padding::Zeros, [&silence[..lead], sound, &silence].concat()),
                (Padding::Reflect, (0..samples + 2 * lead + 1).map(mirrored).collect()),
            ];
            for (padding, padded) in padded {
                let ours = Spectrum::new(&SpectrumOptions { padding, ..options }).expect("valid");
                let plain = SpectrumOptions { padding: Padding::None, ..options };
                let plain = Spectrum::new(&plain).expect("valid").apply(&padded);
                let ours = ours.apply(sound);
                assert_eq!(ours.frames(), 1 + samples / 10);
                for row in 0..ours.rows() {
                    assert_eq!(
                        ours.row(row),
                        &plain.row(row)[..ours.frames()],
                        "{padding:?} {samples}"
                    );
                }
            }
        }
    }

    #[test]
    fn streams_give_the_frames_of_the_whole_however_they_are_cut() {
        let sound: Vec<f64> = (0..2000).map(|n| (0.001 * real(n * n)).sin()).collect();
        for padding in [Padding::None, Padding::Zeros, Padding::Reflect] {
            for (hop_samples, piece) in [(10, 7), (10, 600), (200, 31), (64, 64)] {
                let options = SpectrumOptions { hop_samples, padding, ..SpectrumOptions::new(64) };
                let spectrum = Spectrum::new(&options).expect("valid");
                let whole = spectrum.apply(&sound);
                let mut stream = spectrum.stream();
                // Twice, for the end of a sound is the beginning of the next.
                for _ in 0..2 {
                    let mut frames = 0;
                    let mut column = vec![0.0; whole.rows()];
                    let mut check = |frame: usize, spectrum: &[f64]| {
                        whole.read_frame(frame, &mut column);
                        assert_eq!((frame, spectrum), (frames, &column[..]));
                        frames += 1;
                    };
                    sound.chunks(piece).for_each(|piece| stream.push(piece, &mut check));
                    stream.finish(&mut check);
                    assert_eq!(frames, whole.frames());
                }
            }
        }
    }
}
