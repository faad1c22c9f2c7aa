//! Spectra as lines over a plot with the frequency axis of the window.

use crate::editor::view::axes::FrequencyAxis;
use crate::editor::view::cast::single;
use crate::editor::view::theme;
use crate::editor::view::tokens::{self, size, space};
use egui::{Align2, Color32, Painter, Pos2, Rect, Shape, Stroke, pos2};

/// Where a tilt is 0 dB, in hertz.
const TILT_PIVOT_HZ: f64 = 1_000.0;
/// Below this frequency in hertz a tilt goes no further: 0 Hz is infinitely many octaves away.
const TILT_LOWEST_HZ: f64 = 10.0;

/// Which spectra are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SpectrumLine {
    /// None.
    #[default]
    Off,
    /// The moment's, with time weighting F.
    Live,
    /// The average.
    Average,
    /// The highest levels.
    PeakHold,
    /// L5, L50 and L95.
    Percentiles,
}

impl SpectrumLine {
    /// Every choice, in order.
    pub const ALL: [Self; 5] =
        [Self::Off, Self::Live, Self::Average, Self::PeakHold, Self::Percentiles];

    /// The name on the screen.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "Off",
            Self::Live => "Live",
            Self::Average => "Average",
            Self::PeakHold => "Peak hold",
            Self::Percentiles => "Percentiles",
        }
    }
}

/// What is added to a drawn spectrum: so many dB an octave, around 1 kHz. Spectra of music fall by some
/// 3 to 4.5 dB an octave, so that tilted they lie level, and what stands out is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tilt {
    /// Levels as they are.
    #[default]
    None,
    /// 3 dB an octave.
    Three,
    /// 4.5 dB an octave.
    FourAndAHalf,
}

impl Tilt {
    /// Every choice, in order.
    pub const ALL: [Self; 3] = [Self::None, Self::Three, Self::FourAndAHalf];

    /// In dB an octave.
    #[must_use]
    pub const fn db_per_octave(self) -> f32 {
        match self {
            Self::None => 0.0,
            Self::Three => 3.0,
            Self::FourAndAHalf => 4.5,
        }
    }

    /// What is added at a frequency in hertz, in dB.
    #[must_use]
    pub fn db(self, hz: f64) -> f32 {
        self.db_per_octave() * single((hz.max(TILT_LOWEST_HZ) / TILT_PIVOT_HZ).log2())
    }
}

/// The levels at the foot and at the top of where lines are drawn, and how levels read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelScale {
    /// In dB of full scale.
    pub floor_db: f32,
    /// In dB of full scale.
    pub top_db: f32,
    /// The sound pressure level in dB of 0 dB of full scale, where it is known.
    pub calibration_db: Option<f32>,
    /// What is added to levels.
    pub tilt: Tilt,
}

impl LevelScale {
    /// The height of a level at a frequency in hertz, within `rect`.
    #[must_use]
    pub fn y(&self, level_db: f32, hz: f64, rect: Rect) -> f32 {
        let tilted_db = level_db + self.tilt.db(hz);
        egui::remap_clamp(tilted_db, self.floor_db..=self.top_db, rect.bottom()..=rect.top())
    }
}

/// Draws spectra over `rect`, each with its colour; `rows_hz` are the frequencies of their levels in dB of
/// full scale. What is beyond the axis is left out.
pub fn draw_lines(
    painter: &Painter,
    rect: Rect,
    axis: &FrequencyAxis,
    rows_hz: &[f64],
    lines: &[(Vec<f32>, Color32)],
    scale: &LevelScale,
) {
    let painter = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    let places = |levels_db: &[f32]| -> Vec<Pos2> {
        let rows = rows_hz.iter().zip(levels_db).filter(|(hz, _)| axis.contains(**hz));
        let place = |(hz, level_db): (&f64, &f32)| {
            pos2(axis.x(*hz, rect.x_range()), scale.y(*level_db, *hz, rect))
        };
        rows.map(place).collect()
    };
    let lines: Vec<_> = lines.iter().map(|(levels, ink)| (places(levels), *ink)).collect();
    // A dark edge sets them off from whatever colour lies behind.
    for (places, _) in &lines {
        let edge = Stroke::new(3.5, tokens::DARK.plot.gamma_multiply(0.6));
        painter.add(Shape::line(places.clone(), edge));
    }
    for (places, ink) in lines {
        painter.add(Shape::line(places, Stroke::new(size::LINE[1], ink.gamma_multiply(0.9))));
    }
}

/// Draws the levels of top, middle and foot inside the left edge of `rect`. Returns how far they reach.
pub fn draw_scale(painter: &Painter, rect: Rect, scale: &LevelScale) -> f32 {
    let offset_db = scale.calibration_db.unwrap_or(0.0);
    let middle_db = f32::midpoint(scale.floor_db, scale.top_db);
    let mut right = rect.left();
    for (level_db, y, anchor) in [
        (scale.top_db, rect.top(), Align2::LEFT_TOP),
        (middle_db, rect.center().y, Align2::LEFT_CENTER),
        (scale.floor_db, rect.bottom(), Align2::LEFT_BOTTOM),
    ] {
        let text = format!("{:.0}", level_db + offset_db).replace('-', "−");
        let at = pos2(rect.left() + space::SMALL, y);
        let patch = theme::patch(
            painter,
            anchor,
            at,
            &text,
            theme::caption(),
            theme::of(painter.ctx()).text,
        );
        right = right.max(patch.right());
    }
    let line = Stroke::new(size::LINE[0], tokens::DARK.grid_strong);
    painter.hline(rect.x_range(), rect.bottom(), line);
    right
}

/// Writes what the lines are beside their scale. Text is wrapped before it comes under a message in the
/// right corner.
pub fn draw_legend(painter: &Painter, rect: Rect, left: f32, text: &str) {
    const MESSAGE: f32 = 260.0;
    let rect = rect.with_min_x(left + space::SMALL);
    let painter = painter.with_clip_rect(rect.with_max_x(rect.right() - MESSAGE));
    let ink = theme::of(painter.ctx()).text;
    theme::patch(&painter, Align2::LEFT_TOP, rect.left_top(), text, theme::caption(), ink);
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECT: Rect = Rect { min: pos2(10.0, 20.0), max: pos2(110.0, 120.0) };

    #[test]
    fn a_tilt_is_so_many_db_an_octave_around_1_khz() {
        for (tilt, db) in [(Tilt::None, 0.0), (Tilt::Three, 3.0), (Tilt::FourAndAHalf, 4.5)] {
            assert_eq!(tilt.db(1_000.0), 0.0);
            assert!((tilt.db(4_000.0) - 2.0 * db).abs() < 1e-4);
            assert!((tilt.db(500.0) + db).abs() < 1e-4);
            assert!(tilt.db(0.0).is_finite());
        }
    }

    #[test]
    fn levels_lie_between_foot_and_top() {
        let tilt = Tilt::Three;
        let scale = LevelScale { floor_db: -90.0, top_db: 0.0, calibration_db: Some(120.0), tilt };
        assert_eq!(scale.y(-45.0, 1_000.0, RECT), 70.0);
        let octave_up = scale.y(-45.0, 2_000.0, RECT);
        assert!((octave_up - (70.0 - 3.0 / 90.0 * 100.0)).abs() < 1e-3, "{octave_up}");
        assert_eq!(scale.y(-200.0, 1_000.0, RECT), 120.0);
        assert_eq!(scale.y(50.0, 1_000.0, RECT), 20.0);
    }
}
