//! The editor: what a person sees and does.
//!
//! One frame is a [`view_model::ViewModel`], gathered from parameters and [`Monitor`], drawn by
//! [`screen::draw`], which records [`gesture::Gestures`]; [`session::Session`] tells them to the
//! host and remembers them, so that they can be undone. What is drawn and what is recorded depends
//! on the view model alone, so all of it runs in tests.

pub mod achieved;
pub mod axis;
pub mod band_editor;
pub mod band_gestures;
pub mod band_menu;
pub mod bank_choice;
mod cast;
pub mod clipboard;
pub mod file_list;
pub mod follow;
pub mod frequency_axis;
pub mod gesture;
pub mod header;
pub mod history;
pub mod library;
pub mod loudness;
pub mod memory;
pub mod meters;
pub mod own_folder;
pub mod peak_hold;
pub mod preferences;
pub mod preset_menu;
pub mod presets;
pub mod report;
pub mod screen;
pub mod selection;
pub mod session;
pub mod shape;
pub mod snapshot;
pub mod spectrogram;
pub mod stroke;
pub mod theme;
pub mod toolbar;
pub mod tools;
pub mod top_bar;
pub mod undo;
pub mod view_model;
pub mod widgets;
pub mod window;

use crate::monitor::Monitor;
use crate::params::ErbiumParams;
use atomic_float::AtomicF32;
use gesture::{Command, Gestures};
use nice_plug::context::gui::{GuiContext, ParamSetter};
use nice_plug_egui::baseview::{HandlerError, WindowSize};
use nice_plug_egui::{Frame, NiceEguiApp};
use preferences::Preferences;
use presets::Presets;
use session::Session;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
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
    session: Arc<Mutex<Session>>,
    presets: Presets,
    system_scale: Arc<AtomicF32>,
    cramped: window::Cramped,
}

impl EditorApp {
    /// An editor that is at rest while `shown` is false.
    #[must_use]
    pub fn new(params: Arc<ErbiumParams>, monitor: Arc<Monitor>, shown: Arc<AtomicBool>) -> Self {
        Self {
            params,
            monitor,
            shown,
            host: None,
            model: view_model::Model::default(),
            screen: screen::Screen::default(),
            session: Arc::default(),
            presets: Presets::default(),
            system_scale: Arc::new(AtomicF32::new(1.0)),
            cramped: window::Cramped::default(),
        }
    }

    /// Goes on with what an earlier window's editor remembered, and tells how many pixels the
    /// system makes of a logical one.
    fn going_on(mut self, session: Arc<Mutex<Session>>, system_scale: Arc<AtomicF32>) -> Self {
        self.session = session;
        self.system_scale = system_scale;
        self
    }

    /// Saves files into this folder, and presets into one within it, rather than into the user's
    /// own.
    #[must_use]
    pub fn saving_into(mut self, folder: PathBuf) -> Self {
        self.presets.keep_in(folder.join("Presets"));
        self.screen.spectrogram.save_into(folder);
        self
    }

    /// Offers the bank files of this folder, rather than of the user's own.
    #[must_use]
    pub fn with_banks_of(mut self, folder: PathBuf) -> Self {
        self.model.bank_files.look_into(folder);
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
        let session = self.session.clone();
        let mut session = session.lock().unwrap_or_else(PoisonError::into_inner);
        let view = self.model.view(&self.params, &self.monitor, &session, &self.presets);
        screen::draw(ui, &view, &mut self.screen);
        self.screen.gestures.look(self.model.now_s());
        let wish = self.screen.spectrogram.wish(&view.axis());
        drop(view);
        self.model.listen(&self.monitor, wish);
        self.obey(&mut session, host);
        self.bring_up_to_date(host);
        if let Some(scale_percent) = self.cramped.remedy(ui.ctx(), self.model.now_s())
            && scale_percent < self.preferences().scale_percent
        {
            self.prefer(Preferences { scale_percent, ..self.preferences() });
        }
        window::zoom(ui.ctx(), self.preferences().zoom());
    }

    /// Does what was asked for, and remembers it.
    fn obey(&mut self, session: &mut Session, host: &ParamSetter<'_>) {
        let drawn_db = self.model.drawn_db();
        let now = self.model.now(&self.params, &drawn_db);
        let mut reset = false;
        session.tell(&self.screen.gestures.take(), &now, host);
        let now_s = self.model.now_s();
        self.presets.follow(session, &now, host, now_s);
        for command in self.screen.gestures.take_commands() {
            self.presets.obey(&command, session, (&now, host), now_s);
            match command {
                Command::Undo => session.undo(&now, host),
                Command::Redo => session.redo(&now, host),
                Command::Compare(slot) => session.compare(slot, &now, host),
                Command::CopyToOther => session.copy_to_other(&now),
                Command::LoadBank(index) => {
                    self.model.bank_files.load(index, &self.params, &self.monitor);
                }
                Command::Listen(band) => self.monitor.listen(band),
                Command::ResetMeters => reset = true,
                Command::Prefer(preferences) => self.prefer(preferences),
                _ => {}
            }
        }
        session.settle(&now, now_s, self.monitor.designing());
        if reset {
            self.model.reset_meters();
        }
    }

    /// Sets parameters that a change of bank has left behind: no gesture of anybody's.
    fn bring_up_to_date(&mut self, host: &ParamSetter<'_>) {
        if !self.screen.gestures.holding() {
            let mut gestures = Gestures::default();
            self.model.bring_up_to_date(&self.monitor, &mut gestures);
            gesture::apply(&gestures.take(), &self.params, host);
        }
    }

    fn prefer(&self, preferences: Preferences) {
        let mut kept = self.params.editor_preferences.lock();
        **kept.as_mut().unwrap_or_else(|poisoned| poisoned.get_mut()) = preferences;
    }

    fn preferences(&self) -> Preferences {
        *self.params.editor_preferences.lock().unwrap_or_else(PoisonError::into_inner)
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
        let scale = cast::single(size.scale_factor) / self.preferences().zoom();
        self.system_scale.store(scale, Ordering::Relaxed);
    }

    fn editor_closed(&mut self) {
        self.rest();
    }
}

impl EditorApp {
    /// Ends what the window left unfinished.
    fn rest(&mut self) {
        self.monitor.watch(false);
        self.monitor.listen(None);
        self.monitor.meter_feed().want(false);
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
