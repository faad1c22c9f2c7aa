//! Banks designed early: before the audio thread asks for them.
//!
//! An audio thread that does not run cannot ask, but what is to be played may change meanwhile: a host loads
//! a project into an instance that is active already. The designer then looks for itself, so that
//! the first sample is of the right bank.

use erbium_dsp::BankSpec;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::Thread;

/// The bank asked for at a sample rate in hertz, and the one to play where it cannot be played.
pub type AskedFor = dyn Fn(f64) -> (BankSpec, BankSpec) + Send + Sync;

/// Wakes the designer of an instance that has not begun to play when the bank asked for may be another.
/// Nothing here waits or allocates.
#[derive(Default)]
pub struct BankChangeSignal {
    /// Whether the audio thread has not begun.
    is_idle: AtomicBool,
    changed: AtomicBool,
    designer: OnceLock<Thread>,
}

impl BankChangeSignal {
    /// Says that the bank asked for may be another.
    pub fn notify(&self) {
        if self.is_idle.load(Ordering::Acquire) {
            self.changed.store(true, Ordering::Release);
            if let Some(designer) = self.designer.get() {
                designer.unpark();
            }
        }
    }

    /// Says whether the audio thread asks for its banks itself, from now on.
    fn set_idle(&self, is_idle: bool) {
        self.is_idle.store(is_idle, Ordering::Release);
        // What has changed before was not said.
        self.notify();
    }
}

/// What is played in an instance, for its designer to look at.
#[derive(Clone)]
pub(crate) struct EarlyDesign {
    pub(crate) signal: Arc<BankChangeSignal>,
    pub(crate) asked_for: Arc<AskedFor>,
}

impl EarlyDesign {
    /// Main thread: says which thread to wake. One that takes another's place is not woken.
    pub(super) fn set_designer(&self, designer: Thread) {
        // Only where a designer has ended by a panic: banks are then asked for by the audio thread alone.
        let _ = self.signal.designer.set(designer);
    }

    /// Audio thread: as it begins, or has nothing left to play.
    pub(super) fn set_idle(&self, is_idle: bool) {
        self.signal.set_idle(is_idle);
    }

    /// Whether the bank may be another than that of the last [`Self::take`].
    pub(super) fn has_changed(&self) -> bool {
        self.signal.changed.load(Ordering::Acquire) && self.signal.is_idle.load(Ordering::Acquire)
    }

    /// The bank asked for now, once after each change.
    pub(super) fn take(&self, sample_rate_hz: f64) -> Option<(BankSpec, BankSpec)> {
        (self.has_changed() && self.signal.changed.swap(false, Ordering::AcqRel))
            .then(|| (self.asked_for)(sample_rate_hz))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::param::ParamId;
    use crate::state::param::setting::{Setting, apply};
    use crate::state::params::ErbiumParams;

    fn early(params: &ErbiumParams) -> EarlyDesign {
        let spec = params.bank_spec(48_000.0);
        EarlyDesign {
            signal: params.bank_signal.clone(),
            asked_for: Arc::new(move |_| (spec, spec)),
        }
    }

    #[test]
    fn whatever_decides_the_bank_says_so_while_nothing_plays() {
        let mut params = ErbiumParams::default();
        let early = early(&params);
        early.set_idle(true);
        assert!(early.take(48_000.0).is_some(), "it may have changed before");
        assert!(early.take(48_000.0).is_none(), "once");
        let decide = [
            ("kind", "gammatone"),
            ("scale", "mel"),
            ("bands", "16"),
            ("latency", "8ms"),
            ("quality", "high"),
        ];
        assert!(ParamId::BANK.iter().map(|id| id.id()).eq(decide.map(|(id, _)| id)));
        for (id, text) in decide.into_iter().chain([("gain_3", "4"), ("mix", "50")]) {
            apply(&[Setting::new(id, text).expect("possible")], &mut params);
            let decides = decide.iter().any(|(deciding, _)| *deciding == id);
            assert_eq!(early.take(48_000.0).is_some(), decides, "{id}");
        }
        params.bank_file.load(None);
        assert!(early.take(48_000.0).is_some(), "a bank from a file, or none");
        early.set_idle(false);
        params.bank_file.load(None);
        assert!(early.take(48_000.0).is_none(), "the audio thread asks");
    }
}
