//! The analysis side of an ISAC bank (Haider et al., 2025, DOI 10.48550/arXiv.2505.07709): centre frequencies,
//! supports, kernels.
//!
//! Above the transition frequency supports follow the scale's bandwidth; below it the scale is
//! continued linearly and every support is the longest one.

use super::analysis::{Analysis, Effort, longest_stride};
use super::flat_top::FlatTop;
use super::spec::{BankSpec, DesignError, Prototype, Quality, Sizing};
use crate::cast::{count, real};
use crate::kernel::Kernel;
use crate::scale::Scale;
use num_complex::Complex;
use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// The greatest spacing of bands, in noise bandwidths: 1.4 bins of a Hann window, whose noise bandwidth is 1.5.
/// Wider ones leave gaps in coverage: with 1.1 `tests/bank/few_bands.rs` fails.
const SPACING_LIMIT: f64 = 1.4 / 1.5;

/// How many times the support of a flat-topped band the one below it may have at most: skirts that cross
/// must be about as steep, or no dual of that support compensates for the difference. Of 1.5 to 3.5 the one that
/// left the least reconstruction error to 8 Bark bands at 96 to 768 kHz (`erbium bank`).
const SUPPORT_RATIO: f64 = 2.0;

/// The shortest support in samples, where the latency allows. With 8 `tests/bank/few_bands.rs` fails.
const SUPPORT_MIN: usize = 12;

/// The shortest support of a dual in samples, where the latency allows: with less it lacks the degrees of freedom
/// to be exact: with 12 the same test fails, and high quality loses up to 27 dB (8 Bark bands, 2 ms).
const DUAL_SUPPORT_MIN: usize = 24;

impl Prototype {
    /// Coefficients of 1, −cos, +cos 2, … of the window.
    const fn cosines(self) -> &'static [f64] {
        match self {
            Self::Hann => &[0.5, 0.5],
            Self::Hann2 => &[0.375, 0.5, 0.125],
        }
    }

    /// Equivalent noise bandwidth in units of sample rate ÷ support.
    #[must_use]
    pub const fn noise_bandwidth(self) -> f64 {
        match self {
            Self::Hann => 1.5,
            Self::Hann2 => 35.0 / 18.0,
        }
    }

    /// The window over `support` samples, first and last included, with a sum of 1.
    pub(super) fn window(self, support: usize) -> Vec<f64> {
        if support == 1 {
            return vec![1.0];
        }
        let value = |n: usize| {
            let angle = TAU * real(n) / real(support - 1);
            let mut sign = -1.0;
            self.cosines()
                .iter()
                .enumerate()
                .map(|(order, coefficient)| {
                    sign = -sign;
                    sign * coefficient * (real(order) * angle).cos()
                })
                .sum::<f64>()
        };
        let window: Vec<f64> = (0..support).map(value).collect();
        let sum: f64 = window.iter().map(|tap| tap.abs()).sum();
        window.iter().map(|tap| tap / sum).collect()
    }
}

/// Where centre frequencies and supports come from.
struct Layout {
    scale: Scale,
    bands: usize,
    sample_rate_hz: f64,
    /// The longest support allowed, in samples.
    limit: usize,
    /// Support × [`Scale::isac_bandwidth`] ÷ sample rate.
    support: f64,
    /// Frequency above which the scale is linear.
    upper_hz: f64,
}

impl Layout {
    fn nyquist_hz(&self) -> f64 {
        self.sample_rate_hz / 2.0
    }

    /// The scale's own support at `hz`, before any limit.
    fn support_at(&self, hz: f64) -> f64 {
        self.scale
            .isac_bandwidth(hz)
            .map_or(f64::INFINITY, |bandwidth| self.support * self.sample_rate_hz / bandwidth)
    }

    /// Centre frequencies in hertz and supports in samples.
    fn place(&self) -> (Vec<f64>, Vec<usize>) {
        let nyquist_hz = self.nyquist_hz();
        let longest = self.limit.min(count(self.support_at(0.0).min(1e9)).max(1));
        let evenly = |(low, high): (f64, f64)| {
            (0..self.bands).map(move |k| low + (high - low) * real(k) / real(self.bands - 1))
        };
        let transition_hz = self
            .scale
            .hz_from_isac_bandwidth(self.support / real(longest) * self.sample_rate_hz)
            .map_or(f64::INFINITY, |hz| hz.max(0.0));
        if transition_hz >= self.upper_hz {
            let centres_hz = evenly((0.0, nyquist_hz)).collect();
            return (centres_hz, vec![longest; self.bands]);
        }
        let extrapolated = ExtrapolatedScale::new(self.scale, transition_hz, self.upper_hz);
        let mut centres_hz: Vec<f64> =
            evenly((extrapolated.units(0.0), extrapolated.units(nyquist_hz)))
                .map(|units| extrapolated.hz(units))
                .collect();
        centres_hz[0] = 0.0;
        centres_hz[self.bands - 1] = nyquist_hz;
        let shortest = count(self.support_at(self.upper_hz)).max(1);
        let supports = centres_hz
            .iter()
            .map(|&hz| match hz {
                hz if hz < transition_hz => longest,
                hz if hz > self.upper_hz => shortest,
                hz => count(self.support_at(hz)).clamp(1, longest),
            })
            .collect();
        (centres_hz, supports)
    }
}

