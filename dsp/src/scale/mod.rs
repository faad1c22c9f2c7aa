//! Auditory frequency scales: hertz to scale units and back, and the bandwidth at a frequency.
//!
//! A [`Scale`] spaces and shapes the bands of a bank, a [`ScaleFormula`] is one published form of a scale.
//! Units and bandwidths are those of the published ISAC design (Haider et al., 2025) where it names
//! the scale, so that centre frequencies and supports agree with it. All numbers are in [`constants`].

pub mod constants;
mod formula;

pub use formula::{ScaleFormula, erb_hz};

use crate::unknown_name::UnknownName;
use constants::{
    CRITICAL_BANDWIDTH_GROWTH, CRITICAL_BANDWIDTH_HZ, EAR_Q, ERB_AT_0_HZ, ISAC_ELELOG_PERIODS,
    ISAC_FACTOR_LOG, ISAC_FACTOR_MEL, ISAC_HANN_SPREAD, ISAC_SUPPORT_ERB, MEL_CORNER_HZ,
    MEL_REFERENCE_HZ,
};
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
            Self::Log => hz.max(1.0).log10(),
            scale => ScaleFormula::from(scale).units_from_hz(hz),
        }
    }

    /// The frequency in hertz at `units`: the inverse of [`Self::units_from_hz`].
    #[must_use]
    pub fn hz_from_units(self, units: f64) -> f64 {
        ScaleFormula::from(self).hz_from_units(units)
    }

    /// Units per hertz at `hz`: the slope of the scale.
    #[must_use]
    pub fn units_per_hz(self, hz: f64) -> f64 {
        match self {
            Self::Log if hz < 1.0 => 0.0,
            scale => ScaleFormula::from(scale).units_per_hz(hz),
        }
    }

    /// The scale's own bandwidth at `hz` ≥ 0 in hertz; `None` for the linear scale, which has none.
    ///
    /// It is the equivalent rectangular one, so that scales compare. ERB: 24.7 + f/9.265. Bark: the critical
    /// bandwidth 25 + 75 (1 + 1.4 (f/kHz)²)^0.69. The published ISAC design has supports for the others, and
    /// bandwidths in units of no meaning; these are the ones for which a support is
    /// [the same multiple](ISAC_SUPPORT_ERB) of rate ÷ bandwidth on all scales: mel 0.0706 (700 + f), log 0.329 f,
    /// elelog 0.1235 f.
    ///
    /// ```
    /// use erbium_dsp::Scale;
    ///
    /// let at_1_khz = |scale: Scale| scale.bandwidth_hz(1000.0).map(f64::round);
    /// assert_eq!(at_1_khz(Scale::Erb), Some(133.0));
    /// assert_eq!(at_1_khz(Scale::Mel), Some(120.0));
    /// assert_eq!(at_1_khz(Scale::Linear), None);
    /// ```
    #[must_use]
    pub fn bandwidth_hz(self, hz: f64) -> Option<f64> {
        self.isac_bandwidth(hz).map(|bandwidth| bandwidth * self.hz_per_isac_bandwidth())
    }

    /// The frequency in hertz at which [`Self::bandwidth_hz`] is `bandwidth_hz`: its inverse, which may lie
    /// below 0. `None` for the linear scale.
    #[must_use]
    pub fn hz_from_bandwidth(self, bandwidth_hz: f64) -> Option<f64> {
        self.hz_from_isac_bandwidth(bandwidth_hz / self.hz_per_isac_bandwidth())
    }

    /// The bandwidth of the ISAC program at `hz`, on the mel, log and elephants' scales in units of its own:
    /// in this form, to the last digit, or banks would sound otherwise than those of earlier projects.
    pub(crate) fn isac_bandwidth(self, hz: f64) -> Option<f64> {
        match self {
            Self::Erb => Some(ERB_AT_0_HZ + hz / EAR_Q),
            Self::Bark => {
                let ((floor, rise), (square, exponent)) =
                    (CRITICAL_BANDWIDTH_HZ, CRITICAL_BANDWIDTH_GROWTH);
                Some(floor + rise * (1.0 + square * hz * hz).powf(exponent))
            }
            Self::Mel => Some(mel_decades() * (MEL_CORNER_HZ + hz) / MEL_REFERENCE_HZ),
            Self::Log | Self::Elelog => Some(hz),
            Self::Linear => None,
        }
    }

    /// The inverse of [`Self::isac_bandwidth`].
    pub(crate) fn hz_from_isac_bandwidth(self, bandwidth: f64) -> Option<f64> {
        match self {
            Self::Erb => Some((bandwidth - ERB_AT_0_HZ) * EAR_Q),
            Self::Bark => {
                let ((floor, rise), (square, exponent)) =
                    (CRITICAL_BANDWIDTH_HZ, CRITICAL_BANDWIDTH_GROWTH);
                let widening = ((bandwidth - floor).max(0.0) / rise).powf(1.0 / exponent) - 1.0;
                Some(widening.signum() * (widening.abs() / square).sqrt())
            }
            Self::Mel => Some(MEL_REFERENCE_HZ * bandwidth / mel_decades() - MEL_CORNER_HZ),
            Self::Log | Self::Elelog => Some(bandwidth),
            Self::Linear => None,
        }
    }

    /// Support × [bandwidth](Self::isac_bandwidth) ÷ sample rate of a Hann kernel, as published; 1 for the
    /// linear scale, which has no bandwidth.
    pub(crate) const fn isac_support(self) -> f64 {
        match self {
            Self::Erb | Self::Bark => ISAC_SUPPORT_ERB,
            Self::Mel => ISAC_HANN_SPREAD / ISAC_FACTOR_MEL,
            Self::Log => ISAC_HANN_SPREAD / ISAC_FACTOR_LOG,
            Self::Elelog => ISAC_ELELOG_PERIODS,
            Self::Linear => 1.0,
        }
    }

    /// Equivalent rectangular bandwidth in hertz over [that of the ISAC program](Self::isac_bandwidth).
    const fn hz_per_isac_bandwidth(self) -> f64 {
        ISAC_SUPPORT_ERB / self.isac_support()
    }
}

