//! The analysis side of a gammatone bank: all-pole gammatone filters of order 4 with a bandwidth floor.
//!
//! Each filter is (1−λ)⁴ / (1 − λ e^(iω) z⁻¹)⁴, λ = exp(−2πb/fs): unit gain at the centre frequency,
//! b = 1.019 equivalent rectangular bandwidths (Patterson et al., 1992; Hohmann, 2002). No filter is
//! narrower than the latency D allows: b ≥ 3 / (2πD), so that every envelope has peaked by D. Below
//! the frequency where that happens the scale is continued linearly, as in the ISAC design.
//!
//! Of most bands only the real part of the coefficients is synthesised: it is enough as long as no multiple of
//! their rate below the sample rate is near twice the centre frequency, where the mirror image would alias onto
//! the band. Its dual takes half the work, which is worth a stride that is more than half as long.
//!
//! The numbers of [`Quality`] and of the duals' supports trade alias against work, both of which `erbium bank`
//! prints. The default banks are held to `tests/bank/figures.rs` by them, all banks to what [`Quality`] promises
//! (`tests/bank/random_specs.rs`).

use super::analysis::{Analysis, Effort, longest_stride};
use super::isac::ExtrapolatedScale;
use super::spec::{BankSpec, Quality};
use crate::cast::{count, real};
use crate::kernel::Kernel;
use crate::scale::Scale;
use crate::scale::constants::{
    GAMMATONE_BANDWIDTH_ERB as BANDWIDTHS, GAMMATONE_EXPONENT, GAMMATONE_ORDER as ORDER,
};
use num_complex::Complex;
use std::f64::consts::{PI, TAU};
use std::ops::Range;

/// Where an impulse response is cut off: −160 dB of its peak, below the rounding of single precision, −144 dB.
const CUT: f64 = 1e-8;

/// A strided band nearer to 0 Hz or Nyquist than this, in units of b, needs its complex coefficients: its mirror
/// image overlaps with it. At 2 alias is up to 10 dB higher for 7 % less work, at 5 hardly
/// lower for 4 % more.
const MIRROR_DISTANCE: f64 = 3.5;

/// The least taps of a dual before and after the latency. With 2 the error of the worst sinusoid is up to 5 dB higher
/// (eco).
const TAPS_MIN: usize = 4;

impl Quality {
    /// The least ratio of sample rate ÷ b to stride.
    const fn gammatone_redundancy(self) -> f64 {
        match self {
            Self::Eco => 22.0,
            Self::Standard => 30.0,
            Self::High => 56.0,
        }
    }

    /// The least distance in units of b, where coefficients are real, of a multiple of their rate from twice
    /// the centre frequency.
    const fn gammatone_fold(self) -> f64 {
        match self {
            Self::Eco => 16.5,
            Self::Standard => 25.5,
            Self::High => 52.0,
        }
    }

    /// How far a dual reaches before and after the latency, in units of 1/b.
    const fn dual_reach(self, sampling: Sampling) -> (f64, f64) {
        match (self, sampling) {
            (Self::Eco, Sampling { stride: 1, real: true }) => (0.48, 0.22),
            (Self::Eco, Sampling { real: true, .. }) => (0.6, 0.22),
            (Self::Eco, _) => (0.7, 0.22),
            (Self::Standard, Sampling { stride: 1, real: true }) => (0.72, 0.32),
            (Self::Standard, Sampling { real: true, .. }) => (0.65, 0.32),
            (Self::High, Sampling { stride: 2.., real: true }) => (0.75, 0.4),
            (Self::Standard | Self::High, _) => (0.8, 0.4),
        }
    }

    /// The least taps on either side of a dual of real taps, which compensates for what the filter passes below
    /// 0 Hz.
    const fn real_taps(self) -> usize {
        match self {
            Self::Eco => TAPS_MIN,
            Self::Standard | Self::High => 16,
        }
    }
}

/// The scale's equivalent rectangular bandwidth at `hz`; 0 where the scale has none.
fn rectangular_bandwidth_hz(scale: Scale, hz: f64) -> f64 {
    scale.bandwidth_hz(hz).unwrap_or(0.0)
}

/// When a band has coefficients.
#[derive(Clone, Copy)]
struct Sampling {
    /// Samples between them.
    stride: usize,
    /// Whether their real part is enough.
    real: bool,
}

impl Sampling {
    /// The one of least work for a band at `hz`.
    fn new(rate_hz: f64, effort: &Effort, hz: f64, b_hz: f64) -> Self {
        let quality = effort.quality;
        let redundancy = quality.gammatone_redundancy() * effort.redundancy;
        let longest = longest_stride(rate_hz / b_hz / redundancy);
        let fold = quality.gammatone_fold() * effort.redundancy;
        let folds = |stride: usize| {
            let fold_hz = |multiple| (real(multiple) * rate_hz / real(stride) - 2.0 * hz).abs();
            (1..stride).any(|multiple| fold_hz(multiple) < fold * b_hz)
        };
        let mut stride = longest;
        while folds(stride) {
            stride = longest_stride(real(stride - 1));
        }
        let leaks = stride > 1 && hz.min(rate_hz / 2.0 - hz) < MIRROR_DISTANCE * b_hz;
        // At equal work a stride of 1, which has no alias.
        if !leaks && (2 * stride > longest || longest <= 2) {
            Self { stride, real: true }
        } else {
            Self { stride: longest, real: false }
        }
    }

