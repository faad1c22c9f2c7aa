//! What lives as long as a window is open: it draws frames and carries out the edits made in them.

use crate::editor::edit::controller::EditController;
use crate::editor::edit::gesture::Command;
use crate::editor::interface_scale::{self, TooSmall};
use crate::editor::presets::Presets;
use crate::editor::view::cast;
use crate::editor::view::layout::{self, Screen};
use crate::editor::view::model::Model;
use crate::state::curve::BandLayout;
use crate::state::params::ErbiumParams;
use crate::state::preferences::Preferences;
use crate::telemetry::Telemetry;
use atomic_float::AtomicF32;
use nice_plug::context::gui::{GuiContext, ParamSetter};
use nice_plug_egui::baseview::{HandlerError, WindowSize};
use nice_plug_egui::{Frame, NiceEguiApp};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The time between frames: what is shown moves a hundred times a second at most.
const FRAME: Duration = Duration::from_millis(16);

/// What lives as long as a window is open.
pub struct EditorApp {
    params: Arc<ErbiumParams>,
    telemetry: Arc<Telemetry>,
    shown: Arc<AtomicBool>,
    host: Option<GuiContext>,
    model: Model,
    screen: Screen,
    controller: Arc<Mutex<EditController>>,
    presets: Presets,
    system_scale: Arc<AtomicF32>,
    too_small: TooSmall,
    /// The bands shown in the last frame, and the states that the host had loaded by then.
    last: (Option<BandLayout>, u64),
}

impl EditorApp {
    /// An editor that is idle while `shown` is false.
    #[must_use]
    pub fn new(
        params: Arc<ErbiumParams>,
        telemetry: Arc<Telemetry>,
        shown: Arc<AtomicBool>,
    ) -> Self {
        Self {
            params,
            telemetry,
            shown,
            host: None,
            model: Model::default(),
            screen: Screen::default(),
            controller: Arc::default(),
            presets: Presets::default(),
            system_scale: Arc::new(AtomicF32::new(1.0)),
            too_small: TooSmall::default(),
            last: (None, 0),
        }
    }

    /// With the steps of the windows before, for undo.
    #[must_use]
    pub fn with_controller(mut self, controller: Arc<Mutex<EditController>>) -> Self {
        self.controller = controller;
        self
    }

    /// Stores there how many pixels the system makes of a logical one.
    pub(super) fn with_system_scale(mut self, system_scale: Arc<AtomicF32>) -> Self {
        self.system_scale = system_scale;
        self
    }

    /// With the host that the end of an unfinished gesture is sent to when the window closes.
    #[must_use]
    pub fn with_host(mut self, host: GuiContext) -> Self {
        self.host = Some(host);
        self
    }

    /// Saves files into this folder, and presets into one within it, rather than into the user's
    /// own.
    #[must_use]
    pub fn saving_into(mut self, folder: PathBuf) -> Self {
        self.presets.set_folder(folder.join("Presets"));
        self.screen.spectrogram.save_into(folder);
        self
    }

    /// Offers the bank files of this folder, rather than of the user's own.
    #[must_use]
    pub fn with_banks_of(mut self, folder: PathBuf) -> Self {
        self.model.bank_files.set_folder(folder);
        self
    }

    /// How many audio frames have been analysed for the spectrogram.
    #[must_use]
    pub fn frames_analysed(&self) -> u64 {
        self.model.frames_analysed()
    }

