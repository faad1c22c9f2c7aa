//! Arrays of NumPy: sounds of any leading axes, and what is made of them.

use crate::errors::value_error;
use erbium_dsp::feature::FeatureMatrix;
use num_complex::Complex;
use numpy::{
    Element, IntoPyArray, PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArrayMethods,
};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use std::borrow::Cow;
use std::fmt::Display;

/// Sounds, (..., time), as they came: each row of samples is a sound.
pub struct Sounds<'py> {
    samples: Samples<'py>,
    leading: Vec<usize>,
    time: usize,
}

enum Samples<'py> {
    Single(PyReadonlyArrayDyn<'py, f32>),
    Double(PyReadonlyArrayDyn<'py, f64>),
}

impl<'py> Sounds<'py> {
    /// Sounds of single or double precision; an array that is contiguous is not copied.
    ///
    /// # Errors
    /// `TypeError` where the array holds anything else, `ValueError` where it has no axis of time.
    pub fn new(name: &str, array: &Bound<'py, PyAny>) -> PyResult<Self> {
        let array = contiguous(array)?;
        let samples = if let Ok(array) = array.cast::<PyArrayDyn<f32>>() {
            Samples::Single(array.try_readonly().map_err(value_error)?)
        } else if let Ok(array) = array.cast::<PyArrayDyn<f64>>() {
            Samples::Double(array.try_readonly().map_err(value_error)?)
        } else {
            return Err(no_numbers(name, &array, "float32 or float64"));
        };
        let shape = match &samples {
            Samples::Single(array) => array.shape().to_vec(),
            Samples::Double(array) => array.shape().to_vec(),
        };
        let Some((time, leading)) = shape.split_last() else {
            let sentence = format!("{name} is a single number; possible: an array (..., time)");
            return Err(value_error(sentence));
        };
        Ok(Self { samples, leading: leading.to_vec(), time: *time })
    }

    /// What threads without Python's lock read.
    pub fn rows(&self) -> PyResult<Rows<'_>> {
        let samples = match &self.samples {
            Samples::Single(array) => Slice::Single(array.as_slice().map_err(value_error)?),
            Samples::Double(array) => Slice::Double(array.as_slice().map_err(value_error)?),
        };
        Ok(Rows { samples, time: self.time, count: self.leading.iter().product() })
    }

    /// The axes before that of time.
    pub fn leading(&self) -> &[usize] {
        &self.leading
    }

    /// Samples of each sound.
    pub const fn time(&self) -> usize {
        self.time
    }

    /// What is made of each sound, one after the other and without Python's lock. Of no sounds at all, what is made of
    /// silence, for its shape.
    pub fn map<T: Send, E: Display + Send>(
        &self,
        py: Python<'_>,
        make: impl Fn(&[f64]) -> Result<T, E> + Sync,
    ) -> PyResult<Made<T>> {
        let rows = self.rows()?;
        let made = py.detach(|| -> Result<_, E> {
            let all = (0..rows.count).map(|row| make(&rows.double(row)));
            let all = all.collect::<Result<Vec<T>, E>>()?;
            let like = if all.is_empty() { Some(make(&vec![0.0; rows.time])?) } else { None };
            Ok(Made { all, like })
        });
        made.map_err(value_error)
    }

    /// The same array as one of features, (..., rows, frames).
    ///
    /// # Errors
    /// `ValueError` where it has no axis of rows.
    pub fn with_rows(self, name: &str) -> PyResult<Features<'py>> {
        let Self { samples, mut leading, time: frames } = self;
        let Some(rows) = leading.pop() else {
            let sentence = format!("{name} has one axis; possible: an array (..., bands, frames)");
            return Err(value_error(sentence));
        };
        Ok(Features { sounds: Self { samples, leading, time: rows * frames }, rows, frames })
    }

    /// An array of numbers in the precision of the sounds, of the axes before time and these.
    pub fn real(
        &self,
        py: Python<'py>,
        axes: &[usize],
        values: Vec<f64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let shape = [&self.leading, axes].concat();
        match self.samples {
            Samples::Single(_) => {
                let narrow = || values.into_iter().map(single).collect();
                array::<f32>(py, &shape, py.detach(narrow))
            }
            Samples::Double(_) => array(py, &shape, values),
        }
    }

    /// The same of complex numbers.
    pub fn complex(
        &self,
        py: Python<'py>,
        axes: &[usize],
        values: Vec<Complex<f64>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let shape = [&self.leading, axes].concat();
        let narrow = |value: Complex<f64>| Complex::new(single(value.re), single(value.im));
        match self.samples {
            Samples::Single(_) => {
                let narrow = || values.into_iter().map(narrow).collect();
                array::<Complex<f32>>(py, &shape, py.detach(narrow))
            }
            Samples::Double(_) => array(py, &shape, values),
        }
    }

    /// Rows × frames of each sound.
    pub fn features(
        &self,
        py: Python<'py>,
        Made { all, like }: Made<FeatureMatrix>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let axes = all.first().or(like.as_ref()).map_or([0; 2], |one| [one.rows(), one.frames()]);
        let join = || all.iter().map(FeatureMatrix::values).collect::<Vec<_>>().concat();
        let values = py.detach(join);
        self.real(py, &axes, values)
    }
}

