//! The spectrogram: the bank's own levels on the band editor's axis, time running downwards.

use super::axis::{self, FrequencyAxis};
use super::cast::{index, points, real, single};
use super::gesture::Gestures;
use super::history::{ROWS, Row, SILENCE_DB, Sound};
use super::theme;
use super::view_model::ViewModel;
use super::widgets::{Cell, Number, dragged_number, list};
use crate::monitor::COLUMN_MS;
use egui::accesskit::Role;
use egui::{
    Align2, Color32, ColorImage, CornerRadius, Mesh, Painter, Rect, Sense, TextureHandle,
    TextureOptions, TextureWrapMode, Ui, WidgetInfo, pos2, vec2,
};
use erbium_dsp::Bank;
use std::sync::Arc;

/// Texels across the axis.
const TEXELS: usize = 512;
/// The colour maps on offer, all readable without colour vision.
const PALETTES: [(&str, colorous::Gradient); 4] = [
    ("Inferno", colorous::INFERNO),
    ("Magma", colorous::MAGMA),
    ("Viridis", colorous::VIRIDIS),
    ("Cividis", colorous::CIVIDIS),
];
/// The histories on offer, in seconds.
const SECONDS: [(&str, f32); 3] = [("2 s", 2.0), ("5 s", 5.0), ("10 s", 10.0)];
/// Before or after the gains.
const SOURCES: [&str; 2] = ["Input", "Output"];
/// What the picture holds, for each source.
const HELD: [&str; 2] = ["input", "output"];

/// How levels become colours.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Look {
    palette: usize,
    source: usize,
    floor_db: f32,
    top_db: f32,
}

impl Look {
    /// 256 colours from floor to top.
    fn colors(&self) -> [Color32; 256] {
        std::array::from_fn(|i| {
            let color = PALETTES[self.palette].1.eval_rational(i, 256);
            Color32::from_rgb(color.r, color.g, color.b)
        })
    }
}

/// What the spectrogram knows between frames.
pub struct Spectrogram {
    look: Look,
    seconds: usize,
    texture: Option<Texture>,
}

impl Default for Spectrogram {
    fn default() -> Self {
        let look = Look { palette: 0, source: 1, floor_db: -100.0, top_db: 0.0 };
        Self { look, seconds: 1, texture: None }
    }
}

