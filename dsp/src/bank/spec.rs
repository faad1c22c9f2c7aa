//! The specification of a bank: a small comparable value from which it is designed.

use super::user_kernels::UserKernelError;
use crate::cast::{count, real};
use crate::dual::DualError;
use crate::scale::Scale;
use crate::unknown_name::UnknownName;
use std::fmt;
use std::str::FromStr;

/// The family of analysis kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Kind {
    /// Windowed exponentials of bounded length (Haider et al., 2025).
    #[default]
    Isac,
    /// Complex all-pole gammatone filters of order 4 with a bandwidth floor (after Hohmann, 2002).
    Gammatone,
}

/// The window of an ISAC kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Prototype {
    /// Hann, as published.
    Hann,
    /// Hann squared: at equal cost 25 to 40 dB less alias, so the equaliser's choice.
    #[default]
    Hann2,
}

/// How much work the bank may cost to be transparent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Quality {
    /// About two thirds of the work of `Standard` for up to 20 dB more alias. Every bank is flat to −80 dB
    /// for the worst sinusoid, with alias of −75 dB at most.
    Eco,
    /// With 40 bands at 48 kHz alias of −98 dB or less. Every bank is flat to −90 dB, with alias of −85 dB
    /// at most.
    #[default]
    Standard,
    /// With 40 bands on the ERB scale at least 10 dB less alias than `Standard` for 40 to 70 % more work.
    /// Every bank is held to what `Standard` is.
    High,
}

impl Quality {
    /// The weight of every band's share in the learned dual: about the alias power that each quality reaches, so that
    /// shares cost little transparency. With ten times as much error and alias of gammatone banks are up to 10 dB
    /// higher (`tests/bank/figures.rs`).
    pub(super) const fn share_weight(self) -> f64 {
        match self {
            Self::Eco => 5e-9,
            Self::Standard => 1e-10,
            Self::High => 5e-12,
        }
    }

    /// The greatest reconstruction error for a sinusoid and the greatest alias that a bank may have, in dB: what the
    /// variants promise.
    pub(super) const fn limits_db(self) -> (f64, f64) {
        match self {
            Self::Eco => (-80.0, -75.0),
            Self::Standard | Self::High => (-90.0, -85.0),
        }
    }
}

/// What decides the length of the longest kernel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sizing {
    /// A total latency in milliseconds: supports, strides and band density follow from it.
    Latency {
        /// Latency of the bank in milliseconds.
        ms: f64,
    },
    /// The settings of the published ISAC implementation.
    Published {
        /// The longest support in samples; `None` for no limit but the scale's own support at 0 Hz and
        /// that of one second.
        kernel_size: Option<usize>,
        /// One stride for all bands, in samples.
        stride: usize,
        /// Factor on every support.
        supp_mult: f64,
        /// Frequency above which the scale is linear, in hertz; the Nyquist frequency if `None`.
        fc_max_hz: Option<f64>,
    },
    /// Kernels that are given, not designed: [`UserKernels`](crate::bank::UserKernels).
    UserKernels {
        /// That of the kernels, which distinguishes them from others.
        fingerprint: u64,
    },
}

/// With which phase a bank's response is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Phase {
    /// That of kernels and duals, with their latency: linear in an ISAC bank.
    #[default]
    OfBank,
    /// The least that the same magnitude can have, without any latency.
    Minimum,
}

/// Everything that decides a bank.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BankSpec {
    /// The family of kernels.
    pub kind: Kind,
    /// The scale that spaces and shapes the bands.
    pub scale: Scale,
    /// The number of bands, 0 Hz and the Nyquist frequency included.
    pub bands: usize,
    /// What decides the kernels' lengths.
    pub sizing: Sizing,
    /// With which phase the response is played.
    pub phase: Phase,
    /// The window of the kernels.
    pub prototype: Prototype,
    /// The work spent on transparency.
    pub quality: Quality,
    /// The sample rate in hertz.
    pub sample_rate_hz: f64,
}

impl Default for BankSpec {
    /// ISAC, ERB scale, 40 bands, 21 ms, 48 kHz, standard quality.
    fn default() -> Self {
        Self {
            kind: Kind::default(),
            scale: Scale::default(),
            bands: 40,
            sizing: Sizing::Latency { ms: 21.0 },
            phase: Phase::default(),
            prototype: Prototype::default(),
            quality: Quality::default(),
            sample_rate_hz: 48_000.0,
        }
    }
}

