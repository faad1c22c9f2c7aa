//! Matrices from the bins of a spectrum to bands, by the names that their users know.

use crate::arrays::{Sounds, array, list, single};
use crate::bank_settings::named;
use crate::errors::value_error;
use erbium_dsp::feature::csound::{self, CsoundOptions};
use erbium_dsp::feature::layer::{Config, FilterbankLayer, Init};
use erbium_dsp::feature::mel::{self as library, MelOptions, Norm};
use erbium_dsp::feature::voicebox::{self, Call};
use erbium_dsp::feature::{Filterbank, Matrix, OptionError};
use erbium_dsp::scale::ScaleFormula;
use pyo3::exceptions::PyUserWarning;
use pyo3::prelude::*;
use std::convert::Infallible;
use std::ffi::CString;

/// librosa's `norm`.
#[derive(FromPyObject)]
pub enum MelNorm {
    /// "slaney".
    Name(String),
    /// 1.
    Order(f64),
}

impl MelNorm {
    /// The default.
    pub fn slaney() -> Option<Self> {
        Some(Self::Name("slaney".to_owned()))
    }

    fn norm(given: Option<&Self>) -> PyResult<Norm> {
        match given {
            None => Ok(Norm::None),
            Some(Self::Name(name)) if name == "slaney" => Ok(Norm::Slaney),
            Some(Self::Order(1.0)) => Ok(Norm::L1),
            Some(other) => {
                let given = match other {
                    Self::Name(name) => format!("\"{name}\""),
                    Self::Order(order) => order.to_string(),
                };
                Err(value_error(format!(
                    "norm {given} is not possible; possible: \"slaney\", 1, None"
                )))
            }
        }
    }
}

/// The mel matrix of librosa's arguments; empty bands are warned of.
#[expect(clippy::too_many_arguments)] // Python's names for them.
pub fn mel_bank(
    py: Python<'_>,
    sr: f64,
    n_fft: usize,
    n_mels: usize,
    fmin: f64,
    fmax: Option<f64>,
    htk: bool,
    norm: Option<&MelNorm>,
) -> PyResult<Filterbank> {
    let options = MelOptions {
        low_hz: fmin,
        high_hz: fmax,
        scale: if htk { ScaleFormula::MelHtk } else { ScaleFormula::MelSlaney },
        norm: MelNorm::norm(norm)?,
        ..MelOptions::new(sr, n_fft, n_mels)
    };
    let bank = py.detach(|| library::filterbank(&options)).map_err(value_error)?;
    warn_of_empty(py, &bank.matrix)?;
    Ok(bank)
}

/// Mel bands sampled at the bins of an FFT, as `librosa.filters.mel` makes them.
///
/// Parameters
/// ----------
/// sr : float
///     Sample rate in hertz.
/// n_fft : int
///     Length of the FFT in samples.
/// n_mels : int
///     Number of bands.
/// fmin, fmax : float
///     Outer feet of the first and the last triangle in hertz; half the sample rate without `fmax`.
/// htk : bool
///     Whether triangles are even on HTK's scale instead of Slaney's.
/// norm : {"slaney", 1, None}
///     Triangles of equal area, rows that sum to 1, or peaks of 1.
/// dtype : dtype
///     Of the result; computed in double precision.
///
/// Returns
/// -------
/// array (n_mels, 1 + n_fft // 2)
///
/// Raises
/// ------
/// ValueError
///     When an option cannot be met.
///
/// Warns
/// -----
/// UserWarning
///     When no bin falls into some band, which is then 0.
#[pyfunction]
#[pyo3(signature = (*, sr, n_fft, n_mels = 128, fmin = 0.0, fmax = None, htk = false, norm = MelNorm::slaney(),
    dtype = None))]
#[expect(clippy::too_many_arguments)] // Python's names for them.
#[expect(clippy::needless_pass_by_value)] // As pyo3 takes defaults.
pub fn mel<'py>(
    py: Python<'py>,
    sr: f64,
    n_fft: usize,
    n_mels: usize,
    fmin: f64,
    fmax: Option<f64>,
    htk: bool,
    norm: Option<MelNorm>,
    dtype: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let bank = mel_bank(py, sr, n_fft, n_mels, fmin, fmax, htk, norm.as_ref())?;
    let shape = [bank.matrix.rows(), bank.matrix.columns()];
    let dense = bank.matrix.to_dense();
    match dtype {
        None => array(py, &shape, dense.into_iter().map(single).collect()),
        Some(dtype) => array(py, &shape, dense)?.call_method1("astype", (dtype,)),
    }
}