impl Spectrogram {
    /// Draws the picture into `plot` and its controls into `footer`.
    pub fn draw(
        &mut self,
        ui: &mut Ui,
        plot: Rect,
        footer: Rect,
        view: &ViewModel<'_>,
        gestures: &mut Gestures,
    ) {
        let response = ui.interact(plot, ui.scope_id().with("spectrogram"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Spectrogram"));
        ui.painter().rect_filled(plot, CornerRadius::ZERO, theme::PLOT);
        let texture = self.texture.get_or_insert_with(|| Texture::new(ui, view.axis(), self.look));
        texture.follow(view, self.look);
        let seconds = SECONDS[self.seconds].1;
        texture.paint(ui.painter(), plot, seconds);
        time_axis(ui.painter(), plot, seconds);
        say(ui.painter(), plot, view);
        let controls_end = self.controls(ui, footer, gestures);
        let (text, ink) = if let Some(place) = response.hover_pos() {
            let ago_s = egui::remap_clamp(place.y, plot.y_range(), 0.0..=seconds);
            let hz = view.axis().hz_at(place.x, plot.x_range());
            (self.read_out(view, hz, ago_s), theme::TEXT)
        } else {
            (format!("spectrogram of the {}", HELD[self.look.source]), theme::TEXT_DIM)
        };
        let painter = ui.painter().with_clip_rect(footer.with_min_x(controls_end));
        painter.text(footer.right_center(), Align2::RIGHT_CENTER, text, theme::caption(), ink);
    }

    /// Source, history, colours and range. Returns where they end.
    fn controls(&mut self, ui: &mut Ui, footer: Rect, gestures: &mut Gestures) -> f32 {
        let mut left = footer.left();
        let mut next = |width: f32| {
            let place = Rect::from_min_size(pos2(left, footer.top()), vec2(width, footer.height()));
            left += width + theme::STEP;
            place
        };
        let tooltip = "Source: levels before (input) or after the gains (output)";
        let rect = next(76.0);
        let cell = Cell { name: "Spectrogram source", tooltip, rect };
        self.look.source =
            list(ui, &cell, rect, &SOURCES, self.look.source).unwrap_or(self.look.source);
        let tooltip = "History: seconds from the top of the picture to its bottom";
        let rect = next(62.0);
        let cell = Cell { name: "History", tooltip, rect };
        let names = SECONDS.map(|(name, _)| name);
        self.seconds = list(ui, &cell, rect, &names, self.seconds).unwrap_or(self.seconds);
        let tooltip = "Colour map";
        let rect = next(86.0);
        let cell = Cell { name: "Colour map", tooltip, rect };
        let names = PALETTES.map(|(name, _)| name);
        self.look.palette =
            list(ui, &cell, rect, &names, self.look.palette).unwrap_or(self.look.palette);
        let (floor_db, top_db) = (self.look.floor_db, self.look.top_db);
        let tooltip = "Darkest level in dB of full scale. Drag, or double-click for −100 dB";
        let rect = next(58.0);
        let floor = range_end(floor_db, -140.0..=top_db - 10.0, -100.0);
        let cell = Cell { name: "Darkest level", tooltip, rect };
        if let Some(edited) = dragged_number(ui, &cell, rect, &floor, gestures) {
            self.look.floor_db = edited.value;
        }
        let ramp = next(72.0).shrink2(vec2(0.0, 6.0));
        color_ramp(ui.painter(), ramp, &self.look.colors());
        let tooltip = "Brightest level in dB of full scale. Drag, or double-click for 0 dB";
        let rect = next(58.0);
        let top = range_end(top_db, floor_db + 10.0..=0.0, 0.0);
        let cell = Cell { name: "Brightest level", tooltip, rect };
        if let Some(edited) = dragged_number(ui, &cell, rect, &top, gestures) {
            self.look.top_db = edited.value;
        }
        left
    }

    fn read_out(&self, view: &ViewModel<'_>, hz: f64, ago_s: f32) -> String {
        let rows = view.history.rows();
        let back = index(ago_s / single(COLUMN_MS / 1000.0));
        let level = rows.len().checked_sub(back + 1).map(|i| {
            let row = &rows[i];
            let place = Place::of(&row.bank, &view.axis(), hz);
            let level_db = place.read(levels(row, self.look));
            if level_db > SILENCE_DB {
                axis::db_text(level_db) + "FS"
            } else {
                "silence".to_owned()
            }
        });
        let note = axis::note_text(hz).map_or_else(String::new, |note| format!("  {note}"));
        let level = level.unwrap_or_else(|| "–".to_owned());
        format!("{}{note}   −{ago_s:.2} s   {level}", axis::hz_text(hz))
    }
}

fn levels(row: &Row, look: Look) -> &[f32] {
    if look.source == 0 { &row.input_db } else { &row.output_db }
}

fn range_end(db: f32, range: std::ops::RangeInclusive<f32>, default: f32) -> Number {
    let text = if db < 0.0 { format!("−{} dB", -db) } else { format!("{db} dB") };
    Number {
        value: db,
        text,
        range,
        default,
        per_point: 0.5,
        per_notch: 5.0,
        step: 1.0,
        bar: false,
    }
}

fn color_ramp(painter: &Painter, place: Rect, colors: &[Color32; 256]) {
    for (i, color) in colors.iter().step_by(8).enumerate() {
        let x = |i: usize| egui::lerp(place.x_range(), points(i) / 32.0);
        let part = Rect::from_x_y_ranges(x(i)..=x(i + 1), place.y_range());
        painter.rect_filled(part, CornerRadius::ZERO, *color);
    }
}

/// Seconds before now, on the left.
fn time_axis(painter: &Painter, plot: Rect, seconds: f32) {
    let step = if seconds > 5.0 { 2.0 } else { 1.0 };
    let wide = plot.height() / seconds * step >= 18.0;
    let step = if wide { step } else { seconds / 2.0 };
    let mut ago = step;
    while ago < seconds - 0.01 {
        let y = egui::lerp(plot.y_range(), ago / seconds);
        painter.hline(plot.left() - 4.0..=plot.left(), y, (1.0, theme::GRID_STRONG));
        let place = pos2(plot.left() - 6.0, y);
        let text = format!("−{ago} s");
        painter.text(place, Align2::RIGHT_CENTER, text, theme::caption(), theme::TEXT_DIM);
        ago += step;
    }
}

/// What an empty picture says.
fn say(painter: &Painter, plot: Rect, view: &ViewModel<'_>) {
    let text = match view.sound {
        _ if view.achieved.is_none() => return,
        Sound::Heard => return,
        Sound::Still => "The host is not playing",
        Sound::Silent => "No input",
    };
    let place = plot.right_top() + vec2(-6.0, 6.0);
    theme::patch(painter, Align2::RIGHT_TOP, place, text, theme::body(), theme::TEXT);
}

/// Where a frequency lies between two bands.
#[derive(Clone, Copy)]
struct Place {
    left: usize,
    right: usize,
    part: f32,
}

impl Place {
    fn of(bank: &Bank, axis: &FrequencyAxis, hz: f64) -> Self {
        let centres_hz = bank.centres_hz();
        let above = centres_hz.partition_point(|&centre| centre < hz);
        let left = above.saturating_sub(1);
        let right = above.min(centres_hz.len() - 1);
        let [a, b] = [left, right].map(|k| axis.fraction(centres_hz[k]));
        let part = if b > a { ((axis.fraction(hz) - a) / (b - a)).clamp(0.0, 1.0) } else { 0.0 };
        Self { left, right, part }
    }

    fn read(self, levels_db: &[f32]) -> f32 {
        egui::lerp(levels_db[self.left]..=levels_db[self.right], self.part)
    }
}

/// A ring of rows on the graphics card: a new row overwrites the oldest.
struct Texture {
    handle: TextureHandle,
    axis: FrequencyAxis,
    look: Look,
    colors: [Color32; 256],
    /// How many rows have ever been uploaded.
    rows: u64,
    /// For the bank of the last row: where each texel lies between its bands.
    places: Option<(Arc<Bank>, Vec<Place>)>,
}

impl Texture {
    fn new(ui: &Ui, axis: FrequencyAxis, look: Look) -> Self {
        let empty = ColorImage::filled([TEXELS, ROWS], theme::PLOT);
        let handle = ui.ctx().load_texture("spectrogram", empty, OPTIONS);
        Self { handle, axis, look, colors: look.colors(), rows: 0, places: None }
    }

    /// Uploads the rows that have arrived, one by one; all at once when axis or look have changed.
    fn follow(&mut self, view: &ViewModel<'_>, look: Look) {
        let rows = view.history.rows();
        let arrived = view.history.arrived();
        let renewed = (self.axis, self.look) != (view.axis(), look);
        if renewed {
            (self.axis, self.look, self.colors) = (view.axis(), look, look.colors());
            self.places = None;
            self.rows = 0;
        }
        let missing = usize::try_from(arrived - self.rows).unwrap_or(usize::MAX);
        let fresh = missing.min(rows.len());
        let mut picture = renewed.then(|| ColorImage::filled([TEXELS, ROWS], theme::PLOT));
        for (behind, row) in (1..=fresh).rev().zip(rows.iter().skip(rows.len() - fresh)) {
            let slot = Self::slot(arrived - behind as u64);
            let colors = self.row_colors(row);
            match &mut picture {
                Some(picture) => {
                    picture.pixels[slot * TEXELS..(slot + 1) * TEXELS].copy_from_slice(&colors);
                }
                None => {
                    let image = ColorImage::new([TEXELS, 1], colors);
                    self.handle.set_partial([0, slot], image, OPTIONS);
                }
            }
        }
        self.rows = arrived;
        if let Some(picture) = picture {
            self.handle.set(picture, OPTIONS);
        }
    }

    /// Where in the ring the row lies that arrived as number `row`.
    fn slot(row: u64) -> usize {
        usize::try_from(row % ROWS as u64).unwrap_or(0)
    }

    fn row_colors(&mut self, row: &Row) -> Vec<Color32> {
        let axis = self.axis;
        let known = self.places.take().filter(|(bank, _)| Arc::ptr_eq(bank, &row.bank));
        let (bank, places) = known.unwrap_or_else(|| {
            let place = |hz| Place::of(&row.bank, &axis, hz);
            (row.bank.clone(), axis.grid_hz(TEXELS).into_iter().map(place).collect())
        });
        let levels_db = levels(row, self.look);
        let scale = 255.0 / (self.look.top_db - self.look.floor_db);
        let color = |place: &Place| {
            let shade = (place.read(levels_db) - self.look.floor_db) * scale;
            self.colors[index(shade).min(255)]
        };
        let colors = places.iter().map(color).collect();
        self.places = Some((bank, places));
        colors
    }

    /// Paints the newest `seconds`, newest on top; the ring goes round by texture wrap.
    fn paint(&self, painter: &Painter, plot: Rect, seconds: f32) {
        let newest = points(Self::slot(self.rows)) / points(ROWS);
        let visible = seconds / single(COLUMN_MS / 1000.0) / points(ROWS);
        let uv = Rect::from_min_max(pos2(0.0, newest), pos2(1.0, newest - visible));
        let mut mesh = Mesh::with_texture(self.handle.id());
        mesh.add_rect_with_uv(plot, uv, Color32::WHITE);
        painter.add(mesh);
        debug_assert!(real(ROWS) * COLUMN_MS / 1000.0 >= f64::from(seconds), "history is kept");
    }
}

const OPTIONS: TextureOptions =
    TextureOptions { wrap_mode: TextureWrapMode::Repeat, ..TextureOptions::LINEAR };
