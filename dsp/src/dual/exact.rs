//! The exact dual of a bank with one stride for all bands, as the published ISAC setting has.
//!
//! At output phase r = n mod d the response from x\[n − m\] to y\[n\] is
//! C_r\[m\] = Re Σ_k Σ_(t ≡ r) f_k\[t\] h_k\[m − t\], and reconstruction is perfect when every C_r is a pulse
//! at the latency. The taps of each r meet their own equations; of all solutions the one of least
//! energy is f_k\[t\] = Σ_m λ\[m\] h*_k\[m − t\], with λ from one positive definite system. There are
//! solutions as long as the stride is somewhat shorter than the sum of the supports over the longest.

use super::{Band, DualError};
use crate::cast::real;
use crate::kernel::Kernel;
use faer::linalg::solvers::Solve;
use faer::{Mat, Side};
use num_complex::Complex;

/// The greatest number of equations per output phase: their matrix takes 300 MB, and its factor as much.
pub(super) const EQUATIONS_MAX: usize = 6144;

/// Part of the mean of the diagonal added to it, for the Cholesky factorisation of nearly singular systems. What
/// it changes is refined away.
const RIDGE: f64 = 1e-13;

/// Rounds of iterative refinement, which take out the ridge: `tests/bank/dual.rs` holds the error to −140 dB.
const REFINEMENTS: usize = 4;

/// Bands whose kernels and supports lie alike, and what their taps have in common.
struct Group {
    /// Where the first tap of the kernels lies.
    offset: usize,
    support: std::ops::Range<usize>,
    /// Re Σ_k h_k\[u\] h*_k\[v\].
    products: Mat<f64>,
}

/// The synthesis kernels of least energy for bands of one `stride`; exact where that is possible.
pub(super) fn solve(
    bands: &[Band],
    stride: usize,
    latency_samples: usize,
    cancelled: &dyn Fn() -> bool,
) -> Result<Vec<Kernel>, DualError> {
    let first = bands.iter().map(|band| band.kernel.offset + band.support.start).min().unwrap_or(0);
    let end =
        bands.iter().map(|band| band.kernel.length() + band.support.end - 1).max().unwrap_or(0);
    let equations = end - first;
    if equations > EQUATIONS_MAX {
        return Err(DualError::TooLong { given: equations, limit: EQUATIONS_MAX });
    }
    let pulse = latency_samples
        .checked_sub(first)
        .filter(|&pulse| pulse < equations)
        .ok_or(DualError::Latency { first, last: end.saturating_sub(1) })?;
    let groups = groups(bands);
    let mut duals: Vec<Kernel> = bands
        .iter()
        .map(|band| Kernel {
            offset: band.support.start,
            taps: vec![Complex::default(); band.support.len()],
        })
        .collect();
    for phase in 0..stride {
        if cancelled() {
            return Err(DualError::Cancelled);
        }
        let due = |t: &usize| t % stride == phase;
        let mut matrix = Mat::<f64>::zeros(equations, equations);
        for group in &groups {
            for t in group.support.clone().filter(due) {
                add(&mut matrix, t + group.offset - first, &group.products);
            }
        }
        let multipliers = multipliers(&matrix, pulse)?;
        for (band, dual) in bands.iter().zip(&mut duals) {
            for t in band.support.clone().filter(due) {
                let start = t + band.kernel.offset - first;
                dual.taps[t - band.support.start] = band
                    .kernel
                    .taps
                    .iter()
                    .zip(&multipliers[start..])
                    .map(|(tap, multiplier)| tap.conj() * multiplier)
                    .sum();
            }
        }
    }
    Ok(duals)
}

fn groups(bands: &[Band]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for band in bands {
        let taps = &band.kernel.taps;
        let alike = |group: &Group| {
            group.offset == band.kernel.offset
                && group.support == band.support
                && group.products.nrows() == taps.len()
        };
        let at = groups.iter().position(alike).unwrap_or_else(|| {
            groups.push(Group {
                offset: band.kernel.offset,
                support: band.support.clone(),
                products: Mat::zeros(taps.len(), taps.len()),
            });
            groups.len() - 1
        });
        let products = &mut groups[at].products;
        for (v, right) in taps.iter().enumerate() {
            for (product, left) in products.col_as_slice_mut(v)[v..].iter_mut().zip(&taps[v..]) {
                *product += left.re * right.re + left.im * right.im;
            }
        }
    }
    groups
}

/// Adds lower triangles, the block's first diagonal element at `start`.
fn add(matrix: &mut Mat<f64>, start: usize, block: &Mat<f64>) {
    let size = block.nrows();
    for v in 0..size {
        let column = &mut matrix.col_as_slice_mut(start + v)[start + v..start + size];
        for (sum, value) in column.iter_mut().zip(&block.col_as_slice(v)[v..]) {
            *sum += value;
        }
    }
}

/// The solution of a system of which the lower triangle is given, with a pulse on the right.
fn multipliers(matrix: &Mat<f64>, pulse: usize) -> Result<Vec<f64>, DualError> {
    let size = matrix.nrows();
    let ridge = RIDGE * (0..size).map(|n| matrix[(n, n)]).sum::<f64>() / real(size);
    let mut raised = matrix.clone();
    for n in 0..size {
        raised[(n, n)] += ridge;
    }
    let factor = raised.llt(Side::Lower).map_err(|_| DualError::Singular)?;
    let mut left = vec![0.0; size];
    left[pulse] = 1.0;
    let mut found = vec![0.0; size];
    for _ in 0..=REFINEMENTS {
        let step = factor.solve(Mat::from_fn(size, 1, |row, _| left[row]));
        for (n, value) in found.iter_mut().enumerate() {
            *value += step[(n, 0)];
        }
        left.fill(0.0);
        left[pulse] = 1.0;
        for v in 0..size {
            let column = matrix.col_as_slice(v);
            left[v] -= column[v] * found[v];
            for u in v + 1..size {
                left[u] -= column[u] * found[v];
                left[v] -= column[u] * found[u];
            }
        }
    }
    Ok(found)
}
