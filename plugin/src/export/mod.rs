//! Files that are made: pictures, arrays, tables. The commands and the editor write the same.

pub mod font;
pub mod output_file;
mod picture;
mod png;
mod table;
pub mod temporaries;

use anyhow::Result;
use erbium_dsp::Scale;
use output_file::OutputFile;
pub use png::write as write_png;
use std::borrow::Cow;
use std::ops::Range;

/// The most levels that are read at once, where a column has no more.
const BLOCK: usize = 1 << 16;

/// Levels in columns, wherever they are kept.
pub trait Levels {
    /// The number of columns.
    fn columns(&self) -> usize;

    /// The levels of some columns, one column after the other.
    ///
    /// # Errors
    /// When they cannot be read.
    fn read(&self, columns: Range<usize>) -> Result<Cow<'_, [f32]>>;
}

/// Levels in memory.
pub struct LevelsInMemory {
    /// The levels of a column.
    pub rows: usize,
    /// The levels, column after column.
    pub levels_db: Vec<f32>,
}

impl Levels for LevelsInMemory {
    fn columns(&self) -> usize {
        self.levels_db.len() / self.rows.max(1)
    }

    fn read(&self, columns: Range<usize>) -> Result<Cow<'_, [f32]>> {
        Ok(Cow::Borrowed(&self.levels_db[columns.start * self.rows..columns.end * self.rows]))
    }
}

/// Levels in dB over frequency and time.
pub struct Raster {
    /// The scale the rows are shown on.
    pub scale: Scale,
    /// The frequencies of the rows in hertz, rising.
    pub rows_hz: Vec<f64>,
    /// The highest frequency to show, in hertz.
    pub highest_hz: f64,
    /// The time from column to column in seconds.
    pub hop_s: f64,
    /// The levels in dB, a column for each time.
    pub levels_db: Box<dyn Levels>,
}

impl Raster {
    /// The number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.levels_db.columns()
    }

    /// The highest level.
    ///
    /// # Errors
    /// When levels cannot be read.
    pub fn peak_db(&self) -> Result<f32> {
        let mut peak_db = f32::NEG_INFINITY;
        for columns in self.blocks(0..self.columns()) {
            peak_db = self.levels_db.read(columns)?.iter().copied().fold(peak_db, f32::max);
        }
        Ok(peak_db)
    }

    /// Columns in as many blocks as memory for them asks for.
    fn blocks(&self, columns: Range<usize>) -> impl Iterator<Item = Range<usize>> + use<> {
        let most = (BLOCK / self.rows_hz.len().max(1)).max(1);
        let end = columns.end;
        columns.step_by(most).map(move |start| start..end.min(start + most))
    }
}

/// What a picture says and with which colours.
pub struct Caption<'a> {
    /// The line above the picture.
    pub title: &'a str,
    /// The level of the first colour in dB.
    pub floor_db: f32,
    /// The level of the last colour in dB.
    pub top_db: f32,
    /// The colour, red, green and blue, at a share of the range, 0 to 1.
    pub color: &'a dyn Fn(f64) -> [u8; 3],
}

/// The kinds of file that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A picture with axes and colour scale.
    Png,
    /// A float32 array of rows by columns.
    Npy,
    /// A line for each column, the time in seconds first.
    Csv,
}

impl Format {
    /// The end of its files' names.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Npy => "npy",
            Self::Csv => "csv",
        }
    }

    /// The kind of file that has this end of its name.
    #[must_use]
    pub fn of(extension: &str) -> Option<Self> {
        [Self::Png, Self::Npy, Self::Csv]
            .into_iter()
            .find(|format| format.extension().eq_ignore_ascii_case(extension))
    }
}

/// Writes a file; only a picture needs the caption.
///
/// # Errors
/// When the file cannot be written.
pub fn write(
    raster: &Raster,
    caption: &Caption<'_>,
    format: Format,
    output: &OutputFile,
) -> Result<()> {
    match format {
        Format::Png => picture::draw(raster, caption, output),
        Format::Npy => table::write_npy(raster, output),
        Format::Csv => table::write_csv(raster, output),
    }
}
