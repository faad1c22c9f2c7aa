//! Arrays in files: NumPy's .npy, tables as .csv, sparse matrices as SciPy's .npz.

use anyhow::{Result, bail};
use erbium::export::output_file::OutputFile;
use erbium_dsp::feature::Matrix;
use npyz::npz::NpzWriter;
use npyz::{AutoSerialize, WriterBuilder};
use std::io::{BufWriter, Cursor, Seek, Write};
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
pub fn write_npy<'a, T: AutoSerialize + Clone + 'a>(
    output: &OutputFile,
    shape: &[usize],
    values: impl IntoIterator<Item = &'a T>,
) -> Result<()> {
    let mut array = npyz::WriteOptions::new()
        .default_dtype()
        .shape(&lengths(shape)?)
        .writer(BufWriter::new(output.writer()))
        .begin_nd()?;
    array.extend(values.into_iter().cloned())?;
    Ok(array.finish()?)
}

/// Writes a table: a line of names, then a line for each row of values.
pub fn write_csv(
    output: &OutputFile,
    names: &[String],
    rows: impl IntoIterator<Item = Vec<f64>>,
) -> Result<()> {
    let mut table = BufWriter::new(output.writer());
    writeln!(table, "{}", names.join(","))?;
    for row in rows {
        let row: Vec<_> = row.iter().map(ToString::to_string).collect();
        writeln!(table, "{}", row.join(","))?;
    }
    Ok(table.flush()?)
}

/// Writes a sparse matrix as `scipy.sparse.load_npz` reads it.
pub fn write_sparse(output: &OutputFile, matrix: &Matrix) -> Result<()> {
    // In memory first, for the archive's writer cannot tell of a full disk.
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    put(&mut npz, "indices", &[matrix.indices().len()], &integers(matrix.indices())?)?;
    put(&mut npz, "indptr", &[matrix.starts().len()], &integers(matrix.starts())?)?;
    put(&mut npz, "shape", &[2], &integers(&[matrix.rows(), matrix.columns()])?)?;
    put(&mut npz, "data", &[matrix.values().len()], matrix.values())?;
    let options = npyz::zip::write::FileOptions::default();
    let text = npyz::DType::Plain("|S3".parse()?);
    let mut format = npz.array("format", options)?.dtype(text).shape(&[]).begin_nd()?;
    format.push(b"csr".as_slice())?;
    format.finish()?;
    let archive = npz.zip_writer().finish()?.into_inner();
    Ok(output.writer().write_all(&archive)?)
}

fn put<T: AutoSerialize + Clone>(
    npz: &mut NpzWriter<impl Write + Seek>,
    name: &str,
    shape: &[usize],
    values: &[T],
) -> Result<()> {
    let options = npyz::zip::write::FileOptions::default();
    let mut array = npz.array(name, options)?.default_dtype().shape(&lengths(shape)?).begin_nd()?;
    array.extend(values.iter().cloned())?;
    Ok(array.finish()?)
}

fn lengths(shape: &[usize]) -> Result<Vec<u64>> {
    Ok(shape.iter().map(|&length| u64::try_from(length)).collect::<Result<_, _>>()?)
}

fn integers(counts: &[usize]) -> Result<Vec<i64>> {
    Ok(counts.iter().map(|&count| i64::try_from(count)).collect::<Result<_, _>>()?)
}
