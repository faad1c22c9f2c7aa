//! Mel spectra and cepstra, by the names that librosa gives their options.

use crate::arrays::Sounds;
use crate::errors::value_error;
use crate::matrices::{MelNorm, mel_bank};
use erbium_dsp::feature::cepstrum::Lifter;
use erbium_dsp::feature::decibel::{Decibels, Reference};
use erbium_dsp::feature::deltas::{Edges, deltas};
use erbium_dsp::feature::mfcc::{self as library, MfccOptions};
use erbium_dsp::feature::spectrum::{Measure, Padding, SpectrumOptions};
use erbium_dsp::feature::{FeatureMatrix, Matrix, OptionError};
use pyo3::prelude::*;

/// What a mel spectrogram is made with.
struct MelSpectrogram {
    spectra: SpectrumOptions,
    matrix: Matrix,
}

impl MelSpectrogram {
    #[expect(clippy::too_many_arguments)] // Python's names for them.
    fn new(
        py: Python<'_>,
        sr: f64,
        n_fft: usize,
        hop_length: usize,
        win_length: Option<usize>,
        center: bool,
        pad_mode: &str,
        power: f64,
        n_mels: usize,
        fmin: f64,
        fmax: Option<f64>,
        htk: bool,
        norm: Option<&MelNorm>,
    ) -> PyResult<Self> {
        let padding = match (center, pad_mode) {
            (false, _) => Padding::None,
            (true, "constant") => Padding::Zeros,
            (true, "reflect") => Padding::Reflect,
            (true, other) => {
                let possible = "\"constant\", \"reflect\"";
                return Err(value_error(format!(
                    "pad_mode \"{other}\" is not possible; possible: {possible}"
                )));
            }
        };
        let measure = match power {
            2.0 => Measure::Power,
            1.0 => Measure::Magnitude,
            other => {
                return Err(value_error(format!(
                    "power {other} is not possible; possible: 1.0, 2.0"
                )));
            }
        };
        let spectra = SpectrumOptions {
            window_samples: win_length.unwrap_or(n_fft),
            hop_samples: hop_length,
            padding,
            measure,
            ..SpectrumOptions::new(n_fft)
        };
        let bank = mel_bank(py, sr, n_fft, n_mels, fmin, fmax, htk, norm)?;
        Ok(Self { spectra, matrix: bank.matrix })
    }

    fn bands(&self, sound: &[f64]) -> Result<FeatureMatrix, OptionError> {
        library::bands(sound, &self.spectra, &self.matrix)
    }
}

/// Mel spectrograms, as `librosa.feature.melspectrogram` makes them: `filters.mel` on short-time spectra under a
/// periodic Hann window.
///
/// Parameters
/// ----------
/// y : array (..., time)
///     float32 or float64. Samples that are no number, or more than 300 dB above full scale, are silence.
/// sr : float
///     Sample rate in hertz.
/// n_fft, hop_length, win_length : int
///     FFT, hop and window in samples; the window is as long as the FFT without `win_length`.
/// center : bool
///     Whether frame t is centred on sample t hop_length, the sound being padded at both ends; else it begins there.
/// pad_mode : {"constant", "reflect"}
///     What lies beyond the ends: silence or the sound mirrored.
/// power : {2.0, 1.0}
///     Of the magnitudes.
/// n_mels, fmin, fmax, htk, norm
///     As for `filters.mel`.
///
/// Returns
/// -------
/// array (..., n_mels, frames)
///     In the precision of `y`, computed in double precision.
///
/// Raises
/// ------
/// ValueError
///     When an option cannot be met.
#[pyfunction]
#[pyo3(signature = (y, *, sr = 22_050.0, n_fft = 2048, hop_length = 512, win_length = None, center = true,
    pad_mode = "constant", power = 2.0, n_mels = 128, fmin = 0.0, fmax = None, htk = false,
    norm = MelNorm::slaney()))]
