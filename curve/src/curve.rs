//! A curve: gains in dB at frequencies.

use crate::report::{Error, ErrorKind};

/// What `off` and `-inf` are read as, in dB.
pub const OFF_DB: f64 = -60.0;

/// A gain at a frequency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The frequency in hertz, 0 or above.
    pub hz: f64,
    /// The gain in dB.
    pub db: f64,
}

/// Gains at rising frequencies, at least one. Between them it is straight in dB over the logarithm
/// of the frequency, as [Equalizer APO's `GraphicEQ`][1] is, and level beyond the ends. Below 1 Hz,
/// where there is no sound, the logarithm stands still.
///
/// [1]: https://sourceforge.net/p/equalizerapo/wiki/Configuration%20reference/
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    points: Vec<Point>,
}

/// Where a frequency in hertz lies.
fn place(hz: f64) -> f64 {
    hz.max(1.0).ln()
}

/// The next whole number, at least 1; a last digit too many is none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 1 and 10000")]
fn whole(number: f64) -> u32 {
    (number - 1e-6).ceil().clamp(1.0, 1e4) as u32
}

/// Which part of the way from one frequency to the other a third one is; 0 where both are one.
fn share(left_hz: f64, right_hz: f64, hz: f64) -> f64 {
    let width = place(right_hz) - place(left_hz);
    if width > 0.0 { (place(hz) - place(left_hz)) / width } else { 0.0 }
}

fn between(left: Point, right: Point, hz: f64) -> f64 {
    share(left.hz, right.hz, hz).mul_add(right.db - left.db, left.db)
}

impl Curve {
    /// The curve that changes nothing.
    #[must_use]
    pub fn flat() -> Self {
        Self { points: vec![Point { hz: 0.0, db: 0.0 }] }
    }

    /// The curve through points in any order.
    ///
    /// # Errors
    /// When there is none, one is not finite or below 0 Hz, or two differ at the same frequency.
    pub fn new(mut points: Vec<Point>) -> Result<Self, Error> {
        let malformed = |text: String| Error::new(ErrorKind::Malformed, text);
        if let Some(wrong) =
            points.iter().find(|p| !p.db.is_finite() || !(0.0..=1e6).contains(&p.hz))
        {
            let Point { hz, db } = wrong;
            return Err(malformed(format!(
                "{db} dB at {hz} Hz is out of range; possible: numbers of dB at 0 to 1000000 Hz"
            )));
        }
        points.sort_by(|a, b| a.hz.total_cmp(&b.hz));
        points.dedup();
        if let Some([a, b]) = points.array_windows().find(|[a, b]| a.hz.to_bits() == b.hz.to_bits())
        {
            let (hz, a, b) = (a.hz, a.db, b.db);
            return Err(malformed(format!(
                "{hz} Hz has two gains, {a} and {b} dB; possible: one each"
            )));
        }
        if points.is_empty() {
            return Err(Error::new(
                ErrorKind::NoCurve,
                "a curve without points; possible: one or more",
            ));
        }
        Ok(Self { points })
    }

    /// Of points that rise and are finite.
    pub(crate) fn from_rising(points: Vec<Point>) -> Self {
        debug_assert!(points.array_windows().all(|[a, b]| a.hz < b.hz) && !points.is_empty());
        Self { points }
    }

    /// The points, rising in frequency.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// The gain in dB at a frequency in hertz.
    #[must_use]
    pub fn at_db(&self, hz: f64) -> f64 {
        let after = self.points.partition_point(|point| point.hz <= hz);
        let left = after.checked_sub(1).map(|before| self.points[before]);
        match (left, self.points.get(after)) {
            (Some(left), Some(&right)) => between(left, right, hz),
            (Some(only), None) => only.db,
            (None, first) => first.map_or(0.0, |point| point.db),
        }
    }

    /// What `combine` makes of the gains in dB of both at every point of either.
    fn combined(&self, other: &Self, combine: impl Fn(f64, f64) -> f64) -> Self {
        let mut hz: Vec<f64> =
            [self, other].iter().flat_map(|c| c.points.iter().map(|p| p.hz)).collect();
        hz.sort_by(f64::total_cmp);
        hz.dedup();
        let point = |hz| Point { hz, db: combine(self.at_db(hz), other.at_db(hz)) };
        Self { points: hz.into_iter().map(point).collect() }
    }

