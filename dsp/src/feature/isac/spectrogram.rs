//! Powers of coefficients averaged over time, and cepstra of them.

use super::{Coefficients, Encoder};
use crate::cast::real;
use crate::feature::decibel::Decibels;
use crate::feature::{Invalid, Plane, mfcc};

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
    /// Powers, averaged over as many frames as the longest kernel has strides, at a hop of half of
    /// that, without logarithm.
    #[must_use]
    pub fn new(encoder: Encoder) -> Self {
        let frames = (encoder.longest() / encoder.stride()).max(1);
        let averaging = vec![vec![1.0 / real(frames); frames]; encoder.bands()];
        Self { encoder, power: 2.0, decibels: None, averaging, hop_frames: (frames / 2).max(1) }
    }

    /// The same with other averages: one kernel per band, all of one length, and the hop in frames.
    ///
    /// # Errors
    /// [`Invalid`] when there is not one kernel per band, lengths differ or are 0, or the hop is 0.
    pub fn with_averaging(
        mut self,
        averaging: Vec<Vec<f64>>,
        hop_frames: usize,
    ) -> Result<Self, Invalid> {
        let bands = self.encoder.bands();
        let given = averaging.len();
        Invalid::unless(given == bands, "averaging kernel count", given, format!("{bands}"))?;
        let length = averaging[0].len();
        Invalid::unless(length >= 1, "averaging kernel length", length, "1 frame or more")?;
        if let Some(other) = averaging.iter().find(|kernel| kernel.len() != length) {
            let possible = format!("{length} for every band");
            return Err(Invalid::new("averaging kernel length", other.len(), possible));
        }
        Invalid::unless(hop_frames >= 1, "hop", hop_frames, "1 frame or more")?;
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
    pub fn apply(&self, coefficients: &Coefficients) -> Plane {
        assert_eq!(coefficients.bands(), self.encoder.bands(), "one band per kernel");
        let magnitudes = coefficients.magnitudes(self.power);
        let left = coefficients.frames().checked_sub(self.averaged_frames());
        let averages = left.map_or(0, |left| 1 + left / self.hop_frames);
        let mut plane = Plane::zeros(coefficients.bands(), averages);
        for (band, kernel) in self.averaging.iter().enumerate() {
            let row = magnitudes.row(band);
            for (average, value) in plane.row_mut(band).iter_mut().enumerate() {
                let heard = &row[average * self.hop_frames..];
                *value = kernel.iter().zip(heard).map(|(weight, x)| weight * x).sum();
            }
        }
        if let Some(decibels) = self.decibels {
            decibels.apply(plane.values_mut());
        }
        plane
    }
}

/// Cepstral coefficients of a spectrogram of powers without logarithm: in decibels, DCT-II,
/// orthonormal.
///
/// # Errors
/// [`Invalid`] names the first option that cannot be met.
pub fn isac_cc(powers: &Plane, options: &mfcc::Options) -> Result<Plane, Invalid> {
    mfcc::mfcc(powers, options)
}
