//! What is seen of the bands: grid, levels, the response, the drawn gains.

use crate::editor::bands::selection::Selection;
use crate::editor::bands::stroke::Geometry;
use crate::editor::view::axes::{self, Part};
use crate::editor::view::cast::points;
use crate::editor::view::model::ViewModel;
use crate::editor::view::theme;
use crate::editor::view::tokens::{size, space};
use crate::state::params::{MAX_BANDS, OFF_DB};
use egui::{Align2, Color32, CornerRadius, Mesh, Painter, Pos2, Rangef, Rect, Stroke, pos2};

/// The least distance of frequency lines, in points: their labels fit.
pub const TICK_ROOM: f32 = 36.0;

/// Lines at round frequencies and gains, behind everything else.
pub fn grid(painter: &Painter, plot: Rect, view: &ViewModel<'_>) {
    let palette = theme::of(painter.ctx());
    let hairline = size::LINE[0];
    for hz in view.axis().ticks_hz(plot.x_range(), TICK_ROOM) {
        painter.vline(view.axis().x(hz, plot.x_range()), plot.y_range(), (hairline, palette.grid));
    }
    for gain_db in view.gain_axis().ticks_db() {
        let color = if gain_db == 0.0 { palette.grid_strong } else { palette.grid };
        let y = view.gain_axis().y(gain_db, plot.y_range());
        painter.hline(plot.x_range(), y, (hairline, color));
    }
}

/// Gains on the left, levels on the right, as many as have room.
pub fn labels(painter: &Painter, plot: Rect, view: &ViewModel<'_>) {
    /// The least distance of labels, in points.
    const ROOM: f32 = 14.0;
    let palette = theme::of(painter.ctx());
    let axis = view.gain_axis();
    let y = |gain_db: f32| axis.y(gain_db, plot.y_range());
    // 0 dB and the ends have one in any case.
    let ticks_db = axis.ticks_db();
    let mut taken = vec![y(0.0)];
    let ends = [ticks_db[0], OFF_DB].into_iter();
    let ordered = ends.chain(ticks_db.iter().copied().filter(|db| db % 12.0 == 0.0));
    let mut shown = vec![0.0];
    for gain_db in ordered.chain(ticks_db.iter().copied()) {
        if taken.iter().all(|at: &f32| (at - y(gain_db)).abs() >= ROOM) {
            taken.push(y(gain_db));
            shown.push(gain_db);
        }
    }
    for gain_db in shown {
        let text = match gain_db {
            OFF_DB => "off".to_owned(),
            0.0 => "0 dB".to_owned(),
            db if db > 0.0 => format!("+{db}"),
            db => format!("−{}", -db),
        };
        let place = pos2(plot.left() - 2.0 * space::SMALL, y(gain_db));
        painter.text(place, Align2::RIGHT_CENTER, text, theme::caption(), palette.text_dim);
    }
    let steps: &[u8] = if plot.height() > 6.0 * ROOM { &[0, 1, 2, 3, 4] } else { &[0, 2, 4] };
    for step in steps {
        let level_db = -24.0 * f32::from(*step);
        let place = pos2(plot.right() + space::MEDIUM, axes::level_y(level_db, plot.y_range()));
        let text = if *step == 0 { "0 dBFS".to_owned() } else { format!("−{}", -level_db) };
        // Below the lowest is the unit of the frequency axis.
        let anchor = if *step == 4 { Align2::LEFT_BOTTOM } else { Align2::LEFT_CENTER };
        painter.text(place, anchor, text, theme::caption(), palette.level_text);
    }
}

/// The levels: after the gains a silhouette, before them an outline, and the peaks held as a hairline.
pub fn levels(painter: &Painter, bands: &Geometry, view: &ViewModel<'_>) {
    let palette = theme::of(painter.ctx());
    let [hairline, edge, _] = size::LINE;
    let line = |levels_db: &[f32; MAX_BANDS], stroke: Stroke| {
        // What has no level anywhere is not drawn.
        if levels_db.iter().take(bands.centres_x.len()).any(|db| *db > axes::LEVEL_FLOOR_DB) {
            painter.line(skyline(bands, levels_db), stroke);
        }
    };
    let output_db = view.levels.output_db();
    filled(painter, &skyline(bands, output_db), bands.rect.bottom(), palette.level_output);
    line(view.output_peaks_db, Stroke::new(hairline, palette.level_peak));
    line(output_db, Stroke::new(edge, palette.level_text));
    line(view.levels.input_db(), Stroke::new(hairline, palette.level_input));
}