impl BankSpec {
    /// The least and the greatest number of bands.
    pub const BANDS: (usize, usize) = (8, 64);
    /// The greatest number of bands with published sizing, which serves offline research.
    pub const PUBLISHED_BANDS_MAX: usize = 1024;
    /// The least and the greatest number of bands of given kernels.
    pub const USER_BANDS: (usize, usize) = (2, Self::PUBLISHED_BANDS_MAX);
    /// The least and the greatest number of bands of an [`Encoder`](crate::feature::isac::Encoder), which has no
    /// dual to be exact.
    pub const ANALYSIS_BANDS: (usize, usize) = (2, Self::PUBLISHED_BANDS_MAX);
    /// The shortest and the longest latency in milliseconds.
    pub const LATENCY_MS: (f64, f64) = (1.0, 100.0);
    /// The shortest latency in samples: kernels of 9 taps; with less, no bank is near transparent.
    pub const LATENCY_SAMPLES_MIN: usize = 8;
    /// The lowest and the highest sample rate in hertz.
    pub const SAMPLE_RATE_HZ: (f64, f64) = (1_000.0, 768_000.0);

    /// That of a bank of given kernels of this fingerprint: the scale is the one on which curves are
    /// drawn between its bands.
    #[must_use]
    pub fn of_user_kernels(
        fingerprint: u64,
        bands: usize,
        scale: Scale,
        sample_rate_hz: f64,
    ) -> Self {
        Self {
            scale,
            bands,
            sizing: Sizing::UserKernels { fingerprint },
            sample_rate_hz,
            ..Self::default()
        }
    }

    /// The latency in samples: that which a latency in milliseconds stands for, and 0 with minimum phase; `None` with
    /// published sizing and given kernels, where it follows from the design.
    #[must_use]
    pub fn latency_samples(&self) -> Option<usize> {
        match self.phase {
            Phase::OfBank => self.kernel_latency_samples(),
            Phase::Minimum => Some(0),
        }
    }

    /// That of kernels and duals.
    pub(super) fn kernel_latency_samples(&self) -> Option<usize> {
        match self.sizing {
            Sizing::Latency { ms } => Some(Self::latency_samples_at(ms, self.sample_rate_hz)),
            Sizing::Published { .. } | Sizing::UserKernels { .. } => None,
        }
    }

    /// A latency of `ms` milliseconds in samples, the same for every kind, scale and number of bands: the
    /// nearest even number, so that kernels have a middle sample.
    #[must_use]
    pub fn latency_samples_at(ms: f64, sample_rate_hz: f64) -> usize {
        // Of numbers that no bank has the product may not fit.
        count(ms * sample_rate_hz / 2000.0).saturating_mul(2)
    }

    /// The longest support with published sizing in samples, before any multiplier: that given, or without
    /// a limit one second, as the published implementation has it.
    pub(super) fn published_limit(kernel_size: Option<usize>, sample_rate_hz: f64) -> usize {
        kernel_size.unwrap_or_else(|| count(sample_rate_hz))
    }

    /// Specs of the same latency that are nearest to this one, nearest first, for where it cannot be designed.
    pub(super) fn substitutes(&self) -> Vec<Self> {
        let more = [1, 2, 4, 8].map(|more| Self { bands: self.bands + more, ..*self });
        let erb = Self { scale: Scale::Erb, prototype: Prototype::default(), ..*self };
        let bands = Self::default().bands;
        let others = [erb, Self { bands, ..erb }, Self { kind: Kind::Isac, bands, ..erb }];
        let mut all: Vec<Self> = more.into_iter().chain(others).collect();
        all.retain(|spec| spec != self && spec.bands <= Self::BANDS.1);
        all
    }

    /// Whether the spec is within range.
    ///
    /// # Errors
    /// [`DesignError::OutOfRange`] names the first setting out of range.
    pub fn check(&self) -> Result<(), DesignError> {
        self.check_bands(match self.sizing {
            Sizing::Latency { .. } => Self::BANDS,
            Sizing::Published { .. } => (Self::BANDS.0, Self::PUBLISHED_BANDS_MAX),
            Sizing::UserKernels { .. } => Self::USER_BANDS,
        })
    }

    /// Whether the analysis side can be designed: of 0 Hz and the Nyquist frequency at least.
    pub(super) fn check_analysis(&self) -> Result<(), DesignError> {
        self.check_bands(Self::ANALYSIS_BANDS)
    }

