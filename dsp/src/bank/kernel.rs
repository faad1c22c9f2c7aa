//! A kernel: the taps of one band's analysis or synthesis filter and where they start.

use num_complex::Complex;
use std::f64::consts::TAU;

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
        let mut turn = Complex::cis(-TAU * (cycles * crate::cast::real(self.offset)).fract());
        let mut sum = Complex::new(0.0, 0.0);
        for &tap in &self.taps {
            sum += tap * turn;
            turn *= step;
        }
        sum
    }
}
