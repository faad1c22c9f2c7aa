//! What bands do to a steady sinusoid.

use super::Bank;
use crate::cast::{real, single};
use num_complex::Complex;

/// Beyond this distance from its centre, in units of sample rate ÷ support, a band is silent.
const REACH: f64 = 32.0;

/// Each band's gain at a list of frequencies.
pub struct Responses {
    points: usize,
    /// Band after band, `points` each.
    gains: Vec<Complex<f32>>,
}

impl Responses {
    /// One band's gain at every frequency, with the delay removed: near 1 at its centre where no
    /// other band helps, 0 far away. Real in an ISAC bank.
    #[must_use]
    pub fn band(&self, k: usize) -> &[Complex<f32>] {
        &self.gains[k * self.points..(k + 1) * self.points]
    }

    /// The linear amplitude of the whole at every frequency for the bands' linear gains:
    /// |1 + Σ (g_k − 1) V_k|. Does not allocate.
    pub fn total(&self, gains: &[f32], amplitudes: &mut [f32]) {
        for (point, amplitude) in amplitudes.iter_mut().enumerate().take(self.points) {
            let bands = self.gains.iter().skip(point).step_by(self.points);
            let change: Complex<f32> = gains.iter().zip(bands).map(|(g, v)| v * (g - 1.0)).sum();
            *amplitude = (1.0 + change).norm();
        }
    }
}

impl Bank {
    /// Each band's response at frequencies in hertz.
    #[must_use]
    pub fn responses(&self, hz: &[f64]) -> Responses {
        let gains = (0..self.bands())
            .flat_map(|k| hz.iter().map(move |&hz| self.band_response(k, hz)))
            .map(|value| Complex::new(single(value.re), single(value.im)))
            .collect();
        Responses { points: hz.len(), gains }
    }

    /// The response of band `k` after analysis and synthesis to a sinusoid at `hz`, with the delay
    /// removed.
    pub(super) fn band_response(&self, k: usize, hz: f64) -> Complex<f64> {
        let rate_hz = self.spec.sample_rate_hz;
        let reach_hz = REACH * rate_hz / real(self.supports[k]);
        let side = |hz: f64| {
            // The nearest image of the frequency: bands at Nyquist hear from both sides.
            let away_hz = hz - self.centres_hz[k];
            let away_hz = away_hz - rate_hz * (away_hz / rate_hz).round();
            if away_hz.abs() > reach_hz {
                return Complex::new(0.0, 0.0);
            }
            let cycles = hz / rate_hz;
            let delay = Complex::cis(
                std::f64::consts::TAU * (cycles * real(self.latency_samples())).fract(),
            );
            self.kernels[k].response(cycles) * self.duals[k].response(cycles) * delay
        };
        0.5 * (side(hz) + side(-hz).conj()) / real(self.strides[k])
    }
}
