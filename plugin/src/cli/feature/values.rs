//! What a feature of a file is, and how it becomes an array, a table or a picture, a block of frames at a time.

use crate::cli::cochleagram::real;
use crate::cli::files::spool::Frames;
use anyhow::Result;
use erbium::export::output_file::OutputFile;
use erbium_dsp::feature::FeatureMatrix;
use erbium_dsp::feature::decibel::Decibels;
use erbium_dsp::feature::mfcc::{self, MfccOptions};
use erbium_npy::{Element, write_header};
use num_complex::Complex;
use std::io::{Seek, SeekFrom, Write};
use std::ops::Range;

/// The most numbers in a block of frames.
const BLOCK: usize = 1 << 16;
/// The fewest frames in a block, however many rows there are.
const BLOCK_FRAMES_MIN: usize = 64;
/// The most columns of a picture: as many as it has pixels.
const PICTURE_COLUMNS: usize = 1400;

/// What follows bands.
#[derive(Clone, Copy)]
pub enum Finish {
    /// Nothing.
    Plain,
    /// Decibels.
    Decibels {
        /// Magnitudes are squared first, so that decibels are those of powers.
        of_magnitudes: bool,
    },
    /// Cepstra.
    Cepstra(MfccOptions),
    /// Nothing: bands are complex, real and imaginary parts in turn.
    Complex,
}

impl Finish {
    /// The powers of which decibels are taken.
    pub fn powers(self, columns: &[f64]) -> impl Iterator<Item = f64> {
        let complex = matches!(self, Self::Complex);
        let of_magnitudes = matches!(self, Self::Decibels { of_magnitudes: true });
        columns.chunks(if complex { 2 } else { 1 }).map(move |value| match *value {
            [re, im] => Complex::new(re, im).norm_sqr(),
            [magnitude] if of_magnitudes => magnitude * magnitude,
            [power, ..] => power,
            [] => 0.0,
        })
    }
}

/// What rows are: bands with these centres in hertz, or so many coefficients and their slopes.
pub enum Rows {
    Bands(Vec<f64>),
    Coefficients(usize),
}

/// A feature of a sound. Its frames are in a file.
pub struct Features {
    /// The frames of bands, channel after channel in each; the mean of all channels is a channel.
    pub frames: Frames<f64>,
    /// Numbers of a channel in a frame.
    pub width: usize,
    /// The greatest power in each channel.
    pub peaks: Vec<f64>,
    /// What follows the bands.
    pub finish: Finish,
    /// Whether the channels of the sound are apart.
    pub per_channel: bool,
    /// What the rows of a channel are.
    pub rows: Rows,
    /// The time of the first frame in seconds.
    pub start_s: f64,
    /// From frame to frame in seconds.
    pub hop_s: f64,
    /// The unit of the values.
    pub unit: &'static str,
    /// What the rows are counted in.
    pub axis: &'static str,
}

/// What a picture shows of a feature.
pub struct Picture {
    /// Rows and columns.
    pub shape: (usize, usize),
    /// The values, row after row, the rows of the first channel first.
    pub values: Vec<f64>,
    /// The least and the greatest finite value of all frames.
    pub span: (f64, f64),
}

impl Features {
    /// The rows of all channels together, and the frames.
    pub fn shape(&self) -> (usize, usize) {
        (self.channel_rows() * self.channels(), self.frames())
    }

    /// The number of frames.
    pub const fn frames(&self) -> usize {
        self.frames.len()
    }

    const fn channels(&self) -> usize {
        self.peaks.len()
    }

    /// The rows of a channel.
    const fn channel_rows(&self) -> usize {
        match self.finish {
            Finish::Plain | Finish::Decibels { .. } => self.width,
            Finish::Complex => self.width / 2,
            Finish::Cepstra(options) => (1 + options.deltas) * options.coefficients,
        }
    }

    /// The frames in blocks.
    fn blocks(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let most = (BLOCK / (self.width * self.channels()).max(1)).max(BLOCK_FRAMES_MIN);
        let frames = self.frames();
        (0..frames).step_by(most).map(move |start| start..frames.min(start + most))
    }

