//! Numbers as pictures: rasters and curves with axes.

use anyhow::{Result, anyhow};
use colorous::MAGMA;
use erbium::export::font::{self, FONT};
use erbium::export::output_file::OutputFile;
use erbium::export::write_png;
use erbium::message::one_line;
use plotters::coord::Shift;
use plotters::prelude::*;

const SIZE: (u32, u32) = (1400, 700);
const INK: RGBColor = RGBColor(32, 32, 40);
/// Width of the colour bar with its labels.
const BAR: u32 = 124;

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// An axis: what it measures, and from where to where.
pub struct Axis<'a> {
    /// What is measured, with its unit.
    pub label: &'a str,
    /// Lower and upper end.
    pub range: (f64, f64),
    /// How a position is written.
    pub format: &'a dyn Fn(f64) -> String,
}

/// A raster of values, the first row at the bottom.
pub struct Raster<'a> {
    /// What is shown.
    pub title: &'a str,
    /// Rows and columns.
    pub shape: (usize, usize),
    /// The values, row after row.
    pub values: &'a [f64],
    /// The least and the greatest value that colours tell apart, see [`span`].
    pub span: (f64, f64),
    /// The unit of the values.
    pub unit: &'a str,
    /// The horizontal axis.
    pub x: Axis<'a>,
    /// The vertical axis.
    pub y: Axis<'a>,
}

/// The least and the greatest finite value; infinite the wrong way around where there is none.
pub fn span(values: &[f64]) -> (f64, f64) {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max))
}

/// Draws values as colours.
pub fn draw_raster(raster: &Raster, output: &OutputFile) -> Result<()> {
    draw(output, |area| {
        let (chart, bar) = area.split_horizontally(SIZE.0 - BAR);
        let (low, high) = raster.span;
        let (low, high) = if low < high { (low, high) } else { (low.min(0.0), low.max(0.0) + 1.0) };
        let colour = |value: f64| {
            let colour = MAGMA.eval_continuous(((value - low) / (high - low)).clamp(0.0, 1.0));
            RGBColor(colour.r, colour.g, colour.b)
        };
        let plane = chart_on(&chart, raster.title, &raster.x, &raster.y)?;
        fill(&plane, raster.shape, |row, column| {
            colour(raster.values[row * raster.shape.1 + column])
        })?;
        draw_bar(&bar, (low, high), raster.unit, &colour)
    })
}

/// Draws one curve for each row of values.
pub fn draw_curves(raster: &Raster, output: &OutputFile) -> Result<()> {
    draw(output, |area| {
        let plane = chart_on(area, raster.title, &raster.x, &raster.y)?;
        let (rows, columns) = raster.shape;
        let (width, height) = plane.dim_in_pixel();
        let place = |column: usize, value: f64| {
            let across = real(column) / real(columns.saturating_sub(1).max(1));
            let up = (value - raster.y.range.0) / (raster.y.range.1 - raster.y.range.0);
            (pixels(across * f64::from(width - 1)), pixels((1.0 - up) * f64::from(height - 1)))
        };
        for row in 0..rows {
            let values = &raster.values[row * columns..(row + 1) * columns];
            let points: Vec<_> = values.iter().enumerate().map(|(k, &v)| place(k, v)).collect();
            let share = real(row) / real(rows.saturating_sub(1).max(1));
            let colour = MAGMA.eval_continuous(0.1 + 0.7 * share);
            let colour = RGBColor(colour.r, colour.g, colour.b);
            plane.draw(&PathElement::new(points, colour)).map_err(text)?;
        }
        Ok(())
    })
}

fn draw(output: &OutputFile, content: impl Fn(&Area) -> Result<(), String>) -> Result<()> {
    font::register()?;
    let mut pixels = vec![0; usize::try_from(3 * SIZE.0 * SIZE.1)?];
    let area = BitMapBackend::with_buffer(&mut pixels, SIZE).into_drawing_area();
    let drawn = area.fill(&WHITE).map_err(text).and_then(|()| content(&area));
    drawn.map_err(|error| anyhow!(error))?;
    drop(area);
    write_png(&pixels, SIZE, output)
}

/// Draws title and axes; returns the area between them.
fn chart_on<'a>(area: &Area<'a>, title: &str, x: &Axis, y: &Axis) -> Result<Area<'a>, String> {
    let mut chart = ChartBuilder::on(area)
        .caption(one_line(title), (FONT, 26).into_font().color(&INK))
        .margin(16)
        .margin_right(30)
        .x_label_area_size(56)
        .y_label_area_size(84)
        .build_cartesian_2d(x.range.0..x.range.1, y.range.0..y.range.1)
        .map_err(text)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc(x.label)
        .y_desc(y.label)
        .x_label_formatter(&|value| (x.format)(*value))
        .y_label_formatter(&|value| (y.format)(*value))
        .x_labels(12)
        .y_labels(10)
        .axis_style(INK)
        .label_style((FONT, 17).into_font().color(&INK))
        .draw()
        .map_err(text)?;
    Ok(chart.plotting_area().strip_coord_spec())
}

/// Fills an area with cells, each pixel with the one under its middle.
fn fill(
    area: &Area,
    (rows, columns): (usize, usize),
    colour: impl Fn(usize, usize) -> RGBColor,
) -> Result<(), String> {
    let (width, height) = area.dim_in_pixel();
    let cell = |pixel: u32, pixels: u32, cells: usize| {
        let pixel = usize::try_from(pixel).unwrap_or(0);
        let pixels = usize::try_from(pixels).unwrap_or(1).max(1);
        (2 * pixel + 1) * cells / (2 * pixels)
    };
    for y in 0..height {
        let row = rows - 1 - cell(y, height, rows);
        for x in 0..width {
            let at = (x.cast_signed(), y.cast_signed());
            area.draw_pixel(at, &colour(row, cell(x, width, columns))).map_err(text)?;
        }
    }
    Ok(())
}

fn draw_bar(
    area: &Area,
    (low, high): (f64, f64),
    unit: &str,
    colour: &dyn Fn(f64) -> RGBColor,
) -> Result<(), String> {
    let mut chart = ChartBuilder::on(area)
        .margin_top(58)
        .margin_bottom(72)
        .margin_left(4)
        .margin_right(16)
        .right_y_label_area_size(72)
        .build_cartesian_2d(0.0..1.0, low..high)
        .map_err(text)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .disable_x_axis()
        .y_desc(unit)
        .y_labels(10)
        .axis_style(INK)
        .label_style((FONT, 17).into_font().color(&INK))
        .draw()
        .map_err(text)?;
    let plane = chart.plotting_area().strip_coord_spec();
    fill(&plane, (256, 1), |row, _| colour(low + (high - low) * real(row) / 255.0))
}

fn text(error: impl ToString) -> String {
    error.to_string()
}

/// The nearest whole number of pixels.
#[expect(clippy::cast_possible_truncation)]
fn pixels(value: f64) -> i32 {
    value.round() as i32
}

/// A count as a real number, exact below 2⁵³.
#[expect(clippy::cast_precision_loss)]
const fn real(count: usize) -> f64 {
    count as f64
}
