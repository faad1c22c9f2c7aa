//! Normal equations of weighted least squares whose rows are short, in place, in tiles of 8 × 8.

// A tile's rows are vectors of eight, so that the work is done in registers, a tile at a time.

use super::banded_rows::{BandedRows, F64x8, LANES, Lanes};
use super::{BANDS_MAX, WIDTH};
use pulp::Simd;

/// One number for each of up to [`BANDS_MAX`] unknowns, and padding.
pub(super) type Unknowns = [f64; WIDTH];

/// Blocks of eight unknowns.
pub(super) const BLOCKS: usize = BANDS_MAX / LANES;

/// Rows of a tile that are processed together: all eight would not fit the registers.
const HALF: usize = LANES / 2;

/// Eight rows of as many columns.
type Tile = [Lanes; LANES];

/// The tiles of a matrix on its diagonal and above.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Tiles([Tile; BLOCKS * (BLOCKS + 1) / 2]);

/// A symmetric positive definite matrix. Only the tiles on the diagonal and above count, of each row of
/// them those up to its end.
pub(super) struct Normal {
    tiles: Tiles,
    ends: [usize; BLOCKS],
    blocks: usize,
}

/// L D Lᵀ of a [`Normal`] matrix.
pub(super) struct Factor {
    /// D Lᵀ, but on the diagonal what L has there, inverted.
    tiles: Tiles,
    ends: [usize; BLOCKS],
    blocks: usize,
    /// The inverse of D.
    inverse: Unknowns,
}

impl Tiles {
    const NONE: Self = Self([[[0.0; LANES]; LANES]; BLOCKS * (BLOCKS + 1) / 2]);

    const fn place(row: usize, column: usize) -> usize {
        row * (2 * BLOCKS - 1 - row) / 2 + column
    }

    #[inline(always)]
    const fn at(&self, row: usize, column: usize) -> &Tile {
        &self.0[Self::place(row, column)]
    }

    #[inline(always)]
    const fn at_mut(&mut self, row: usize, column: usize) -> &mut Tile {
        &mut self.0[Self::place(row, column)]
    }
}

impl Normal {
    /// No matrix.
    pub const NONE: Self = Self { tiles: Tiles::NONE, ends: [0; BLOCKS], blocks: 0 };

    /// Becomes diagonal, having been [`Self::NONE`].
    #[inline(always)]
    pub fn begin(&mut self, diagonal: &[f64]) {
        self.blocks = diagonal.len().div_ceil(LANES);
        for block in 0..self.blocks {
            self.ends[block] = block + 1;
            let tile = self.tiles.at_mut(block, block);
            for lane in 0..LANES {
                // Unknowns that are none are 0, whatever they are multiplied by.
                tile[lane][lane] = diagonal.get(block * LANES + lane).copied().unwrap_or(1.0);
            }
        }
    }

    /// Adds Σ weight_i · row_iᵀ row_i over some rows of a matrix, rising, given its transpose.
    #[inline(always)]
    pub fn add<S: Simd, const V: usize>(
        &mut self,
        x8: F64x8<S, V>,
        transpose: &BandedRows,
        rows: &[usize],
        weights: &[f64],
    ) {
        // The rows that reach each block.
        let mut reached = [(0, 0); BLOCKS];
        for (block, reached) in reached.iter_mut().enumerate().take(self.blocks) {
            let rows8 = transpose.rows8(block);
            let end = rows8.first + rows8.columns.len();
            *reached = (
                rows.partition_point(|row| *row < rows8.first),
                rows.partition_point(|row| *row < end),
            );
        }
        for i in 0..self.blocks {
            for j in i..self.blocks {
                let from = reached[i].0.max(reached[j].0);
                let to = reached[i].1.min(reached[j].1);
                if from >= to {
                    continue;
                }
                self.ends[i] = self.ends[i].max(j + 1);
                let (left, right) = (transpose.rows8(i), transpose.rows8(j));
                let tile = self.tiles.at_mut(i, j);
                for top in [0, HALF] {
                    let mut sums = [x8.splat(0.0); HALF];
                    for line in 0..HALF {
                        sums[line] = x8.load(&tile[top + line]);
                    }
                    for row in &rows[from..to] {
                        let factors = &left.columns[row - left.first].0;
                        let lanes = x8.load(&right.columns[row - right.first].0);
                        let lanes = x8.product(lanes, x8.splat(weights[*row]));
                        for line in 0..HALF {
                            sums[line] = x8.add(sums[line], factors[top + line], lanes);
                        }
                    }
                    for line in 0..HALF {
                        x8.store(sums[line], &mut tile[top + line]);
                    }
                }
            }
        }
    }

