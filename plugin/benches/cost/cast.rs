//! The conversions of measuring.

/// A count as a real number: exact below 2⁵³.
#[expect(clippy::cast_precision_loss)]
pub const fn real(count: usize) -> f64 {
    count as f64
}

/// A real number in the precision of sound.
#[expect(clippy::cast_possible_truncation)]
pub const fn single(value: f64) -> f32 {
    value as f32
}

/// A sample in 16 bits; full scale is 1.
#[expect(clippy::cast_possible_truncation)]
pub const fn sixteen_bits(sample: f32) -> i16 {
    (sample * 32_767.0) as i16
}
