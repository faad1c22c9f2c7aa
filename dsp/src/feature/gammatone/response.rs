//! What bands do to impulses and to steady sinusoids.

use super::Gammatone;
use super::order::{POWER, power_sums};
use crate::cast::real;
use crate::feature::FeatureMatrix;
use num_complex::Complex;
use std::f64::consts::TAU;

impl Gammatone {
    /// The impulse responses from time 0: bands × samples.
    #[must_use]
    pub fn impulse_responses(&self, samples: usize) -> FeatureMatrix {
        let mut responses = FeatureMatrix::zeros(self.bands(), samples);
        for band in 0..self.bands() {
            let (pole, level) = (self.poles[band], self.levels[band]);
            let (decay, cycles) = (pole.norm(), self.centres_hz[band] / self.sample_rate_hz);
            let delay = self.delays_samples[band];
            for (time, value) in responses.row_mut(band).iter_mut().enumerate() {
                let since = isize::try_from(time).unwrap_or(isize::MAX) - delay;
                // Nothing comes before the delayed impulse.
                let n = real(usize::try_from(since).unwrap_or(0));
                let carrier = Complex::cis(TAU * (cycles * n).fract());
                let rise: f64 = (0..POWER).map(|_| n).product();
                *value = (level * carrier).re * rise * decay.powf(n);
            }
        }
        responses
    }

    /// The complex gain of a band at `hz`, alignment included.
    #[must_use]
    pub fn response(&self, band: usize, hz: f64) -> Complex<f64> {
        self.sums(band, hz).0 * self.delay_turn(band, hz)
    }

    /// The complex gains of all bands at these frequencies, band after band.
    #[must_use]
    pub fn responses(&self, hz: &[f64]) -> Vec<Complex<f64>> {
        let band = |band| hz.iter().map(move |&hz| self.response(band, hz));
        (0..self.bands()).flat_map(band).collect()
    }

    /// The gain of a band at its centre frequency.
    #[must_use]
    pub fn gain_at_centre(&self, band: usize) -> f64 {
        self.response(band, self.centres_hz[band]).norm()
    }

    /// The group delay of a band at its centre frequency in samples, alignment included.
    #[must_use]
    pub fn delay_at_centre_samples(&self, band: usize) -> f64 {
        let (sum, weighted) = self.sums(band, self.centres_hz[band]);
        (weighted / sum).re + delay(self.delays_samples[band])
    }

    /// The phase of a band at rising frequencies in radians, without jumps where they are close.
    #[must_use]
    pub fn phase_spectrum(&self, band: usize, hz: &[f64]) -> Vec<f64> {
        let mut last = 0.0;
        hz.iter()
            .enumerate()
            .map(|(k, &hz)| {
                let phase = self.response(band, hz).arg();
                let turns = if k == 0 { 0.0 } else { ((last - phase) / TAU).round() };
                last = phase + TAU * turns;
                last
            })
            .collect()
    }

    /// Σ h\[n\] e^(−iωn) and Σ n h\[n\] e^(−iωn), h the impulse response before alignment.
    fn sums(&self, band: usize, hz: f64) -> (Complex<f64>, Complex<f64>) {
        let angle = TAU * hz / self.sample_rate_hz;
        let side = |pole: Complex<f64>, level: Complex<f64>| {
            power_sums(pole * Complex::cis(-angle)).map(|sum| level * sum)
        };
        let (pole, level) = (self.poles[band], self.levels[band]);
        let (own, mirror) = (side(pole, level), side(pole.conj(), level.conj()));
        (0.5 * (own[0] + mirror[0]), 0.5 * (own[1] + mirror[1]))
    }

    fn delay_turn(&self, band: usize, hz: f64) -> Complex<f64> {
        let cycles = hz / self.sample_rate_hz * delay(self.delays_samples[band]);
        Complex::cis(-TAU * cycles.fract())
    }
}

/// A delay as a real number.
fn delay(samples: isize) -> f64 {
    let size = real(samples.unsigned_abs());
    if samples < 0 { -size } else { size }
}
