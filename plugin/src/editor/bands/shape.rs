//! What is done to many gains at once: tilt, invert, smooth.
//!
//! A band that is off stays off: it was silenced on purpose.

use crate::editor::view::cast::points;
use crate::state::params::{MAX_GAIN_DB, OFF_DB};

/// Gains in dB with `tilt_db` added at the highest of `bands` and taken at the lowest, in equal
/// steps between: on an auditory axis a straight line.
#[must_use]
pub fn tilt(gains_db: &[f32], bands: &[usize], tilt_db: f32) -> Vec<(usize, f32)> {
    let (Some(&low), Some(&high)) = (bands.first(), bands.last()) else { return Vec::new() };
    let span = points((high - low).max(1));
    let moved = |&k: &usize| {
        let place = 2.0 * points(k - low) / span - 1.0;
        (k, moved_db(gains_db[k], place * tilt_db))
    };
    bands.iter().map(moved).collect()
}

/// Every gain in dB with its sign turned.
#[must_use]
pub fn invert(gains_db: &[f32], bands: &[usize]) -> Vec<(usize, f32)> {
    bands.iter().map(|&k| (k, moved_db(gains_db[k], -2.0 * gains_db[k]))).collect()
}

/// Every gain in dB replaced by a quarter, a half and a quarter of its left neighbour, itself and
/// its right neighbour. Beyond the ends, and where a neighbour is off, the band stands in for it.
#[must_use]
pub fn smooth(gains_db: &[f32], bands: &[usize]) -> Vec<(usize, f32)> {
    let near = |k: usize, own_db: f32| {
        let neighbour_db = gains_db.get(k).copied().filter(|db| *db > OFF_DB);
        neighbour_db.unwrap_or(own_db)
    };
    let smoothed = |&k: &usize| {
        let own_db = gains_db[k];
        let left_db = k.checked_sub(1).map_or(own_db, |left| near(left, own_db));
        let mean_db = 0.25 * left_db + 0.5 * own_db + 0.25 * near(k + 1, own_db);
        (k, if own_db <= OFF_DB { OFF_DB } else { rounded(mean_db) })
    };
    bands.iter().map(smoothed).collect()
}

/// A gain moved by so many dB, within what is possible; off stays off, and nothing else becomes so.
#[must_use]
pub fn moved_db(gain_db: f32, by_db: f32) -> f32 {
    if gain_db <= OFF_DB {
        OFF_DB
    } else {
        rounded((gain_db + by_db).clamp(OFF_DB + 1.0, MAX_GAIN_DB))
    }
}

/// A gain on a hundredth of a dB.
fn rounded(gain_db: f32) -> f32 {
    (gain_db * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [usize; 5] = [0, 1, 2, 3, 4];

    #[test]
    fn a_tilt_is_a_straight_line_that_leaves_off_alone() {
        let tilted = tilt(&[0.0, 1.0, OFF_DB, 0.0, 23.0], &ALL, 4.0);
        assert_eq!(tilted, [(0, -4.0), (1, -1.0), (2, OFF_DB), (3, 2.0), (4, MAX_GAIN_DB)]);
        assert_eq!(tilt(&[1.0; 5], &[2], 4.0), [(2, -3.0)]);
        assert!(tilt(&[1.0; 5], &[], 4.0).is_empty());
    }

    #[test]
    fn inverting_twice_restores() {
        let gains_db = [3.25, -7.5, OFF_DB, 0.0, 24.0];
        let once: Vec<f32> = invert(&gains_db, &ALL).into_iter().map(|(_, db)| db).collect();
        assert_eq!(once, [-3.25, 7.5, OFF_DB, 0.0, -24.0]);
        let twice: Vec<f32> = invert(&once, &ALL).into_iter().map(|(_, db)| db).collect();
        assert_eq!(twice, gains_db);
        assert_eq!(invert(&[-40.0], &[0]), [(0, MAX_GAIN_DB)]);
    }

    #[test]
    fn smoothing_keeps_level_curves_and_spreads_a_peak() {
        assert_eq!(smooth(&[5.0; 5], &ALL).last(), Some(&(4, 5.0)));
        let peak = smooth(&[0.0, 0.0, 8.0, 0.0, OFF_DB], &ALL);
        assert_eq!(peak, [(0, 0.0), (1, 2.0), (2, 4.0), (3, 2.0), (4, OFF_DB)]);
    }
}
