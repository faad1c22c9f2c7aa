//! Mel-frequency cepstral coefficients.

use super::cepstrum::{Cepstrum, Lifter, Norm};
use super::decibel::Decibels;
use super::deltas::{Edges, deltas};
use super::spectrum::{self, Spectrum};
use super::{Invalid, Matrix, Plane};

/// How bands become coefficients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
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

impl Default for Options {
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
/// [`Invalid`] names an option that cannot be met, or a matrix made for another FFT length.
pub fn bands(
    sound: &[f64],
    spectra: &spectrum::Options,
    matrix: &Matrix,
) -> Result<Plane, Invalid> {
    let spectrum = Spectrum::new(spectra)?;
    let bins = spectrum.bins();
    let met = matrix.columns() == bins;
    Invalid::unless(met, "bin count of the matrix", matrix.columns(), format!("{bins}"))?;
    let mut plane = Plane::zeros(matrix.rows(), spectrum.frames(sound.len()));
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
/// let matrix = mel::filterbank(&mel::Options::new(16_000.0, 512, 40))?.matrix;
/// let bands = mfcc::bands(&sound, &spectrum::Options::new(512), &matrix)?;
/// let options = mfcc::Options { deltas: 2, ..mfcc::Options::default() };
/// assert_eq!(mfcc::mfcc(&bands, &options)?.rows(), 3 * 13);
/// # Ok::<(), erbium_dsp::feature::Invalid>(())
/// ```
///
/// # Errors
/// [`Invalid`] names the first option that cannot be met.
pub fn mfcc(bands: &Plane, options: &Options) -> Result<Plane, Invalid> {
    let cepstrum =
        Cepstrum::new(bands.rows(), options.coefficients, Norm::Orthonormal, options.lifter)?;
    let mut levels = bands.clone();
    options.decibels.apply(levels.values_mut());
    let mut parts = vec![cepstrum.apply(&levels)];
    for order in 0..options.deltas {
        parts.push(deltas(&parts[order], options.delta_reach, Edges::Repeat)?);
    }
    Ok(Plane::stacked(&parts))
}
