//! The row of the bank: its parameters, and those of the output.

use crate::editor::bank::choice;
use crate::editor::edit::gesture::{Gestures, ParamId, ParamValue};
use crate::editor::view::axes;
use crate::editor::view::cast::whole;
use crate::editor::view::model::ViewModel;
use crate::editor::view::theme;
use crate::editor::view::widgets::{Cell, Number, choice, number, switch};
use egui::{Align2, Rect, Ui, vec2};

/// The gap between controls.
const GAP: f32 = theme::STEP;

/// Draws the row into `rect`.
pub fn draw(ui: &mut Ui, rect: Rect, view: &ViewModel<'_>, gestures: &mut Gestures) {
    bank_controls(ui, rect, view, gestures);
    output_controls(ui, rect, view, gestures);
}

/// Bank type, scale, bands, latency, quality from the left.
fn bank_controls(ui: &mut Ui, rect: Rect, view: &ViewModel<'_>, gestures: &mut Gestures) {
    let mut left = rect.left();
    let mut next = |width: f32| {
        let place = Rect::from_min_size(egui::pos2(left, rect.top()), vec2(width, Cell::HEIGHT));
        left += width + GAP;
        place
    };
    choice::draw(ui, next(102.0), view, gestures);
    let cell = Cell {
        name: "Scale",
        tooltip: "Scale: how the bands are spaced and shaped, as one model of hearing has it",
        rect: next(68.0),
    };
    if let Some(scale) = choice(ui, &cell, view.params.scale.value()) {
        gestures.change(ParamValue::Scale(scale));
    }
    let rects = [next(44.0), next(72.0), next(88.0)];
    ui.scope(|ui| {
        if view.bank_file.is_some() {
            // Kernels from a file have these already.
            ui.disable();
        }
        design_controls(ui, rects, view, gestures);
    });
}

/// What banks are designed for: bands, latency, quality.
fn design_controls(ui: &mut Ui, rects: [Rect; 3], view: &ViewModel<'_>, gestures: &mut Gestures) {
    let [bands_rect, latency_rect, quality_rect] = rects;
    let bands = view.bank_file.as_ref().map_or(view.params.bands.value(), |(_, bands)| *bands);
    let cell = Cell {
        name: "Bands",
        tooltip: "Number of bands, 8 to 64. The drawn curve stays. Drag, or turn the wheel",
        rect: bands_rect,
    };
    let count = Number {
        value: f32::from(u8::try_from(bands).unwrap_or(u8::MAX)),
        text: bands.to_string(),
        range: ParamId::Bands.range(),
        default: ParamId::Bands.default_plain(),
        per_point: 0.25,
        per_notch: 1.0,
        step: 1.0,
        bar: true,
    };
    number(ui, &cell, &count, gestures, |value| ParamValue::Bands(whole(value)));
    let cell = Cell {
        name: "Latency",
        tooltip: "Latency in milliseconds. Shorter costs resolution in the bass; the host compensates",
        rect: latency_rect,
    };
    if let Some(latency) = choice(ui, &cell, view.params.latency.value()) {
        gestures.change(ParamValue::Latency(latency));
    }
    let cell = Cell {
        name: "Quality",
        tooltip: "Quality: more work for less alias. The report below has both figures",
        rect: quality_rect,
    };
    if let Some(quality) = choice(ui, &cell, view.params.quality.value()) {
        gestures.change(ParamValue::Quality(quality));
    }
}

/// Output, mix, gain match and delta up to the right end.
fn output_controls(ui: &mut Ui, rect: Rect, view: &ViewModel<'_>, gestures: &mut Gestures) {
    const WIDTHS: [f32; 4] = [68.0, 56.0, 82.0, 52.0];
    let mut left = rect.right() - WIDTHS.iter().sum::<f32>() - 3.0 * GAP;
    let [output, mix, gain_match, delta] = WIDTHS.map(|width| {
        let place = Rect::from_min_size(egui::pos2(left, rect.top()), vec2(width, Cell::HEIGHT));
        left += width + GAP;
        place
    });
    let cell = Cell {
        name: "Output",
        tooltip: "Output gain in dB, after the mix. Shift drags finely, a double click resets",
        rect: output,
    };
    let gain = Number {
        value: view.params.output_db.value(),
        text: axes::db_text(view.params.output_db.value()),
        range: ParamId::Output.range(),
        default: ParamId::Output.default_plain(),
        per_point: 0.1,
        per_notch: 0.5,
        step: 0.1,
        bar: true,
    };
    number(ui, &cell, &gain, gestures, ParamValue::Output);
    let cell = Cell {
        name: "Mix",
        tooltip: "Mix in per cent: how much of the change is heard. The dry part is aligned in time",
        rect: mix,
    };
    let share = Number {
        value: view.params.mix.value(),
        text: format!("{:.0} %", 100.0 * view.params.mix.value()),
        range: ParamId::Mix.range(),
        default: ParamId::Mix.default_plain(),
        per_point: 0.005,
        per_notch: 0.05,
        step: 0.01,
        bar: true,
    };
    number(ui, &cell, &share, gestures, ParamValue::Mix);
    let tooltip = "Gain match: as loud after as before (K-weighted, averaged over 3 s), before the \
                   output gain";
    let cell = Cell { name: "Gain match", tooltip, rect: gain_match };
    if view.params.gain_match.value() {
        let place = gain_match.left_top() + vec2(1.0, 0.0);
        let (text, ink) = (axes::db_text(view.match_db), theme::of(ui.ctx()).text_dim);
        ui.painter().text(place, Align2::LEFT_TOP, text, theme::caption(), ink);
    }
    if switch(ui, &cell, view.params.gain_match.value()) {
        gestures.change(ParamValue::GainMatch(!view.params.gain_match.value()));
    }
    let tooltip = "Delta: hear only the change, equalised minus dry";
    if switch(ui, &Cell { name: "Delta", tooltip, rect: delta }, view.params.delta.value()) {
        gestures.change(ParamValue::Delta(!view.params.delta.value()));
    }
}
