//! The bank in one line, and the panel it opens: its choices, and the report on it.

use crate::editor::bank::report;
use crate::editor::edit::gesture::{Command, Gestures, ParamId, ParamValue};
use crate::editor::view::cast::whole;
use crate::editor::view::model::ViewModel;
use crate::editor::view::number::{Number, number};
use crate::editor::view::tokens::size;
use crate::editor::view::widgets::{Cell, choices, heading, list_width, opener};
use crate::state::params::{KindChoice, LatencyChoice};
use egui::accesskit::Role;
use egui::{Popup, PopupCloseBehavior, Rect, Sense, Ui, vec2};
use nice_plug::prelude::Enum;

/// The bank in one line: type, scale and bands, latency.
fn summary(view: &ViewModel<'_>) -> String {
    let params = view.params;
    let (kind, bands) = view.bank_file.as_ref().map_or_else(
        || (name_of(params.kind.value()).to_owned(), params.bands.value()),
        |(name, bands)| (short(name), *bands),
    );
    let scale = name_of(params.scale.value());
    let mut summary = format!("{kind} · {scale} {bands}");
    if view.bank_file.is_none() {
        summary += &format!(" · {}", name_of(params.latency.value()));
    }
    summary
}

/// A file's name, cut to what the header has room for.
fn short(name: &str) -> String {
    const LONGEST: usize = 16;
    let mut letters = name.chars();
    let begin: String = letters.by_ref().take(LONGEST).collect();
    if letters.next().is_some() { begin + "…" } else { begin }
}

fn name_of<T: Enum>(value: T) -> &'static str {
    T::variants()[value.to_index()]
}

/// What the line needs.
#[must_use]
pub fn width(ui: &Ui, view: &ViewModel<'_>) -> f32 {
    list_width(ui, &[&summary(view)])
}

/// Draws the line into `rect`, and the panel while it is open.
pub fn draw(ui: &mut Ui, rect: Rect, view: &ViewModel<'_>, gestures: &mut Gestures) {
    let tooltip = "The bank: its type, the scale and the number of its bands, its latency and quality, \
                   and the report on it";
    let cell = Cell { name: "Bank", tooltip, rect };
    let chip = opener(ui, &cell, Role::Button, &summary(view));
    Popup::menu(&chip).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_width(size::BANK_PANEL);
        bank_type(ui, view, gestures);
        scale(ui, view, gestures);
        ui.scope(|ui| {
            if view.bank_file.is_some() {
                // Kernels from a file have these already.
                ui.disable();
            }
            design(ui, view, gestures);
        });
        ui.separator();
        report::draw(ui, view);
    });
}

/// The types that are designed, and the user's own files.
fn bank_type(ui: &mut Ui, view: &ViewModel<'_>, gestures: &mut Gestures) {
    let tooltip = "ISAC, exactly linear in phase, or gammatone, the ear's own filters; or kernels of \
                   your own, .npz files in Documents/Erbium/banks";
    heading(ui, "Bank type", tooltip);
    let types = KindChoice::variants();
    let files = view.bank_files.iter().map(|file| file.name.as_str());
    let mut names: Vec<&str> = types.iter().copied().chain(files).collect();
    let current = match &view.bank_file {
        None => view.params.kind.value().to_index(),
        Some((name, _)) => {
            let listed = names[types.len()..].iter().position(|listed| listed == name);
            listed.map_or_else(
                || {
                    // From a project or another folder.
                    names.push(name);
                    names.len() - 1
                },
                |index| types.len() + index,
            )
        }
    };
    let Some(picked) = choices(ui, &names, Some(current)) else { return };
    if let Some(file) = picked.checked_sub(types.len()) {
        gestures.command(Command::LoadBank(Some(file)));
        return;
    }
    if view.bank_file.is_some() {
        gestures.command(Command::LoadBank(None));
    }
    if picked != view.params.kind.value().to_index() {
        gestures.change(ParamValue::Kind(KindChoice::from_index(picked)));
    }
}

fn scale(ui: &mut Ui, view: &ViewModel<'_>, gestures: &mut Gestures) {
    let tooltip = "How the bands are spaced and shaped, as one model of hearing has it";
    heading(ui, "Scale", tooltip);
    if let Some(scale) = choice(ui, view.params.scale.value()) {
        gestures.change(ParamValue::Scale(scale));
    }
}

/// What banks are designed for: bands, latency, quality.
fn design(ui: &mut Ui, view: &ViewModel<'_>, gestures: &mut Gestures) {
    let bands = view.bank_file.as_ref().map_or(view.params.bands.value(), |(_, bands)| *bands);
    let (place, _) = ui.allocate_exact_size(vec2(BANDS, Cell::HEIGHT), Sense::hover());
    let cell = Cell {
        name: "Bands",
        tooltip: "Number of bands, 8 to 64. The drawn curve stays",
        rect: place,
    };
    let count = Number {
        value: f32::from(u8::try_from(bands).unwrap_or(u8::MAX)),
        text: bands.to_string(),
        range: ParamId::Bands.range(),
        default: ParamId::Bands.default_plain(),
        per_point: 0.25,
        per_notch: 1.0,
        step: 1.0,
        units: 1.0,
        bar: true,
    };
    number(ui, &cell, &count, gestures, |value| ParamValue::Bands(whole(value)));
    let tooltip = "Milliseconds. Shorter costs resolution in the bass; the host compensates. 0 ms resolves as much as \
                   21 ms, with the least phase its curve can have: for live playing";
    heading(ui, "Latency", tooltip);
    if let Some(latency) = latencies(ui, view.params.latency.value()) {
        gestures.change(ParamValue::Latency(latency));
    }
    heading(ui, "Quality", "More work for less alias. The report below has both figures");
    if let Some(quality) = choice(ui, view.params.quality.value()) {
        gestures.change(ParamValue::Quality(quality));
    }
}

/// All latencies, the shortest first. Returns the one that was picked.
fn latencies(ui: &mut Ui, current: LatencyChoice) -> Option<LatencyChoice> {
    let mut order: Vec<_> =
        (0..LatencyChoice::variants().len()).map(LatencyChoice::from_index).collect();
    order.sort_by(|a, b| a.ms().total_cmp(&b.ms()));
    let names: Vec<_> = order.iter().copied().map(name_of).collect();
    let place = order.iter().position(|latency| *latency == current);
    choices(ui, &names, place).map(|picked| order[picked])
}

/// The width of the number of bands.
const BANDS: f32 = 72.0;

/// All choices of a parameter. Returns the one that was picked.
fn choice<T: Enum + PartialEq + Copy>(ui: &mut Ui, current: T) -> Option<T> {
    choices(ui, T::variants(), Some(current.to_index())).map(T::from_index)
}
