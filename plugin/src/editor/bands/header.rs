//! The line above the bands: what the colours mean, or what is under the pointer.

use crate::editor::bands::response::BankResponse;
use crate::editor::view::axes;
use crate::editor::view::theme;
use egui::{Align2, CornerRadius, Painter, Pos2, Rect, Stroke, StrokeKind, pos2, vec2};

/// What the colours mean.
pub fn legend(painter: &Painter, rect: Rect) {
    let palette = theme::of(painter.ctx());
    let mut x = rect.left();
    let y = rect.center().y;
    let mut entry = |text: &str, mark: &dyn Fn(Pos2)| {
        mark(pos2(x + 6.0, y));
        let place = pos2(x + 16.0, y);
        let ink = palette.text_dim;
        let drawn = painter.text(place, Align2::LEFT_CENTER, text, theme::caption(), ink);
        x = drawn.right() + 12.0;
    };
    entry("drawn", &|at| {
        painter.hline(at.x - 6.0..=at.x + 6.0, at.y, (1.0, palette.drawn));
        painter.circle_filled(at, 3.5, palette.drawn);
    });
    entry("response", &|at| {
        painter.hline(at.x - 6.0..=at.x + 6.0, at.y, (2.0, palette.response));
    });
    let levels = [("level in", palette.level_input), ("level out", palette.level_output)];
    for (text, color) in levels {
        entry(text, &|at| {
            let mark = Rect::from_center_size(at, vec2(8.0, 10.0));
            let edge = Stroke::new(1.0, palette.text_dim);
            painter.rect(mark, CornerRadius::ZERO, color, edge, StrokeKind::Inside);
        });
    }
}

/// What is under the pointer: both curves at its frequency, and the band it would move.
pub fn read_out(painter: &Painter, rect: Rect, (band, hz): (usize, f64), response: &BankResponse) {
    let palette = theme::of(painter.ctx());
    let scale = response.bank().spec().scale;
    let parts = [
        (format!("{}   band {}", axes::place_text(scale, hz), band + 1), palette.text),
        (format!("drawn {}", axes::gain_text(response.drawn_db_at(hz))), palette.drawn),
        (format!("response {}", axes::gain_text(response.db_at(hz))), palette.response),
    ];
    let mut place = rect.left_center();
    for (text, ink) in parts {
        let drawn = painter.text(place, Align2::LEFT_CENTER, text, theme::caption(), ink);
        place.x = drawn.right() + 10.0;
    }
}
