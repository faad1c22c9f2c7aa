//! The meters of input and output: true peak and loudness by EBU R 128.

pub mod loudness;

use crate::editor::bands::levels::Meter;
use crate::editor::edit::gesture::{Command, Gestures};
use crate::editor::meters::loudness::Loudness;
use crate::editor::view::axes;
use crate::editor::view::model::ViewModel;
use crate::editor::view::theme;
use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Painter, Rect, Sense, Ui, WidgetInfo, pos2};

/// The width the meters need.
pub const WIDTH: f32 = 268.0;

/// Draws both into `rect`, one above the other.
pub fn draw(ui: &Ui, rect: Rect, view: &ViewModel<'_>, gestures: &mut Gestures) {
    let (above, below) = rect.split_top_bottom_at_y(rect.center().y);
    let [before, after] = view.loudness;
    for (place, name, what, levels, loudness) in
        [(above, "In", "Input", view.input, before), (below, "Out", "Output", view.output, after)]
    {
        if meter(ui, place, (name, what), levels, loudness) {
            gestures.command(Command::ResetMeters);
        }
    }
}

/// One meter. Returns whether it was clicked.
fn meter(
    ui: &Ui,
    place: Rect,
    (name, what): (&str, &str),
    levels: Meter,
    loudness: Loudness,
) -> bool {
    const PEAK: f32 = 64.0;
    const LOUDNESS: f32 = 76.0;
    let (painter, palette) = (ui.painter(), theme::of(ui.ctx()));
    let middle = place.center().y;
    let write = |x: f32, anchor: Align2, text: &str, ink| {
        painter.text(pos2(x, middle), anchor, text, theme::caption(), ink);
    };
    write(place.left(), Align2::LEFT_CENTER, name, palette.text_dim);
    let across = place.left() + 26.0..=place.right() - PEAK - LOUDNESS;
    bar(painter, Rect::from_x_y_ranges(across, middle - 4.0..=middle + 4.0), levels);
    let peak = decibels(loudness.true_peak_db, "TP");
    let over = loudness.true_peak_db.is_some_and(|db| db > 0.0);
    let ink = if over { palette.warning } else { palette.text };
    write(place.right() - LOUDNESS, Align2::RIGHT_CENTER, &peak, ink);
    let short_term = lufs(loudness.short_term);
    write(place.right(), Align2::RIGHT_CENTER, &short_term, palette.text);
    let response = ui.interact(place, ui.scope_id().with(name), Sense::click());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Label, true, format!("{name}: {peak}, {short_term}"))
    });
    let response = response.on_hover_text(format!(
        "{what}: true peak since the meters began, and the loudness of the last 3 s\n\
         True peak {peak}, largest sample {}\n\
         Momentary {}, short-term {}, integrated {}\n\
         The bar is the largest sample of this moment, −96 to 0 dBFS. Click to begin anew",
        decibels(loudness.sample_peak_db, "FS"),
        lufs(loudness.momentary),
        short_term,
        lufs(loudness.integrated),
    ));
    response.clicked()
}

/// A peak with its unit: dBFS, or dBTP between the samples.
fn decibels(db: Option<f64>, of: &str) -> String {
    db.map_or_else(
        || format!("−∞ dB{of}"),
        |db| axes::db_text(crate::editor::view::cast::single(db)) + of,
    )
}

/// A loudness with its unit.
fn lufs(loudness: Option<f64>) -> String {
    loudness
        .map_or_else(|| "–  LUFS".to_owned(), |lufs| format!("{lufs:.1} LUFS").replace('-', "−"))
}

/// The bar, and the peak held on it.
fn bar(painter: &Painter, track: Rect, levels: Meter) {
    let palette = theme::of(painter.ctx());
    painter.rect_filled(track, CornerRadius::ZERO, palette.plot);
    let x = |db: f32| egui::remap_clamp(db, axes::LEVEL_FLOOR_DB..=0.0, track.x_range());
    let color = |db: f32| if db > 0.0 { palette.warning } else { palette.meter };
    let filled = track.with_max_x(x(levels.level_db()));
    painter.rect_filled(filled, CornerRadius::ZERO, color(levels.level_db()));
    if let Some(held_db) = levels.held_db() {
        painter.vline(x(held_db).max(track.left() + 1.0), track.y_range(), (2.0, color(held_db)));
    }
}
