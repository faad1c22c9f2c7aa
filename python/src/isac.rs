//! Front ends of the ISAC bank, by the names that the published program gives its options.

use crate::arrays::{ComplexArray, Sounds, array, list};
use crate::bank_settings::named;
use crate::coefficients::kernels;
use crate::errors::value_error;
use erbium_dsp::bank::FrameBounds;
use erbium_dsp::feature::decibel::Decibels;
use erbium_dsp::feature::isac::{Coefficients, Encoder, Spectrogram, isac_cc, tighten};
use erbium_dsp::feature::mfcc::MfccOptions;
use erbium_dsp::feature::{FeatureMatrix, OptionError};
use erbium_dsp::{BankSpec, Kernel, Prototype, Scale, Sizing};
use num_complex::Complex;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};
use std::convert::Infallible;
use std::sync::OnceLock;

/// The options that all three have.
#[derive(Clone, Copy)]
struct Settings {
    fs: f64,
    kernel_size: Option<usize>,
    num_channels: usize,
    fc_max: Option<f64>,
    stride: Option<usize>,
    supp_mult: f64,
    scale: Scale,
    prototype: Prototype,
}

impl Settings {
    /// The encoder. Without a stride it is that of the published program: half the shortest kernel.
    fn encoder(&self) -> Result<Encoder, erbium_dsp::DesignError> {
        let design = |stride| {
            let sizing = Sizing::Published {
                kernel_size: self.kernel_size,
                stride,
                supp_mult: self.supp_mult,
                fc_max_hz: self.fc_max,
            };
            Encoder::design(&BankSpec {
                scale: self.scale,
                sizing,
                prototype: self.prototype,
                ..Encoder::spec_without_limit(self.fs, self.num_channels, stride)
            })
        };
        match self.stride {
            Some(stride) => design(stride),
            None => {
                let encoder = design(1)?;
                let shortest = encoder.kernels().iter().map(|kernel| kernel.taps.len()).min();
                design((shortest.unwrap_or(0) / 2).max(1))
            }
        }
    }

    /// As keyword arguments.
    fn dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("fs", self.fs)?;
        dict.set_item("kernel_size", self.kernel_size)?;
        dict.set_item("num_channels", self.num_channels)?;
        dict.set_item("fc_max", self.fc_max)?;
        dict.set_item("stride", self.stride)?;
        dict.set_item("supp_mult", self.supp_mult)?;
        dict.set_item("scale", self.scale.name())?;
        dict.set_item("prototype", self.prototype.name())?;
        Ok(dict)
    }
}

/// What makes an object again: its class with these keyword arguments.
fn remake<'py>(
    class: Bound<'py, PyType>,
    settings: &Bound<'py, PyDict>,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
    let py = class.py();
    let partial = py.import("functools")?.getattr("partial")?;
    Ok((partial.call((class,), Some(settings))?, PyTuple::empty(py)))
}

/// The ISAC encoder: auditory kernels at one stride, as the package `hybra` has them.
///
/// c[k, j] = sum over l of h[k, l] x[j stride + longest // 2 - l], so that frame j is centred on sample j stride. For
/// an exact inverse see `Bank(stride=...)`, whose kernels are these, but for the factor sqrt(stride) that they carry here
/// as published.
///
/// Parameters
/// ----------
/// fs : float
///     Sample rate in hertz.
/// kernel_size : int or None
///     Longest kernel in samples, 8 to 65536; None for no limit but the scale's own at 0 Hz and one second.
/// num_channels : int
///     2 to 1024; the first is 0 Hz, the last half the sample rate.
/// fc_max : float, optional
///     Frequency in hertz above which the scale is linear.
/// stride : int, optional
///     Samples from frame to frame; half the shortest kernel without it.
/// supp_mult : float
///     Factor on every kernel's length, 0.05 to 4.
/// scale : {"mel", "erb", "bark", "log10", "elelog", "linear"}
/// prototype : {"hann", "hann2"}
///     Window of the kernels: "hann" as published.
/// tighten_steps : int
///     Steps of gradient descent that move the kernels towards a tight frame (`tighten` of the original).
///
/// Raises
/// ------
/// ValueError
///     When a setting is out of range.
///
/// References
/// ----------
/// D. Haider et al., "ISAC: an invertible and stable auditory filterbank with customizable kernels for ML
/// integration", 2025, arXiv:2505.07709.
#[pyclass(frozen, module = "erbium", name = "ISAC")]
pub struct Isac {
    encoder: Encoder,
    source: Source,
    bounds: OnceLock<Option<FrameBounds>>,
}

