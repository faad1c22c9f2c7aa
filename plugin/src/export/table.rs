//! Levels as numbers.

use super::Raster;
use super::output_file::OutputFile;
use anyhow::Result;
use erbium_npy::{Element, write_header};
use std::io::{BufWriter, Seek, SeekFrom, Write};

/// An array of rows by columns.
pub(super) fn write_npy(raster: &Raster, output: &OutputFile) -> Result<()> {
    let (rows, columns) = (raster.rows_hz.len(), raster.columns());
    let mut file = output.writer();
    write_header::<f32>(&mut file, &[rows, columns])?;
    let start = file.stream_position()?;
    let mut bytes = Vec::new();
    for block in raster.blocks(0..columns) {
        let levels_db = raster.levels_db.read(block.clone())?;
        for row in 0..rows {
            bytes.clear();
            levels_db.iter().skip(row).step_by(rows).for_each(|level| level.append(&mut bytes));
            let place = u64::try_from(row)? * u64::try_from(columns)? + u64::try_from(block.start)?;
            file.seek(SeekFrom::Start(start + place * u64::try_from(size_of::<f32>())?))?;
            file.write_all(&bytes)?;
        }
    }
    Ok(file.flush()?)
}

/// A line for each column, the time in seconds first.
pub(super) fn write_csv(raster: &Raster, output: &OutputFile) -> Result<()> {
    let mut table = BufWriter::new(output.writer());
    write!(table, "time_s")?;
    for hz in &raster.rows_hz {
        write!(table, ",{hz:.2} Hz")?;
    }
    let mut time_s = 0.0;
    for block in raster.blocks(0..raster.columns()) {
        for column in raster.levels_db.read(block)?.chunks_exact(raster.rows_hz.len()) {
            write!(table, "\n{time_s:.6}")?;
            time_s += raster.hop_s;
            for level_db in column {
                write!(table, ",{level_db:.2}")?;
            }
        }
    }
    writeln!(table)?;
    Ok(table.flush()?)
}
