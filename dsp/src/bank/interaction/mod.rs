//! From amplitudes wanted at the centre frequencies to band gains.
//!
//! Bands overlap: raising one alone by 12 dB raises its centre by about 10. With A_ik the response
//! of band k at centre i, the changes x = g − 1 solve A x = t, t = target − 1: flat stays exactly
//! flat, and [smooth](is_smooth) curves are met.
//!
//! A curve too steep for the bands would make gains run away, and swing the response between centres
//! down to nulls. Such a curve is met [`steep`]ly: exactly at its peaks, its valleys and everywhere
//! it is level, and as well as the bands can on the slopes between.

mod cholesky;
mod guard;
mod steep;
mod tolerance;

use super::{Bank, BankSpec};
use crate::cast::{real, single};
use faer::linalg::solvers::Solve;
use faer::{Mat, Side};
use tolerance::Tolerances;

/// The most bands that live engines have. Banks of more, of published sizing, have no [`steep`] way.
const MOST: usize = BankSpec::BANDS.1;

/// The accuracy of the response at the centres, in amplitude.
const ACCURACY: f64 = 2.5e-4;

/// The ridge of the solution for smooth curves: errors below 0.01 dB unless neighbouring bands are
/// nearly the same.
const RIDGE: f64 = 1e-6;

/// Rounds in which the imaginary parts of responses are made up for.
const CORRECTIONS: usize = 3;

/// Points from each centre up to the next at which the response is looked after.
const POINTS: usize = 8;

/// What the bands do to each other, all matrices row after row with one column per band.
#[derive(Default)]
pub(super) struct Interaction {
    bands: usize,
    /// The solution for smooth curves: changes from wanted changes.
    smooth: Vec<f32>,
    /// The real part of the responses at the centres: A.
    centres: Vec<f64>,
    /// The imaginary part of the responses at the centres; empty where it is nothing, as in symmetric
    /// banks.
    quadrature: Vec<f64>,
    /// The real part of the responses at [`POINTS`] frequencies from each centre up to the next, and at
    /// the last centre.
    grid: Vec<f64>,
}

impl Interaction {
    /// `None` when the matrix cannot be factored.
    pub fn new(bank: &Bank) -> Option<Self> {
        let matrix = responses(bank, bank.centres_hz());
        Some(Self {
            bands: bank.bands(),
            smooth: rows(&solution(&matrix)?).into_iter().map(single).collect(),
            centres: rows(&matrix),
            quadrature: quadrature(bank),
            grid: rows(&responses(bank, &grid_hz(bank.centres_hz()))),
        })
    }

    /// Gains from targets, both linear.
    pub fn solve(&self, targets: &[f32], gains: &mut [f32]) {
        let (targets, gains) = (&targets[..self.bands], &mut gains[..self.bands]);
        let tolerances = (self.bands <= MOST).then(|| Tolerances::of(targets));
        match tolerances.filter(|tolerances| !tolerances.is_smooth()) {
            Some(tolerances) => self.solve_steeply(targets, &tolerances, gains),
            None => self.solve_smoothly(targets, gains),
        }
        self.guard(targets, gains);
    }

    fn solve_smoothly(&self, targets: &[f32], gains: &mut [f32]) {
        self.apply_smooth(targets, gains);
        if self.quadrature.is_empty() {
            return;
        }
        // Solve again for the real part that, with the imaginary part these gains give, has the
        // magnitude wanted; where bands are too alike for that, keep the best there was.
        let (mut best, mut least) = ([1.0; MOST], f64::INFINITY);
        for round in 0..=CORRECTIONS {
            let mut real_parts = [1.0; MOST];
            let mut error = 0.0_f64;
            let rows = self.quadrature.chunks_exact(self.bands);
            let rows = rows.zip(self.centres.chunks_exact(self.bands));
            for ((part, (quadrature, centre)), target) in
                real_parts.iter_mut().zip(rows).zip(targets)
            {
                let (target, imaginary) = (f64::from(*target), change(quadrature, gains));
                let magnitude = imaginary.hypot(1.0 + change(centre, gains));
                error = error.max((magnitude - target).abs() / target.max(tolerance::OFF));
                *part = single(real_part(target, imaginary));
            }
            if error < least {
                least = error;
                best[..self.bands].copy_from_slice(gains);
            }
            if round < CORRECTIONS {
                self.apply_smooth(&real_parts[..self.bands], gains);
            }
        }
        gains.copy_from_slice(&best[..self.bands]);
    }

