//! The meters of input and output: levels by channel, true peak and loudness by EBU R 128.

pub mod levels;
pub mod loudness;
pub mod peak_hold;

use crate::editor::edit::gesture::{Command, Gestures};
use crate::editor::meters::levels::Meter;
use crate::editor::meters::loudness::Loudness;
use crate::editor::view::axes;
use crate::editor::view::cast::{points, single};
use crate::editor::view::model::ViewModel;
use crate::editor::view::theme;
use crate::editor::view::tokens::{size, space};
use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Painter, Rangef, Rect, Sense, Ui, WidgetInfo};

/// The widest a channel's bar is.
const WIDEST: f32 = 12.0;

/// Draws both into `rect`, side by side.
pub fn draw(ui: &Ui, rect: Rect, view: &ViewModel<'_>, gestures: &mut Gestures) {
    let (left, right) = rect.split_left_right_at_x(rect.center().x);
    let [before, after] = view.loudness;
    for (place, name, what, levels, loudness) in [
        (left.with_max_x(left.right() - space::SMALL / 2.0), "In", "Input", view.input, before),
        (right.with_min_x(right.left() + space::SMALL / 2.0), "Out", "Output", view.output, after),
    ] {
        if meter(ui, place, (name, what), levels, loudness) {
            gestures.command(Command::ResetMeters);
        }
    }
}

/// One meter: its name and true peak above, the bars, the loudness below. Returns whether it was clicked.
fn meter(
    ui: &Ui,
    place: Rect,
    (name, what): (&str, &str),
    levels: &[Meter],
    loudness: Loudness,
) -> bool {
    let (painter, palette) = (ui.painter(), theme::of(ui.ctx()));
    let mut line =
        Rect::from_x_y_ranges(place.x_range(), place.top()..=place.top() + size::CAPTION);
    let mut write = |text: &str, ink| {
        painter.text(line.center(), Align2::CENTER_CENTER, text, theme::caption(), ink);
        line = line.translate(egui::vec2(0.0, size::CAPTION));
    };
    write(name, palette.text_dim);
    let over = loudness.true_peak_db.is_some_and(|db| db > 0.0);
    let ink = if over { palette.warning } else { palette.text };
    write(&number(loudness.true_peak_db), ink);
    write("dBTP", palette.text_dim);
    let top = line.top() + space::SMALL;
    let mut line =
        line.translate(egui::vec2(0.0, place.bottom() - 2.0 * size::CAPTION - line.top()));
    let bottom = line.top() - space::SMALL;
    for (text, ink) in
        [(number(loudness.short_term).as_str(), palette.text), ("LUFS", palette.text_dim)]
    {
        painter.text(line.center(), Align2::CENTER_CENTER, text, theme::caption(), ink);
        line = line.translate(egui::vec2(0.0, size::CAPTION));
    }
    bars(painter, Rect::from_x_y_ranges(place.x_range(), top..=bottom), levels);
    let peak = decibels(loudness.true_peak_db, "TP");
    let short_term = lufs(loudness.short_term);
    let response = ui.interact(place, ui.scope_id().with(name), Sense::click());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Label, true, format!("{name}: {peak}, {short_term}"))
    });
    let response = response.on_hover_text(format!(
        "{what}: true peak since the meters began, and the loudness of the last 3 s\n\
         True peak {peak}, largest sample {}\n\
         Momentary {}, short-term {}, integrated {}\n\
         The bars are the largest samples of this moment, −96 to 0 dBFS. Click to begin anew",
        decibels(loudness.sample_peak_db, "FS"),
        lufs(loudness.momentary),
        short_term,
        lufs(loudness.integrated),
    ));
    response.clicked()
}

/// A figure without its unit.
fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| axes::signed_text(single(value)))
}

/// A peak with its unit: dBFS, or dBTP between the samples.
fn decibels(db: Option<f64>, of: &str) -> String {
    db.map_or_else(|| format!("−∞ dB{of}"), |db| axes::db_text(single(db)) + of)
}

/// A loudness with its unit.
fn lufs(loudness: Option<f64>) -> String {
    loudness
        .map_or_else(|| "–  LUFS".to_owned(), |lufs| format!("{lufs:.1} LUFS").replace('-', "−"))
}

/// A bar for each channel, and the peak held on it.
fn bars(painter: &Painter, rect: Rect, levels: &[Meter]) {
    let palette = theme::of(painter.ctx());
    let count = levels.len().max(1);
    let gap = size::LINE[2];
    let room = (rect.width() - gap * points(count - 1)) / points(count);
    let width = room.min(WIDEST);
    let all = width * points(count) + gap * points(count - 1);
    let mut left = rect.center().x - all / 2.0;
    let y = |db: f32| axes::level_y(db, rect.y_range());
    let color = |db: f32| if db > 0.0 { palette.warning } else { palette.meter };
    for channel in 0..count {
        let track = Rect::from_x_y_ranges(left..=left + width, rect.y_range());
        painter.rect_filled(track, CornerRadius::ZERO, palette.plot);
        if let Some(level) = levels.get(channel) {
            let filled = Rangef::new(y(level.level_db()), rect.bottom());
            let filled = Rect::from_x_y_ranges(track.x_range(), filled);
            painter.rect_filled(filled, CornerRadius::ZERO, color(level.level_db()));
            if let Some(held_db) = level.held_db() {
                let at = y(held_db).max(rect.top() + size::LINE[0]);
                painter.hline(track.x_range(), at, (size::LINE[2], color(held_db)));
            }
        }
        left += width + gap;
    }
}