    /// Some of the frames of bands: a matrix of all rows for each channel.
    fn bands(&self, frames: &Range<usize>) -> Result<Vec<FeatureMatrix>> {
        let values = self.frames.read(frames.start, frames.len())?;
        let mut channels = vec![FeatureMatrix::zeros(self.width, frames.len()); self.channels()];
        for (frame, columns) in values.chunks_exact(self.width * self.channels()).enumerate() {
            for (channel, column) in channels.iter_mut().zip(columns.chunks_exact(self.width)) {
                channel.write_frame(frame, column);
            }
        }
        Ok(channels)
    }

    /// Some of the frames: a matrix for each channel. Of complex bands every other row is the imaginary part.
    fn block(&self, frames: &Range<usize>) -> Result<Vec<FeatureMatrix>> {
        // Slopes depend on what lies around a frame.
        let reach = match self.finish {
            Finish::Cepstra(options) => options.deltas * options.delta_reach,
            _ => 0,
        };
        let around = frames.start.saturating_sub(reach)..self.frames().min(frames.end + reach);
        let mut channels = self.bands(&around)?;
        for (channel, peak) in channels.iter_mut().zip(&self.peaks) {
            match self.finish {
                Finish::Plain | Finish::Complex => {}
                Finish::Decibels { of_magnitudes } => {
                    if of_magnitudes {
                        channel.values_mut().iter_mut().for_each(|value| *value *= *value);
                    }
                    Decibels::LIBROSA.apply_to_part(channel.values_mut(), *peak);
                }
                Finish::Cepstra(options) => {
                    options.decibels.apply_to_part(channel.values_mut(), *peak);
                    let cepstra = mfcc::from_levels(channel, &options)?;
                    let start = frames.start - around.start;
                    let within = |row| &cepstra.row(row)[start..start + frames.len()];
                    let values = (0..cepstra.rows()).flat_map(within).copied().collect();
                    *channel = FeatureMatrix::from_values(cepstra.rows(), frames.len(), values);
                }
            }
        }
        Ok(channels)
    }

    /// Writes all values: rows × frames, or channels × rows × frames where channels are apart.
    pub fn write_npy(&self, output: &OutputFile) -> Result<()> {
        let shape = [self.channels(), self.channel_rows(), self.frames()];
        let shape = if self.per_channel { &shape[..] } else { &shape[1..] };
        let complex = matches!(self.finish, Finish::Complex);
        let mut file = output.writer();
        if complex {
            write_header::<Complex<f64>>(&mut file, shape)?;
        } else {
            write_header::<f64>(&mut file, shape)?;
        }
        let start = file.stream_position()?;
        let number_bytes = u64::try_from(if complex { 2 } else { 1 } * size_of::<f64>())?;
        let row_bytes = number_bytes * u64::try_from(self.frames())?;
        let mut bytes = Vec::new();
        for frames in self.blocks() {
            let mut place = start + number_bytes * u64::try_from(frames.start)?;
            for channel in self.block(&frames)? {
                let parts = if complex { 2 } else { 1 };
                for row in (0..channel.rows()).step_by(parts) {
                    bytes.clear();
                    for frame in 0..channel.frames() {
                        (row..row + parts)
                            .for_each(|part| channel.row(part)[frame].append(&mut bytes));
                    }
                    file.seek(SeekFrom::Start(place))?;
                    file.write_all(&bytes)?;
                    place += row_bytes;
                }
            }
        }
        Ok(file.flush()?)
    }