    fn apply_smooth(&self, targets: &[f32], gains: &mut [f32]) {
        for (gain, row) in gains.iter_mut().zip(self.smooth.chunks_exact(self.bands.max(1))) {
            let row = row.iter().zip(targets);
            *gain = 1.0 + row.map(|(a, target)| a * (target - 1.0)).sum::<f32>();
        }
    }
}

/// The real part that makes up a magnitude with an imaginary part.
fn real_part(magnitude: f64, imaginary: f64) -> f64 {
    (magnitude * magnitude - imaginary * imaginary).max(0.0).sqrt()
}

/// Σ row_k (gain_k − 1): what gains do against leaving all at 1.
fn change(row: &[f64], gains: &[f32]) -> f64 {
    const LANES: usize = 8;
    let (row_lanes, gain_lanes) = (row.chunks_exact(LANES), gains.chunks_exact(LANES));
    let one = |(a, gain): (&f64, &f32)| a * (f64::from(*gain) - 1.0);
    let rest: f64 = row_lanes.remainder().iter().zip(gain_lanes.remainder()).map(one).sum();
    let mut sums = [0.0; LANES];
    for (row, gains) in row_lanes.zip(gain_lanes) {
        for (sum, pair) in sums.iter_mut().zip(row.iter().zip(gains)) {
            *sum += one(pair);
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// Changes (rows) from wanted changes (columns): AᵀA + ε = Aᵀ + ε; `None` when it cannot be solved.
fn solution(matrix: &Mat<f64>) -> Option<Mat<f64>> {
    let mut normal = matrix.transpose() * matrix;
    let mut adjoint = matrix.transpose().to_owned();
    for k in 0..matrix.ncols() {
        normal[(k, k)] += RIDGE;
        adjoint[(k, k)] += RIDGE;
    }
    Some(normal.llt(Side::Lower).ok()?.solve(adjoint))
}

/// Frequencies of the grid, from the first centre to the last.
fn grid_hz(centres_hz: &[f64]) -> Vec<f64> {
    let between = centres_hz.windows(2).flat_map(|pair| {
        let step_hz = (pair[1] - pair[0]) / real(POINTS);
        (0..POINTS).map(move |point| pair[0] + real(point) * step_hz)
    });
    between.chain(centres_hz.last().copied()).collect()
}

/// The imaginary part of the bands' responses at the centres, row after row, unless it is nothing.
fn quadrature(bank: &Bank) -> Vec<f64> {
    let response = |i: usize, k: usize| bank.band_response(k, bank.centres_hz[i]).im;
    let matrix = Mat::from_fn(bank.bands(), bank.bands(), response);
    // Rounding alone, as in symmetric banks, is not worth the work.
    if matrix.norm_max() < 1e-6 || bank.bands() > MOST { Vec::new() } else { rows(&matrix) }
}

/// The bands' responses (columns) at frequencies (rows), each row's sum made exactly 1: it is but
/// for the dual's error, and exactly so, muting all is exactly silence.
fn responses(bank: &Bank, hz: &[f64]) -> Mat<f64> {
    let mut matrix = Mat::from_fn(hz.len(), bank.bands(), |i, k| bank.band_response(k, hz[i]).re);
    for mut row in matrix.row_iter_mut() {
        let sum: f64 = row.as_ref().iter().sum();
        row.as_mut().iter_mut().for_each(|value| *value /= sum);
    }
    matrix
}

fn rows(matrix: &Mat<f64>) -> Vec<f64> {
    matrix.row_iter().flat_map(|row| row.iter().copied().collect::<Vec<_>>()).collect()
}
