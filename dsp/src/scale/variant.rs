//! The forms of the scales in which the literature and older tools disagree, each under its own name.
//!
//! All but [`Variant::Log10`] are odd in frequency, as two-sided spectra need them. The Bark scales that
//! do not begin at 0 jump there, and cannot be undone within 40 Hz below 0 Hz; nor can
//! [`Variant::Elelog`] within 2 Hz.

use super::{LN_17_7, Scale};
use std::f64::consts::LN_10;
use std::fmt;
use std::str::FromStr;

/// A published form of an auditory scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Variant {
    /// Hertz.
    Linear,
    /// log10 f; −∞ at 0 Hz, undefined below.
    Log10,
    /// ln(0.88 + 0.12 f): the scale of elephants of ISAC.
    Elelog,
    /// 1000/ln(17/7) · ln(1 + f/700): Fant's mel with 1000 mel at 1 kHz, as in VOICEBOX and ISAC.
    MelFant,
    /// 2595 log10(1 + f/700): mel of the Hidden Markov Model Toolkit (HTK), and of librosa and kapre
    /// where that is asked for.
    MelHtk,
    /// 3f/200 below 1 kHz, 15 + 27 ln(f/1000)/ln 6.4 above: mel of Slaney's Auditory Toolbox (1998),
    /// the default of librosa and kapre.
    MelSlaney,
    /// 1125 ln(1 + f/700): mel of Csound.
    MelCsound,
    /// 9.2645 ln(1 + 0.00437 f): the integral of 1/ERB of Glasberg and Moore (1990), as in ISAC.
    ErbIntegral,
    /// 21.4 log10(1 + 0.00437 f): ERB number as Glasberg and Moore (1990) print it, 0.3 % above
    /// [`Self::ErbIntegral`].
    ErbGlasberg,
    /// The integral of 1/ERB of Moore and Glasberg (1983), ERB = 6.23e−6 f² + 93.39e−3 f + 28.52, as
    /// in VOICEBOX. It ends at 43.032 units.
    ErbMoore,
    /// 26.81 f/(1960 + f) − 0.53: Bark of Traunmüller (1990) without corrections.
    BarkTraunmuller,
    /// [`Self::BarkTraunmuller`] b with his corrections, straight lines below 2 and above 20.1 Bark.
    BarkTraunmullerCorrected,
    /// [`Self::BarkTraunmuller`] b with the smooth corrections of VOICEBOX: b + 0.53 ((3−b)/3.53)² below
    /// 3 Bark, b + (b − 19.4)²/16 from 19.4, and 1.25 b − 5.1 from 21.4.
    BarkSmooth,
    /// 13 atan(0.00076 f) + 3.5 atan((f/7500)²): Bark of Zwicker and Terhardt (1980).
    BarkZwicker,
    /// 7 asinh(f/650): Bark of Schroeder, Atal and Hall (1979).
    BarkSchroeder,
}

/// Slaney's mel: units per hertz of the linear part, and where it ends.
const SLANEY_SLOPE: f64 = 3.0 / 200.0;
const SLANEY_BREAK: (f64, f64) = (1000.0, 15.0);
/// ln 6.4, over which the logarithmic part takes 27 steps.
const LN_6_4: f64 = 1.856_297_990_365_626_3;

/// Moore and Glasberg's bandwidth: coefficients of f², f and 1.
const MOORE: [f64; 3] = [6.23e-6, 93.39e-3, 28.52];

/// How much the smooth Bark scale adds below [`SMOOTH_LOW`], per square of the distance.
const SMOOTH_LIFT: f64 = 0.53 / (3.53 * 3.53);
const SMOOTH_LOW: f64 = 3.0;
/// Where the smooth Bark scale begins to bend upwards, and where it is straight again.
const SMOOTH_HIGH: (f64, f64) = (19.4, 21.4);

impl Variant {
    /// Every variant, in the order of [`Variant`].
    pub const ALL: [Self; 15] = [
        Self::Linear,
        Self::Log10,
        Self::Elelog,
        Self::MelFant,
        Self::MelHtk,
        Self::MelSlaney,
        Self::MelCsound,
        Self::ErbIntegral,
        Self::ErbGlasberg,
        Self::ErbMoore,
        Self::BarkTraunmuller,
        Self::BarkTraunmullerCorrected,
        Self::BarkSmooth,
        Self::BarkZwicker,
        Self::BarkSchroeder,
    ];

