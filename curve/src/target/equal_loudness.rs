//! Equal-loudness-level contours: ISO 226:2023, Acoustics — Normal equal-loudness-level contours, formula (1) and
//! table 1, for pure tones in a free field heard from in front.

use super::at;
use crate::report::{Error, ErrorKind};
use std::fmt;
use std::str::FromStr;

/// The levels in phon for which the standard holds: the lower ones at all frequencies, those above 80 up to 4 kHz.
pub const PHON: [f64; 2] = [20.0, 90.0];

/// Frequency in hertz; the exponent α of loudness; the magnitude L of the linear transfer function, in dB re that at
/// 1 kHz; the threshold T in dB.
const TABLE: [(f64, f64, f64, f64); 29] = [
    (20.0, 0.635, -31.5, 78.1),
    (25.0, 0.602, -27.2, 68.7),
    (31.5, 0.569, -23.1, 59.5),
    (40.0, 0.537, -19.3, 51.1),
    (50.0, 0.509, -16.1, 44.0),
    (63.0, 0.482, -13.1, 37.5),
    (80.0, 0.456, -10.4, 31.5),
    (100.0, 0.433, -8.2, 26.5),
    (125.0, 0.412, -6.3, 22.1),
    (160.0, 0.391, -4.6, 17.9),
    (200.0, 0.373, -3.2, 14.4),
    (250.0, 0.357, -2.1, 11.4),
    (315.0, 0.343, -1.2, 8.6),
    (400.0, 0.330, -0.5, 6.2),
    (500.0, 0.320, 0.0, 4.4),
    (630.0, 0.311, 0.4, 3.0),
    (800.0, 0.303, 0.5, 2.2),
    (1000.0, 0.300, 0.0, 2.4),
    (1250.0, 0.295, -2.7, 3.5),
    (1600.0, 0.292, -4.2, 1.7),
    (2000.0, 0.290, -1.2, -1.3),
    (2500.0, 0.290, 1.4, -4.2),
    (3150.0, 0.289, 2.3, -6.0),
    (4000.0, 0.289, 1.0, -5.4),
    (5000.0, 0.289, -2.3, -1.5),
    (6300.0, 0.293, -7.2, 6.0),
    (8000.0, 0.303, -11.2, 12.6),
    (10_000.0, 0.323, -10.9, 13.9),
    (12_500.0, 0.354, -3.5, 12.3),
];

/// The exponent of loudness at 1 kHz.
const ALPHA_AT_1_KHZ: f64 = 0.300;
/// The squared sound pressure of 0 dB, in Pa².
const REFERENCE_PA2: f64 = 4e-10;
/// The threshold at 1 kHz, as the formula has it.
const THRESHOLD_AT_1_KHZ_DB: f64 = 2.4;

/// The level in dB SPL of a tone that is as loud as one of so many phon: that of 1 kHz and as many dB SPL. Between the
/// frequencies of the standard it is straight over their logarithm; below 20 Hz and above 12.5 kHz it is as at these.
#[must_use]
pub fn level_db(phon: f64, hz: f64) -> f64 {
    at(TABLE.map(|row| (row.0, level_at_db(phon, row))), hz)
}

fn level_at_db(phon: f64, (_, alpha, transfer_db, threshold_db): (f64, f64, f64, f64)) -> f64 {
    let ten = |exponent: f64| 10.0_f64.powf(exponent);
    let growth =
        ten(ALPHA_AT_1_KHZ * phon / 10.0) - ten(ALPHA_AT_1_KHZ * THRESHOLD_AT_1_KHZ_DB / 10.0);
    let at_threshold = ten(alpha * (threshold_db + transfer_db) / 10.0);
    let loudness = REFERENCE_PA2.powf(ALPHA_AT_1_KHZ - alpha) * growth + at_threshold;
    10.0 / alpha * loudness.log10() - transfer_db
}