    /// Draws a frame and sends the edits made in it to the host.
    pub fn frame(&mut self, ui: &mut egui::Ui, host: &ParamSetter<'_>) {
        self.telemetry.set_editor_visible(true);
        self.model.update(&self.params, &self.telemetry, ui.input(|input| input.time));
        let shown = (self.model.layout(), self.params.curve.host_loads());
        if std::mem::replace(&mut self.last, shown) != shown {
            // What was under way began on other bands, or with other gains.
            self.screen.interrupt();
        }
        let controller = self.controller.clone();
        let mut controller = controller.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(message) = controller.message.take() {
            self.screen.spectrogram.monitor.say(Some(message), true, self.model.now_s());
        }
        let view = self.model.view(&self.params, &self.telemetry, &controller, &self.presets);
        layout::draw(ui, &view, &mut self.screen);
        self.screen.gestures.end_wheel_gesture(self.model.now_s());
        if self.model.awaits_bands() {
            self.screen.gestures.discard_gains();
        }
        let request = self.screen.spectrogram.request(&view.whole_axis());
        drop(view);
        self.model.analyze(&self.telemetry, request);
        self.handle(&mut controller, host);
        if let Some(scale_percent) = self.too_small.remedy(ui.ctx(), self.model.now_s())
            && scale_percent < self.preferences().scale_percent
        {
            self.set_preferences(Preferences { scale_percent, ..self.preferences() });
        }
        interface_scale::zoom(ui.ctx(), self.preferences().zoom());
    }

    /// Carries out edits and commands, and records them for undo.
    fn handle(&mut self, controller: &mut EditController, host: &ParamSetter<'_>) {
        let drawn_db = self.model.drawn_db();
        let context = self.model.context(&self.params, &drawn_db);
        let (mut reset, mut seen) = (false, None);
        controller.apply(&self.screen.gestures.take(), &context, host);
        let now_s = self.model.now_s();
        if !self.screen.gestures.holding() {
            self.presets.sync(controller, &context, host, now_s);
        }
        for command in self.screen.gestures.take_commands() {
            self.presets.handle(&command, controller, (&context, host), now_s);
            match command {
                Command::Undo => controller.undo(&context, host),
                Command::Redo => controller.redo(&context, host),
                Command::Compare(slot) => controller.compare(slot, &context, host),
                Command::CopyToOther => controller.copy_to_other(&context),
                Command::LoadBank(index) => {
                    self.model.bank_files.load(index, &self.params, &self.telemetry);
                }
                Command::Solo(band) => self.telemetry.solo(band),
                Command::ResetMeters => reset = true,
                Command::SeePart(part) => seen = Some(part),
                Command::SetPreferences(preferences) => self.set_preferences(preferences),
                _ => {}
            }
        }
        controller.sync(&context, host, (now_s, self.telemetry.designing()));
        if reset {
            self.model.reset_meters();
        }
        if let Some(part) = seen {
            self.model.part = part;
        }
    }

    fn set_preferences(&self, preferences: Preferences) {
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
        self.screen = Screen::default();
        Ok(())
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut Frame) {
        let Some(host) = self.host.clone() else { return };
        if self.shown.load(Ordering::Relaxed) {
            self.frame(ui, &host.param_setter());
            ui.ctx().request_repaint_after(FRAME);
        } else {
            self.finish();
        }
    }

    fn resized(&mut self, size: WindowSize) {
        let (width, height) = (size.logical.width, size.logical.height);
        self.params.editor_size.store(cast::stored_length(width), cast::stored_length(height));
        let scale = cast::single(size.scale_factor) / self.preferences().zoom();
        self.system_scale.store(scale, Ordering::Relaxed);
    }

    fn editor_closed(&mut self) {
        self.finish();
    }
}

impl EditorApp {
    /// Ends what a window leaves unfinished that is hidden or closed: a gesture is a step of the undo,
    /// and its end is sent to the host.
    fn finish(&mut self) {
        self.telemetry.set_editor_visible(false);
        self.telemetry.solo(None);
        self.telemetry.loudness_queue().set_enabled(false);
        self.screen.interrupt();
        let logged = self.screen.spectrogram.monitor.end();
        let edits = self.screen.gestures.take();
        let mut controller = self.controller.lock().unwrap_or_else(PoisonError::into_inner);
        controller.message = logged.or(controller.message.take());
        let Some(host) = &self.host else { return };
        let drawn_db = self.model.drawn_db();
        let context = self.model.context(&self.params, &drawn_db);
        controller.apply(&edits, &context, &host.param_setter());
        controller.set_named(&context, &host.param_setter());
    }
}

impl Drop for EditorApp {
    fn drop(&mut self) {
        // The framework does not call `editor_closed`.
        self.finish();
    }
}
