//! How large features may be made: beyond, memory or time would end before the work does.

use super::OptionError;

/// The longest FFT in samples, and the most bins of a spectrum: 350 s at 48 kHz.
pub const BINS_MAX: usize = 1 << 24;

/// The most bands of a matrix or a gammatone bank.
pub const BANDS_MAX: usize = 1 << 16;

/// The most numbers that are held at once for all bands together: 512 MiB.
pub const HELD_MAX: usize = 1 << 26;

/// Requires a count within 1 (or another least) and a greatest.
pub(super) fn within(
    option: &'static str,
    given: usize,
    least: usize,
    most: usize,
) -> Result<(), OptionError> {
    OptionError::unless(
        (least..=most).contains(&given),
        option,
        given,
        format!("{least} to {most}"),
    )
}

/// Requires that what is held for each band is no more than [`HELD_MAX`] in all.
pub(super) fn held(option: &'static str, each: usize, bands: usize) -> Result<(), OptionError> {
    let most = HELD_MAX / bands.max(1);
    OptionError::unless(each <= most, option, each, format!("up to {most}, with {bands} bands"))
}
