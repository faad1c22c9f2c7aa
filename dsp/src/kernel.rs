//! A kernel: the taps of one band's analysis or synthesis filter and where they start.

use crate::cast::real;
use crate::vectors::Vectors;
use num_complex::Complex;
use pulp::{Simd, WithSimd};
use std::f64::consts::TAU;

/// Taps of a symmetric kernel differ from each other's mirror image by less than this part of the greatest:
/// −180 dB, above the rounding with which kernels are designed and below that of single precision.
const SYMMETRIC: f64 = 1e-9;

/// A complex FIR kernel with its leading zeros left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Kernel {
    /// Samples before the first tap.
    pub offset: usize,
    /// The taps, in samples from `offset` on.
    pub taps: Vec<Complex<f64>>,
}

impl Kernel {
    /// The samples from time 0 to the last tap.
    #[must_use]
    pub const fn length(&self) -> usize {
        self.offset + self.taps.len()
    }

    /// The mean frequency of the kernel's power spectrum in cycles per sample, −½ to ½; ½ for a
    /// kernel of real taps that alternate, 0 for one of silence. The two mirrored halves of a real
    /// band-pass's spectrum would have a mean of 0: there it is that of the upper half.
    #[must_use]
    pub fn centre_cycles(&self) -> f64 {
        let mean = self.mean_phasor();
        if mean.im == 0.0 && self.is_real() {
            return self.real_centre_cycles();
        }
        let cycles = mean.arg() / TAU;
        // The sign of a zero decides between the two names of the Nyquist frequency.
        if cycles <= -0.5 { 0.5 } else { cycles }
    }

    /// Σ h\[n + 1\] h*\[n\]: the power spectrum's mean of e^(iω).
    fn mean_phasor(&self) -> Complex<f64> {
        self.taps.windows(2).map(|pair| pair[1] * pair[0].conj()).sum()
    }

    /// Whether all taps are real numbers.
    #[must_use]
    pub fn is_real(&self) -> bool {
        self.taps.iter().all(|tap| tap.im == 0.0)
    }

    /// The centre of a kernel of real taps: 0 or ½ where its spectrum peaks there, else the mean over
    /// the upper half of the spectrum.
    fn real_centre_cycles(&self) -> f64 {
        let size = (8 * self.taps.len().max(1)).next_power_of_two();
        let spectrum = self.spectrum(&*rustfft::FftPlanner::new().plan_fft_forward(size));
        let power = |bin: usize| spectrum[bin].norm_sqr();
        let peak = (0..=size / 2).max_by(|&a, &b| power(a).total_cmp(&power(b))).unwrap_or(0);
        if power(peak) == 0.0 || peak == 0 {
            return 0.0;
        }
        if peak == size / 2 {
            return 0.5;
        }
        let mean: Complex<f64> =
            (0..=size / 2).map(|bin| power(bin) * phasor(real(bin) / real(size))).sum();
        mean.arg() / TAU
    }

    /// Whether the taps are Hermitian about their middle but for a constant phase.
    #[must_use]
    pub fn is_symmetric(&self) -> bool {
        let greatest = self.taps.iter().map(|tap| tap.norm()).fold(0.0, f64::max);
        let factor = self.phase_factor();
        let pairs = self.taps.iter().zip(self.taps.iter().rev());
        let mut errors = pairs.map(|(tap, mirror)| (mirror - tap.conj() * factor * factor).norm());
        errors.all(|error| error < SYMMETRIC * greatest)
    }

    /// The constant phase of a [symmetric](Self::is_symmetric) kernel, as a factor of magnitude 1 and
    /// of either sign: without it the taps are Hermitian.
    #[must_use]
    pub fn phase_factor(&self) -> Complex<f64> {
        let pairs = self.taps.iter().zip(self.taps.iter().rev());
        let twice: Complex<f64> = pairs.map(|(tap, mirror)| tap * mirror).sum();
        // Any phase will do for a kernel of zeros.
        if twice == Complex::ZERO { Complex::ONE } else { Complex::cis(twice.arg() / 2.0) }
    }

    /// The spectrum on the first `spectrum.len()` multiples of 2π / `spectrum.len()`.
    pub(crate) fn spectrum(&self, fft: &dyn rustfft::Fft<f64>) -> Vec<Complex<f64>> {
        let mut spectrum = vec![Complex::new(0.0, 0.0); fft.len()];
        // A kernel longer than the FFT wraps around: the same values at the same frequencies.
        for (n, tap) in self.taps.iter().enumerate() {
            spectrum[(self.offset + n) % fft.len()] += tap;
        }
        fft.process(&mut spectrum);
        spectrum
    }

