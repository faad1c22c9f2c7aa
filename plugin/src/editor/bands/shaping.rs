//! What is done to many bands at once: tilt, invert, smooth, flatten, in a row that is shown with a
//! selection, or in a menu.

use crate::editor::bands::selection::Selection;
use crate::editor::bands::shape;
use crate::editor::edit::gesture::{Gestures, ParamValue};
use crate::editor::view::axes;
use crate::editor::view::model::ViewModel;
use crate::editor::view::number::{Edit, Number, dragged_number};
use crate::editor::view::tokens::space;
use crate::editor::view::widgets::{Cell, Row, button, button_width};
use crate::state::params::MAX_BANDS;
use egui::{Rect, Ui};

/// The farthest tilt, in dB at either end of the axis.
const MOST_TILT_DB: f32 = 24.0;
/// The width of the tilt.
const TILT: f32 = 108.0;
/// What is done with a click, and what it does.
const BUTTONS: [(&str, &str); 3] = [
    ("Invert", "Invert: boosts become cuts and cuts boosts; bands that are off stay off"),
    ("Smooth", "Smooth: each gain comes nearer to its neighbours'; bands that are off stay off"),
    ("Flatten", "Flatten: 0 dB for all bands, or for those selected"),
];

/// The state of the row between frames.
#[derive(Default)]
pub struct Shaping {
    tilt: Option<Tilt>,
}

/// A tilt that is being dragged, and the gains it began with.
struct Tilt {
    by_db: f32,
    from_db: [f32; MAX_BANDS],
}

impl Shaping {
    /// The width the row needs.
    #[must_use]
    pub fn width(ui: &Ui) -> f32 {
        let buttons = BUTTONS.iter().map(|(name, _)| space::SMALL + button_width(ui, name));
        TILT + buttons.sum::<f32>()
    }

    /// Ends a tilt that is being dragged.
    pub fn interrupt(&mut self) {
        self.tilt = None;
    }

    /// Draws the row into `rect`.
    pub fn draw(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        view: &ViewModel<'_>,
        selection: &Selection,
        gestures: &mut Gestures,
    ) {
        let mut row = Row::new(rect);
        let bands = selection.or_all(view.band_count());
        self.tilt(ui, row.next(TILT), view, &bands, gestures);
        buttons(ui, &mut row, view, &bands, gestures);
    }

    fn tilt(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        view: &ViewModel<'_>,
        bands: &[usize],
        gestures: &mut Gestures,
    ) {
        let by_db = self.tilt.as_ref().map_or(0.0, |tilt| tilt.by_db);
        let tilt = Number {
            value: by_db,
            text: format!("Tilt {}", axes::db_text(by_db)),
            range: -MOST_TILT_DB..=MOST_TILT_DB,
            default: 0.0,
            per_point: 0.1,
            per_notch: 0.5,
            step: 0.1,
            units: 1.0,
            bar: true,
        };
        let tooltip = "Tilt in dB at either end: more is more treble and less bass";
        let cell = Cell { name: "Tilt", tooltip, rect };
        let edited = dragged_number(ui, &cell, rect, &tilt, gestures);
        let gains =
            |gains: Vec<(usize, f32)>| gains.into_iter().map(|(k, db)| ParamValue::Gain(k, db));
        match edited {
            Some(edited) if edited.gesture == Edit::Part => {
                let tilt = self.tilt.get_or_insert(Tilt { by_db: 0.0, from_db: view.drawn_db });
                if tilt.by_db != edited.value {
                    tilt.by_db = edited.value;
                    gains(shape::tilt(&tilt.from_db, bands, tilt.by_db))
                        .for_each(|setting| gestures.hold(setting));
                }
            }
            // What a reset brings back is the tilt that is shown: none.
            Some(edited) if edited.value != 0.0 => {
                let tilted = gains(shape::tilt(&view.drawn_db, bands, edited.value));
                if edited.gesture == Edit::Notch {
                    gestures.turn_wheel(tilted, ui.input(|input| input.time));
                } else {
                    gestures.change_all(tilted);
                }
            }
            _ => {}
        }
        if ui.input(|input| !input.pointer.primary_down()) {
            self.tilt = None;
        }
    }
}

/// What is done to all bands, or to those selected, with one click.
fn buttons(
    ui: &mut Ui,
    row: &mut Row,
    view: &ViewModel<'_>,
    bands: &[usize],
    gestures: &mut Gestures,
) {
    let drawn_db = &view.drawn_db;
    let flat = bands.iter().all(|&band| drawn_db[band] == 0.0);
    for (i, (name, tooltip)) in BUTTONS.into_iter().enumerate() {
        let cell = Cell { name, tooltip, rect: row.next_for(ui, name) };
        if button(ui, &cell, name, !flat) {
            let gains = match i {
                0 => shape::invert(drawn_db, bands),
                1 => shape::smooth(drawn_db, bands),
                _ => bands.iter().map(|&band| (band, 0.0)).collect(),
            };
            gestures.change_all(gains.into_iter().map(|(band, db)| ParamValue::Gain(band, db)));
        }
    }
}