/// Features, (..., rows, frames).
pub struct Features<'py> {
    /// Row after row as if it were one of samples.
    sounds: Sounds<'py>,
    rows: usize,
    frames: usize,
}

impl<'py> Features<'py> {
    /// As [`Sounds::map`].
    pub fn map<T: Send, E: Display + Send>(
        &self,
        py: Python<'_>,
        make: impl Fn(&FeatureMatrix) -> Result<T, E> + Sync,
    ) -> PyResult<Made<T>> {
        let (rows, frames) = (self.rows, self.frames);
        self.sounds
            .map(py, |values| make(&FeatureMatrix::from_values(rows, frames, values.to_vec())))
    }

    /// As [`Sounds::features`].
    pub fn features(
        &self,
        py: Python<'py>,
        made: Made<FeatureMatrix>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.sounds.features(py, made)
    }
}

/// What was made of each sound.
pub struct Made<T> {
    /// Of all of them.
    pub all: Vec<T>,
    /// Of silence, where there are none.
    pub like: Option<T>,
}

/// The rows of an array of sounds.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    samples: Slice<'a>,
    /// Samples of each.
    pub time: usize,
    /// How many.
    pub count: usize,
}

#[derive(Clone, Copy)]
enum Slice<'a> {
    Single(&'a [f32]),
    Double(&'a [f64]),
}

impl<'a> Rows<'a> {
    /// A row in double precision.
    pub fn double(self, row: usize) -> Cow<'a, [f64]> {
        let range = row * self.time..(row + 1) * self.time;
        match self.samples {
            Slice::Single(samples) => samples[range].iter().copied().map(f64::from).collect(),
            Slice::Double(samples) => Cow::Borrowed(&samples[range]),
        }
    }

    /// A row in single precision.
    pub fn single(self, row: usize) -> Cow<'a, [f32]> {
        let range = row * self.time..(row + 1) * self.time;
        match self.samples {
            Slice::Single(samples) => Cow::Borrowed(&samples[range]),
            Slice::Double(samples) => samples[range].iter().copied().map(single).collect(),
        }
    }

    /// Whether rows are of single precision.
    pub const fn is_single(self) -> bool {
        matches!(self.samples, Slice::Single(_))
    }
}

/// The length of each axis, and the values in C order.
type ShapeAndValues = (Vec<usize>, Vec<Complex<f64>>);

/// Complex numbers, (..., last axis): their shape, whether they came in single precision, and the values.
pub struct ComplexArray {
    /// The length of each axis.
    pub shape: Vec<usize>,
    /// Of complex64 or float32.
    pub is_single: bool,
    /// In C order.
    pub values: Vec<Complex<f64>>,
}

