//! A bank's coefficients and kernels as arrays, and its levels over time.

use crate::arrays::{ComplexArray, Sounds, array, single};
use crate::errors::value_error;
use erbium_dsp::feature::cochleagram::CochleagramStream;
use erbium_dsp::feature::{FeatureMatrix, OptionError, band_coefficients};
use erbium_dsp::{Bank, Kernel};
use num_complex::Complex;
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::convert::Infallible;
use std::sync::Arc;

/// Samples taken in at a time.
const PIECE: usize = 1 << 16;

/// One array (..., frames) per band.
pub fn analyse<'py>(
    py: Python<'py>,
    bank: &Arc<Bank>,
    sounds: &Sounds<'py>,
) -> PyResult<Bound<'py, PyList>> {
    let made = sounds.map(py, |x| Ok::<_, Infallible>(band_coefficients::analyse(bank, x)))?;
    let frames = band_coefficients::counts(bank, sounds.time());
    let band = |(k, frames): (usize, usize)| {
        let join = || made.all.iter().map(|bands| &bands[k][..]).collect::<Vec<_>>().concat();
        let values = py.detach(join);
        sounds.complex(py, &[frames], values)
    };
    let bands = frames.into_iter().enumerate().map(band).collect::<PyResult<Vec<_>>>()?;
    PyList::new(py, bands)
}

/// The sounds of one array (..., frames) per band.
pub fn synthesise<'py>(
    py: Python<'py>,
    bank: &Arc<Bank>,
    bands: &[ComplexArray],
    length: Option<usize>,
) -> PyResult<Bound<'py, PyAny>> {
    let (leading, frames) = shapes(bands)?;
    let samples = match length {
        Some(length) => length,
        None => band_coefficients::samples(bank, &frames).map_err(value_error)?,
    };
    let count = leading.iter().product::<usize>();
    let sounds = py.detach(|| {
        let mut all = Vec::new();
        // At least once, so that what does not fit is refused where there are no sounds, too.
        for row in 0..count.max(1) {
            let band = |(band, n): (&ComplexArray, &usize)| {
                band.values.get(row * n..(row + 1) * n).map_or_else(|| silence(*n), <[_]>::to_vec)
            };
            let row: Vec<_> = bands.iter().zip(&frames).map(band).collect();
            all.extend(band_coefficients::synthesise(bank, &row, samples)?);
        }
        Ok::<_, OptionError>(all)
    });
    let mut sounds = sounds.map_err(value_error)?;
    sounds.truncate(count * samples);
    let shape = [&leading[..], &[samples]].concat();
    if bands.iter().all(|band| band.is_single) {
        return array(py, &shape, sounds.into_iter().map(single).collect());
    }
    array(py, &shape, sounds)
}

fn silence(count: usize) -> Vec<Complex<f64>> {
    vec![Complex::new(0.0, 0.0); count]
}

/// The axes before the frames, which all bands share, and the frames of each.
fn shapes(bands: &[ComplexArray]) -> PyResult<(Vec<usize>, Vec<usize>)> {
    let mut leading: Option<&[usize]> = None;
    let mut frames = Vec::with_capacity(bands.len());
    for (k, band) in bands.iter().enumerate() {
        let Some((own, before)) = band.shape.split_last() else {
            return Err(value_error(format!("c[{k}] is a single number; possible: (..., frames)")));
        };
        if **leading.get_or_insert(before) != *before {
            let first = leading.unwrap_or(&[]);
            return Err(value_error(format!(
                "c[{k}] has the axes {before:?} before its frames; possible: {first:?}, those of c[0]"
            )));
        }
        frames.push(*own);
    }
    Ok((leading.unwrap_or(&[]).to_vec(), frames))
}

/// Bands × taps from time 0 on.
pub fn kernels<'py>(py: Python<'py>, kernels: &[Kernel]) -> PyResult<Bound<'py, PyAny>> {
    let length = kernels.iter().map(Kernel::length).max().unwrap_or(0);
    let mut values = vec![Complex::<f64>::new(0.0, 0.0); kernels.len() * length];
    for (row, kernel) in values.chunks_mut(length.max(1)).zip(kernels) {
        row[kernel.offset..kernel.length()].copy_from_slice(&kernel.taps);
    }
    array(py, &[kernels.len(), length], values)
}

/// Columns of levels in dB of a sound.
pub fn cochleagram(
    bank: &Arc<Bank>,
    sound: &[f64],
    hop_samples: usize,
    floor_db: f64,
) -> Result<FeatureMatrix, OptionError> {
    let mut stream = CochleagramStream::new(bank, 1, hop_samples)?;
    let mut columns = FeatureMatrix::zeros(bank.bands(), sound.len().div_ceil(hop_samples));
    let mut column = 0;
    let mut take = |levels: &[f32]| {
        for (band, level) in levels.iter().enumerate() {
            columns.row_mut(band)[column] = (20.0 * f64::from(*level).log10()).max(floor_db);
        }
        column += 1;
    };
    for piece in sound.chunks(PIECE) {
        let mut piece: Vec<f32> = piece.iter().copied().map(single).collect();
        stream.push(&mut [&mut piece], &mut take);
    }
    stream.finish(&mut take);
    Ok(columns)
}

/// 10 ms in samples.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub fn ten_milliseconds(sample_rate_hz: f64) -> usize {
    (sample_rate_hz / 100.0).round() as usize
}
