//! What there is to say of a loaded state, from the load to the window.

use nice_plug::params::persist::PersistentField;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What was ignored or put right when a state was loaded, a sentence each. A state is repaired before it
/// reaches an instance, so the sentences travel in the state itself; none of them is ever stored.
#[derive(Debug, Default)]
pub struct LoadNotices(Mutex<Vec<String>>);

impl LoadNotices {
    /// Under this name they travel.
    pub const FIELD: &'static str = "load_notices";

    /// What there is to say, once. Locks, so never called on the audio thread.
    #[must_use]
    pub fn take(&self) -> Option<String> {
        let notices = std::mem::take(&mut *self.lock());
        (!notices.is_empty()).then(|| notices.join("; "))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PersistentField<'_, Vec<String>> for LoadNotices {
    fn set(&self, notices: Vec<String>) {
        *self.lock() = notices;
    }

    fn map<F: Fn(&Vec<String>) -> R, R>(&self, f: F) -> R {
        f(&Vec::new())
    }
}