/// The weights of kapre's `Filterbank` layer before training.
///
/// Parameters
/// ----------
/// n_fbs : int
///     Number of bands.
/// sr : float
///     Sample rate in hertz.
/// n_fft : int
///     Length of the FFT in samples.
/// init : {"mel", "log", "linear", "uni_random"}
///     Slaney's mel triangles of equal area, log-normal bands at equal intervals, triangles of equal area evenly in
///     hertz, or even random numbers from 0 to 2/bins.
/// fmin, fmax : float, optional
///     Limits in hertz: 0 and half the sample rate; with "log" from C1 on, and `fmax` has no effect.
/// bins_per_octave : int
///     With "log".
/// seed : int
///     Of "uni_random".
///
/// Returns
/// -------
/// array (n_fbs, 1 + n_fft // 2)
///     float64.
///
/// Raises
/// ------
/// ValueError
///     When an option cannot be met.
#[pyfunction]
#[pyo3(signature = (n_fbs, sr, n_fft, *, init = "mel", fmin = None, fmax = None, bins_per_octave = 12, seed = 0))]
#[expect(clippy::too_many_arguments)] // Python's names for them.
pub fn kapre<'py>(
    py: Python<'py>,
    n_fbs: usize,
    sr: f64,
    n_fft: usize,
    init: &str,
    fmin: Option<f64>,
    fmax: Option<f64>,
    bins_per_octave: usize,
    seed: u64,
) -> PyResult<Bound<'py, PyAny>> {
    let init = match init {
        "mel" => Init::Mel,
        "log" => Init::Log,
        "linear" => Init::Linear,
        "uni_random" => Init::UniformRandom { seed },
        other => {
            let possible = "\"mel\", \"log\", \"linear\", \"uni_random\"";
            return Err(value_error(format!(
                "init \"{other}\" is not possible; possible: {possible}"
            )));
        }
    };
    let config = Config {
        init,
        low_hz: fmin,
        high_hz: fmax,
        bands_per_octave: bins_per_octave,
        ..Config::new(sr, n_fft, n_fbs)
    };
    let layer = py.detach(|| FilterbankLayer::new(&config)).map_err(value_error)?;
    array(py, &[n_fbs, 1 + n_fft / 2], layer.weights().to_vec())
}

/// The mel-band averages of Csound's opcode `mfb`, as a matrix for magnitudes (`mags`) or powers (`pows`).
///
/// Parameters
/// ----------
/// bins : int
///     Length of the spectrum: 1 + half the FFT.
/// ilow, ihigh : float
///     Limits in hertz.
/// ibands : int
///     Number of bands, less than the bins.
/// sr : float
///     Sample rate in hertz.
///
/// Returns
/// -------
/// array (ibands, bins)
///     float64.
///
/// Raises
/// ------
/// ValueError
///     When an option cannot be met.
///
/// Warns
/// -----
/// UserWarning
///     When a band has no width; it is then 0, where the original gives NaN.
#[pyfunction]
#[pyo3(signature = (bins, ilow, ihigh, ibands, *, sr))]
pub fn mfb<'py>(
    py: Python<'py>,
    bins: usize,
    ilow: f64,
    ihigh: f64,
    ibands: usize,
    sr: f64,
) -> PyResult<Bound<'py, PyAny>> {
    let options =
        CsoundOptions { bins, bands: ibands, low_hz: ilow, high_hz: ihigh, sample_rate_hz: sr };
    let bank = py.detach(|| csound::filterbank(&options)).map_err(value_error)?;
    warn_of_empty(py, &bank.matrix)?;
    dense(py, &bank.matrix)
}

/// The bins of a spectrum: the FFT length, or count, step in hertz and first bin in hertz.
#[derive(FromPyObject)]
pub enum Bins {
    /// The FFT length.
    Fft(f64),
    /// The bins themselves.
    List(Vec<f64>),
}

/// What `filtbankm` returns: matrix, centres, and the columns from `il` to before `ih`.
type FiltbankM<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>, usize, usize);

