//! Cepstral coefficients: the cosine transform of log bands, and lifters that even them out.

use super::{FeatureMatrix, OptionError};
use crate::cast::real;
use rustdct::{DctPlanner, TransformType2And3};
use std::f64::consts::{PI, SQRT_2};
use std::sync::Arc;

/// The scale of the cosine transform (DCT-II).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Norm {
    /// The transform is a rotation.
    #[default]
    Orthonormal,
    /// Σ_n x\[n\] cos(π k (n + ½)/N).
    Plain,
}

/// Weights on coefficients, which fall with their index.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Lifter {
    /// All 1.
    #[default]
    None,
    /// 1 + L/2 sin(π k/L), k from 0: that of the Hidden Markov Model Toolkit (HTK).
    Htk(f64),
    /// The same with k from 1: that of librosa.
    Librosa(f64),
}

impl Lifter {
    fn weight(self, k: usize) -> f64 {
        let wave = |length: f64, k: usize| 1.0 + 0.5 * length * (PI * real(k) / length).sin();
        match self {
            Self::None => 1.0,
            Self::Htk(length) => wave(length, k),
            Self::Librosa(length) => wave(length, k + 1),
        }
    }
}

/// The way from log bands to cepstral coefficients.
#[derive(Clone)]
pub struct Cepstrum {
    transform: Arc<dyn TransformType2And3<f64>>,
    /// The factor on each coefficient.
    weights: Vec<f64>,
}

impl Cepstrum {
    /// The first `coefficients` of as many as there are `bands`.
    ///
    /// # Errors
    /// [`OptionError`] names the option that cannot be met.
    pub fn new(
        bands: usize,
        coefficients: usize,
        norm: Norm,
        lifter: Lifter,
    ) -> Result<Self, OptionError> {
        OptionError::unless(bands >= 1, "band count", bands, "1 or more")?;
        let met = (1..=bands).contains(&coefficients);
        OptionError::unless(met, "coefficient count", coefficients, format!("1 to {bands}"))?;
        if let Lifter::Htk(length) | Lifter::Librosa(length) = lifter {
            let met = length > 0.0 && length.is_finite();
            OptionError::unless(met, "lifter length", length, "more than 0")?;
        }
        let scale = |k: usize| match norm {
            Norm::Plain => 1.0,
            Norm::Orthonormal if k == 0 => (1.0 / real(bands)).sqrt(),
            Norm::Orthonormal => SQRT_2 / real(bands).sqrt(),
        };
        Ok(Self {
            transform: DctPlanner::new().plan_dct2(bands),
            weights: (0..coefficients).map(|k| scale(k) * lifter.weight(k)).collect(),
        })
    }

    /// The number of bands.
    #[must_use]
    pub fn bands(&self) -> usize {
        self.transform.len()
    }

    /// The number of coefficients.
    #[must_use]
    pub fn coefficients(&self) -> usize {
        self.weights.len()
    }

    /// Turns the log bands of every frame into coefficients.
    ///
    /// # Panics
    /// When the plane has not one row per band.
    #[must_use]
    pub fn apply(&self, bands: &FeatureMatrix) -> FeatureMatrix {
        assert_eq!(bands.rows(), self.bands(), "one row per band");
        let mut buffer = vec![0.0; self.bands()];
        let mut scratch = vec![0.0; self.transform.get_scratch_len()];
        bands.map_frames(self.coefficients(), |frame, coefficients| {
            buffer.copy_from_slice(frame);
            self.transform.process_dct2_with_scratch(&mut buffer, &mut scratch);
            for ((coefficient, value), weight) in
                coefficients.iter_mut().zip(&buffer).zip(&self.weights)
            {
                *coefficient = value * weight;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Cepstrum, Lifter, Norm};
    use crate::cast::real;
    use crate::feature::FeatureMatrix;
    use std::f64::consts::PI;

    fn bands() -> Vec<f64> {
        (0..26).map(|n| (real(n) * 0.7).sin() + 0.1 * real(n)).collect()
    }

    fn cepstrum(norm: Norm, lifter: Lifter, coefficients: usize) -> Vec<f64> {
        let plane = FeatureMatrix::from_values(26, 1, bands());
        let cepstrum = Cepstrum::new(26, coefficients, norm, lifter).expect("valid");
        cepstrum.apply(&plane).values().to_vec()
    }

    #[test]
    fn coefficients_are_the_sums_they_are_defined_as() {
        for (k, ours) in cepstrum(Norm::Plain, Lifter::None, 13).iter().enumerate() {
            let wave = |n: usize| (PI * real(k) * (real(n) + 0.5) / 26.0).cos();
            let sum: f64 = bands().iter().enumerate().map(|(n, band)| band * wave(n)).sum();
            assert!((ours - sum).abs() < 1e-12, "{k}: {ours} {sum}");
        }
    }

    #[test]
    fn the_orthonormal_transform_keeps_power_and_lifters_weigh() {
        let all = cepstrum(Norm::Orthonormal, Lifter::None, 26);
        let power = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>();
        assert!((power(&all) - power(&bands())).abs() < 1e-11);
        let lifted = cepstrum(Norm::Orthonormal, Lifter::Htk(22.0), 26);
        assert!((lifted[0] / all[0] - 1.0).abs() < 1e-12);
        assert!((lifted[11] / all[11] - 12.0).abs() < 1e-12);
        let lifted = cepstrum(Norm::Orthonormal, Lifter::Librosa(22.0), 26);
        assert!((lifted[10] / all[10] - 12.0).abs() < 1e-12);
    }

    #[test]
    fn options_that_cannot_be_met_are_named() {
        let refuse = |coefficients, lifter| {
            let made = Cepstrum::new(26, coefficients, Norm::Plain, lifter);
            made.err().expect("invalid").to_string()
        };
        assert!(refuse(27, Lifter::None).contains("coefficient count 27"));
        assert!(refuse(13, Lifter::Htk(0.0)).contains("lifter length 0"));
    }
}
