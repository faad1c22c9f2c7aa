//! A bank of the equaliser.

use crate::arrays::{ComplexArray, Sounds, array, counts, list};
use crate::bank_file;
use crate::bank_settings::{named, settings, sizing};
use crate::coefficients::{self, kernels};
use crate::equalizer::{Equalizer, linear_gains};
use crate::errors::value_error;
use erbium_dsp::bank::FrameBounds;
use erbium_dsp::{BankSpec, Scale, UserKernels};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple, PyType};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// A filterbank whose bands lie as the ear's do, with a learned dual that undoes it.
///
/// Bands are counted from 0, rising in frequency. A bank is immutable: any number of threads may use it at once, and
/// all methods let go of Python's lock while they work. Pickles hold what the bank was made from, and make it again
/// (some 0.1 s); copies are the bank itself.
///
/// Parameters
/// ----------
/// kind : {"isac", "gammatone"}
///     Family of kernels: windowed exponentials of bounded length [1]_, or all-pole gammatone filters of order 4 [2]_.
/// scale : {"erb", "mel", "bark", "log", "linear", "elelog"}
///     The scale that spaces and shapes the bands; "erb" after [3]_.
/// bands : int
///     Number of bands, 0 Hz and half the sample rate included: 8 to 64, with `stride` to 1024.
/// latency_ms : float, optional
///     Total latency in milliseconds, 1 to 100, which no kernel is longer than; 21 without it.
/// sample_rate : float
///     In hertz, 1000 to 768000.
/// quality : {"eco", "standard", "high"}
///     Work spent on transparency.
/// prototype : {"hann", "hann2"}
///     Window of ISAC kernels: as published, or its square, which aliases 25 to 40 dB less.
/// phase : {"of_bank", "minimum"}
///     Phase with which `equalize`, `collapse` and `Stream` play: that of kernels and duals, with their latency, or the
///     least that the same magnitude can have, without latency.
/// stride, kernel_size, supp_mult, fc_max : optional
///     The settings of the published ISAC program instead of a latency: samples between coefficients, the same for every
///     band; longest kernel in samples; factor on every kernel's length; frequency in hertz above which the scale is
///     linear.
/// nearest : bool
///     Where this bank cannot be transparent, take the nearest that is, with more bands or another scale, rather than
///     fail.
///
/// Raises
/// ------
/// ValueError
///     When a setting is out of range, or no such bank is transparent.
///
/// References
/// ----------
/// .. [1] D. Haider et al., "ISAC: an invertible and stable auditory filterbank with customizable kernels for ML
///    integration", 2025, arXiv:2505.07709.
/// .. [2] V. Hohmann, "Frequency analysis and synthesis using a Gammatone filterbank", Acta Acustica 88, 2002.
/// .. [3] B. R. Glasberg and B. C. J. Moore, 1990, doi:10.1016/0378-5955(90)90170-T.
///
/// Examples
/// --------
/// >>> import erbium, numpy as np
/// >>> bank = erbium.Bank(bands=24, latency_ms=8)
/// >>> x = np.random.default_rng(0).standard_normal((2, 48000))
/// >>> np.array_equal(bank.equalize(x, gains_db=0.0), x)
/// True
#[pyclass(frozen, module = "erbium")]
pub struct Bank {
    pub bank: Arc<erbium_dsp::Bank>,
    source: Source,
    bounds: OnceLock<Option<FrameBounds>>,
}

/// What a bank was made from.
enum Source {
    Spec { nearest: bool },
    Kernels(Arc<UserKernels>),
}

impl Bank {
    fn of(bank: erbium_dsp::Bank, source: Source) -> Self {
        Self { bank: Arc::new(bank), source, bounds: OnceLock::new() }
    }

    /// Of kernels that are there already.
    fn of_kernels(
        py: Python<'_>,
        kernels: Arc<UserKernels>,
        scale: &str,
        sample_rate: f64,
    ) -> PyResult<Self> {
        let scale: Scale = named(scale)?;
        let design = || erbium_dsp::Bank::of_kernels(&kernels, scale, sample_rate, &|| false);
        let bank = py.detach(design).map_err(value_error)?;
        Ok(Self::of(bank, Source::Kernels(kernels)))
    }