/// The levels of the bands from edge to edge of the plot: each band's is that of its centre.
fn skyline(bands: &Geometry, levels_db: &[f32; MAX_BANDS]) -> Vec<Pos2> {
    let down = bands.rect.y_range();
    let at = |x: f32, band: usize| pos2(x, axes::level_y(levels_db[band], down));
    let last = bands.centres_x.len() - 1;
    let centres = bands.centres_x.iter().enumerate().map(|(band, x)| at(*x, band));
    let left = bands.rect.left().min(bands.centres_x[0]);
    let right = bands.rect.right().max(bands.centres_x[last]);
    std::iter::once(at(left, 0)).chain(centres).chain([at(right, last)]).collect()
}

/// Fills between a line and a height.
fn filled(painter: &Painter, line: &[Pos2], y: f32, color: Color32) {
    let mut mesh = Mesh::default();
    for (i, place) in (0_u32..).zip(line) {
        mesh.colored_vertex(*place, color);
        mesh.colored_vertex(pos2(place.x, y), color);
        if i > 0 {
            let corner = 2 * i;
            mesh.add_triangle(corner - 2, corner - 1, corner);
            mesh.add_triangle(corner - 1, corner, corner + 1);
        }
    }
    painter.add(mesh);
}

/// The response, filled to 0 dB.
pub fn response(painter: &Painter, bands: &Geometry, part: Part, response_db: &[f32]) {
    let palette = theme::of(painter.ctx());
    let last = points(response_db.len() - 1);
    let line = response_db.iter().enumerate().map(|(i, &db)| {
        let fraction = (points(i) / last - part.from) / (part.to - part.from);
        pos2(bands.rect.left() + fraction * bands.rect.width(), bands.y(db))
    });
    let line: Vec<Pos2> = line.collect();
    filled(painter, &line, bands.y(0.0), palette.response_fill);
    painter.line(line, Stroke::new(size::LINE[2], palette.response));
}

/// The drawn gains: straight lines from handle to handle.
pub fn drawn_line(painter: &Painter, bands: &Geometry, view: &ViewModel<'_>, opacity: f32) {
    let handle = |band: usize| bands.handle(band, view.glide.drawn_db()[band]);
    let line = (0..bands.centres_x.len()).map(handle).collect();
    let color = theme::of(painter.ctx()).drawn.gamma_multiply(DRAWN_LINE * opacity);
    painter.line(line, Stroke::new(size::LINE[0], color));
}

/// How much is seen of the lines between handles, and of those down to 0 dB.
const DRAWN_LINE: f32 = 0.6;

/// The handles of the drawn gains, drop lines from those that are pointed at or selected; a handle is
/// hollow where the band is off, ringed where it is selected.
pub fn handles(
    painter: &Painter,
    bands: &Geometry,
    view: &ViewModel<'_>,
    (pointed, selection): (Option<usize>, &Selection),
    opacity: f32,
) {
    let palette = theme::of(painter.ctx());
    let [hairline, edge, _] = size::LINE;
    let color = palette.drawn.gamma_multiply(opacity);
    let drawn_db = view.glide.drawn_db();
    let handle = |band: usize| bands.handle(band, drawn_db[band]);
    // Many bands in a narrow window leave little room.
    let spacing = bands.rect.width() / points(bands.centres_x.len());
    let [usual, large] = size::HANDLE.map(|radius| radius.min(spacing / 3.2).max(2.5));
    let zero = bands.y(0.0);
    for (band, &gain_db) in drawn_db.iter().enumerate().take(bands.centres_x.len()) {
        let at = handle(band);
        let is_pointed = pointed == Some(band);
        if is_pointed || selection.has(band) {
            let down = Rangef::new(zero.min(at.y), zero.max(at.y));
            painter.vline(at.x, down, (hairline, color.gamma_multiply(DRAWN_LINE)));
        }
        let radius = if is_pointed { large } else { usual };
        if gain_db <= OFF_DB {
            painter.circle(at, radius, palette.plot, (edge, color));
        } else {
            painter.circle(at, radius, color, (hairline, palette.plot));
        }
        if selection.has(band) {
            painter.circle_stroke(at, radius + 2.0, (edge, palette.accent));
        }
    }
}

/// The column of a band.
pub fn column(painter: &Painter, bands: &Geometry, band: usize) {
    let veil = theme::of(painter.ctx()).veil;
    painter.rect_filled(bands.column(band), CornerRadius::ZERO, veil);
}