/// Power-preserving triangular bands, as `filtbankm` of VOICEBOX (2011) makes them.
///
/// Parameters
/// ----------
/// p : float or None
///     Number of bands; below 1, or with "P", their spacing in thousands of scale units; None for as many as fit.
/// n : int or sequence
///     Length of the FFT in samples, or number of bins, step in hertz and first bin in hertz (0 if left out).
/// fs : float
///     Sample rate in hertz.
/// fl, fh : float, optional
///     Limits in hertz, with "h" on the scale: 0 (30 with "l") and half the sample rate.
/// w : str
///     Letters: f, l, e, b, m (linear, log10, ERB, Bark, mel scale), c (limits are centres), h (limits on the scale), H
///     (centres on the scale), y, Y (extend both ends, the low end), p, P (count, spacing of bands), s, S (one-sided
///     input, output), u, U (power per hertz in and out, out).
///
/// Returns
/// -------
/// x : array (bands, bins)
///     float64, of all bins.
/// cf : array (bands,)
///     Centre frequencies in hertz, with "H" on the scale.
/// il, ih : int
///     The columns with weights are `x[:, il:ih]`; counted from 0, where the original counts from 1 to `ih`.
///
/// Raises
/// ------
/// ValueError
///     When an argument or a letter is not possible.
///
/// Warns
/// -----
/// UserWarning
///     When no bin falls into some band, which is then 0.
#[pyfunction]
#[pyo3(signature = (p, n, fs, fl = None, fh = None, w = ""))]
#[expect(clippy::needless_pass_by_value)] // As Python's sequences come.
pub fn filtbankm<'py>(
    py: Python<'py>,
    p: Option<f64>,
    n: Bins,
    fs: f64,
    fl: Option<f64>,
    fh: Option<f64>,
    w: &str,
) -> PyResult<FiltbankM<'py>> {
    let bins = match &n {
        Bins::Fft(length) => std::slice::from_ref(length),
        Bins::List(bins) => bins,
    };
    let make = || {
        let call = Call::parse(p, bins, fs, fl, fh, w)?;
        let bank = voicebox::filterbank(&call.options)?;
        Ok::<_, OptionError>((call, bank))
    };
    let (call, bank) = py.detach(make).map_err(value_error)?;
    warn_of_empty(py, &bank.matrix)?;
    let scale = call.options.scale;
    let centre = |hz: &f64| if call.centres_on_scale { scale.units_from_hz(*hz) } else { *hz };
    let centres: Vec<f64> = bank.centres_hz.iter().map(centre).collect();
    let occupied = bank.matrix.occupied();
    Ok((dense(py, &bank.matrix)?, list(py, &centres)?, occupied.start, occupied.end))
}

/// Frequencies in hertz as units of a scale.
///
/// Parameters
/// ----------
/// hz : array
///     float32 or float64.
/// scale : str
///     The formula: "erb-moore", "erb-glasberg", "mel-fant", "mel-htk", "mel-slaney", "bark-traunmuller" and others; an
///     unknown name is refused with all of them.
///
/// Returns
/// -------
/// array
///     Of the same shape and precision.
#[pyfunction]
pub fn units_from_hz<'py>(
    py: Python<'py>,
    hz: &Bound<'py, PyAny>,
    scale: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let scale: ScaleFormula = named(scale)?;
    converted(py, "hz", hz, |hz| scale.units_from_hz(hz))
}

/// Units of a scale as frequencies in hertz: the inverse of `units_from_hz`.
///
/// Parameters
/// ----------
/// units : array
///     float32 or float64.
/// scale : str
///     As for `units_from_hz`.
///
/// Returns
/// -------
/// array
///     Of the same shape and precision.
#[pyfunction]
pub fn hz_from_units<'py>(
    py: Python<'py>,
    units: &Bound<'py, PyAny>,
    scale: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let scale: ScaleFormula = named(scale)?;
    converted(py, "units", units, |units| scale.hz_from_units(units))
}

fn converted<'py>(
    py: Python<'py>,
    name: &str,
    given: &Bound<'py, PyAny>,
    convert: impl Fn(f64) -> f64 + Sync,
) -> PyResult<Bound<'py, PyAny>> {
    // A single number is of no axis, and an array of one here.
    if let Ok(number) = given.extract::<f64>() {
        return Ok(convert(number).into_pyobject(py)?.into_any());
    }
    let rows = Sounds::new(name, given)?;
    let convert = &convert;
    let made = rows.map(py, move |row| {
        Ok::<_, Infallible>(row.iter().map(|number| convert(*number)).collect::<Vec<_>>())
    })?;
    rows.real(py, &[rows.time()], made.all.concat())
}

/// All values, zeros included.
fn dense<'py>(py: Python<'py>, matrix: &Matrix) -> PyResult<Bound<'py, PyAny>> {
    array(py, &[matrix.rows(), matrix.columns()], matrix.to_dense())
}

/// The most empty bands that are named.
const NAMED_MAX: usize = 8;

fn warn_of_empty(py: Python<'_>, matrix: &Matrix) -> PyResult<()> {
    let empty = matrix.empty_rows();
    if empty.is_empty() {
        return Ok(());
    }
    let named: Vec<_> = empty.iter().take(NAMED_MAX).map(ToString::to_string).collect();
    let more = if empty.len() > NAMED_MAX { ", ..." } else { "" };
    let sentence = format!(
        "{} of {} bands are empty, as no bin falls into them: {}{more}; possible: a longer FFT, or fewer bands",
        empty.len(),
        matrix.rows(),
        named.join(", ")
    );
    let sentence = CString::new(sentence).unwrap_or_default();
    PyErr::warn(py, &py.get_type::<PyUserWarning>(), &sentence, 1)
}
