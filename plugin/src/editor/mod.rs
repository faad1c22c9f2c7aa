//! The editor: what a person sees and does.
//!
//! One frame is a [`view_model::ViewModel`], gathered from parameters and [`Monitor`], drawn by
//! [`screen::draw`], which records [`gesture::Gestures`]; these are then told to the host. Only
//! [`window`] and [`EditorApp`] know of a host, so everything else runs in tests.

pub mod achieved;
pub mod axis;
pub mod band_editor;
mod cast;
pub mod follow;
pub mod gesture;
pub mod history;
pub mod report;
pub mod screen;
pub mod spectrogram;
pub mod stroke;
pub mod theme;
pub mod toolbar;
pub mod view_model;
pub mod widgets;
pub mod window;

use crate::monitor::Monitor;
use crate::params::ErbiumParams;
use nice_plug::context::gui::{GuiContext, ParamSetter};
use nice_plug_egui::baseview::{HandlerError, WindowSize};
use nice_plug_egui::{Frame, NiceEguiApp};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use window::ErbiumEditor;

/// The time between frames: what is shown moves a hundred times a second at most.
const FRAME: Duration = Duration::from_millis(16);

/// The editor of an instance.
#[must_use]
pub fn create(params: Arc<ErbiumParams>, monitor: Arc<Monitor>) -> Option<ErbiumEditor> {
    Some(ErbiumEditor::new(params, monitor))
}

/// What lives as long as a window is open.
pub struct EditorApp {
    params: Arc<ErbiumParams>,
    monitor: Arc<Monitor>,
    shown: Arc<AtomicBool>,
    host: Option<GuiContext>,
    model: view_model::Model,
    screen: screen::Screen,
}

impl EditorApp {
    /// An editor that is at rest while `shown` is false.
    #[must_use]
    pub fn new(params: Arc<ErbiumParams>, monitor: Arc<Monitor>, shown: Arc<AtomicBool>) -> Self {
        let (model, screen) = Default::default();
        Self { params, monitor, shown, host: None, model, screen }
    }

    /// Saves files into this folder, rather than into the user's own.
    #[must_use]
    pub fn saving_into(mut self, folder: PathBuf) -> Self {
        self.screen.spectrogram.save_into(folder);
        self
    }

    /// How many pieces of sound have been analysed for the spectrogram.
    #[must_use]
    pub fn pieces_analysed(&self) -> u64 {
        self.model.pieces_analysed()
    }

    /// Draws a frame and tells the host what was done.
    pub fn frame(&mut self, ui: &mut egui::Ui, host: &ParamSetter<'_>) {
        self.monitor.watch(true);
        self.model.update(&self.params, &self.monitor, ui.input(|input| input.time));
        let view = self.model.view(&self.params, &self.monitor);
        screen::draw(ui, &view, &mut self.screen);
        let wish = self.screen.spectrogram.wish(&view.axis());
        self.model.listen(&self.monitor, wish);
        self.model.bring_up_to_date(&self.monitor, &mut self.screen.gestures);
        gesture::apply(&self.screen.gestures.take(), &self.params, host);
    }
}

impl NiceEguiApp for EditorApp {
    fn build(
        &mut self,
        _egui_ctx: egui::Context,
        host: GuiContext,
        _frame: &mut Frame,
    ) -> Result<(), HandlerError> {
        self.host = Some(host);
        // Textures and style belong to the context of the window before.
        self.screen = screen::Screen::default();
        Ok(())
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut Frame) {
        let Some(host) = self.host.clone() else { return };
        if self.shown.load(Ordering::Relaxed) {
            self.frame(ui, &host.param_setter());
            ui.ctx().request_repaint_after(FRAME);
        }
    }

    fn resized(&mut self, size: WindowSize) {
        let (width, height) = (size.logical.width, size.logical.height);
        self.params.editor_size.store(cast::stored_length(width), cast::stored_length(height));
    }

    fn editor_closed(&mut self) {
        self.rest();
    }
}

impl EditorApp {
    /// Ends what the window left unfinished.
    fn rest(&mut self) {
        self.monitor.watch(false);
        self.screen.gestures.release();
        let actions = self.screen.gestures.take();
        if let Some(host) = self.host.take() {
            gesture::apply(&actions, &self.params, &host.param_setter());
        }
    }
}

impl Drop for EditorApp {
    fn drop(&mut self) {
        // The framework does not call `editor_closed`.
        self.rest();
    }
}
