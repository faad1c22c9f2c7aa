//! The learned dual: synthesis kernels that undo a strided analysis bank.
//!
//! With analysis kernels h_k and strides d_k, the coefficients are
//! c_k\[j\] = Σ_l h_k\[l\] x\[j d_k − l\] and the output y\[n\] = Re Σ_k Σ_j f_k\[n − j d_k\] c_k\[j\].
//! The published ISAC bank learns f_k by gradient descent on the error of y against the delayed x.
//! That loss is quadratic, so it is minimised here in one step: over all ω
//!
//! | Re Σ_k F_k H_k / d_k − e^(−jωL) |² + Σ_k | F_k |² S_k,  S_k = Σ_(m≠0) | H_k(ω + 2πm/d_k) / d_k |²
//!
//! The first term is the error at flat settings. The second is each band's own alias power, on its
//! own so that it stays low for *any* band gains. Each f_k is a short sum of exponentials around the
//! band's centre frequency, all that its passband can hold, so there are a few hundred unknowns at
//! any sample rate and one Cholesky factorisation finds them.

mod basis;

use crate::bank::{DesignError, Kernel};
use crate::cast::real;
use basis::Basis;
use nalgebra::{DMatrix, DVector};
use num_complex::Complex;
use rustfft::FftPlanner;
use std::ops::Range;

/// Weight on the coefficients' energy, times the support, of symmetric banks and of others. It lets
/// bands that overlap share the work, far below any error that could be heard; less would leave it to
/// whichever band has a trace less alias.
const RIDGES: (f64, f64) = (1e-11, 1e-12);

/// A band to be undone.
pub struct Band<'a> {
    /// The analysis kernel.
    pub kernel: &'a Kernel,
    /// Whether the kernel's taps are Hermitian about their middle but for a constant phase. The dual
    /// then is so too, with its support the kernel's mirrored about the latency, at half the unknowns.
    pub symmetric: bool,
    /// Where the dual may have taps, in samples after the coefficient.
    pub support: Range<usize>,
    /// The centre frequency in cycles per sample, 0 to ½.
    pub centre_cycles: f64,
    /// Samples between coefficients.
    pub stride: usize,
}

/// Learns the synthesis kernels of `bands` for a total latency of `latency_samples`. All bands are
/// symmetric, or none. Deterministic.
///
/// # Errors
/// [`DesignError::Singular`] when the equations have no stable solution, and
/// [`DesignError::Cancelled`] soon after `cancelled` says so.
///
/// # Panics
/// When a kernel or a support is empty.
pub fn learn(
    bands: &[Band],
    latency_samples: usize,
    cancelled: &dyn Fn() -> bool,
) -> Result<Vec<Kernel>, DesignError> {
    // Long enough for the response of every band, kernel after kernel.
    let length = |band: &Band| band.kernel.length() + band.support.end;
    let size = bands.iter().map(length).max().unwrap_or(1).next_power_of_two();
    let fft = FftPlanner::new().plan_fft_forward(size);
    let mut bases = Vec::with_capacity(bands.len());
    for band in bands {
        if cancelled() {
            return Err(DesignError::Cancelled);
        }
        bases.push(Basis::new(band, latency_samples, &*fft));
    }
    let starts = starts(&bases);
    let ridge = if bands.iter().all(|band| band.symmetric) { RIDGES.0 } else { RIDGES.1 };
    let unknowns = *starts.last().unwrap_or(&0);
    let mut equations = DMatrix::<f64>::zeros(unknowns, unknowns);
    let mut right = DVector::<f64>::zeros(unknowns);
    for (k, basis) in bases.iter().enumerate() {
        if cancelled() {
            return Err(DesignError::Cancelled);
        }
        right.rows_mut(starts[k], basis.len()).copy_from(&basis.against_unity());
        let mut own = equations.view_mut((starts[k], starts[k]), (basis.len(), basis.len()));
        own += &basis.alias;
        for n in 0..basis.len() {
            own[(n, n)] += ridge / real(bands[k].support.len());
        }
        for (l, other) in bases.iter().enumerate().take(k + 1) {
            if let Some(product) = basis.product(other) {
                let mut block =
                    equations.view_mut((starts[k], starts[l]), (basis.len(), other.len()));
                block += &product;
            }
        }
    }
    // Only the lower triangle is filled, which is all that the factorisation reads.
    let factor = equations.cholesky().ok_or(DesignError::Singular)?;
    let solution = factor.solve(&right);
    if solution.iter().any(|value| !value.is_finite()) {
        return Err(DesignError::Singular);
    }
    let kernel = |k: usize| {
        let basis: &Basis = &bases[k];
        basis.kernel(&bands[k], solution.rows(starts[k], basis.len()).as_slice())
    };
    Ok((0..bands.len()).map(kernel).collect())
}

/// The first unknown of every basis, and the number of unknowns last.
fn starts(bases: &[Basis]) -> Vec<usize> {
    let mut starts = vec![0];
    for basis in bases {
        starts.push(starts[starts.len() - 1] + basis.len());
    }
    starts
}

/// A phasor at `cycles`, with the whole turns taken out first.
fn phasor(cycles: f64) -> Complex<f64> {
    Complex::cis(std::f64::consts::TAU * cycles.fract())
}