enum Source {
    Settings(Settings, usize),
    Kernels { fs: f64 },
}

#[pymethods]
impl Isac {
    #[new]
    #[pyo3(signature = (fs, kernel_size = 128, num_channels = 40, fc_max = None, stride = None, *, supp_mult = 1.0,
        scale = "mel", prototype = "hann", tighten_steps = 0))]
    #[expect(clippy::too_many_arguments)] // Python's names for them.
    fn new(
        py: Python<'_>,
        fs: f64,
        kernel_size: Option<usize>,
        num_channels: usize,
        fc_max: Option<f64>,
        stride: Option<usize>,
        supp_mult: f64,
        scale: &str,
        prototype: &str,
        tighten_steps: usize,
    ) -> PyResult<Self> {
        let (scale, prototype) = (named(scale)?, named(prototype)?);
        let settings =
            Settings { fs, kernel_size, num_channels, fc_max, stride, supp_mult, scale, prototype };
        let mut encoder = py.detach(|| settings.encoder()).map_err(value_error)?;
        if tighten_steps > 0 {
            let tightened = py.detach(|| tighten(&encoder, tighten_steps));
            encoder = tightened.map_err(value_error)?.encoder;
        }
        Ok(Self {
            encoder,
            source: Source::Settings(settings, tighten_steps),
            bounds: OnceLock::new(),
        })
    }

    /// The encoder of given kernels, for example trained ones.
    ///
    /// Parameters
    /// ----------
    /// kernels : array (channels, taps)
    ///     Complex or real, from time 0 on.
    /// stride : int
    /// fs : float
    ///     Sample rate in hertz.
    #[classmethod]
    fn from_kernels(
        _class: &Bound<'_, PyType>,
        kernels: &Bound<'_, PyAny>,
        stride: usize,
        fs: f64,
    ) -> PyResult<Self> {
        let rows = ComplexArray::new("kernels", kernels)?.rows("kernels")?;
        let kernels = rows.into_iter().map(|taps| Kernel { offset: 0, taps }).collect();
        let encoder = Encoder::from_kernels(kernels, stride, fs).map_err(value_error)?;
        Ok(Self { encoder, source: Source::Kernels { fs }, bounds: OnceLock::new() })
    }

    /// The coefficients of sounds.
    ///
    /// Parameters
    /// ----------
    /// x : array (..., time)
    ///     float32 or float64. Samples that are no number, or more than 300 dB above full scale, are silence.
    /// circular : bool
    ///     Whether a sound begins again where it ends, as in the original; else there is silence before and after.
    ///
    /// Returns
    /// -------
    /// array (..., channels, ceil(time / stride))
    ///     complex64 of float32, computed in double precision; complex128 of float64.
    #[pyo3(signature = (x, *, circular = true))]
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        x: &Bound<'py, PyAny>,
        circular: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let sounds = Sounds::new("x", x)?;
        let made = sounds.map(py, |x| Ok::<_, Infallible>(encoded(&self.encoder, x, circular)))?;
        let join = || made.all.iter().map(Coefficients::values).collect::<Vec<_>>().concat();
        let values = py.detach(join);
        let axes = [self.encoder.bands(), sounds.time().div_ceil(self.encoder.stride())];
        sounds.complex(py, &axes, values)
    }

    /// The adjoint of the circular encoder: with kernels of a tight frame its real part is the sound, but for a factor.
    ///
    /// Parameters
    /// ----------
    /// c : array (..., channels, frames)
    ///
    /// Returns
    /// -------
    /// array (..., frames * stride)
    ///     complex64 where `c` is of single precision, else complex128.
    fn adjoint<'py>(&self, py: Python<'py>, c: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let given = ComplexArray::new("c", c)?;
        let bands = self.encoder.bands();
        let [leading @ .., channels, frames] = &given.shape[..] else {
            let sentence =
                format!("c has the shape {:?}; possible: (..., {bands}, frames)", given.shape);
            return Err(value_error(sentence));
        };
        if *channels != bands {
            let sentence =
                format!("c has the shape {:?}; possible: (..., {bands}, frames)", given.shape);
            return Err(value_error(sentence));
        }
        let sounds: Vec<Complex<f64>> = py.detach(|| {
            let adjoint = |row: &[Complex<f64>]| {
                self.encoder.adjoint(&Coefficients::from_values(bands, row.to_vec()))
            };
            given.values.chunks((bands * frames).max(1)).flat_map(adjoint).collect()
        });
        let shape = [leading, &[frames * self.encoder.stride()]].concat();
        if given.is_single {
            let single = crate::arrays::single;
            let narrow = |z: &Complex<f64>| Complex::new(single(z.re), single(z.im));
            return array(py, &shape, sounds.iter().map(narrow).collect());
        }
        array(py, &shape, sounds)
    }

    /// Power of all kernels together: float64 (points,), at frequencies evenly from 0 Hz to half the sample rate.
    #[pyo3(signature = (points = 512))]
    fn power_spectral_density<'py>(
        &self,
        py: Python<'py>,
        points: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        list(py, &py.detach(|| self.encoder.power_spectral_density(points)))
    }

    /// The kernels from time 0 on, zeros after the shorter ones: complex128 (channels, kernel_size).
    #[getter]
    fn kernels<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        kernels(py, self.encoder.kernels())
    }

    /// Centre frequencies in hertz: float64 (channels,).
    #[getter]
    fn centres_hz<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        list(py, self.encoder.centres_hz())
    }

    /// Sample rate in hertz.
    #[getter]
    fn fs(&self) -> f64 {
        match self.source {
            Source::Settings(settings, _) => settings.fs,
            Source::Kernels { fs } => fs,
        }
    }

    /// Number of channels.
    #[getter]
    fn num_channels(&self) -> usize {
        self.encoder.bands()
    }

    /// Length of the longest kernel in samples.
    #[getter]
    fn kernel_size(&self) -> usize {
        self.encoder.longest()
    }

    /// Samples from frame to frame.
    #[getter]
    fn stride(&self) -> usize {
        self.encoder.stride()
    }

    /// The frame bounds (A, B): A |x|² <= sum of |c|² <= B |x|²; None where finding them would take minutes or gigabytes,
    /// at strides of several hundred samples.
    #[getter]
    fn frame_bounds(&self, py: Python<'_>) -> Option<(f64, f64)> {
        let bounds = py.detach(|| *self.bounds.get_or_init(|| self.encoder.frame_bounds()));
        bounds.map(|bounds| (bounds.lower, bounds.upper))
    }

    /// B / A of the frame bounds, 1 for a tight frame; None where they are.
    #[getter]
    fn condition_number(&self, py: Python<'_>) -> Option<f64> {
        let bounds = py.detach(|| *self.bounds.get_or_init(|| self.encoder.frame_bounds()));
        bounds.map(|bounds| bounds.condition_number())
    }

    fn __repr__(&self) -> String {
        let (channels, longest) = (self.encoder.bands(), self.encoder.longest());
        let stride = self.encoder.stride();
        format!(
            "<erbium.ISAC of {channels} channels, kernels of {longest} samples, stride {stride}>"
        )
    }

    fn __copy__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __deepcopy__(this: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        this
    }

    fn __reduce__<'py>(
        this: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, own) = (this.py(), this.get());
        match own.source {
            Source::Settings(settings, tighten_steps) => {
                let dict = settings.dict(py)?;
                dict.set_item("tighten_steps", tighten_steps)?;
                remake(this.get_type(), &dict)
            }
            Source::Kernels { fs } => {
                let arguments = (kernels(py, own.encoder.kernels())?, own.encoder.stride(), fs);
                Ok((this.get_type().getattr("from_kernels")?, arguments.into_pyobject(py)?))
            }
        }
    }
}

