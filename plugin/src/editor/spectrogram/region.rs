//! Editing on the frozen picture: a region of frequencies is marked, and its bands are pulled up or
//! down together.

use crate::editor::bands::shape::moved_db;
use crate::editor::edit::gesture::{Gestures, ParamValue};
use crate::editor::view::axes;
use crate::editor::view::model::ViewModel;
use crate::editor::view::theme;
use crate::editor::view::tokens::{self, size, space};
use crate::editor::view::widgets::wheel_notches;
use egui::{Align2, CornerRadius, CursorIcon, Painter, Pos2, Rect, Response, Ui};

/// What is being dragged.
enum Drag {
    /// The other end of the region.
    Mark { from_hz: f64 },
    /// The gains of the bands, which began here, by so many dB.
    Pull { bands: Vec<(usize, f32)>, by_db: f32 },
}

/// The region and what is done to it.
#[derive(Default)]
pub struct Region {
    marked_hz: Option<(f64, f64)>,
    drag: Option<Drag>,
}

impl Region {
    /// Clears the region.
    pub fn clear(&mut self, gestures: &mut Gestures) {
        if self.drag.take().is_some() {
            gestures.release();
        }
        self.marked_hz = None;
    }

    /// Ends what the pointer is doing; the region stays.
    pub fn interrupt(&mut self) {
        self.drag = None;
    }

    /// Whether there is a region.
    #[must_use]
    pub fn is_marked(&self) -> bool {
        self.marked_hz.is_some()
    }

    /// Whether the pointer holds something.
    #[must_use]
    pub fn is_dragged(&self) -> bool {
        self.drag.is_some()
    }

    /// Does what the pointer does on the picture; a point of dragging is `db_per_point`, shift makes it
    /// a tenth.
    pub fn interact(
        &mut self,
        ui: &Ui,
        response: &Response,
        db_per_point: f32,
        view: &ViewModel<'_>,
        gestures: &mut Gestures,
    ) {
        let plot = response.rect;
        let hz_at = |place: Pos2| view.axis().hz_at(place.x, plot.x_range());
        if response.drag_started()
            && let Some(origin) = ui.input(|input| input.pointer.press_origin())
        {
            self.drag = Some(self.begin(hz_at(origin), view));
        }
        if response.dragged()
            && let Some(place) = response.interact_pointer_pos()
        {
            let fine = if ui.input(|input| input.modifiers.shift) { 0.1 } else { 1.0 };
            let up_db = -response.drag_delta().y * db_per_point * fine;
            self.go_on(hz_at(place), up_db, gestures);
        }
        if response.drag_stopped() {
            self.drag = None;
            gestures.release();
        }
        let pointed = response.interact_pointer_pos().or(response.hover_pos());
        let inside = pointed.is_some_and(|place| self.holds(hz_at(place)));
        if response.double_clicked() && inside {
            let bands = self.bands(view).into_iter();
            gestures.change_all(bands.map(|band| ParamValue::Gain(band, 0.0)));
        } else if response.clicked() && !inside {
            self.marked_hz = None;
        }
        let notches = wheel_notches(ui, response);
        if notches != 0.0 && inside && self.drag.is_none() {
            let by_db = notches * if ui.input(|input| input.modifiers.shift) { 0.1 } else { 0.5 };
            let turned = self
                .bands(view)
                .into_iter()
                .map(|band| ParamValue::Gain(band, moved_db(view.drawn_db[band], by_db)));
            gestures.turn_wheel(turned, ui.input(|input| input.time));
        }
        if response.contains_pointer() {
            let pulls = matches!(self.drag, Some(Drag::Pull { .. }));
            let marks = matches!(self.drag, Some(Drag::Mark { .. }));
            let icon = if pulls || (inside && !marks) {
                CursorIcon::ResizeVertical
            } else {
                CursorIcon::ResizeHorizontal
            };
            ui.set_cursor_icon(icon);
        }
    }

