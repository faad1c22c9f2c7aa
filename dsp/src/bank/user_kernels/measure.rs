//! What is measured of given kernels.

use crate::cast::real;
use crate::kernel::Kernel;
use num_complex::Complex;
use rustfft::FftPlanner;

/// What a kernel of the greatest power lets through, times this, is nothing: −60 dB.
const NEGLIGIBLE: f64 = 1e-6;

/// A kernel's spectrum in three numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Measured {
    /// Where it peaks, 0 to ½.
    pub centre_cycles: f64,
    /// The equivalent noise bandwidth.
    pub bandwidth_cycles: f64,
    /// The greatest amplitude of a coefficient for a sinusoid of amplitude 1 at the centre.
    pub gain: f64,
}

/// Measures a kernel that is not silent.
pub(super) fn measure(kernel: &Kernel) -> Measured {
    let size = (8 * kernel.taps.len()).next_power_of_two();
    let spectrum = kernel.spectrum(&*FftPlanner::new().plan_fft_forward(size));
    let power = |bin: usize| spectrum[bin % size].norm_sqr();
    // Of the two peaks of a real kernel the one above 0 Hz.
    let peak = (0..size).rev().max_by(|&a, &b| power(a).total_cmp(&power(b))).unwrap_or(0);
    let folded = peak.min(size - peak);
    let centre_cycles = if folded == 0 || 2 * folded == size {
        real(folded) / real(size)
    } else {
        // The top of a parabola through three points in decibels; the sign turns with the side.
        let [below, at, above] =
            [peak + size - 1, peak, peak + 1].map(|bin| power(bin).max(f64::MIN_POSITIVE).ln());
        let bend = below - 2.0 * at + above;
        let away = if bend < 0.0 { (0.5 * (below - above) / bend).clamp(-0.5, 0.5) } else { 0.0 };
        let away = if peak == folded { away } else { -away };
        (real(folded) + away) / real(size)
    };
    let (own, mirror) = (kernel.response(centre_cycles), kernel.response(-centre_cycles));
    // A coefficient of a real kernel swings, that of a complex one turns.
    let gain = 0.5 * (own.norm() + mirror.norm());
    let energy: f64 = kernel.taps.iter().map(Complex::norm_sqr).sum();
    let strongest = own.norm_sqr().max(mirror.norm_sqr());
    let sides =
        if kernel.is_real() && centre_cycles > 0.0 && centre_cycles < 0.5 { 2.0 } else { 1.0 };
    Measured { centre_cycles, bandwidth_cycles: energy / strongest / sides, gain }
}

/// The widest gap in coverage, in cycles per sample, each kernel taken at
/// unit gain.
pub(super) fn gap(kernels: &[Kernel], measured: &[Measured]) -> Option<(f64, f64)> {
    let longest = kernels.iter().map(Kernel::length).max().unwrap_or(1);
    let size = (4 * longest).next_power_of_two();
    let fft = FftPlanner::new().plan_fft_forward(size);
    let mut power = vec![0.0; size / 2 + 1];
    for (kernel, measured) in kernels.iter().zip(measured) {
        let spectrum = kernel.spectrum(&*fft);
        let level = 0.5 / (measured.gain * measured.gain);
        for (bin, power) in power.iter_mut().enumerate() {
            let mirror = spectrum[(size - bin) % size];
            *power += level * (spectrum[bin].norm_sqr() + mirror.norm_sqr());
        }
    }
    let floor = NEGLIGIBLE * power.iter().copied().fold(0.0, f64::max);
    let cycles = |bin: usize| real(bin) / real(size);
    let mut start = 0;
    let mut widest: Option<(usize, usize)> = None;
    for silent in power.chunk_by(|a, b| (*a < floor) == (*b < floor)) {
        let end = start + silent.len();
        if silent[0] < floor && widest.is_none_or(|(a, b)| b - a < end - 1 - start) {
            widest = Some((start, end - 1));
        }
        start = end;
    }
    widest.map(|(low, high)| (cycles(low), cycles(high)))
}

#[cfg(test)]
mod tests {
    use super::{gap, measure};
    use crate::cast::real;
    use crate::kernel::{Kernel, phasor};
    use num_complex::Complex;

    fn kernel(cycles: f64, wave: fn(Complex<f64>) -> Complex<f64>) -> Kernel {
        let window = |n: usize| (std::f64::consts::PI * (real(n) + 0.5) / 40.0).sin().powi(2);
        let tap = |n| 3.0 * window(n) * wave(phasor(cycles * real(n)));
        Kernel { offset: 2, taps: (0..40).map(tap).collect() }
    }

    #[test]
    fn centres_gains_and_bandwidths_are_those_of_sinusoids() {
        for cycles in [0.0, 0.1, 0.237, 0.5] {
            let one_sided = measure(&kernel(cycles, |z| z));
            assert!((one_sided.centre_cycles - cycles).abs() < 1e-5, "{one_sided:?}");
            // A Hann window of 40 samples has a mean of ½ and 1.5 bins of noise bandwidth.
            let edge = if cycles == 0.0 || cycles == 0.5 { 2.0 } else { 1.0 };
            assert!((one_sided.gain / (30.0 * edge) - 1.0).abs() < 1e-3, "{one_sided:?}");
            assert!((one_sided.bandwidth_cycles * 40.0 - 1.5).abs() < 1e-2, "{one_sided:?}");
            // Of negative frequency, which counts at the positive one.
            let mirrored = measure(&kernel(cycles, |z| z.conj()));
            assert!((mirrored.centre_cycles - cycles).abs() < 1e-5, "{mirrored:?}");
        }
        let real_one = measure(&kernel(0.2, |z| Complex::new(z.re, 0.0)));
        assert!((real_one.centre_cycles - 0.2).abs() < 1e-4, "{real_one:?}");
        assert!((real_one.gain / 30.0 - 1.0).abs() < 1e-2, "{real_one:?}");
        assert!((real_one.bandwidth_cycles * 40.0 - 1.5).abs() < 1e-2, "{real_one:?}");
    }

    #[test]
    fn what_no_kernel_covers_is_found() {
        let bank = |count: usize| -> Vec<Kernel> {
            (0..count).map(|k| kernel(real(k) / 40.0, |z| z)).collect()
        };
        let gap_of =
            |kernels: &[Kernel]| gap(kernels, &kernels.iter().map(measure).collect::<Vec<_>>());
        assert_eq!(gap_of(&bank(21)), None);
        let (low, high) = gap_of(&bank(10)).expect("nothing is above 10/40");
        assert!(low > 0.25 && high == 0.5, "{low} to {high}");
    }
}
