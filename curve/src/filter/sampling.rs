//! The sum of responses as a curve of few points.

use super::{FLOOR_DB, Filter, Response, Shape, Width};
use crate::curve::{Curve, Point};

/// How near straight lines in dB over the logarithm of the frequency between the points of
/// [`sampled`] come to the sum of the responses, in dB, from 1 Hz to half the sampling rate.
pub const SAMPLED_WITHIN_DB: f64 = 0.05;

/// The most points of a curve that was sampled: far more than any needs.
const POINTS_MAX: usize = 1 << 17;
/// Where sampling begins, in hertz. Below, a curve is level.
const LOWEST_HZ: f64 = 1.0;

/// The sum in dB of the responses of `filters` at a sampling rate in hertz, and of `curve`.
#[must_use]
pub fn sampled(filters: &[Filter], curve: &Curve, sample_rate_hz: f64) -> Curve {
    let responses: Vec<Response> =
        filters.iter().map(|filter| filter.response(sample_rate_hz)).collect();
    let highest_hz = sample_rate_hz / 2.0;
    let sum_db = |hz: f64| {
        let sum_db: f64 = responses.iter().map(|response| response.db(hz)).sum();
        (sum_db + curve.at_db(hz)).max(FLOOR_DB)
    };
    let point = |hz: f64| Point { hz, db: sum_db(hz) };
    let starts = starts(filters, curve, highest_hz);
    let mut points = vec![point(starts[0])];
    for &hz in &starts[1..] {
        // Depth first, from the left: what is still to be reached lies on the stack.
        let mut ends = vec![point(hz)];
        while let (Some(&right), Some(&left)) = (ends.last(), points.last()) {
            let middle = point((left.hz * right.hz).sqrt());
            let room = points.len() + ends.len() < POINTS_MAX;
            if room
                && left.hz < middle.hz
                && middle.hz < right.hz
                && bends(left, right, middle, sum_db)
            {
                ends.push(middle);
            } else {
                points.push(right);
                ends.pop();
            }
        }
    }
    Curve::from_rising(points)
}

/// Whether the sum is too far from a straight line at the middle or the quarters of an interval.
fn bends(left: Point, right: Point, middle: Point, sum_db: impl Fn(f64) -> f64) -> bool {
    // Between the places that are looked at, a little more.
    let within_db = SAMPLED_WITHIN_DB * 0.6;
    let off = |hz: f64, db: f64, share: f64| {
        ((right.db - left.db).mul_add(share, left.db) - sum_db(hz)).abs() > within_db || db.is_nan()
    };
    off(middle.hz, middle.db, 0.5)
        || off((left.hz * middle.hz).sqrt(), middle.db, 0.25)
        || off((middle.hz * right.hz).sqrt(), middle.db, 0.75)
}

/// Where sampling begins: twelve places an octave, the points of the curve, and the middle and flanks
/// of every filter, so that no peak is narrower than what is looked at.
fn starts(filters: &[Filter], curve: &Curve, highest_hz: f64) -> Vec<f64> {
    let octaves = (highest_hz / LOWEST_HZ).log2();
    let grid = (0..).map(|k| f64::from(k) / 12.0).take_while(|octave| *octave < octaves);
    let mut starts: Vec<f64> = grid.map(|octave| LOWEST_HZ * octave.exp2()).collect();
    starts.extend(curve.points().iter().map(|point| point.hz));
    for filter in filters {
        let hz = filter.middle_hz();
        let share = match filter.width {
            Width::Q(q) => 0.5 / q.max(0.5),
            Width::Octaves(octaves) => (octaves / 2.0).min(0.5),
            Width::Slope(_) => 0.5,
        };
        starts.push(hz);
        for width in [0.25, 0.5, 1.0, 2.0, 4.0] {
            starts.extend([hz / (1.0 + share * width), hz * (1.0 + share * width)]);
        }
        if filter.shape == Shape::Notch {
            starts.extend([hz * (1.0 - share * 1e-3), hz * (1.0 + share * 1e-3)]);
        }
    }
    starts.retain(|hz| (LOWEST_HZ..highest_hz).contains(hz));
    starts.push(highest_hz);
    starts.sort_by(f64::total_cmp);
    starts.dedup();
    starts
}
