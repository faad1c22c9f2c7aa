//! Banks shared by every instance in the process: equal specs are designed once.

use erbium_dsp::{Bank, BankSpec, DesignError, Sizing, UserKernels};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// How often a thread that waits for another's design looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(5);

/// A bank that lives as long as somebody plays it, or one being designed.
enum Entry {
    Designing,
    Ready(Weak<Bank>),
}

static BANKS: Mutex<Vec<(BankSpec, Entry)>> = Mutex::new(Vec::new());
/// The kernels of banks that are not designed, for as long as anybody keeps them.
static GIVEN: Mutex<Vec<Weak<UserKernels>>> = Mutex::new(Vec::new());
static DESIGNED: Condvar = Condvar::new();

fn banks() -> MutexGuard<'static, Vec<(BankSpec, Entry)>> {
    BANKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets banks of these kernels be asked for by their spec, for as long as the caller has them.
pub fn keep(kernels: &Arc<UserKernels>) {
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    given.retain(|other| other.strong_count() > 0);
    given.push(Arc::downgrade(kernels));
}

/// Designs the bank of a spec, with the kernels that are kept where it says so.
fn design(spec: &BankSpec, cancelled: &dyn Fn() -> bool) -> Result<Bank, DesignError> {
    let Sizing::UserKernels { fingerprint } = spec.sizing else {
        return Bank::design_unless(spec, cancelled);
    };
    let kernels = kept(fingerprint).ok_or(DesignError::KernelsMissing)?;
    Bank::of_kernels(&kernels, spec.scale, spec.sample_rate_hz, cancelled)
}

/// The kernels of this fingerprint, if anybody has them.
fn kept(fingerprint: u64) -> Option<Arc<UserKernels>> {
    let given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    given.iter().filter_map(Weak::upgrade).find(|kept| kept.fingerprint() == fingerprint)
}

/// The latency in samples of the bank of a spec, known before it is designed; `None` where only the
/// design would tell.
#[must_use]
pub fn latency_samples(spec: &BankSpec) -> Option<usize> {
    match spec.sizing {
        Sizing::UserKernels { fingerprint } => Some(kept(fingerprint)?.latency_samples()),
        _ => spec.latency_samples(),
    }
}

/// The bank of this spec: the one already in the process, the one another thread is designing, or a
/// new design. Blocks, so never called on the audio thread.
///
/// # Errors
/// [`DesignError`] says what is wrong with the spec, or that `cancelled` turned true.
pub fn shared_bank(
    spec: &BankSpec,
    cancelled: &dyn Fn() -> bool,
) -> Result<Arc<Bank>, DesignError> {
    spec.check()?;
    if let Some(bank) = claim(spec, cancelled)? {
        return Ok(bank);
    }
    let mut claim = Claim { spec, bank: None };
    let bank = Arc::new(design(spec, cancelled)?);
    claim.bank = Some(Arc::downgrade(&bank));
    Ok(bank)
}

/// Finds the bank, or claims its design for the caller.
fn claim(spec: &BankSpec, cancelled: &dyn Fn() -> bool) -> Result<Option<Arc<Bank>>, DesignError> {
    let mut banks = banks();
    loop {
        banks.retain(|(_, entry)| match entry {
            Entry::Designing => true,
            Entry::Ready(bank) => bank.strong_count() > 0,
        });
        match banks.iter().find(|(other, _)| other == spec) {
            None => {
                banks.push((*spec, Entry::Designing));
                return Ok(None);
            }
            Some((_, Entry::Ready(bank))) => {
                // The last owner may have let go since the line above.
                if let Some(bank) = bank.upgrade() {
                    return Ok(Some(bank));
                }
            }
            Some((_, Entry::Designing)) => {
                if cancelled() {
                    return Err(DesignError::Cancelled);
                }
                let waited = DESIGNED.wait_timeout(banks, LOOK);
                banks = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }
}

/// A design under way. Dropped after success, failure or panic, it leaves the bank or nothing.
struct Claim<'a> {
    spec: &'a BankSpec,
    bank: Option<Weak<Bank>>,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut banks = banks();
        banks.retain(|(spec, _)| spec != self.spec);
        if let Some(bank) = self.bank.take() {
            banks.push((*self.spec, Entry::Ready(bank)));
        }
        DESIGNED.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: &dyn Fn() -> bool = &|| false;

    #[test]
    fn equal_specs_share_one_bank_even_when_asked_for_at_once() {
        let spec = BankSpec { bands: 9, ..BankSpec::default() };
        let banks: Vec<_> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..4).map(|_| scope.spawn(|| shared_bank(&spec, NEVER))).collect();
            asked.into_iter().map(|asked| asked.join().expect("no panic").expect("valid")).collect()
        });
        assert!(banks.iter().all(|bank| Arc::ptr_eq(bank, &banks[0])));
    }

    #[test]
    fn a_bank_nobody_plays_is_freed() {
        let spec = BankSpec { bands: 10, ..BankSpec::default() };
        let bank = Arc::downgrade(&shared_bank(&spec, NEVER).expect("valid"));
        assert!(bank.upgrade().is_none());
    }

    #[test]
    fn a_refused_or_cancelled_design_leaves_no_claim() {
        let refused = BankSpec { bands: 3, ..BankSpec::default() };
        for _ in 0..2 {
            assert!(matches!(shared_bank(&refused, NEVER), Err(DesignError::OutOfRange { .. })));
        }
        let spec = BankSpec { bands: 11, ..BankSpec::default() };
        assert_eq!(shared_bank(&spec, &|| true).err(), Some(DesignError::Cancelled));
        assert!(shared_bank(&spec, NEVER).is_ok());
    }
}
