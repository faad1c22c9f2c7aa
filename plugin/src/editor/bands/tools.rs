//! The row above the bands: what the pointer does there, and what is done to many bands at once.

use crate::editor::bands::selection::Selection;
use crate::editor::bands::shape;
use crate::editor::edit::gesture::{Command, Gestures, ParamValue};
use crate::editor::view::axes;
use crate::editor::view::model::ViewModel;
use crate::editor::view::theme;
use crate::editor::view::widgets::{
    Cell, Edit, Number, Row, button, dragged_number, option, switch,
};
use crate::state::params::MAX_BANDS;
use egui::{Rect, Ui};

/// The farthest tilt, in dB at either end of the axis.
const MOST_TILT_DB: f32 = 24.0;

/// What the pointer does to bands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Drags handles and paints curves.
    #[default]
    Draw,
    /// Selects bands and moves them together.
    Select,
    /// Solos a band while pressed.
    Solo,
    /// Mutes bands and brings them back.
    Mute,
}

/// The state of the row between frames.
#[derive(Default)]
pub struct Tools {
    /// What the pointer does.
    pub tool: Tool,
    /// Whether movements are ten times finer, as with shift held.
    pub fine: bool,
    tilt: Option<Tilt>,
}

/// A tilt that is being dragged, and the gains it began with.
struct Tilt {
    by_db: f32,
    from_db: [f32; MAX_BANDS],
}

impl Tools {
    /// Ends a tilt that is being dragged.
    pub fn interrupt(&mut self) {
        self.tilt = None;
    }

    /// The width the row needs.
    pub const WIDTH: f32 = 556.0;

    /// Draws the row into `rect`.
    pub fn draw(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        view: &ViewModel<'_>,
        selection: &mut Selection,
        gestures: &mut Gestures,
    ) {
        let mut row = Row::new(rect);
        self.choose(ui, &mut row, view, gestures);
        row.skip(theme::STEP);
        self.tilt(ui, &mut row, view, selection, gestures);
        shapes(ui, &mut row, view, selection, gestures);
    }

    fn choose(
        &mut self,
        ui: &mut Ui,
        row: &mut Row,
        view: &ViewModel<'_>,
        gestures: &mut Gestures,
    ) {
        let tools = [
            (Tool::Draw, "Draw", 48.0, "Draw: drag a handle, or paint a curve. Double-click: 0 dB"),
            (
                Tool::Select,
                "Select",
                52.0,
                "Select: drag a frame around handles, then drag one to move all (or hold Ctrl)",
            ),
            (Tool::Solo, "Solo", 52.0, "Solo: press on a band to hear it alone (or hold Alt)"),
            (Tool::Mute, "Mute", 48.0, "Mute: click or paint to turn bands off, and on again"),
        ];
        for (tool, name, width, tooltip) in tools {
            let cell = Cell { name, tooltip, rect: row.next(width) };
            // A band soloed from its menu stays so whatever the tool is.
            let solos = tool == Tool::Solo && view.soloed.is_some();
            let clicked =
                if solos { switch(ui, &cell, true) } else { option(ui, &cell, self.tool == tool) };
            if clicked {
                self.tool = tool;
                if view.soloed.is_some() {
                    gestures.command(Command::Solo(None));
                }
            }
        }
        let tooltip = "Fine: every drag and wheel moves a tenth as far (or hold Shift)";
        let cell = Cell { name: "Fine", tooltip, rect: row.next(44.0) };
        if option(ui, &cell, self.fine) {
            self.fine = !self.fine;
        }
    }

    fn tilt(
        &mut self,
        ui: &mut Ui,
        row: &mut Row,
        view: &ViewModel<'_>,
        selection: &Selection,
        gestures: &mut Gestures,
    ) {
        let rect = row.next(96.0);
        let by_db = self.tilt.as_ref().map_or(0.0, |tilt| tilt.by_db);
        let tilt = Number {
            value: by_db,
            text: format!("Tilt {}", axes::db_text(by_db)),
            range: -MOST_TILT_DB..=MOST_TILT_DB,
            default: 0.0,
            per_point: 0.1,
            per_notch: 0.5,
            step: 0.1,
            bar: true,
        };
        let tooltip = "Tilt in dB: drag right for more treble and less bass, or turn the wheel";
        let cell = Cell { name: "Tilt", tooltip, rect };
        let bands = selection.or_all(view.band_count());
        let edited = dragged_number(ui, &cell, rect, &tilt, gestures);
        let gains =
            |gains: Vec<(usize, f32)>| gains.into_iter().map(|(k, db)| ParamValue::Gain(k, db));
        match edited {
            Some(edited) if edited.gesture == Edit::Part => {
                let tilt = self.tilt.get_or_insert(Tilt { by_db: 0.0, from_db: view.drawn_db });
                if tilt.by_db != edited.value {
                    tilt.by_db = edited.value;
                    gains(shape::tilt(&tilt.from_db, &bands, tilt.by_db))
                        .for_each(|setting| gestures.hold(setting));
                }
            }
            // What a double click brings back is the tilt that is shown: none.
            Some(edited) if edited.gesture == Edit::Notch && edited.value != 0.0 => {
                let tilted = gains(shape::tilt(&view.drawn_db, &bands, edited.value));
                gestures.turn_wheel(tilted, ui.input(|input| input.time));
            }
            _ => {}
        }
        if ui.input(|input| !input.pointer.primary_down()) {
            self.tilt = None;
        }
    }
}

/// What is done to all bands, or to those selected, with one click.
fn shapes(
    ui: &mut Ui,
    row: &mut Row,
    view: &ViewModel<'_>,
    selection: &mut Selection,
    gestures: &mut Gestures,
) {
    let bands = selection.or_all(view.band_count());
    let drawn_db = &view.drawn_db;
    let flat = bands.iter().all(|&band| drawn_db[band] == 0.0);
    let buttons = [
        ("Invert", "Invert: boosts become cuts and cuts boosts; bands that are off stay off"),
        (
            "Smooth",
            "Smooth: each gain comes nearer to its neighbours'; bands that are off stay off",
        ),
        ("Flatten", "Flatten: 0 dB for all bands, or for those selected"),
    ];
    for (i, (name, tooltip)) in buttons.into_iter().enumerate() {
        let cell = Cell { name, tooltip, rect: row.next(60.0) };
        if button(ui, &cell, name, !flat) {
            let gains = match i {
                0 => shape::invert(drawn_db, &bands),
                1 => shape::smooth(drawn_db, &bands),
                _ => bands.iter().map(|&band| (band, 0.0)).collect(),
            };
            gestures.change_all(gains.into_iter().map(|(band, db)| ParamValue::Gain(band, db)));
        }
    }
}
