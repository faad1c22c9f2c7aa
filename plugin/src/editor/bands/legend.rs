//! The row above the bands: what the lines mean.

use crate::editor::view::theme;
use crate::editor::view::tokens::{size, space};
use egui::{Align2, Painter, Pos2, Rect, pos2, vec2};

/// Draws what the lines mean, as far as there is room.
pub fn draw(painter: &Painter, rect: Rect) {
    let palette = theme::of(painter.ctx());
    let [hairline, edge, curve] = size::LINE;
    let mut x = rect.left();
    let y = rect.center().y;
    let mut entry = |text: &str, mark: &dyn Fn(Pos2)| {
        let ink = palette.text_dim;
        let galley = painter.layout_no_wrap(text.to_owned(), theme::caption(), ink);
        let end = x + size::LEGEND_MARK.x + space::SMALL + galley.size().x;
        if end > rect.right() {
            return;
        }
        mark(pos2(x, y));
        let place = pos2(x + size::LEGEND_MARK.x + space::SMALL, y);
        painter.galley(Align2::LEFT_CENTER.anchor_size(place, galley.size()).min, galley, ink);
        x = end + space::LARGE;
    };
    entry("drawn", &|at| {
        painter.hline(at.x..=at.x + size::LEGEND_MARK.x, at.y, (hairline, palette.drawn));
        painter.circle_filled(
            at + vec2(size::LEGEND_MARK.x / 2.0, 0.0),
            size::HANDLE[0],
            palette.drawn,
        );
    });
    entry("response", &|at| {
        painter.hline(at.x..=at.x + size::LEGEND_MARK.x, at.y, (curve, palette.response));
    });
    entry("level in", &|at| {
        painter.hline(at.x..=at.x + size::LEGEND_MARK.x, at.y, (edge, palette.level_input));
    });
    entry("level out", &|at| {
        let mark = Rect::from_min_max(
            at - vec2(0.0, size::LEGEND_MARK.y / 2.0),
            at + vec2(size::LEGEND_MARK.x, size::LEGEND_MARK.y / 2.0),
        );
        painter.rect_filled(mark, egui::CornerRadius::ZERO, palette.level_output);
        painter.hline(mark.x_range(), mark.top(), (edge, palette.level_text));
    });
}
