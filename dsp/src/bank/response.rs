//! The bands' frequency responses, analysis and synthesis together.

use super::collapse::ImpulseResponses;
use super::minimum_phase::MinimumPhase;
use super::{Bank, Phase};
use crate::cast::{real, single};
use num_complex::Complex;
use std::sync::Arc;

/// Beyond this distance from its centre, in units of sample rate ÷ support, a band's response is taken as 0: the
/// sidelobes of Hann² alone, of which kernel and dual have one each, are below −149 dB there.
const REACH: f64 = 32.0;

/// The same in noise bandwidths, for bands far wider than their support makes them.
const PASSBANDS: f64 = 2.0;

/// Each band's gain at a list of frequencies.
pub struct Responses {
    points: usize,
    /// Band after band, `points` each.
    gains: Vec<Complex<f32>>,
    /// The phase that is played, where it is not that of the bank.
    minimum_phase: Option<MixedPhase>,
}

/// What it takes to know the phase of all bands together.
struct MixedPhase {
    responses: Arc<ImpulseResponses>,
    latency_samples: usize,
    phase: MinimumPhase,
    /// The frequencies, in bins.
    bins: Vec<f64>,
}

impl MixedPhase {
    fn new(bank: &Bank, hz: &[f64]) -> Self {
        let points = bank.minimum_phase_sizes().fine_points;
        let bins = hz.iter().map(|hz| hz / bank.spec.sample_rate_hz * real(points));
        Self {
            responses: bank.impulse_responses().clone(),
            latency_samples: bank.kernel_latency_samples(),
            phase: MinimumPhase::new(points),
            bins: bins.collect(),
        }
    }

    fn responses(&self, gains: &[f32]) -> Vec<Complex<f32>> {
        let mut work = self.phase.work();
        self.responses.add_whole(gains, self.latency_samples, &mut work.samples);
        self.phase.responses(&mut work, &self.bins)
    }
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
        self.mixed(gains, [1.0, 1.0], amplitudes);
    }

    /// The same where the dry sound and the change are summed with linear gains of their own, as a mix
    /// has them: |dry + change Σ (g_k − 1) V_k|, or |dry + change (H − 1)| of a whole H with [minimum
    /// phase](super::Phase::Minimum), which takes milliseconds and allocates where the two are not the same. Otherwise
    /// does not allocate.
    #[expect(clippy::float_cmp)] // Equal gains are those of a sound that is not mixed.
    pub fn mixed(&self, gains: &[f32], [dry, change]: [f32; 2], amplitudes: &mut [f32]) {
        if let Some(minimum_phase) = self.minimum_phase.as_ref().filter(|_| dry != change) {
            for (amplitude, whole) in amplitudes.iter_mut().zip(minimum_phase.responses(gains)) {
                *amplitude = (dry + change * (whole - 1.0)).norm();
            }
            return;
        }
        for (point, amplitude) in amplitudes.iter_mut().enumerate().take(self.points) {
            let bands = self.gains.iter().skip(point).step_by(self.points);
            let sum: Complex<f32> = gains.iter().zip(bands).map(|(g, v)| v * (g - 1.0)).sum();
            *amplitude = (dry + change * sum).norm();
        }
    }
}

impl Bank {
    /// Each band's response at frequencies in hertz.
    #[must_use]
    pub fn responses(&self, hz: &[f64]) -> Responses {
        let gains = (0..self.bands())
            .flat_map(|k| self.band_responses(k, hz))
            .map(|value| Complex::new(single(value.re), single(value.im)))
            .collect();
        let minimum_phase = (self.spec.phase == Phase::Minimum).then(|| MixedPhase::new(self, hz));
        Responses { points: hz.len(), gains, minimum_phase }
    }

    /// The responses of band `k` after analysis and synthesis to sinusoids at `hz`, with the delay
    /// removed.
    pub(super) fn band_responses(&self, k: usize, hz: &[f64]) -> Vec<Complex<f64>> {
        let mirrored: Vec<f64> = hz.iter().map(|hz| -hz).collect();
        let sides = self.sides(k, hz).into_iter().zip(self.sides(k, &mirrored));
        sides.map(|(side, mirror)| 0.5 * (side + mirror.conj()) / real(self.strides[k])).collect()
    }

    /// The part of [`Self::band_responses`] at these frequencies, of either sign.
    fn sides(&self, k: usize, hz: &[f64]) -> Vec<Complex<f64>> {
        let rate_hz = self.spec.sample_rate_hz;
        let reach_hz =
            (REACH * rate_hz / real(self.supports[k])).max(PASSBANDS * self.bandwidths_hz[k]);
        let is_in_reach = |&n: &usize| {
            // The nearest image of the frequency: bands at Nyquist have both sides.
            let away_hz = hz[n] - self.centres_hz[k];
            let away_hz = away_hz - rate_hz * (away_hz / rate_hz).round();
            away_hz.abs() <= reach_hz
        };
        let in_reach: Vec<usize> = (0..hz.len()).filter(is_in_reach).collect();
        let cycles: Vec<f64> = in_reach.iter().map(|&n| hz[n] / rate_hz).collect();
        let kernel = self.kernels[k].responses(&cycles);
        let dual = self.duals[k].responses(&cycles);
        let mut sides = vec![Complex::ZERO; hz.len()];
        for (i, n) in in_reach.into_iter().enumerate() {
            let delay = (cycles[i] * real(self.kernel_latency_samples())).fract();
            sides[n] = kernel[i] * dual[i] * Complex::cis(std::f64::consts::TAU * delay);
        }
        sides
    }
}