    /// Adds weight · rowᵀ row of a row that is 0 but for some blocks. Returns the first of these.
    #[inline(always)]
    pub fn add_one<S: Simd, const V: usize>(
        &mut self,
        x8: F64x8<S, V>,
        row: &Unknowns,
        weight: f64,
    ) -> usize {
        let row = row.as_chunks::<LANES>().0;
        let is_reached = |block: &usize| row[*block] != [0.0; LANES];
        let first = (0..self.blocks).find(is_reached).unwrap_or(0);
        let end = (0..self.blocks).rfind(is_reached).map_or(first, |last| last + 1);
        for i in first..end {
            self.ends[i] = self.ends[i].max(end);
            for j in i..end {
                let tile = self.tiles.at_mut(i, j);
                let lanes = x8.load(&row[j]);
                for lane in 0..LANES {
                    let line = x8.load(&tile[lane]);
                    x8.store(x8.add(line, weight * row[i][lane], lanes), &mut tile[lane]);
                }
            }
        }
        first
    }
}

impl Factor {
    /// That of no matrix.
    pub const NONE: Self =
        Self { tiles: Tiles::NONE, ends: [0; BLOCKS], blocks: 0, inverse: [0.0; WIDTH] };

    /// Factors a matrix, whose rows of tiles before `first` are factored already.
    /// Elimination fills rows up to the furthest end of all rows before.
    #[inline(always)]
    pub fn factorise<S: Simd, const V: usize>(
        &mut self,
        x8: F64x8<S, V>,
        normal: &Normal,
        first: usize,
    ) {
        self.blocks = normal.blocks;
        for i in first..self.blocks {
            let before = if i == 0 { 0 } else { self.ends[i - 1] };
            let end = before.max(normal.ends[i]);
            self.ends[i] = end;
            for j in i..end {
                self.eliminate_above(x8, normal, i, j);
            }
            let factors = self.eliminate_diagonal(i);
            let mut inverse = [[0.0; LANES]; LANES];
            for lane in 0..LANES {
                inverse[lane][lane] = 1.0;
            }
            *self.tiles.at_mut(i, i) = inverse;
            for j in i..end {
                eliminate(x8, &factors, self.tiles.at_mut(i, j));
            }
        }
    }

    /// Takes a matrix's tile, once all rows of tiles before have been eliminated.
    #[inline(always)]
    fn eliminate_above<S: Simd, const V: usize>(
        &mut self,
        x8: F64x8<S, V>,
        normal: &Normal,
        i: usize,
        j: usize,
    ) {
        // Ends rise, so that the rows that reach this column are the last ones.
        let mut first = i;
        while first > 0 && self.ends[first - 1] > j {
            first -= 1;
        }
        let inverses = self.inverse.as_chunks::<LANES>().0;
        for top in [0, HALF] {
            let mut sums = [x8.splat(0.0); HALF];
            for line in 0..HALF {
                sums[line] = x8.load(&normal.tiles.at(i, j)[top + line]);
            }
            for done in first..i {
                let (left, right) = (self.tiles.at(done, i), self.tiles.at(done, j));
                for lane in 0..LANES {
                    let lanes = x8.load(&right[lane]);
                    let lanes = x8.product(lanes, x8.splat(-inverses[done][lane]));
                    for line in 0..HALF {
                        sums[line] = x8.add(sums[line], left[lane][top + line], lanes);
                    }
                }
            }
            let tile = self.tiles.at_mut(i, j);
            for line in 0..HALF {
                x8.store(sums[line], &mut tile[top + line]);
            }
        }
    }

    /// Eliminates within a tile on the diagonal. Returns what is added of each row to those after.
    #[inline(always)]
    fn eliminate_diagonal(&mut self, i: usize) -> Tile {
        let mut factors = [[0.0; LANES]; LANES];
        let tile = self.tiles.at_mut(i, i);
        for row in 0..LANES {
            // Rounding could make a small pivot negative.
            let inverse = 1.0 / tile[row][row].max(f64::MIN_POSITIVE);
            self.inverse[i * LANES + row] = inverse;
            for after in row + 1..LANES {
                let factor = -tile[row][after] * inverse;
                factors[row][after] = factor;
                for column in after..LANES {
                    tile[after][column] += factor * tile[row][column];
                }
            }
        }
        factors
    }

    /// Solves for the unknowns in place.
    #[inline(always)]
    pub fn solve<S: Simd, const V: usize>(&self, x8: F64x8<S, V>, values: &mut Unknowns) {
        let values = values.as_chunks_mut::<LANES>().0;
        let inverses = self.inverse.as_chunks::<LANES>().0;
        for i in 0..self.blocks {
            let mut first = i;
            while first > 0 && self.ends[first - 1] > i {
                first -= 1;
            }
            let mut sums = [x8.load(&values[i]), x8.splat(0.0)];
            for done in first..i {
                let tile = self.tiles.at(done, i);
                for lane in 0..LANES {
                    let lanes = x8.load(&tile[lane]);
                    sums[lane % 2] = x8.add(sums[lane % 2], -values[done][lane], lanes);
                }
            }
            let left = x8.sum(sums[0], sums[1]);
            let tile = self.tiles.at(i, i);
            for lane in 0..LANES {
                let product = x8.product(x8.load(&tile[lane]), left);
                values[i][lane] = inverses[i][lane] * x8.total(product);
            }
        }
        for i in (0..self.blocks).rev() {
            let mut sums = [x8.splat(0.0); LANES];
            for later in i + 1..self.ends[i] {
                let tile = self.tiles.at(i, later);
                let lanes = x8.load(&values[later]);
                for lane in 0..LANES {
                    sums[lane] = x8.add_product(sums[lane], x8.load(&tile[lane]), lanes);
                }
            }
            let tile = self.tiles.at(i, i);
            let mut halves = [x8.splat(0.0); 2];
            for lane in 0..LANES {
                let value = values[i][lane] - inverses[i][lane] * x8.total(sums[lane]);
                halves[lane % 2] = x8.add(halves[lane % 2], value, x8.load(&tile[lane]));
            }
            x8.store(x8.sum(halves[0], halves[1]), &mut values[i]);
        }
    }
}

