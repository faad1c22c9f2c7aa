//! Banded matrices, for vector instructions: eight rows at a time, column by column.

use faer::Mat;
use pulp::{Simd, WithSimd};

/// Rows at a time: numbers of double precision in the widest vectors.
pub(super) const LANES: usize = 8;

/// A row ends at its first and last entry above this: −180 dB, for gains of bands that are nearly alike depend on
/// very small entries.
const NEGLIGIBLE: f64 = 1e-9;

/// Columns go to so many sums in turn, or every addition would wait for the one before: a fused multiply-add
/// takes four or five cycles on the processors of today.
const SUMS: usize = 4;

/// Eight numbers.
pub(super) type Lanes = [f64; LANES];

/// Eight numbers where vectors do not straddle two lines of the processor's cache.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Aligned(pub Lanes);

/// Arithmetic on eight numbers, in `V` vectors.
#[derive(Clone, Copy)]
pub(super) struct F64x8<S, const V: usize>(pub S);

impl<S: Simd, const V: usize> F64x8<S, V> {
    /// The same number throughout.
    #[inline(always)]
    pub fn splat(self, value: f64) -> [S::f64s; V] {
        [self.0.splat_f64s(value); V]
    }

    #[inline(always)]
    pub fn load(self, from: &Lanes) -> [S::f64s; V] {
        let from = S::as_simd_f64s(from).0;
        let mut lanes = self.splat(0.0);
        for v in 0..V {
            lanes[v] = from[v];
        }
        lanes
    }

    #[inline(always)]
    pub fn store(self, lanes: [S::f64s; V], to: &mut Lanes) {
        let to = S::as_mut_simd_f64s(to).0;
        for v in 0..V {
            to[v] = lanes[v];
        }
    }

    /// `to` + factor · `lanes`.
    #[inline(always)]
    pub fn add(self, mut to: [S::f64s; V], factor: f64, lanes: [S::f64s; V]) -> [S::f64s; V] {
        let factor = self.0.splat_f64s(factor);
        for v in 0..V {
            to[v] = self.0.mul_add_e_f64s(factor, lanes[v], to[v]);
        }
        to
    }

    /// `to` + a · b, number by number.
    #[inline(always)]
    pub fn add_product(
        self,
        mut to: [S::f64s; V],
        a: [S::f64s; V],
        b: [S::f64s; V],
    ) -> [S::f64s; V] {
        for v in 0..V {
            to[v] = self.0.mul_add_e_f64s(a[v], b[v], to[v]);
        }
        to
    }

    /// a · b, number by number.
    #[inline(always)]
    pub fn product(self, mut a: [S::f64s; V], b: [S::f64s; V]) -> [S::f64s; V] {
        for v in 0..V {
            a[v] = self.0.mul_f64s(a[v], b[v]);
        }
        a
    }

    /// a + b, number by number.
    #[inline(always)]
    pub fn sum(self, mut a: [S::f64s; V], b: [S::f64s; V]) -> [S::f64s; V] {
        for v in 0..V {
            a[v] = self.0.add_f64s(a[v], b[v]);
        }
        a
    }

    /// The sum of eight numbers.
    #[inline(always)]
    pub fn total(self, lanes: [S::f64s; V]) -> f64 {
        let mut sum = lanes[0];
        for v in 1..V {
            sum = self.0.add_f64s(sum, lanes[v]);
        }
        self.0.reduce_sum_f64s(sum)
    }
}

/// Work on vectors of eight numbers.
pub(super) trait WithF64x8 {
    type Output;

    fn with_f64x8<S: Simd, const V: usize>(self, x8: F64x8<S, V>) -> Self::Output;
}

/// Runs it with as many vectors as eight numbers take.
pub(super) struct InF64x8<T>(pub T);

impl<T: WithF64x8> WithSimd for InF64x8<T> {
    type Output = T::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> T::Output {
        match S::F64_LANES {
            LANES => self.0.with_f64x8(F64x8::<S, 1>(simd)),
            4 => self.0.with_f64x8(F64x8::<S, 2>(simd)),
            2 => self.0.with_f64x8(F64x8::<S, 4>(simd)),
            _ => self.0.with_f64x8(F64x8::<S, LANES>(simd)),
        }
    }
}

/// A matrix, eight rows at a time.
#[derive(Default)]
pub(super) struct BandedRows {
    places: Vec<Place>,
    values: Vec<Aligned>,
}

/// Where eight rows are.
#[derive(Clone, Copy)]
struct Place {
    /// Its first column.
    first: usize,
    /// Its columns, a multiple of [`SUMS`].
    columns: usize,
    /// The first of its values.
    start: usize,
}

/// The band of eight rows.
#[derive(Clone, Copy)]
pub(super) struct Rows8<'a> {
    /// The first column.
    pub first: usize,
    /// The rows' values, column by column.
    pub columns: &'a [Aligned],
}

