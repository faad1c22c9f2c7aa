//! Specs of banks, of any numbers.
//!
//! A spec that is refused is refused by its type and in words; what is designed is what was asked for, and keeps
//! what every bank promises.

use crate::bank_check;
use crate::number::Number;
use arbitrary::{Arbitrary, Result, Unstructured};
use erbium_dsp::bank::{BankSpec, DesignError, Kind, Phase, Prototype, Quality, Sizing};
use erbium_dsp::{Bank, Scale};
use std::sync::Arc;

/// More takes too long to be tried again and again.
const BANDS_MAX: usize = 12;
const KERNEL_SAMPLES_MAX: usize = 96;
const RATE_HZ_MAX: f64 = 48_000.0;

/// Takes `data` for a spec.
///
/// # Panics
/// Where something of what must hold does not.
pub fn bank_spec(data: &[u8]) {
    let Ok(spec) = spec(&mut Unstructured::new(data)) else { return };
    let checked = spec.check();
    if checked.is_ok() && !is_quick(&spec) {
        return;
    }
    match Bank::design(&spec) {
        Ok(bank) => {
            assert_eq!(checked, Ok(()));
            assert_eq!(*bank.spec(), spec);
            if let Some(latency) = spec.latency_samples() {
                assert_eq!(bank.latency_samples(), latency, "{spec:?}");
            }
            bank_check::check(&Arc::new(bank), spec.bands);
        }
        Err(error) => {
            let text = error.to_string();
            let is_refused = checked.is_err() || matches!(error, DesignError::KernelsMissing);
            let is_opaque = matches!(error, DesignError::Opaque { .. } | DesignError::Dual(_));
            assert!(is_refused || is_opaque, "{spec:?}: {text}");
            assert!(text.contains("possible") || is_opaque, "{spec:?}: {text}");
            if let (Err(refused), false) = (checked, error == DesignError::KernelsMissing) {
                assert_eq!(refused.to_string(), text);
            }
        }
    }
}

fn is_quick(spec: &BankSpec) -> bool {
    let kernel_samples = match spec.sizing {
        Sizing::Latency { .. } => spec.latency_samples().unwrap_or(usize::MAX),
        Sizing::Published { kernel_size, .. } => kernel_size.unwrap_or(usize::MAX),
        Sizing::UserKernels { .. } => 0,
    };
    spec.bands <= BANDS_MAX
        && kernel_samples <= KERNEL_SAMPLES_MAX
        && spec.sample_rate_hz <= RATE_HZ_MAX
}

fn spec(u: &mut Unstructured<'_>) -> Result<BankSpec> {
    let count = |u: &mut Unstructured<'_>| -> Result<usize> {
        Ok(if u.ratio(1, 8)? { u.arbitrary()? } else { usize::from(u.arbitrary::<u8>()? % 80) })
    };
    let sizing = match u.int_in_range(0..=3_u8)? {
        0 => Sizing::UserKernels { fingerprint: u.arbitrary()? },
        1 => Sizing::Published {
            kernel_size: if u.ratio(7, 8)? { Some(count(u)?) } else { None },
            stride: if u.ratio(7, 8)? {
                usize::from(u.int_in_range(1..=16_u8)?)
            } else {
                count(u)?
            },
            supp_mult: Number::arbitrary(u)?.0,
            fc_max_hz: Option::<Number>::arbitrary(u)?.map(|hz| hz.0),
        },
        _ => Sizing::Latency {
            ms: if u.ratio(7, 8)? {
                f64::from(u.int_in_range(1..=64_u8)?) / 4.0
            } else {
                Number::arbitrary(u)?.0
            },
        },
    };
    Ok(BankSpec {
        kind: *u.choose(Kind::ALL)?,
        scale: *u.choose(&Scale::ALL)?,
        bands: if u.ratio(7, 8)? { usize::from(u.int_in_range(8..=12_u8)?) } else { count(u)? },
        sizing,
        phase: *u.choose(Phase::ALL)?,
        prototype: *u.choose(Prototype::ALL)?,
        quality: *u.choose(Quality::ALL)?,
        sample_rate_hz: Number::arbitrary(u)?.0,
    })
}
