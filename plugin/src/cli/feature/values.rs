//! What a feature of a file is, and how it becomes an array, a table or a picture.

use crate::cli::array_file::write_npy;
use crate::cli::cochleagram::real;
use anyhow::Result;
use erbium::export::output_file::OutputFile;
use erbium_dsp::feature::FeatureMatrix;
use erbium_dsp::feature::decibel::Decibels;
use erbium_dsp::feature::isac::Coefficients;
use std::borrow::Cow;

/// Rows over frames.
pub enum Values {
    Real(FeatureMatrix),
    Complex(Coefficients),
}

/// What rows are: bands with these centres in hertz, or so many coefficients and their slopes.
pub enum Rows {
    Bands(Vec<f64>),
    Coefficients(usize),
}

/// A feature of a sound.
pub struct Features {
    /// One per channel, all of one shape; the mean of all channels is a channel.
    pub channels: Vec<Values>,
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

impl Values {
    /// Rows and frames.
    const fn shape(&self) -> (usize, usize) {
        match self {
            Self::Real(values) => (values.rows(), values.frames()),
            Self::Complex(values) => (values.bands(), values.frames()),
        }
    }

    /// What a picture shows: of complex values their powers in decibels.
    fn levels(&self) -> Cow<'_, [f64]> {
        match self {
            Self::Real(values) => Cow::Borrowed(values.values()),
            Self::Complex(coefficients) => {
                let mut levels = coefficients.magnitudes(2.0);
                Decibels::LIBROSA.apply(levels.values_mut());
                Cow::Owned(levels.values().to_vec())
            }
        }
    }
}

impl Features {
    /// The rows of all channels together, and the frames.
    pub fn shape(&self) -> (usize, usize) {
        let (rows, frames) = self.of_channel();
        (rows * self.channels.len(), frames)
    }

    /// The rows of a channel, and the frames.
    fn of_channel(&self) -> (usize, usize) {
        self.channels.first().map_or((0, 0), Values::shape)
    }

    /// The number of frames.
    pub fn frames(&self) -> usize {
        self.of_channel().1
    }

    /// Writes all values: rows × frames, or channels × rows × frames where channels are apart.
    pub fn write_npy(&self, output: &OutputFile) -> Result<()> {
        let (rows, frames) = self.of_channel();
        let shape = [self.channels.len(), rows, frames];
        let shape = if self.per_channel { &shape[..] } else { &shape[1..] };
        let real = self.channels.iter().filter_map(|channel| match channel {
            Values::Real(values) => Some(values.values()),
            Values::Complex(_) => None,
        });
        let complex = self.channels.iter().filter_map(|channel| match channel {
            Values::Real(_) => None,
            Values::Complex(values) => Some(values.values()),
        });
        match self.channels.first() {
            Some(Values::Complex(_)) => write_npy(output, shape, complex.flatten()),
            _ => write_npy(output, shape, real.flatten()),
        }
    }

    /// The names of what [`Self::column`] gives.
    pub fn column_names(&self) -> Vec<String> {
        let complex = matches!(self.channels.first(), Some(Values::Complex(_)));
        let names: Vec<String> = match &self.rows {
            Rows::Bands(centres_hz) if complex => {
                let parts = |hz: &f64| ["re", "im"].map(|part| format!("{part} {hz:.2} Hz"));
                centres_hz.iter().flat_map(parts).collect()
            }
            Rows::Bands(centres_hz) => centres_hz.iter().map(|hz| format!("{hz:.2} Hz")).collect(),
            &Rows::Coefficients(count) => (0..self.of_channel().0)
                .map(|row| format!("{}{}", "d".repeat(row / count), row % count))
                .collect(),
        };
        if !self.per_channel {
            return names;
        }
        let channel = |k: usize| names.iter().map(move |name| format!("channel {}: {name}", k + 1));
        (0..self.channels.len()).flat_map(channel).collect()
    }

    /// A frame: its values channel after channel, of complex ones real and imaginary parts in turn.
    pub fn column(&self, frame: usize) -> Vec<f64> {
        let of_channel = |channel: &Values| match channel {
            Values::Real(values) => {
                let mut column = vec![0.0; values.rows()];
                values.read_frame(frame, &mut column);
                column
            }
            Values::Complex(coefficients) => (0..coefficients.bands())
                .map(|band| coefficients.band(band)[frame])
                .flat_map(|value| [value.re, value.im])
                .collect(),
        };
        self.channels.iter().flat_map(of_channel).collect()
    }

    /// What a picture shows, the rows of the first channel first.
    pub fn levels(&self) -> Cow<'_, [f64]> {
        match &self.channels[..] {
            [only] => only.levels(),
            channels => channels.iter().flat_map(|channel| channel.levels().into_owned()).collect(),
        }
    }

    /// How the axis of a picture names a position among the rows.
    pub fn row_label(&self, position: f64) -> String {
        let (all, rows) = (self.shape().0, self.of_channel().0.max(1));
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
