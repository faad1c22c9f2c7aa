//! Charts of lines over frequency or time.

use erbium::export::font::FONT;
use plotters::coord::Shift;
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint};
use plotters::prelude::*;
use std::ops::Range;

pub type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// Okabe and Ito's colours: told apart with any kind of colour vision.
pub const BLUE: RGBColor = RGBColor(0, 114, 178);
pub const VERMILION: RGBColor = RGBColor(213, 94, 0);
pub const GREEN: RGBColor = RGBColor(0, 158, 115);
pub const PINK: RGBColor = RGBColor(204, 121, 167);
pub const INK: RGBColor = RGBColor(32, 32, 40);
const PALE: RGBColor = RGBColor(110, 110, 122);
const RULE: RGBColor = RGBColor(222, 222, 228);

/// Frequencies worth a label.
const FREQUENCIES_HZ: [f64; 13] =
    [20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5];

/// A line of a chart.
pub struct Line {
    /// What the legend calls it; nothing if empty.
    pub name: &'static str,
    pub colour: RGBColor,
    pub width: u32,
    pub points: Vec<(f64, f64)>,
    /// Points as dots instead of a line through them.
    pub dots: bool,
}

impl Line {
    pub fn new(name: &'static str, colour: RGBColor, points: Vec<(f64, f64)>) -> Self {
        Self { name, colour, width: 2, points, dots: false }
    }
}

/// What lies along the horizontal axis.
pub enum Across {
    /// Frequencies on a logarithmic axis.
    Hz(f64, f64),
    /// Times on a linear one.
    Ms(f64, f64),
}

/// A chart with its axes.
pub struct Chart {
    pub title: String,
    pub across: Across,
    /// The name of the vertical axis, its ends, and the distance of its labels.
    pub up: (&'static str, f64, f64, f64),
    pub lines: Vec<Line>,
}

/// An axis with marks where we want them.
#[derive(Clone)]
struct Axis {
    low: f64,
    high: f64,
    logarithmic: bool,
    marks: Vec<f64>,
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        let share = if self.logarithmic {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        start + nearest(share * f64::from(end - start))
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.marks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl Chart {
    pub fn draw(&self, area: &Area) -> Result<(), String> {
        let (axis, name, label): (_, _, fn(&f64) -> String) = match self.across {
            Across::Hz(low, high) => {
                let marks = FREQUENCIES_HZ.into_iter().filter(|hz| (low..=high).contains(hz));
                let marks = marks.collect();
                (Axis { low, high, logarithmic: true, marks }, "frequency / Hz", frequency)
            }
            Across::Ms(low, high) => {
                let marks = marks(low, high, round_step((high - low) / 12.0));
                (Axis { low, high, logarithmic: false, marks }, "time / ms", number)
            }
        };
        self.draw_over(area, axis, name, &label).map_err(|error| error.to_string())
    }

    fn draw_over<'a>(
        &self,
        area: &Area<'a>,
        across: Axis,
        name: &str,
        label: &dyn Fn(&f64) -> String,
    ) -> Result<(), DrawingAreaErrorKind<<BitMapBackend<'a> as DrawingBackend>::ErrorType>> {
        let (up_name, low, high, step) = self.up;
        let up = Axis { low, high, logarithmic: false, marks: marks(low, high, step) };
        let mut builder = ChartBuilder::on(area);
        if !self.title.is_empty() {
            builder.caption(&self.title, (FONT, 26).into_font().color(&INK));
        }
        let mut chart = builder
            .margin(14)
            .margin_right(30)
            .x_label_area_size(56)
            .y_label_area_size(84)
            .build_cartesian_2d(across, up)?;
        chart
            .configure_mesh()
            .bold_line_style(RULE)
            .light_line_style(TRANSPARENT)
            .axis_style(PALE)
            .label_style((FONT, 18).into_font().color(&INK))
            .axis_desc_style((FONT, 20).into_font().color(&PALE))
            .x_desc(name)
            .y_desc(up_name)
            .x_label_formatter(&label)
            .y_label_formatter(&number)
            .draw()?;
        for line in &self.lines {
            let style = line.colour.stroke_width(line.width);
            let mut first = true;
            for part in visible(&line.points, low, high) {
                let drawn = if line.dots {
                    let dot = |&at: &(f64, f64)| Circle::new(at, 4, line.colour.filled());
                    chart.draw_series(part.iter().map(dot))?
                } else {
                    // Piece by piece, for sharp corners of thick lines would grow spikes.
                    let piece = |ends: &[(f64, f64)]| PathElement::new(ends.to_vec(), style);
                    chart.draw_series(part.windows(2).map(piece))?
                };
                if std::mem::take(&mut first) && !line.name.is_empty() {
                    let (colour, dots) = (line.colour, line.dots);
                    let sample = move |(x, y): (i32, i32)| {
                        // A dot is a short thick line.
                        let (left, right) = if dots { (x + 12, x + 20) } else { (x, x + 28) };
                        let width = if dots { 8 } else { 3 };
                        PathElement::new(vec![(left, y), (right, y)], colour.stroke_width(width))
                    };
                    drawn.label(line.name).legend(sample);
                }
            }
        }
        if self.lines.iter().any(|line| !line.name.is_empty()) {
            chart
                .configure_series_labels()
                .position(SeriesLabelPosition::UpperRight)
                .legend_area_size(34)
                .margin(10)
                .background_style(WHITE.mix(0.9))
                .border_style(RULE)
                .label_font((FONT, 19).into_font().color(&INK))
                .draw()?;
        }
        Ok(())
    }
}

/// The parts of a line between two heights, cut where it crosses them.
fn visible(points: &[(f64, f64)], low: f64, high: f64) -> Vec<Vec<(f64, f64)>> {
    let inside = |y: f64| y >= low && y <= high;
    let mut parts = vec![Vec::new()];
    for (n, &(x, y)) in points.iter().enumerate() {
        let near = |m: usize| points.get(m).is_some_and(|point| inside(point.1));
        if inside(y) {
            parts.last_mut().expect("a part").push((x, y));
        } else if (n > 0 && near(n - 1)) || near(n + 1) {
            let edge = if n > 0 && near(n - 1) { points[n - 1] } else { points[n + 1] };
            let end = y.clamp(low, high);
            let share = (end - edge.1) / (y - edge.1);
            parts.last_mut().expect("a part").push((edge.0 + share * (x - edge.0), end));
            if n > 0 && near(n - 1) {
                parts.push(Vec::new());
            }
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Multiples of `step` from `low` to `high`.
fn marks(low: f64, high: f64, step: f64) -> Vec<f64> {
    let first = (low / step - 1e-9).ceil();
    std::iter::successors(Some(first), |n| Some(n + 1.0))
        .map(|n| n * step + 0.0)
        .take_while(|value| *value <= high + 1e-9 * step)
        .collect()
}

/// The next greater of 1, 2, 5, 10 …
fn round_step(rough: f64) -> f64 {
    let decade = 10.0_f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0].map(|n| n * decade).into_iter().find(|s| *s >= rough).unwrap_or(10.0 * decade)
}

fn frequency(hz: &f64) -> String {
    if *hz < 1000.0 { format!("{hz}") } else { format!("{} k", hz / 1000.0) }
}

fn number(value: &f64) -> String {
    format!("{}", (value * 1e6).round() / 1e6 + 0.0).replace('-', "\u{2212}")
}

/// The nearest whole number of pixels.
#[expect(clippy::cast_possible_truncation)]
fn nearest(pixels: f64) -> i32 {
    pixels.round() as i32
}
