//! Powers of coefficients averaged over time, and cepstra of them.

use super::coefficients::magnitude;
use super::{Coefficients, Encoder, Stream};
use crate::cast::real;
use crate::feature::decibel::Decibels;
use crate::feature::{FeatureMatrix, OptionError, mfcc};
use num_complex::Complex;

/// Samples taken in at a time.
const PIECE: usize = 1 << 14;

/// The way from coefficients to an auditory spectrogram.
#[derive(Clone, Debug)]
pub struct Spectrogram {
    encoder: Encoder,
    /// The power of magnitudes: 2 for powers, 1 for magnitudes.
    pub power: f64,
    /// The logarithm of the averages; `None` for none.
    pub decibels: Option<Decibels>,
    /// One per band, all of one length.
    averaging: Vec<Vec<f64>>,
    hop_frames: usize,
}

impl Spectrogram {
    /// The longest average unless other averages are given, in samples, as in the original: kernels without a
    /// limit may last a second.
    pub const AVERAGED_SAMPLES_MAX: usize = 1024;

    /// Powers, averaged over as many frames as the longest kernel has strides, but over no more than
    /// [`Self::AVERAGED_SAMPLES_MAX`], at a hop of half of that, without logarithm.
    #[must_use]
    pub fn new(encoder: Encoder) -> Self {
        let frames = (encoder.longest().min(Self::AVERAGED_SAMPLES_MAX) / encoder.stride()).max(1);
        let averaging = vec![vec![1.0 / real(frames); frames]; encoder.bands()];
        Self { encoder, power: 2.0, decibels: None, averaging, hop_frames: (frames / 2).max(1) }
    }

    /// The same with other averages: one kernel per band, all of one length, and the hop in frames.
    ///
    /// # Errors
    /// [`OptionError`] when there is not one kernel per band, lengths differ or are 0, or the hop is 0.
    pub fn with_averaging(
        mut self,
        averaging: Vec<Vec<f64>>,
        hop_frames: usize,
    ) -> Result<Self, OptionError> {
        let bands = self.encoder.bands();
        let given = averaging.len();
        OptionError::unless(given == bands, "averaging kernel count", given, format!("{bands}"))?;
        let length = averaging[0].len();
        OptionError::unless(length >= 1, "averaging kernel length", length, "1 frame or more")?;
        if let Some(other) = averaging.iter().find(|kernel| kernel.len() != length) {
            let possible = format!("{length} for every band");
            return Err(OptionError::new("averaging kernel length", other.len(), possible));
        }
        OptionError::unless(hop_frames >= 1, "hop", hop_frames, "1 frame or more")?;
        (self.averaging, self.hop_frames) = (averaging, hop_frames);
        Ok(self)
    }

    /// The encoder.
    #[must_use]
    pub const fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// The length of an average in frames of coefficients.
    #[must_use]
    pub fn averaged_frames(&self) -> usize {
        self.averaging[0].len()
    }

    /// From average to average in samples.
    #[must_use]
    pub const fn hop_samples(&self) -> usize {
        self.hop_frames * self.encoder.stride()
    }

    /// The spectrogram of coefficients: bands × whole averages.
    ///
    /// # Panics
    /// When the coefficients have not as many bands as the encoder.
    #[must_use]
    pub fn apply(&self, coefficients: &Coefficients) -> FeatureMatrix {
        assert_eq!(coefficients.bands(), self.encoder.bands(), "one band per kernel");
        let magnitudes = coefficients.magnitudes(self.power);
        let left = coefficients.frames().checked_sub(self.averaged_frames());
        let averages = left.map_or(0, |left| 1 + left / self.hop_frames);
        let mut powers = FeatureMatrix::zeros(coefficients.bands(), averages);
        for (band, kernel) in self.averaging.iter().enumerate() {
            let row = magnitudes.row(band);
            for (average, value) in powers.row_mut(band).iter_mut().enumerate() {
                *value = weighted(kernel, &row[average * self.hop_frames..]);
            }
        }
        if let Some(decibels) = self.decibels {
            decibels.apply(powers.values_mut());
        }
        powers
    }