fn encoded(encoder: &Encoder, sound: &[f64], circular: bool) -> Coefficients {
    if circular { encoder.circular(sound) } else { encoder.linear(sound) }
}

/// The ISAC spectrogram: magnitudes of the coefficients to a power, averaged over time.
///
/// Parameters
/// ----------
/// fs, kernel_size, num_channels, stride, fc_max, supp_mult, scale, prototype
///     As for `ISAC`; `kernel_size` has no limit unless given.
/// power : float
///     Of the magnitudes: 2 for powers. The original ignores it and takes magnitudes.
/// avg_size : int, optional
///     Frames that are averaged; those of the longest kernel without it, but of no more than 1024 samples.
/// is_log : bool
///     Whether averages are in dB: 10 log10, no less than 1e-10, no more than 80 dB below each sound's greatest.
///
/// Raises
/// ------
/// ValueError
///     When a setting is out of range.
#[pyclass(frozen, module = "erbium", name = "ISACSpec")]
pub struct IsacSpec {
    spectrogram: Spectrogram,
    settings: Settings,
    avg_size: Option<usize>,
}

fn spectrogram(settings: &Settings, power: f64, avg_size: Option<usize>) -> PyResult<Spectrogram> {
    let positive = power > 0.0 && power.is_finite();
    if !positive {
        return Err(value_error(format!("power {power} is not possible; possible: more than 0")));
    }
    let encoder = settings.encoder().map_err(value_error)?;
    let bands = encoder.bands();
    let mut spectrogram = Spectrogram::new(encoder);
    spectrogram.power = power;
    let Some(frames) = avg_size else { return Ok(spectrogram) };
    if !(1..=AVERAGED_MAX).contains(&frames) {
        let sentence = format!("avg_size {frames} is not possible; possible: 1 to {AVERAGED_MAX}");
        return Err(value_error(sentence));
    }
    let weights = vec![vec![1.0 / real(frames); frames]; bands];
    spectrogram.with_averaging(weights, (frames / 2).max(1)).map_err(value_error)
}

