//! Normal equations of weighted least squares whose rows are short, in place.

use super::MOST;
use super::rows::{LANES, Row, add, dot};
use pulp::Simd;
use std::ops::Range;

/// Unknowns with room for a vector that begins at any of them.
pub(super) const WIDTH: usize = MOST + LANES;

/// One number for each of up to [`MOST`] unknowns, and zeros.
pub(super) type Unknowns = [f64; WIDTH];

/// A row of a matrix, where vectors do not straddle two lines of the processor's cache.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(Unknowns);

/// A symmetric positive definite matrix with one row per unknown. Of each row only the diagonal and
/// what follows counts, up to the row's end.
pub(super) struct Normal {
    rows: [Line; MOST],
    ends: [usize; MOST],
    size: usize,
}

/// L D Lᵀ of a [`Normal`] matrix.
pub(super) struct Factor {
    /// The rows of D Lᵀ.
    rows: [Line; MOST],
    ends: [usize; MOST],
    size: usize,
    /// The inverse of D.
    inverse: [f64; MOST],
}

impl Normal {
    /// Of a diagonal.
    pub fn new(diagonal: &[f64]) -> Self {
        let mut normal =
            Self { rows: [Line([0.0; WIDTH]); MOST], ends: [0; MOST], size: diagonal.len() };
        for (k, value) in diagonal.iter().enumerate() {
            normal.rows[k].0[k] = *value;
            normal.ends[k] = k + 1;
        }
        normal
    }

    /// Adds weight · rowᵀ row.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn add<S: Simd>(&mut self, simd: S, row: Row, weight: f64) {
        let past = row.first + row.values.len();
        for k in row.first..row.end {
            // The vector with the diagonal and those after it.
            let from = (k - row.first) / S::F64_LANES * S::F64_LANES;
            let to = &mut self.rows[k].0[row.first + from..past];
            add(simd, weight * row.values[k - row.first], &row.values[from..], to);
            self.ends[k] = self.ends[k].max(row.end);
        }
    }
}

impl Factor {
    /// Of no matrix.
    pub const fn new() -> Self {
        Self { rows: [Line([0.0; WIDTH]); MOST], ends: [0; MOST], size: 0, inverse: [0.0; MOST] }
    }

    /// Becomes a matrix's factor. Elimination fills rows up to the furthest end of all rows before.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn take<S: Simd>(&mut self, simd: S, normal: &Normal) {
        self.size = normal.size;
        let mut end = 0;
        for k in 0..self.size {
            end = end.max(normal.ends[k]);
            self.ends[k] = end;
            // Whole vectors around what counts.
            let around = k / LANES * LANES..end + LANES;
            self.rows[k].0[around.clone()].copy_from_slice(&normal.rows[k].0[around]);
        }
        for k in 0..self.size {
            let (done, left) = self.rows.split_at_mut(k + 1);
            let row = &done[k].0;
            // What rounding could take from a positive number.
            self.inverse[k] = 1.0 / row[k].max(f64::MIN_POSITIVE);
            let (end, inverse) = (self.ends[k], self.inverse[k]);
            let past = end.next_multiple_of(S::F64_LANES);
            for j in k + 1..end {
                // From the vector with the diagonal on.
                let from = j / S::F64_LANES * S::F64_LANES;
                let to = &mut left[j - k - 1].0[from..past];
                add(simd, -row[j] * inverse, &row[from..past], to);
            }
        }
    }

    /// Solves for the unknowns in place.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn solve<S: Simd>(&self, simd: S, values: &mut Unknowns) {
        for k in 0..self.size {
            let (row, others) = self.after::<S>(k);
            values[k] *= self.inverse[k];
            let share = -values[k];
            add(simd, share, row, &mut values[others]);
        }
        for k in (0..self.size).rev() {
            let (row, others) = self.after::<S>(k);
            values[k] -= dot(simd, row, &values[others]) * self.inverse[k];
        }
    }

    /// What follows the diagonal of row `k`, in whole vectors, and its columns.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn after<S: Simd>(&self, k: usize) -> (&[f64], Range<usize>) {
        let columns = k + 1..k + 1 + (self.ends[k] - k - 1).next_multiple_of(S::F64_LANES);
        (&self.rows[k].0[columns.clone()], columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::interaction::rows::Rows;
    use crate::vectors::Vectors;
    use faer::Mat;
    use pulp::{Arch, WithSimd};

    /// The unknowns of a system, its matrix row by row with weights and a diagonal, from values.
    struct System<'a>(&'a Rows, &'a [f64], Unknowns);

    impl WithSimd for System<'_> {
        type Output = Unknowns;

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> Unknowns {
            let Self(rows, weights, mut values) = self;
            let mut normal = Normal::new(&[0.5; MOST]);
            for (i, weight) in weights.iter().enumerate() {
                normal.add(simd, rows.row(i), *weight);
            }
            let mut factor = Factor::new();
            factor.take(simd, &normal);
            factor.solve(simd, &mut values);
            values
        }
    }

    #[test]
    fn a_system_is_solved_by_every_width() {
        // Of different lengths, some after the last unknown has had its row.
        let demands = MOST + 9;
        let matrix = Mat::from_fn(demands, MOST, |i, k| {
            let away = (i * MOST / demands).abs_diff(k);
            if away < 2 + i % 7 { 0.6_f64.powi(i32::try_from(away).expect("small")) } else { 0.0 }
        });
        let weights: Vec<f64> = (0..demands).map(|i| [1.0, 300.0, 0.1][i % 3]).collect();
        let expected = |k: usize| [1.0, -0.5, 0.0, 0.25][k % 4];
        let mut values = [0.0; WIDTH];
        for k in 0..MOST {
            values[k] = 0.5 * expected(k);
            for i in 0..demands {
                let sum: f64 = (0..MOST).map(|k| matrix[(i, k)] * expected(k)).sum();
                values[k] += weights[i] * matrix[(i, k)] * sum;
            }
        }
        for vectors in [Vectors::Best(Arch::new()), Vectors::Scalar, Vectors::Emulated512] {
            let found = vectors.dispatch(System(&Rows::of(&matrix), &weights, values));
            for (k, value) in found[..MOST].iter().enumerate() {
                assert!((value - expected(k)).abs() < 1e-11, "{k}: {value}");
            }
            assert!(found[MOST..].iter().all(|value| *value == 0.0));
        }
    }
}
