//! The classic gammatone filterbank.

use crate::arrays::{Sounds, array, list};
use crate::errors::value_error;
use erbium_dsp::feature::gammatone::{self as library, Centres, Common, GammatoneOptions};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::convert::Infallible;

/// The all-pole gammatone filterbank of order 4: real bands, aligned or not.
///
/// The impulse response of a band is n³ kⁿ⁻¹ cos(2π cf n / fs), k = exp(-2π b / fs), b = 1.019 equivalent
/// rectangular bandwidths. It has no exact inverse: for that see `Bank(kind="gammatone")`.
///
/// Parameters
/// ----------
/// sample_rate : float
///     In hertz.
/// num_bands : int
///     Number of bands; not with `centres_hz`.
/// cf_low, cf_high : float
///     The lowest and the highest centre frequency in hertz; those between are even on the ERB-rate scale, or
/// freq_low, freq_high : float
///     the edges of the outer bands in hertz: half of b beyond their centres, or
/// centres_hz : sequence of float
///     the centre frequencies in hertz.
/// normalize_gain : bool
///     Whether a sinusoid at a centre passes with a gain of 1 (but for what its mirror image adds).
/// align : {None, "envelope", "both"}
///     Whether bands are delayed so that their envelopes peak together, and their carriers with them.
/// common_delay : int, optional
///     With `align`, the delay in samples at which they do; that of the slowest band without it. Bands that peak later are
///     moved forward in time.
/// align_fine_structure : bool
///     Whether carriers peak with their envelopes, whatever `align` is.
///
/// Raises
/// ------
/// ValueError
///     When a setting is out of range, or bands are given in no way, or in two.
///
/// References
/// ----------
/// R. D. Patterson et al., "Complex sounds and auditory images", 1992, doi:10.1016/B978-0-08-041847-6.50054-X.
#[pyclass(frozen, module = "erbium")]
pub struct Gammatone {
    bank: library::Gammatone,
    options: GammatoneOptions,
}

