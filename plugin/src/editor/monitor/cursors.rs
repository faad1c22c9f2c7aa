//! Two cursors in the picture of sound, and what lies between them.

use crate::editor::view::axes::{self, FrequencyAxis};
use crate::editor::view::cast::single;
use crate::editor::view::theme;
use crate::editor::view::tokens::{self, size, space};
use egui::{Align2, Painter, Rangef, Rect, Vec2, pos2};
use erbium_dsp::Scale;

/// What a cursor stands on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Its frequency in hertz.
    pub hz: f64,
    /// The level there in dB of full scale; `None` where there is none.
    pub level_db: Option<f32>,
    /// When that was: a clock in seconds, the same for both cursors.
    pub time_s: f64,
}

/// Two cursors.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cursors {
    marks: [Option<Mark>; 2],
}

/// The second cursor less the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// In hertz.
    pub hz: f64,
    /// In units of the scale.
    pub units: f64,
    /// Of the levels in dB; `None` where one has none.
    pub db: Option<f32>,
    /// Of the times in seconds.
    pub time_s: f64,
}

impl Cursors {
    /// Puts a cursor: the first where there is none, then the second, then that which is nearer in
    /// frequency on the scale.
    pub fn put(&mut self, mark: Mark, scale: Scale) {
        let distance =
            |other: &Mark| (scale.units_from_hz(other.hz) - scale.units_from_hz(mark.hz)).abs();
        match &mut self.marks {
            [first @ None, _] => *first = Some(mark),
            [_, second @ None] => *second = Some(mark),
            [Some(first), Some(second)] => {
                *(if distance(first) <= distance(second) { first } else { second }) = mark;
            }
        }
    }

    /// Takes both away.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The cursors that are put.
    pub fn marks(&self) -> impl Iterator<Item = Mark> {
        self.marks.into_iter().flatten()
    }

    /// What lies between them, where both are put.
    #[must_use]
    pub fn difference(&self, scale: Scale) -> Option<Difference> {
        let [Some(first), Some(second)] = self.marks else { return None };
        let units = |mark: Mark| scale.units_from_hz(mark.hz);
        Some(Difference {
            hz: second.hz - first.hz,
            units: units(second) - units(first),
            db: first.level_db.zip(second.level_db).map(|(first, second)| second - first),
            time_s: second.time_s - first.time_s,
        })
    }
}

/// The time of the picture: its newest line, and how much of the past it shows, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// The time of the newest line, on the clock of [`Mark::time_s`].
    pub now_s: f64,
    /// From the top of the picture to its bottom.
    pub seconds: f32,
}

/// A cursor that is clicked so near, in points, goes, and the other with it.
const NEAR: f32 = 6.0;

impl Cursors {
    /// Puts what was clicked, or takes both away where that was one of them, and draws the cursors
    /// with what lies between them. Returns the text of it.
    pub fn draw(
        &mut self,
        painter: &Painter,
        plot: Rect,
        (axis, clock): (&FrequencyAxis, Clock),
        clicked: Option<Mark>,
    ) -> Option<String> {
        let place = |mark: Mark| {
            let down = single((clock.now_s - mark.time_s) / f64::from(clock.seconds));
            pos2(axis.x(mark.hz, plot.x_range()), plot.top() + down * plot.height())
        };
        if let Some(mark) = clicked {
            if self.marks().any(|known| place(known).distance(place(mark)) < NEAR) {
                self.clear();
            } else {
                self.put(mark, axis.scale());
            }
        }
        let painter = painter.with_clip_rect(plot);
        for mark in self.marks() {
            let at = place(mark);
            let line = (size::LINE[1], tokens::DARK.text);
            painter.hline(Rangef::point(at.x).expand(ARM), at.y, line);
            painter.vline(at.x, Rangef::point(at.y).expand(ARM), line);
        }
        let text = self.difference(axis.scale())?.text(axis.scale());
        let corner = plot.left_top() + Vec2::splat(space::MEDIUM);
        let ink = theme::of(painter.ctx()).text;
        theme::patch(&painter, Align2::LEFT_TOP, corner, &text, theme::body(), ink);
        Some(text)
    }
}

/// Half the length of a cursor's arms.
const ARM: f32 = 7.0;

impl Difference {
    /// Hertz, units of the scale, dB and seconds, each with its sign.
    #[must_use]
    pub fn text(&self, scale: Scale) -> String {
        let mut parts = vec![signed(self.hz, if self.hz.abs() < 100.0 { 1 } else { 0 }, "Hz")];
        if let Some((decimals, unit)) = axes::units_of(scale) {
            parts.push(signed(self.units, decimals, unit));
        }
        parts.push(self.db.map_or_else(|| "– dB".to_owned(), axes::db_text));
        parts.push(signed(self.time_s, 3, "s"));
        format!("Δ {}", parts.join("   "))
    }
}

/// A number with its sign, where it does not read as 0, and its unit.
fn signed(value: f64, decimals: usize, unit: &str) -> String {
    let text = format!("{:.decimals$} {unit}", value.abs());
    let is_zero = !text.contains(|c: char| ('1'..='9').contains(&c));
    let sign = match value {
        _ if is_zero => "",
        value if value < 0.0 => "−",
        _ => "+",
    };
    format!("{sign}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOW: Mark = Mark { hz: 440.0, level_db: Some(-20.0), time_s: 1.5 };
    const HIGH: Mark = Mark { hz: 1_000.0, level_db: Some(-26.5), time_s: 1.25 };

    #[test]
    fn the_difference_is_of_frequency_scale_level_and_time() {
        let mut cursors = Cursors::default();
        assert_eq!(cursors.difference(Scale::Erb), None);
        cursors.put(LOW, Scale::Erb);
        assert_eq!(cursors.difference(Scale::Erb), None);
        cursors.put(HIGH, Scale::Erb);
        let difference = cursors.difference(Scale::Erb).expect("two cursors");
        let units = Scale::Erb.units_from_hz(1_000.0) - Scale::Erb.units_from_hz(440.0);
        let expected = Difference { hz: 560.0, units, db: Some(-6.5), time_s: -0.25 };
        assert_eq!(difference, expected);
        let text = format!("Δ +560 Hz   +{units:.2} ERB   −6.5 dB   −0.250 s");
        assert_eq!(difference.text(Scale::Erb), text);
        assert_eq!(difference.text(Scale::Linear), "Δ +560 Hz   −6.5 dB   −0.250 s");
    }

    #[test]
    fn a_third_place_moves_the_nearer_cursor() {
        let mut cursors = Cursors::default();
        cursors.put(LOW, Scale::Erb);
        cursors.put(HIGH, Scale::Erb);
        let silent = Mark { hz: 980.0, level_db: None, ..LOW };
        cursors.put(silent, Scale::Erb);
        assert_eq!(cursors.marks().collect::<Vec<_>>(), [LOW, silent]);
        let text = cursors.difference(Scale::Mel).expect("two cursors").text(Scale::Mel);
        assert!(text.starts_with("Δ +540 Hz   +"), "{text}");
        assert!(text.ends_with("mel   – dB   0.000 s"), "{text}");
        cursors.clear();
        assert_eq!(cursors.marks().count(), 0);
    }
}
