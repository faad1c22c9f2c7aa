//! Mel-frequency cepstral coefficients.

use super::cepstrum::{Cepstrum, Lifter, Norm};
use super::decibel::Decibels;
use super::deltas::{Edges, deltas};
use super::spectrum::{self, Spectrum};
use super::{FeatureMatrix, Matrix, OptionError};

/// How bands become coefficients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MfccOptions {
    /// How many coefficients.
    pub coefficients: usize,
    /// Their weights.
    pub lifter: Lifter,
    /// The logarithm before the cosine transform.
    pub decibels: Decibels,
    /// How often the slopes over time are appended: 1 for deltas, 2 for deltas and their deltas.
    pub deltas: usize,
    /// Frames on either side that a slope takes in.
    pub delta_reach: usize,
}

impl Default for MfccOptions {
    /// 13 coefficients without lifter or deltas; decibels as librosa.
    fn default() -> Self {
        Self {
            coefficients: 13,
            lifter: Lifter::None,
            decibels: Decibels::LIBROSA,
            deltas: 0,
            delta_reach: 2,
        }
    }
}

/// Bands of a sound: `matrix` on each short-time spectrum. Bands × frames.
///
/// # Errors
/// [`OptionError`] names an option that cannot be met, or a matrix made for another FFT length.
pub fn bands(
    sound: &[f64],
    spectra: &spectrum::SpectrumOptions,
    matrix: &Matrix,
) -> Result<FeatureMatrix, OptionError> {
    let spectrum = Spectrum::new(spectra)?;
    let bins = spectrum.bins();
    let met = matrix.columns() == bins;
    OptionError::unless(met, "bin count of the matrix", matrix.columns(), format!("{bins}"))?;
    let mut plane = FeatureMatrix::zeros(matrix.rows(), spectrum.frames(sound.len()));
    let mut column = vec![0.0; matrix.rows()];
    spectrum.for_each_frame(sound, |frame, spectrum| {
        matrix.apply(spectrum, &mut column);
        plane.write_frame(frame, &column);
    });
    Ok(plane)
}

/// Coefficients of bands in power: decibels, cosine transform (DCT-II, orthonormal), lifter, deltas.
/// (1 + deltas) · coefficients × frames.
///
/// ```
/// use erbium_dsp::feature::{mel, mfcc, spectrum};
///
/// let sound: Vec<f64> = (0..16_000).map(|n| (0.1 * f64::from(n)).sin()).collect();
/// let matrix = mel::filterbank(&mel::MelOptions::new(16_000.0, 512, 40))?.matrix;
/// let bands = mfcc::bands(&sound, &spectrum::SpectrumOptions::new(512), &matrix)?;
/// let options = mfcc::MfccOptions { deltas: 2, ..mfcc::MfccOptions::default() };
/// assert_eq!(mfcc::mfcc(&bands, &options)?.rows(), 3 * 13);
/// # Ok::<(), erbium_dsp::feature::OptionError>(())
/// ```
///
/// # Errors
/// [`OptionError`] names the first option that cannot be met.
pub fn mfcc(bands: &FeatureMatrix, options: &MfccOptions) -> Result<FeatureMatrix, OptionError> {
    let mut levels = bands.clone();
    options.decibels.apply(levels.values_mut());
    from_levels(&levels, options)
}

/// [`mfcc`] of bands that are in decibels already. Of a part of a sound the frames are those of the whole, but for
/// the first and the last deltas · `delta_reach`, which depend on frames beyond.
///
/// # Errors
/// [`OptionError`] names the first option that cannot be met.
pub fn from_levels(
    levels: &FeatureMatrix,
    options: &MfccOptions,
) -> Result<FeatureMatrix, OptionError> {
    let cepstrum =
        Cepstrum::new(levels.rows(), options.coefficients, Norm::Orthonormal, options.lifter)?;
    let mut parts = vec![cepstrum.apply(levels)];
    for order in 0..options.deltas {
        parts.push(deltas(&parts[order], options.delta_reach, Edges::Repeat)?);
    }
    Ok(FeatureMatrix::stacked(&parts))
}
