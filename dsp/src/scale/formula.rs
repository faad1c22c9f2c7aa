//! The forms of the scales in which the literature and older tools disagree, each under its own name.
//!
//! All but [`ScaleFormula::Log10`] are odd in frequency, as two-sided spectra need them; bandwidths and slopes
//! are even. Where a scale begins at 0, that is exact: 0 Hz is 0 units and 0 units are 0 Hz. The Bark scales that
//! do not begin at 0 jump there, and cannot be undone within 40 Hz below 0 Hz; nor can
//! [`ScaleFormula::Elelog`] within 2 Hz.

use super::Scale;
use super::constants::{
    BARK_CORNER_HZ, BARK_END, BARK_HIGH_CORRECTION, BARK_LOW_CORRECTION, BARK_OFFSET, BARK_RANGE,
    ELELOG_K, ELELOG_REST, ERB_AT_0_HZ, ERB_GROWTH_PER_HZ, ERB_UNITS_PER_DECADE,
    ERB_UNITS_PER_NEPER, MEL_CORNER_HZ, MEL_CSOUND_PER_NEPER, MEL_HTK_PER_DECADE, MEL_REFERENCE_HZ,
    MEL_REFERENCE_NEPERS, MEL_SLANEY_CORNER_HZ, MEL_SLANEY_PER_HZ, MEL_SLANEY_RATIO,
    MEL_SLANEY_STEPS, MOORE_ERB, SCHROEDER_BARK, SCHROEDER_CORNER_HZ, ZWICKER_HIGH, ZWICKER_LOW,
};
use crate::unknown_name::UnknownName;
use std::f64::consts::{FRAC_PI_2, LN_10};
use std::fmt;
use std::str::FromStr;

/// A published form of an auditory scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ScaleFormula {
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

/// Slaney's mel where it becomes logarithmic.
const SLANEY_CORNER: f64 = MEL_SLANEY_CORNER_HZ * MEL_SLANEY_PER_HZ;

/// How much the smooth Bark scale adds below [`SMOOTH_LOW`], per square of the distance.
const SMOOTH_LIFT: f64 = BARK_OFFSET / ((SMOOTH_LOW + BARK_OFFSET) * (SMOOTH_LOW + BARK_OFFSET));
const SMOOTH_LOW: f64 = 3.0;
/// Where the smooth Bark scale begins to bend upwards, and where it is straight again.
const SMOOTH_HIGH: (f64, f64) = (19.4, 21.4);
/// How much it adds from there on, per square of the distance.
const SMOOTH_BEND: f64 = 0.25 / (2.0 * (SMOOTH_HIGH.1 - SMOOTH_HIGH.0));
/// The straight part: its slope, and what it lies below the line through 0.
const SMOOTH_STRAIGHT: (f64, f64) = (
    1.25,
    0.25 * SMOOTH_HIGH.1
        - SMOOTH_BEND * (SMOOTH_HIGH.1 - SMOOTH_HIGH.0) * (SMOOTH_HIGH.1 - SMOOTH_HIGH.0),
);

impl ScaleFormula {
    /// Every formula, in the order of [`ScaleFormula`].
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

    /// Scale units at a frequency in hertz, of either sign: f(−x) = −f(x) on every scale but
    /// [`Self::Log10`].
    #[must_use]
    pub fn units_from_hz(self, hz: f64) -> f64 {
        match self {
            Self::Linear => hz,
            Self::Log10 => hz.log10(),
            _ if hz == 0.0 => self.units_at_0_hz(),
            _ => hz.signum() * self.units_above_0(hz.abs()),
        }
    }

    /// What 0 Hz is, coming from above; exactly 0 where the formula is so but for rounding.
    fn units_at_0_hz(self) -> f64 {
        match self {
            Self::Log10 => f64::NEG_INFINITY,
            Self::BarkTraunmuller | Self::BarkTraunmullerCorrected | Self::Elelog => {
                self.units_above_0(0.0)
            }
            _ => 0.0,
        }
    }