#[expect(clippy::too_many_arguments)] // Python's names for them.
pub fn melspectrogram<'py>(
    py: Python<'py>,
    y: &Bound<'py, PyAny>,
    sr: f64,
    n_fft: usize,
    hop_length: usize,
    win_length: Option<usize>,
    center: bool,
    pad_mode: &str,
    power: f64,
    n_mels: usize,
    fmin: f64,
    fmax: Option<f64>,
    htk: bool,
    norm: Option<MelNorm>,
) -> PyResult<Bound<'py, PyAny>> {
    let sounds = Sounds::new("y", y)?;
    let mel = MelSpectrogram::new(
        py,
        sr,
        n_fft,
        hop_length,
        win_length,
        center,
        pad_mode,
        power,
        n_mels,
        fmin,
        fmax,
        htk,
        norm.as_ref(),
    )?;
    let made = sounds.map(py, |y| mel.bands(y))?;
    sounds.features(py, made)
}

/// Mel-frequency cepstral coefficients, as `librosa.feature.mfcc` makes them: `power_to_db` of the mel spectrogram,
/// DCT-II, orthonormal, lifter.
///
/// Parameters
/// ----------
/// y : array (..., time), optional
///     float32 or float64; not with `S`.
/// S : array (..., bands, frames), optional
///     A spectrogram in dB instead of `y`.
/// n_mfcc : int
///     Number of coefficients.
/// lifter : float
///     0 for none; else 1 + lifter/2 sin(pi k / lifter), k from 1.
/// sr, n_fft, hop_length, win_length, center, pad_mode, power, n_mels, fmin, fmax, htk
///     As for `melspectrogram`.
/// mel_norm
///     `norm` of `filters.mel`.
///
/// Returns
/// -------
/// array (..., n_mfcc, frames)
///     In the precision of `y` or `S`. The floor of 80 dB lies below each sound's own peak, where librosa's lies below that
///     of all of them.
///
/// Raises
/// ------
/// ValueError
///     When an option cannot be met.
#[pyfunction]
#[pyo3(signature = (y = None, *, sr = 22_050.0, S = None, n_mfcc = 20, lifter = 0.0, n_fft = 2048, hop_length = 512,
    win_length = None, center = true, pad_mode = "constant", power = 2.0, n_mels = 128, fmin = 0.0, fmax = None,
    htk = false, mel_norm = MelNorm::slaney()))]
#[expect(clippy::too_many_arguments, non_snake_case)] // Python's names for them.
pub fn mfcc<'py>(
    py: Python<'py>,
    y: Option<&Bound<'py, PyAny>>,
    sr: f64,
    S: Option<&Bound<'py, PyAny>>,
    n_mfcc: usize,
    lifter: f64,
    n_fft: usize,
    hop_length: usize,
    win_length: Option<usize>,
    center: bool,
    pad_mode: &str,
    power: f64,
    n_mels: usize,
    fmin: f64,
    fmax: Option<f64>,
    htk: bool,
    mel_norm: Option<MelNorm>,
) -> PyResult<Bound<'py, PyAny>> {
    let lifter = if lifter == 0.0 { Lifter::None } else { Lifter::Librosa(lifter) };
    let options = MfccOptions { coefficients: n_mfcc, lifter, ..MfccOptions::default() };
    match (y, S) {
        (Some(y), None) => {
            let sounds = Sounds::new("y", y)?;
            let mel = MelSpectrogram::new(
                py,
                sr,
                n_fft,
                hop_length,
                win_length,
                center,
                pad_mode,
                power,
                n_mels,
                fmin,
                fmax,
                htk,
                mel_norm.as_ref(),
            )?;
            let made = sounds.map(py, |y| library::mfcc(&mel.bands(y)?, &options))?;
            sounds.features(py, made)
        }
        (None, Some(levels)) => {
            let levels = Sounds::new("S", levels)?.with_rows("S")?;
            let made = levels.map(py, |levels| library::from_levels(levels, &options))?;
            levels.features(py, made)
        }
        _ => Err(value_error("mfcc takes a sound or its levels; possible: y, or S in dB")),
    }
}

