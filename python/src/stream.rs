//! A bank at work on sound as it comes.

use crate::arrays::{Sounds, array, list};
use crate::bank::Bank;
use crate::equalizer::{Sample, linear_gains};
use crate::errors::value_error;
use erbium_dsp::stream::Engine;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::collections::VecDeque;

/// A live equaliser: what the plugin plays, block by block.
///
/// The output is the input delayed by `latency_samples` and changed by the gains, the same to the last bit however the
/// sound is cut into blocks; at 0 dB it is the delayed input bit for bit. Gains that have stood still for a while play
/// as one filter, without alias.
///
/// One thread at a time may use a stream: another meanwhile is a `RuntimeError`. A stream that has played nothing, or
/// has been reset, is pickled and copied; one amid a sound is not, as it holds that.
///
/// Parameters
/// ----------
/// bank : Bank
/// channels : int
///     1 to 64, played with the same gains.
/// gains_db : float or sequence of float
///     Gain wanted at each band's centre frequency in dB, or one for all; -inf for off.
/// metering : bool
///     Whether `levels_db` shall be asked for.
///
/// Raises
/// ------
/// ValueError
///     When gains do not fit the bank, or there are too many channels.
#[pyclass(module = "erbium")]
pub struct Stream {
    bank: Py<Bank>,
    engine: Engine,
    /// Of each channel the input that is still to come out.
    delayed: Vec<VecDeque<f64>>,
    gains_db: Py<PyAny>,
    metering: bool,
    /// Whether nothing has been played since the beginning.
    is_fresh: bool,
}

/// The most channels, as of files.
const CHANNELS_MAX: usize = 64;

#[pymethods]
impl Stream {
    #[new]
    #[pyo3(signature = (bank, channels = 1, *, gains_db = None, metering = false))]
    fn new(
        py: Python<'_>,
        bank: Py<Bank>,
        channels: usize,
        gains_db: Option<Bound<'_, PyAny>>,
        metering: bool,
    ) -> PyResult<Self> {
        if !(1..=CHANNELS_MAX).contains(&channels) {
            let sentence =
                format!("channels {channels} is not possible; possible: 1 to {CHANNELS_MAX}");
            return Err(value_error(sentence));
        }
        let plan = bank.get().bank.clone();
        let mut engine = py.detach(|| Engine::new(plan, channels));
        engine.set_metering(metering);
        let silence = || VecDeque::from(vec![0.0; engine.latency_samples()]);
        let delayed = (0..channels).map(|_| silence()).collect();
        let gains_db = gains_db.map_or_else(|| 0.0.into_pyobject(py).map(Bound::into_any), Ok)?;
        let mut stream =
            Self { bank, engine, delayed, gains_db: py.None(), metering, is_fresh: true };
        stream.set_gains_db(py, &gains_db, true)?;
        Ok(stream)
    }