    fn begin(&self, hz: f64, view: &ViewModel<'_>) -> Drag {
        if self.holds(hz) {
            let gains = self.bands(view).into_iter().map(|band| (band, view.drawn_db[band]));
            Drag::Pull { bands: gains.collect(), by_db: 0.0 }
        } else {
            Drag::Mark { from_hz: hz }
        }
    }

    fn go_on(&mut self, hz: f64, up_db: f32, gestures: &mut Gestures) {
        match &mut self.drag {
            Some(Drag::Mark { from_hz }) => {
                self.marked_hz = Some((from_hz.min(hz), from_hz.max(hz)));
            }
            Some(Drag::Pull { bands, by_db }) => {
                *by_db += up_db;
                // In tenths, as they are shown.
                let by_db = (*by_db * 10.0).round() / 10.0;
                for (band, from_db) in bands {
                    gestures.hold(ParamValue::Gain(*band, moved_db(*from_db, by_db)));
                }
            }
            None => {}
        }
    }

    fn holds(&self, hz: f64) -> bool {
        self.marked_hz.is_some_and(|(low_hz, high_hz)| (low_hz..=high_hz).contains(&hz))
    }

    /// The bands whose centres are marked, or the one nearest to the middle.
    fn bands(&self, view: &ViewModel<'_>) -> Vec<usize> {
        let (Some((low_hz, high_hz)), Some(bank)) = (self.marked_hz, view.bank()) else {
            return Vec::new();
        };
        let centres_hz = bank.centres_hz();
        let inside = |band: &usize| (low_hz..=high_hz).contains(&centres_hz[*band]);
        let bands: Vec<usize> = (0..centres_hz.len()).filter(inside).collect();
        if !bands.is_empty() {
            return bands;
        }
        let scale = bank.spec().scale;
        let units = |hz| scale.units_from_hz(hz);
        let middle = f64::midpoint(units(low_hz), units(high_hz));
        let away = |band: &usize| (units(centres_hz[*band]) - middle).abs();
        (0..centres_hz.len()).min_by(|a, b| away(a).total_cmp(&away(b))).into_iter().collect()
    }

    /// Draws the region over the picture, with what is done to it.
    pub fn draw(&self, painter: &Painter, plot: Rect, view: &ViewModel<'_>) {
        let Some((low_hz, high_hz)) = self.marked_hz else { return };
        let x = |hz| view.axis().x(hz, plot.x_range()).clamp(plot.left(), plot.right());
        let across = [low_hz, high_hz].map(x);
        let marked = Rect::from_x_y_ranges(across[0]..=across[1], plot.y_range());
        painter.rect_filled(marked, CornerRadius::ZERO, tokens::DARK.veil);
        for x in across {
            painter.vline(x, plot.y_range(), (size::LINE[1], tokens::DARK.text));
        }
        let bands = self.bands(view).len();
        let noun = if bands == 1 { "band" } else { "bands" };
        let text = match self.drag {
            Some(Drag::Pull { by_db, .. }) => format!("{bands} {noun} {}", axes::db_text(by_db)),
            Some(Drag::Mark { .. }) => {
                let [low, high] = [low_hz, high_hz].map(axes::hz_text);
                format!("{low} – {high}, {bands} {noun}")
            }
            None => format!("{bands} {noun}: drag up or down"),
        };
        let galley =
            painter.layout_no_wrap(text.clone(), theme::body(), theme::of(painter.ctx()).text);
        let half = galley.size().x / 2.0 + space::MEDIUM;
        let room = plot.left() + half..=plot.right() - half;
        let x = if room.is_empty() {
            plot.center().x
        } else {
            marked.center().x.clamp(*room.start(), *room.end())
        };
        let place = egui::pos2(x, plot.top() + space::MEDIUM);
        theme::patch(
            painter,
            Align2::CENTER_TOP,
            place,
            &text,
            theme::body(),
            theme::of(painter.ctx()).text,
        );
    }
}
