//! One stroke of the pointer over the bands: a handle that is dragged, or a curve that is painted.

use crate::editor::view::axes::{FrequencyAxis, GainAxis};
use crate::editor::view::cast::points;
use crate::state::params::OFF_DB;
use egui::{Pos2, Rect, pos2};

/// A pointer this near to a handle grabs it.
const GRAB: f32 = 9.0;
/// A pointer that strays this far past its band's edge paints on across the others.
const STRAY: f32 = 8.0;
/// A pointer pressed beside a handle paints once it has moved so far: a click that was meant for
/// something else changes nothing.
const STARTS: f32 = 4.0;

/// Where the bands lie in the plot.
pub struct Geometry {
    /// The plot.
    pub rect: Rect,
    /// The horizontal place of each band's centre, rising.
    pub centres_x: Vec<f32>,
    /// The axis of the gains.
    pub gains: GainAxis,
}

impl Geometry {
    /// Bands with these centres on an axis that spans the plot.
    #[must_use]
    pub fn new(rect: Rect, axis: &FrequencyAxis, gains: GainAxis, centres_hz: &[f64]) -> Self {
        let centres_x = centres_hz.iter().map(|&hz| axis.x(hz, rect.x_range())).collect();
        Self { rect, centres_x, gains }
    }

    /// The height of a gain in dB.
    #[must_use]
    pub fn y(&self, gain_db: f32) -> f32 {
        self.gains.y(gain_db, self.rect.y_range())
    }

    /// The band whose centre is nearest.
    #[must_use]
    pub fn band_at(&self, x: f32) -> usize {
        let above = self.centres_x.partition_point(|&centre| centre < x);
        match (above.checked_sub(1), self.centres_x.get(above)) {
            (Some(below), Some(&right)) if x - self.centres_x[below] <= right - x => below,
            (Some(below), None) => below,
            _ => above,
        }
    }

    /// The part of the plot that belongs to a band: halfway to its neighbours.
    #[must_use]
    pub fn column(&self, band: usize) -> Rect {
        let x = |k: usize| self.centres_x[k];
        let last = self.centres_x.len() - 1;
        let left = if band == 0 {
            self.rect.left().min(x(0))
        } else {
            f32::midpoint(x(band - 1), x(band))
        };
        let right = if band == last {
            self.rect.right().max(x(last))
        } else {
            f32::midpoint(x(band), x(band + 1))
        };
        Rect::from_x_y_ranges(left..=right, self.rect.y_range())
    }

    /// Where a band's handle is.
    #[must_use]
    pub fn handle(&self, band: usize, gain_db: f32) -> Pos2 {
        pos2(self.centres_x[band], self.y(gain_db))
    }

    /// Whether a place is near enough to a band's handle to grab it.
    #[must_use]
    pub fn grabs(&self, place: Pos2, band: usize, gain_db: f32) -> bool {
        (self.handle(band, gain_db).y - place.y).abs() <= GRAB
    }
}

/// A stroke while the button is down.
#[derive(Debug)]
pub struct Stroke {
    band: usize,
    gain_db: f32,
    painting: bool,
    /// Where it was pressed, until it has moved far enough to paint.
    waits_at: Option<Pos2>,
    pointer_y: f32,
    /// From the pointer down to where it acts; keeps a handle from jumping and makes fine moves.
    offset_y: f32,
}

impl Stroke {
    /// Begins a stroke, which changes nothing yet. Away from the handle the band comes to the pointer
    /// once that moves.
    #[must_use]
    pub fn press(place: Pos2, bands: &Geometry, drawn_db: &[f32]) -> Self {
        let band = bands.band_at(place.x);
        let grabbed = bands.grabs(place, band, drawn_db[band]);
        let offset_y = if grabbed { bands.handle(band, drawn_db[band]).y - place.y } else { 0.0 };
        let gain_db = if grabbed { drawn_db[band] } else { gain_at(place.y, bands, false) };
        let waits_at = (!grabbed).then_some(place);
        Self { band, gain_db, painting: !grabbed, waits_at, pointer_y: place.y, offset_y }
    }

    /// The band that is being drawn.
    #[must_use]
    pub fn band(&self) -> usize {
        self.band
    }

    /// Moves the band it began with, however far the pointer strays. Returns it and its new gain in
    /// dB, if that is another.
    pub fn drag_band(&mut self, place: Pos2, fine: bool, bands: &Geometry) -> Option<(usize, f32)> {
        if fine {
            self.offset_y -= 0.9 * (place.y - self.pointer_y);
        }
        self.pointer_y = place.y;
        let gain_db = gain_at(place.y + self.offset_y, bands, fine);
        let from_db = std::mem::replace(&mut self.gain_db, gain_db);
        (gain_db != from_db).then_some((self.band, gain_db))
    }