    fn check_bands(&self, (least, most): (usize, usize)) -> Result<(), DesignError> {
        let within = |what, unit, given: f64, (low, high): (f64, f64)| {
            if given >= low && given <= high {
                Ok(())
            } else {
                Err(DesignError::OutOfRange { what, unit, given, low, high })
            }
        };
        within("sample rate", " Hz", self.sample_rate_hz, Self::SAMPLE_RATE_HZ)?;
        within("band count", "", real(self.bands), (real(least), real(most)))?;
        match self.sizing {
            Sizing::Latency { ms } => {
                let (low, high) = Self::LATENCY_MS;
                let least_ms = 1000.0 * real(Self::LATENCY_SAMPLES_MIN) / self.sample_rate_hz;
                within("latency", " ms", ms, (low.max(least_ms), high))
            }
            Sizing::UserKernels { .. } => Ok(()),
            Sizing::Published { .. } if self.kind == Kind::Gammatone => {
                Err(DesignError::NotPublished)
            }
            Sizing::Published { kernel_size, stride, supp_mult, fc_max_hz } => {
                if let Some(kernel_size) = kernel_size {
                    within("kernel size", " samples", real(kernel_size), (8.0, 65_536.0))?;
                }
                let limit = Self::published_limit(kernel_size, self.sample_rate_hz);
                within("stride", " samples", real(stride), (1.0, real(limit)))?;
                within("support multiplier", "", supp_mult, (0.05, 4.0))?;
                let nyquist_hz = self.sample_rate_hz / 2.0;
                within(
                    "upper frequency limit",
                    " Hz",
                    fc_max_hz.unwrap_or(nyquist_hz),
                    (1.0, nyquist_hz),
                )
            }
        }
    }
}

/// Why a bank cannot be designed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DesignError {
    /// A setting is out of range.
    OutOfRange {
        /// The setting.
        what: &'static str,
        /// Its unit, with a leading space; empty for a count.
        unit: &'static str,
        /// The value that was given.
        given: f64,
        /// The least possible value.
        low: f64,
        /// The greatest possible value.
        high: f64,
    },
    /// Published sizing, which only ISAC banks have.
    NotPublished,
    /// The bank would not be transparent, or its bands would cancel each other.
    Opaque {
        /// The number of bands requested.
        bands: usize,
        /// The error at unity gains for the worst sinusoid, in dB.
        flat_sine_db: f64,
        /// The worst alias of the gain tests, in dB.
        alias_db: f64,
        /// The greatest sum of the bands' magnitudes over frequency; 1 where they only add up.
        peak_magnitude_sum: f64,
    },
    /// The kernels of a given bank, which are not in its spec, are missing.
    KernelsMissing,
    /// The user's kernels cannot be played.
    UserKernels(UserKernelError),
    /// There is no dual.
    Dual(DualError),
    /// The caller asked to stop.
    Cancelled,
}

impl From<DualError> for DesignError {
    fn from(error: DualError) -> Self {
        match error {
            DualError::Cancelled => Self::Cancelled,
            error => Self::Dual(error),
        }
    }
}

impl From<UserKernelError> for DesignError {
    fn from(error: UserKernelError) -> Self {
        Self::UserKernels(error)
    }
}

impl fmt::Display for DesignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange { what, unit, given, low, high } => {
                write!(f, "{what} {given}{unit} is out of range; possible: {low} to {high}{unit}")
            }
            Self::NotPublished => f.write_str(
                "a gammatone bank has no published kernel size; possible: a latency, or an isac bank",
            ),
            Self::Opaque { bands, flat_sine_db, alias_db, peak_magnitude_sum } => {
                write!(
                    f,
                    "a bank of {bands} bands would not be transparent here (reconstruction error {flat_sine_db:.0} dB, alias {alias_db:.0} dB, magnitudes add up to {peak_magnitude_sum:.2}); possible: more bands, another scale or kind, or a longer latency"
                )
            }
            Self::KernelsMissing => f.write_str(
                "the kernels of this bank are not loaded; possible: to load their file again",
            ),
            Self::UserKernels(error) => error.fmt(f),
            Self::Dual(error) => error.fmt(f),
            Self::Cancelled => DualError::Cancelled.fmt(f),
        }
    }
}

impl std::error::Error for DesignError {}

/// Gives an enum its names: `name()`, `ALL`, `Display` and `FromStr` with an error that lists them.
macro_rules! named {
    ($type:ident, $what:literal, $($variant:ident = $name:literal),+) => {
        impl $type {
            /// Every choice, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name used on the command line and in files.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $type {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                UnknownName::find(Self::ALL.iter().copied(), Self::name, $what, text)
            }
        }
    };
}

named!(Kind, "kind", Isac = "isac", Gammatone = "gammatone");
named!(Prototype, "prototype", Hann = "hann", Hann2 = "hann2");
named!(Phase, "phase", OfBank = "of_bank", Minimum = "minimum");
named!(Quality, "quality", Eco = "eco", Standard = "standard", High = "high");

#[cfg(test)]
mod tests {
    use super::{BankSpec, DesignError, Sizing};

    #[test]
    fn a_latency_of_any_number_is_counted_or_refused() {
        for ms in [-1.0, 1e18, 1e300, f64::INFINITY, f64::NAN] {
            let spec = BankSpec { sizing: Sizing::Latency { ms }, ..BankSpec::default() };
            let samples = spec.latency_samples().expect("a count");
            assert_eq!(samples, if ms > 0.0 { usize::MAX } else { 0 }, "{ms} ms");
            let what = "latency";
            assert!(
                matches!(spec.check(), Err(DesignError::OutOfRange { what: w, .. }) if w == what)
            );
        }
    }
}