/// A scale continued linearly below the transition frequency and above the upper one.
pub(super) struct ExtrapolatedScale {
    scale: Scale,
    lower: Tangent,
    upper: Tangent,
}

/// A point of a scale and the slope with which it goes on.
struct Tangent {
    hz: f64,
    units: f64,
    units_per_hz: f64,
}

impl Tangent {
    /// The published design takes the slope over one per cent.
    fn new(scale: Scale, hz: f64) -> Self {
        let units = scale.units_from_hz(hz);
        let units_per_hz = if hz > 0.0 {
            (scale.units_from_hz(1.01 * hz) - units) / (0.01 * hz)
        } else {
            scale.units_per_hz(0.0)
        };
        Self { hz, units, units_per_hz }
    }
}

impl ExtrapolatedScale {
    pub fn new(scale: Scale, lower_hz: f64, upper_hz: f64) -> Self {
        Self { scale, lower: Tangent::new(scale, lower_hz), upper: Tangent::new(scale, upper_hz) }
    }

    pub fn units(&self, hz: f64) -> f64 {
        let along = |bend: &Tangent| bend.units + bend.units_per_hz * (hz - bend.hz);
        if hz < self.lower.hz {
            along(&self.lower)
        } else if hz > self.upper.hz {
            along(&self.upper)
        } else {
            self.scale.units_from_hz(hz)
        }
    }

    pub fn hz(&self, units: f64) -> f64 {
        let along = |bend: &Tangent| bend.hz + (units - bend.units) / bend.units_per_hz;
        if units < self.lower.units {
            along(&self.lower)
        } else if units > self.upper.units {
            along(&self.upper)
        } else {
            self.scale.hz_from_units(units)
        }
    }
}

impl Quality {
    /// The least ratio of support to stride. It trades alias against work, both of which `erbium bank` prints; the
    /// default banks are held to `tests/bank/figures.rs` by it.
    const fn isac_redundancy(self) -> f64 {
        match self {
            Self::Eco => 9.25,
            Self::Standard => 14.0,
            Self::High => 19.0,
        }
    }
}

/// The most taps of all kernels together, 128 MiB: more than any bank of a latency has.
const TAPS_MAX: usize = 1 << 23;

/// Designs the analysis side of a checked spec.
pub(super) fn design(spec: &BankSpec, effort: &Effort) -> Result<Analysis, DesignError> {
    let (centres_hz, supports, tops) = match spec.sizing {
        Sizing::UserKernels { .. } => return Err(DesignError::KernelsMissing),
        Sizing::Latency { ms } => place_for_latency(spec, effort, ms),
        Sizing::Published { kernel_size, supp_mult, fc_max_hz, .. } => {
            let limit = BankSpec::published_limit(kernel_size, spec.sample_rate_hz);
            let layout = layout(spec, limit, fc_max_hz);
            let (centres_hz, supports) = layout.place();
            let least = if supp_mult < 1.0 { 8 } else { 1 };
            // Without a limit the published design stops at one second.
            let most = if kernel_size.is_none() { limit.max(least) } else { usize::MAX };
            let scaled = |support| count(real(support) * supp_mult).clamp(least, most);
            (
                centres_hz,
                supports.into_iter().map(scaled).collect(),
                vec![FlatTop::default(); spec.bands],
            )
        }
    };
    let longest = supports.iter().copied().max().unwrap_or(1);
    let latency_samples = spec.kernel_latency_samples().unwrap_or(longest - 1);
    let strides = match spec.sizing {
        Sizing::Published { stride, .. } => vec![stride; spec.bands],
        _ => {
            let redundancy = effort.quality.isac_redundancy() * effort.redundancy;
            let stride = |(support, top): (&usize, &FlatTop)| {
                longest_stride(top.equivalent_support(spec, *support) / redundancy)
            };
            supports.iter().zip(&tops).map(stride).collect()
        }
    };
    let noise_hz = spec.prototype.noise_bandwidth() * spec.sample_rate_hz;
    let bandwidth_hz =
        |(support, top): (&usize, &FlatTop)| noise_hz / top.equivalent_support(spec, *support);
    let taps = supports.iter().sum();
    if taps > TAPS_MAX {
        let (what, unit, given) = ("sum of all kernel lengths", " taps", real(taps));
        return Err(DesignError::OutOfRange { what, unit, given, low: 1.0, high: real(TAPS_MAX) });
    }
    let kernels = kernels(spec, &centres_hz, &supports, &tops);
    // The kernel's mirror image about the latency, and some more where that is very short.
    let least = match spec.sizing {
        Sizing::Published { .. } => 1,
        _ => DUAL_SUPPORT_MIN,
    };
    let mirrored = |kernel: &Kernel| {
        let (start, end) =
            (latency_samples + 1 - kernel.length(), latency_samples + 1 - kernel.offset);
        let more = (least.saturating_sub(end - start) / 2).min(start);
        start - more..end + more
    };
    Ok(Analysis {
        latency_samples,
        bandwidths_hz: supports.iter().zip(&tops).map(bandwidth_hz).collect(),
        real: vec![false; strides.len()],
        strides,
        supports: kernels.iter().map(mirrored).collect(),
        kernels,
        passbands: tops
            .iter()
            .zip(&centres_hz)
            .map(|(top, &hz)| top.passband(hz / spec.sample_rate_hz, spec.sample_rate_hz))
            .collect(),
        centres_hz,
        poles: Vec::new(),
    })
}

