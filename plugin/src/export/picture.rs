//! Levels over time as a picture with axes and colour scale.

use super::font::{self, FONT};
use super::output_file::OutputFile;
use super::{Caption, Raster, write_png};
use crate::message::one_line;
use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::ops::Range;

const SIZE: (i32, i32) = (1400, 700);
/// Left, top, right and bottom edge of the raster.
const RASTER: (i32, i32, i32, i32) = (84, 58, 1280, 630);
/// Left and right edge of the colour bar.
const BAR: (i32, i32) = (1304, 1322);
const INK: RGBColor = RGBColor(32, 32, 40);
const PALE: RGBColor = RGBColor(110, 110, 122);
/// The lowest frequency shown: what lies below cannot be heard as a tone.
const LOWEST_HZ: f64 = 20.0;

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// Draws the picture.
pub(super) fn draw(raster: &Raster, caption: &Caption<'_>, output: &OutputFile) -> Result<()> {
    font::register()?;
    let size = (SIZE.0.unsigned_abs(), SIZE.1.unsigned_abs());
    let mut pixels = vec![0; usize::try_from(3 * size.0 * size.1)?];
    let area = BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area();
    Frame::new(raster, caption).draw(&area)?;
    drop(area);
    write_png(&pixels, size, output)
}

/// What lies where.
struct Frame<'a> {
    raster: &'a Raster,
    caption: &'a Caption<'a>,
    floor_db: f64,
    top_db: f64,
    duration_s: f64,
    /// Scale units at the lower and the upper edge.
    units: (f64, f64),
}

impl<'a> Frame<'a> {
    fn new(raster: &'a Raster, caption: &'a Caption<'a>) -> Self {
        let columns = f64::from(u32::try_from(raster.columns()).unwrap_or(u32::MAX));
        Self {
            raster,
            caption,
            floor_db: f64::from(caption.floor_db),
            top_db: f64::from(caption.top_db),
            duration_s: columns * raster.hop_s,
            units: (
                raster.scale.units_from_hz(LOWEST_HZ),
                raster.scale.units_from_hz(raster.highest_hz),
            ),
        }
    }

    fn draw(&self, area: &Area) -> Result<()> {
        area.fill(&WHITE).map_err(|error| anyhow!("{error}"))?;
        self.draw_raster(area)?;
        self.draw_frame(area).map_err(|error| anyhow!(error))
    }

    /// What stands around the raster.
    fn draw_frame(&self, area: &Area) -> Result<(), String> {
        self.draw_colours(area)?;
        self.draw_times(area)?;
        self.draw_frequencies(area)?;
        let (left, top, right, bottom) = RASTER;
        outline(area, (left - 1, top - 1), (right, bottom))?;
        label(area, &one_line(self.caption.title), (left, 30), 26, INK, (HPos::Left, VPos::Center))
    }

    fn draw_raster(&self, area: &Area) -> Result<()> {
        let (left, top, right, bottom) = RASTER;
        let bands = self.weights(bottom - top);
        let (rows, columns) = (self.raster.rows_hz.len(), self.raster.columns());
        let mut levels_db = vec![0.0; bands.len()];
        for x in left..right {
            levels_db.fill(f64::NEG_INFINITY);
            for block in self.raster.blocks(column_range(x - left, right - left, columns)) {
                let block = self.raster.levels_db.read(block)?;
                for (level_db, &(k, share)) in levels_db.iter_mut().zip(&bands) {
                    let level = |column: &[f32]| {
                        let [low, high] = [column[k], column[k + 1]].map(f64::from);
                        low + share * (high - low)
                    };
                    *level_db = block.chunks_exact(rows).map(level).fold(*level_db, f64::max);
                }
            }
            for (y, level_db) in (top..bottom).zip(&levels_db) {
                let drawn = pixel(area, (x, y), self.colour(*level_db));
                drawn.map_err(|error| anyhow!(error))?;
            }
        }
        Ok(())
    }

    /// For each row of pixels, from the top: the band below, and how far up to the next one it is.
    fn weights(&self, rows: i32) -> Vec<(usize, f64)> {
        let scale = self.raster.scale;
        let centres = self.raster.rows_hz.iter().map(|&hz| scale.units_from_hz(hz));
        let centres: Vec<_> = centres.collect();
        (0..rows)
            .map(|row| {
                let up = 1.0 - (f64::from(row) + 0.5) / f64::from(rows);
                let units = self.units.0 + up * (self.units.1 - self.units.0);
                let above = centres.partition_point(|&centre| centre <= units);
                let k = above.clamp(1, centres.len() - 1) - 1;
                let width = (centres[k + 1] - centres[k]).max(f64::MIN_POSITIVE);
                (k, ((units - centres[k]) / width).clamp(0.0, 1.0))
            })
            .collect()
    }

    fn colour(&self, level_db: f64) -> RGBColor {
        let share = (level_db - self.floor_db) / (self.top_db - self.floor_db);
        let [red, green, blue] = (self.caption.color)(share.clamp(0.0, 1.0));
        RGBColor(red, green, blue)
    }