    /// Plays a block of any length.
    ///
    /// Parameters
    /// ----------
    /// block : array (channels, time), or (time,) of one channel
    ///     float32 or float64. Samples that are no number, or more than 300 dB above full scale, are silence.
    ///
    /// Returns
    /// -------
    /// array
    ///     Of the same shape and precision, `latency_samples` later. The change is computed in single precision.
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     When there are not as many channels as the stream has.
    fn process<'py>(
        &mut self,
        py: Python<'py>,
        block: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let sounds = Sounds::new("block", block)?;
        let channels = self.engine.channels();
        let rows = sounds.rows()?;
        let shape = [sounds.leading(), &[rows.time]].concat();
        if sounds.leading() != [channels] && !(channels == 1 && sounds.leading().is_empty()) {
            let or = if channels == 1 { ", or (time,)" } else { "" };
            let sentence =
                format!("block has the shape {shape:?}; possible: ({channels}, time){or}");
            return Err(value_error(sentence));
        }
        self.is_fresh &= rows.time == 0;
        if rows.is_single() {
            let played = py.detach(|| {
                let block: Vec<_> = (0..channels).map(|row| rows.single(row)).collect();
                self.play::<f32>(&block, f64::from, crate::arrays::single)
            });
            return array(py, &shape, played);
        }
        let played = py.detach(|| {
            let block: Vec<_> = (0..channels).map(|row| rows.double(row)).collect();
            self.play::<f64>(&block, |sample| sample, |sample| sample)
        });
        array(py, &shape, played)
    }

    /// Moves the gains, each over 20 ms; before the first sample they are there at once.
    ///
    /// Parameters
    /// ----------
    /// gains_db : float or sequence of float
    ///     Gain wanted at each band's centre frequency in dB, or one for all; -inf for off.
    /// at_once : bool
    ///     Whether they shall be there at once, which clicks amid a sound.
    #[pyo3(signature = (gains_db, *, at_once = false))]
    fn set_gains_db(
        &mut self,
        py: Python<'_>,
        gains_db: &Bound<'_, PyAny>,
        at_once: bool,
    ) -> PyResult<()> {
        let bands = self.engine.bank().bands();
        let targets = linear_gains(gains_db, bands)?;
        // As they are now: an array may be changed later.
        let decibels: Vec<f64> = crate::arrays::each("gains_db", gains_db, bands, "band")?;
        self.gains_db = list(py, &decibels)?.unbind();
        self.engine.set_targets(&targets);
        if at_once || self.is_fresh {
            py.detach(|| self.engine.jump_to_gains());
        }
        Ok(())
    }

    /// Forgets the sound. Gains stay, and are where they were going.
    fn reset(&mut self, py: Python<'_>) {
        py.detach(|| self.engine.reset());
        self.delayed.iter_mut().for_each(|channel| channel.iter_mut().for_each(|x| *x = 0.0));
        self.is_fresh = true;
    }

    /// The highest level of each band of any channel since the last call, before the gains: float64 (bands,) in dB, 0 dB for a
    /// full-scale sinusoid at the centre, -inf for silence.
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     When the stream was made without `metering`.
    fn levels_db<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if !self.metering {
            return Err(value_error("this stream meters no levels; possible: metering=True"));
        }
        let mut levels = vec![0.0; self.engine.bank().bands()];
        self.engine.take_levels(&mut levels);
        let levels: Vec<f64> =
            levels.iter().map(|level| 20.0 * f64::from(*level).log10()).collect();
        list(py, &levels)
    }

    /// The bank.
    #[getter]
    fn bank(&self, py: Python<'_>) -> Py<Bank> {
        self.bank.clone_ref(py)
    }

    /// Number of channels.
    #[getter]
    fn channels(&self) -> usize {
        self.engine.channels()
    }

    /// Delay from input to output in samples.
    #[getter]
    fn latency_samples(&self) -> usize {
        self.engine.latency_samples()
    }

    /// After so many samples of silence the output is exactly zero.
    #[getter]
    fn tail_samples(&self) -> usize {
        self.engine.tail_samples()
    }

    /// The gains wanted, in dB: float64 (bands,).
    #[getter]
    fn gains_db(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.gains_db.call_method0(py, "copy")
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let bank = self.bank.bind(py).repr()?;
        Ok(format!("<erbium.Stream of {} channels through {bank}>", self.engine.channels()))
    }

    fn __reduce__<'py>(
        this: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, own) = (this.py(), this.try_borrow()?);
        if !own.is_fresh {
            return Err(PyTypeError::new_err(
                "a stream amid a sound cannot be pickled or copied; possible: its bank, or the stream after reset()",
            ));
        }
        let settings = PyDict::new(py);
        settings.set_item("gains_db", own.gains_db.bind(py))?;
        settings.set_item("metering", own.metering)?;
        let arguments = (this.get_type(), own.bank.bind(py), own.engine.channels());
        let partial = py.import("functools")?.getattr("partial")?;
        Ok((partial.call(arguments, Some(&settings))?, PyTuple::empty(py)))
    }
}

impl Stream {
    /// Plays a block, channel after channel. Python's lock need not be held.
    fn play<T: Sample>(
        &mut self,
        block: &[impl AsRef<[T]>],
        wide: impl Fn(T) -> f64,
        narrow: impl Fn(f64) -> T,
    ) -> Vec<T> {
        let input: Vec<Vec<f32>> = block
            .iter()
            .map(|channel| channel.as_ref().iter().map(|sample| sample.narrow()).collect())
            .collect();
        let mut change: Vec<Vec<f32>> =
            input.iter().map(|channel| vec![0.0; channel.len()]).collect();
        {
            let input: Vec<&[f32]> = input.iter().map(Vec::as_slice).collect();
            let mut change: Vec<&mut [f32]> = change.iter_mut().map(Vec::as_mut_slice).collect();
            self.engine.process_change(&input, &mut change);
        }
        let mut played = Vec::with_capacity(change.iter().map(Vec::len).sum());
        for ((channel, change), delayed) in block.iter().zip(&change).zip(&mut self.delayed) {
            for (sample, change) in channel.as_ref().iter().zip(change) {
                delayed.push_back(wide(sample.finite()));
                let sample = narrow(delayed.pop_front().unwrap_or(0.0));
                played.push(sample.changed(*change));
            }
        }
        played
    }
}