    /// The name used on the command line and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Log10 => "log10",
            Self::Elelog => "elelog",
            Self::MelFant => "mel-fant",
            Self::MelHtk => "mel-htk",
            Self::MelSlaney => "mel-slaney",
            Self::MelCsound => "mel-csound",
            Self::ErbIntegral => "erb-integral",
            Self::ErbGlasberg => "erb-glasberg",
            Self::ErbMoore => "erb-moore",
            Self::BarkTraunmuller => "bark-traunmuller",
            Self::BarkTraunmullerCorrected => "bark-traunmuller-corrected",
            Self::BarkSmooth => "bark-smooth",
            Self::BarkZwicker => "bark-zwicker",
            Self::BarkSchroeder => "bark-schroeder",
        }
    }

    /// Scale units at a frequency in hertz, of either sign.
    #[must_use]
    pub fn units_from_hz(self, hz: f64) -> f64 {
        match self {
            Self::Linear => hz,
            Self::Log10 => hz.log10(),
            _ => hz.signum() * self.units_above_0(hz.abs()),
        }
    }

    fn units_above_0(self, hz: f64) -> f64 {
        match self {
            Self::Linear => hz,
            Self::Log10 => hz.log10(),
            Self::Elelog => Scale::Elelog.units_from_hz(hz),
            Self::MelFant => 1000.0 / LN_17_7 * (hz / 700.0).ln_1p(),
            Self::MelHtk => 2595.0 * (1.0 + hz / 700.0).log10(),
            Self::MelSlaney if hz < SLANEY_BREAK.0 => hz * SLANEY_SLOPE,
            Self::MelSlaney => SLANEY_BREAK.1 + 27.0 * (hz / SLANEY_BREAK.0).ln() / LN_6_4,
            Self::MelCsound => 1125.0 * (1.0 + hz / 700.0).ln(),
            Self::ErbIntegral => 9.2645 * (0.00437 * hz).ln_1p(),
            Self::ErbGlasberg => 21.4 * (0.00437 * hz).ln_1p() / LN_10,
            Self::ErbMoore => Moore::new().units(hz),
            Self::BarkTraunmuller => 26.81 * hz / (1960.0 + hz) - 0.53,
            Self::BarkTraunmullerCorrected => {
                straight_bark(Self::BarkTraunmuller.units_above_0(hz))
            }
            Self::BarkSmooth => smooth_bark(Self::BarkTraunmuller.units_above_0(hz)),
            Self::BarkZwicker => 13.0 * (0.00076 * hz).atan() + 3.5 * (hz / 7500.0).powi(2).atan(),
            Self::BarkSchroeder => 7.0 * (hz / 650.0).asinh(),
        }
    }

    /// The frequency in hertz at `units`: the inverse of [`Self::units_from_hz`]. Beyond the end of a
    /// scale it is infinite.
    #[must_use]
    pub fn hz_from_units(self, units: f64) -> f64 {
        match self {
            Self::Linear => units,
            Self::Log10 => 10.0_f64.powf(units),
            // Between there and 0 Bark the least positive frequencies lie.
            Self::BarkTraunmuller | Self::BarkTraunmullerCorrected | Self::Elelog
                if units >= self.units_above_0(0.0) =>
            {
                self.hz_above_0(units)
            }
            _ => units.signum() * self.hz_above_0(units.abs()),
        }
    }

    fn hz_above_0(self, units: f64) -> f64 {
        match self {
            Self::Linear => units,
            Self::Log10 => 10.0_f64.powf(units),
            Self::Elelog => Scale::Elelog.hz_from_units(units),
            Self::MelFant => 700.0 * (units * LN_17_7 / 1000.0).exp_m1(),
            Self::MelHtk => 700.0 * (10.0_f64.powf(units / 2595.0) - 1.0),
            Self::MelSlaney if units < SLANEY_BREAK.1 => units / SLANEY_SLOPE,
            Self::MelSlaney => SLANEY_BREAK.0 * ((units - SLANEY_BREAK.1) * LN_6_4 / 27.0).exp(),
            Self::MelCsound => 700.0 * ((units / 1125.0).exp() - 1.0),
            Self::ErbIntegral => (units / 9.2645).exp_m1() / 0.00437,
            Self::ErbGlasberg => (units * LN_10 / 21.4).exp_m1() / 0.00437,
            Self::ErbMoore => Moore::new().hz(units),
            Self::BarkTraunmuller => traunmuller_hz(units),
            Self::BarkTraunmullerCorrected => traunmuller_hz(unstraight_bark(units)),
            Self::BarkSmooth => traunmuller_hz(unsmooth_bark(units)),
            Self::BarkZwicker => zwicker_hz(units),
            Self::BarkSchroeder => 650.0 * (units / 7.0).sinh(),
        }
    }

    /// Units per hertz at `hz`: the slope of the scale.
    #[must_use]
    pub fn units_per_hz(self, hz: f64) -> f64 {
        let hz = hz.abs();
        let traunmuller = || 26.81 * 1960.0 / (1960.0 + hz).powi(2);
        let bark = || Self::BarkTraunmuller.units_above_0(hz);
        match self {
            Self::Linear => 1.0,
            Self::Log10 => 1.0 / (LN_10 * hz),
            Self::Elelog => Scale::Elelog.units_per_hz(hz),
            Self::MelFant => 1000.0 / LN_17_7 / (700.0 + hz),
            Self::MelHtk => 2595.0 / LN_10 / (700.0 + hz),
            Self::MelSlaney if hz < SLANEY_BREAK.0 => SLANEY_SLOPE,
            Self::MelSlaney => 27.0 / LN_6_4 / hz,
            Self::MelCsound => 1125.0 / (700.0 + hz),
            Self::ErbIntegral => 9.2645 * 0.00437 / (1.0 + 0.00437 * hz),
            Self::ErbGlasberg => 21.4 / LN_10 * 0.00437 / (1.0 + 0.00437 * hz),
            Self::ErbMoore => 1.0 / moore_bandwidth_hz(hz),
            Self::BarkTraunmuller => traunmuller(),
            Self::BarkTraunmullerCorrected => match bark() {
                low if low < 2.0 => 0.85 * traunmuller(),
                high if high > 20.1 => 1.22 * traunmuller(),
                _ => traunmuller(),
            },
            Self::BarkSmooth => match bark() {
                b if b < SMOOTH_LOW => (1.0 - 2.0 * SMOOTH_LIFT * (SMOOTH_LOW - b)) * traunmuller(),
                b if b > SMOOTH_HIGH.1 => 1.25 * traunmuller(),
                b if b > SMOOTH_HIGH.0 => (1.0 + (b - SMOOTH_HIGH.0) / 8.0) * traunmuller(),
                _ => traunmuller(),
            },
            Self::BarkZwicker => {
                let square = (hz / 7500.0).powi(2);
                13.0 * 0.00076 / (1.0 + (0.00076 * hz).powi(2))
                    + 7.0 * hz / (7500.0 * 7500.0 * (1.0 + square * square))
            }
            Self::BarkSchroeder => 7.0 / 650.0_f64.hypot(hz),
        }
    }

    /// The bandwidth published with the scale, in hertz; `None` where there is none. That of the Bark
    /// scales is Zwicker and Terhardt's (1980) critical bandwidth.
    #[must_use]
    pub fn bandwidth_hz(self, hz: f64) -> Option<f64> {
        match self {
            Self::Linear | Self::MelHtk | Self::MelSlaney | Self::MelCsound => None,
            Self::Log10 => Scale::Log.bandwidth_hz(hz),
            Self::Elelog => Scale::Elelog.bandwidth_hz(hz.abs()),
            Self::MelFant => Scale::Mel.bandwidth_hz(hz),
            Self::ErbIntegral | Self::ErbGlasberg => Some(24.7 * (1.0 + 0.00437 * hz.abs())),
            Self::ErbMoore => Some(moore_bandwidth_hz(hz.abs())),
            Self::BarkTraunmuller
            | Self::BarkTraunmullerCorrected
            | Self::BarkSmooth
            | Self::BarkZwicker
            | Self::BarkSchroeder => Scale::Bark.bandwidth_hz(hz),
        }
    }
}

