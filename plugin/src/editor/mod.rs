//! The editor: the window and what is edited in it.
//!
//! One frame is a [`view::model::ViewModel`], gathered from parameters and [`Telemetry`], drawn by
//! [`view::layout::draw`], which records [`edit::gesture::Gestures`];
//! [`edit::controller::EditController`] sends them to the host and records them for undo. What is
//! drawn and what is recorded depends on the view model alone, so all of it runs in tests.

pub mod app;
pub mod bands;
pub mod bank;
pub mod edit;
mod interface_scale;
pub mod meters;
pub mod monitor;
pub mod output;
pub mod presets;
pub mod spectrogram;
pub mod view;
pub mod window;

pub use app::EditorApp;

use crate::state::params::ErbiumParams;
use crate::state::user_settings::UserSettings;
use crate::telemetry::Telemetry;
use std::sync::Arc;
use window::ErbiumEditor;

/// The editor of a new instance, which begins with the user's own settings.
#[must_use]
pub fn create(params: Arc<ErbiumParams>, telemetry: Arc<Telemetry>) -> Option<ErbiumEditor> {
    Some(ErbiumEditor::new(params, telemetry, UserSettings::own()))
}
