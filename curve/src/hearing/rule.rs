//! Rules from thresholds to gains.

use super::audiogram::Audiogram;
use crate::curve::{Curve, Point};
use crate::report::{Error, ErrorKind};
use std::fmt;
use std::str::FromStr;

/// The highest gain in dB that is given, whatever a rule says.
pub const GAIN_MAX_DB: f64 = 20.0;

/// A rule for linear amplification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Half of the threshold: Lybarger (1963), *Simplified fitting system for hearing aids*, Radioear.
    HalfGain,
    /// The revised procedure of the National Acoustic Laboratories: Byrne and Dillon (1986), Ear and Hearing 7, 257,
    /// [doi:10.1097/00003446-198608000-00007](https://doi.org/10.1097/00003446-198608000-00007).
    NalR,
}

/// The frequencies in hertz whose mean threshold NAL-R begins with.
const NAL_R_MEAN_HZ: [f64; 3] = [500.0, 1000.0, 2000.0];
/// The part of the mean threshold in each gain.
const NAL_R_MEAN_PART: f64 = 0.15;
/// The part of the threshold at a frequency in its gain.
const NAL_R_PART: f64 = 0.31;
/// What is added at a frequency in hertz, in dB. Beyond the ends it is as at these.
const NAL_R_ADDED: [(f64, f64); 9] = [
    (250.0, -17.0),
    (500.0, -8.0),
    (750.0, -3.0),
    (1000.0, 1.0),
    (1500.0, 1.0),
    (2000.0, -1.0),
    (3000.0, -2.0),
    (4000.0, -2.0),
    (6000.0, -2.0),
];

