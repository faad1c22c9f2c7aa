//! The frequency axis between the plots, which belongs to both: hertz, note names, a piano.

use crate::editor::bands::paint::TICK_ROOM;
use crate::editor::edit::gesture::{Command, Gestures};
use crate::editor::view::axes::{self, FrequencyAxis, Part};
use crate::editor::view::model::ViewModel;
use crate::editor::view::theme;
use crate::editor::view::tokens::{size, space};
use crate::editor::view::widgets::wheel_notches;
use crate::state::preferences::Preferences;
use egui::accesskit::Role;
use egui::{
    Align2, CornerRadius, Painter, Rangef, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
    vec2,
};

/// The height of the frequencies.
pub const LABELS: f32 = 20.0;
/// The height of the note names.
const NOTES: f32 = 14.0;
/// The height of the piano.
const PIANO: f32 = 16.0;
/// The room a note's name needs.
const NOTE_ROOM: f32 = 24.0;
/// The lowest and the highest key of a piano, A0 and C8, as MIDI has them.
const KEYS: std::ops::RangeInclusive<u8> = 21..=108;

/// The height of the whole.
#[must_use]
pub fn height(preferences: Preferences) -> f32 {
    let notes = if preferences.notes { NOTES } else { 0.0 };
    let piano = if preferences.piano { PIANO } else { 0.0 };
    LABELS + notes + piano
}

/// Draws the axis into `rect`; its labels make room for the one that spans `pointed`. The wheel zooms,
/// dragging moves what is seen, and a double click shows all of it.
pub fn draw(
    ui: &Ui,
    rect: Rect,
    view: &ViewModel<'_>,
    pointed: Option<Rangef>,
    gestures: &mut Gestures,
) {
    zoom(ui, rect, view, gestures);
    let (painter, axis) = (&ui.painter_at(rect.expand2(vec2(MARGIN, 0.0))), view.axis());
    let (labels, remaining) = rect.split_top_bottom_at_y(rect.top() + LABELS);
    frequencies(painter, labels, &axis, pointed);
    let mut remaining = remaining;
    if view.preferences.notes {
        let (notes, below) = remaining.split_top_bottom_at_y(remaining.top() + NOTES);
        note_names(painter, notes, &axis);
        remaining = below;
    }
    if view.preferences.piano {
        piano(painter, remaining.shrink2(vec2(0.0, 1.0)), &axis);
    }
}

/// The unit beside the axis is outside of it.
const MARGIN: f32 = 40.0;
/// How much nearer a notch of the wheel brings the axis.
const NOTCH: f32 = 1.25;

fn zoom(ui: &Ui, rect: Rect, view: &ViewModel<'_>, gestures: &mut Gestures) {
    let id = ui.scope_id().with("frequency axis");
    let response = ui.interact(rect, id, Sense::click_and_drag());
    let mut part = view.part;
    let notches = wheel_notches(ui, &response);
    if notches != 0.0
        && let Some(place) = response.hover_pos()
    {
        let about = egui::remap_clamp(place.x, rect.x_range(), 0.0..=1.0);
        part = part.zoomed(NOTCH.powf(notches), about);
    }
    if response.dragged() {
        part = part.moved(-response.drag_delta().x / rect.width());
    }
    if response.double_clicked() {
        part = Part::WHOLE;
    }
    if part != view.part {
        gestures.command(Command::SeePart(part));
    }
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::Group, true, "Frequency axis");
        let ends = [0.0, 1.0].map(|fraction| axes::hz_text(view.axis().hz(fraction)));
        info.current_text_value = Some(ends.join(" to "));
        info
    });
    if view.part != Part::WHOLE && (response.hovered() || response.dragged()) {
        ui.set_cursor_icon(egui::CursorIcon::ResizeHorizontal);
    }
    response
        .on_hover_text("Turn the wheel to zoom, drag to move, double-click for all frequencies");
}

fn frequencies(painter: &Painter, rect: Rect, axis: &FrequencyAxis, pointed: Option<Rangef>) {
    let ink = theme::of(painter.ctx()).text_dim;
    let across = rect.x_range();
    // Tick labels keep less than a third of their room free.
    let hidden = |hz: &f64| {
        pointed.is_some_and(|taken| taken.expand(0.4 * TICK_ROOM).contains(axis.x(*hz, across)))
    };
    for hz in axis.ticks_hz(across, TICK_ROOM).into_iter().filter(|hz| !hidden(hz)) {
        let at = pos2(axis.x(hz, across), rect.center().y);
        let text = axes::tick_text(hz);
        painter.text(at, Align2::CENTER_CENTER, text, theme::caption(), ink);
    }
    let unit = pos2(rect.right() + space::MEDIUM, rect.center().y);
    painter.text(unit, Align2::LEFT_CENTER, "Hz", theme::caption(), ink);
}

/// The octaves, C by C, as far as their names fit.
fn note_names(painter: &Painter, rect: Rect, axis: &FrequencyAxis) {
    let palette = theme::of(painter.ctx());
    let mut end = rect.right();
    // Upwards the octaves grow wider on every scale but the logarithmic, so the lowest are left out.
    let octaves = (0..=10_u8).map(|octave| (octave, axes::key_hz(f64::from(12 * (octave + 1)))));
    for (octave, hz) in octaves.rev() {
        let x = axis.x(hz, rect.x_range());
        let fits = x - NOTE_ROOM / 2.0 >= rect.left() && x + NOTE_ROOM / 2.0 <= end;
        if fits && axis.contains(hz) {
            let at = pos2(x, rect.center().y);
            let text = format!("C{octave}");
            painter.text(at, Align2::CENTER_CENTER, text, theme::caption(), palette.text_dim);
            end = x - NOTE_ROOM / 2.0;
        }
    }
    let unit = pos2(rect.right() + space::MEDIUM, rect.center().y);
    painter.text(unit, Align2::LEFT_CENTER, "note", theme::caption(), palette.text_dim);
}

/// The keys of a piano, each as wide as its semitone; where they are too narrow, only octaves.
fn piano(painter: &Painter, rect: Rect, axis: &FrequencyAxis) {
    const NARROWEST: f32 = 1.5;
    let palette = theme::of(painter.ctx());
    let x = |key: f64| axis.x(axes::key_hz(key), rect.x_range());
    let ends = x(f64::from(*KEYS.start()) - 0.5)..=x(f64::from(*KEYS.end()) + 0.5);
    let board = Rect::from_x_y_ranges(ends, rect.y_range());
    painter.rect_filled(board, CornerRadius::ZERO, palette.key_white);
    for key in KEYS {
        let edges = [f64::from(key) - 0.5, f64::from(key) + 0.5].map(x);
        let black = [1, 3, 6, 8, 10].contains(&(key % 12));
        let wide = edges[1] - edges[0] >= NARROWEST;
        if black && wide {
            let low = rect.top() + 0.6 * rect.height();
            let place = Rect::from_x_y_ranges(edges[0]..=edges[1], rect.top()..=low);
            painter.rect_filled(place, CornerRadius::ZERO, palette.key_black);
        } else if key % 12 == 0 || (key % 12 == 5 && wide) {
            // Between B and C, and between E and F, no black key parts the white ones.
            painter.vline(edges[0], rect.y_range(), (size::LINE[0], palette.outline));
        }
    }
    let edge = Stroke::new(size::LINE[0], palette.outline);
    painter.rect_stroke(board, CornerRadius::ZERO, edge, StrokeKind::Inside);
}
