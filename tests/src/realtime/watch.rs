//! Whether this thread is the audio thread just now, and what it did.

use super::record::{Record, Violation};
use super::{Pace, Violations, system_calls};
use std::cell::{Cell, RefCell};

/// What the kernel reads with each call of the system: 0 to let it pass, 1 to catch it.
const PASS: u8 = 0;
const CATCH: u8 = 1;

thread_local! {
    // Without anything to drop, so that reading it allocates nothing.
    pub(super) static SELECTOR: Cell<u8> = const { Cell::new(PASS) };
    static PACE: Cell<Pace> = const { Cell::new(Pace::Live) };
    static RECORD: RefCell<Record> = const { RefCell::new(Record::new()) };
}

pub(super) fn pace() -> Pace {
    PACE.get()
}

pub(super) fn is_watching() -> bool {
    SELECTOR.get() == CATCH
}

/// Does something that is not the plugin's, such as what the host does while the plugin calls it.
pub fn outside<T>(body: impl FnOnce() -> T) -> T {
    let before = SELECTOR.replace(PASS);
    let result = body();
    SELECTOR.set(before);
    result
}

/// Notes a violation, and does it.
pub(super) fn note_and<T>(violation: Violation, body: impl FnOnce() -> T) -> T {
    outside(|| {
        RECORD.with_borrow_mut(|record| record.note(violation));
        body()
    })
}

/// Ends the watch however the body ends.
struct Watch;

impl Watch {
    fn begin(pace: Pace) -> Self {
        PACE.set(pace);
        RECORD.with_borrow_mut(Record::clear);
        system_calls::catch(true);
        Self
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        SELECTOR.set(PASS);
        system_calls::catch(false);
    }
}

/// Does something as the audio thread.
///
/// # Errors
/// What it did and may not do.
pub fn watched<T>(pace: Pace, body: impl FnOnce() -> T) -> Result<T, Violations> {
    let watch = Watch::begin(pace);
    SELECTOR.set(CATCH);
    let result = body();
    drop(watch);
    RECORD.with_borrow(Record::told).map_or(Ok(result), Err)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
