//! Kernels from a file, as `erbium bank -o` and NumPy write them.

use anyhow::{Context, Result, anyhow, bail};
use erbium_dsp::Kernel;
use erbium_dsp::feature::isac::{Encoder, hybrid};
use npyz::npz::NpzArchive;
use npyz::num_complex::Complex;
use npyz::{DType, TypeChar};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

type Archive = NpzArchive<BufReader<File>>;

/// Reads the encoder of the kernels in a file: `kernels`, bands × taps, each followed by its row of
/// `learned` where that is there, at the smallest of `strides` or `stride`, or 1.
pub fn read_encoder(path: &Path, sample_rate_hz: f64) -> Result<Encoder> {
    let name = path.display();
    let mut archive = NpzArchive::open(path)
        .with_context(|| format!("cannot read {name}; possible: a file that numpy.savez writes"))?;
    let read = |archive: &mut Archive, array: &str| {
        rows(archive, array).with_context(|| format!("cannot read {array} of {name}"))
    };
    let kernels = read(&mut archive, "kernels")?
        .ok_or_else(|| anyhow!("{name} holds no kernels; possible: an array of bands x taps"))?;
    let mut kernels: Vec<_> = kernels.into_iter().map(|taps| Kernel { offset: 0, taps }).collect();
    if let Some(learned) = read(&mut archive, "learned")? {
        kernels = hybrid(&kernels, &learned).with_context(|| format!("cannot use {name}"))?;
    }
    let mut stride = 1;
    for array in ["strides", "stride"] {
        if let Some(strides) = read(&mut archive, array)? {
            stride = strides.iter().flatten().map(|value| whole(value.re)).min().unwrap_or(1);
            break;
        }
    }
    Encoder::from_kernels(kernels, stride, sample_rate_hz)
        .with_context(|| format!("cannot use {name}"))
}

/// The rows of an array of up to two dimensions, `None` where the archive has none of this name.
fn rows(archive: &mut Archive, name: &str) -> Result<Option<Vec<Vec<Complex<f64>>>>> {
    let Some(array) = archive.by_name(name)? else { return Ok(None) };
    let shape = array.shape().to_vec();
    if shape.len() > 2 || array.order() != npyz::Order::C {
        bail!("it has the shape {shape:?}; possible: rows x columns, in C order");
    }
    let DType::Plain(kind) = array.dtype() else {
        bail!("it has fields; possible: real or complex numbers");
    };
    let real = |values: Vec<f64>| values.into_iter().map(Complex::from).collect::<Vec<_>>();
    let values = match (kind.type_char(), kind.size_field()) {
        (TypeChar::Complex, 16) => array.into_vec::<Complex<f64>>()?,
        (TypeChar::Complex, 8) => {
            let wide = |z: Complex<f32>| Complex::new(f64::from(z.re), f64::from(z.im));
            array.into_vec::<Complex<f32>>()?.into_iter().map(wide).collect()
        }
        (TypeChar::Float, 8) => real(array.into_vec::<f64>()?),
        (TypeChar::Float, 4) => real(array.into_vec::<f32>()?.into_iter().map(f64::from).collect()),
        (TypeChar::Int, 8) => real(array.into_vec::<i64>()?.into_iter().map(float).collect()),
        (TypeChar::Int, 4) => real(array.into_vec::<i32>()?.into_iter().map(f64::from).collect()),
        _ => bail!("its numbers are {kind}; possible: float32, float64, complex64, complex128"),
    };
    if let Some(unreal) = values.iter().find(|value| !value.is_finite()) {
        bail!("it holds {unreal}; possible: finite numbers");
    }
    let columns = shape.last().map_or(1, |&columns| usize::try_from(columns).unwrap_or(0));
    if values.is_empty() || columns == 0 {
        bail!("it is empty, of the shape {shape:?}; possible: one row per band");
    }
    Ok(Some(values.chunks(columns).map(<[_]>::to_vec).collect()))
}

/// A count, exact below 2⁵³.
#[expect(clippy::cast_precision_loss)]
const fn float(count: i64) -> f64 {
    count as f64
}

/// The count that a number of samples is; 0, which is no stride, where it is none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(value: f64) -> usize {
    if (1.0..1e9).contains(&value) { value as usize } else { 0 }
}
