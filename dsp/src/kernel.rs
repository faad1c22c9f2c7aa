//! A kernel: the taps of one band's analysis or synthesis filter and where they start.

use crate::cast::real;
use num_complex::Complex;
use std::f64::consts::TAU;

/// Taps of a symmetric kernel differ from each other's mirror image by less than this part of the
/// greatest.
const SYMMETRIC: f64 = 1e-9;

/// A complex FIR kernel with its leading zeros left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Kernel {
    /// Samples of silence before the first tap.
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
        let by_size = |a: &&Complex<f64>, b: &&Complex<f64>| a.norm().total_cmp(&b.norm());
        let Some(greatest) = self.taps.iter().max_by(by_size).map(|tap| tap.norm()) else {
            return true;
        };
        let turn = self.turn();
        let pairs = self.taps.iter().zip(self.taps.iter().rev());
        let mut errors = pairs.map(|(tap, mirror)| (mirror - tap.conj() * turn * turn).norm());
        errors.all(|error| error < SYMMETRIC * greatest)
    }

    /// The constant phase of a [symmetric](Self::is_symmetric) kernel, as a factor of magnitude 1 and
    /// of either sign: without it the taps are Hermitian.
    #[must_use]
    pub fn turn(&self) -> Complex<f64> {
        let pairs = self.taps.iter().zip(self.taps.iter().rev());
        let twice: Complex<f64> = pairs.map(|(tap, mirror)| tap * mirror).sum();
        // Nothing turns silence.
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

    /// The response at `cycles` per sample, by turning a phasor from tap to tap.
    pub(crate) fn response(&self, cycles: f64) -> Complex<f64> {
        let step = Complex::cis(-TAU * cycles);
        let mut turn = Complex::cis(-TAU * (cycles * real(self.offset)).fract());
        let mut sum = Complex::new(0.0, 0.0);
        for &tap in &self.taps {
            sum += tap * turn;
            turn *= step;
        }
        sum
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
    fn only_a_kernel_that_mirrors_itself_is_symmetric() {
        let mut kernel = kernel(30, 0.1);
        assert!(kernel.is_symmetric());
        kernel.taps[4] *= Complex::new(1.0, 1e-6);
        assert!(!kernel.is_symmetric());
    }
}
