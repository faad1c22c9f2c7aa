//! The drawn curve between the audio thread, which follows the parameters, and the state that keeps it.

use crate::state::curve::{CurveState, StoredCurve};
use crate::state::params::MAX_BANDS;
use atomic_float::AtomicF32;
use crossbeam::queue::ArrayQueue;
use nice_plug::params::persist::PersistentField;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A drawing, and how many loads came before it: what the audio thread publishes while a load is on
/// its way there is history.
struct Versioned {
    loads: u64,
    drawing: CurveState,
}

/// The drawn curve as audio thread, editor and state share it.
///
/// A host's gain parameters are touches: the audio thread follows each one that moves. When the
/// bank changes, the curve is read at the new centres instead, and the gains in force differ from
/// the parameters until the editor brings the parameters up to date. Setting a parameter to the
/// gain already in force changes nothing.
pub struct SharedCurve {
    effective_gain_db: [AtomicF32; MAX_BANDS],
    /// Audio thread to state: the newest drawing.
    published: ArrayQueue<Versioned>,
    /// State to audio thread: a drawing to take over wholesale.
    loaded: ArrayQueue<Versioned>,
    /// The loads that the audio thread has taken over, which alone writes it.
    taken: AtomicU64,
    /// What a save stores. Never locked by the audio thread.
    kept: Mutex<Versioned>,
}

impl Default for SharedCurve {
    fn default() -> Self {
        Self {
            effective_gain_db: std::array::from_fn(|_| AtomicF32::new(0.0)),
            published: ArrayQueue::new(1),
            loaded: ArrayQueue::new(1),
            taken: AtomicU64::new(0),
            kept: Mutex::new(Versioned { loads: 0, drawing: CurveState::FLAT }),
        }
    }
}

impl SharedCurve {
    /// The drawn gain in force at band `k` of the current bank, in dB.
    #[must_use]
    pub fn gain_db(&self, k: usize) -> f32 {
        self.effective_gain_db[k].load(Ordering::Relaxed)
    }

    /// The drawing to save. Locks, so never called on the audio thread.
    #[must_use]
    pub fn drawing(&self) -> CurveState {
        let mut kept = self.kept();
        if let Some(newest) = self.published.pop()
            && newest.loads == kept.loads
        {
            *kept = newest;
        }
        kept.drawing
    }

    /// Makes the audio thread take over a drawing. Locks, so never called by the audio thread.
    pub fn load(&self, drawing: &CurveState) {
        let mut kept = self.kept();
        let loads = kept.loads + 1;
        *kept = Versioned { loads, drawing: *drawing };
        self.loaded.force_push(Versioned { loads, drawing: *drawing });
    }

    /// Audio thread: the drawing loaded since the last call.
    pub(crate) fn take_loaded(&self) -> Option<CurveState> {
        let Versioned { loads, drawing } = self.loaded.pop()?;
        self.taken.store(loads, Ordering::Relaxed);
        Some(drawing)
    }

    /// Audio thread: tells the editor the gains in force and the state what to save.
    pub(crate) fn publish(&self, drawing: &CurveState, effective_gain_db: &[f32; MAX_BANDS]) {
        for (shared, gain_db) in self.effective_gain_db.iter().zip(effective_gain_db) {
            shared.store(*gain_db, Ordering::Relaxed);
        }
        let loads = self.taken.load(Ordering::Relaxed);
        self.published.force_push(Versioned { loads, drawing: *drawing });
    }

    fn kept(&self) -> MutexGuard<'_, Versioned> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PersistentField<'_, StoredCurve> for Arc<SharedCurve> {
    fn set(&self, stored: StoredCurve) {
        // A drawing that is none leaves the parameters to speak for themselves.
        self.load(&stored.drawing().unwrap_or(CurveState::PARAMETERS));
    }

    fn map<F: Fn(&StoredCurve) -> R, R>(&self, f: F) -> R {
        f(&StoredCurve::from(&self.drawing()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::curve::Curve;

    #[test]
    fn a_load_outlives_what_was_published_before_it() {
        let shared = SharedCurve::default();
        shared.publish(&CurveState::FLAT, &[0.0; MAX_BANDS]);
        let loaded = CurveState { curve: Curve::new(&[0.0, 1.0], &[2.0, 3.0]), ..CurveState::FLAT };
        shared.load(&loaded);
        assert_eq!(shared.drawing().curve, loaded.curve);
        assert_eq!(shared.take_loaded().map(|drawing| drawing.curve), Some(loaded.curve));
        assert!(shared.take_loaded().is_none());
    }

    #[test]
    fn a_load_outlives_what_is_published_before_the_audio_thread_has_seen_it() {
        let shared = SharedCurve::default();
        let loaded = CurveState { curve: Curve::new(&[0.0, 1.0], &[2.0, 3.0]), ..CurveState::FLAT };
        shared.load(&loaded);
        // In the middle of a block, the audio thread tells of a touch.
        shared.publish(&CurveState::FLAT, &[0.0; MAX_BANDS]);
        assert_eq!(shared.drawing().curve, loaded.curve, "a save right after the load");
        assert_eq!(shared.take_loaded().map(|drawing| drawing.curve), Some(loaded.curve));
        assert_eq!(shared.drawing().curve, loaded.curve);
        let touched =
            CurveState { curve: Curve::new(&[0.0, 1.0], &[2.0, -5.0]), ..CurveState::FLAT };
        shared.publish(&touched, &[0.0; MAX_BANDS]);
        assert_eq!(shared.drawing().curve, touched.curve, "what came of the load");
        // Of two loads the later one counts, taken over or not.
        shared.load(&touched);
        shared.load(&loaded);
        shared.publish(&touched, &[0.0; MAX_BANDS]);
        assert_eq!(shared.drawing().curve, loaded.curve);
    }
}
