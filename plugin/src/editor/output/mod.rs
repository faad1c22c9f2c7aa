//! The column of the output: the meters of what comes in and what leaves, gain, mix, gain match, delta.

use crate::editor::edit::gesture::{Gestures, ParamId, ParamValue};
use crate::editor::meters;
use crate::editor::view::axes;
use crate::editor::view::model::ViewModel;
use crate::editor::view::number::{Number, number};
use crate::editor::view::theme;
use crate::editor::view::tokens::{size, space};
use crate::editor::view::widgets::{Cell, toggle};
use egui::{Align2, Rect, Ui};

/// The height of what lies under the meters: two numbers, two switches, and the figure of gain match.
const CONTROLS: f32 =
    2.0 * (Cell::HEIGHT + space::SMALL) + 2.0 * (size::CONTROL + space::SMALL) + size::CAPTION;

/// Draws the column into `rect`.
pub fn draw(ui: &mut Ui, rect: Rect, view: &ViewModel<'_>, gestures: &mut Gestures) {
    let (above, below) = rect.split_top_bottom_at_y(rect.bottom() - CONTROLS);
    meters::draw(ui, above.with_max_y(above.bottom() - space::MEDIUM), view, gestures);
    let mut top = below.top();
    let mut next = |height: f32| {
        let place = Rect::from_x_y_ranges(below.x_range(), top..=top + height);
        top += height + space::SMALL;
        place
    };
    gain(ui, next(Cell::HEIGHT), view, gestures);
    mix(ui, next(Cell::HEIGHT), view, gestures);
    gain_match(ui, next(size::CAPTION + size::CONTROL), view, gestures);
    let tooltip = "Delta: hear only the change, equalised minus dry";
    let cell = Cell { name: "Delta", tooltip, rect: next(size::CONTROL) };
    if toggle(ui, &cell, view.params.delta.value()) {
        gestures.change(ParamValue::Delta(!view.params.delta.value()));
    }
}

fn gain(ui: &mut Ui, rect: Rect, view: &ViewModel<'_>, gestures: &mut Gestures) {
    let tooltip = "Output gain in dB, after the mix";
    let gain = Number {
        value: view.params.output_db.value(),
        text: axes::db_text(view.params.output_db.value()),
        range: ParamId::Output.range(),
        default: ParamId::Output.default_plain(),
        per_point: 0.1,
        per_notch: 0.5,
        step: 0.1,
        units: 1.0,
        bar: true,
    };
    number(ui, &Cell { name: "Output", tooltip, rect }, &gain, gestures, ParamValue::Output);
}

fn mix(ui: &mut Ui, rect: Rect, view: &ViewModel<'_>, gestures: &mut Gestures) {
    let tooltip =
        "Mix in per cent: how much of the change is heard. The dry part is aligned in time";
    let share = Number {
        value: view.params.mix.value(),
        text: format!("{:.0} %", 100.0 * view.params.mix.value()),
        range: ParamId::Mix.range(),
        default: ParamId::Mix.default_plain(),
        per_point: 0.005,
        per_notch: 0.05,
        step: 0.01,
        units: 100.0,
        bar: true,
    };
    number(ui, &Cell { name: "Mix", tooltip, rect }, &share, gestures, ParamValue::Mix);
}

/// The switch, and what it does now above it.
fn gain_match(ui: &mut Ui, rect: Rect, view: &ViewModel<'_>, gestures: &mut Gestures) {
    let (above, place) = rect.split_top_bottom_at_y(rect.top() + size::CAPTION);
    let on = view.params.gain_match.value();
    if on {
        let (at, text) = (above.center_top(), axes::db_text(view.match_db));
        let ink = theme::of(ui.ctx()).text_dim;
        ui.painter().text(at, Align2::CENTER_TOP, text, theme::caption(), ink);
    }
    let tooltip = "Gain match: as loud after as before (K-weighted, averaged over 3 s), before the \
                   output gain";
    if toggle(ui, &Cell { name: "Gain match", tooltip, rect: place }, on) {
        gestures.change(ParamValue::GainMatch(!on));
    }
}
