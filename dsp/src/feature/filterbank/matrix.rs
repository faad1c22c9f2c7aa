//! Matrices from the bins of a spectrum to bands, stored by row without their zeros.

use crate::cast::real;
use crate::feature::OptionError;
use std::ops::Range;

/// A sparse matrix of bands (rows) by bins (columns) in compressed row form, which is also that of
/// `scipy.sparse.csr_matrix((values, indices, starts))`.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    columns: usize,
    starts: Vec<usize>,
    indices: Vec<usize>,
    values: Vec<f64>,
}

impl Matrix {
    /// A matrix of rows in turn, each all its values from a first column on.
    pub(crate) fn from_spans(
        columns: usize,
        spans: impl IntoIterator<Item = (usize, Vec<f64>)>,
    ) -> Self {
        let mut matrix = Self { columns, starts: vec![0], indices: Vec::new(), values: Vec::new() };
        for (first, span) in spans {
            for (column, value) in (first..).zip(span) {
                if value != 0.0 {
                    matrix.indices.push(column);
                    matrix.values.push(value);
                }
            }
            matrix.starts.push(matrix.values.len());
        }
        matrix
    }

    /// The sparse form of a dense matrix, row after row.
    ///
    /// # Panics
    /// When `dense` is no whole number of rows.
    #[must_use]
    pub fn from_dense(columns: usize, dense: &[f64]) -> Self {
        assert!(columns > 0 && dense.len().is_multiple_of(columns), "whole rows");
        Self::from_spans(columns, dense.chunks_exact(columns).map(|row| (0, row.to_vec())))
    }

    /// The number of bands.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// The number of bins.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// Where each row's values begin, and the number of values last.
    #[must_use]
    pub fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// The column of each value, rising within a row.
    #[must_use]
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }

    /// The values other than 0, row after row.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The columns and values of a row.
    pub fn row(&self, row: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let range = self.starts[row]..self.starts[row + 1];
        self.indices[range.clone()].iter().copied().zip(self.values[range].iter().copied())
    }

    /// All values, zeros included, row after row.
    #[must_use]
    pub fn to_dense(&self) -> Vec<f64> {
        let mut dense = vec![0.0; self.rows() * self.columns];
        for row in 0..self.rows() {
            for (column, value) in self.row(row) {
                dense[row * self.columns + column] = value;
            }
        }
        dense
    }

    /// The rows without a value, rising: bands that no bin of the spectrum falls into, which are 0 whatever the
    /// sound.
    #[must_use]
    pub fn empty_rows(&self) -> Vec<usize> {
        (0..self.rows()).filter(|&row| self.starts[row] == self.starts[row + 1]).collect()
    }

    /// The columns from the first to the last with a value; empty where there is none.
    #[must_use]
    pub fn occupied(&self) -> Range<usize> {
        let first = self.indices.iter().min();
        let last = self.indices.iter().max();
        first.zip(last).map_or(0..0, |(&first, &last)| first..last + 1)
    }

    /// The same matrix with only the columns of [`Self::occupied`], one at least.
    #[must_use]
    pub fn trimmed(&self) -> Self {
        let occupied = self.occupied();
        Self {
            columns: occupied.len().max(1),
            starts: self.starts.clone(),
            indices: self.indices.iter().map(|column| column - occupied.start).collect(),
            values: self.values.clone(),
        }
    }

    /// The product with a spectrum: `bands` = matrix · `spectrum`. Does not allocate.
    ///
    /// # Panics
    /// When a slice does not fit the matrix.
    pub fn apply(&self, spectrum: &[f64], bands: &mut [f64]) {
        assert_eq!(spectrum.len(), self.columns, "one value per bin");
        assert_eq!(bands.len(), self.rows(), "one value per band");
        for (row, band) in bands.iter_mut().enumerate() {
            *band = self.row(row).map(|(column, value)| value * spectrum[column]).sum();
        }
    }

    /// The product of the transposed matrix with bands, `spectrum` = matrixᵀ · `bands`: the gradient
    /// of [`Self::apply`] with respect to the spectrum. Does not allocate.
    ///
    /// # Panics
    /// When a slice does not fit the matrix.
    pub fn apply_transposed(&self, bands: &[f64], spectrum: &mut [f64]) {
        assert_eq!(spectrum.len(), self.columns, "one value per bin");
        assert_eq!(bands.len(), self.rows(), "one value per band");
        spectrum.fill(0.0);
        for (row, band) in bands.iter().enumerate() {
            for (column, value) in self.row(row) {
                spectrum[column] += value * band;
            }
        }
    }

    /// Multiplies each row by what `factor` makes of the sum of its values' magnitudes; rows of
    /// zeros stay.
    pub(crate) fn scale_rows(&mut self, factor: impl Fn(f64) -> f64) {
        for row in 0..self.rows() {
            let values = &mut self.values[self.starts[row]..self.starts[row + 1]];
            let sum: f64 = values.iter().map(|value| value.abs()).sum();
            if sum > 0.0 {
                let factor = factor(sum);
                values.iter_mut().for_each(|value| *value *= factor);
            }
        }
    }
}

