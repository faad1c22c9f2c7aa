//! What is under the pointer, beside the handle of its band: frequency, note, gain, levels.

use crate::editor::bands::response::BankResponse;
use crate::editor::bands::stroke::Geometry;
use crate::editor::view::axes;
use crate::editor::view::model::ViewModel;
use crate::editor::view::theme;
use crate::editor::view::tokens::size;
use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Align2, Color32, CornerRadius, FontId, Painter, Stroke, StrokeKind, vec2};

/// How far from the handle it is.
const AWAY: f32 = 16.0;

/// Draws it for a band.
pub fn draw(
    painter: &Painter,
    bands: &Geometry,
    band: usize,
    bank_response: &BankResponse,
    view: &ViewModel<'_>,
) {
    let palette = theme::of(painter.ctx());
    let hz = bank_response.bank().centres_hz()[band];
    let gain_db = view.drawn_db[band];
    let scale = bank_response.bank().spec().scale;
    let mut job = LayoutJob::default();
    let mut write = |text: &str, font: FontId, color: Color32| {
        let format =
            TextFormat { font_id: font, color, valign: Align::Center, ..TextFormat::default() };
        job.append(text, 0.0, format);
    };
    write(&axes::hz_text(hz), theme::value(), palette.text);
    if let Some(note) = axes::note_text(hz) {
        write(&format!("   {note}"), theme::body(), palette.text);
    }
    let units = axes::units_text(scale, hz).map_or_else(String::new, |units| format!("   {units}"));
    write(&format!("   band {}{units}\n", band + 1), theme::caption(), palette.text_dim);
    write(&axes::gain_text(gain_db), theme::value(), palette.drawn);
    let response = axes::gain_text(bank_response.db_at(hz));
    write(&format!("   response {response}\n"), theme::caption(), palette.response);
    let [input, output] = [view.levels.input_db()[band], view.levels.output_db()[band]];
    let level = |db: f32| {
        if db > axes::LEVEL_FLOOR_DB { axes::signed_text(db) } else { "–".to_owned() }
    };
    write(&format!("in {}", level(input)), theme::caption(), palette.level_input);
    write(&format!("   out {} dBFS", level(output)), theme::caption(), palette.level_text);
    let galley = painter.layout_job(job);
    let handle = bands.handle(band, view.glide.drawn_db()[band]);
    let wanted = galley.size() + 2.0 * size::PATCH_MARGIN;
    let above = handle.y - AWAY - wanted.y > bands.rect.top();
    let right = handle.x + AWAY + wanted.x < bands.rect.right();
    let anchor = match (above, right) {
        (true, true) => Align2::LEFT_BOTTOM,
        (true, false) => Align2::RIGHT_BOTTOM,
        (false, true) => Align2::LEFT_TOP,
        (false, false) => Align2::RIGHT_TOP,
    };
    let away = vec2(if right { AWAY } else { -AWAY }, if above { -AWAY } else { AWAY });
    let mut patch = anchor.anchor_size(handle + away, wanted);
    // A small plot may have room on no side.
    let low = (patch.bottom() - bands.rect.bottom()).max(0.0);
    let left = (bands.rect.left() - patch.left()).max(0.0);
    patch = patch.translate(vec2(left, -low));
    let rounding = CornerRadius::same(size::PANEL_ROUNDING);
    let outline = Stroke::new(size::LINE[0], palette.outline);
    painter.rect(patch, rounding, palette.surface, outline, StrokeKind::Inside);
    painter.galley(patch.min + size::PATCH_MARGIN, galley, palette.text);
}
