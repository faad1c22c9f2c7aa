//! Arrays from NumPy's .npz archives.

use anyhow::{Context, Result, bail};
use erbium_npy::{Array, ElementType, Header, Limits, Npz};
use num_complex::Complex;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// An archive that `numpy.savez` wrote.
pub struct Arrays {
    path: PathBuf,
    archive: Npz<BufReader<File>>,
}

/// The most rows and columns of an array, and the most numbers in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Most {
    /// Rows: one for each band.
    pub rows: usize,
    /// Columns: one for each tap.
    pub columns: usize,
    /// Rows times columns.
    pub numbers: usize,
}

impl Most {
    /// One row of so many numbers.
    pub const fn row(columns: usize) -> Self {
        Self { rows: 1, columns, numbers: columns }
    }
}

impl Arrays {
    /// Opens an archive.
    ///
    /// # Errors
    /// When it is no such file, or cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let archive = Npz::open(path, Limits::default())
            .with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self { path: path.to_owned(), archive })
    }

    /// The rows of an array of numbers, `None` where there is none of this name. Dimensions of 1 beyond
    /// the second are left out; one dimension is one row. No more is allocated than what is told to be possible.
    ///
    /// # Errors
    /// When it has another shape or a larger one, or holds anything but finite numbers.
    pub fn rows(&mut self, name: &str, most: Most) -> Result<Option<Vec<Vec<Complex<f64>>>>> {
        let rows = self.read(name, most);
        rows.with_context(|| format!("cannot read {name} of {}", self.path.display()))
    }

    /// The one real number of an array, `None` where there is none of this name.
    ///
    /// # Errors
    /// When it holds more than one number, or a complex one.
    pub fn number(&mut self, name: &str) -> Result<Option<f64>> {
        let Some(rows) = self.rows(name, Most::row(1))? else { return Ok(None) };
        let mut numbers = rows.iter().flatten();
        match (numbers.next(), numbers.next()) {
            (Some(number), None) if number.im == 0.0 => Ok(Some(number.re)),
            _ => bail!("{name} of {} is not one number", self.path.display()),
        }
    }

    /// The whole numbers of an array, at most `most` of them, each a length in samples of `least` or more; `None`
    /// where there is none of this name.
    ///
    /// # Errors
    /// When a number is no such length, or there are more.
    pub fn samples(&mut self, name: &str, least: u32, most: usize) -> Result<Option<Vec<usize>>> {
        let Some(rows) = self.rows(name, Most::row(most))? else { return Ok(None) };
        let length = |number: &Complex<f64>| match whole(number.re, least) {
            Some(length) if number.im == 0.0 => Ok(length),
            _ => {
                let (given, path) = (number.re, self.path.display());
                bail!("{name} of {path} holds {given}; possible: whole numbers of {least} or more")
            }
        };
        rows.iter().flatten().map(length).collect::<Result<_>>().map(Some)
    }

    fn read(&mut self, name: &str, most: Most) -> Result<Option<Vec<Vec<Complex<f64>>>>> {
        let Some(header) = self.archive.header(name)? else { return Ok(None) };
        // Before anything of it is allocated.
        let (_, columns) = shape(&header, most)?;
        let Some(array) = self.archive.array(name)? else { return Ok(None) };
        let values = values(&array)?;
        if let Some(unreal) = values.iter().find(|value| !value.is_finite()) {
            bail!("it holds {unreal}; possible: finite numbers");
        }
        if header.fortran_order() && header.shape().len() > 1 {
            let rows = values.len() / columns;
            let row = |row: usize| values.iter().skip(row).step_by(rows).copied().collect();
            return Ok(Some((0..rows).map(row).collect()));
        }
        Ok(Some(values.chunks(columns).map(<[_]>::to_vec).collect()))
    }
}

/// Rows and columns of an array.
fn shape(header: &Header, most: Most) -> Result<(usize, usize)> {
    let mut lengths = header.shape().to_vec();
    if lengths.len() > 2 {
        // As convolutions have them: outputs × 1 × taps.
        lengths.retain(|length| *length != 1);
    }
    let (rows, columns) = match lengths[..] {
        [] => (1, 1),
        [columns] => (1, columns),
        [rows, columns] => (rows, columns),
        _ => bail!("it has the shape {:?}; possible: rows x columns", header.shape()),
    };
    if rows == 0 || columns == 0 {
        bail!("it is empty, of the shape {lengths:?}; possible: one row per band");
    }
    let numbers = rows.saturating_mul(columns);
    for (what, given, most) in [
        ("rows", rows, most.rows),
        ("columns", columns, most.columns),
        ("numbers", numbers, most.numbers),
    ] {
        if given > most {
            bail!("it has {given} {what}; possible: up to {most}");
        }
    }
    Ok((rows, columns))
}

/// The numbers of an array in the order of the file, in double precision.
fn values(array: &Array) -> Result<Vec<Complex<f64>>> {
    let wide = |z: Complex<f32>| Complex::new(f64::from(z.re), f64::from(z.im));
    Ok(match array.element_type() {
        ElementType::Complex128 => array.values()?,
        ElementType::Complex64 => array.values()?.into_iter().map(wide).collect(),
        ElementType::Float64 => real(array.values::<f64>()?.into_iter()),
        ElementType::Float32 => real(array.values::<f32>()?.into_iter().map(f64::from)),
        ElementType::Int64 => real(array.values()?.into_iter().map(float)),
        ElementType::Int32 => real(array.values::<i32>()?.into_iter().map(f64::from)),
    })
}

fn real(values: impl Iterator<Item = f64>) -> Vec<Complex<f64>> {
    values.map(Complex::from).collect()
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