/// Fant's reference over his corner in decades, log10(17/7): the factor of the ISAC program's mel bandwidth.
fn mel_decades() -> f64 {
    ((MEL_CORNER_HZ + MEL_REFERENCE_HZ) / MEL_CORNER_HZ).log10()
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scale {
    type Err = UnknownName;

    /// Reads a scale's [`name`](Self::name); `log10`, the published design's name, is `log`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = if text == "log10" { Self::Log.name() } else { text };
        UnknownName::find(Self::ALL, Self::name, "scale", text)
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
    fn names_parse_and_unknown_names_are_listed() {
        for scale in Scale::ALL {
            assert_eq!(scale.name().parse(), Ok(scale));
        }
        assert_eq!("log10".parse(), Ok(Scale::Log));
        let error = "octave".parse::<Scale>().expect_err("not a scale").to_string();
        assert!(error.contains("octave") && error.contains("bark"));
    }

    #[test]
    fn bandwidths_are_those_of_the_published_supports() {
        // Support T(f) of a Hann kernel in samples at a rate of 1 Hz, as published.
        type Support = fn(f64) -> f64;
        let published: [(Scale, Support); 4] = [
            (Scale::Erb, |hz| 1.2348 / (24.7 + hz / 9.265)),
            (Scale::Mel, |hz| 17.50 / (700.0 + hz)),
            (Scale::Log, |hz| 3.754 / hz),
            (Scale::Elelog, |hz| 10.0 / hz),
        ];
        for (scale, support) in published {
            for hz in [100.0, 1000.0, 10_000.0] {
                let ours = ISAC_SUPPORT_ERB / scale.bandwidth_hz(hz).expect("has a bandwidth");
                assert!((ours / support(hz) - 1.0).abs() < 3e-4, "{scale} {hz}: {ours}");
            }
        }
    }
}