    /// Where the dual may have taps, in samples after a coefficient.
    fn support(
        self,
        rate_hz: f64,
        effort: &Effort,
        b_hz: f64,
        latency_samples: usize,
    ) -> Range<usize> {
        let least = if self.real { effort.quality.real_taps() } else { TAPS_MIN };
        let reach = |periods: f64| count(periods * rate_hz / b_hz).max(least);
        let (before, after) = effort.quality.dual_reach(self);
        latency_samples.saturating_sub(reach(before))
            ..latency_samples + 1 + reach(after).min(latency_samples / 2)
    }
}

/// Designs the analysis side of a checked spec for a latency.
pub(super) fn design(spec: &BankSpec, effort: &Effort, latency_ms: f64) -> Analysis {
    let latency_samples = BankSpec::latency_samples_at(latency_ms, spec.sample_rate_hz);
    let rate_hz = spec.sample_rate_hz;
    let floor_hz = real(ORDER - 1) * rate_hz / (TAU * real(latency_samples.max(1)));
    let centres_hz = centres_hz(spec, floor_hz / BANDWIDTHS);
    let b_hz: Vec<f64> = (0..spec.bands)
        .map(|k| {
            let (below, above) = (k.saturating_sub(1), (k + 1).min(spec.bands - 1));
            let spacing_hz = (centres_hz[above] - centres_hz[below]) / real(above - below);
            let own_hz = rectangular_bandwidth_hz(spec.scale, centres_hz[k]).max(spacing_hz);
            (BANDWIDTHS * own_hz).max(floor_hz)
        })
        .collect();
    let poles: Vec<Complex<f64>> = (0..spec.bands)
        .map(|k| {
            let lambda = (-TAU * b_hz[k] / rate_hz).exp();
            Complex::from_polar(lambda, TAU * centres_hz[k] / rate_hz)
        })
        .collect();
    let bands = centres_hz.iter().zip(&b_hz);
    let samplings: Vec<Sampling> =
        bands.map(|(&hz, &b_hz)| Sampling::new(rate_hz, effort, hz, b_hz)).collect();
    let supports = samplings
        .iter()
        .zip(&b_hz)
        .map(|(sampling, &b_hz)| sampling.support(rate_hz, effort, b_hz, latency_samples));
    Analysis {
        latency_samples,
        kernels: poles.iter().map(|&pole| impulse_response(pole)).collect(),
        supports: supports.collect(),
        strides: samplings.iter().map(|sampling| sampling.stride).collect(),
        real: samplings.iter().map(|sampling| sampling.real).collect(),
        bandwidths_hz: b_hz.iter().map(|b_hz| b_hz * PI * noise_bandwidth()).collect(),
        passbands: vec![None; spec.bands],
        centres_hz,
        poles,
    }
}

/// Centre frequencies, uniform on the scale continued linearly below the floor.
fn centres_hz(spec: &BankSpec, floor_hz: f64) -> Vec<f64> {
    let nyquist_hz = spec.sample_rate_hz / 2.0;
    // The frequency where the scale's bandwidth reaches the floor, by bisection: it only rises.
    let (mut low_hz, mut high_hz) = (0.0, nyquist_hz);
    for _ in 0..60 {
        let hz = 0.5 * (low_hz + high_hz);
        if rectangular_bandwidth_hz(spec.scale, hz) < floor_hz { low_hz = hz } else { high_hz = hz }
    }
    let extrapolated = ExtrapolatedScale::new(spec.scale, low_hz, nyquist_hz);
    let (low, high) = (extrapolated.units(0.0), extrapolated.units(nyquist_hz));
    let last = spec.bands - 1;
    (0..=last)
        .map(|k| match k {
            0 => 0.0,
            k if k == last => nyquist_hz,
            k => extrapolated.hz(low + (high - low) * real(k) / real(last)),
        })
        .collect()
}

/// The integral of |1 + i x|^(−2N), the spectrum of the power of order N, over π: 5/16 for order 4.
fn noise_bandwidth() -> f64 {
    let odd: f64 = (1..ORDER).map(|k| real(2 * k - 1)).product();
    odd / (1..ORDER).map(|k| real(2 * k)).product::<f64>()
}

/// (1−λ)ᴺ C(n+N−1, N−1) pⁿ, N the order, down to [`CUT`] of its peak.
fn impulse_response(pole: Complex<f64>) -> Kernel {
    let level = (1.0 - pole.norm()).powi(GAMMATONE_EXPONENT);
    let permutations: f64 = (1..ORDER).map(real).product();
    let envelope = |n: usize| {
        let rising: f64 = (1..ORDER).map(|k| real(n + k)).product();
        rising / permutations * pole.norm().powf(real(n))
    };
    let peak = count(-real(ORDER - 1) / pole.norm().ln());
    let length = (peak + 1..).find(|&n| envelope(n) < CUT * envelope(peak)).unwrap_or(peak + 1);
    let angle = pole.arg() / TAU;
    let taps = (0..length)
        .map(|n| Complex::from_polar(level * envelope(n), TAU * (angle * real(n)).fract()));
    Kernel { offset: 0, taps: taps.collect() }
}
