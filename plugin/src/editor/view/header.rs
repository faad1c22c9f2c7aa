//! The header: presets, A and B, undo; the name; the bank, the view, bypass.

use crate::editor::bank::panel;
use crate::editor::edit::gesture::{Command, Gestures, ParamValue};
use crate::editor::presets::menu::PresetMenu;
use crate::editor::view::manual::Manual;
use crate::editor::view::model::ViewModel;
use crate::editor::view::tokens::{size, space};
use crate::editor::view::widgets::{Cell, Row, button_width, icon_button, toggle};
use crate::editor::view::{theme, view_menu};
use egui::{Align2, CornerRadius, Rect, Ui};
use lucide_icons::Icon;

/// Draws the header into `rect`, which reaches from edge to edge.
pub fn draw(
    ui: &mut Ui,
    rect: Rect,
    view: &ViewModel<'_>,
    (menu, manual): (&mut PresetMenu, &mut Manual),
    gestures: &mut Gestures,
) {
    let palette = theme::of(ui.ctx());
    ui.painter().rect_filled(rect, CornerRadius::ZERO, palette.surface);
    let line = (size::LINE[0], palette.outline);
    ui.painter().hline(rect.x_range(), rect.bottom(), line);
    let inset = (rect.height() - size::CONTROL) / 2.0;
    let mut row = Row::new(rect.shrink2(egui::vec2(space::MARGIN, inset)));
    let bypass = row.last(button_width(ui, BYPASS));
    let view_place = row.last(size::TOOL);
    let bank = row.last(panel::width(ui, view));
    menu.draw(ui, &mut row, view, gestures);
    row.gap();
    compare(ui, &mut row, view, gestures);
    row.gap();
    steps(ui, &mut row, view, gestures);
    wordmark(ui, rect, row.remaining());
    panel::draw(ui, bank, view, gestures);
    view_menu::draw(ui, view_place, view.preferences, manual, gestures);
    let tooltip = "Bypass: the input, delayed by the latency, bit for bit. Key: B";
    let cell = Cell { name: BYPASS, tooltip, rect: bypass };
    if toggle(ui, &cell, view.params.bypass.value()) {
        gestures.change(ParamValue::Bypass(!view.params.bypass.value()));
    }
}

const BYPASS: &str = "Bypass";

/// The name in the middle of the window, where there is room for it.
fn wordmark(ui: &Ui, header: Rect, free: Rect) {
    let ink = theme::of(ui.ctx()).text;
    let galley = ui.painter().layout_no_wrap("Erbium".to_owned(), theme::wordmark(), ink);
    let place = Align2::CENTER_CENTER.anchor_size(header.center(), galley.size());
    if free.x_range().shrink(space::MEDIUM).contains(place.left())
        && free.x_range().shrink(space::MEDIUM).contains(place.right())
    {
        ui.painter().galley(place.min, galley, ink);
    }
}

fn compare(ui: &mut Ui, row: &mut Row, view: &ViewModel<'_>, gestures: &mut Gestures) {
    for (slot, name) in ["A", "B"].into_iter().enumerate() {
        let tooltip = "A and B: two settings to compare. A click goes over to this one";
        let cell = Cell { name, tooltip, rect: row.next(size::CONTROL) };
        if toggle(ui, &cell, view.slot == slot) {
            gestures.command(Command::Compare(slot));
        }
    }
    let name = if view.slot == 0 { "Copy to B" } else { "Copy to A" };
    let tooltip = format!("{name}: makes the other of A and B equal to the one in use");
    let cell = Cell { name, tooltip: &tooltip, rect: row.next(size::TOOL) };
    if icon_button(ui, &cell, Icon::Copy, true).clicked() {
        gestures.command(Command::CopyToOther);
    }
}

fn steps(ui: &mut Ui, row: &mut Row, view: &ViewModel<'_>, gestures: &mut Gestures) {
    let (can_undo, can_redo) = view.steps;
    for (name, tooltip, icon, can, command) in [
        (
            "Undo",
            "Undo: takes back the last gesture in this window. Ctrl+Z",
            Icon::Undo2,
            can_undo,
            Command::Undo,
        ),
        (
            "Redo",
            "Redo: does again what was taken back last. Ctrl+Y",
            Icon::Redo2,
            can_redo,
            Command::Redo,
        ),
    ] {
        let cell = Cell { name, tooltip, rect: row.next(size::TOOL) };
        if icon_button(ui, &cell, icon, can).clicked() && can {
            gestures.command(command);
        }
    }
}