    /// The response at `cycles` per sample.
    pub(crate) fn response(&self, cycles: f64) -> Complex<f64> {
        let [response] = self.responses_at([cycles]);
        response
    }

    /// The responses at many frequencies in cycles per sample, to the bit those of [`Self::response`].
    pub(crate) fn responses(&self, cycles: &[f64]) -> Vec<Complex<f64>> {
        Vectors::new().dispatch(SideBySide { kernel: self, cycles })
    }

    /// The responses at `cycles` per sample, by rotating phasors from tap to tap.
    #[inline(always)]
    fn responses_at<const N: usize>(&self, cycles: [f64; N]) -> [Complex<f64>; N] {
        let steps = cycles.map(|cycles| Complex::cis(-TAU * cycles));
        let phasors =
            cycles.map(|cycles| Complex::cis(-TAU * (cycles * real(self.offset)).fract()));
        let (step_re, step_im) = (steps.map(|step| step.re), steps.map(|step| step.im));
        let (mut re, mut im) = (phasors.map(|phasor| phasor.re), phasors.map(|phasor| phasor.im));
        let (mut sum_re, mut sum_im) = ([0.0; N], [0.0; N]);
        for tap in &self.taps {
            for n in 0..N {
                sum_re[n] += tap.re * re[n] - tap.im * im[n];
                sum_im[n] += tap.re * im[n] + tap.im * re[n];
                (re[n], im[n]) = (
                    re[n] * step_re[n] - im[n] * step_im[n],
                    im[n] * step_re[n] + re[n] * step_im[n],
                );
            }
        }
        std::array::from_fn(|n| Complex::new(sum_re[n], sum_im[n]))
    }
}

/// [`Kernel::responses`], for whatever vectors there are.
struct SideBySide<'a> {
    kernel: &'a Kernel,
    cycles: &'a [f64],
}

/// Frequencies computed together: at a single one, each rotation would wait for the one before. Eight: a vector of
/// AVX-512, or two or more of the others.
const TOGETHER: usize = 8;

impl WithSimd for SideBySide<'_> {
    type Output = Vec<Complex<f64>>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        let mut responses = Vec::with_capacity(self.cycles.len());
        for cycles in self.cycles.chunks(TOGETHER) {
            let mut whole = [0.0; TOGETHER];
            whole[..cycles.len()].copy_from_slice(cycles);
            responses.extend_from_slice(&self.kernel.responses_at(whole)[..cycles.len()]);
        }
        responses
    }
}

/// A phasor at `cycles`, with the whole turns taken out first.
pub(crate) fn phasor(cycles: f64) -> Complex<f64> {
    Complex::cis(TAU * cycles.fract())
}

#[cfg(test)]
mod tests {
    use super::{Kernel, phasor};
    use crate::cast::real;
    use num_complex::Complex;

    fn kernel(length: usize, cycles: f64) -> Kernel {
        let tap = |n: usize| {
            let window = (std::f64::consts::PI * (real(n) + 0.5) / real(length)).sin();
            window * window * phasor(cycles * real(n) + 0.123)
        };
        Kernel { offset: 3, taps: (0..length).map(tap).collect() }
    }

    #[test]
    fn the_centre_of_a_windowed_exponential_is_its_frequency() {
        for cycles in [-0.2, 0.0, 0.01, 0.3, 0.5] {
            let found = kernel(31, cycles).centre_cycles();
            assert!((found - cycles).abs() < 1e-12, "{found} for {cycles}");
        }
    }

    #[test]
    fn many_responses_are_to_the_bit_those_of_single_frequencies() {
        let kernel = kernel(301, 0.1);
        let cycles: Vec<f64> = (0..37).map(|n| -0.5 + 0.027 * real(n)).collect();
        let single: Vec<_> = cycles.iter().map(|&cycles| kernel.response(cycles)).collect();
        assert_eq!(kernel.responses(&cycles), single);
    }

    #[test]
    fn only_a_kernel_that_mirrors_itself_is_symmetric() {
        let mut kernel = kernel(30, 0.1);
        assert!(kernel.is_symmetric());
        kernel.taps[4] *= Complex::new(1.0, 1e-6);
        assert!(!kernel.is_symmetric());
    }
}
