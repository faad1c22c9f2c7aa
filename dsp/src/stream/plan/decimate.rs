//! Kernels at a lower rate: every Mth tap, and an edge at the full rate.

use super::SubRate;
use crate::cast::real;
use crate::kernel::Kernel;
use num_complex::Complex;

/// The most that a decimated kernel may differ from the whole one, in power: −125 dB. The live engine then
/// differs from the definition by less than −118 dB, single precision included (`tests/offline.rs`).
const MAX_DIFFERENCE: f64 = 3e-13;

/// Taps at the ends that are smaller than this part of the greatest are left out: −180 dB, far below the
/// rounding of single precision, −144 dB.
const NEGLIGIBLE: f64 = 1e-9;

/// A kernel at a lower rate.
pub(crate) struct DecimatedKernel {
    /// Samples of the lower rate between the newest input, or the earliest output, that it reaches and the
    /// first tap.
    pub near: usize,
    /// The taps at the lower rate.
    pub taps: Vec<Complex<f64>>,
    /// The residual near now, at the full rate; without taps where there is none.
    pub edge: Kernel,
}

/// A kernel at a lower rate, where that represents it within [`MAX_DIFFERENCE`]. The first sample of that rate
/// is `first` samples of the full rate from the kernel's time 0; the lower rate has nothing before `earliest`.
pub(crate) fn decimate(
    kernel: &Kernel,
    rate: &SubRate,
    first: usize,
    earliest: usize,
) -> Option<DecimatedKernel> {
    let (factor, reach) = (rate.factor(), rate.reach);
    let begin = first + (earliest + reach).saturating_sub(first).next_multiple_of(factor);
    let begin = begin + kernel.offset.saturating_sub(begin).next_multiple_of(factor);
    let taps: Vec<_> = (begin..kernel.length())
        .step_by(factor)
        .map(|time| kernel.taps[time - kernel.offset])
        .collect();
    let mut residual = vec![Complex::ZERO; kernel.length() + 2 * reach];
    residual[kernel.offset..kernel.length()].copy_from_slice(&kernel.taps);
    for (i, tap) in taps.iter().enumerate() {
        let start = begin + i * factor - reach;
        for (residual, lowpass) in residual[start..].iter_mut().zip(&rate.interpolator) {
            *residual -= tap * lowpass;
        }
    }
    let power = |taps: &[Complex<f64>]| taps.iter().map(Complex::norm_sqr).sum::<f64>();
    let most = MAX_DIFFERENCE * power(&kernel.taps);
    let mut edge = Kernel { offset: 0, taps: Vec::new() };
    if power(&residual) > most {
        let end = residual.len().min(earliest + 2 * reach + factor);
        edge = trimmed(earliest, &residual[earliest..end], kernel);
        residual[earliest..end].fill(Complex::ZERO);
    }
    let near = (begin - first - reach) / factor;
    (power(&residual) <= most && !taps.is_empty()).then_some(DecimatedKernel { near, taps, edge })
}

/// The taps from this time on, without those at either end that are negligible beside the kernel's.
fn trimmed(time: usize, taps: &[Complex<f64>], kernel: &Kernel) -> Kernel {
    let greatest = kernel.taps.iter().map(|tap| tap.norm()).fold(0.0, f64::max);
    let counts = |tap: &Complex<f64>| tap.norm() > NEGLIGIBLE * greatest;
    let first = taps.iter().position(counts).unwrap_or(0);
    let end = taps.iter().rposition(counts).map_or(first, |last| last + 1);
    Kernel { offset: time + first, taps: taps[first..end].to_vec() }
}

impl DecimatedKernel {
    pub const fn has_edge(&self) -> bool {
        !self.edge.taps.is_empty()
    }

    /// The taps that are multiplied for each coefficient.
    pub fn work(&self) -> f64 {
        real(self.taps.len() + self.edge.taps.len())
    }
}

#[cfg(test)]
mod tests {
    use super::{SubRate, decimate};
    use crate::cast::real;
    use crate::kernel::{Kernel, phasor};
    use num_complex::Complex;

    /// A kernel at so many cycles per sample, under a Hann window squared.
    fn kernel(offset: usize, cycles: f64) -> Kernel {
        let tap = |n: usize| {
            let window = (std::f64::consts::PI * (real(n) + 0.5) / 800.0).sin();
            phasor(cycles * real(n)) * window.powi(4)
        };
        Kernel { offset, taps: (0..800).map(tap).collect() }
    }

    #[test]
    fn the_lower_rate_and_the_edge_sum_to_the_kernel() {
        for rate in SubRate::all() {
            for (offset, earliest) in [(0, 0), (40, 32), (300, 0), (301, 128)] {
                let kernel = kernel(offset, 0.02);
                let first = 1;
                let decimated = decimate(&kernel, &rate, first, earliest).expect("a low band");
                assert_eq!(decimated.has_edge(), offset < earliest + rate.span() / 2);
                let begin = first + decimated.near * rate.factor();
                let mut sum = vec![Complex::ZERO; kernel.length() + 2 * rate.span()];
                for (i, tap) in decimated.taps.iter().enumerate() {
                    let start = begin + i * rate.factor();
                    assert!(start >= earliest, "{start}");
                    for (sum, lowpass) in sum[start..].iter_mut().zip(&rate.interpolator) {
                        *sum += tap * lowpass;
                    }
                }
                for (n, tap) in decimated.edge.taps.iter().enumerate() {
                    sum[decimated.edge.offset + n] += tap;
                }
                for (n, tap) in kernel.taps.iter().enumerate() {
                    sum[kernel.offset + n] -= tap;
                }
                let worst = sum.iter().map(|residual| residual.norm()).fold(0.0, f64::max);
                assert!(worst < 2e-6, "{worst} at a {}th of the rate", rate.factor());
            }
        }
    }

    #[test]
    fn a_band_above_a_rate_is_left_at_the_full_one() {
        for rate in SubRate::all() {
            assert!(decimate(&kernel(0, 0.6 / real(rate.factor())), &rate, 0, 0).is_none());
        }
    }
}
