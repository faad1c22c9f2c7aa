//! What bands do to a steady sinusoid.

use super::Bank;
use crate::cast::{real, single};

/// Beyond this distance from its centre, in units of sample rate ÷ support, a band is silent.
const REACH: f64 = 32.0;

/// Each band's gain at a list of frequencies.
pub struct Responses {
    points: usize,
    /// Band after band, `points` each.
    gains: Vec<f32>,
}

impl Responses {
    /// One band's gain at every frequency, with the delay removed: near 1 at its centre where no
    /// other band helps, 0 far away.
    #[must_use]
    pub fn band(&self, k: usize) -> &[f32] {
        &self.gains[k * self.points..(k + 1) * self.points]
    }

    /// The linear amplitude of the whole at every frequency for the bands' linear gains:
    /// |1 + Σ (g_k − 1) V_k|. Does not allocate.
    pub fn total(&self, gains: &[f32], amplitudes: &mut [f32]) {
        amplitudes.fill(1.0);
        for (gain, band) in gains.iter().zip(self.gains.chunks_exact(self.points.max(1))) {
            for (amplitude, value) in amplitudes.iter_mut().zip(band) {
                *amplitude += (gain - 1.0) * value;
            }
        }
        amplitudes.iter_mut().for_each(|amplitude| *amplitude = amplitude.abs());
    }
}

impl Bank {
    /// Each band's response at frequencies in hertz.
    #[must_use]
    pub fn responses(&self, hz: &[f64]) -> Responses {
        let gains = (0..self.bands())
            .flat_map(|k| hz.iter().map(move |&hz| single(self.band_response(k, hz))))
            .collect();
        Responses { points: hz.len(), gains }
    }

    /// The response of band `k` after analysis and synthesis to a sinusoid at `hz`, with the delay
    /// removed: real, since the dual mirrors the kernel.
    pub(super) fn band_response(&self, k: usize, hz: f64) -> f64 {
        let rate_hz = self.spec.sample_rate_hz;
        let reach_hz = REACH * rate_hz / real(self.supports[k]);
        let side = |hz: f64| {
            // The nearest image of the frequency: bands at Nyquist hear from both sides.
            let away_hz = hz - self.centres_hz[k];
            let away_hz = away_hz - rate_hz * (away_hz / rate_hz).round();
            if away_hz.abs() > reach_hz {
                return 0.0;
            }
            let cycles = hz / rate_hz;
            let delay = num_complex::Complex::cis(
                std::f64::consts::TAU * (cycles * real(self.latency_samples())).fract(),
            );
            (self.kernels[k].response(cycles) * self.duals[k].response(cycles) * delay).re
        };
        0.5 * (side(hz) + side(-hz)) / real(self.strides[k])
    }
}