/// The gains for an ear.
#[derive(Clone, Debug, PartialEq)]
pub struct Prescription {
    /// Gains in dB at frequencies in hertz, 0 to [`GAIN_MAX_DB`].
    pub curve: Curve,
    /// Where the rule gives more than that, and how much.
    pub limited: Vec<Point>,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 2] = [Self::HalfGain, Self::NalR];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HalfGain => "half-gain",
            Self::NalR => "nal-r",
        }
    }

    /// The gains in dB that the rule gives, without limits, at frequencies in hertz that rise: those of the audiogram and,
    /// in between, those of the rule.
    ///
    /// # Errors
    /// Where the audiogram does not reach as far as the rule needs.
    pub fn gains(self, audiogram: &Audiogram) -> Result<Vec<Point>, Error> {
        let points = audiogram.points();
        match self {
            Self::HalfGain => {
                Ok(points.iter().map(|point| Point { hz: point.hz, db: 0.5 * point.db }).collect())
            }
            Self::NalR => {
                let reach = points[0].hz..=points[points.len() - 1].hz;
                if let Some(hz) = NAL_R_MEAN_HZ.iter().find(|hz| !reach.contains(*hz)) {
                    let (low_hz, high_hz) = (reach.start(), reach.end());
                    return Err(Error::new(
                        ErrorKind::Malformed,
                        format!(
                            "thresholds from {low_hz} to {high_hz} Hz say nothing of {hz} Hz, which NAL-R needs; possible: \
                             thresholds from 500 Hz or below to 2000 Hz or above, or the rule half-gain"
                        ),
                    ));
                }
                let mean_db = NAL_R_MEAN_HZ.map(|hz| audiogram.at_db(hz)).iter().sum::<f64>() / 3.0;
                let added =
                    Curve::from_rising(NAL_R_ADDED.map(|(hz, db)| Point { hz, db }).to_vec());
                let gain = |hz: f64| {
                    let part_db = NAL_R_PART.mul_add(audiogram.at_db(hz), added.at_db(hz));
                    Point { hz, db: NAL_R_MEAN_PART.mul_add(mean_db, part_db) }
                };
                let between =
                    NAL_R_ADDED.map(|(hz, _)| hz).into_iter().filter(|hz| reach.contains(hz));
                let mut hz: Vec<f64> = points.iter().map(|point| point.hz).chain(between).collect();
                hz.sort_by(f64::total_cmp);
                hz.dedup();
                Ok(hz.into_iter().map(gain).collect())
            }
        }
    }

    /// The gains to play: those of the rule, but no cut, which a rule for loss knows nothing of, and no more than
    /// [`GAIN_MAX_DB`].
    ///
    /// # Errors
    /// As [`Self::gains`].
    pub fn prescribe(self, audiogram: &Audiogram) -> Result<Prescription, Error> {
        let gains = self.gains(audiogram)?;
        let limited = gains.iter().copied().filter(|point| point.db > GAIN_MAX_DB).collect();
        let within = |point: Point| Point { db: point.db.clamp(0.0, GAIN_MAX_DB), ..point };
        let curve = Curve::from_rising(gains.into_iter().map(within).collect());
        Ok(Prescription { curve, limited })
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = |rule: &Self| text.eq_ignore_ascii_case(rule.name());
        let none = || format!("\"{text}\" is no rule; possible: half-gain, nal-r");
        Self::ALL.into_iter().find(named).ok_or_else(none)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audiogram(points: &[(f64, f64)]) -> Audiogram {
        Audiogram::new(points.iter().map(|&(hz, db)| Point { hz, db }).collect()).expect("possible")
    }

    fn gain_db(rule: Rule, audiogram: &Audiogram, hz: f64) -> f64 {
        let gains = rule.gains(audiogram).expect("reaches far enough");
        gains.iter().find(|point| point.hz == hz).expect("a gain there").db
    }

    /// The example of United States patent 11445313 B2, which states the rule.
    #[test]
    fn nal_r_gives_what_a_published_example_says() {
        let ear = audiogram(&[
            (250.0, 15.0),
            (500.0, 20.0),
            (1000.0, 30.0),
            (2000.0, 50.0),
            (4000.0, 60.0),
        ]);
        let expected =
            [(250.0, -7.35), (500.0, 3.2), (1000.0, 15.3), (2000.0, 19.5), (4000.0, 21.6)];
        for (hz, expected_db) in expected {
            let db = gain_db(Rule::NalR, &ear, hz);
            assert!((db - expected_db).abs() < 1e-9, "{db} dB at {hz} Hz");
        }
        let Prescription { curve, limited } = Rule::NalR.prescribe(&ear).expect("reaches");
        assert_eq!((curve.at_db(250.0), curve.at_db(4000.0)), (0.0, 20.0));
        assert!((curve.at_db(1000.0) - 15.3).abs() < 1e-9);
        let limited: Vec<f64> = limited.iter().map(|point| point.hz).collect();
        assert_eq!(limited, [3000.0, 4000.0]);
    }

    #[test]
    fn nal_r_takes_in_what_it_adds_between_the_frequencies_of_the_audiogram() {
        let ear = audiogram(&[(250.0, 40.0), (8000.0, 40.0)]);
        for (hz, added_db) in NAL_R_ADDED.into_iter().chain([(8000.0, -2.0)]) {
            let db = gain_db(Rule::NalR, &ear, hz);
            assert!((db - (0.46 * 40.0 + added_db)).abs() < 1e-9, "{db} dB at {hz} Hz");
        }
        let short = audiogram(&[(1000.0, 40.0), (4000.0, 40.0)]);
        let error = Rule::NalR.prescribe(&short).expect_err("lacks 500 Hz").to_string();
        assert!(error.contains("from 1000 to 4000 Hz say nothing of 500 Hz"), "{error}");
    }

    #[test]
    fn half_gain_is_half_and_never_a_cut() {
        let ear = audiogram(&[(250.0, -10.0), (1000.0, 30.0), (4000.0, 40.0), (6000.0, 55.0)]);
        let Prescription { curve, limited } = Rule::HalfGain.prescribe(&ear).expect("any");
        let gains: Vec<f64> = curve.points().iter().map(|point| point.db).collect();
        assert_eq!(gains, [0.0, 15.0, 20.0, 20.0]);
        assert_eq!(limited, [Point { hz: 6000.0, db: 27.5 }]);
        assert_eq!("NAL-R".parse(), Ok(Rule::NalR));
        assert!("dsl".parse::<Rule>().expect_err("none").contains("possible: half-gain, nal-r"));
    }
}
