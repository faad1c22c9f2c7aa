//! The drawn curve between the audio thread, which follows the parameters, and the state that keeps it.

use crate::state::curve::{CurveState, SAME_DB, StoredCurve};
use crate::state::limits::MAX_BANDS;
use atomic_float::AtomicF32;
use nice_plug::params::persist::PersistentField;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use triple_buffer::{Input, Output, triple_buffer};

/// A curve, and how many loads came before it: what the audio thread publishes while a load is on
/// its way there is history.
#[derive(Clone, Copy)]
struct Versioned {
    loads: u64,
    curve: CurveState,
}

/// The drawn curve as state, editor and audio thread share it.
///
/// A host's gain parameters are edits: the audio thread follows each one that moves. When the
/// bank changes, the curve is read at the new centres instead, and the gains in force then differ
/// from the parameters, which keep what the host last said.
///
/// The state's end is here, behind a lock; the audio thread's is an `AudioEnd`, which waits for
/// nobody: of every two values that cross, the later one counts, through a triple buffer either way.
pub struct SharedCurve {
    effective_gain_db: [AtomicF32; MAX_BANDS],
    state_end: Mutex<StateEnd>,
    /// The states that a host has loaded.
    host_loads: AtomicU64,
}

/// The state's end.
struct StateEnd {
    /// From the audio thread: its newest curve.
    published: Output<Versioned>,
    /// To the audio thread: a curve to take over wholesale.
    loaded: Input<Versioned>,
    /// What a save stores.
    kept: Versioned,
}

/// The audio thread's end. Everything it does is wait-free.
pub(crate) struct AudioEnd {
    loaded: Output<Versioned>,
    published: Input<Versioned>,
    /// The loads taken over.
    loads: u64,
}

/// Both ends, with nothing under way.
fn ends(kept: Versioned) -> (StateEnd, AudioEnd) {
    let (published_in, published) = triple_buffer(&kept);
    let (loaded, loaded_out) = triple_buffer(&kept);
    let audio_end = AudioEnd { loaded: loaded_out, published: published_in, loads: kept.loads };
    (StateEnd { published, loaded, kept }, audio_end)
}

impl StateEnd {
    /// The newest curve: a load, or what the audio thread has made of it since.
    fn newest(&mut self) -> CurveState {
        if self.published.update() {
            let newest = *self.published.output_buffer();
            if newest.loads == self.kept.loads {
                self.kept = newest;
            }
        }
        self.kept.curve
    }

    fn load(&mut self, curve: CurveState) {
        self.kept = Versioned { loads: self.kept.loads + 1, curve };
        self.loaded.write(self.kept);
    }
}

impl AudioEnd {
    /// The curve loaded since the last call.
    pub(crate) fn take_loaded(&mut self) -> Option<CurveState> {
        if !self.loaded.update() {
            return None;
        }
        let Versioned { loads, curve } = *self.loaded.output_buffer();
        self.loads = loads;
        Some(curve)
    }

    /// Says what to save.
    pub(crate) fn publish(&mut self, curve: &CurveState) {
        self.published.write(Versioned { loads: self.loads, curve: *curve });
    }
}

impl Default for SharedCurve {
    fn default() -> Self {
        let (state_end, _) = ends(Versioned { loads: 0, curve: CurveState::FLAT });
        Self {
            effective_gain_db: std::array::from_fn(|_| AtomicF32::new(0.0)),
            state_end: Mutex::new(state_end),
            host_loads: AtomicU64::new(0),
        }
    }
}

impl SharedCurve {
    /// The drawn gain in force at band `k` of the current bank, in dB, as the audio thread last said.
    #[must_use]
    pub fn gain_db(&self, k: usize) -> f32 {
        self.effective_gain_db[k].load(Ordering::Relaxed)
    }

    /// The curve to save. Locks, so never called on the audio thread.
    #[must_use]
    pub fn drawing(&self) -> CurveState {
        self.state_end().newest()
    }

    /// Makes the audio thread take over a curve. Locks, so never called on the audio thread.
    pub fn load(&self, curve: &CurveState) {
        self.state_end().load(*curve);
    }

    /// Makes a parameter that is about to be set to `gain_db` count as moved, even where that is the
    /// very value it was last seen with: the gain in force may be another. Locks, so never called on
    /// the audio thread.
    pub fn record_edit(&self, band: usize, gain_db: f32) {
        let mut state_end = self.state_end();
        let mut curve = state_end.newest();
        if (curve.last_param_db[band] - gain_db).abs() < SAME_DB {
            curve.last_param_db[band] = f32::NAN;
            state_end.load(curve);
        }
    }

    /// How many states the host has loaded.
    pub(crate) fn host_loads(&self) -> u64 {
        self.host_loads.load(Ordering::Relaxed)
    }

    /// The audio thread's end, and the curve it begins with. An end handed out before is cut off.
    /// Allocates and locks, so never called on the audio thread.
    pub(crate) fn connect(&self) -> (AudioEnd, CurveState) {
        let mut state_end = self.state_end();
        let curve = state_end.newest();
        let (fresh, audio_end) = ends(state_end.kept);
        *state_end = fresh;
        (audio_end, curve)
    }

    /// Audio thread: tells the gains in force.
    pub(crate) fn set_gains_db(&self, effective_gain_db: &[f32; MAX_BANDS]) {
        for (shared, gain_db) in self.effective_gain_db.iter().zip(effective_gain_db) {
            shared.store(*gain_db, Ordering::Relaxed);
        }
    }

    fn state_end(&self) -> MutexGuard<'_, StateEnd> {
        self.state_end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PersistentField<'_, StoredCurve> for std::sync::Arc<SharedCurve> {
    fn set(&self, stored: StoredCurve) {
        // A curve that is none leaves the parameters to speak for themselves.
        self.load(&stored.drawing().unwrap_or(CurveState::PARAMETERS));
        self.host_loads.fetch_add(1, Ordering::Relaxed);
    }