/// The most frames that are averaged.
const AVERAGED_MAX: usize = 1 << 16;

/// A count as a real number, exact below 2⁵³.
#[expect(clippy::cast_precision_loss)]
const fn real(count: usize) -> f64 {
    count as f64
}

#[pymethods]
impl IsacSpec {
    #[new]
    #[pyo3(signature = (fs, *, kernel_size = None, num_channels = 40, stride = None, fc_max = None, supp_mult = 1.0,
        scale = "mel", prototype = "hann", power = 2.0, avg_size = None, is_log = false))]
    #[expect(clippy::too_many_arguments)] // Python's names for them.
    fn new(
        py: Python<'_>,
        fs: f64,
        kernel_size: Option<usize>,
        num_channels: usize,
        stride: Option<usize>,
        fc_max: Option<f64>,
        supp_mult: f64,
        scale: &str,
        prototype: &str,
        power: f64,
        avg_size: Option<usize>,
        is_log: bool,
    ) -> PyResult<Self> {
        let (scale, prototype) = (named(scale)?, named(prototype)?);
        let settings =
            Settings { fs, kernel_size, num_channels, fc_max, stride, supp_mult, scale, prototype };
        let mut spectrogram = py.detach(|| spectrogram(&settings, power, avg_size))?;
        spectrogram.decibels = is_log.then_some(Decibels::LIBROSA);
        Ok(Self { spectrogram, settings, avg_size })
    }

    /// The spectrograms of sounds.
    ///
    /// Parameters
    /// ----------
    /// x : array (..., time)
    ///     float32 or float64.
    /// circular : bool
    ///     As for `ISAC`.
    ///
    /// Returns
    /// -------
    /// array (..., channels, frames)
    ///     In the precision of `x`; a frame every `hop_samples`, for each whole average.
    #[pyo3(signature = (x, *, circular = true))]
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        x: &Bound<'py, PyAny>,
        circular: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let sounds = Sounds::new("x", x)?;
        let spectrogram = &self.spectrogram;
        let make = |x: &[f64]| spectrogram.apply(&encoded(spectrogram.encoder(), x, circular));
        let made = sounds.map(py, |x| Ok::<_, Infallible>(make(x)))?;
        sounds.features(py, made)
    }

    /// Centre frequencies in hertz: float64 (channels,).
    #[getter]
    fn centres_hz<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        list(py, self.spectrogram.encoder().centres_hz())
    }

    /// Samples from frame to frame.
    #[getter]
    fn hop_samples(&self) -> usize {
        self.spectrogram.hop_samples()
    }

    /// Samples between the coefficients that are averaged.
    #[getter]
    fn stride(&self) -> usize {
        self.spectrogram.encoder().stride()
    }

    fn __reduce__<'py>(
        this: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let own = this.get();
        let dict = own.settings.dict(this.py())?;
        dict.set_item("power", own.spectrogram.power)?;
        dict.set_item("avg_size", own.avg_size)?;
        dict.set_item("is_log", own.spectrogram.decibels.is_some())?;
        remake(this.get_type(), &dict)
    }
}

