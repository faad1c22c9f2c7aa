//! The frequency weightings of sound level meters.

use crate::cast::real;

/// The poles of the weightings in hertz: IEC 61672-1:2013, Annex E.
const POLES_HZ: [f64; 4] = [20.598_997, 107.652_65, 737.862_23, 12_194.217];
/// Where a weighting is 0 dB.
const REFERENCE_HZ: f64 = 1_000.0;
/// Where the weightings begin to be defined: IEC 61672-1:2013, Table 3.
pub const LOWEST_HZ: f64 = 10.0;

/// A frequency weighting of IEC 61672-1:2013.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weighting {
    /// As the ear is less sensitive to low and very high frequencies.
    #[default]
    A,
    /// Nearly flat, without what is below and above hearing.
    C,
    /// Flat.
    Z,
}

impl Weighting {
    /// Every weighting, in order.
    pub const ALL: [Self; 3] = [Self::A, Self::C, Self::Z];

    /// Its letter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::C => "C",
            Self::Z => "Z",
        }
    }

    /// The factor of power at a frequency in hertz, 1 at 1 kHz: the expressions of Annex E. Below
    /// [`LOWEST_HZ`] it is 0, so that an offset of the converter is no sound.
    #[must_use]
    pub fn power(self, hz: f64) -> f64 {
        if hz < LOWEST_HZ { 0.0 } else { self.shape(hz) / self.shape(REFERENCE_HZ) }
    }

    /// [`Self::power`] as a level in dB.
    #[must_use]
    pub fn db(self, hz: f64) -> f64 {
        10.0 * self.power(hz).log10()
    }

    fn shape(self, hz: f64) -> f64 {
        let square = hz * hz;
        let [f1, f2, f3, f4] = POLES_HZ.map(|pole_hz| square + pole_hz * pole_hz);
        match self {
            Self::A => square * square * square * square / (f1 * f1 * f2 * f3 * f4 * f4),
            Self::C => square * square / (f1 * f1 * f4 * f4),
            Self::Z => 1.0,
        }
    }

    /// The factors of the bins of a Fourier transform, from 0 Hz on.
    #[must_use]
    pub fn of_bins(self, bins: usize, spacing_hz: f64) -> Vec<f64> {
        (0..bins).map(|bin| self.power(real(bin) * spacing_hz)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IEC 61672-1:2013, Table 3: thirds of an octave from 12.5 Hz to 20 kHz, in dB.
    const A_DB: [f64; 33] = [
        -63.4, -56.7, -50.5, -44.7, -39.4, -34.6, -30.2, -26.2, -22.5, -19.1, -16.1, -13.4, -10.9,
        -8.6, -6.6, -4.8, -3.2, -1.9, -0.8, 0.0, 0.6, 1.0, 1.2, 1.3, 1.2, 1.0, 0.5, -0.1, -1.1,
        -2.5, -4.3, -6.6, -9.3,
    ];
    const C_DB: [f64; 33] = [
        -11.2, -8.5, -6.2, -4.4, -3.0, -2.0, -1.3, -0.8, -0.5, -0.3, -0.2, -0.1, 0.0, 0.0, 0.0,
        0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -0.1, -0.2, -0.3, -0.5, -0.8, -1.3, -2.0, -3.0, -4.4, -6.2,
        -8.5, -11.2,
    ];

    #[test]
    fn the_weightings_are_those_of_the_standards_table() {
        for (weighting, table_db) in [(Weighting::A, A_DB), (Weighting::C, C_DB)] {
            for (n, expected_db) in (11_u8..).zip(table_db) {
                // The frequencies that the nominal ones stand for.
                let hz = 1_000.0 * 10.0_f64.powf(0.1 * (f64::from(n) - 30.0));
                let rounded_db = (10.0 * weighting.db(hz)).round() / 10.0;
                assert!(
                    (rounded_db - expected_db).abs() < 1e-9,
                    "{} at {hz:.1} Hz: {rounded_db} dB, not {expected_db} dB",
                    weighting.name()
                );
            }
        }
        assert_eq!(Weighting::Z.db(31.5), 0.0);
    }
}