    fn map<F: Fn(&StoredCurve) -> R, R>(&self, f: F) -> R {
        f(&StoredCurve::from(&self.drawing()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::curve::Curve;

    /// What either thread does next.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Step {
        /// The state loads a curve that is told from all others.
        Load,
        /// The state reads the curve to save.
        Save,
        /// The audio thread takes over what was loaded, as at the start of a block.
        Take,
        /// The audio thread changes its curve by an edit, and publishes it.
        Edit,
    }

    /// A curve of one node, which says which load it came from and which edit made it.
    fn marked(load: u8, edit: u8) -> CurveState {
        let curve = Curve::new(&[f64::from(load)], &[f32::from(edit)]);
        CurveState { curve, ..CurveState::FLAT }
    }

    /// Plays steps in this order, and compares every save with what a single thread would keep:
    /// the newest load, or else what the audio thread has made of that very load.
    fn check(steps: &[Step]) {
        let shared = SharedCurve::default();
        let (mut audio_end, _) = shared.connect();
        let (mut loads, mut edits) = (0, 0);
        let (mut audio, mut expected) = ([0, 0], [0, 0]);
        shared.load(&marked(0, 0));
        audio_end.take_loaded().expect("the first load");
        for (at, step) in steps.iter().enumerate() {
            match step {
                Step::Load => {
                    loads += 1;
                    shared.load(&marked(loads, 0));
                    expected = [loads, 0];
                }
                Step::Take => {
                    let taken = audio_end.take_loaded();
                    assert_eq!(taken.is_some(), audio[0] != loads, "{at} of {steps:?}");
                    if let Some(taken) = taken {
                        assert_eq!(taken.curve, marked(loads, 0).curve, "{at} of {steps:?}");
                        audio = [loads, 0];
                    }
                }
                Step::Edit => {
                    edits += 1;
                    audio[1] = edits;
                    audio_end.publish(&marked(audio[0], edits));
                    if audio[0] == loads {
                        expected = audio;
                    }
                }
                Step::Save => {
                    let saved = shared.drawing().curve;
                    assert_eq!(saved, marked(expected[0], expected[1]).curve, "{at} of {steps:?}");
                }
            }
        }
    }

    /// Every step is one exchange of a buffer (a reader that finds a new one exchanges it in a second
    /// access, but no writer can make it old again in between), so the orders of steps are all that
    /// two threads can do to each other.
    #[test]
    fn a_save_is_the_newest_load_or_what_came_of_it_in_every_interleaving() {
        const STEPS: [Step; 4] = [Step::Load, Step::Save, Step::Take, Step::Edit];
        const LENGTH: u32 = 8;
        for order in 0..STEPS.len().pow(LENGTH) {
            let step = |k: u32| STEPS[order / STEPS.len().pow(k) % STEPS.len()];
            let mut steps: Vec<Step> = (0..LENGTH).map(step).collect();
            steps.push(Step::Save);
            check(&steps);
        }
    }

    /// Miri tries far fewer, each of them thoroughly.
    const LOADS: u8 = if cfg!(miri) { 8 } else { 200 };
    const SAVES: usize = if cfg!(miri) { 3 } else { 50 };

    #[test]
    fn threads_that_race_keep_the_last_load_or_what_came_of_it() {
        let shared = SharedCurve::default();
        let (mut audio_end, _) = shared.connect();
        std::thread::scope(|scope| {
            let audio = scope.spawn(|| {
                let (mut load, mut edit) = (0.0, 0.0);
                while load < f64::from(LOADS) {
                    if let Some(taken) = audio_end.take_loaded() {
                        assert!(taken.curve.hz()[0] > load, "an older load");
                        (load, edit) = (taken.curve.hz()[0], 0.0);
                    }
                    edit = if edit < 20.0 { edit + 1.0 } else { 1.0 };
                    let curve = Curve::new(&[load], &[edit]);
                    audio_end.publish(&CurveState { curve, ..CurveState::FLAT });
                }
            });
            for load in 1..=LOADS {
                shared.load(&marked(load, 0));
                for _ in 0..SAVES {
                    let saved = shared.drawing().curve;
                    assert_eq!(saved.hz(), [f64::from(load)], "of an older load");
                }
            }
            audio.join().expect("ends");
        });
        assert!(shared.drawing().curve.gain_db()[0] > 0.0, "what came of the last load");
    }

    #[test]
    fn an_edit_at_the_value_last_seen_makes_the_parameter_unseen() {
        let shared = SharedCurve::default();
        let (mut audio_end, _) = shared.connect();
        shared.record_edit(3, 5.0);
        assert!(audio_end.take_loaded().is_none(), "it will be seen to move");
        shared.record_edit(3, 0.0);
        let taken = audio_end.take_loaded().expect("loaded");
        assert!(taken.last_param_db[3].is_nan() && taken.last_param_db[4] == 0.0);
    }

    #[test]
    fn another_audio_thread_begins_with_what_the_one_before_published() {
        let shared = SharedCurve::default();
        let (mut before, _) = shared.connect();
        shared.load(&marked(1, 0));
        before.take_loaded().expect("loaded");
        before.publish(&marked(1, 7));
        let (mut after, curve) = shared.connect();
        assert_eq!(curve.curve, marked(1, 7).curve);
        before.publish(&marked(1, 9));
        assert_eq!(shared.drawing().curve, marked(1, 7).curve, "cut off");
        after.publish(&marked(1, 8));
        assert_eq!(shared.drawing().curve, marked(1, 8).curve);
    }
}
