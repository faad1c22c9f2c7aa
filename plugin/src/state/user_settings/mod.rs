//! What new instances begin with: how a person has set the window before, in a file of the user's own.
//!
//! A state that a host loads brings its own preferences and size, and so has the last word: the settings are
//! taken over when an instance is made, which is before that.

mod file;

use crate::state::params::ErbiumParams;
use crate::state::preferences::Preferences;
use crate::state::user_folders;
use file::Stored;
use nice_plug::params::persist::PersistentField;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The file's name.
pub const FILE: &str = "settings.json";

/// How long nothing more is changed before it is written.
const QUIET: Duration = Duration::from_secs(1);

/// The settings of the user, for one instance. Everything is done at once but the writing, which a thread
/// does: what fails there is lost, and no error.
///
/// Only what is changed is written, field by field: what a project has chosen does not become the user's own
/// by changing something else.
#[derive(Default)]
pub struct UserSettings {
    /// `None`: nothing is read, and nothing written.
    path: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    stored: Stored,
    notice: Option<String>,
    /// The fields of the file that are to be set.
    changes: Map<String, Value>,
    /// When the last of them was made.
    changed: Option<Instant>,
    writing: Option<JoinHandle<()>>,
}

impl UserSettings {
    /// Those in the user's folder, if the system names one.
    #[must_use]
    pub fn own() -> Self {
        user_folders::settings().map_or_else(Self::default, Self::in_folder)
    }

    /// Those in a folder, which may not exist yet.
    #[must_use]
    pub fn in_folder(folder: PathBuf) -> Self {
        let path = folder.join(FILE);
        let (stored, wrong) = file::read(&path);
        let notice = wrong.map(|clause| format!("Your settings, {}: {clause}", path.display()));
        let state = State { stored, notice, ..State::default() };
        Self { path: Some(path), state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a new instance what was read.
    pub fn apply_to(&self, params: &ErbiumParams) {
        if self.path.is_none() {
            return;
        }
        let stored = self.state().stored.clone();
        *params.editor_preferences.lock().unwrap_or_else(PoisonError::into_inner) =
            stored.preferences;
        if let Some(size) = stored.editor_size {
            params.editor_size.set(size);
        }
    }

    /// What there is to say of the file, once: a sentence.
    #[must_use]
    pub fn take_notice(&self) -> Option<String> {
        self.state().notice.take()
    }

    /// Whether the line of help has been seen. True where nothing can be kept, or it would never go.
    #[must_use]
    pub fn hint_seen(&self) -> bool {
        self.path.is_none() || self.state().stored.hint_seen
    }

    /// The line of help has been seen, for ever.
    pub fn set_hint_seen(&self) {
        if !self.hint_seen() {
            let mut state = self.state();
            state.stored.hint_seen = true;
            state.change(file::HINT_SEEN, true.into());
        }
    }

    /// Reads again whether the line of help has been seen, be it in the window of another instance.
    pub fn refresh_hint(&self) {
        if !self.hint_seen()
            && let Some(path) = &self.path
        {
            self.state().stored.hint_seen = file::read(path).0.hint_seen;
        }
    }

    /// A person has changed preferences: what differs is for new instances too.
    pub fn set_preferences(&self, old: Preferences, new: Preferences) {
        let (Ok(old), Ok(new)) = (serde_json::to_value(old), serde_json::to_value(new)) else {
            return;
        };
        let changes = file::differences(&old, &new);
        if !changes.is_empty() {
            self.state().change(file::PREFERENCES, Value::Object(changes));
        }
    }

    /// The window has been given another width and height in logical pixels.
    pub fn set_editor_size(&self, (width, height): (u16, u16)) {
        self.state().change(file::EDITOR_SIZE, vec![width, height].into());
    }

    /// With every frame: begins to write once nothing has changed for a while.
    pub fn write_when_quiet(&self) {
        self.write_at(Instant::now());
    }

    fn write_at(&self, now: Instant) {
        let mut state = self.state();
        if state.changed.is_some_and(|changed| now.saturating_duration_since(changed) >= QUIET) {
            self.start(&mut state);
        }
    }

    /// Begins to write, as the window closes.
    pub fn write_now(&self) {
        self.start(&mut self.state());
    }

    fn start(&self, state: &mut State) {
        if state.writing.as_ref().is_some_and(|writing| !writing.is_finished()) {
            return;
        }
        // One that has ended: nobody waits.
        let _ = state.writing.take().map(JoinHandle::join);
        let Some(path) = self.path.clone() else { return state.forget() };
        if state.changes.is_empty() {
            return;
        }
        let changes = state.changes.clone();
        let thread = std::thread::Builder::new().name("erbium-settings".to_owned());
        let started = thread.spawn(move || {
            // A folder that nothing can be written to is no error.
            let _ = file::write(&path, &changes);
        });
        // Without a thread it is tried again.
        state.writing = started.ok();
        if state.writing.is_some() {
            state.forget();
        }
    }
}

impl State {
    fn change(&mut self, name: &str, value: Value) {
        let change = std::iter::once((name.to_owned(), value)).collect();
        file::merge(&mut self.changes, &change);
        self.changed = Some(Instant::now());
    }

    fn forget(&mut self) {
        self.changes.clear();
        self.changed = None;
    }
}

impl Drop for UserSettings {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        // A host may unload the plugin as soon as its instances are gone.
        let _ = state.writing.take().map(JoinHandle::join);
        if let Some(path) = &self.path
            && !state.changes.is_empty()
        {
            let _ = file::write(path, &state.changes);
        }
    }
}

#[cfg(test)]
mod tests;
