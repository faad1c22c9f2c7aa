//! Features over time.

/// Rows (bands, bins or coefficients) over frames, stored row after row, as NumPy stores them.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureMatrix {
    rows: usize,
    frames: usize,
    values: Vec<f64>,
}

impl FeatureMatrix {
    /// A plane of zeros.
    #[must_use]
    pub fn zeros(rows: usize, frames: usize) -> Self {
        Self { rows, frames, values: vec![0.0; rows * frames] }
    }

    /// A plane of these values, row after row.
    ///
    /// # Panics
    /// When there are not `rows` × `frames` of them.
    #[must_use]
    pub fn from_values(rows: usize, frames: usize, values: Vec<f64>) -> Self {
        assert_eq!(values.len(), rows * frames, "rows × frames values");
        Self { rows, frames, values }
    }

    /// The number of rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The number of frames.
    #[must_use]
    pub const fn frames(&self) -> usize {
        self.frames
    }

    /// All values, row after row.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// All values, row after row.
    pub fn values_mut(&mut self) -> &mut [f64] {
        &mut self.values
    }

    /// One row over time.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.frames..(row + 1) * self.frames]
    }

    /// One row over time.
    pub fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.values[row * self.frames..(row + 1) * self.frames]
    }

    /// Copies a frame into `column`, one value per row.
    ///
    /// # Panics
    /// When `column` has not one value per row.
    pub fn read_frame(&self, frame: usize, column: &mut [f64]) {
        assert_eq!(column.len(), self.rows, "one value per row");
        for (row, value) in column.iter_mut().enumerate() {
            *value = self.values[row * self.frames + frame];
        }
    }

    /// Replaces a frame.
    ///
    /// # Panics
    /// When `column` has not one value per row.
    pub fn write_frame(&mut self, frame: usize, column: &[f64]) {
        assert_eq!(column.len(), self.rows, "one value per row");
        for (row, value) in column.iter().enumerate() {
            self.values[row * self.frames + frame] = *value;
        }
    }

    /// Each frame turned into another of `rows` values.
    #[must_use]
    pub fn map_frames(&self, rows: usize, mut map: impl FnMut(&[f64], &mut [f64])) -> Self {
        let mut mapped = Self::zeros(rows, self.frames);
        let (mut given, mut made) = (vec![0.0; self.rows], vec![0.0; rows]);
        for frame in 0..self.frames {
            self.read_frame(frame, &mut given);
            map(&given, &mut made);
            mapped.write_frame(frame, &made);
        }
        mapped
    }

    /// The rows of several planes of equal length, one below the other.
    ///
    /// # Panics
    /// When the planes differ in frames, or there are none.
    #[must_use]
    pub fn stacked(planes: &[Self]) -> Self {
        let frames = planes.first().expect("at least one plane").frames;
        assert!(planes.iter().all(|plane| plane.frames == frames), "equal frames");
        Self {
            rows: planes.iter().map(|plane| plane.rows).sum(),
            frames,
            values: planes.iter().flat_map(|plane| plane.values.iter().copied()).collect(),
        }
    }
}
