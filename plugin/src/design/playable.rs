//! Which bank plays for a spec: itself, the nearest that can be played, or the one before it.

use super::shared_banks::shared_bank;
use erbium_dsp::{Bank, BankSpec, DesignError};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Why there is no new bank; the one before it plays on.
#[derive(Clone, Debug, PartialEq)]
pub enum DesignFailure {
    /// The spec was refused, or the design cancelled.
    Refused(DesignError),
    /// The design broke off: a fault of this program, which must cost no more than that design.
    Panicked,
    /// The system has no thread to design on, or it ended.
    NoThread,
}

impl fmt::Display for DesignFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(f),
            Self::Panicked => {
                f.write_str("the design of this bank failed; the bank stays as it is")
            }
            Self::NoThread => {
                f.write_str("there is no thread to design banks on; the bank stays as it is")
            }
        }
    }
}

impl std::error::Error for DesignFailure {}

// The audio thread drops failures, which must free nothing.
const _: () = assert!(!std::mem::needs_drop::<DesignFailure>());

impl From<DesignError> for DesignFailure {
    fn from(error: DesignError) -> Self {
        Self::Refused(error)
    }
}

/// The bank that plays for a spec.
pub struct Designed {
    /// The bank asked for, or what plays in its place.
    pub bank: Arc<Bank>,
    /// Why it is not the bank asked for, in words; `None` where it is.
    pub notice: Option<String>,
}

/// The bank to play for `spec`: itself, else the one of the nearest number of bands, else that for
/// `fallback`. Always the same for the same arguments, so that a project sounds the same wherever and
/// however it is opened. Blocks, so never called on the audio thread.
///
/// # Errors
/// [`DesignFailure`] when there is none of them, or `cancelled` turned true.
pub fn designed(
    spec: &BankSpec,
    fallback: &BankSpec,
    cancelled: &dyn Fn() -> bool,
) -> Result<Designed, DesignFailure> {
    let refusal = match guarded(spec, cancelled) {
        Ok(bank) => return Ok(Designed { bank, notice: None }),
        Err(DesignFailure::Refused(DesignError::Cancelled)) => {
            return Err(DesignError::Cancelled.into());
        }
        Err(refusal) => refusal,
    };
    if let DesignFailure::Refused(DesignError::Opaque { .. } | DesignError::Dual(_)) = refusal
        && let Ok(nearest) = nearest(spec, cancelled)
    {
        let BankSpec { kind, scale, bands, .. } = nearest;
        let bank = guarded(&nearest, cancelled)?;
        let notice = format!("{refusal}; playing {bands} bands, {kind}, {scale} scale");
        return Ok(Designed { bank, notice: Some(notice) });
    }
    if spec == fallback {
        return Err(refusal);
    }
    match designed(fallback, fallback, cancelled) {
        Ok(Designed { bank, notice }) => {
            let notice = notice.map(|notice| format!("; {notice}")).unwrap_or_default();
            let notice = format!("{refusal}; playing the bank chosen before it{notice}");
            Ok(Designed { bank, notice: Some(notice) })
        }
        Err(DesignFailure::Refused(DesignError::Cancelled)) => Err(DesignError::Cancelled.into()),
        Err(_) => Err(refusal),
    }
}

/// The spec nearest to one that was refused.
fn nearest(spec: &BankSpec, cancelled: &dyn Fn() -> bool) -> Result<BankSpec, DesignFailure> {
    catch_unwind(AssertUnwindSafe(|| Ok(*Bank::design_nearest(spec, cancelled)?.spec())))
        .unwrap_or(Err(DesignFailure::Panicked))
}

/// The bank of a spec, whatever happens in its design.
fn guarded(spec: &BankSpec, cancelled: &dyn Fn() -> bool) -> Result<Arc<Bank>, DesignFailure> {
    catch_unwind(AssertUnwindSafe(|| Ok(shared_bank(spec, cancelled)?)))
        .unwrap_or(Err(DesignFailure::Panicked))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(bands: usize) -> BankSpec {
        BankSpec { bands, ..BankSpec::default() }
    }

    #[test]
    fn a_panic_costs_no_more_than_its_design() {
        let spec = spec(15);
        let panicking = designed(&spec, &spec, &|| panic!("on purpose"));
        assert_eq!(panicking.err(), Some(DesignFailure::Panicked));
        assert!(designed(&spec, &spec, &|| false).is_ok());
    }

    #[test]
    fn what_plays_in_place_of_a_bank_is_the_same_each_time_and_told() {
        let missing = BankSpec::of_user_kernels(7, 12, erbium_dsp::Scale::Erb, 48_000.0);
        let fallback = spec(18);
        for _ in 0..2 {
            let Designed { bank, notice } =
                designed(&missing, &fallback, &|| false).expect("the fallback");
            assert_eq!(*bank.spec(), fallback);
            let notice = notice.expect("told");
            assert!(notice.contains("the kernels of this bank are not loaded"), "{notice}");
        }
        let refusal = designed(&missing, &missing, &|| false).err();
        assert_eq!(refusal, Some(DesignFailure::Refused(DesignError::KernelsMissing)));
    }
}
