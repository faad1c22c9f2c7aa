//! The window.

use crate::monitor::Monitor;
use crate::params::ErbiumParams;
use nice_plug_egui::{EguiEditor, Frame, NiceEguiApp};
use std::sync::Arc;

/// What the window shows.
pub struct EditorApp;

impl NiceEguiApp for EditorApp {
    fn ui(&mut self, _ui: &mut egui::Ui, _frame: &mut Frame) {}
}

/// The editor of an instance; `None` where there is none.
#[must_use]
pub fn create(_params: Arc<ErbiumParams>, _monitor: Arc<Monitor>) -> Option<EguiEditor<EditorApp>> {
    None
}
