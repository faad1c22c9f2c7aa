//! The frequencies between the centres of a bank, in cells.

use crate::Scale;
use crate::cast::real;
use crate::feature::long_term::LongTermSpectrum;

/// Cells from one centre to the next.
const PER_BAND: usize = 12;

/// Cells from the first centre of a bank to the last, equally wide over its scale from each centre to the next.
pub(super) struct Cells {
    edges_hz: Vec<f64>,
    middles_hz: Vec<f64>,
}

impl Cells {
    /// Between centres in hertz that rise.
    pub(super) fn new(scale: Scale, centres_hz: &[f64]) -> Self {
        let between = |[low_hz, high_hz]: &[f64; 2], share: f64| {
            let [low, high] = [*low_hz, *high_hz].map(|hz| scale.units_from_hz(hz));
            scale.hz_from_units(low + share * (high - low)).clamp(*low_hz, *high_hz)
        };
        let (mut edges_hz, mut middles_hz) = (Vec::new(), Vec::new());
        for pair in centres_hz.array_windows() {
            // A centre is met to the last digit.
            edges_hz.push(pair[0]);
            edges_hz.extend((1..PER_BAND).map(|part| between(pair, real(part) / real(PER_BAND))));
            middles_hz.extend(
                (0..PER_BAND).map(|part| between(pair, (real(part) + 0.5) / real(PER_BAND))),
            );
        }
        edges_hz.extend(centres_hz.last());
        Self { edges_hz, middles_hz }
    }

    /// Their middles in hertz.
    pub(super) fn middles_hz(&self) -> &[f64] {
        &self.middles_hz
    }

    /// The power of a sound in each.
    pub(super) fn powers(&self, spectrum: &LongTermSpectrum) -> Vec<f64> {
        spectrum.between(&self.edges_hz)
    }

    /// The power in each of a density per hertz; 0 where there is none.
    pub(super) fn powers_of_density(&self, density: &dyn Fn(f64) -> Option<f64>) -> Vec<f64> {
        let widths = self.edges_hz.array_windows().map(|[low, high]| high - low);
        let powers = self.middles_hz.iter().zip(widths);
        powers.map(|(hz, width_hz)| density(*hz).unwrap_or(0.0) * width_hz).collect()
    }

    /// The power in each band: each cell's is shared by the two centres around it, the more the nearer.
    pub(super) fn bands(powers: &[f64]) -> Vec<f64> {
        let mut bands = vec![0.0; powers.len() / PER_BAND + 1];
        for (cell, power) in powers.iter().enumerate() {
            let (band, part) = (cell / PER_BAND, cell % PER_BAND);
            let share = (real(part) + 0.5) / real(PER_BAND);
            bands[band] += (1.0 - share) * power;
            bands[band + 1] += share * power;
        }
        bands
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_power_is_in_two_bands_and_all_of_it() {
        let centres_hz = [0.0, 100.0, 250.0, 700.0];
        for scale in Scale::ALL {
            let cells = Cells::new(scale, &centres_hz);
            assert!(cells.edges_hz.is_sorted() && cells.edges_hz.len() == 37, "{scale}");
            assert!(cells.edges_hz.iter().step_by(PER_BAND).eq(&centres_hz), "{scale}");
            for (middle, [low, high]) in cells.middles_hz.iter().zip(cells.edges_hz.array_windows())
            {
                assert!(low <= middle && middle <= high, "{scale}");
            }
            let powers = cells.powers_of_density(&|hz| (hz < 250.0).then_some(2.0));
            let bands = Cells::bands(&powers);
            assert!((bands.iter().sum::<f64>() - 500.0).abs() < 1e-9, "{scale}: {bands:?}");
            assert!(bands[3] == 0.0 && bands[2] > 0.0, "{scale}: {bands:?}");
        }
    }
}
