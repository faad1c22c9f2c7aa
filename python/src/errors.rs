//! The library's errors as Python's own, with the same sentences.

use erbium_npy::NpyError;
use pyo3::PyErr;
use pyo3::exceptions::PyValueError;
use std::fmt::Display;
use std::io;

/// What was given is not possible.
pub fn value_error(error: impl Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// What a file could not be used for: an `OSError` (`FileNotFoundError` and its kin) where the system refused it, else
/// a `ValueError`.
pub fn file_error(error: &anyhow::Error) -> PyErr {
    let system = error.chain().find_map(|cause| {
        let of_array = cause.downcast_ref::<NpyError>().and_then(|error| match error {
            NpyError::Io(error) => Some(error),
            _ => None,
        });
        // Of what the file holds, an end that comes too soon, say, the system has no error.
        of_array.or_else(|| cause.downcast_ref()).filter(|error| error.raw_os_error().is_some())
    });
    let sentence = format!("{error:#}");
    system.map_or_else(
        || PyValueError::new_err(sentence.clone()),
        |system| io::Error::new(system.kind(), sentence.clone()).into(),
    )
}