/// A matrix and what its bands are.
#[derive(Clone, Debug, PartialEq)]
pub struct Filterbank {
    /// Bands by bins.
    pub matrix: Matrix,
    /// Where each band's weight peaks, in hertz.
    pub centres_hz: Vec<f64>,
}

impl Filterbank {
    /// A matrix and its centres, where both are numbers: of limits so near, or rates so low, that they leave the range of
    /// double precision, there is no matrix.
    pub(super) fn finite(matrix: Matrix, centres_hz: Vec<f64>) -> Result<Self, OptionError> {
        let weight = matrix.values.iter().find(|weight| !weight.is_finite());
        let given = weight.or_else(|| centres_hz.iter().find(|hz| hz.is_nan()));
        let possible = "finite numbers, of a sample rate, bins and limits that are neither so low nor so near each other";
        match given {
            Some(given) => Err(OptionError::new("weight of a bin", given, possible)),
            None => Ok(Self { matrix, centres_hz }),
        }
    }

    /// The [empty](Matrix::empty_rows) bands, counted from 0. More bins make them fewer: a longer FFT, or fewer
    /// bands.
    ///
    /// ```
    /// use erbium_dsp::feature::mel::{MelOptions, filterbank};
    ///
    /// let bank = filterbank(&MelOptions::new(16_000.0, 256, 128))?;
    /// assert_eq!(bank.empty_bands()[..3], [0, 3, 6]);
    /// # Ok::<(), erbium_dsp::feature::OptionError>(())
    /// ```
    #[must_use]
    pub fn empty_bands(&self) -> Vec<usize> {
        self.matrix.empty_rows()
    }
}

/// The frequencies of the bins of a spectrum: those from 0 Hz to half the sample rate of an FFT.
pub(crate) fn fft_bins_hz(fft: usize, sample_rate_hz: f64) -> impl Iterator<Item = f64> {
    (0..=fft / 2).map(move |bin| real(bin) * sample_rate_hz / real(fft))
}

#[cfg(test)]
mod tests {
    use super::Matrix;

    const DENSE: [f64; 8] = [0.0, 1.0, 2.0, 0.0, 0.0, 0.0, -3.0, 0.0];

    #[test]
    fn sparse_and_dense_are_the_same_matrix() {
        let matrix = Matrix::from_dense(4, &DENSE);
        assert_eq!(matrix.to_dense(), DENSE);
        assert_eq!(
            (matrix.starts(), matrix.indices()),
            ([0, 2, 3].as_slice(), [1, 2, 2].as_slice())
        );
        assert_eq!(matrix.occupied(), 1..3);
        assert_eq!(matrix.empty_rows(), []);
        assert_eq!(Matrix::from_dense(2, &[0.0, 0.0, 1.0, 0.0, 0.0, 0.0]).empty_rows(), [0, 2]);
        assert_eq!(matrix.trimmed().to_dense(), [1.0, 2.0, 0.0, -3.0]);
        assert_eq!(Matrix::from_dense(4, &[0.0; 8]).occupied(), 0..0);
    }

    #[test]
    fn products_are_those_of_the_dense_matrix_and_its_transpose() {
        let matrix = Matrix::from_dense(4, &DENSE);
        let mut bands = [0.0; 2];
        matrix.apply(&[1.0, 10.0, 100.0, 1000.0], &mut bands);
        assert_eq!(bands, [210.0, -300.0]);
        let mut spectrum = [0.0; 4];
        matrix.apply_transposed(&[1.0, 10.0], &mut spectrum);
        assert_eq!(spectrum, [0.0, 1.0, -28.0, 0.0]);
    }
}