/// Cepstral coefficients of the ISAC spectrogram: decibels of powers, DCT-II, orthonormal.
///
/// Parameters
/// ----------
/// fs, kernel_size, num_channels, stride, fc_max, supp_mult, scale, prototype, power, avg_size
///     As for `ISACSpec`.
/// num_cc : int
///     Number of coefficients.
///
/// Raises
/// ------
/// ValueError
///     When a setting is out of range.
#[pyclass(frozen, module = "erbium", name = "ISACCC")]
pub struct IsacCc {
    spectrogram: Spectrogram,
    settings: Settings,
    avg_size: Option<usize>,
    num_cc: usize,
}

#[pymethods]
impl IsacCc {
    #[new]
    #[pyo3(signature = (fs, *, kernel_size = None, num_channels = 40, stride = None, num_cc = 13, fc_max = None,
        supp_mult = 1.0, scale = "mel", prototype = "hann", power = 2.0, avg_size = None))]
    #[expect(clippy::too_many_arguments)] // Python's names for them.
    fn new(
        py: Python<'_>,
        fs: f64,
        kernel_size: Option<usize>,
        num_channels: usize,
        stride: Option<usize>,
        num_cc: usize,
        fc_max: Option<f64>,
        supp_mult: f64,
        scale: &str,
        prototype: &str,
        power: f64,
        avg_size: Option<usize>,
    ) -> PyResult<Self> {
        let (scale, prototype) = (named(scale)?, named(prototype)?);
        let settings =
            Settings { fs, kernel_size, num_channels, fc_max, stride, supp_mult, scale, prototype };
        let spectrogram = py.detach(|| spectrogram(&settings, power, avg_size))?;
        // Refused now, not with the first sound.
        cepstra(&FeatureMatrix::zeros(num_channels, 0), num_cc).map_err(value_error)?;
        Ok(Self { spectrogram, settings, avg_size, num_cc })
    }

    /// The coefficients of sounds.
    ///
    /// Parameters
    /// ----------
    /// x : array (..., time)
    ///     float32 or float64.
    /// circular : bool
    ///     As for `ISAC`.
    ///
    /// Returns
    /// -------
    /// array (..., num_cc, frames)
    ///     In the precision of `x`.
    #[pyo3(signature = (x, *, circular = true))]
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        x: &Bound<'py, PyAny>,
        circular: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let sounds = Sounds::new("x", x)?;
        let spectrogram = &self.spectrogram;
        let make = |x: &[f64]| {
            let powers = spectrogram.apply(&encoded(spectrogram.encoder(), x, circular));
            cepstra(&powers, self.num_cc)
        };
        let made = sounds.map(py, make)?;
        sounds.features(py, made)
    }

    /// Samples from frame to frame.
    #[getter]
    fn hop_samples(&self) -> usize {
        self.spectrogram.hop_samples()
    }

    fn __reduce__<'py>(
        this: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let own = this.get();
        let dict = own.settings.dict(this.py())?;
        dict.set_item("power", own.spectrogram.power)?;
        dict.set_item("avg_size", own.avg_size)?;
        dict.set_item("num_cc", own.num_cc)?;
        remake(this.get_type(), &dict)
    }
}

fn cepstra(powers: &FeatureMatrix, num_cc: usize) -> Result<FeatureMatrix, OptionError> {
    isac_cc(powers, &MfccOptions { coefficients: num_cc, ..MfccOptions::default() })
}