    fn bounds(&self, py: Python<'_>) -> Option<FrameBounds> {
        *py.detach(|| {
            self.bounds.get_or_init(|| match &self.source {
                Source::Spec { .. } => self.bank.frame_bounds(),
                // At the levels at which they were given.
                Source::Kernels(kernels) => kernels.frame_bounds(),
            })
        })
    }
}

#[pymethods]
impl Bank {
    #[new]
    #[pyo3(signature = (kind = "isac", scale = "erb", bands = 40, latency_ms = None, sample_rate = 48_000.0, *,
        quality = "standard", prototype = "hann2", phase = "of_bank", stride = None, kernel_size = None,
        supp_mult = None, fc_max = None, nearest = false))]
    #[expect(clippy::too_many_arguments)] // Python's names for them.
    fn new(
        py: Python<'_>,
        kind: &str,
        scale: &str,
        bands: usize,
        latency_ms: Option<f64>,
        sample_rate: f64,
        quality: &str,
        prototype: &str,
        phase: &str,
        stride: Option<usize>,
        kernel_size: Option<usize>,
        supp_mult: Option<f64>,
        fc_max: Option<f64>,
        nearest: bool,
    ) -> PyResult<Self> {
        let spec = BankSpec {
            kind: named(kind)?,
            scale: named(scale)?,
            bands,
            sizing: sizing(latency_ms, stride, kernel_size, supp_mult, fc_max)?,
            phase: named(phase)?,
            prototype: named(prototype)?,
            quality: named(quality)?,
            sample_rate_hz: sample_rate,
        };
        let design = || match nearest {
            true => erbium_dsp::Bank::design_nearest(&spec, &|| false),
            false => erbium_dsp::Bank::design(&spec),
        };
        let bank = py.detach(design).map_err(value_error)?;
        Ok(Self::of(bank, Source::Spec { nearest }))
    }

    /// The bank of given kernels, for example trained ones, whose dual is solved for.
    ///
    /// Parameters
    /// ----------
    /// kernels : array (bands, taps)
    ///     Complex or real taps from time 0 on, in any order of frequency, one kernel for each band; none of negative
    ///     frequencies. 2 to 1024 bands; the equaliser plays up to 64.
    /// strides : int or sequence of int
    ///     Samples between coefficients, one per band or one for all.
    /// latency_samples : int, optional
    ///     The latency; that of the longest kernel without it.
    /// sample_rate : float
    ///     In hertz.
    /// scale : str
    ///     The scale on which curves are drawn between bands.
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     When the kernels are no frame, or no dual as long as they are gives back the sound.
    #[classmethod]
    #[pyo3(signature = (kernels, strides = None, latency_samples = None, sample_rate = 48_000.0, scale = "erb"))]
    fn from_kernels(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        kernels: &Bound<'_, PyAny>,
        strides: Option<&Bound<'_, PyAny>>,
        latency_samples: Option<usize>,
        sample_rate: f64,
        scale: &str,
    ) -> PyResult<Self> {
        let rows = ComplexArray::new("kernels", kernels)?.rows("kernels")?;
        let strides = match strides {
            None => vec![1],
            Some(one) => one.extract::<usize>().map(|one| vec![one]).or_else(|_| one.extract())?,
        };
        let given = py.detach(|| UserKernels::new(rows, &strides, latency_samples));
        Self::of_kernels(py, Arc::new(given.map_err(value_error)?), scale, sample_rate)
    }

    /// The bank that the equaliser plays of a file: its `kernels` (each followed by its row of `learned`, where that is
    /// there), at `strides` or `stride`, with `latency_samples`; their dual is solved for. Kernels are rounded to single
    /// precision, in which they are played.
    ///
    /// Parameters
    /// ----------
    /// path : path
    ///     An .npz file, as `save`, `numpy.savez` or `erbium bank -o` write it.
    /// sample_rate : float, optional
    ///     In hertz; without it, that of the file, or 48000 where the file has none.
    /// scale : str
    ///     The scale on which curves are drawn between bands.
    ///
    /// Raises
    /// ------
    /// OSError
    ///     When the file cannot be read.
    /// ValueError
    ///     When it is no such file, or its kernels cannot be played.
    #[classmethod]
    #[pyo3(signature = (path, sample_rate = None, scale = "erb"))]
    #[expect(clippy::needless_pass_by_value)] // As Python's paths come.
    fn load(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        path: PathBuf,
        sample_rate: Option<f64>,
        scale: &str,
    ) -> PyResult<Self> {
        let kernels = py.detach(|| bank_file::read(&path))?;
        let made_for = kernels.made_for_hz();
        let sample_rate = sample_rate.or(made_for).unwrap_or(BankSpec::default().sample_rate_hz);
        Self::of_kernels(py, kernels, scale, sample_rate)
    }

    /// Writes the bank for the equaliser (`Documents/Erbium/banks`, or `erbium render --bank-file`), NumPy and `load`.
    ///
    /// The file appears complete or not at all. It holds `kernels`, `duals`, `strides`, `phases`, `latency_samples`,
    /// `centres_hz`, `bandwidths_hz` and `supports`, as `erbium bank -o` writes them. Of these the equaliser and `load`
    /// take kernels, strides and latency and solve for a dual anew, so that what they play is as exact, but not the same
    /// to the last bit.
    ///
    /// Parameters
    /// ----------
    /// path : path
    ///     A name ending in .npz.
    /// only_this_rate : bool
    ///     Whether the kernels shall be played at this bank's sample rate alone; else they are at any, and their bands
    ///     lie in proportion.
    ///
    /// Raises
    /// ------
    /// OSError
    ///     When the file cannot be written.
    /// ValueError
    ///     When the name does not end in .npz.
    #[pyo3(signature = (path, *, only_this_rate = false))]
    #[expect(clippy::needless_pass_by_value)] // As Python's paths come.
    fn save(&self, py: Python<'_>, path: PathBuf, only_this_rate: bool) -> PyResult<()> {
        py.detach(|| bank_file::write(&self.bank, &path, only_this_rate))
    }

    /// The coefficients of sounds: a list of one array (..., frames) per band, complex.
    ///
    /// Bands have strides of their own, and so numbers of frames of their own: that is why it is a list. Coefficient j of
    /// band k stands for the time `j * strides[k] + phases[k]` less the delay of the kernels, half the latency in an ISAC
    /// bank. There are as many as it takes until the sound has left the bank; before and after it there is silence.
    /// Where all strides are equal, `numpy.stack(c, -2)` is (..., bands, frames).
    ///
    /// Parameters
    /// ----------
    /// x : array (..., time)
    ///     float32 or float64. Samples that are no number, or more than 300 dB above full scale, are silence.
    ///
    /// Returns
    /// -------
    /// list of arrays (..., frames)
    ///     complex64 of float32, computed in double precision; complex128 of float64.
    fn analyze<'py>(&self, py: Python<'py>, x: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
        coefficients::analyse(py, &self.bank, &Sounds::new("x", x)?)
    }

    /// The sounds whose coefficients these are: the inverse of `analyze`, but for the error `report["flat_noise_db"]`.
    ///
    /// Parameters
    /// ----------
    /// c : sequence of arrays (..., frames)
    ///     One per band, as `analyze` gives them, scaled or otherwise changed.
    /// length : int, optional
    ///     Samples of each sound. Without it, the most that have so many coefficients: where no band has a stride of 1,
    ///     up to a stride more than were analysed.
    ///
    /// Returns
    /// -------
    /// array (..., time)
    ///     float32 where all coefficients are of single precision, else float64; with the timing of the sound.
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     When there is not one array per band, or one has not as many frames as such sounds.
    #[pyo3(signature = (c, length = None))]
    #[expect(clippy::needless_pass_by_value)] // As Python's sequences come.
    fn synthesize<'py>(
        &self,
        py: Python<'py>,
        c: Vec<Bound<'py, PyAny>>,
        length: Option<usize>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let bands = c.iter().enumerate();
        let bands = bands.map(|(k, band)| ComplexArray::new(&format!("c[{k}]"), band));
        let bands = bands.collect::<PyResult<Vec<_>>>()?;
        coefficients::synthesise(py, &self.bank, &bands, length)
    }

    /// Sounds equalised: what the equaliser plays of them, gains at rest, without alias.
    ///
    /// At gains of 0 dB it is the sound itself, bit for bit. Else what is added to the sound is computed in single
    /// precision, some -130 dB below.
    ///
    /// Parameters
    /// ----------
    /// x : array (..., time)
    ///     float32 or float64. Samples that are no number, or more than 300 dB above full scale, are silence.
    /// gains_db : float or sequence of float
    ///     Gain wanted at each band's centre frequency in dB, or one for all; -inf for off.
    /// compensate : bool
    ///     Whether the latency is taken off, so that the output has the timing of the input. Else it comes
    ///     `latency_samples` later, as live, and its end is cut off.
    ///
    /// Returns
    /// -------
    /// array (..., time)
    ///     As long as the input, in its precision.
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     When gains do not fit the bank, or are no numbers.
    #[pyo3(signature = (x, gains_db, *, compensate = true))]
    fn equalize<'py>(
        &self,
        py: Python<'py>,
        x: &Bound<'py, PyAny>,
        gains_db: &Bound<'py, PyAny>,
        compensate: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let sounds = Sounds::new("x", x)?;
        let targets = linear_gains(gains_db, self.bank.bands())?;
        let rows = sounds.rows()?;
        let shape = [sounds.leading(), &[rows.time]].concat();
        if rows.is_single() {
            let equalised =
                py.detach(|| Equalizer::new(&self.bank, &targets).single(rows, compensate));
            return array(py, &shape, equalised);
        }
        let equalised = py.detach(|| Equalizer::new(&self.bank, &targets).double(rows, compensate));
        array(py, &shape, equalised)
    }

    /// The impulse response of the whole bank at these gains: what a convolution with it gives is what `equalize` does
    /// without taking the latency off.
    ///
    /// Parameters
    /// ----------
    /// gains_db : float or sequence of float
    ///     As for `equalize`.
    ///
    /// Returns
    /// -------
    /// array (taps,)
    ///     float32, from the impulse on.
    fn collapse<'py>(
        &self,
        py: Python<'py>,
        gains_db: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let gains = self.gains(py, gains_db)?;
        let taps = py.detach(|| self.bank.collapse(&gains));
        array(py, &[taps.len()], taps)
    }

    /// The linear gains of the bands with which the response is as wanted at the centre frequencies: neighbours
    /// overlap, so that these are not the gains wanted.
    ///
    /// Parameters
    /// ----------
    /// gains_db : float or sequence of float
    ///     As for `equalize`.
    ///
    /// Returns
    /// -------
    /// array (bands,)
    ///     float32; factors for the coefficients of `analyze`.
    fn band_gains<'py>(
        &self,
        py: Python<'py>,
        gains_db: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let gains = self.gains(py, gains_db)?;
        array(py, &[gains.len()], gains)
    }

    /// The level of each band over time: the highest in each hop, 0 dB for a full-scale sinusoid at the centre.
    ///
    /// Parameters
    /// ----------
    /// x : array (..., time)
    ///     float32 or float64.
    /// hop_samples : int, optional
    ///     From column to column, no less than the longest stride; 10 ms without it.
    /// floor_db : float
    ///     What is below is that.
    ///
    /// Returns
    /// -------
    /// array (..., bands, columns)
    ///     In dB, in the precision of `x`; a column for each hop begun.
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     When the hop is shorter than the longest stride.
    #[pyo3(signature = (x, hop_samples = None, floor_db = -90.0))]
    fn cochleagram<'py>(
        &self,
        py: Python<'py>,
        x: &Bound<'py, PyAny>,
        hop_samples: Option<usize>,
        floor_db: f64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let sounds = Sounds::new("x", x)?;
        let hop = hop_samples
            .unwrap_or_else(|| coefficients::ten_milliseconds(self.bank.spec().sample_rate_hz));
        let made = sounds.map(py, |x| coefficients::cochleagram(&self.bank, x, hop, floor_db))?;
        sounds.features(py, made)
    }

    /// Family of kernels: "isac" or "gammatone"; "given" where they were given.
    #[getter]
    fn kind(&self) -> &'static str {
        match self.source {
            Source::Spec { .. } => self.bank.spec().kind.name(),
            Source::Kernels(_) => "given",
        }
    }

    /// The scale that spaces the bands.
    #[getter]
    fn scale(&self) -> &'static str {
        self.bank.spec().scale.name()
    }

    /// Number of bands.
    #[getter]
    fn bands(&self) -> usize {
        self.bank.bands()
    }

    /// In hertz.
    #[getter]
    fn sample_rate(&self) -> f64 {
        self.bank.spec().sample_rate_hz
    }

    /// Delay from input to output of `Stream` in samples: 0 with minimum phase.
    #[getter]
    fn latency_samples(&self) -> usize {
        self.bank.latency_samples()
    }

    /// Centre frequencies in hertz, rising: float64 (bands,).
    #[getter]
    fn centres_hz<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        list(py, self.bank.centres_hz())
    }

    /// Equivalent noise bandwidths in hertz: float64 (bands,).
    #[getter]
    fn bandwidths_hz<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        list(py, self.bank.bandwidths_hz())
    }

    /// Samples between the coefficients of each band: int64 (bands,).
    #[getter]
    fn strides<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        counts(py, self.bank.strides())
    }

    /// The time of each band's first coefficient in samples, below its stride: int64 (bands,).
    #[getter]
    fn phases<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        counts(py, self.bank.phases())
    }

    /// The analysis kernels from time 0 on, zeros after the shorter ones: complex128 (bands, taps). Those of a
    /// gammatone bank are impulse responses cut off at -160 dB.
    #[getter]
    fn kernels<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        kernels(py, self.bank.analysis_kernels())
    }

    /// The synthesis kernels, the learned dual, in the same form: complex128 (bands, taps).
    #[getter]
    fn duals<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        kernels(py, self.bank.dual_kernels())
    }

    /// The frame bounds (A, B): A |x|² <= sum of stride |c|² <= B |x|² for all sounds; found when first asked for, which
    /// may take longer than the design. None where that would take minutes or gigabytes.
    #[getter]
    fn frame_bounds(&self, py: Python<'_>) -> Option<(f64, f64)> {
        self.bounds(py).map(|bounds| (bounds.lower, bounds.upper))
    }

    /// B / A of the frame bounds, 1 for a tight frame; None where they are.
    #[getter]
    fn condition_number(&self, py: Python<'_>) -> Option<f64> {
        self.bounds(py).map(|bounds| bounds.condition_number())
    }

    /// How exact the bank is and what it costs, by the names of `erbium bank --json`, levels in dB: latency_samples,
    /// flat_noise_db and flat_sine_db (reconstruction error for white noise, for the worst sinusoid),
    /// alias_notch_db, alias_solo_db, alias_random_db, alias_zigzag_db (of the worst sinusoid while gains move),
    /// peak_magnitude_sum, min_band_share, psd_ripple_db, macs_per_sample.
    #[getter]
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let report = self.bank.report();
        let dict = PyDict::new(py);
        dict.set_item("latency_samples", report.latency_samples)?;
        for (name, value) in [
            ("flat_noise_db", report.flat_noise_db),
            ("flat_sine_db", report.flat_sine_db),
            ("alias_notch_db", report.alias_notch_db),
            ("alias_solo_db", report.alias_solo_db),
            ("alias_random_db", report.alias_random_db),
            ("alias_zigzag_db", report.alias_zigzag_db),
            ("peak_magnitude_sum", report.peak_magnitude_sum),
            ("min_band_share", report.min_band_share),
            ("psd_ripple_db", report.psd_ripple_db),
            ("macs_per_sample", report.macs_per_sample),
        ] {
            dict.set_item(name, value)?;
        }
        Ok(dict)
    }

    fn __repr__(&self) -> String {
        let spec = self.bank.spec();
        let latency = self.bank.latency_samples();
        format!(
            "<erbium.Bank {}, {} scale, {} bands, {latency} samples of latency at {} Hz>",
            self.kind(),
            spec.scale,
            spec.bands,
            spec.sample_rate_hz
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
        let class = this.get_type();
        match &own.source {
            Source::Spec { nearest } => {
                let settings = settings(py, own.bank.requested(), *nearest)?;
                let partial = py.import("functools")?.getattr("partial")?;
                Ok((partial.call((class,), Some(&settings))?, PyTuple::empty(py)))
            }
            Source::Kernels(given) => {
                let spec = own.bank.spec();
                let rows = kernels(py, given.kernels())?;
                let strides = PyList::new(py, given.strides())?;
                let latency = given.latency_samples();
                let arguments = (rows, strides, latency, spec.sample_rate_hz, spec.scale.name())
                    .into_pyobject(py)?;
                Ok((class.getattr("from_kernels")?, arguments))
            }
        }
    }
}

impl Bank {
    fn gains(&self, py: Python<'_>, gains_db: &Bound<'_, PyAny>) -> PyResult<Vec<f32>> {
        let targets = linear_gains(gains_db, self.bank.bands())?;
        let mut gains = vec![1.0; targets.len()];
        py.detach(|| self.bank.solve_gains(&targets, &mut gains));
        Ok(gains)
    }
}