#[pymethods]
impl Gammatone {
    #[new]
    #[pyo3(signature = (sample_rate, num_bands = None, *, cf_low = None, cf_high = None, freq_low = None,
        freq_high = None, centres_hz = None, normalize_gain = true, align = None, common_delay = None,
        align_fine_structure = false))]
    #[expect(clippy::too_many_arguments)] // Python's names for them.
    fn new(
        sample_rate: f64,
        num_bands: Option<usize>,
        cf_low: Option<f64>,
        cf_high: Option<f64>,
        freq_low: Option<f64>,
        freq_high: Option<f64>,
        centres_hz: Option<Vec<f64>>,
        normalize_gain: bool,
        align: Option<&str>,
        common_delay: Option<usize>,
        align_fine_structure: bool,
    ) -> PyResult<Self> {
        let centres = match (num_bands, cf_low, cf_high, freq_low, freq_high, centres_hz) {
            (Some(bands), Some(low_hz), Some(high_hz), None, None, None) => {
                Centres::Between { low_hz, high_hz, bands }
            }
            (Some(bands), None, None, Some(low_hz), Some(high_hz), None) => {
                Centres::Edges { low_hz, high_hz, bands }
            }
            (None, None, None, None, None, Some(list)) => Centres::List(list),
            _ => {
                return Err(value_error(
                    "bands need one of three ways; possible: num_bands, cf_low and cf_high, or num_bands, freq_low and \
                     freq_high, or centres_hz",
                ));
            }
        };
        let (envelope, both) = match align {
            None => (false, false),
            Some("envelope") => (true, false),
            Some("both") => (true, true),
            Some(other) => {
                let sentence = format!(
                    "align \"{other}\" is not possible; possible: None, \"envelope\", \"both\""
                );
                return Err(value_error(sentence));
            }
        };
        if common_delay.is_some() && !envelope {
            return Err(value_error(
                "common_delay needs align; possible: align=\"envelope\", align=\"both\"",
            ));
        }
        let options = GammatoneOptions {
            normalised: normalize_gain,
            envelope: envelope.then_some(common_delay.map_or(Common::Longest, Common::Samples)),
            fine_structure: both || align_fine_structure,
            ..GammatoneOptions::new(centres, sample_rate)
        };
        let bank = library::Gammatone::new(&options).map_err(value_error)?;
        Ok(Self { bank, options })
    }

    /// The bands of sounds.
    ///
    /// Parameters
    /// ----------
    /// x : array (..., time)
    ///     float32 or float64. Samples that are no number, or more than 300 dB above full scale, are silence.
    ///
    /// Returns
    /// -------
    /// array (..., bands, time)
    ///     In the precision of `x`, computed in double precision.
    fn __call__<'py>(&self, py: Python<'py>, x: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let sounds = Sounds::new("x", x)?;
        let made = sounds.map(py, |x| Ok::<_, Infallible>(self.bank.apply(x)))?;
        sounds.features(py, made)
    }

    /// The mean power of each band over a window from every hop.
    ///
    /// Parameters
    /// ----------
    /// x : array (..., time)
    ///     float32 or float64.
    /// window_samples, hop_samples : int
    ///     1 or more.
    ///
    /// Returns
    /// -------
    /// array (..., bands, whole windows)
    ///     In the precision of `x`.
    fn spectrogram<'py>(
        &self,
        py: Python<'py>,
        x: &Bound<'py, PyAny>,
        window_samples: usize,
        hop_samples: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let sounds = Sounds::new("x", x)?;
        let made = sounds.map(py, |x| self.bank.spectrogram(x, window_samples, hop_samples))?;
        sounds.features(py, made)
    }

    /// The impulse responses: float64 (bands, samples).
    fn impulse_responses<'py>(
        &self,
        py: Python<'py>,
        samples: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let responses = py.detach(|| self.bank.impulse_responses(samples));
        array(py, &[responses.rows(), samples], responses.values().to_vec())
    }

    /// The complex gains at frequencies in hertz: complex128 (bands, frequencies).
    #[expect(clippy::needless_pass_by_value)] // As Python's sequences come.
    fn responses<'py>(&self, py: Python<'py>, hz: Vec<f64>) -> PyResult<Bound<'py, PyAny>> {
        let responses = py.detach(|| self.bank.responses(&hz));
        array(py, &[self.bank.bands(), hz.len()], responses)
    }

    /// The phase of a band at rising frequencies in hertz, in radians and without jumps: float64 (frequencies,).
    #[expect(clippy::needless_pass_by_value)] // As Python's sequences come.
    fn phase_spectrum<'py>(
        &self,
        py: Python<'py>,
        band: usize,
        hz: Vec<f64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let bands = self.bank.bands();
        if band >= bands {
            let sentence = format!("band {band} is not possible; possible: 0 to {}", bands - 1);
            return Err(value_error(sentence));
        }
        list(py, &self.bank.phase_spectrum(band, &hz))
    }

    /// Centre frequencies in hertz: float64 (bands,).
    #[getter]
    fn centres_hz<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        list(py, self.bank.centres_hz())
    }

    /// b of each band in hertz: float64 (bands,).
    #[getter]
    fn bandwidths_hz<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        list(py, self.bank.bandwidths_hz())
    }

    /// By how much each band is delayed for alignment in samples, below 0 where it is moved forward: int64 (bands,).
    #[getter]
    fn delays_samples<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let delays: Vec<i64> =
            self.bank.delays_samples().iter().map(|delay| *delay as i64).collect();
        array(py, &[delays.len()], delays)
    }

    /// The gain of each band at its centre frequency: float64 (bands,).
    #[getter]
    fn gains_at_centre<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let gains = (0..self.bank.bands()).map(|band| self.bank.gain_at_centre(band));
        list(py, &gains.collect::<Vec<_>>())
    }

    /// The group delay of each band at its centre frequency in samples, alignment included: float64 (bands,).
    #[getter]
    fn delays_at_centre_samples<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let delays = (0..self.bank.bands()).map(|band| self.bank.delay_at_centre_samples(band));
        list(py, &delays.collect::<Vec<_>>())
    }

    fn __reduce__<'py>(
        this: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, options) = (this.py(), &this.get().options);
        let dict = PyDict::new(py);
        match &options.centres {
            Centres::List(list) => dict.set_item("centres_hz", list)?,
            Centres::Between { low_hz, high_hz, bands } => {
                dict.set_item("num_bands", bands)?;
                dict.set_item("cf_low", low_hz)?;
                dict.set_item("cf_high", high_hz)?;
            }
            Centres::Edges { low_hz, high_hz, bands } => {
                dict.set_item("num_bands", bands)?;
                dict.set_item("freq_low", low_hz)?;
                dict.set_item("freq_high", high_hz)?;
            }
        }
        dict.set_item("normalize_gain", options.normalised)?;
        dict.set_item("align", options.envelope.map(|_| "envelope"))?;
        if let Some(Common::Samples(samples)) = options.envelope {
            dict.set_item("common_delay", samples)?;
        }
        dict.set_item("align_fine_structure", options.fine_structure)?;
        let partial = py.import("functools")?.getattr("partial")?;
        let arguments = (this.get_type(), options.sample_rate_hz);
        Ok((partial.call(arguments, Some(&dict))?, PyTuple::empty(py)))
    }
}