    fn units_above_0(self, hz: f64) -> f64 {
        match self {
            Self::Linear => hz,
            Self::Log10 => hz.log10(),
            Self::Elelog => (hz / ELELOG_A + ELELOG_K).ln(),
            Self::MelFant => FANT_FACTOR * (hz / MEL_CORNER_HZ).ln_1p(),
            Self::MelHtk => MEL_HTK_PER_DECADE * (1.0 + hz / MEL_CORNER_HZ).log10(),
            Self::MelSlaney if hz < MEL_SLANEY_CORNER_HZ => hz * MEL_SLANEY_PER_HZ,
            Self::MelSlaney => {
                SLANEY_CORNER
                    + MEL_SLANEY_STEPS * (hz / MEL_SLANEY_CORNER_HZ).ln() / MEL_SLANEY_RATIO.ln()
            }
            Self::MelCsound => MEL_CSOUND_PER_NEPER * (1.0 + hz / MEL_CORNER_HZ).ln(),
            Self::ErbIntegral => ERB_UNITS_PER_NEPER * (ERB_GROWTH_PER_HZ * hz).ln_1p(),
            Self::ErbGlasberg => ERB_UNITS_PER_DECADE * (ERB_GROWTH_PER_HZ * hz).ln_1p() / LN_10,
            Self::ErbMoore => Moore::new().units(hz),
            Self::BarkTraunmuller => BARK_RANGE * hz / (BARK_CORNER_HZ + hz) - BARK_OFFSET,
            Self::BarkTraunmullerCorrected => {
                straight_bark(Self::BarkTraunmuller.units_above_0(hz))
            }
            Self::BarkSmooth => smooth_bark(Self::BarkTraunmuller.units_above_0(hz)),
            Self::BarkZwicker => {
                let ((low, per_hz), (high, corner_hz)) = (ZWICKER_LOW, ZWICKER_HIGH);
                low * (per_hz * hz).atan() + high * (hz / corner_hz).powi(2).atan()
            }
            Self::BarkSchroeder => SCHROEDER_BARK * (hz / SCHROEDER_CORNER_HZ).asinh(),
        }
    }

    /// The frequency in hertz at `units`: the inverse of [`Self::units_from_hz`]. Beyond the end of a
    /// scale it is infinite.
    #[must_use]
    pub fn hz_from_units(self, units: f64) -> f64 {
        match self {
            Self::Linear => units,
            Self::Log10 => 10.0_f64.powf(units),
            // Between there and 0 units the least positive frequencies lie.
            Self::BarkTraunmuller | Self::BarkTraunmullerCorrected | Self::Elelog
                if units >= self.units_at_0_hz() =>
            {
                self.hz_above_0(units)
            }
            _ if units == 0.0 => 0.0,
            _ => units.signum() * self.hz_above_0(units.abs()),
        }
    }

    fn hz_above_0(self, units: f64) -> f64 {
        match self {
            Self::Linear => units,
            Self::Log10 => 10.0_f64.powf(units),
            Self::Elelog => (units.exp() - ELELOG_K) * ELELOG_A,
            Self::MelFant => {
                MEL_CORNER_HZ * (units * MEL_REFERENCE_NEPERS / MEL_REFERENCE_HZ).exp_m1()
            }
            Self::MelHtk => MEL_CORNER_HZ * (10.0_f64.powf(units / MEL_HTK_PER_DECADE) - 1.0),
            Self::MelSlaney if units < SLANEY_CORNER => units / MEL_SLANEY_PER_HZ,
            Self::MelSlaney => {
                let steps = (units - SLANEY_CORNER) / MEL_SLANEY_STEPS;
                MEL_SLANEY_CORNER_HZ * (steps * MEL_SLANEY_RATIO.ln()).exp()
            }
            Self::MelCsound => MEL_CORNER_HZ * ((units / MEL_CSOUND_PER_NEPER).exp() - 1.0),
            Self::ErbIntegral => (units / ERB_UNITS_PER_NEPER).exp_m1() / ERB_GROWTH_PER_HZ,
            Self::ErbGlasberg => {
                (units * LN_10 / ERB_UNITS_PER_DECADE).exp_m1() / ERB_GROWTH_PER_HZ
            }
            Self::ErbMoore => Moore::new().hz(units),
            Self::BarkTraunmuller => traunmuller_hz(units),
            Self::BarkTraunmullerCorrected => traunmuller_hz(unstraight_bark(units)),
            Self::BarkSmooth => traunmuller_hz(unsmooth_bark(units)),
            Self::BarkZwicker => zwicker_hz(units),
            Self::BarkSchroeder => SCHROEDER_CORNER_HZ * (units / SCHROEDER_BARK).sinh(),
        }
    }