/// Adds to each row of a tile the rows before it times the factors of [`Factor::eliminate_diagonal`].
#[inline(always)]
fn eliminate<S: Simd, const V: usize>(x8: F64x8<S, V>, factors: &Tile, tile: &mut Tile) {
    for v in 0..V {
        let mut lines = [x8.0.splat_f64s(0.0); LANES];
        for row in 0..LANES {
            lines[row] = S::as_simd_f64s(&tile[row]).0[v];
        }
        for row in 0..LANES {
            for after in row + 1..LANES {
                let factor = x8.0.splat_f64s(factors[row][after]);
                lines[after] = x8.0.mul_add_e_f64s(factor, lines[row], lines[after]);
            }
        }
        for row in 0..LANES {
            S::as_mut_simd_f64s(&mut tile[row]).0[v] = lines[row];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::interaction::banded_rows::{InF64x8, WithF64x8};
    use crate::vectors::Vectors;
    use faer::Mat;
    use pulp::Arch;

    /// The unknowns of a system from its right-hand side: its matrix transposed and the weights of rows,
    /// and the same for rows that are added to a factored one.
    struct System<'a>([(&'a Mat<f64>, &'a [f64]); 2], Unknowns);

    impl WithF64x8 for System<'_> {
        type Output = Unknowns;

        #[inline(always)]
        fn with_f64x8<S: Simd, const V: usize>(self, x8: F64x8<S, V>) -> Unknowns {
            let Self([(rows, weights), (further, further_weights)], mut values) = self;
            let mut normal = Normal::NONE;
            normal.begin(&[0.5; UNKNOWNS]);
            let transpose = BandedRows::of(&rows.transpose().to_owned());
            let all: Vec<usize> = (0..rows.nrows()).collect();
            // Not all at once.
            let (some, others): (Vec<usize>, Vec<usize>) = all.iter().partition(|i| *i % 3 == 0);
            normal.add(x8, &transpose, &some, weights);
            normal.add(x8, &transpose, &others, weights);
            let mut factor = Factor::NONE;
            factor.factorise(x8, &normal, 0);
            let mut changed = BLOCKS;
            for (i, weight) in further_weights.iter().enumerate() {
                let mut row = [0.0; WIDTH];
                for k in 0..UNKNOWNS {
                    row[k] = further[(i, k)];
                }
                changed = changed.min(normal.add_one(x8, &row, *weight));
            }
            assert!(changed > 0, "some of the factor stays");
            factor.factorise(x8, &normal, changed);
            factor.solve(x8, &mut values);
            values
        }
    }

    /// Not whole eights.
    const UNKNOWNS: usize = BANDS_MAX - 3;

    #[test]
    fn a_system_is_solved_by_every_width() {
        // Of different lengths, some after the last unknown has had its row.
        let constraints = BANDS_MAX + 9;
        let short = |i: usize, k: usize, near: usize| {
            let away = near.abs_diff(k);
            if away < 2 + i % 7 { 0.6_f64.powi(i32::try_from(away).expect("small")) } else { 0.0 }
        };
        let matrix =
            Mat::from_fn(constraints, UNKNOWNS, |i, k| short(i, k, i * UNKNOWNS / constraints));
        let further = Mat::from_fn(3, UNKNOWNS, |i, k| short(i, k, 30 + 9 * i));
        let weights: Vec<f64> = (0..constraints).map(|i| [1.0, 300.0, 0.1][i % 3]).collect();
        let systems = [(&matrix, &weights[..]), (&further, &[20.0, 0.01, 5.0][..])];
        let expected = |k: usize| [1.0, -0.5, 0.0, 0.25][k % 4];
        let mut values = [0.0; WIDTH];
        for k in 0..UNKNOWNS {
            values[k] = 0.5 * expected(k);
            for (matrix, weights) in systems {
                for (i, weight) in weights.iter().enumerate() {
                    let sum: f64 = (0..UNKNOWNS).map(|k| matrix[(i, k)] * expected(k)).sum();
                    values[k] += weight * matrix[(i, k)] * sum;
                }
            }
        }
        for vectors in [Vectors::Best(Arch::new()), Vectors::Scalar, Vectors::Emulated512] {
            let found = vectors.dispatch(InF64x8(System(systems, values)));
            for (k, value) in found[..UNKNOWNS].iter().enumerate() {
                assert!((value - expected(k)).abs() < 1e-11, "{k}: {value}");
            }
            assert!(found[UNKNOWNS..].iter().all(|value| *value == 0.0));
        }
    }
}
