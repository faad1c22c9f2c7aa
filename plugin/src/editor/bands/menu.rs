//! The small window on one band: its exact gain, mute, solo, copy and paste.

use crate::editor::bands::gestures::mute_setting;
use crate::editor::bands::selection::Selection;
use crate::editor::edit::gesture::{Command, Gestures, ParamValue};
use crate::editor::view::axes;
use crate::editor::view::model::ViewModel;
use crate::editor::view::number::select;
use crate::editor::view::theme;
use crate::editor::view::tokens::size;
use crate::editor::view::widgets::focus_ring;
use crate::state::params::{MAX_GAIN_DB, OFF_DB, gain_from_text};
use egui::accesskit::Role;
use egui::text::{CCursor, CCursorRange};
use egui::{
    Align2, Button, Popup, PopupCloseBehavior, Response, RichText, TextEdit, Ui, WidgetInfo, vec2,
};
use erbium_dsp::Bank;

/// The state of the menu between frames.
#[derive(Default)]
pub struct BandMenu {
    band: usize,
    /// Whether it has just been opened.
    opened: bool,
    /// The gain being typed.
    typed: Option<String>,
    /// The gain copied last, in dB.
    copied_db: Option<f32>,
}

impl BandMenu {
    /// Sets the band of the menu, counted from 0.
    pub fn set_band(&mut self, band: usize) {
        self.band = band;
        self.typed = None;
        self.opened = true;
    }

    /// Shows the menu while it is open, and records what is chosen there. Returns whether it is.
    pub fn draw(
        &mut self,
        response: &Response,
        (bank, view): (&Bank, &ViewModel<'_>),
        selection: &Selection,
        gestures: &mut Gestures,
    ) -> bool {
        let menu = Popup::context_menu(response);
        let stays = PopupCloseBehavior::CloseOnClickOutside;
        let shown = menu.close_behavior(stays).show(|ui| {
            ui.set_width(size::MENU);
            let band = self.band.min(bank.bands() - 1);
            let affected = selection.with(band, bank.bands());
            let hz = bank.centres_hz()[band];
            let title = format!("Band {}, {}", band + 1, axes::hz_text(hz));
            ui.label(RichText::new(title).font(theme::value()));
            if affected.len() > 1 {
                ui.label(format!("and {} more selected", affected.len() - 1));
            }
            self.value(ui, band, &affected, view, gestures);
            ui.separator();
            self.actions(ui, band, &affected, (bank, view), gestures);
        });
        shown.is_some()
    }

    /// The gain with a step of 1 and 0.1 dB to either side, and room to type.
    fn value(
        &mut self,
        ui: &mut Ui,
        band: usize,
        affected: &[usize],
        view: &ViewModel<'_>,
        gestures: &mut Gestures,
    ) {
        let set = |gestures: &mut Gestures, gain_db: f32| {
            let gain_db = gain_db.clamp(OFF_DB, MAX_GAIN_DB);
            gestures.change_all(affected.iter().map(|&k| ParamValue::Gain(k, gain_db)));
        };
        let gain_db = view.drawn_db[band];
        ui.horizontal(|ui| {
            theme::framed(ui);
            let mut stepped = step(ui, "−1", "Gain down by 1 dB", -1.0).or(step(
                ui,
                "−0.1",
                "Gain down by 0.1 dB",
                -0.1,
            ));
            let shown = self.typed.clone().unwrap_or_else(|| axes::gain_text(gain_db));
            let mut text = shown.clone();
            let id = egui::Id::unique("exact gain");
            // A first pass only measures, and takes no focus.
            if !ui.is_sizing_pass() && std::mem::take(&mut self.opened) {
                // Whoever begins to type replaces the gain.
                let end = CCursor::new(text.chars().count());
                select(ui, id, CCursorRange::two(CCursor::new(0), end));
                ui.memory_mut(|memory| memory.request_focus(id));
            }
            let edit = ui.add(
                TextEdit::singleline(&mut text)
                    .id(id)
                    .desired_width(GAIN)
                    .align(Align2::LEFT_CENTER)
                    .min_size(vec2(0.0, size::CONTROL)),
            );
            focus_ring(ui, &edit);
            edit.widget_info(|| {
                let mut info = WidgetInfo::labeled(Role::TextInput, true, "Exact gain in dB");
                info.current_text_value = Some(shown.clone());
                info
            });
            if edit.changed() {
                self.typed = Some(text.clone());
            }
            if edit.lost_focus()
                && let Some(typed) = self.typed.take()
                && let Some(gain_db) = gain_from_text(&typed.replace('−', "-"))
            {
                set(gestures, gain_db);
            }
            edit.on_hover_text("Exact gain in dB, or off");
            stepped = stepped.or(step(ui, "+0.1", "Gain up by 0.1 dB", 0.1)).or(step(
                ui,
                "+1",
                "Gain up by 1 dB",
                1.0,
            ));
            if let Some(by_db) = stepped {
                self.typed = None;
                set(gestures, ((gain_db + by_db) * 100.0).round() / 100.0);
            }
        });
    }

    fn actions(
        &mut self,
        ui: &mut Ui,
        band: usize,
        affected: &[usize],
        (bank, view): (&Bank, &ViewModel<'_>),
        gestures: &mut Gestures,
    ) {
        let entry = |ui: &mut Ui, text: &str| {
            let clicked = ui.button(text).clicked();
            if clicked {
                ui.close();
            }
            clicked
        };
        if entry(ui, "Reset to 0 dB") {
            gestures.change_all(affected.iter().map(|&k| ParamValue::Gain(k, 0.0)));
        }
        let off = view.drawn_db[band] > OFF_DB;
        if entry(ui, if off { "Mute band" } else { "Unmute band" }) {
            gestures.change_all(affected.iter().map(|&k| mute_setting(k, off, view)));
        }
        let soloed = view.soloed == Some(band);
        if entry(ui, if soloed { "End solo" } else { "Solo band" }) {
            gestures.command(Command::Solo((!soloed).then_some(band)));
        }
        if entry(ui, "Copy gain") {
            self.copied_db = Some(view.drawn_db[band]);
        }
        if let Some(copied_db) = self.copied_db
            && entry(ui, &format!("Paste gain, {}", axes::gain_text(copied_db)))
        {
            gestures.change_all(affected.iter().map(|&k| ParamValue::Gain(k, copied_db)));
        }
        if entry(ui, "Flatten all bands") {
            gestures.change_all((0..bank.bands()).map(|k| ParamValue::Gain(k, 0.0)));
        }
    }
}

/// The widths of the gain and of the buttons beside it.
const GAIN: f32 = 62.0;
const STEP: f32 = 40.0;

/// A button that moves the gain. Returns by how many dB, when clicked.
fn step(ui: &mut Ui, text: &str, name: &str, by_db: f32) -> Option<f32> {
    let button = Button::new(text).min_size(vec2(STEP, size::CONTROL));
    let response = ui.add(button).on_hover_text(name);
    focus_ring(ui, &response);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    response.clicked().then_some(by_db)
}