/// Powers in dB, as `librosa.power_to_db`: 10 log10(max(S, amin) / ref), no less than `top_db` below the greatest.
///
/// Parameters
/// ----------
/// S : array
///     Powers, float32 or float64; one that is no finite number counts as `amin`.
/// ref : float or "max"
///     What 0 dB is: a power, or the greatest of the array.
/// amin : float
///     The least power taken, above 0.
/// top_db : float, optional
///     None for no limit.
///
/// Returns
/// -------
/// array
///     Of the same shape and precision.
#[pyfunction]
#[pyo3(signature = (S, r#ref = PowerReference::Power(1.0), amin = 1e-10, top_db = Some(80.0)))]
#[expect(non_snake_case)] // Python's names for them.
pub fn power_to_db<'py>(
    py: Python<'py>,
    S: &Bound<'py, PyAny>,
    r#ref: PowerReference,
    amin: f64,
    top_db: Option<f64>,
) -> PyResult<Bound<'py, PyAny>> {
    let above_0 = |name: &str, given: f64| match given > 0.0 && given.is_finite() {
        true => Ok(given),
        false => Err(value_error(format!("{name} {given} is not possible; possible: more than 0"))),
    };
    let reference = match r#ref {
        PowerReference::Power(power) => Reference::Power(above_0("ref", power)?),
        PowerReference::Name(name) if name == "max" => Reference::Peak,
        PowerReference::Name(name) => {
            let sentence = format!("ref \"{name}\" is not possible; possible: a power, \"max\"");
            return Err(value_error(sentence));
        }
    };
    if let Some(top_db) = top_db.filter(|top_db| top_db.is_nan() || *top_db < 0.0) {
        let sentence = format!("top_db {top_db} is not possible; possible: 0 or more, None");
        return Err(value_error(sentence));
    }
    let decibels = Decibels { least: above_0("amin", amin)?, reference, range_db: top_db };
    let powers = Sounds::new("S", S)?;
    let rows = powers.rows()?;
    let values = py.detach(|| {
        let mut values: Vec<f64> =
            (0..rows.count).flat_map(|row| rows.double(row).into_owned()).collect();
        decibels.apply(&mut values);
        values
    });
    powers.real(py, &[powers.time()], values)
}

/// What 0 dB is.
#[derive(FromPyObject)]
pub enum PowerReference {
    /// This power.
    Power(f64),
    /// "max".
    Name(String),
}

/// The slope of features over time, per frame, as `librosa.feature.delta`: that of the straight line of least squares
/// through a window of frames.
///
/// Parameters
/// ----------
/// data : array (..., frames)
///     float32 or float64.
/// width : int
///     Frames of the window, odd and 3 or more.
/// mode : {"interp", "nearest"}
///     What lies beyond the ends: the slope of the first or last whole window goes on, or the first and last frame do.
///
/// Returns
/// -------
/// array (..., frames)
///     In the precision of `data`.
///
/// Raises
/// ------
/// ValueError
///     When there are fewer frames than one window with "interp", or an option cannot be met.
#[pyfunction]
#[pyo3(signature = (data, width = 9, *, mode = "interp"))]
pub fn delta<'py>(
    py: Python<'py>,
    data: &Bound<'py, PyAny>,
    width: usize,
    mode: &str,
) -> PyResult<Bound<'py, PyAny>> {
    if width < 3 || width.is_multiple_of(2) {
        let sentence = format!("width {width} is not possible; possible: odd numbers from 3 on");
        return Err(value_error(sentence));
    }
    let edges = match mode {
        "interp" => Edges::Continue,
        "nearest" => Edges::Repeat,
        other => {
            let possible = "\"interp\", \"nearest\"";
            return Err(value_error(format!(
                "mode \"{other}\" is not possible; possible: {possible}"
            )));
        }
    };
    let features = Sounds::new("data", data)?;
    let made = features.map(py, |row| {
        let row = FeatureMatrix::from_values(1, row.len(), row.to_vec());
        deltas(&row, width / 2, edges).map(|slopes| slopes.values().to_vec())
    })?;
    let values = py.detach(|| made.all.concat());
    features.real(py, &[features.time()], values)
}
