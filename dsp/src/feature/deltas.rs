//! How features change from frame to frame.

use super::{FeatureMatrix, OptionError};
use crate::cast::real;

/// What lies beyond the first and the last frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Edges {
    /// The first and the last frame go on, as in HTK.
    #[default]
    Repeat,
    /// The slope of the first or last whole window goes on, as in librosa (`mode="interp"`).
    Continue,
}

/// The slope of each row at each frame, per frame: that of the straight line of least squares through
/// `reach` frames on either side, Σ_n n x\[t + n\] / Σ_n n².
///
/// # Errors
/// [`OptionError`] when `reach` is 0, or [`Edges::Continue`] has fewer frames than one window of
/// 2 `reach` + 1.
pub fn deltas(
    features: &FeatureMatrix,
    reach: usize,
    edges: Edges,
) -> Result<FeatureMatrix, OptionError> {
    OptionError::unless(reach >= 1, "reach of deltas", reach, "1 frame or more")?;
    let frames = features.frames();
    let window = 2 * reach + 1;
    let met = edges == Edges::Repeat || frames >= window;
    let possible = format!("{window} or more, or repeated edges");
    OptionError::unless(met, "frame count", frames, possible)?;
    let squares = 2.0 * (1..=reach).map(|n| real(n * n)).sum::<f64>();
    let mut slopes = FeatureMatrix::zeros(features.rows(), frames);
    for row in 0..features.rows() {
        let values = features.row(row);
        let slope = |frame: usize| {
            let change = |n: usize| {
                let (before, after) = (frame.saturating_sub(n), (frame + n).min(frames - 1));
                real(n) * (values[after] - values[before])
            };
            (1..=reach).map(change).sum::<f64>() / squares
        };
        for (frame, value) in slopes.row_mut(row).iter_mut().enumerate() {
            *value = match edges {
                Edges::Repeat => slope(frame),
                Edges::Continue => slope(frame.clamp(reach, frames - 1 - reach)),
            };
        }
    }
    Ok(slopes)
}

#[cfg(test)]
mod tests {
    use super::{Edges, deltas};
    use crate::cast::real;
    use crate::feature::FeatureMatrix;

    #[test]
    fn a_straight_line_has_its_slope_everywhere() {
        let line: Vec<f64> = (0..12).map(|n| 3.0 - 0.5 * real(n)).collect();
        let plane = FeatureMatrix::from_values(1, 12, line);
        for value in deltas(&plane, 4, Edges::Continue).expect("long enough").values() {
            assert!((value + 0.5).abs() < 1e-14, "{value}");
        }
        let repeated = deltas(&plane, 2, Edges::Repeat).expect("valid");
        assert!((repeated.values()[5] + 0.5).abs() < 1e-14);
        // (1 · 0.5 + 2 · 1) / 10 at the first frame.
        assert!((repeated.values()[0] + 0.25).abs() < 1e-14);
    }

    #[test]
    fn reaches_that_cannot_be_met_are_named() {
        let plane = FeatureMatrix::zeros(2, 4);
        let error = deltas(&plane, 2, Edges::Continue).expect_err("too short").to_string();
        assert!(error.contains("frame count 4") && error.contains("5 or more"), "{error}");
        assert!(deltas(&plane, 0, Edges::Repeat).expect_err("none").to_string().contains("reach"));
        deltas(&plane, 9, Edges::Repeat).expect("edges repeat");
    }
}