fn layout(spec: &BankSpec, limit: usize, upper_hz: Option<f64>) -> Layout {
    let widening = spec.prototype.noise_bandwidth() / Prototype::Hann.noise_bandwidth();
    Layout {
        scale: spec.scale,
        bands: spec.bands,
        sample_rate_hz: spec.sample_rate_hz,
        limit,
        support: spec.scale.isac_support() * widening,
        upper_hz: upper_hz.unwrap_or(spec.sample_rate_hz / 2.0),
    }
}

/// Places bands so that no kernel is longer than the latency allows and neighbours meet: with few bands
/// the published supports would leave gaps in coverage. Where a scale is so compressed at the top that even the
/// shortest kernel does not reach its neighbour (few bands on the Bark scale at high rates), bands get
/// flat tops that do, with skirts as steep as the nearer neighbour needs.
fn place_for_latency(
    spec: &BankSpec,
    effort: &Effort,
    latency_ms: f64,
) -> (Vec<f64>, Vec<usize>, Vec<FlatTop>) {
    let latency_samples = BankSpec::latency_samples_at(latency_ms, spec.sample_rate_hz);
    let (centres_hz, mut supports) = layout(spec, latency_samples + 1, None).place();
    let last = spec.bands - 1;
    let mut tops = vec![FlatTop::default(); spec.bands];
    let mut support_below = 0;
    for (k, (support, top)) in supports.iter_mut().zip(&mut tops).enumerate() {
        let (below, above) = (k.saturating_sub(1), (k + 1).min(last));
        let spacing_hz = if effort.flat_top {
            // At 0 Hz and Nyquist the bands go on as their own mirror image.
            let below_hz = if k == 0 { centres_hz[1] } else { centres_hz[k] - centres_hz[below] };
            let above_hz = if k == last { below_hz } else { centres_hz[above] - centres_hz[k] };
            *top = FlatTop { below_hz, above_hz };
            below_hz.min(above_hz)
        } else {
            (centres_hz[above] - centres_hz[below]) / real(above - below)
        };
        let limit = SPACING_LIMIT * spec.prototype.noise_bandwidth() * spec.sample_rate_hz;
        *support =
            (*support).min(count(limit / spacing_hz)).max(SUPPORT_MIN.min(latency_samples + 1));
        if effort.flat_top {
            *support = (*support).max(count(real(support_below) / SUPPORT_RATIO));
            support_below = *support;
        }
        // What the window spans by itself.
        let spanned_hz = limit / real(*support);
        top.below_hz = (0.5 * (top.below_hz - spanned_hz)).max(0.0);
        top.above_hz = (0.5 * (top.above_hz - spanned_hz)).max(0.0);
    }
    (centres_hz, supports, tops)
}

fn kernels(
    spec: &BankSpec,
    centres_hz: &[f64],
    supports: &[usize],
    tops: &[FlatTop],
) -> Vec<Kernel> {
    let longest = supports.iter().copied().max().unwrap_or(1);
    let edge = |k| k == 0 || k == spec.bands - 1;
    (0..spec.bands)
        .map(|k| {
            let offset = (longest - supports[k]) / 2;
            let top = tops[k];
            let middle_hz = centres_hz[k] + 0.5 * (top.above_hz - top.below_hz);
            let cycles = middle_hz / spec.sample_rate_hz;
            // 0 Hz and Nyquist have no mirror image to share their power with.
            let level = if edge(k) { FRAC_1_SQRT_2 } else { 1.0 };
            let taps = top
                .window(spec, supports[k])
                .into_iter()
                .enumerate()
                .map(|(n, tap)| {
                    Complex::from_polar(level * tap, TAU * (cycles * real(offset + n)).fract())
                })
                .collect();
            Kernel { offset, taps }
        })
        .collect()
}
