//! The least-squares problem whose solution is the dual.

use super::basis::{Basis, Responses};
use super::grid::Grid;
use super::{Band, DualError, period, strides};
use crate::cast::real;
use crate::kernel::Kernel;
use faer::linalg::matmul::matmul;
use faer::linalg::solvers::Solve;
use faer::{Accum, Mat, Par, Side};
use rustfft::FftPlanner;

/// The greatest number of unknowns: 1024 bands of symmetric kernels, whose equations take 1 GB.
const UNKNOWNS_MAX: usize = 11 * 1024;

/// Weight on the coefficients' energy, times the support: −140 dB, below the error of any designed bank.
const RIDGE: f64 = 1e-14;

/// Shares below this part of the whole, −40 dB, count as this, or their weights would grow without bound. With
/// −20 dB bands get up to 0.09 less of their shares.
const SHARE_MIN: f64 = 1e-4;

/// Weight of a response's imaginary part against the share's: only bands in phase add up in proportion to their
/// gains. With 1 gammatone banks of eco and standard quality take 51 and 25 % more work to be transparent.
const QUADRATURE: f64 = 100.0;

/// The synthesis kernels that minimise the error.
pub(super) fn solve(
    bands: &[Band],
    latency_samples: usize,
    share_weight: f64,
    cancelled: &dyn Fn() -> bool,
) -> Result<Vec<Kernel>, DualError> {
    let unless_cancelled = || if cancelled() { Err(DualError::Cancelled) } else { Ok(()) };
    let symmetric = bands.iter().all(|band| is_symmetric(band, latency_samples));
    // Every grid is nested in the finest: the odd part of the period, times a power of two.
    let period = period(strides(bands));
    let coarsest = period >> period.trailing_zeros();
    let mut planner = FftPlanner::new();
    let mut bases = Vec::with_capacity(bands.len());
    for band in bands {
        unless_cancelled()?;
        bases.push(Basis::new(band, latency_samples, symmetric, coarsest, &mut planner));
    }
    let starts = starts(&bases);
    let unknowns = *starts.last().unwrap_or(&0);
    if unknowns > UNKNOWNS_MAX {
        return Err(DualError::TooMany { given: unknowns, limit: UNKNOWNS_MAX });
    }
    let extents: Vec<_> = bases.iter().map(|basis| basis.extent).collect();
    let grid = Grid::new(&extents);
    let mut responses = Vec::with_capacity(bands.len());
    for basis in &bases {
        unless_cancelled()?;
        responses.push(basis.on(&grid, &mut planner));
    }
    let mut equations = Mat::<f64>::zeros(unknowns, unknowns);
    let mut right = Mat::<f64>::zeros(unknowns, 1);
    let total = total_power(&responses, grid.bins.len());
    for (k, own) in responses.iter().enumerate() {
        unless_cancelled()?;
        let (start, many) = (starts[k], bases[k].unknowns());
        let target = target_response(own, &grid, &total, share_weight);
        let part = right.as_mut().subrows_mut(start, many);
        matmul(part, Accum::Replace, own.matrix.transpose(), &target, 1.0, Par::Seq);
        for (l, other) in responses.iter().enumerate().take(k + 1) {
            let first = own.points.start.max(other.points.start);
            let end = own.points.end.min(other.points.end);
            if first >= end {
                continue;
            }
            let rows = |responses: &'_ Responses| {
                (
                    responses.parts * (first - responses.points.start),
                    responses.parts * (end - first),
                )
            };
            let ((row, count), (other_row, _)) = (rows(own), rows(other));
            let block =
                equations.as_mut().submatrix_mut(start, starts[l], many, bases[l].unknowns());
            matmul(
                block,
                Accum::Replace,
                own.matrix.subrows(row, count).transpose(),
                other.matrix.subrows(other_row, count),
                1.0,
                Par::Seq,
            );
        }
        let share_rows = share_rows(own, &total, share_weight);
        let block = equations.as_mut().submatrix_mut(start, start, many, many);
        matmul(block, Accum::Add, share_rows.transpose(), &share_rows, 1.0, Par::Seq);
        add_alias(&mut equations, start, &bases[k]);
        for n in start..start + many {
            equations[(n, n)] += RIDGE / real(bands[k].support.len());
        }
    }
    unless_cancelled()?;
    // Only the lower triangle is filled, which is all that the factorisation reads.
    let factor = equations.llt(Side::Lower).map_err(|_| DualError::Singular)?;
    let solution = factor.solve(&right);
    let found: Vec<f64> = (0..unknowns).map(|n| solution[(n, 0)]).collect();
    if found.iter().any(|value| !value.is_finite()) {
        return Err(DualError::Singular);
    }
    Ok(bases
        .iter()
        .zip(starts.windows(2))
        .map(|(basis, at)| basis.kernel(&found[at[0]..at[1]]))
        .collect())
}

/// Whether the dual of a band mirrors its kernel about the latency.
fn is_symmetric(band: &Band, latency_samples: usize) -> bool {
    let (kernel, support) = (band.kernel, &band.support);
    kernel.is_symmetric()
        && kernel.offset + kernel.length() + support.start + support.end == 2 * latency_samples + 2
}

/// The first unknown of every basis, and the number of unknowns last.
fn starts(bases: &[Basis]) -> Vec<usize> {
    let mut starts = vec![0];
    for basis in bases {
        starts.push(starts[starts.len() - 1] + basis.unknowns());
    }
    starts
}

/// The power of all analysis kernels at every point.
fn total_power(responses: &[Responses], points: usize) -> Vec<f64> {
    let mut total = vec![0.0; points];
    for band in responses {
        for (total, power) in total[band.points.clone()].iter_mut().zip(&band.power) {
            *total += power;
        }
    }
    total
}

/// The weight of the share at a point where the band's own is so large: deviations count against the
/// share itself, so that a band is quiet where others are dominant.
fn share_weight(own: f64, share: f64) -> f64 {
    share * (1.0 + SHARE_MIN) / (own + SHARE_MIN)
}

/// The target of the band's response, in its rows: 1 of the whole, and its own share of that.
fn target_response(band: &Responses, grid: &Grid, total: &[f64], share: f64) -> Mat<f64> {
    let mut target = Mat::zeros(band.matrix.nrows(), 1);
    for (n, point) in band.points.clone().enumerate() {
        let own = band.power[n] / total[point];
        let value = 1.0 + share_weight(own, share) * own;
        target[(n * band.parts, 0)] = grid.weights[point].sqrt() * value;
    }
    target
}

/// The rows of the band's response times the square roots of the weights of its share.
fn share_rows(band: &Responses, total: &[f64], share: f64) -> Mat<f64> {
    let weight = |row: usize| {
        let n = row / band.parts;
        let own = band.power[n] / total[band.points.start + n];
        if row.is_multiple_of(band.parts) { share_weight(own, share) } else { QUADRATURE * share }
    };
    let roots: Vec<f64> = (0..band.matrix.nrows()).map(|row| weight(row).sqrt()).collect();
    Mat::from_fn(roots.len(), band.matrix.ncols(), |row, n| roots[row] * band.matrix[(row, n)])
}

fn add_alias(equations: &mut Mat<f64>, start: usize, basis: &Basis) {
    let many = basis.alias.nrows();
    for part in 0..basis.unknowns() / many {
        for column in 0..many {
            for row in column..many {
                equations[(start + part * many + row, start + part * many + column)] +=
                    basis.alias[(row, column)];
            }
        }
    }
}
