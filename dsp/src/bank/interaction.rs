//! From amplitudes wanted at the centre frequencies to band gains.
//!
//! Bands overlap: raising one alone by 12 dB raises its centre by about 10. With A_ik the response
//! of band k at centre i, the gains g solve A (g − 1) = (target − 1): flat stays exactly flat. Where
//! bands overlap so much that A is nearly singular, gains stay near their targets instead:
//! minimise |A x − t|² + ε |x − t|².

use super::Bank;
use crate::cast::single;
use nalgebra::DMatrix;

/// ε: errors below 0.01 dB unless neighbouring bands are nearly the same.
const RIDGE: f64 = 1e-6;

/// The matrix that turns wanted changes into changes of gain.
#[derive(Default)]
pub(super) struct Interaction {
    bands: usize,
    /// Row after row.
    inverse: Vec<f32>,
}

impl Interaction {
    /// `None` when the matrix cannot be factored.
    pub fn new(bank: &Bank) -> Option<Self> {
        let bands = bank.bands();
        let mut matrix =
            DMatrix::from_fn(bands, bands, |i, k| bank.band_response(k, bank.centres_hz[i]));
        // Rows sum to 1 but for the dual's error; exactly so, muting all is exactly silence.
        for mut row in matrix.row_iter_mut() {
            let sum = row.sum();
            row /= sum;
        }
        let right = matrix.transpose() + DMatrix::identity(bands, bands) * RIDGE;
        let left = matrix.tr_mul(&matrix) + DMatrix::identity(bands, bands) * RIDGE;
        let inverse = left.cholesky()?.solve(&right);
        let inverse = inverse.transpose().iter().map(|&value| single(value)).collect();
        Some(Self { bands, inverse })
    }

    pub fn solve(&self, targets: &[f32], gains: &mut [f32]) {
        let targets = &targets[..self.bands];
        let rows = self.inverse.chunks_exact(self.bands.max(1));
        for (gain, row) in gains[..self.bands].iter_mut().zip(rows) {
            *gain = 1.0 + row.iter().zip(targets).map(|(a, t)| a * (t - 1.0)).sum::<f32>();
        }
    }
}