impl ComplexArray {
    /// # Errors
    /// `TypeError` where the array holds no real or complex numbers of single or double precision.
    pub fn new(name: &str, array: &Bound<'_, PyAny>) -> PyResult<Self> {
        fn read<T: Element + Copy>(
            array: &Bound<'_, PyAny>,
            wide: impl Fn(T) -> Complex<f64>,
        ) -> PyResult<Option<ShapeAndValues>> {
            let Ok(array) = array.cast::<PyArrayDyn<T>>() else { return Ok(None) };
            let array = array.try_readonly().map_err(value_error)?;
            let values = array.as_slice().map_err(value_error)?;
            Ok(Some((array.shape().to_vec(), values.iter().copied().map(wide).collect())))
        }
        let array = contiguous(array)?;
        let wide = |z: Complex<f32>| Complex::new(f64::from(z.re), f64::from(z.im));
        let single = match read(&array, wide)? {
            None => read(&array, |x: f32| Complex::from(f64::from(x)))?,
            found => found,
        };
        let double = match read(&array, |z: Complex<f64>| z)? {
            None => read(&array, |x: f64| Complex::from(x))?,
            found => found,
        };
        let is_single = single.is_some();
        let Some((shape, values)) = single.or(double) else {
            let possible = "float32, float64, complex64 or complex128";
            return Err(no_numbers(name, &array, possible));
        };
        Ok(Self { shape, is_single, values })
    }

    /// The rows of a matrix.
    ///
    /// # Errors
    /// `ValueError` where it has not two axes, or one of no length.
    pub fn rows(&self, name: &str) -> PyResult<Vec<Vec<Complex<f64>>>> {
        let [rows, columns] = self.shape[..] else {
            let sentence = format!("{name} has the shape {:?}; possible: bands x taps", self.shape);
            return Err(value_error(sentence));
        };
        if rows == 0 || columns == 0 {
            let sentence =
                format!("{name} is empty, of the shape {:?}; possible: bands x taps", self.shape);
            return Err(value_error(sentence));
        }
        Ok(self.values.chunks(columns).map(<[_]>::to_vec).collect())
    }
}

/// One number for each of `count` things, or one for all.
///
/// # Errors
/// `ValueError` where there are more or fewer, `TypeError` where they are no numbers.
pub fn each(name: &str, given: &Bound<'_, PyAny>, count: usize, of: &str) -> PyResult<Vec<f64>> {
    let numpy = given.py().import(intern!(given.py(), "numpy"))?;
    let array = numpy.call_method1(intern!(given.py(), "asarray"), (given, "float64"))?;
    let array = contiguous(&array)?;
    let array = array.cast::<PyArrayDyn<f64>>()?.try_readonly().map_err(value_error)?;
    match array.as_slice().map_err(value_error)? {
        [one] if array.ndim() == 0 => Ok(vec![*one; count]),
        values if array.ndim() == 1 && values.len() == count => Ok(values.to_vec()),
        _ => Err(value_error(format!(
            "{name} has the shape {:?}; possible: one number, or {count}, one for each {of}",
            array.shape()
        ))),
    }
}

/// A list of numbers.
pub fn list<'py>(py: Python<'py>, values: &[f64]) -> PyResult<Bound<'py, PyAny>> {
    array(py, &[values.len()], values.to_vec())
}

/// A list of counts.
pub fn counts<'py>(py: Python<'py>, values: &[usize]) -> PyResult<Bound<'py, PyAny>> {
    let integer = |value: &usize| i64::try_from(*value).unwrap_or(i64::MAX);
    array(py, &[values.len()], values.iter().map(integer).collect::<Vec<_>>())
}

/// An array of this shape, which takes the values over without a copy.
pub fn array<'py, T: Element>(
    py: Python<'py>,
    shape: &[usize],
    values: Vec<T>,
) -> PyResult<Bound<'py, PyAny>> {
    Ok(values.into_pyarray(py).reshape(shape)?.into_any())
}

/// A number in the precision of single arrays.
#[expect(clippy::cast_possible_truncation)]
pub const fn single(value: f64) -> f32 {
    value as f32
}

/// The array itself where it is in C order, else a copy.
fn contiguous<'py>(array: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = array.py();
    let numpy = py.import(intern!(py, "numpy"))?;
    let array = numpy.call_method1(intern!(py, "asarray"), (array,))?;
    numpy.call_method1(intern!(py, "require"), (array, py.None(), ["C", "A"]))
}

fn no_numbers(name: &str, array: &Bound<'_, PyAny>, possible: &str) -> PyErr {
    let held = array.getattr("dtype").and_then(|held| held.str()?.extract::<String>());
    let held = held.unwrap_or_else(|_| "no numbers".to_owned());
    PyTypeError::new_err(format!("{name} holds {held}; possible: {possible}"))
}