/// Two levels: that of sound where it was made or is known, and that at which it is heard now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// The level in phon that the sound was made for.
    pub from_phon: f64,
    /// The level in phon at which it is heard.
    pub to_phon: f64,
}

impl Levels {
    /// The gain in dB at a frequency in hertz with which sound is as balanced at the second level as it was at the
    /// first; 0 at 1 kHz.
    #[must_use]
    pub fn gain_db(self, hz: f64) -> f64 {
        let over_1_khz = |phon: f64| level_db(phon, hz) - level_db(phon, 1000.0);
        over_1_khz(self.to_phon) - over_1_khz(self.from_phon)
    }
}

impl fmt::Display for Levels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.from_phon, self.to_phon)
    }
}

impl FromStr for Levels {
    type Err = Error;

    /// Reads two levels in phon with a hyphen between, such as `80-60`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let [low, high] = PHON;
        let phon = |text: &str| {
            let phon: f64 = text.trim().parse().ok()?;
            (low..=high).contains(&phon).then_some(phon)
        };
        let levels = text.split_once('-').and_then(|(from, to)| Some((phon(from)?, phon(to)?)));
        let (from_phon, to_phon) = levels.ok_or_else(|| {
            let text = format!(
                "\"{text}\" are no two levels of loudness; possible: FROM-TO in phon, {low} to {high} each, such as 80-60"
            );
            Error::new(ErrorKind::Malformed, text)
        })?;
        Ok(Self { from_phon, to_phon })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Levels of annex B of the standard, rounded there to a tenth of a dB, and at 1 kHz the definition of the phon.
    #[test]
    fn contours_are_those_of_the_standard() {
        for (phon, hz, expected_db) in
            [(60.0, 100.0, 78.5), (20.0, 1000.0, 20.0), (40.0, 1000.0, 40.0), (80.0, 1000.0, 80.0)]
        {
            let db = level_db(phon, hz);
            assert!((db - expected_db).abs() < 0.051, "{phon} phon at {hz} Hz: {db} dB");
        }
    }

    /// The contour of 40 phon in ISO 226:2003, which was revised by 0.2 dB at most: every row is in it.
    #[test]
    fn they_are_near_those_of_the_edition_before() {
        let before_db = [
            99.85, 93.94, 88.17, 82.63, 77.78, 73.08, 68.48, 64.37, 60.59, 56.70, 53.41, 50.40,
            47.58, 44.98, 43.05, 41.34, 40.06, 40.01, 41.82, 42.51, 39.23, 36.51, 35.61, 36.65,
            40.01, 45.83, 51.80, 54.28, 51.49,
        ];
        assert_eq!(before_db.len(), TABLE.len());
        for (row, before_db) in TABLE.into_iter().zip(before_db) {
            let db = level_db(40.0, row.0);
            assert!((db - before_db).abs() < 0.21, "{db} dB at {} Hz", row.0);
        }
    }

    #[test]
    fn quieter_sound_gets_more_bass_and_the_way_back_takes_it() {
        let [down, up]: [Levels; 2] = ["80-60", "60-80"].map(|text| text.parse().expect("levels"));
        assert!((5.0..12.0).contains(&down.gain_db(40.0)), "{} dB", down.gain_db(40.0));
        assert!(down.gain_db(1000.0).abs() < 1e-12);
        assert!((down.gain_db(63.0) + up.gain_db(63.0)).abs() < 1e-12);
        assert_eq!(down.gain_db(16_000.0), down.gain_db(12_500.0));
        assert_eq!(down.gain_db(0.0), down.gain_db(20.0));
        assert_eq!((down.to_string(), "80-60 ".parse::<Levels>()), ("80-60".into(), Ok(down)));
        for text in ["", "80", "80-", "-60", "80-10", "91-60", "nan-60", "80–60"] {
            let error = text.parse::<Levels>().expect_err(text);
            assert!(error.text.contains("20 to 90"), "{error}");
        }
    }
}
