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
    /// The levels, column after column.
    pub levels_db: Vec<f32>,
}

impl Raster {
    /// The number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.levels_db.len() / self.rows_hz.len().max(1)
    }

    /// The level of a row in a column.
    #[must_use]
    pub fn level_db(&self, column: usize, row: usize) -> f32 {
        self.levels_db[column * self.rows_hz.len() + row]
    }

    /// The highest level.
    #[must_use]
    pub fn peak_db(&self) -> f32 {
        self.levels_db.iter().copied().fold(f32::NEG_INFINITY, f32::max)
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
