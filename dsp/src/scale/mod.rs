//! Auditory frequency scales: hertz to scale units and back, and the bandwidth at a frequency.
//!
//! Units and bandwidths are those of the published ISAC design (Haider et al., 2025) where it names
//! the scale, so that centre frequencies and supports agree with it.

mod variant;

pub use variant::Variant;

use std::fmt;
use std::str::FromStr;

/// An auditory frequency scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Scale {
    /// Equivalent rectangular bandwidths (Glasberg and Moore, 1990), in ERB numbers.
    #[default]
    Erb,
    /// Mel, normalised to 1000 mel at 1 kHz (Fant's form with 700 Hz).
    Mel,
    /// Bark (Traunmüller, 1990), with Zwicker and Terhardt's (1980) critical bandwidth.
    Bark,
    /// The decimal logarithm of frequency (`log10` in the published design), 0 below 1 Hz.
    Log,
    /// Hertz.
    Linear,
    /// The logarithm of 0.88 + 0.12 f: that of elephants (`elelog` in the published design), 0 at 1 Hz.
    Elelog,
}

/// The elephants' scale, ln(f/A + k): k, and A = 1/(1 − k). The published design divides by a factor that
/// depends on the sample rate before the logarithm is taken, which moves all units alike.
const ELELOG: (f64, f64) = (0.88, 1.0 / 0.12);

/// ln(17/7), which makes 1 kHz equal 1000 mel.
const LN_17_7: f64 = 0.887_303_195_000_903_2;

impl Scale {
    /// Every scale, in the order of [`Scale`].
    pub const ALL: [Self; 6] =
        [Self::Erb, Self::Mel, Self::Bark, Self::Log, Self::Linear, Self::Elelog];

    /// The name used on the command line and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Erb => "erb",
            Self::Mel => "mel",
            Self::Bark => "bark",
            Self::Log => "log",
            Self::Linear => "linear",
            Self::Elelog => "elelog",
        }
    }

    /// Scale units at a frequency of `hz` ≥ 0.
    #[must_use]
    pub fn units_from_hz(self, hz: f64) -> f64 {
        match self {
            Self::Erb => 9.2645 * (0.00437 * hz).ln_1p(),
            Self::Mel => 1000.0 / LN_17_7 * (hz / 700.0).ln_1p(),
            Self::Bark => 26.81 * hz / (1960.0 + hz) - 0.53,
            Self::Log => hz.max(1.0).log10(),
            Self::Linear => hz,
            Self::Elelog => (hz / ELELOG.1 + ELELOG.0).ln(),
        }
    }

    /// The frequency in hertz at `units`: the inverse of [`Self::units_from_hz`].
    #[must_use]
    pub fn hz_from_units(self, units: f64) -> f64 {
        match self {
            Self::Erb => (units / 9.2645).exp_m1() / 0.00437,
            Self::Mel => 700.0 * (units * LN_17_7 / 1000.0).exp_m1(),
            Self::Bark => 1960.0 * (units + 0.53) / (26.28 - units),
            Self::Log => 10.0_f64.powf(units),
            Self::Linear => units,
            Self::Elelog => (units.exp() - ELELOG.0) * ELELOG.1,
        }
    }

    /// Units per hertz at `hz`: the slope of the scale.
    #[must_use]
    pub fn units_per_hz(self, hz: f64) -> f64 {
        match self {
            Self::Erb => 9.2645 * 0.00437 / (1.0 + 0.00437 * hz),
            Self::Mel => 1000.0 / LN_17_7 / (700.0 + hz),
            Self::Bark => 26.81 * 1960.0 / (1960.0 + hz).powi(2),
            Self::Log if hz < 1.0 => 0.0,
            Self::Log => 1.0 / (std::f64::consts::LN_10 * hz),
            Self::Linear => 1.0,
            Self::Elelog => 1.0 / (hz + ELELOG.0 * ELELOG.1),
        }
    }

    /// The scale's own bandwidth at `hz`, in hertz; `None` for the linear scale, which has none.
    ///
    /// ERB: 24.7 + f/9.265. Mel, log and elelog: in proportion to the hertz of a scale unit. Bark: 25 + 75 (1 + 1.4 (f/kHz)²)^0.69.
    #[must_use]
    pub fn bandwidth_hz(self, hz: f64) -> Option<f64> {
        match self {
            Self::Erb => Some(24.7 + hz / 9.265),
            Self::Mel => Some((17.0_f64 / 7.0).log10() * (700.0 + hz) / 1000.0),
            Self::Bark => Some(25.0 + 75.0 * (1.0 + 1.4e-6 * hz * hz).powf(0.69)),
            Self::Log | Self::Elelog => Some(hz),
            Self::Linear => None,
        }
    }

    /// The frequency in hertz whose bandwidth is `bandwidth_hz`; below 0 where the scale has no band
    /// so narrow. `None` for the linear scale.
    #[must_use]
    pub fn hz_from_bandwidth(self, bandwidth_hz: f64) -> Option<f64> {
        match self {
            Self::Erb => Some((bandwidth_hz - 24.7) * 9.265),
            Self::Mel => Some(1000.0 * bandwidth_hz / (17.0_f64 / 7.0).log10() - 700.0),
            Self::Bark => {
                let widening = ((bandwidth_hz - 25.0).max(0.0) / 75.0).powf(1.0 / 0.69) - 1.0;
                Some(widening.signum() * (widening.abs() / 1.4e-6).sqrt())
            }
            Self::Log | Self::Elelog => Some(bandwidth_hz),
            Self::Linear => None,
        }
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scale {
    type Err = String;

    /// Reads a scale's [`name`](Self::name); `log10`, the published design's name, is `log`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|scale| scale.name() == text)
            .or_else(|| (text == "log10").then_some(Self::Log))
            .ok_or_else(|| {
                format!("unknown scale \"{text}\"; possible: erb, mel, bark, log, linear, elelog")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverses_return_to_where_they_came_from() {
        for scale in Scale::ALL {
            for hz in [1.0, 20.0, 440.0, 1000.0, 7_777.0, 24_000.0, 96_000.0] {
                let back = scale.hz_from_units(scale.units_from_hz(hz));
                assert!((back - hz).abs() < 1e-9 * hz, "{scale} {hz} {back}");
                let slope =
                    (scale.units_from_hz(hz * 1.0001) - scale.units_from_hz(hz)) / (hz * 1e-4);
                assert!((slope / scale.units_per_hz(hz) - 1.0).abs() < 1e-3, "{scale} {hz}");
                if let Some(bandwidth) = scale.bandwidth_hz(hz) {
                    let back = scale.hz_from_bandwidth(bandwidth).expect("has a bandwidth");
                    assert!((back - hz).abs() < 1e-6 * hz, "{scale} {hz} {back}");
                }
            }
        }
    }

    #[test]
    fn names_parse_and_unknown_names_are_told() {
        for scale in Scale::ALL {
            assert_eq!(scale.name().parse(), Ok(scale));
        }
        let error = "octave".parse::<Scale>().expect_err("not a scale");
        assert!(error.contains("octave") && error.contains("bark"));
    }
}
