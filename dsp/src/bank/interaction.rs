//! From amplitudes wanted at the centre frequencies to band gains.
//!
//! Bands overlap: raising one alone by 12 dB raises its centre by about 10. With A_ik the response
//! of band k at centre i, the changes x = g − 1 solve A x = t, t = target − 1: flat stays exactly
//! flat, and smooth curves are met.
//!
//! Where bands overlap so much that A is nearly singular, a curve too steep for them would make
//! gains run away, and swing the response between centres down to nulls. Such a curve is met as well
//! as gains can that stay near or above their targets (a response is a mean of the gains around it,
//! and so stays there, too): minimise |A x − t|² + Σ ε_k (x_k − t_k)², each ε large enough that no
//! gain can run away.

use super::{Bank, BankSpec};
use crate::cast::single;
use nalgebra::DMatrix;

/// The least ε: errors below 0.01 dB unless neighbouring bands are nearly the same.
const RIDGE: f64 = 1e-6;

/// The greatest change of a gain for wanted changes of at most 1, in the solution for steep curves.
const REACH: f64 = 8.0;

/// The greatest change of a gain, in greatest wanted changes, at which a curve counts as smooth.
const SMOOTH: f32 = 4.0;

/// A curve is steep when the response between two centres falls so far below both targets: −12 dB.
const NULL: f32 = 0.25;

/// The least gain of a band for a steep curve, in targets: −6 dB.
const LEAST: f32 = 0.5;

/// Rounds in which the imaginary parts of responses are made up for.
const CORRECTIONS: usize = 3;

/// Sweeps over all bands of the solution for steep curves.
const SWEEPS: usize = 24;

/// The matrices that turn wanted changes into changes of gain, all row after row.
#[derive(Default)]
pub(super) struct Interaction {
    bands: usize,
    /// The solution for smooth curves: changes from wanted changes.
    smooth: Vec<f32>,
    /// That for steep curves, but for its bounds.
    steep: Vec<f32>,
    /// AᵀA + ε for steep curves.
    normal: Vec<f32>,
    /// Aᵀ + ε for steep curves.
    adjoint: Vec<f32>,
    /// Responses of the bands half way between each centre and the next.
    between: Vec<f32>,
    /// The imaginary part of A; empty where it is nothing, as in symmetric banks.
    quadrature: Vec<f32>,
}

impl Interaction {
    /// `None` when the matrix cannot be factored.
    pub fn new(bank: &Bank) -> Option<Self> {
        let bands = bank.bands();
        let matrix = responses(bank, bank.centres_hz());
        let midpoints_hz: Vec<f64> =
            bank.centres_hz().windows(2).map(|pair| pair[0].midpoint(pair[1])).collect();
        let mut ridges = vec![RIDGE; bands];
        let smooth = rows(&solution(&matrix, &ridges)?);
        loop {
            let steep = solution(&matrix, &ridges)?;
            let reaches: Vec<f64> = steep.row_iter().map(|row| row.abs().sum()).collect();
            if reaches.iter().all(|&reach| reach <= REACH) {
                return Some(Self {
                    bands,
                    smooth,
                    steep: rows(&steep),
                    normal: rows(&normal(&matrix, &ridges)),
                    adjoint: rows(&adjoint(&matrix, &ridges)),
                    between: rows(&responses(bank, &midpoints_hz)),
                    quadrature: quadrature(bank),
                });
            }
            // With ε → ∞ the solution is the target itself, a reach of 1.
            for (ridge, reach) in ridges.iter_mut().zip(reaches) {
                *ridge *= if reach > REACH { 4.0 } else { 1.0 };
            }
        }
    }

    /// Gains from targets, both linear.
    pub fn solve(&self, targets: &[f32], gains: &mut [f32]) {
        let (targets, gains) = (&targets[..self.bands], &mut gains[..self.bands]);
        self.apply(&self.smooth, targets, gains);
        for _ in 0..CORRECTIONS {
            self.correct(targets, gains);
        }
        if self.is_steep(targets, gains) {
            self.apply(&self.steep, targets, gains);
            self.bound(targets, gains);
        }
    }

    fn apply(&self, matrix: &[f32], targets: &[f32], gains: &mut [f32]) {
        for (gain, row) in gains.iter_mut().zip(matrix.chunks_exact(self.bands.max(1))) {
            *gain = 1.0 + changed(row, targets);
        }
    }

