//! A Cholesky factor that grows row by row, in place.

/// The most rows.
pub(super) const SIZE: usize = 112;

/// L of a positive definite matrix L Lᵀ of up to [`SIZE`] rows.
pub(super) struct Cholesky {
    size: usize,
    /// Row after row, each from the first column to the diagonal.
    entries: [f64; SIZE * (SIZE + 1) / 2],
}

impl Cholesky {
    /// Of no rows.
    pub const fn new() -> Self {
        Self { size: 0, entries: [0.0; SIZE * (SIZE + 1) / 2] }
    }

    /// Adds a row to the matrix: its entries up to the diagonal, which is last.
    pub fn push(&mut self, matrix_row: impl Fn(usize) -> f64) {
        let size = self.size;
        let (above, row) = self.entries.split_at_mut(start(size));
        for j in 0..=size {
            let (known, rest) = row.split_at_mut(j);
            if j == size {
                // What rounding could take from a positive number.
                rest[0] = (matrix_row(j) - dot(known, known)).max(f64::MIN_POSITIVE).sqrt();
            } else {
                let other = &above[start(j)..=start(j) + j];
                rest[0] = (matrix_row(j) - dot(known, &other[..j])) / other[j];
            }
        }
        self.size += 1;
    }

    /// Solves L Lᵀ x = b in place.
    pub fn solve(&self, values: &mut [f64]) {
        for i in 0..self.size {
            let (row, diagonal) = self.row(i);
            values[i] = (values[i] - dot(row, &values[..i])) / diagonal;
        }
        for i in (0..self.size).rev() {
            let (row, diagonal) = self.row(i);
            let (others, value) = values.split_at_mut(i);
            value[0] /= diagonal;
            add(others, -value[0], row);
        }
    }

    /// Row `i` before the diagonal, and the diagonal.
    fn row(&self, i: usize) -> (&[f64], f64) {
        (&self.entries[start(i)..start(i) + i], self.entries[start(i) + i])
    }
}

const fn start(row: usize) -> usize {
    row * (row + 1) / 2
}

/// Numbers summed side by side, so that the compiler finds vectors.
const LANES: usize = 8;

/// Σ a_k b_k.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a_lanes, b_lanes) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = a_lanes.remainder().iter().zip(b_lanes.remainder());
    let rest: f64 = rest.map(|(a, b)| a * b).sum();
    let mut sums = [0.0; LANES];
    for (a, b) in a_lanes.zip(b_lanes) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// to += factor · from.
pub(super) fn add(to: &mut [f64], factor: f64, from: &[f64]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += factor * from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_solved() {
        let matrix = |i: usize, j: usize| {
            let away = i32::try_from(i.abs_diff(j)).expect("small");
            0.5_f64.powi(away) + f64::from(u8::from(i == j))
        };
        let mut factor = Cholesky::new();
        for i in 0..SIZE {
            factor.push(|j| matrix(i, j));
        }
        let expected: Vec<f64> = (0..SIZE).map(|i| matrix(i, 7) - matrix(i, 90)).collect();
        let mut values: Vec<f64> =
            (0..SIZE).map(|i| (0..SIZE).map(|j| matrix(i, j) * expected[j]).sum()).collect();
        factor.solve(&mut values);
        for (value, expected) in values.iter().zip(expected) {
            assert!((value - expected).abs() < 1e-13, "{value} {expected}");
        }
    }
}