fn moore_bandwidth_hz(hz: f64) -> f64 {
    let [square, linear, constant] = MOORE;
    (square * hz + linear) * hz + constant
}

/// The integral of 1/(a f² + b f + c): scale · ln(height − drop/(f − pole)).
struct Moore {
    scale: f64,
    height: f64,
    drop: f64,
    pole: f64,
}

impl Moore {
    fn new() -> Self {
        let [a, b, c] = MOORE;
        let root = (b * b - 4.0 * a * c).sqrt();
        let (low, high) = ((-b - root) / (2.0 * a), (-b + root) / (2.0 * a));
        Self {
            scale: 1.0 / (a * (high - low)),
            height: low / high,
            drop: low - low * low / high,
            pole: low,
        }
    }

    fn units(&self, hz: f64) -> f64 {
        self.scale * (self.height - self.drop / (hz - self.pole)).ln()
    }

    fn hz(&self, units: f64) -> f64 {
        let left = self.height - (units / self.scale).exp();
        if left > 0.0 { self.drop / left + self.pole } else { f64::INFINITY }
    }
}

/// Infinite from the end of the scale at 26.28 Bark.
fn traunmuller_hz(bark: f64) -> f64 {
    if bark < 26.28 { 1960.0 * (bark + 0.53) / (26.28 - bark) } else { f64::INFINITY }
}

