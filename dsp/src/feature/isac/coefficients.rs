//! What an encoder makes of a sound.

use crate::feature::FeatureMatrix;
use num_complex::Complex;

/// Complex coefficients, bands × frames, band after band.
#[derive(Clone, Debug, PartialEq)]
pub struct Coefficients {
    bands: usize,
    values: Vec<Complex<f64>>,
}

impl Coefficients {
    /// Coefficients of so many bands, band after band.
    ///
    /// # Panics
    /// When `values` is no whole number of frames.
    #[must_use]
    pub fn from_values(bands: usize, values: Vec<Complex<f64>>) -> Self {
        assert!(bands > 0 && values.len().is_multiple_of(bands), "whole frames");
        Self { bands, values }
    }

    /// The number of bands.
    #[must_use]
    pub const fn bands(&self) -> usize {
        self.bands
    }

    /// The number of frames.
    #[must_use]
    pub const fn frames(&self) -> usize {
        self.values.len() / self.bands
    }

    /// All values, band after band.
    #[must_use]
    pub fn values(&self) -> &[Complex<f64>] {
        &self.values
    }

    /// One band over time.
    #[must_use]
    pub fn band(&self, band: usize) -> &[Complex<f64>] {
        let frames = self.frames();
        &self.values[band * frames..(band + 1) * frames]
    }

    /// Σ |c|² over everything.
    #[must_use]
    pub fn energy(&self) -> f64 {
        self.values.iter().map(Complex::norm_sqr).sum()
    }

    /// |c| to a power: 2 for powers, 1 for magnitudes. Bands × frames.
    #[must_use]
    pub fn magnitudes(&self, power: f64) -> FeatureMatrix {
        let values = self.values.iter().map(|value| magnitude(*value, power)).collect();
        FeatureMatrix::from_values(self.bands, self.frames(), values)
    }
}

/// |c| to a power; exact for the usual one, and quick.
pub(super) fn magnitude(coefficient: Complex<f64>, power: f64) -> f64 {
    let squared = (power - 2.0).abs() < f64::EPSILON;
    if squared { coefficient.norm_sqr() } else { coefficient.norm().powf(power) }
}
