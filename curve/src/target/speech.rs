//! The long-term average speech spectrum of twelve languages: Byrne et al. (1994), J. Acoust. Soc. Am. 96, 2108,
//! [doi:10.1121/1.410152](https://doi.org/10.1121/1.410152), table II, male and female talkers combined.

use super::at;

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

/// The level of a band one hertz wide at a frequency in hertz, in dB SPL: straight over the logarithm of the frequency
/// from one centre to the next; `None` outside the lowest and the highest band.
#[must_use]
pub fn density_db(hz: f64) -> Option<f64> {
    let half = 2.0_f64.powf(1.0 / 6.0);
    let [(low_hz, _), .., (high_hz, _)] = THIRD_OCTAVES;
    let per_hertz = |(hz, db): (f64, f64)| (hz, db - 10.0 * (hz * (half - 1.0 / half)).log10());
    let inside = (low_hz / half..=high_hz * half).contains(&hz);
    inside.then(|| at(THIRD_OCTAVES.map(per_hertz), hz))
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
        let half = 2.0_f64.powf(1.0 / 6.0);
        for (hz, expected_db) in THIRD_OCTAVES {
            let steps = 1000;
            let [low, high] = [hz / half, hz * half];
            let width_hz = (high - low) / f64::from(steps);
            let middle = |step: i32| (f64::from(step) + 0.5).mul_add(width_hz, low);
            let power = |step| 10.0_f64.powf(density_db(middle(step)).expect("inside") / 10.0);
            let db = 10.0 * ((0..steps).map(power).sum::<f64>() * width_hz).log10();
            assert!((db - expected_db).abs() < 0.7, "{db} dB at {hz} Hz");
        }
        assert_eq!([50.0, 18_000.0].map(density_db), [None; 2]);
    }
}