/// Traunmüller's own corrections.
fn straight_bark(bark: f64) -> f64 {
    match bark {
        low if low < 2.0 => low + 0.15 * (2.0 - low),
        high if high > 20.1 => high + 0.22 * (high - 20.1),
        middle => middle,
    }
}

fn unstraight_bark(bark: f64) -> f64 {
    match bark {
        low if low < 2.0 => (low - 0.3) / 0.85,
        high if high > 20.1 => (high + 0.22 * 20.1) / 1.22,
        middle => middle,
    }
}

fn smooth_bark(bark: f64) -> f64 {
    let (bend, straight) = SMOOTH_HIGH;
    match bark {
        low if low < SMOOTH_LOW => low + SMOOTH_LIFT * (SMOOTH_LOW - low).powi(2),
        high if high > straight => 1.25 * high - 5.1,
        high if high > bend => high + 0.0625 * (high - bend).powi(2),
        middle => middle,
    }
}

/// The quadratics of [`smooth_bark`], solved.
fn unsmooth_bark(bark: f64) -> f64 {
    let (bend, straight) = SMOOTH_HIGH;
    let solve = |foot: f64, lift: f64, corner: f64| {
        foot + (foot * foot - corner * corner + bark / lift).max(0.0).sqrt()
    };
    match bark {
        low if low < SMOOTH_LOW => solve(SMOOTH_LOW - 0.5 / SMOOTH_LIFT, SMOOTH_LIFT, SMOOTH_LOW),
        high if high > 1.25 * straight - 5.1 => (high + 5.1) / 1.25,
        high if high > bend => solve(bend - 8.0, 0.0625, bend),
        middle => middle,
    }
}

/// Zwicker and Terhardt's scale has no closed inverse: bisection, for it only rises.
fn zwicker_hz(bark: f64) -> f64 {
    // Both arcus tangents end at π/2.
    if bark >= 16.5 * std::f64::consts::FRAC_PI_2 {
        return f64::INFINITY;
    }
    let (mut low_hz, mut high_hz) = (0.0, 1e3);
    while Variant::BarkZwicker.units_above_0(high_hz) < bark {
        high_hz *= 2.0;
    }
    for _ in 0..64 {
        let hz = 0.5 * (low_hz + high_hz);
        if Variant::BarkZwicker.units_above_0(hz) < bark { low_hz = hz } else { high_hz = hz }
    }
    0.5 * (low_hz + high_hz)
}

impl From<Scale> for Variant {
    /// The variant that a bank's scale has above 1 Hz.
    fn from(scale: Scale) -> Self {
        match scale {
            Scale::Erb => Self::ErbIntegral,
            Scale::Mel => Self::MelFant,
            Scale::Bark => Self::BarkTraunmuller,
            Scale::Log => Self::Log10,
            Scale::Linear => Self::Linear,
            Scale::Elelog => Self::Elelog,
        }
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Variant {
    type Err = String;

    /// Reads a variant's [`name`](Self::name).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|variant| variant.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("unknown scale \"{text}\"; possible: {names}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverses_and_slopes_agree_with_the_scales() {
        for variant in Variant::ALL {
            for hz in [3.0, 30.0, 440.0, 999.0, 4000.0, 7_777.0, 24_000.0] {
                let units = variant.units_from_hz(hz);
                let back = variant.hz_from_units(units);
                assert!((back - hz).abs() < 1e-8 * hz, "{variant} {hz} {back}");
                let step = hz * 1e-5;
                let rise = variant.units_from_hz(hz + step) - variant.units_from_hz(hz - step);
                let slope = variant.units_per_hz(hz) * 2.0 * step;
                assert!((rise / slope - 1.0).abs() < 1e-6, "{variant} {hz}: {rise} {slope}");
            }
            assert_eq!(variant.name().parse(), Ok(variant));
        }
    }

    #[test]
    fn a_banks_scales_are_among_the_variants() {
        for scale in Scale::ALL {
            for hz in [2.0, 100.0, 9_000.0] {
                let (ours, theirs) =
                    (scale.units_from_hz(hz), Variant::from(scale).units_from_hz(hz));
                assert!((ours - theirs).abs() < 1e-12 * ours.abs(), "{scale} {hz}");
            }
        }
    }
}
