//! Arrays from NumPy's .npz archives.

use anyhow::{Context, Result, bail};
use npyz::npz::NpzArchive;
use npyz::num_complex::Complex;
use npyz::{DType, Order, TypeChar};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// An archive that `numpy.savez` wrote.
pub struct Arrays {
    path: PathBuf,
    archive: NpzArchive<BufReader<File>>,
}

impl Arrays {
    /// Opens an archive.
    ///
    /// # Errors
    /// When it is no such file, or cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let archive = NpzArchive::open(path).with_context(|| {
            let name = path.display();
            format!("cannot read {name}; possible: a file that numpy.savez writes")
        })?;
        Ok(Self { path: path.to_owned(), archive })
    }

    /// The rows of an array of numbers, `None` where there is none of this name. Dimensions of 1 beyond
    /// the second are left out; one dimension is one row.
    ///
    /// # Errors
    /// When it has another shape, or holds anything but finite numbers.
    pub fn rows(&mut self, name: &str) -> Result<Option<Vec<Vec<Complex<f64>>>>> {
        let rows = self.read(name);
        rows.with_context(|| format!("cannot read {name} of {}", self.path.display()))
    }

    /// The one real number of an array, `None` where there is none of this name.
    ///
    /// # Errors
    /// When it holds more than one number, or a complex one.
    pub fn number(&mut self, name: &str) -> Result<Option<f64>> {
        let Some(rows) = self.rows(name)? else { return Ok(None) };
        let mut numbers = rows.iter().flatten();
        match (numbers.next(), numbers.next()) {
            (Some(number), None) if number.im == 0.0 => Ok(Some(number.re)),
            _ => bail!("{name} of {} is not one number", self.path.display()),
        }
    }

    /// The whole numbers of an array, each a length in samples of `least` or more; `None` where there is none
    /// of this name.
    ///
    /// # Errors
    /// When a number is no such length.
    pub fn samples(&mut self, name: &str, least: u32) -> Result<Option<Vec<usize>>> {
        let Some(rows) = self.rows(name)? else { return Ok(None) };
        let length = |number: &Complex<f64>| match whole(number.re, least) {
            Some(length) if number.im == 0.0 => Ok(length),
            _ => {
                let (given, path) = (number.re, self.path.display());
                bail!("{name} of {path} holds {given}; possible: whole numbers of {least} or more")
            }
        };
        rows.iter().flatten().map(length).collect::<Result<_>>().map(Some)
    }

    fn read(&mut self, name: &str) -> Result<Option<Vec<Vec<Complex<f64>>>>> {
        let Some(array) = self.archive.by_name(name)? else { return Ok(None) };
        let mut shape = array.shape().to_vec();
        if shape.len() > 2 {
            // As convolutions have them: outputs × 1 × taps.
            shape.retain(|length| *length != 1);
        }
        if shape.len() > 2 {
            bail!("it has the shape {:?}; possible: rows x columns", array.shape());
        }
        let by_columns = array.order() == Order::Fortran && shape.len() == 2;
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
            (TypeChar::Float, 4) => {
                real(array.into_vec::<f32>()?.into_iter().map(f64::from).collect())
            }
            (TypeChar::Int, 8) => real(array.into_vec::<i64>()?.into_iter().map(float).collect()),
            (TypeChar::Int, 4) => {
                real(array.into_vec::<i32>()?.into_iter().map(f64::from).collect())
            }
            _ => bail!("its numbers are {kind}; possible: float32, float64, complex64, complex128"),
        };
        if let Some(unreal) = values.iter().find(|value| !value.is_finite()) {
            bail!("it holds {unreal}; possible: finite numbers");
        }
        let length = |length: &u64| usize::try_from(*length).unwrap_or(0);
        let columns = shape.last().map_or(1, length);
        if values.is_empty() || columns == 0 {
            bail!("it is empty, of the shape {shape:?}; possible: one row per band");
        }
        if by_columns {
            let rows = values.len() / columns;
            let row = |row: usize| values.iter().skip(row).step_by(rows).copied().collect();
            return Ok(Some((0..rows).map(row).collect()));
        }
        Ok(Some(values.chunks(columns).map(<[_]>::to_vec).collect()))
    }
}

/// A count, exact below 2⁵³.
#[expect(clippy::cast_precision_loss)]
const fn float(count: i64) -> f64 {
    count as f64
}

/// The count that a number is, if it is one of `least` or more.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(value: f64, least: u32) -> Option<usize> {
    let fits = (f64::from(least)..1e9).contains(&value) && value.fract() == 0.0;
    fits.then_some(value as usize)
}
