//! The long-term average speech spectrum of twelve languages: Byrne et al. (1994), J. Acoust. Soc. Am. 96, 2108,
//! [doi:10.1121/1.410152](https://doi.org/10.1121/1.410152), table II, male and female talkers combined.

use super::at;
use std::sync::LazyLock;

/// Levels in dB SPL of third-octave bands at their nominal centres in hertz, of speech of 70 dB SPL in all.
pub const THIRD_OCTAVES: [(f64, f64); 25] = [
    (63.0, 38.6),
    (80.0, 43.5),
    (100.0, 54.4),
    (125.0, 57.7),
    (160.0, 56.8),
    (200.0, 60.2),
    (250.0, 60.3),
    (315.0, 59.0),
    (400.0, 62.1),
    (500.0, 62.1),
    (630.0, 60.5),
    (800.0, 56.8),
    (1000.0, 53.7),
    (1250.0, 53.0),
    (1600.0, 52.0),
    (2000.0, 48.7),
    (2500.0, 48.1),
    (3150.0, 46.8),
    (4000.0, 45.6),
    (5000.0, 44.5),
    (6300.0, 44.3),
    (8000.0, 43.7),
    (10_000.0, 43.4),
    (12_500.0, 41.3),
    (16_000.0, 40.7),
];

/// Half a third of an octave, as a ratio of frequencies.
const HALF_BAND: f64 = 1.122_462_048_309_373;

/// The level of a band one hertz wide at a frequency in hertz, in dB SPL: straight over the logarithm of the frequency
/// from one centre to the next, and such that every third-octave band has its level; `None` outside the lowest and the
/// highest of them.
#[must_use]
pub fn density_db(hz: f64) -> Option<f64> {
    let [(low_hz, _), .., (high_hz, _)] = THIRD_OCTAVES;
    let inside = (low_hz / HALF_BAND..=high_hz * HALF_BAND).contains(&hz);
    inside.then(|| at(*NODES, hz))
}

/// The density in dB at the centres. Lines between the levels themselves give too much to a band beside a far louder
/// one, so that what is too much is taken off, again and again.
static NODES: LazyLock<[(f64, f64); 25]> = LazyLock::new(|| {
    let width_db = |hz: f64| 10.0 * (hz * (HALF_BAND - 1.0 / HALF_BAND)).log10();
    let mut nodes = THIRD_OCTAVES.map(|(hz, db)| (hz, db - width_db(hz)));
    for _ in 0..ROUNDS {
        let levels = THIRD_OCTAVES.map(|(hz, _)| band_db(&nodes, hz));
        for ((node, (_, db)), level_db) in nodes.iter_mut().zip(THIRD_OCTAVES).zip(levels) {
            node.1 += db - level_db;
        }
    }
    nodes
});

/// After so many rounds the levels are met to a thousandth of a dB.
const ROUNDS: usize = 40;

/// The level of the third-octave band at a frequency in hertz, in dB.
fn band_db(nodes: &[(f64, f64); 25], hz: f64) -> f64 {
    let steps = 48;
    let width = 2.0 * HALF_BAND.ln() / f64::from(steps);
    let power = |step: i32| {
        // Steps are equally wide over the logarithm of the frequency.
        let hz = hz / HALF_BAND * ((f64::from(step) + 0.5) * width).exp();
        10.0_f64.powf(at(*nodes, hz) / 10.0) * hz * width
    };
    10.0 * (0..steps).map(power).sum::<f64>().log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bands_together_are_70_db() {
        let sum: f64 = THIRD_OCTAVES.iter().map(|(_, db)| 10.0_f64.powf(db / 10.0)).sum();
        let level_db = 10.0 * sum.log10();
        assert!((level_db - 70.0).abs() < 0.05, "{level_db} dB");
    }

    #[test]
    fn the_density_in_each_band_adds_up_to_its_level() {
        for (hz, expected_db) in THIRD_OCTAVES {
            let steps = 1000;
            let [low, high] = [hz / HALF_BAND, hz * HALF_BAND];
            let width_hz = (high - low) / f64::from(steps);
            let middle = |step: i32| (f64::from(step) + 0.5).mul_add(width_hz, low);
            let power = |step| 10.0_f64.powf(density_db(middle(step)).expect("inside") / 10.0);
            let db = 10.0 * ((0..steps).map(power).sum::<f64>() * width_hz).log10();
            assert!((db - expected_db).abs() < 0.01, "{db} dB at {hz} Hz");
        }
        assert_eq!([50.0, 18_000.0].map(density_db), [None; 2]);
    }
}
