//! The points of a preset's curve: as many as there are, until a curve of limited length takes them.

use erbium_dsp::Scale;

/// At most `most` points of a curve: those that shape it least are left out, pass by pass, no two
/// neighbours in one.
pub(super) fn thinned(mut curve: Vec<(f64, f64)>, most: usize) -> Vec<(f64, f64)> {
    let units = |hz: f64| Scale::Erb.units_from_hz(hz);
    while curve.len() > most {
        let bend_db = |k: usize| {
            let [(left, left_db), (at, db), (right, right_db)] =
                [k - 1, k, k + 1].map(|k| (units(curve[k].0), curve[k].1));
            let straight_db = left_db + (at - left) / (right - left) * (right_db - left_db);
            // An area, so that a narrow bend goes before a wide one.
            (db - straight_db).abs() * (right - left)
        };
        let mut order: Vec<(f64, usize)> = (1..curve.len() - 1).map(|k| (bend_db(k), k)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let surplus = curve.len() - most;
        let mut goes = vec![false; curve.len()];
        let mut gone = 0;
        // A few at a time near the end, so that what is left is looked at anew.
        for &(_, k) in order.iter().take((order.len() / 8).max(1)) {
            if gone < surplus && !goes[k - 1] && !goes[k + 1] {
                goes[k] = true;
                gone += 1;
            }
        }
        let mut goes = goes.into_iter();
        curve.retain(|_| !goes.next().unwrap_or(false));
    }
    curve
}

/// The curve in dB at a frequency.
pub(super) fn read_curve_db(curve: &[(f64, f64)], scale: Scale, hz: f64) -> f64 {
    let after = curve.partition_point(|&(point_hz, _)| point_hz <= hz);
    let (Some(&(low_hz, low_db)), Some(&(high_hz, high_db))) =
        (after.checked_sub(1).and_then(|before| curve.get(before)), curve.get(after))
    else {
        return if after == 0 { curve[0].1 } else { curve[curve.len() - 1].1 };
    };
    let [low, high, at] = [low_hz, high_hz, hz].map(|hz| scale.units_from_hz(hz));
    // Below 1 Hz the logarithmic scale stands still.
    let share = if high > low { (at - low) / (high - low) } else { 0.0 };
    low_db + share * (high_db - low_db)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_straight_in_scale_units_and_level_beyond_its_ends() {
        let curve = [(100.0, 0.0), (1000.0, 12.0)];
        let mel = |hz| Scale::Mel.units_from_hz(hz);
        let middle_hz = Scale::Mel.hz_from_units((mel(100.0) + mel(1000.0)) / 2.0);
        let points = [(0.0, 0.0), (100.0, 0.0), (middle_hz, 6.0), (1000.0, 12.0), (20_000.0, 12.0)];
        for (hz, expected_db) in points {
            assert!((read_curve_db(&curve, Scale::Mel, hz) - expected_db).abs() < 1e-9, "{hz} Hz");
        }
    }
}
