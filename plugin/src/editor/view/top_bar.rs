//! The topmost row: presets, A and B, undo, the view, bypass.

use crate::editor::edit::gesture::{Command, Gestures, ParamValue};
use crate::editor::presets::menu::PresetMenu;
use crate::editor::view::model::ViewModel;
use crate::editor::view::theme;
use crate::editor::view::widgets::{Cell, Row, button, option, switch};
use crate::state::preferences::{Preferences, SCALES_PERCENT};
use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{Align2, FontId, PopupCloseBehavior, Rect, RichText, Ui, UiBuilder};

/// Draws the row into `rect`.
pub fn draw(
    ui: &mut Ui,
    rect: Rect,
    view: &ViewModel<'_>,
    menu: &mut PresetMenu,
    gestures: &mut Gestures,
) {
    const RIGHT: f32 = 124.0;
    let mut row = Row::new(rect);
    menu.draw(ui, &mut row, view, gestures);
    row.skip(2.0 * theme::STEP);
    compare(ui, &mut row, view, gestures);
    row.skip(2.0 * theme::STEP);
    steps(ui, &mut row, view, gestures);
    let right = rect.with_min_x(rect.right() - RIGHT);
    let spare = row.remaining().with_max_x(right.left());
    if spare.width() > 120.0 {
        let font = FontId::proportional(16.0);
        let ink = theme::of(ui.ctx()).text_dim;
        ui.painter().text(spare.center(), Align2::CENTER_CENTER, "Erbium", font, ink);
    }
    let mut row = Row::new(right);
    view_menu(ui, row.next(56.0), view.preferences, gestures);
    let tooltip = "Bypass: the input, delayed by the latency, bit for bit";
    let cell = Cell { name: "Bypass", tooltip, rect: row.next(64.0) };
    if switch(ui, &cell, view.params.bypass.value()) {
        gestures.change(ParamValue::Bypass(!view.params.bypass.value()));
    }
}

fn compare(ui: &mut Ui, row: &mut Row, view: &ViewModel<'_>, gestures: &mut Gestures) {
    for (slot, name) in ["A", "B"].into_iter().enumerate() {
        let tooltip = "A and B: two settings to compare. A click goes over to this one";
        let cell = Cell { name, tooltip, rect: row.next(26.0) };
        if option(ui, &cell, view.slot == slot) {
            gestures.command(Command::Compare(slot));
        }
    }
    let name = if view.slot == 0 { "Copy to B" } else { "Copy to A" };
    let tooltip = "Copy: makes the other of A and B equal to the one in use";
    let cell = Cell { name, tooltip, rect: row.next(74.0) };
    if button(ui, &cell, name, true) {
        gestures.command(Command::CopyToOther);
    }
}

fn steps(ui: &mut Ui, row: &mut Row, view: &ViewModel<'_>, gestures: &mut Gestures) {
    let (can_undo, can_redo) = view.steps;
    for (name, tooltip, can, command) in [
        ("Undo", "Undo: takes back the last gesture in this window", can_undo, Command::Undo),
        ("Redo", "Redo: does again what was taken back last", can_redo, Command::Redo),
    ] {
        let cell = Cell { name, tooltip, rect: row.next(48.0) };
        if button(ui, &cell, name, can) {
            gestures.command(command);
        }
    }
}

/// Theme, interface scale and axis.
fn view_menu(ui: &mut Ui, place: Rect, now: Preferences, gestures: &mut Gestures) {
    let mut new = now;
    ui.scope_builder(UiBuilder::new().max_rect(place).id_salt("view"), |ui| {
        ui.spacing_mut().interact_size = place.size();
        ui.spacing_mut().button_padding.x = 13.0;
        let stays = PopupCloseBehavior::CloseOnClickOutside;
        let menu = MenuButton::new("View").config(MenuConfig::new().close_behavior(stays));
        let (response, _) = menu.ui(ui, |ui| {
            ui.set_width(252.0);
            caption(ui, "Theme");
            ui.horizontal(|ui| {
                ui.selectable_value(&mut new.light, false, "Dark");
                ui.selectable_value(&mut new.light, true, "Light");
            });
            caption(ui, "Interface scale");
            ui.horizontal_wrapped(|ui| {
                for percent in SCALES_PERCENT {
                    let text = format!("{percent} %");
                    ui.selectable_value(&mut new.scale_percent, percent, text);
                }
            });
            caption(ui, "Frequency axis");
            // An empty box has to be visible as one.
            ui.visuals_mut().widgets.inactive.bg_stroke =
                egui::Stroke::new(1.0, theme::of(ui.ctx()).text_dim);
            ui.checkbox(&mut new.notes, "Note names");
            ui.checkbox(&mut new.piano, "Piano");
        });
        response.on_hover_text("View: theme, interface scale, and notes on the frequency axis");
    });
    if new != now {
        gestures.command(Command::SetPreferences(new));
    }
}

/// The name of a group of choices.
fn caption(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).font(theme::caption()).color(theme::of(ui.ctx()).text_dim));
}