    /// Solves again for the real part that, with the imaginary part these gains give, has the
    /// magnitude wanted.
    fn correct(&self, targets: &[f32], gains: &mut [f32]) {
        if self.quadrature.is_empty() {
            return;
        }
        let mut real_parts = [1.0; BankSpec::BANDS.1];
        let rows = self.quadrature.chunks_exact(self.bands);
        for ((real_part, row), target) in real_parts.iter_mut().zip(rows).zip(targets) {
            let imaginary = changed(row, gains);
            *real_part = (target * target - imaginary * imaginary).max(0.0).sqrt();
        }
        self.apply(&self.smooth, &real_parts[..self.bands], gains);
    }

    /// Whether these gains run away, or the response leaves its targets downwards between centres.
    fn is_steep(&self, targets: &[f32], gains: &[f32]) -> bool {
        let most =
            |values: &[f32]| values.iter().fold(0.0_f32, |most, v| most.max((v - 1.0).abs()));
        let rows = self.between.chunks_exact(self.bands.max(1));
        most(gains) > SMOOTH * most(targets)
            || targets
                .windows(2)
                .zip(rows)
                .any(|(pair, row)| 1.0 + changed(row, gains) < NULL * pair[0].min(pair[1]))
    }

    /// Projected coordinate descent from the gains given.
    fn bound(&self, targets: &[f32], gains: &mut [f32]) {
        for (gain, target) in gains.iter_mut().zip(targets) {
            *gain = gain.max(LEAST * target);
        }
        for _ in 0..SWEEPS {
            for k in 0..self.bands {
                let row = k * self.bands..(k + 1) * self.bands;
                let (normal, adjoint) = (&self.normal[row.clone()], &self.adjoint[row]);
                let left = changed(adjoint, targets) - changed(normal, gains);
                gains[k] = (gains[k] + left / normal[k]).max(LEAST * targets[k]);
            }
        }
    }
}

/// Aᵀ + ε.
fn adjoint(matrix: &DMatrix<f64>, ridges: &[f64]) -> DMatrix<f64> {
    let mut adjoint = matrix.transpose();
    ridges.iter().enumerate().for_each(|(k, ridge)| adjoint[(k, k)] += ridge);
    adjoint
}

/// AᵀA + ε.
fn normal(matrix: &DMatrix<f64>, ridges: &[f64]) -> DMatrix<f64> {
    let mut normal = matrix.tr_mul(matrix);
    ridges.iter().enumerate().for_each(|(k, ridge)| normal[(k, k)] += ridge);
    normal
}

/// Changes (rows) from wanted changes (columns); `None` when the matrix cannot be factored.
fn solution(matrix: &DMatrix<f64>, ridges: &[f64]) -> Option<DMatrix<f64>> {
    Some(normal(matrix, ridges).cholesky()?.solve(&adjoint(matrix, ridges)))
}

/// Σ row_k (value_k − 1): what values do against leaving all at 1.
fn changed(row: &[f32], values: &[f32]) -> f32 {
    row.iter().zip(values).map(|(a, value)| a * (value - 1.0)).sum()
}

/// The imaginary part of the bands' responses at the centres, row after row, unless it is nothing.
fn quadrature(bank: &Bank) -> Vec<f32> {
    let response = |i: usize, k: usize| bank.band_response(k, bank.centres_hz[i]).im;
    let matrix = DMatrix::from_fn(bank.bands(), bank.bands(), response);
    // Rounding alone, as in symmetric banks, is not worth the work.
    if matrix.amax() < 1e-6 || bank.bands() > BankSpec::BANDS.1 {
        Vec::new()
    } else {
        rows(&matrix)
    }
}

/// The bands' responses (columns) at frequencies (rows), each row's sum made exactly 1: it is but
/// for the dual's error, and exactly so, muting all is exactly silence.
fn responses(bank: &Bank, hz: &[f64]) -> DMatrix<f64> {
    let mut matrix =
        DMatrix::from_fn(hz.len(), bank.bands(), |i, k| bank.band_response(k, hz[i]).re);
    for mut row in matrix.row_iter_mut() {
        let sum = row.sum();
        row /= sum;
    }
    matrix
}

fn rows(matrix: &DMatrix<f64>) -> Vec<f32> {
    matrix.transpose().iter().map(|&value| single(value)).collect()
}
