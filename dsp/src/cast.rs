//! The conversions between counts and real numbers, each lossless in the range it is used for.

/// A count as a real number: exact below 2⁵³, far above any length here.
#[expect(clippy::cast_precision_loss)]
pub(crate) const fn real(count: usize) -> f64 {
    count as f64
}

/// The nearest count to a non-negative real number (ties to even, as in the published designs).
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn count(value: f64) -> usize {
    value.round_ties_even().max(0.0) as usize
}

/// A real number in the precision audio streams in.
#[expect(clippy::cast_possible_truncation)]
pub(crate) const fn single(value: f64) -> f32 {
    value as f32
}