    /// The averages of a sound that comes piece by piece, without logarithm, which depends on the whole: those
    /// that [`Self::apply`] gives of [`Encoder::linear`]. It holds the coefficients of one average.
    #[must_use]
    pub fn stream(&self) -> SpectrogramStream {
        SpectrogramStream {
            stream: self.encoder.stream(),
            magnitudes: vec![Vec::new(); self.encoder.bands()],
            first: 0,
            column: vec![0.0; self.encoder.bands()],
            averages: 0,
            spectrogram: self.clone(),
        }
    }
}

fn weighted(kernel: &[f64], magnitudes: &[f64]) -> f64 {
    kernel.iter().zip(magnitudes).map(|(weight, x)| weight * x).sum()
}

/// A [`Spectrogram`] at work on a stream.
#[derive(Clone, Debug)]
pub struct SpectrogramStream {
    spectrogram: Spectrogram,
    stream: Stream,
    /// Of each band from frame `first` on.
    magnitudes: Vec<Vec<f64>>,
    first: usize,
    averages: usize,
    column: Vec<f64>,
}

impl SpectrogramStream {
    /// Takes samples in and hands on the averages that they complete: their number, and one value per band.
    pub fn push(&mut self, sound: &[f64], take: &mut dyn FnMut(usize, &[f64])) {
        // Piece by piece, for frames may be many times as large as samples.
        for piece in sound.chunks(PIECE) {
            let (magnitudes, power) = (&mut self.magnitudes, self.spectrogram.power);
            self.stream.push(piece, &mut |_, column| append(magnitudes, column, power));
            self.hand_on(take);
        }
    }

    /// Ends the sound and hands on the averages that are left. The stream then begins anew.
    pub fn finish(&mut self, take: &mut dyn FnMut(usize, &[f64])) {
        let (magnitudes, power) = (&mut self.magnitudes, self.spectrogram.power);
        self.stream.finish(&mut |_, column| append(magnitudes, column, power));
        self.hand_on(take);
        self.magnitudes.iter_mut().for_each(Vec::clear);
        (self.first, self.averages) = (0, 0);
    }

    fn hand_on(&mut self, take: &mut dyn FnMut(usize, &[f64])) {
        let (length, hop) = (self.spectrogram.averaged_frames(), self.spectrogram.hop_frames);
        let end = self.first + self.magnitudes.first().map_or(0, Vec::len);
        while self.averages * hop + length <= end {
            let start = self.averages * hop - self.first;
            let bands = self.spectrogram.averaging.iter().zip(&self.magnitudes);
            for (value, (kernel, magnitudes)) in self.column.iter_mut().zip(bands) {
                *value = weighted(kernel, &magnitudes[start..]);
            }
            take(self.averages, &self.column);
            self.averages += 1;
        }
        let gone = (self.averages * hop).min(end) - self.first;
        self.magnitudes.iter_mut().for_each(|magnitudes| drop(magnitudes.drain(..gone)));
        self.first += gone;
    }
}

fn append(magnitudes: &mut [Vec<f64>], column: &[Complex<f64>], power: f64) {
    for (magnitudes, coefficient) in magnitudes.iter_mut().zip(column) {
        magnitudes.push(magnitude(*coefficient, power));
    }
}

/// Cepstral coefficients of a spectrogram of powers without logarithm: in decibels, DCT-II,
/// orthonormal.
///
/// # Errors
/// [`OptionError`] names the first option that cannot be met.
pub fn isac_cc(
    powers: &FeatureMatrix,
    options: &mfcc::MfccOptions,
) -> Result<FeatureMatrix, OptionError> {
    mfcc::mfcc(powers, options)
}
