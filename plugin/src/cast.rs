//! The conversions between counts, sound and pixels, each harmless in the range it is used for.

/// A count as a real number: exact below 2⁵³.
#[expect(clippy::cast_precision_loss)]
pub const fn real(count: usize) -> f64 {
    count as f64
}

/// A count on the screen: exact below 2²⁴.
#[expect(clippy::cast_precision_loss)]
pub const fn points(count: usize) -> f32 {
    count as f32
}

/// A real number in the precision of screen and audio.
#[expect(clippy::cast_possible_truncation)]
pub const fn single(value: f64) -> f32 {
    value as f32
}

/// The whole part of a number, 0 if it is negative or not a number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub const fn index(value: f32) -> usize {
    value as usize
}

/// The nearest whole number.
#[expect(clippy::cast_possible_truncation)]
pub const fn whole(value: f32) -> i32 {
    value.round() as i32
}

/// A logical length in whole pixels, kept within what can be stored.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub const fn stored_length(length: f64) -> u16 {
    length.round().clamp(0.0, 65_535.0) as u16
}