    /// The names of what a frame holds, see [`Self::columns`].
    pub fn column_names(&self) -> Vec<String> {
        let complex = matches!(self.finish, Finish::Complex);
        let names: Vec<String> = match &self.rows {
            Rows::Bands(centres_hz) if complex => {
                let parts = |hz: &f64| ["re", "im"].map(|part| format!("{part} {hz:.2} Hz"));
                centres_hz.iter().flat_map(parts).collect()
            }
            Rows::Bands(centres_hz) => centres_hz.iter().map(|hz| format!("{hz:.2} Hz")).collect(),
            &Rows::Coefficients(count) => (0..self.channel_rows())
                .map(|row| format!("{}{}", "d".repeat(row / count), row % count))
                .collect(),
        };
        if !self.per_channel {
            return names;
        }
        let channel = |k: usize| names.iter().map(move |name| format!("channel {}: {name}", k + 1));
        (0..self.channels()).flat_map(channel).collect()
    }

    /// Frame after frame: its time in seconds, then its values channel after channel, of complex ones real and
    /// imaginary parts in turn.
    pub fn columns(&self) -> impl Iterator<Item = Result<Vec<f64>>> {
        let columns = |frames: Range<usize>| -> Result<Vec<Vec<f64>>> {
            let channels = self.block(&frames)?;
            let column = |frame: usize| {
                let time_s = self.start_s + real(frames.start + frame) * self.hop_s;
                let rows = |channel: &FeatureMatrix| {
                    let mut column = vec![0.0; channel.rows()];
                    channel.read_frame(frame, &mut column);
                    column
                };
                std::iter::once(time_s).chain(channels.iter().flat_map(rows)).collect()
            };
            Ok((0..frames.len()).map(column).collect())
        };
        self.blocks().flat_map(move |frames| match columns(frames) {
            Ok(columns) => columns.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(error) => vec![Err(error)],
        })
    }

    /// What a picture shows. Of more frames than it has pixels, those under their middles.
    pub fn picture(&self) -> Result<Picture> {
        let (rows, frames) = self.shape();
        let columns = frames.min(PICTURE_COLUMNS);
        let under = |column: usize| (2 * column + 1) * frames / (2 * columns);
        let mut values = vec![0.0; rows * columns];
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut column = 0;
        for block in self.blocks() {
            let levels = self.levels(&block)?;
            let level = |row: usize, frame: usize| levels[row * block.len() + frame];
            for value in levels.iter().filter(|value| value.is_finite()) {
                (low, high) = (low.min(*value), high.max(*value));
            }
            while column < columns && block.contains(&under(column)) {
                for row in 0..rows {
                    values[row * columns + column] = level(row, under(column) - block.start);
                }
                column += 1;
            }
        }
        Ok(Picture { shape: (rows, columns), values, span: (low, high) })
    }

    /// What a picture shows of some frames, row after row: of complex values their powers in decibels.
    fn levels(&self, frames: &Range<usize>) -> Result<Vec<f64>> {
        let channels = self.block(frames)?;
        let mut levels = Vec::with_capacity(self.channel_rows() * self.channels() * frames.len());
        for (channel, peak) in channels.iter().zip(&self.peaks) {
            if !matches!(self.finish, Finish::Complex) {
                levels.extend_from_slice(channel.values());
                continue;
            }
            for band in (0..channel.rows()).step_by(2) {
                let parts = channel.row(band).iter().zip(channel.row(band + 1));
                let start = levels.len();
                levels.extend(parts.map(|(re, im)| Complex::new(*re, *im).norm_sqr()));
                Decibels::LIBROSA.apply_to_part(&mut levels[start..], *peak);
            }
        }
        Ok(levels)
    }

    /// How the axis of a picture names a position among the rows.
    pub fn row_label(&self, position: f64) -> String {
        let (all, rows) = (self.shape().0, self.channel_rows().max(1));
        // The nearest row, of positions that the axis puts between two.
        let away = |row: &usize| (real(*row) - position).abs();
        let nearest = (0..all).min_by(|a, b| away(a).total_cmp(&away(b))).unwrap_or(0);
        let name = match &self.rows {
            Rows::Coefficients(_) => format!("{}", nearest % rows),
            Rows::Bands(centres_hz) => {
                format!("{:.0}", centres_hz.get(nearest % rows).copied().unwrap_or(0.0))
            }
        };
        if self.per_channel { format!("{}: {name}", nearest / rows + 1) } else { name }
    }
}
