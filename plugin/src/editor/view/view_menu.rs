//! The menu of the view: theme, interface scale, axes, motion, and what gestures and keys there are.

use crate::editor::edit::gesture::{Command, Gestures};
use crate::editor::view::manual::Manual;
use crate::editor::view::theme;
use crate::editor::view::tokens::{size, space};
use crate::editor::view::widgets::{Cell, choices, heading, icon_button};
use crate::state::preferences::{Preferences, SCALES_PERCENT, Theme};
use egui::{Popup, PopupCloseBehavior, Rect, RichText, ScrollArea, Ui, vec2};
use lucide_icons::Icon;

/// What is done with the pointer and the keyboard.
pub const HELP: [(&str, &str); 16] = [
    ("Drag a handle", "changes one band"),
    ("Press beside it and draw", "paints a curve across the bands"),
    ("Wheel", "0.5 dB a notch"),
    ("Shift", "a tenth of every movement"),
    ("Double-click", "resets a band to 0 dB; types a number"),
    ("Right-click", "exact gain, mute, solo, copy"),
    ("Ctrl and drag a frame", "selects bands, to be moved together"),
    ("Alt and press", "solos the band; move on to sweep"),
    ("Ctrl+Z, Ctrl+Y", "undo and redo"),
    ("Up, Down", "selected bands, or the one under the pointer, by 0.5 dB"),
    ("M", "mutes that band"),
    ("L", "solos (listens to) that band"),
    ("B", "bypass"),
    ("Esc", "ends selection and solo"),
    ("Tab, Enter, arrow keys", "from control to control, press, change"),
    ("Drag the grip", "between bands and spectrogram: gives room to either"),
];

/// Draws the button and its menu.
pub fn draw(
    ui: &mut Ui,
    place: Rect,
    now: Preferences,
    manual: &mut Manual,
    gestures: &mut Gestures,
) {
    let tooltip = "View: theme, interface scale, axes, and all gestures and keys";
    let cell = Cell { name: "View", tooltip, rect: place };
    let button = icon_button(ui, &cell, Icon::Settings2, true);
    let mut new = now;
    let stays = PopupCloseBehavior::CloseOnClickOutside;
    Popup::menu(&button).close_behavior(stays).show(|ui| {
        ui.set_width(size::MENU);
        content(ui, &mut new);
        theme::framed(ui);
        ui.spacing_mut().button_padding = vec2(size::PADDING, space::SMALL);
        let tooltip = "What everything in this window does. It needs no network";
        if ui.button("Manual").on_hover_text(tooltip).clicked() {
            manual.open();
            ui.close();
        }
    });
    if new != now {
        gestures.command(Command::SetPreferences(new));
    }
}

fn content(ui: &mut Ui, new: &mut Preferences) {
    heading(ui, "Theme", "");
    let themes = [Theme::Dark, Theme::Light, Theme::HighContrast];
    let current = themes.iter().position(|theme| *theme == new.theme());
    if let Some(picked) = choices(ui, &["Dark", "Light", "High contrast"], current) {
        *new = new.with_theme(themes[picked]);
    }
    heading(ui, "Interface scale", "");
    let names = SCALES_PERCENT.map(|percent| format!("{percent} %"));
    let names = names.each_ref().map(String::as_str);
    let current = SCALES_PERCENT.iter().position(|percent| *percent == new.scale_percent);
    if let Some(picked) = choices(ui, &names, current) {
        new.scale_percent = SCALES_PERCENT[picked];
    }
    heading(ui, "Frequency axis", "");
    ui.scope(|ui| {
        // An empty box has to be visible as one.
        ui.visuals_mut().widgets.inactive.bg_stroke =
            egui::Stroke::new(size::LINE[0], theme::of(ui.ctx()).text_dim);
        ui.horizontal(|ui| {
            ui.checkbox(&mut new.notes, "Note names");
            ui.add_space(space::MEDIUM);
            ui.checkbox(&mut new.piano, "Piano");
        });
        ui.checkbox(&mut new.reduced_motion, "Reduced motion");
    });
    ui.separator();
    ui.collapsing("Gestures and keys", help);
}

fn help(ui: &mut Ui) {
    ScrollArea::vertical().max_height(size::MENU / 2.0).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::SMALL;
        for (what, does) in HELP {
            ui.label(RichText::new(what).font(theme::body()));
            let ink = theme::of(ui.ctx()).text_dim;
            ui.label(RichText::new(does).font(theme::caption()).color(ink));
        }
    });
}
