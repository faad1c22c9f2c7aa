//! Matrices that are next to nothing away from their diagonal, row by row, for vector instructions.

// Closures and functions of the standard library that call them would be compiled without the
// caller's vector instructions, so the loops here and around do without.

use faer::Mat;
use pulp::Simd;

/// Numbers in the widest vectors: rows are whole vectors of any width.
pub(super) const LANES: usize = 8;

/// What lies before the first and after the last entry of more than this counts as nothing: −180 dB.
const NOTHING: f64 = 1e-9;

/// Rows, of each as much as is not nothing.
#[derive(Default)]
pub(super) struct Rows {
    places: Vec<Place>,
    values: Vec<f64>,
}

/// Where a row's values are.
#[derive(Clone, Copy)]
struct Place {
    /// Its columns.
    first: usize,
    end: usize,
    /// The first of its values.
    start: usize,
}

/// What is not nothing of a row.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    /// The column of the first value.
    pub first: usize,
    /// The column after the last value that is not nothing.
    pub end: usize,
    /// A multiple of [`LANES`], zeros at the end.
    pub values: &'a [f64],
}

impl Rows {
    pub fn of(matrix: &Mat<f64>) -> Self {
        let mut rows = Self::default();
        for row in matrix.row_iter() {
            let heard = |k: &usize| row[*k].abs() > NOTHING;
            let first = (0..row.ncols()).find(heard).unwrap_or(0);
            let end = (0..row.ncols()).rfind(heard).map_or(first, |last| last + 1);
            let start = rows.values.len();
            rows.values.extend((first..end).map(|k| row[k]));
            rows.values.resize(start + (end - first).next_multiple_of(LANES), 0.0);
            rows.places.push(Place { first, end, start });
        }
        rows
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn row(&self, i: usize) -> Row<'_> {
        let Place { first, end, start } = self.places[i];
        let values = &self.values[start..start + (end - first).next_multiple_of(LANES)];
        Row { first, end, values }
    }
}

impl Row<'_> {
    pub const EMPTY: Self = Row { first: 0, end: 0, values: &[] };

    /// Σ row_k x_k. There are [`LANES`] more `x` than columns.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn dot<S: Simd>(self, simd: S, x: &[f64]) -> f64 {
        dot(simd, self.values, &x[self.first..self.first + self.values.len()])
    }

    /// `to` += factor · row. There are [`LANES`] more of `to` than columns.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn add<S: Simd>(self, simd: S, factor: f64, to: &mut [f64]) {
        add(simd, factor, self.values, &mut to[self.first..self.first + self.values.len()]);
    }
}

/// Σ a_k b_k for slices of equal length, a multiple of [`LANES`].
#[inline(always)] // Compiled with the caller's vector instructions.
pub(super) fn dot<S: Simd>(simd: S, a: &[f64], b: &[f64]) -> f64 {
    // Two sums, or every addition would wait for the one before.
    let mut sums = [simd.splat_f64s(0.0); 2];
    let (a, a_last) = S::as_simd_f64s(a).0.as_chunks::<2>();
    let (b, b_last) = S::as_simd_f64s(b).0.as_chunks::<2>();
    for (a, b) in a.iter().zip(b) {
        sums[0] = simd.mul_add_e_f64s(a[0], b[0], sums[0]);
        sums[1] = simd.mul_add_e_f64s(a[1], b[1], sums[1]);
    }
    for (a, b) in a_last.iter().zip(b_last) {
        sums[0] = simd.mul_add_e_f64s(*a, *b, sums[0]);
    }
    simd.reduce_sum_f64s(simd.add_f64s(sums[0], sums[1]))
}

/// to += factor · from, for slices of equal length, a multiple of [`LANES`].
#[inline(always)] // Compiled with the caller's vector instructions.
pub(super) fn add<S: Simd>(simd: S, factor: f64, from: &[f64], to: &mut [f64]) {
    let factor = simd.splat_f64s(factor);
    for (to, from) in S::as_mut_simd_f64s(to).0.iter_mut().zip(S::as_simd_f64s(from).0) {
        *to = simd.mul_add_e_f64s(factor, *from, *to);
    }
}
