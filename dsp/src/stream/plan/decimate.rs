//! Kernels at a lower rate: every Mth tap, and an edge at the full rate.

use super::SubRate;
use crate::cast::real;
use crate::kernel::Kernel;
use num_complex::Complex;

/// The most that a thinned kernel may differ from the whole one, in power: −125 dB. The live engine then
/// differs from the definition by less than −118 dB, single precision included (`tests/offline.rs`).
const DIFFERENCE: f64 = 3e-13;

/// Taps at the ends that are smaller than this part of the greatest are left out: −180 dB, far below the
/// rounding of single precision, −144 dB.
const NOTHING: f64 = 1e-9;

/// A kernel at a lower rate.
pub(crate) struct DecimatedKernel {
    /// Samples of the lower rate between the newest it knows, or the soonest it sounds at, and the first
    /// tap.
    pub near: usize,
    /// The taps at the lower rate.
    pub taps: Vec<Complex<f64>>,
    /// What they leave out near now, at the full rate; without taps where that is nothing.
    pub edge: Kernel,
}

/// A kernel at a lower rate, where that tells all of it. The first sample of that rate is `first` samples
/// of the full rate from the kernel's time 0; nothing is at the lower rate before `soonest`.
pub(crate) fn decimate(
    kernel: &Kernel,
    rate: &SubRate,
    first: usize,
    soonest: usize,
) -> Option<DecimatedKernel> {
    let (factor, reach) = (rate.factor(), rate.reach);
    let begin = first + (soonest + reach).saturating_sub(first).next_multiple_of(factor);
    let begin = begin + kernel.offset.saturating_sub(begin).next_multiple_of(factor);
    let taps: Vec<_> = (begin..kernel.length())
        .step_by(factor)
        .map(|time| kernel.taps[time - kernel.offset])
        .collect();
    let mut missed = vec![Complex::ZERO; kernel.length() + 2 * reach];
    missed[kernel.offset..kernel.length()].copy_from_slice(&kernel.taps);
    for (i, tap) in taps.iter().enumerate() {
        let start = begin + i * factor - reach;
        for (missed, lowpass) in missed[start..].iter_mut().zip(&rate.interpolator) {
            *missed -= tap * lowpass;
        }
    }
    let power = |taps: &[Complex<f64>]| taps.iter().map(Complex::norm_sqr).sum::<f64>();
    let most = DIFFERENCE * power(&kernel.taps);
    let mut edge = Kernel { offset: 0, taps: Vec::new() };
    if power(&missed) > most {
        let end = missed.len().min(soonest + 2 * reach + factor);
        edge = trimmed(soonest, &missed[soonest..end], kernel);
        missed[soonest..end].fill(Complex::ZERO);
    }
    let near = (begin - first - reach) / factor;
    (power(&missed) <= most && !taps.is_empty()).then_some(DecimatedKernel { near, taps, edge })
}

/// The taps from this time on, without those at either end that are nothing beside the kernel's.
fn trimmed(time: usize, taps: &[Complex<f64>], kernel: &Kernel) -> Kernel {
    let greatest = kernel.taps.iter().map(|tap| tap.norm()).fold(0.0, f64::max);
    let counts = |tap: &Complex<f64>| tap.norm() > NOTHING * greatest;
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
    fn what_a_lower_rate_and_the_edge_tell_is_the_kernel() {
        for rate in SubRate::all() {
            for (offset, soonest) in [(0, 0), (40, 32), (300, 0), (301, 128)] {
                let kernel = kernel(offset, 0.02);
                let first = 1;
                let decimated = decimate(&kernel, &rate, first, soonest).expect("a low band");
                assert_eq!(decimated.has_edge(), offset < soonest + rate.span() / 2);
                let begin = first + decimated.near * rate.factor();
                let mut told = vec![Complex::ZERO; kernel.length() + 2 * rate.span()];
                for (i, tap) in decimated.taps.iter().enumerate() {
                    let start = begin + i * rate.factor();
                    assert!(start >= soonest, "{start}");
                    for (told, lowpass) in told[start..].iter_mut().zip(&rate.interpolator) {
                        *told += tap * lowpass;
                    }
                }
                for (n, tap) in decimated.edge.taps.iter().enumerate() {
                    told[decimated.edge.offset + n] += tap;
                }
                for (n, tap) in kernel.taps.iter().enumerate() {
                    told[kernel.offset + n] -= tap;
                }
                let worst = told.iter().map(|missed| missed.norm()).fold(0.0, f64::max);
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
