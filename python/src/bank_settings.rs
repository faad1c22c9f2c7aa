//! A bank's settings by the names that Python gives them, there and back.

use crate::errors::value_error;
use erbium_dsp::{BankSpec, Sizing, UnknownName};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::str::FromStr;

/// One of the names of the library.
pub fn named<T: FromStr<Err = UnknownName>>(name: &str) -> PyResult<T> {
    name.parse().map_err(value_error)
}

/// What decides the length of kernels: a latency, or the settings of the published program.
pub fn sizing(
    latency_ms: Option<f64>,
    stride: Option<usize>,
    kernel_size: Option<usize>,
    supp_mult: Option<f64>,
    fc_max: Option<f64>,
) -> PyResult<Sizing> {
    let published = [
        ("kernel_size", kernel_size.is_some()),
        ("supp_mult", supp_mult.is_some()),
        ("fc_max", fc_max.is_some()),
    ];
    match (stride, latency_ms) {
        (Some(_), Some(_)) => Err(value_error(
            "latency_ms and stride are two ways to size a bank; possible: one of them",
        )),
        (Some(stride), None) => Ok(Sizing::Published {
            kernel_size,
            stride,
            supp_mult: supp_mult.unwrap_or(1.0),
            fc_max_hz: fc_max,
        }),
        (None, latency_ms) => match published.iter().find(|(_, given)| *given) {
            Some((name, _)) => {
                Err(value_error(format!("{name} needs a stride; possible: stride=4")))
            }
            None => Ok(latency_ms.map_or(BankSpec::default().sizing, |ms| Sizing::Latency { ms })),
        },
    }
}

/// What makes the bank again.
pub fn settings<'py>(
    py: Python<'py>,
    spec: &BankSpec,
    nearest: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("kind", spec.kind.name())?;
    dict.set_item("scale", spec.scale.name())?;
    dict.set_item("bands", spec.bands)?;
    dict.set_item("sample_rate", spec.sample_rate_hz)?;
    dict.set_item("quality", spec.quality.name())?;
    dict.set_item("prototype", spec.prototype.name())?;
    dict.set_item("phase", spec.phase.name())?;
    dict.set_item("nearest", nearest)?;
    match spec.sizing {
        Sizing::Latency { ms } => dict.set_item("latency_ms", ms)?,
        Sizing::Published { kernel_size, stride, supp_mult, fc_max_hz } => {
            dict.set_item("stride", stride)?;
            dict.set_item("kernel_size", kernel_size)?;
            dict.set_item("supp_mult", supp_mult)?;
            dict.set_item("fc_max", fc_max_hz)?;
        }
        // Not of a spec.
        Sizing::UserKernels { .. } => {}
    }
    Ok(dict)
}
