//! Bands wider than their kernel's length alone would make them: a window times an ideal band-pass
//! filter, whose top is flat and whose skirts are the window's.

use super::spec::BankSpec;
use crate::cast::real;
use std::f64::consts::PI;

/// How far the flat top of a band reaches beyond its centre, in hertz: 0 for a windowed exponential.
#[derive(Clone, Copy, Default)]
pub(super) struct FlatTop {
    pub below_hz: f64,
    pub above_hz: f64,
}

impl FlatTop {
    pub fn width_hz(self) -> f64 {
        self.below_hz + self.above_hz
    }

    /// The support of the windowed exponential of the same bandwidth.
    pub fn equivalent_support(self, spec: &BankSpec, support: usize) -> f64 {
        let noise = spec.prototype.noise_bandwidth();
        let wider = self.width_hz() / spec.sample_rate_hz * real(support) / noise;
        real(support) / (1.0 + wider)
    }

    pub fn passband(self, centre_cycles: f64, sample_rate_hz: f64) -> Option<(f64, f64)> {
        (self.width_hz() > 0.0).then(|| {
            let edge = |hz: f64| centre_cycles + hz / sample_rate_hz;
            (edge(-self.below_hz), edge(self.above_hz))
        })
    }

    /// The window over a support as that of a band with this flat top: an ideal band-pass filter under
    /// the window, of unit gain in its middle.
    pub fn window(self, spec: &BankSpec, support: usize) -> Vec<f64> {
        let mut window = spec.prototype.window(support);
        if self.width_hz() > 0.0 {
            for (n, tap) in window.iter_mut().enumerate() {
                let angle = PI * self.width_hz() / spec.sample_rate_hz
                    * (real(n) - 0.5 * real(support - 1));
                if angle != 0.0 {
                    *tap *= angle.sin() / angle;
                }
            }
            let sum: f64 = window.iter().sum();
            window.iter_mut().for_each(|tap| *tap /= sum);
        }
        window
    }
}
