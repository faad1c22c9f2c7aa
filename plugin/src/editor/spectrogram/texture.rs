//! The picture on the graphics card: a ring of lines, of which only new ones are uploaded.

use crate::editor::spectrogram::colours::ColourMapping;
use crate::editor::spectrogram::columns::{Columns, Sum};
use crate::editor::spectrogram::frozen::Offsets;
use crate::editor::view::axes::FrequencyAxis;
use crate::editor::view::cast::{index, points, single};
use crate::editor::view::tokens;
use egui::{
    Color32, ColorImage, Mesh, Painter, Rect, TextureHandle, TextureOptions, TextureWrapMode, Ui,
    pos2,
};
use erbium_dsp::display::DisplayBank;
use std::sync::Arc;

/// Texels across the axis.
const TEXELS: usize = 512;
/// Lines of the ring.
const LINES: usize = 1024;

const OPTIONS: TextureOptions =
    TextureOptions { wrap_mode: TextureWrapMode::Repeat, ..TextureOptions::LINEAR };

/// What decides the lines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// The axis along a line.
    pub axis: FrequencyAxis,
    /// The colours.
    pub mapping: ColourMapping,
    /// How many columns a line holds: their highest levels, so that nothing is ever skipped.
    pub columns: usize,
    /// The lines on the screen.
    pub lines: usize,
}

impl Plan {
    /// The plan for a history on a height in pixels: as many lines as can be distinguished.
    #[must_use]
    pub fn new(axis: FrequencyAxis, mapping: ColourMapping, columns: usize, pixels: f32) -> Self {
        let most = index(pixels).clamp(1, LINES - 2);
        let per_line = columns.div_ceil(most).max(1);
        Self { axis, mapping, columns: per_line, lines: columns.div_ceil(per_line).min(LINES - 2) }
    }

    /// The number of the line a column is on.
    fn line(&self, column: u64) -> u64 {
        column / self.columns as u64
    }

    /// The columns shown when `arrived` have ever arrived: the newest line is often incomplete.
    #[must_use]
    pub fn shown(&self, arrived: u64) -> std::ops::Range<u64> {
        let newest = self.line(arrived.saturating_sub(1));
        let oldest = (newest + 1).saturating_sub(self.lines as u64);
        oldest * self.columns as u64..arrived
    }

    /// The columns at a height, 0 at the newest and 1 at the oldest.
    #[must_use]
    pub fn columns_at(&self, arrived: u64, down: f32) -> Option<std::ops::Range<u64>> {
        let newest = self.line(arrived.checked_sub(1)?);
        let back = index(down.clamp(0.0, 1.0) * points(self.lines)).min(self.lines - 1) as u64;
        let first = newest.checked_sub(back)? * self.columns as u64;
        Some(first..(first + self.columns as u64).min(arrived))
    }
}

/// A ring of lines on the graphics card: a new line overwrites the oldest.
pub struct Texture {
    handle: TextureHandle,
    plan: Plan,
    colors: [Color32; 256],
    offsets: Offsets,
    /// Columns uploaded.
    done: u64,
    /// For the bank of the last line: the row of each texel, or none beyond its ends.
    places: Option<(Arc<DisplayBank>, Vec<Option<usize>>)>,
}

impl Texture {
    /// An empty picture.
    #[must_use]
    pub fn new(ui: &Ui, plan: Plan) -> Self {
        let empty = ColorImage::filled([TEXELS, LINES], tokens::DARK.plot);
        let handle = ui.ctx().load_texture("spectrogram", empty, OPTIONS);
        Self {
            handle,
            plan,
            colors: plan.mapping.colors(),
            offsets: Offsets::NONE,
            done: 0,
            places: None,
        }
    }