    /// Units per hertz at `hz`, of either sign: the slope of the scale.
    #[must_use]
    pub fn units_per_hz(self, hz: f64) -> f64 {
        let hz = hz.abs();
        let traunmuller = || BARK_RANGE * BARK_CORNER_HZ / (BARK_CORNER_HZ + hz).powi(2);
        let bark = || Self::BarkTraunmuller.units_above_0(hz);
        let erb = |per_neper: f64| per_neper * ERB_GROWTH_PER_HZ / (1.0 + ERB_GROWTH_PER_HZ * hz);
        match self {
            Self::Linear => 1.0,
            Self::Log10 => 1.0 / (LN_10 * hz),
            Self::Elelog => 1.0 / (hz + ELELOG_K * ELELOG_A),
            Self::MelFant => FANT_FACTOR / (MEL_CORNER_HZ + hz),
            Self::MelHtk => MEL_HTK_PER_DECADE / LN_10 / (MEL_CORNER_HZ + hz),
            Self::MelSlaney if hz < MEL_SLANEY_CORNER_HZ => MEL_SLANEY_PER_HZ,
            Self::MelSlaney => MEL_SLANEY_STEPS / MEL_SLANEY_RATIO.ln() / hz,
            Self::MelCsound => MEL_CSOUND_PER_NEPER / (MEL_CORNER_HZ + hz),
            Self::ErbIntegral => erb(ERB_UNITS_PER_NEPER),
            Self::ErbGlasberg => erb(ERB_UNITS_PER_DECADE / LN_10),
            Self::ErbMoore => 1.0 / moore_bandwidth_hz(hz),
            Self::BarkTraunmuller => traunmuller(),
            Self::BarkTraunmullerCorrected => match bark() {
                low if low < BARK_LOW_CORRECTION.0 => (1.0 - BARK_LOW_CORRECTION.1) * traunmuller(),
                high if high > BARK_HIGH_CORRECTION.0 => {
                    (1.0 + BARK_HIGH_CORRECTION.1) * traunmuller()
                }
                _ => traunmuller(),
            },
            Self::BarkSmooth => match bark() {
                b if b < SMOOTH_LOW => (1.0 - 2.0 * SMOOTH_LIFT * (SMOOTH_LOW - b)) * traunmuller(),
                b if b > SMOOTH_HIGH.1 => SMOOTH_STRAIGHT.0 * traunmuller(),
                b if b > SMOOTH_HIGH.0 => {
                    (1.0 + 2.0 * SMOOTH_BEND * (b - SMOOTH_HIGH.0)) * traunmuller()
                }
                _ => traunmuller(),
            },
            Self::BarkZwicker => {
                let ((low, per_hz), (high, corner_hz)) = (ZWICKER_LOW, ZWICKER_HIGH);
                let square = (hz / corner_hz).powi(2);
                low * per_hz / (1.0 + (per_hz * hz).powi(2))
                    + 2.0 * high * hz / (corner_hz * corner_hz * (1.0 + square * square))
            }
            Self::BarkSchroeder => SCHROEDER_BARK / SCHROEDER_CORNER_HZ.hypot(hz),
        }
    }

