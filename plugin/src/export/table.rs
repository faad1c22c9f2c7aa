//! Levels as numbers.

use super::Raster;
use super::output_file::OutputFile;
use anyhow::Result;
use std::io::{BufWriter, Write};

/// An array of rows by columns.
pub(super) fn write_npy(raster: &Raster, output: &OutputFile) -> Result<()> {
    let (rows, columns) = (raster.rows_hz.len(), raster.columns());
    let row = |row| (0..columns).map(move |column| raster.level_db(column, row));
    Ok(erbium_npy::write_npy(output.writer(), &[rows, columns], (0..rows).flat_map(row))?)
}

/// A line for each column, the time in seconds first.
pub(super) fn write_csv(raster: &Raster, output: &OutputFile) -> Result<()> {
    let mut table = BufWriter::new(output.writer());
    write!(table, "time_s")?;
    for hz in &raster.rows_hz {
        write!(table, ",{hz:.2} Hz")?;
    }
    let mut time_s = 0.0;
    for column in 0..raster.columns() {
        write!(table, "\n{time_s:.6}")?;
        time_s += raster.hop_s;
        for row in 0..raster.rows_hz.len() {
            write!(table, ",{:.2}", raster.level_db(column, row))?;
        }
    }
    writeln!(table)?;
    Ok(table.flush()?)
}
