//! Sound pressure levels, which are no gains until it is said what they are for.

use crate::curve::{Curve, Point};
use crate::report::{Error, ErrorKind, Notes};
use std::fmt;
use std::str::FromStr;

/// What sound pressure levels are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Sound as they are: the gains are the levels less their reference level.
    Target,
    /// Sound flat where they were measured: the gains are the reference level less the levels, and no
    /// higher than [`BOOST_MAX_DB`], for a dip in a room cannot be filled.
    Correct,
}

/// The highest gain in dB of a correction.
pub const BOOST_MAX_DB: f64 = 6.0;

/// Where the reference level is the mean in dB over the logarithm of the frequency, in hertz.
const REFERENCE_HZ: [f64; 2] = [200.0, 2000.0];

/// Half of the values higher than this in dB are no gains.
const GAINS_MEDIAN_MAX_DB: f64 = 24.0;
/// All values lower than this in dB are no gains.
const GAINS_MIN_DB: f64 = -20.0;

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 2] = [Self::Target, Self::Correct];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Correct => "correct",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Purpose {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = |purpose: &Self| text.eq_ignore_ascii_case(purpose.name());
        let none =
            || format!("\"{text}\" is no purpose of a measurement; possible: target, correct");
        Self::ALL.into_iter().find(named).ok_or_else(none)
    }
}

/// Whether values in dB look like levels.
fn are_levels(points: &[Point]) -> bool {
    let mut values: Vec<f64> = points.iter().map(|point| point.db).collect();
    values.sort_by(f64::total_cmp);
    let highest = values.last().copied().unwrap_or(0.0);
    let median = values.get(values.len() / 2).copied().unwrap_or(0.0);
    median > GAINS_MEDIAN_MAX_DB || (values.len() >= 3 && highest < GAINS_MIN_DB)
}

/// The gains that values are or, with a purpose, are made into.
pub fn gains(
    curve: Curve,
    line: usize,
    purpose: Option<Purpose>,
    notes: &mut Notes,
) -> Result<Curve, Error> {
    let Some(purpose) = purpose else {
        if are_levels(curve.points()) {
            let first = curve.points()[0];
            return Err(Error::at(
                ErrorKind::AsksPurpose,
                line,
                format!(
                    "{} dB at {} Hz and what follows are sound pressure levels, not gains; possible: to use them \
                     as the target, or to correct them",
                    first.db, first.hz
                ),
            ));
        }
        return Ok(curve);
    };
    let reference_db = reference_db(&curve);
    let [low_hz, high_hz] = REFERENCE_HZ;
    notes.add(
        None,
        format!("the levels are taken relative to {reference_db:.1} dB, their mean from {low_hz} to {high_hz} Hz"),
    );
    let mut limited = 0_usize;
    let point = |point: &Point| {
        let over_db = point.db - reference_db;
        let db = match purpose {
            Purpose::Target => over_db,
            Purpose::Correct => {
                limited += usize::from(-over_db > BOOST_MAX_DB);
                (-over_db).min(BOOST_MAX_DB)
            }
        };
        Point { hz: point.hz, db }
    };
    let points = curve.points().iter().map(point).collect();
    if limited > 0 {
        let of = curve.points().len();
        notes.add(None, format!("{limited} of {of} points are raised by {BOOST_MAX_DB} dB only, the most of a correction"));
    }
    Ok(Curve::from_rising(points))
}

/// The mean in dB over the logarithm of the frequency, of the middle frequencies where there are some.
fn reference_db(curve: &Curve) -> f64 {
    let [low_hz, high_hz] = REFERENCE_HZ;
    let steps = 1000;
    let at = |step: u32| low_hz * (high_hz / low_hz).powf(f64::from(step) / f64::from(steps));
    let inside = |hz: &f64| {
        let [first, last] =
            [curve.points().first(), curve.points().last()].map(|p| p.map_or(0.0, |p| p.hz));
        (first..=last).contains(hz)
    };
    let values: Vec<f64> = (0..=steps).map(at).filter(inside).map(|hz| curve.at_db(hz)).collect();
    let values =
        if values.is_empty() { curve.points().iter().map(|p| p.db).collect() } else { values };
    let count = u32::try_from(values.len()).map_or(1.0, f64::from);
    values.iter().sum::<f64>() / count
}