    /// The bandwidth published with the scale in hertz, the same at −`hz`; `None` where there is none. That of
    /// the Bark scales is Zwicker and Terhardt's (1980) critical bandwidth, those of [`Self::MelFant`],
    /// [`Self::Log10`] and [`Self::Elelog`] are the [equivalent rectangular ones](Scale::bandwidth_hz) of ISAC
    /// bands.
    #[must_use]
    pub fn bandwidth_hz(self, hz: f64) -> Option<f64> {
        let hz = hz.abs();
        match self {
            Self::Linear | Self::MelHtk | Self::MelSlaney | Self::MelCsound => None,
            Self::Log10 => Scale::Log.bandwidth_hz(hz),
            Self::Elelog => Scale::Elelog.bandwidth_hz(hz),
            Self::MelFant => Scale::Mel.bandwidth_hz(hz),
            Self::ErbIntegral | Self::ErbGlasberg => Some(erb_hz(hz)),
            Self::ErbMoore => Some(moore_bandwidth_hz(hz)),
            Self::BarkTraunmuller
            | Self::BarkTraunmullerCorrected
            | Self::BarkSmooth
            | Self::BarkZwicker
            | Self::BarkSchroeder => Scale::Bark.bandwidth_hz(hz),
        }
    }
}

/// A of the elephants' scale, ln(f/A + k). The published design divides by a factor that depends on the sample
/// rate before the logarithm is taken, which moves all units alike.
const ELELOG_A: f64 = 1.0 / ELELOG_REST;

/// Fant's mel per neper: 1000/ln(17/7) with 1000 mel at 1 kHz and 700 Hz.
const FANT_FACTOR: f64 = MEL_REFERENCE_HZ / MEL_REFERENCE_NEPERS;

/// The equivalent rectangular bandwidth of Glasberg and Moore (1990) in hertz, 24.7 (1 + 0.00437 f), for `hz` ≥ 0.
#[must_use]
pub fn erb_hz(hz: f64) -> f64 {
    ERB_AT_0_HZ * (1.0 + ERB_GROWTH_PER_HZ * hz)
}

fn moore_bandwidth_hz(hz: f64) -> f64 {
    let [square, linear, constant] = MOORE_ERB;
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
        let [a, b, c] = MOORE_ERB;
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
    if bark < BARK_END {
        BARK_CORNER_HZ * (bark + BARK_OFFSET) / (BARK_END - bark)
    } else {
        f64::INFINITY
    }
}

/// Traunmüller's own corrections.
fn straight_bark(bark: f64) -> f64 {
    let ((low_end, low_share), (high_end, high_share)) =
        (BARK_LOW_CORRECTION, BARK_HIGH_CORRECTION);
    match bark {
        low if low < low_end => low + low_share * (low_end - low),
        high if high > high_end => high + high_share * (high - high_end),
        middle => middle,
    }
}

fn unstraight_bark(bark: f64) -> f64 {
    let ((low_end, low_share), (high_end, high_share)) =
        (BARK_LOW_CORRECTION, BARK_HIGH_CORRECTION);
    match bark {
        low if low < low_end => (low - low_share * low_end) / (1.0 - low_share),
        high if high > high_end => (high + high_share * high_end) / (1.0 + high_share),
        middle => middle,
    }
}

fn smooth_bark(bark: f64) -> f64 {
    let (bend, straight) = SMOOTH_HIGH;
    match bark {
        low if low < SMOOTH_LOW => low + SMOOTH_LIFT * (SMOOTH_LOW - low).powi(2),
        high if high > straight => SMOOTH_STRAIGHT.0 * high - SMOOTH_STRAIGHT.1,
        high if high > bend => high + SMOOTH_BEND * (high - bend).powi(2),
        middle => middle,
    }
}

/// The quadratics of [`smooth_bark`], solved.
fn unsmooth_bark(bark: f64) -> f64 {
    let (bend, straight) = SMOOTH_HIGH;
    let (slope, drop) = SMOOTH_STRAIGHT;
    let solve = |foot: f64, lift: f64, corner: f64| {
        foot + (foot * foot - corner * corner + bark / lift).max(0.0).sqrt()
    };
    match bark {
        low if low < SMOOTH_LOW => solve(SMOOTH_LOW - 0.5 / SMOOTH_LIFT, SMOOTH_LIFT, SMOOTH_LOW),
        high if high > slope * straight - drop => (high + drop) / slope,
        high if high > bend => solve(bend - 0.5 / SMOOTH_BEND, SMOOTH_BEND, bend),
        middle => middle,
    }
}

