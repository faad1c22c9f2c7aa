//! Arrays in files: NumPy's .npy, tables as .csv, sparse matrices as SciPy's .npz.

use anyhow::{Result, bail};
use erbium::export::output_file::OutputFile;
use erbium_dsp::feature::Matrix;
use erbium_npy::{Element, NpzWriter};
use std::io::{BufWriter, Cursor, Write};
use std::path::Path;

/// The kinds of file that an array can become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrayKind {
    /// A picture.
    Png,
    /// A NumPy array.
    Npy,
    /// A table.
    Csv,
    /// A sparse matrix as SciPy stores it.
    Npz,
}

impl ArrayKind {
    const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Npy => "npy",
            Self::Csv => "csv",
            Self::Npz => "npz",
        }
    }

    /// The kind that a file's name asks for, among those possible.
    pub fn of(path: &Path, possible: &[Self]) -> Result<Self> {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        let found = possible.iter().find(|kind| extension.to_str() == Some(kind.extension()));
        let Some(kind) = found else {
            let (last, others) = possible.split_last().unwrap_or((&Self::Npy, &[]));
            let others: Vec<_> =
                others.iter().map(|kind| format!(".{}", kind.extension())).collect();
            let or = if others.is_empty() { "" } else { " or " };
            bail!(
                "cannot write {}; possible: a name ending in {}{or}.{}",
                path.display(),
                others.join(", "),
                last.extension()
            );
        };
        Ok(*kind)
    }
}

/// Writes an array of any shape, the last axis fastest.
pub fn write_npy<'a, T: Element + 'a>(
    output: &OutputFile,
    shape: &[usize],
    values: impl IntoIterator<Item = &'a T>,
) -> Result<()> {
    Ok(erbium_npy::write_npy(output.writer(), shape, values.into_iter().copied())?)
}

/// Writes a table: a line of names, then a line for each row of values.
pub fn write_csv(
    output: &OutputFile,
    names: &[String],
    rows: impl IntoIterator<Item = Result<Vec<f64>>>,
) -> Result<()> {
    let mut table = BufWriter::new(output.writer());
    writeln!(table, "{}", names.join(","))?;
    for row in rows {
        let row: Vec<_> = row?.iter().map(ToString::to_string).collect();
        writeln!(table, "{}", row.join(","))?;
    }
    Ok(table.flush()?)
}

/// Writes a sparse matrix as `scipy.sparse.load_npz` reads it.
pub fn write_sparse(output: &OutputFile, matrix: &Matrix) -> Result<()> {
    // In memory first, for the archive's writer cannot tell of a full disk.
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("indices", &[matrix.indices().len()], integers(matrix.indices())?)?;
    npz.array("indptr", &[matrix.starts().len()], integers(matrix.starts())?)?;
    npz.array("shape", &[2], integers(&[matrix.rows(), matrix.columns()])?)?;
    npz.array("data", &[matrix.values().len()], matrix.values().iter().copied())?;
    npz.text("format", "csr")?;
    Ok(output.writer().write_all(npz.finish()?.get_ref())?)
}

fn integers(counts: &[usize]) -> Result<Vec<i64>> {
    Ok(counts.iter().map(|&count| i64::try_from(count)).collect::<Result<_, _>>()?)
}