    /// Moves on to `place`. Returns the bands crossed with the gains they shall have: the straight
    /// line between two positions of the pointer, however far apart they are.
    pub fn drag(&mut self, place: Pos2, fine: bool, bands: &Geometry) -> Vec<(usize, f32)> {
        let mut set = Vec::new();
        if let Some(pressed) = self.waits_at {
            if pressed.distance(place) < STARTS {
                return set;
            }
            self.waits_at = None;
            set.push((self.band, self.gain_db));
        }
        if fine {
            self.offset_y -= 0.9 * (place.y - self.pointer_y);
        }
        self.pointer_y = place.y;
        let last = bands.centres_x.len() - 1;
        let from = self.band.min(last);
        self.painting |= !fine && !bands.column(from).x_range().expand(STRAY).contains(place.x);
        let to = if self.painting && !fine { bands.band_at(place.x) } else { from };
        let gain_db = gain_at(place.y + self.offset_y, bands, fine);
        let from_db = std::mem::replace(&mut self.gain_db, gain_db);
        self.band = to;
        if to == from {
            if gain_db != from_db {
                set.push((to, gain_db));
            }
            return set;
        }
        let steps = to.abs_diff(from);
        let crossed = (1..=steps).map(|step| {
            let band = if to > from { from + step } else { from - step };
            let db = egui::lerp(from_db..=gain_db, points(step) / points(steps));
            (band, rounded(db, fine))
        });
        set.extend(crossed);
        set
    }
}

/// The gain at a height, on a round figure.
fn gain_at(y: f32, bands: &Geometry, fine: bool) -> f32 {
    rounded(bands.gains.db_at(y, bands.rect.y_range()), fine)
}

/// A gain on a round figure: 0.1 dB, finely 0.01 dB. Zero attracts a little, and the bottom is off.
fn rounded(gain_db: f32, fine: bool) -> f32 {
    if gain_db < OFF_DB + 1.0 {
        OFF_DB
    } else if fine {
        (gain_db * 100.0).round() / 100.0
    } else if gain_db.abs() < 0.3 {
        0.0
    } else {
        (gain_db * 10.0).round() / 10.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bands() -> Geometry {
        Geometry {
            rect: Rect::from_min_max(pos2(0.0, 0.0), pos2(400.0, 300.0)),
            centres_x: vec![0.0, 100.0, 200.0, 300.0, 400.0],
            gains: GainAxis::default(),
        }
    }

    #[test]
    fn the_nearest_band_is_found_and_columns_meet() {
        let bands = bands();
        for (x, band) in [(-5.0, 0), (49.0, 0), (51.0, 1), (349.0, 3), (351.0, 4), (999.0, 4)] {
            assert_eq!(bands.band_at(x), band, "{x}");
        }
        for band in 0..4 {
            assert_eq!(bands.column(band).right(), bands.column(band + 1).left());
        }
    }

    #[test]
    fn a_fast_stroke_leaves_no_band_out() {
        let bands = bands();
        let at = |x, db| pos2(x, bands.y(db));
        let mut stroke = Stroke::press(at(0.0, 12.0), &bands, &[0.0; 5]);
        let crossed = stroke.drag(at(400.0, -12.0), false, &bands);
        assert_eq!(crossed, [(0, 12.0), (1, 6.0), (2, 0.0), (3, -6.0), (4, -12.0)]);
    }

    #[test]
    fn a_press_in_empty_space_paints_once_it_moves() {
        let bands = bands();
        let at = pos2(100.0, bands.y(12.0));
        let mut stroke = Stroke::press(at, &bands, &[0.0; 5]);
        assert_eq!(stroke.drag(at, false, &bands), []);
        assert_eq!(stroke.drag(at + egui::vec2(2.0, 3.0), false, &bands), []);
        let moved = stroke.drag(pos2(100.0, bands.y(6.0)), false, &bands);
        assert_eq!(moved, [(1, 12.0), (1, 6.0)]);
    }

    #[test]
    fn a_grabbed_handle_does_not_jump_and_wobbles_stay_on_its_band() {
        let bands = bands();
        let handle = bands.handle(2, 0.0);
        let mut stroke = Stroke::press(handle + egui::vec2(3.0, 5.0), &bands, &[0.0; 5]);
        let up = bands.handle(2, 10.0);
        assert_eq!(stroke.drag(up + egui::vec2(20.0, 5.0), false, &bands), [(2, 10.0)]);
        assert_eq!(stroke.drag(up + egui::vec2(52.0, 5.0), false, &bands), []);
    }

    #[test]
    fn shift_is_ten_times_finer_and_the_bottom_is_off() {
        let bands = bands();
        let mut stroke = Stroke::press(bands.handle(1, 0.0), &bands, &[0.0; 5]);
        let moved = stroke.drag(bands.handle(1, 10.0), true, &bands);
        assert_eq!(moved, [(1, 1.0)]);
        assert_eq!(stroke.drag(pos2(100.0, 900.0), false, &bands), [(1, OFF_DB)]);
    }
}