/// Zwicker and Terhardt's scale has no closed inverse: bisection, for it only rises.
fn zwicker_hz(bark: f64) -> f64 {
    // Both arcus tangents end at π/2.
    if bark >= (ZWICKER_LOW.0 + ZWICKER_HIGH.0) * FRAC_PI_2 {
        return f64::INFINITY;
    }
    let (mut low_hz, mut high_hz) = (0.0, 1e3);
    while ScaleFormula::BarkZwicker.units_above_0(high_hz) < bark {
        high_hz *= 2.0;
    }
    for _ in 0..64 {
        let hz = 0.5 * (low_hz + high_hz);
        if ScaleFormula::BarkZwicker.units_above_0(hz) < bark { low_hz = hz } else { high_hz = hz }
    }
    0.5 * (low_hz + high_hz)
}

impl From<Scale> for ScaleFormula {
    /// The formula that a bank's scale has above 1 Hz.
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

impl fmt::Display for ScaleFormula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ScaleFormula {
    type Err = UnknownName;

    /// Reads a formula's [`name`](Self::name).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        UnknownName::find(Self::ALL, Self::name, "scale", text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverses_and_slopes_agree_with_the_scales() {
        for formula in ScaleFormula::ALL {
            for hz in [3.0, 30.0, 440.0, 999.0, 4000.0, 7_777.0, 24_000.0] {
                let units = formula.units_from_hz(hz);
                let back = formula.hz_from_units(units);
                assert!((back - hz).abs() < 1e-8 * hz, "{formula} {hz} {back}");
                let step = hz * 1e-5;
                let rise = formula.units_from_hz(hz + step) - formula.units_from_hz(hz - step);
                let slope = formula.units_per_hz(hz) * 2.0 * step;
                assert!((rise / slope - 1.0).abs() < 1e-6, "{formula} {hz}: {rise} {slope}");
            }
            assert_eq!(formula.name().parse(), Ok(formula));
        }
    }

    #[test]
    fn negative_frequencies_mirror_positive_ones() {
        for formula in ScaleFormula::ALL {
            for hz in [0.3, 50.0, 700.0, 999.0, 1500.0, 21_000.0] {
                assert_eq!(formula.bandwidth_hz(-hz), formula.bandwidth_hz(hz), "{formula} {hz}");
                assert_eq!(formula.units_per_hz(-hz), formula.units_per_hz(hz), "{formula} {hz}");
                if formula != ScaleFormula::Log10 {
                    let (below, above) = (formula.units_from_hz(-hz), formula.units_from_hz(hz));
                    assert_eq!(below, -above, "{formula} {hz}");
                }
            }
            // Two zeros, one frequency.
            assert_eq!(formula.units_from_hz(-0.0), formula.units_from_hz(0.0), "{formula}");
            assert_eq!(formula.bandwidth_hz(-0.0), formula.bandwidth_hz(0.0), "{formula}");
        }
    }

    #[test]
    fn scales_that_begin_at_0_do_so_exactly() {
        for formula in ScaleFormula::ALL {
            let units = formula.units_from_hz(0.0);
            let jumps = [
                ScaleFormula::Log10,
                ScaleFormula::Elelog,
                ScaleFormula::BarkTraunmuller,
                ScaleFormula::BarkTraunmullerCorrected,
            ];
            if jumps.contains(&formula) {
                assert!(units < 0.0, "{formula}: {units}");
                continue;
            }
            for zero in [0.0, -0.0] {
                assert_eq!(formula.units_from_hz(zero), 0.0, "{formula}");
                assert_eq!(formula.hz_from_units(zero), 0.0, "{formula}");
            }
        }
    }

    #[test]
    fn bandwidths_are_hertz_that_a_band_can_have() {
        for formula in ScaleFormula::ALL {
            for hz in [500.0, 1000.0, 4000.0] {
                let Some(bandwidth_hz) = formula.bandwidth_hz(hz) else { continue };
                // Between a twelfth of an octave and an octave.
                let share = bandwidth_hz / hz;
                assert!((0.057..0.7).contains(&share), "{formula} {hz}: {bandwidth_hz} Hz");
            }
        }
    }
}
