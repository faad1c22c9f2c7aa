//! How much given kernels may take: they come from files that anyone may have made.

use super::{UserKernelError, UserKernels};
use crate::dual;
use num_complex::Complex;

impl UserKernels {
    /// The longest kernel in samples.
    pub const LONGEST: usize = 65_536;
    /// The most taps of all kernels together as they are given: 64 kernels of the longest.
    pub const TAPS_MAX: usize = 1 << 22;
    /// The most samples of the spectra of all kernels by which a bank is measured: the number of kernels times
    /// the points of a grid that is a multiple of the strides' common period, four for each sample of the longest
    /// kernel and the latency. 16 Mi, which take 700 MB.
    pub const SPECTRA_MAX: usize = 1 << 24;
    /// The most images that are measured: the sum of all strides times the points of that grid; some seconds.
    pub const IMAGES_MAX: usize = 1 << 28;
}

/// Checks what would be allocated and computed, before any of it is.
pub(super) fn check(
    rows: &[Vec<Complex<f64>>],
    strides: &[usize],
    latency_samples: Option<usize>,
) -> Result<(), UserKernelError> {
    let within = |what, given: usize, most, possible| {
        if given > most {
            return Err(UserKernelError::TooMuch { what, given, most, possible });
        }
        Ok(())
    };
    let taps = rows.iter().map(Vec::len).sum();
    within("taps in all", taps, UserKernels::TAPS_MAX, "fewer or shorter kernels")?;
    // Silence at the end is no part of a kernel.
    let length = |row: &Vec<Complex<f64>>| {
        row.iter().rposition(|tap| tap.norm_sqr() > 0.0).map_or(0, |last| last + 1)
    };
    let longest = rows.iter().map(length).max().unwrap_or(1);
    let latency = latency_samples.unwrap_or(longest.saturating_sub(1));
    if latency >= UserKernels::LONGEST {
        return Err(UserKernelError::Latency { given: latency });
    }
    let period = dual::period(strides.iter().copied());
    if period > dual::PERIOD_MAX {
        return Err(UserKernelError::Strides);
    }
    let points = dual::grid_points(period, longest + latency + 1);
    within(
        "kernels times points of their spectra",
        rows.len() * points,
        UserKernels::SPECTRA_MAX,
        "fewer or shorter kernels, or less latency",
    )?;
    // One for all counts for each.
    let times = rows.len() / strides.len().max(1);
    let images = strides.iter().sum::<usize>().saturating_mul(times).saturating_mul(points);
    within(
        "images to be measured",
        images,
        UserKernels::IMAGES_MAX,
        "shorter strides that share factors, such as powers of two",
    )
}