impl BandedRows {
    /// Of a matrix whose zeros at the ends of rows are left out. Zeros follow its last row up to a
    /// whole eight rows, and its last column up to eight columns.
    pub fn of(matrix: &Mat<f64>) -> Self {
        let (rows, columns) = matrix.shape();
        let at = |i, k| if i < rows && k < columns { matrix[(i, k)] } else { 0.0 };
        let mut banded_rows = Self::default();
        for top in (0..rows).step_by(LANES) {
            let is_nonzero = |k: &usize| (top..top + LANES).any(|i| at(i, *k) != 0.0);
            let first = (0..columns).find(is_nonzero).unwrap_or(0);
            let end = (0..columns).rfind(is_nonzero).map_or(first, |last| last + 1);
            let width = (end - first).next_multiple_of(SUMS);
            let first = first.min(columns.next_multiple_of(LANES) - width);
            banded_rows.places.push(Place {
                first,
                columns: width,
                start: banded_rows.values.len(),
            });
            let column = |k| Aligned(std::array::from_fn(|lane| at(top + lane, k)));
            banded_rows.values.extend((first..first + width).map(column));
        }
        banded_rows
    }

    pub const fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    #[inline(always)]
    pub fn rows8(&self, i: usize) -> Rows8<'_> {
        let Place { first, columns, start } = self.places[i];
        Rows8 { first, columns: &self.values[start..start + columns] }
    }

    /// The matrix times `x`, both in whole eights.
    #[inline(always)]
    pub fn times<S: Simd, const V: usize>(&self, x8: F64x8<S, V>, x: &[f64], products: &mut [f64]) {
        let products = products.as_chunks_mut().0;
        for i in 0..self.places.len() {
            x8.store(self.rows8(i).times(x8, x), &mut products[i]);
        }
    }
}

impl Rows8<'_> {
    /// The rows times `x`, which has whole eights.
    #[inline(always)]
    pub fn times<S: Simd, const V: usize>(self, x8: F64x8<S, V>, x: &[f64]) -> [S::f64s; V] {
        let x = x[self.first..self.first + self.columns.len()].as_chunks::<SUMS>().0;
        let mut sums = [x8.splat(0.0); SUMS];
        for (columns, x) in self.columns.as_chunks::<SUMS>().0.iter().zip(x) {
            for turn in 0..SUMS {
                sums[turn] = x8.add(sums[turn], x[turn], x8.load(&columns[turn].0));
            }
        }
        x8.sum(x8.sum(sums[0], sums[1]), x8.sum(sums[2], sums[3]))
    }

    /// One of the rows, in whole eights.
    pub fn row(self, lane: usize, row: &mut [f64]) {
        row.fill(0.0);
        for (value, column) in row[self.first..].iter_mut().zip(self.columns) {
            *value = column.0[lane];
        }
    }
}

/// Sets negligible entries at the ends of rows to 0 and adds them to the entries next to them: sums of rows stay.
pub(super) fn trimmed(mut matrix: Mat<f64>) -> Mat<f64> {
    let columns = matrix.ncols();
    for mut row in matrix.row_iter_mut() {
        let is_kept = |k: &usize| row[*k].abs() > NEGLIGIBLE;
        let ends = (0..columns).find(is_kept).zip((0..columns).rfind(is_kept));
        if let Some((first, last)) = ends {
            for k in (0..first).chain(last + 1..columns) {
                let value = std::mem::replace(&mut row[k], 0.0);
                row[k.clamp(first, last)] += value;
            }
        }
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::Vectors;
    use pulp::Arch;

    struct Product<'a>(&'a BandedRows, [f64; 24]);

    impl WithF64x8 for Product<'_> {
        type Output = [f64; 24];

        #[inline(always)]
        fn with_f64x8<S: Simd, const V: usize>(self, x8: F64x8<S, V>) -> [f64; 24] {
            let mut products = [0.0; 24];
            self.0.times(x8, &self.1, &mut products);
            products
        }
    }

    #[test]
    fn a_matrix_is_multiplied_by_every_width() {
        let matrix = Mat::from_fn(19, 17, |i: usize, k: usize| {
            if i.abs_diff(k) < 1 + i % 5 { 1.0 / (1.0 + crate::cast::real(i + 2 * k)) } else { 0.0 }
        });
        let banded_rows = BandedRows::of(&matrix);
        let mut x = [0.0; 24];
        for (k, x) in x.iter_mut().enumerate().take(17) {
            *x = crate::cast::real(k * k % 7) - 3.0;
        }
        for vectors in [Vectors::Best(Arch::new()), Vectors::Scalar, Vectors::Emulated512] {
            let products = vectors.dispatch(InF64x8(Product(&banded_rows, x)));
            for (i, product) in products.iter().enumerate() {
                let expected: f64 =
                    if i < 19 { (0..17).map(|k| matrix[(i, k)] * x[k]).sum() } else { 0.0 };
                assert!((product - expected).abs() < 1e-14, "{i}: {product}, not {expected}");
            }
        }
    }

    #[test]
    fn trimming_keeps_the_sums_of_rows() {
        let matrix = Mat::from_fn(5, 20, |i: usize, k: usize| {
            0.05_f64.powi(i32::try_from((3 * i).abs_diff(k)).expect("small"))
        });
        let trimmed = trimmed(matrix.clone());
        for i in 0..5 {
            let sum = |matrix: &Mat<f64>| (0..20).map(|k| matrix[(i, k)]).sum::<f64>();
            assert!((sum(&trimmed) - sum(&matrix)).abs() < 1e-15, "{i}");
            assert!((0..20).any(|k| trimmed[(i, k)] == 0.0), "{i}");
        }
    }
}
