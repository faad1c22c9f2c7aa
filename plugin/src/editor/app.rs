//! What lives as long as a window is open: it draws frames and carries out the edits made in them.

use crate::editor::edit::controller::EditController;
use crate::editor::edit::gesture::Command;
use crate::editor::interface_scale::{InterfaceScale, SharedGrowth};
use crate::editor::presets::Presets;
use crate::editor::presets::clipboard::Clipboard;
use crate::editor::view::cast;
use crate::editor::view::layout::{self, Screen};
use crate::editor::view::model::Model;
use crate::state::curve::BandLayout;
use crate::state::params::ErbiumParams;
use crate::state::preferences::Preferences;
use crate::state::user_settings::UserSettings;
use crate::telemetry::Telemetry;
use atomic_float::AtomicF32;
use nice_plug::context::gui::{GuiContext, ParamSetter};
use nice_plug_egui::baseview::{HandlerError, WindowSize};
use nice_plug_egui::{Frame, NiceEguiApp};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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
    interface_scale: InterfaceScale,
    settings: Arc<UserSettings>,
    /// Says why the program has no sound, a sentence.
    missing_audio: fn() -> Option<String>,
    /// The size of the window in points, once it is open.
    size: Option<egui::Vec2>,
    /// The same in pixels, width in the upper and height in the lower 32 bits.
    pixels: Arc<AtomicU64>,
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
            interface_scale: InterfaceScale::default(),
            settings: Arc::default(),
            missing_audio: || None,
            size: None,
            pixels: Arc::default(),
            last: (None, 0),
        }
    }

    /// With the steps of the windows before, for undo.
    #[must_use]
    pub fn with_controller(mut self, controller: Arc<Mutex<EditController>>) -> Self {
        self.controller = controller;
        self
    }

    /// Stores there how many pixels the system makes of a logical one, and how many the window has: width in
    /// the upper and height in the lower 32 bits.
    pub(super) fn with_system_scale(
        mut self,
        system_scale: Arc<AtomicF32>,
        pixels: Arc<AtomicU64>,
    ) -> Self {
        (self.system_scale, self.pixels) = (system_scale, pixels);
        self
    }

    /// With what the windows before have left of how they grew for their scale.
    pub(super) fn with_growth(mut self, growth: SharedGrowth) -> Self {
        self.interface_scale.share(growth);
        self
    }

    /// Keeps what a person prefers for new instances too. Without, it is kept with the instance alone.
    #[must_use]
    pub fn with_settings(mut self, settings: Arc<UserSettings>) -> Self {
        settings.refresh_hint();
        self.settings = settings;
        self
    }

    /// Asks with every frame why there is no sound, and shows the sentence that it is given.
    #[must_use]
    pub fn asking_for_audio(mut self, missing_audio: fn() -> Option<String>) -> Self {
        self.missing_audio = missing_audio;
        self
    }

    /// The settings for new instances.
    #[must_use]
    pub fn settings(&self) -> &UserSettings {
        &self.settings
    }

    /// With the host that the end of an unfinished gesture is sent to when the window closes.
    #[must_use]
    pub fn with_host(mut self, host: GuiContext) -> Self {
        self.host = Some(host);
        self
    }

    /// Saves files into this folder, and presets and settings into folders within it, rather than into
    /// the user's own.
    #[must_use]
    pub fn saving_into(mut self, folder: PathBuf) -> Self {
        self.presets.set_folder(folder.join("Presets"));
        self.settings = Arc::new(UserSettings::in_folder(folder.join("Settings")));
        self.screen.spectrogram.save_into(folder);
        self
    }

    /// Pastes what this fetches, rather than the text of the system's clipboard.
    #[must_use]
    pub fn pasting(mut self, fetch: fn() -> Result<String, String>) -> Self {
        self.presets.set_clipboard(Clipboard::new(fetch));
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
        let last = std::mem::replace(&mut self.last, shown);
        if last != shown {
            // What was under way began on other bands, or with other gains.
            self.screen.interrupt();
        }
        if last.1 != shown.1 {
            self.interface_scale.forget_question();
        }
        self.note_size(ui.ctx().content_rect().size());
        let controller = self.controller.clone();
        let mut controller = controller.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(message) = controller.message.take() {
            self.screen.spectrogram.monitor.say(Some(message), true, self.model.now_s());
        }
        let missing_audio = (self.missing_audio)();
        let mut view = self.model.view(&self.params, &self.telemetry, &controller, &self.presets);
        view.missing_audio = missing_audio.as_deref();
        view.shows_hint = !self.settings.hint_seen();
        layout::draw(ui, &view, &mut self.screen);
        self.screen.gestures.end_wheel_gesture(self.model.now_s());
        if self.model.awaits_bands() {
            self.screen.gestures.discard_gains();
        }
        let request = self.screen.spectrogram.request(&view.whole_axis());
        drop(view);
        self.model.analyze(&self.telemetry, request);
        self.handle(ui.ctx(), &mut controller, host);
        self.keep_scale(ui.ctx());
        if let Some(notice) = self.settings.take_notice() {
            self.presets.warn(notice, self.model.now_s());
        }
        self.settings.write_when_quiet();
    }

    /// Asks whether a new interface scale shall stay, and applies the one in force.
    fn keep_scale(&mut self, ctx: &egui::Context) {
        let now_s = self.model.now_s();
        let asked_from = self.interface_scale.asked_from();
        let preferences = self.preferences();
        if let Some(scale_percent) = self.interface_scale.draw_question(ctx, now_s) {
            self.set_preferences(Preferences { scale_percent, ..preferences });
        } else if let Some(scale_percent) = asked_from
            && self.interface_scale.asked_from().is_none()
        {
            self.settings
                .set_preferences(Preferences { scale_percent, ..preferences }, preferences);
            self.set_editor_size_for_all(ctx.content_rect().size());
        }
        let now_percent = self.preferences().scale_percent;
        if let Some(scale_percent) = self.interface_scale.remedy(ctx, now_percent, now_s) {
            self.set_preferences(Preferences { scale_percent, ..preferences });
            if self.interface_scale.asked_from() == Some(scale_percent) {
                // Nothing is left to be asked.
                let _ = self.interface_scale.go_back();
            }
        }
        self.interface_scale.apply(ctx, self.preferences().zoom(), now_s);
    }

    /// Carries out edits and commands, and records them for undo.
    fn handle(
        &mut self,
        ctx: &egui::Context,
        controller: &mut EditController,
        host: &ParamSetter<'_>,
    ) {
        let drawn_db = self.model.drawn_db();
        let context = self.model.context(&self.params, &drawn_db);
        let (mut reset, mut seen, mut asked) = (false, None, None);
        let edits = self.screen.gestures.take();
        let jumps = controller.jumps();
        controller.apply(&edits, &context, host);
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
                Command::SetPreferences(preferences) => asked = Some(preferences),
                _ => {}
            }
        }
        controller.sync(&context, host, (now_s, self.telemetry.designing()));
        let jumped = controller.jumps() != jumps;
        if jumped && !self.preferences().reduced_motion {
            self.model.glide();
        } else if jumped || !edits.is_empty() {
            self.model.end_glide();
        }
        if jumped || !edits.is_empty() {
            self.settings.set_hint_seen();
        }
        if reset {
            self.model.reset_meters();
        }
        if let Some(part) = seen {
            self.model.part = part;
        }
        if let Some(asked) = asked {
            self.prefer(ctx, asked);
        }
    }

    /// Takes over what a person prefers, for new instances too; of an interface scale it is asked first
    /// whether it shall stay.
    fn prefer(&mut self, ctx: &egui::Context, asked: Preferences) {
        let before = self.preferences();
        let mut new = asked;
        if asked.scale_percent != before.scale_percent {
            let now_s = self.model.now_s();
            new.scale_percent = self.interface_scale.possible(ctx, asked.scale_percent);
            if new.scale_percent != asked.scale_percent {
                let (asked, possible) = (asked.scale_percent, new.scale_percent);
                let sentence = format!(
                    "An interface scale of {asked} % is too large for this screen; possible: up \
                     to {possible} %"
                );
                self.presets.warn(sentence, now_s);
            }
            if new.scale_percent != before.scale_percent {
                let change = (before.scale_percent, new.scale_percent);
                self.interface_scale.ask(ctx, change, now_s);
            }
        }
        self.set_preferences(new);
        let scale_percent = before.scale_percent;
        self.settings.set_preferences(before, Preferences { scale_percent, ..new });
    }

    /// Takes notice of the window's size in points; one that a person has given it is for new instances too.
    fn note_size(&mut self, size: egui::Vec2) {
        let last = self.size.replace(size);
        if last.is_none() || last == Some(size) {
            return;
        }
        let (width, height) = stored_size(size);
        self.params.editor_size.store(width, height);
        if !self.interface_scale.decides_size(self.model.now_s()) {
            self.set_editor_size_for_all(size);
        }
    }

    fn set_editor_size_for_all(&self, size: egui::Vec2) {
        self.settings.set_editor_size(stored_size(size));
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
        frame: &mut Frame,
    ) -> Result<(), HandlerError> {
        self.host = Some(host);
        // Textures and style belong to the context of the window before.
        self.screen = Screen::default();
        self.interface_scale.set_window(frame.baseview_window());
        Ok(())
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut Frame) {
        let Some(host) = self.host.clone() else { return };
        self.note_pixels(frame.baseview_window().size());
        if self.shown.load(Ordering::Relaxed) {
            self.frame(ui, &host.param_setter());
            ui.ctx().request_repaint_after(FRAME);
        } else {
            self.finish();
        }
    }

    fn resized(&mut self, size: WindowSize) {
        let (width, height) = (size.logical.width, size.logical.height);
        let points = egui::vec2(cast::single(width), cast::single(height));
        let (width, height) = stored_size(points);
        self.params.editor_size.store(width, height);
        self.note_size(points);
        self.note_pixels(size);
        let scale = cast::single(size.scale_factor) / self.preferences().zoom();
        self.system_scale.store(scale, Ordering::Relaxed);
    }

    fn editor_closed(&mut self) {
        self.finish();
    }
}

impl EditorApp {
    fn note_pixels(&self, size: WindowSize) {
        let (width, height) = (size.physical.width, size.physical.height);
        self.pixels.store((u64::from(width) << 32) | u64::from(height), Ordering::Relaxed);
    }

    /// Ends what a window leaves unfinished that is hidden or closed: a gesture is a step of the undo,
    /// and its end is sent to the host.
    fn finish(&mut self) {
        self.telemetry.set_editor_visible(false);
        self.telemetry.solo(None);
        self.telemetry.loudness_queue().set_enabled(false);
        self.screen.interrupt();
        let logged = self.screen.spectrogram.monitor.end();
        if let Some((scale_percent, size)) = self.interface_scale.go_back() {
            // Nobody has seen that the new one is of use.
            self.set_preferences(Preferences { scale_percent, ..self.preferences() });
            let (width, height) = stored_size(size / self.preferences().zoom());
            self.params.editor_size.store(width, height);
        }
        self.settings.write_now();
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

/// A size in points as it is kept.
fn stored_size(size: egui::Vec2) -> (u16, u16) {
    (cast::stored_length(f64::from(size.x)), cast::stored_length(f64::from(size.y)))
}