    /// Uploads the lines that are new or have grown, one by one; all at once when the plan is new.
    pub fn update(&mut self, columns: &Columns, plan: Plan, offsets: &Offsets) {
        let arrived = columns.arrived();
        let renewed = self.plan != plan || self.offsets != *offsets;
        if renewed {
            self.offsets = offsets.clone();
            (self.plan, self.colors, self.places) = (plan, plan.mapping.colors(), None);
        } else if arrived == self.done {
            return;
        }
        let newest = plan.line(arrived.saturating_sub(1));
        let oldest_shown = (newest + 1).saturating_sub(plan.lines as u64);
        let first = if renewed { oldest_shown } else { plan.line(self.done).max(oldest_shown) };
        let mut whole = renewed.then(|| ColorImage::filled([TEXELS, LINES], tokens::DARK.plot));
        for line in first..=newest {
            let start = line * plan.columns as u64;
            let Some(sum) = columns.sum(start..start + plan.columns as u64) else { continue };
            let colors = self.line_colors(&sum);
            let slot = slot(line);
            match &mut whole {
                Some(whole) => {
                    whole.pixels[slot * TEXELS..(slot + 1) * TEXELS].copy_from_slice(&colors);
                }
                None => {
                    let image = ColorImage::new([TEXELS, 1], colors);
                    self.handle.set_partial([0, slot], image, OPTIONS);
                }
            }
        }
        self.done = arrived;
        if let Some(whole) = whole {
            self.handle.set(whole, OPTIONS);
        }
    }

    fn line_colors(&mut self, sum: &Sum) -> Vec<Color32> {
        if !sum.contiguous {
            // A gap in time: what is above is later sound.
            return vec![tokens::DARK.text_dim; TEXELS];
        }
        let plan = self.plan;
        let known = self.places.take().filter(|(bank, _)| Arc::ptr_eq(bank, &sum.bank));
        let (bank, places) =
            known.unwrap_or_else(|| (sum.bank.clone(), rows(&sum.bank, &plan.axis)));
        let color = |row: &Option<usize>| {
            let row = (*row)?;
            let value_db = plan
                .mapping
                .value_db(sum.levels.pre[row], self.offsets.post(row, sum.levels.post[row]))?;
            Some(self.colors[plan.mapping.shade(value_db)])
        };
        let colors = places.iter().map(|row| color(row).unwrap_or(tokens::DARK.plot)).collect();
        self.places = Some((bank, places));
        colors
    }

    /// Paints the newest lines, newest on top; the ring wraps by texture repeat.
    pub fn paint(&self, painter: &Painter, plot: Rect) {
        let newest = slot(self.plan.line(self.done.saturating_sub(1)));
        // From the middle of the newest to that of the oldest: beyond them lies the other end.
        let top = (points(newest) + 0.5) / points(LINES);
        let bottom = top - points(self.plan.lines - 1) / points(LINES);
        let uv = Rect::from_min_max(pos2(0.0, top), pos2(1.0, bottom));
        let mut mesh = Mesh::with_texture(self.handle.id());
        let tint = Color32::WHITE.gamma_multiply(tokens::SPECTROGRAM_BRIGHTNESS).to_opaque();
        mesh.add_rect_with_uv(plot, uv, tint);
        painter.add(mesh);
    }
}

/// Where in the ring a line lies.
fn slot(line: u64) -> usize {
    usize::try_from(line % LINES as u64).unwrap_or(0)
}

/// For each texel the row of the bank that is nearest in frequency.
fn rows(bank: &DisplayBank, axis: &FrequencyAxis) -> Vec<Option<usize>> {
    axis.grid_hz(TEXELS).into_iter().map(|hz| row_at(bank, hz)).collect()
}

/// The row of a bank that is nearest to a frequency, unless it lies beyond them.
#[must_use]
pub fn row_at(bank: &DisplayBank, hz: f64) -> Option<usize> {
    let rows_hz = bank.rows_hz();
    let (low_hz, high_hz) = (*rows_hz.first()?, *rows_hz.last()?);
    let scale = bank.spec().scale;
    let [low, high, here] = [low_hz, high_hz, hz].map(|hz| scale.units_from_hz(hz));
    let row = single((here - low) / (high - low)) * points(rows_hz.len() - 1);
    let inside = (-0.5..points(rows_hz.len())).contains(&row);
    inside.then(|| index(row.round()).min(rows_hz.len() - 1))
}