    fn draw_colours(&self, area: &Area) -> Result<(), String> {
        let (_, top, _, bottom) = RASTER;
        let (left, right) = BAR;
        let level_db = |y: i32| {
            let up = f64::from(bottom - 1 - y) / f64::from(bottom - 1 - top);
            self.floor_db + up * (self.top_db - self.floor_db)
        };
        for y in top..bottom {
            let colour = self.colour(level_db(y));
            for x in left..right {
                pixel(area, (x, y), colour)?;
            }
        }
        outline(area, (left - 1, top - 1), (right, bottom))?;
        for tick_db in ticks(self.floor_db, self.top_db, 10) {
            let up = (tick_db - self.floor_db) / (self.top_db - self.floor_db);
            let y = bottom - 1 - nearest(up * f64::from(bottom - 1 - top));
            line(area, (right, y), (right + 5, y), INK)?;
            let text = format!("{tick_db:.0}").replace('-', "\u{2212}");
            label(area, &text, (right + 10, y), 17, INK, (HPos::Left, VPos::Center))?;
        }
        label(area, "dB", (left, top - 14), 17, PALE, (HPos::Left, VPos::Center))
    }

    fn draw_times(&self, area: &Area) -> Result<(), String> {
        let (left, _, right, bottom) = RASTER;
        for tick_s in ticks(0.0, self.duration_s, 12) {
            let x = left + nearest(tick_s / self.duration_s * f64::from(right - left));
            line(area, (x, bottom), (x, bottom + 6), INK)?;
            let text = format!("{}", (tick_s * 1e6).round() / 1e6);
            label(area, &text, (x, bottom + 12), 17, INK, (HPos::Center, VPos::Top))?;
        }
        let middle = (left + right) / 2;
        label(area, "time / s", (middle, bottom + 38), 17, PALE, (HPos::Center, VPos::Top))
    }

    fn draw_frequencies(&self, area: &Area) -> Result<(), String> {
        let (left, top, _, bottom) = RASTER;
        let mut taken: Vec<i32> = Vec::new();
        for hz in frequency_ticks(self.raster.highest_hz) {
            let units = self.raster.scale.units_from_hz(hz);
            let up = (units - self.units.0) / (self.units.1 - self.units.0);
            let y = bottom - 1 - nearest(up * f64::from(bottom - 1 - top));
            if y < top || y > bottom - 1 || taken.iter().any(|other| (y - other).abs() < 22) {
                continue;
            }
            taken.push(y);
            line(area, (left - 7, y), (left - 2, y), INK)?;
            let text = if hz < 1000.0 { format!("{hz}") } else { format!("{} k", hz / 1000.0) };
            label(area, &text, (left - 12, y), 17, INK, (HPos::Right, VPos::Center))?;
        }
        label(area, "Hz", (left - 12, top - 14), 17, PALE, (HPos::Right, VPos::Center))
    }
}

/// Frequencies worth a label up to `highest_hz`, the most welcome first.
fn frequency_ticks(highest_hz: f64) -> Vec<f64> {
    let decades = [10.0, 100.0, 1000.0, 10_000.0, 100_000.0];
    let multiples = [1.0, 5.0, 2.0, 3.0, 7.0, 4.0, 6.0, 1.5];
    multiples
        .iter()
        .flat_map(|multiple| decades.map(|decade| multiple * decade))
        .filter(|&hz| (LOWEST_HZ..=highest_hz).contains(&hz))
        .collect()
}

/// Round numbers from `low` to `high`, about `wanted` of them.
fn ticks(low: f64, high: f64, wanted: u8) -> Vec<f64> {
    let rough = (high - low) / f64::from(wanted);
    let decade = 10.0_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * decade);
    let step = steps.into_iter().find(|&step| step >= rough).unwrap_or(10.0 * decade);
    let first = (low / step - 1e-9).ceil();
    let last = (high / step + 1e-9).floor();
    std::iter::successors(Some(first), |n| Some(n + 1.0))
        .take_while(|&n| n <= last)
        // + 0.0 turns −0 into 0.
        .map(|n| n * step + 0.0)
        .collect()
}

/// The columns shown in a pixel: those it covers, or the one it lies in.
fn column_range(x: i32, width: i32, columns: usize) -> Range<usize> {
    let [x, width] = [x, width].map(|pixels| usize::try_from(pixels).unwrap_or(0));
    let first = x * columns / width;
    let end = (x + 1) * columns / width;
    first..end.max(first + 1)
}

fn pixel(area: &Area, (x, y): (i32, i32), colour: RGBColor) -> Result<(), String> {
    area.draw_pixel((x, y), &colour).map_err(|error| error.to_string())
}

fn line(area: &Area, a: (i32, i32), b: (i32, i32), colour: RGBColor) -> Result<(), String> {
    area.draw(&PathElement::new(vec![a, b], colour)).map_err(|error| error.to_string())
}

fn outline(area: &Area, a: (i32, i32), b: (i32, i32)) -> Result<(), String> {
    area.draw(&Rectangle::new([a, b], INK)).map_err(|error| error.to_string())
}

fn label(
    area: &Area,
    text: &str,
    at: (i32, i32),
    size: u32,
    colour: RGBColor,
    (horizontal, vertical): (HPos, VPos),
) -> Result<(), String> {
    let style = (FONT, size).into_font().color(&colour).pos(Pos::new(horizontal, vertical));
    area.draw_text(text, &style, at).map_err(|error| error.to_string())
}

/// The nearest whole number of pixels.
#[expect(clippy::cast_possible_truncation)]
fn nearest(pixels: f64) -> i32 {
    pixels.round() as i32
}
