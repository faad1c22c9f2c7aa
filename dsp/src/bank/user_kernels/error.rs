//! What can be wrong with given kernels.

use super::super::BankSpec;
use super::UserKernels;
use crate::dual::DualError;
use num_complex::Complex;
use std::fmt;

/// Why given kernels cannot be played. Bands count from 0, in the order in which they were given.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum UserKernelError {
    /// Too few or too many kernels.
    Bands {
        /// The number of kernels.
        given: usize,
    },
    /// A kernel is too long.
    TooLong {
        /// The taps that were given.
        given: usize,
    },
    /// All kernels together are too long, or measuring them takes too much.
    TooMuch {
        /// Of what, with its unit.
        what: &'static str,
        /// How much these kernels have or take.
        given: usize,
        /// The greatest possible.
        most: usize,
        /// What lessens it.
        possible: &'static str,
    },
    /// A kernel has only silence, or a tap that is no finite number.
    Taps {
        /// Its band.
        band: usize,
        /// What it holds, in words.
        holds: &'static str,
    },
    /// A kernel so loud or so faint that its power is no number.
    Level {
        /// Its band.
        band: usize,
        /// The magnitude of its greatest tap.
        greatest: f64,
    },
    /// There is neither one stride per kernel nor one for all.
    StrideCount {
        /// The number of strides.
        given: usize,
        /// The number of kernels.
        bands: usize,
    },
    /// A stride of 0.
    Stride {
        /// Its band.
        band: usize,
    },
    /// The strides repeat together only after very long.
    Strides,
    /// The latency is too long.
    Latency {
        /// The latency that was given, in samples.
        given: usize,
    },
    /// Two kernels peak at the same frequency.
    SameCentre {
        /// Their bands.
        bands: (usize, usize),
        /// The frequency in cycles per sample.
        cycles: f64,
    },
    /// There are fewer coefficients than samples, so the kernels are no frame.
    Sparse {
        /// Real numbers per sample.
        coefficients: f64,
    },
    /// The kernels were made for another sample rate.
    Rate {
        /// That rate in hertz.
        made_for_hz: f64,
        /// The rate at which they are to be played, in hertz.
        sample_rate_hz: f64,
    },
    /// No kernel passes a range of frequencies, so the kernels are no frame.
    Gap {
        /// From and to, in hertz.
        hz: (f64, f64),
    },
    /// At these strides, different signals have the same coefficients: the kernels are no frame.
    NoFrame {
        /// The ratio of the frame bounds.
        condition: f64,
    },
    /// There is no dual, for a reason of its own.
    Dual(DualError),
    /// The kernels are a frame, but no dual as long as they are gives back the sound.
    Opaque {
        /// The least error reached for the worst sinusoid, in dB; infinite where nothing was reached.
        flat_sine_db: f64,
        /// The greatest possible.
        limit_db: f64,
    },
}

impl fmt::Display for UserKernelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bands { given } => {
                let (low, high) = BankSpec::USER_BANDS;
                write!(f, "{given} kernels are not possible; possible: {low} to {high}")
            }
            Self::TooLong { given } => write!(
                f,
                "kernels of {given} taps are too long; possible: up to {}",
                UserKernels::LONGEST
            ),
            Self::TooMuch { what, given, most, possible } => {
                write!(f, "these kernels have {given} {what}; possible: up to {most}, with {possible}")
            }
            Self::Taps { band, holds } => {
                write!(f, "kernel {band} holds {holds}; possible: finite numbers, not all 0")
            }
            Self::Level { band, greatest } => {
                let (low, high) = UserKernels::GREATEST_TAP;
                write!(
                    f,
                    "the greatest tap of kernel {band} is {greatest:.1e}; possible: {low:.0e} to {high:.0e}"
                )
            }
            Self::Dual(error) => error.fmt(f),
            Self::StrideCount { given, bands } => write!(
                f,
                "{given} strides do not fit {bands} kernels; possible: {bands}, or one for all"
            ),
            Self::Stride { band } => {
                write!(f, "the stride of kernel {band} is 0; possible: 1 sample or more")
            }
            Self::Strides => f.write_str(
                "the strides repeat together only after more than 65536 samples; possible: strides that share factors, such as powers of two",
            ),
            Self::Latency { given } => write!(
                f,
                "a latency of {given} samples is too long; possible: less than {}",
                UserKernels::LONGEST
            ),
            Self::SameCentre { bands: (a, b), cycles } => write!(
                f,
                "kernels {a} and {b} both peak at {cycles:.6} of the sample rate; possible: one kernel for each band, without those of negative frequencies"
            ),
            Self::Sparse { coefficients } => write!(
                f,
                "these kernels are not a frame: their coefficients hold {coefficients:.2} numbers per sample; possible: shorter strides, with 1 or more"
            ),
            Self::Rate { made_for_hz, sample_rate_hz } => write!(
                f,
                "these kernels were made for {made_for_hz} Hz, not {sample_rate_hz} Hz; possible: sound of that rate, or kernels without a rate"
            ),
            Self::Gap { hz: (low, high) } if low == high => write!(
                f,
                "these kernels are not a frame: none covers {low:.0} Hz; possible: kernels that cover 0 Hz to half the sample rate"
            ),
            Self::Gap { hz: (low, high) } => write!(
                f,
                "these kernels are not a frame: none covers {low:.0} to {high:.0} Hz; possible: kernels that cover 0 Hz to half the sample rate"
            ),
            Self::NoFrame { condition } => write!(
                f,
                "these kernels are not a frame at these strides: the condition number is {condition:.1e}; possible: shorter strides"
            ),
            Self::Opaque { flat_sine_db, .. } if flat_sine_db.is_infinite() => f.write_str(
                "these kernels have no stable dual; possible: fewer kernels of the same frequencies, or shorter strides",
            ),
            Self::Opaque { flat_sine_db, limit_db } => write!(
                f,
                "these kernels would not be transparent: the best dual leaves an error of {flat_sine_db:.1} dB, not {limit_db} or lower; possible: shorter strides"
            ),
        }
    }
}

impl std::error::Error for UserKernelError {}

/// Checks shapes and numbers, before anything is measured.
pub(super) fn check(rows: &[Vec<Complex<f64>>], strides: &[usize]) -> Result<(), UserKernelError> {
    let (least, most) = BankSpec::USER_BANDS;
    let bands = rows.len();
    if !(least..=most).contains(&bands) {
        return Err(UserKernelError::Bands { given: bands });
    }
    if strides.len() != bands && strides.len() != 1 {
        return Err(UserKernelError::StrideCount { given: strides.len(), bands });
    }
    if let Some(band) = strides.iter().position(|stride| *stride == 0) {
        return Err(UserKernelError::Stride { band });
    }
    if let Some(row) = rows.iter().find(|row| row.len() > UserKernels::LONGEST) {
        return Err(UserKernelError::TooLong { given: row.len() });
    }
    for (band, row) in rows.iter().enumerate() {
        if row.iter().any(|tap| !tap.is_finite()) {
            return Err(UserKernelError::Taps { band, holds: "numbers that are not finite" });
        }
        // Not by the norm, which overflows and underflows before its parts do.
        let greatest =
            row.iter().fold(0.0_f64, |most, tap| most.max(tap.re.abs()).max(tap.im.abs()));
        if greatest == 0.0 {
            return Err(UserKernelError::Taps { band, holds: "only silence" });
        }
        let (low, high) = UserKernels::GREATEST_TAP;
        if !(low..=high).contains(&greatest) {
            return Err(UserKernelError::Level { band, greatest });
        }
    }
    Ok(())
}
