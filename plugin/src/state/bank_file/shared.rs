//! The bank from a file as audio thread, editor and state share it.

use crate::design::early::BankChangeSignal;
use crate::design::shared_banks::keep;
use crate::state::bank_file::{BankFile, StoredBankFile};
use nice_plug::params::persist::PersistentField;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The band count lies above the fingerprint's 48 bits.
const BANDS_SHIFT: u32 = 48;

/// What instances of a program begin with, see [`Initial::set`].
static INITIAL: Mutex<Option<BankFile>> = Mutex::new(None);

/// The bank from a file with which new instances begin.
pub struct Initial;

impl Initial {
    /// Every instance made from now on begins with this bank: for a program whose arguments name it.
    pub fn set(file: BankFile) {
        *INITIAL.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
    }
}

/// The bank from a file that an instance plays instead of the one that its parameters say, if any.
pub struct SharedBankFile {
    /// Fingerprint and band count of what is held, 0 for nothing: all the audio thread needs.
    asked: AtomicU64,
    held: Mutex<Option<BankFile>>,
    signal: Arc<BankChangeSignal>,
}

impl SharedBankFile {
    /// Of a new instance, which says by `signal` that another is asked for.
    #[must_use]
    pub fn new(signal: Arc<BankChangeSignal>) -> Self {
        let shared = Self { asked: AtomicU64::new(0), held: Mutex::new(None), signal };
        shared.load(INITIAL.lock().unwrap_or_else(PoisonError::into_inner).clone());
        shared
    }

    /// Plays this bank from now on, or that of the parameters again. Locks, so never called on the
    /// audio thread.
    pub fn load(&self, file: Option<BankFile>) {
        let asked = file.as_ref().map_or(0, |file| {
            keep(&file.kernels);
            let bands = u64::try_from(file.kernels.bands()).unwrap_or(0);
            (bands << BANDS_SHIFT) | file.kernels.fingerprint()
        });
        let mut held = self.lock();
        *held = file;
        self.asked.store(asked, Ordering::Relaxed);
        self.signal.notify();
    }

    /// The bank that is held. Locks, so never called on the audio thread.
    #[must_use]
    pub fn file(&self) -> Option<BankFile> {
        self.lock().clone()
    }

    /// Audio thread: fingerprint and number of bands of what is to be played; `None` for the bank that the
    /// parameters say.
    #[must_use]
    pub fn asked(&self) -> Option<(u64, usize)> {
        let asked = self.asked.load(Ordering::Relaxed);
        let bands = usize::try_from(asked >> BANDS_SHIFT).unwrap_or(0);
        (asked > 0).then_some((asked & ((1 << BANDS_SHIFT) - 1), bands))
    }

    fn lock(&self) -> MutexGuard<'_, Option<BankFile>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PersistentField<'_, StoredBankFile> for Arc<SharedBankFile> {
    fn set(&self, stored: StoredBankFile) {
        self.load(stored.bank_file());
    }

    fn map<F: Fn(&StoredBankFile) -> R, R>(&self, f: F) -> R {
        f(&StoredBankFile::from(self.lock().as_ref()))
    }
}
