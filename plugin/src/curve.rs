//! The drawn curve: gains in dB at frequencies, kept when scale or band count changes.

use crate::params::MAX_BANDS;
use atomic_float::AtomicF32;
use std::sync::atomic::Ordering;

/// The gains in force at the bands of the current bank, shared by audio thread, editor and state.
///
/// A host's gain parameters are touches: the audio thread follows each one that moves. When the
/// bank changes, the curve is read at the new centres instead and these gains differ from the
/// parameters until the editor brings the parameters up to date.
pub struct SharedCurve {
    gains_db: [AtomicF32; MAX_BANDS],
}

impl Default for SharedCurve {
    fn default() -> Self {
        Self { gains_db: std::array::from_fn(|_| AtomicF32::new(0.0)) }
    }
}

impl SharedCurve {
    /// The drawn gain in force at band `k` of the current bank, in dB.
    #[must_use]
    pub fn gain_db(&self, k: usize) -> f32 {
        self.gains_db[k].load(Ordering::Relaxed)
    }
}