    /// Both, one after the other: the sum in dB.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        self.combined(other, |a, b| a + b)
    }

    /// The mean in dB of both.
    #[must_use]
    pub fn mean(&self, other: &Self) -> Self {
        self.combined(other, f64::midpoint)
    }

    /// At most about `most` of the points, 2 or more, and how far in dB the curve through them is from the
    /// others. A curve that is short enough stays as it is, at 0 dB.
    #[must_use]
    pub fn thinned(&self, most: usize) -> (Self, f64) {
        let mut within_db = 0.001;
        let mut thinned = self.clone();
        if thinned.points.len() > most {
            // Those below 1 Hz lie at one place, where no line passes them.
            let below = thinned.points.partition_point(|point| point.hz < 1.0);
            thinned.points.drain(1..below.max(1));
        }
        let all = thinned.clone();
        while thinned.points.len() > most.max(2) && within_db < 1e9 {
            // From all points again, so that errors do not add up.
            thinned = all.thinned_within(within_db);
            within_db *= 1.5;
        }
        let off_db = |point: &Point| (thinned.at_db(point.hz) - point.db).abs();
        let error_db = self.points.iter().map(off_db).fold(0.0, f64::max);
        (thinned, error_db)
    }

    /// Points of which straight lines pass all others within so many dB: from each, as far as there is a
    /// slope that does so for all in between.
    fn thinned_within(&self, within_db: f64) -> Self {
        let points = &self.points;
        let mut kept = vec![points[0]];
        let mut start = 0;
        while start + 1 < points.len() {
            let (mut least, mut most) = (f64::NEG_INFINITY, f64::INFINITY);
            let mut end = start + 1;
            for k in start + 1..points.len() {
                let run = place(points[k].hz) - place(points[start].hz);
                let rise = points[k].db - points[start].db;
                let slope = if run > 0.0 { rise / run } else { f64::NAN };
                if !(least <= slope && slope <= most) {
                    break;
                }
                end = k;
                least = least.max((rise - within_db) / run);
                most = most.min((rise + within_db) / run);
            }
            kept.push(points[end]);
            start = end;
        }
        Self { points: kept }
    }

    /// The same curve with further points, so that lines which are straight over any frequency scale
    /// between the logarithmic and the linear one, such as the mel, Bark and ERB-rate scales, come within
    /// so many dB of it from 1 Hz up.
    #[must_use]
    pub fn for_any_scale(&self, within_db: f64) -> Self {
        let mut points = vec![self.points[0]];
        for &[left, right] in self.points.array_windows() {
            let width = place(right.hz) - place(left.hz);
            // A chord of a linear scale over a width h in logarithms is off by at most h / 8 of its rise. Of n
            // parts, each has an nth of both.
            let parts = ((right.db - left.db).abs() * width / (8.0 * within_db)).sqrt();
            for part in 1..whole(parts) {
                let hz = (f64::from(part) / f64::from(whole(parts)))
                    .mul_add(width, place(left.hz))
                    .exp();
                if points.last().is_some_and(|last| last.hz < hz) && hz < right.hz {
                    points.push(Point { hz, db: between(left, right, hz) });
                }
            }
            points.push(right);
        }
        Self { points }
    }

    /// The curve with gains below `lowest_db` raised to it, exactly, with points where it gets there.
    #[must_use]
    pub fn no_lower_than(&self, lowest_db: f64) -> Self {
        let mut points: Vec<Point> = Vec::with_capacity(self.points.len());
        for (k, &right) in self.points.iter().enumerate() {
            if let Some(&left) = k.checked_sub(1).and_then(|left| self.points.get(left))
                && (left.db < lowest_db) != (right.db < lowest_db)
            {
                let share = (lowest_db - left.db) / (right.db - left.db);
                let from = place(left.hz);
                let hz = share.mul_add(place(right.hz) - from, from).exp();
                if points.last().is_some_and(|last| last.hz < hz) && hz < right.hz {
                    points.push(Point { hz, db: lowest_db });
                }
            }
            points.push(Point { db: right.db.max(lowest_db), ..right });
        }
        Self { points }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(points: &[(f64, f64)]) -> Curve {
        Curve::new(points.iter().map(|&(hz, db)| Point { hz, db }).collect()).expect("a curve")
    }

    #[test]
    fn it_is_straight_over_the_logarithm_and_level_beyond_its_ends() {
        let curve = curve(&[(100.0, -3.0), (10_000.0, 9.0), (0.0, 1.0)]);
        for (hz, db) in
            [(0.0, 1.0), (0.5, 1.0), (100.0, -3.0), (1000.0, 3.0), (2e4, 9.0), (10.0, -1.0)]
        {
            assert!((curve.at_db(hz) - db).abs() < 1e-12, "{hz} Hz: {}", curve.at_db(hz));
        }
        assert_eq!(Curve::flat().at_db(1000.0), 0.0);
    }

    #[test]
    fn sums_and_means_are_exact_at_all_points_of_both() {
        let [a, b] =
            [curve(&[(100.0, 0.0), (10_000.0, 4.0)]), curve(&[(1000.0, 1.0), (2000.0, -1.0)])];
        for hz in [50.0, 100.0, 300.0, 1000.0, 1500.0, 2000.0, 9000.0, 20_000.0] {
            assert!((a.plus(&b).at_db(hz) - a.at_db(hz) - b.at_db(hz)).abs() < 1e-12, "{hz} Hz");
            assert!(
                (2.0 * a.mean(&b).at_db(hz) - a.at_db(hz) - b.at_db(hz)).abs() < 1e-12,
                "{hz} Hz"
            );
        }
    }

    #[test]
    fn a_thinned_curve_is_as_near_as_it_says() {
        let points: Vec<_> = (0..50_000)
            .map(|k| {
                let hz = f64::from(k) * 0.4;
                (hz, 6.0 * (hz / 400.0).sin() + if k % 2 == 0 { 0.01 } else { -0.01 })
            })
            .collect();
        let curve = curve(&points);
        let (same, none_db) = curve.thinned(50_000);
        assert_eq!((same, none_db), (curve.clone(), 0.0));
        for most in [1000, 300, 2] {
            let (thinned, error_db) = curve.thinned(most);
            assert!(thinned.points().len() <= most, "{} points", thinned.points().len());
            let off_db = |hz: f64| (thinned.at_db(hz) - curve.at_db(hz)).abs();
            assert!((0..20_000).all(|hz| off_db(f64::from(hz)) <= error_db + 1e-9));
            let bound_db = if most == 1000 { 0.1 } else { 20.0 };
            assert!(error_db < bound_db, "{most} points: {error_db} dB");
        }
        let low = Curve::new(
            (0..1000).map(|k| Point { hz: f64::from(k) / 2000.0, db: f64::from(k % 7) }).collect(),
        );
        assert!(low.expect("a curve").thinned(10).0.points().len() <= 10);
    }

    #[test]
    fn further_points_make_it_the_same_on_every_scale() {
        let few = curve(&[(0.0, 3.0), (25.0, 2.0), (1500.0, 0.0), (20_000.0, -24.0)]);
        let more = few.for_any_scale(0.02);
        assert_eq!(more.for_any_scale(0.02), more, "again, it stays as it is");
        for point in few.points() {
            assert!(more.points().contains(point), "{point:?} is kept");
        }
        type Scale = fn(f64) -> f64;
        let scales: [Scale; 3] =
            [|hz| hz, |hz| (1.0 + hz / 228.8).ln(), |hz| (1.0 + hz / 700.0).ln()];
        for scale in scales {
            let read = |curve: &Curve, hz: f64| {
                let after =
                    curve.points().partition_point(|p| p.hz <= hz).min(curve.points().len() - 1);
                let (a, b) = (curve.points()[after - 1], curve.points()[after]);
                a.db + (scale(hz) - scale(a.hz)) / (scale(b.hz) - scale(a.hz)) * (b.db - a.db)
            };
            let worst = |curve: &Curve| {
                let off = |hz: u32| read(curve, f64::from(hz)) - few.at_db(f64::from(hz));
                (26..20_000).map(off).fold(0.0, |worst: f64, off| worst.max(off.abs()))
            };
            assert!(worst(&more) < 0.02, "{} dB", worst(&more));
            assert!(worst(&few) > 0.3, "without them, {} dB", worst(&few));
        }
    }

    #[test]
    fn what_is_lower_than_can_be_is_cut_where_it_gets_there() {
        let cut = curve(&[(100.0, 0.0), (1000.0, -100.0), (2000.0, -60.0)]).no_lower_than(-50.0);
        let points = [(100.0, 0.0), (316.227_766, -50.0), (1000.0, -50.0), (2000.0, -50.0)];
        for (point, (hz, db)) in cut.points().iter().zip(points) {
            assert!((point.hz - hz).abs() < 1e-6 && point.db == db, "{point:?}");
        }
    }

    #[test]
    fn what_is_no_curve_is_refused() {
        for points in
            [vec![], vec![(1.0, f64::NAN)], vec![(-1.0, 0.0)], vec![(5.0, 1.0), (5.0, 2.0)]]
        {
            let points = points.into_iter().map(|(hz, db)| Point { hz, db }).collect();
            assert!(Curve::new(points).expect_err("no curve").text.contains("possible"));
        }
    }
}
