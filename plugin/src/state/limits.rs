//! The limits of what can be asked for: each stands here once, and everything follows.

use erbium_dsp::BankSpec;

/// The fewest bands of a bank.
pub const MIN_BANDS: usize = BankSpec::BANDS.0;
/// The most bands of a bank, and the number of band gains.
pub const MAX_BANDS: usize = BankSpec::BANDS.1;
/// The band count of a new instance.
pub const DEFAULT_BANDS: usize = 40;
/// A drawn gain at or below this, in dB, is off: linear gain 0.
pub const OFF_DB: f32 = -60.0;
/// The highest drawn gain in dB.
pub const MAX_GAIN_DB: f32 = 24.0;
/// The output gain reaches as far either way, in dB.
pub const MAX_OUTPUT_DB: f32 = 24.0;

/// A band count as the parameter holds it.
#[must_use]
pub const fn count(bands: usize) -> i32 {
    assert!(bands <= MAX_BANDS, "no bank has so many bands");
    // At most MAX_BANDS.
    #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
    let count = bands as i32;
    count
}
