//! What the pointer does to the bands: strokes, moves, frames, solo and mute.

use crate::editor::bands::selection::Selection;
use crate::editor::bands::shape::moved_db;
use crate::editor::bands::stroke::{Geometry, Stroke};
use crate::editor::bands::tools::{Tool, Tools};
use crate::editor::edit::gesture::{Command, Gestures, ParamValue};
use crate::editor::view::model::ViewModel;
use crate::editor::view::widgets::wheel_notches;
use crate::state::params::{MAX_BANDS, MAX_GAIN_DB, OFF_DB};
use egui::{CursorIcon, Modifiers, Pos2, Rect, Response, Ui};

/// What the pressed pointer does.
pub enum Hold {
    /// Drags a handle or paints.
    Draw(Stroke),
    /// Moves the selected bands, with the one that was taken hold of in the lead.
    Move {
        /// The leading band's handle.
        lead: Stroke,
        /// The gains before, in dB.
        from_db: Box<[f32; MAX_BANDS]>,
    },
    /// Draws a frame around what is to be selected.
    Frame {
        /// Where it began.
        from: Pos2,
        /// What was selected before and stays.
        kept: Selection,
    },
    /// Solos the band under the pointer.
    Solo,
    /// Turns every band it passes off, or on again.
    Mute {
        /// Whether off.
        off: bool,
        /// The band it passed last.
        band: usize,
    },
}

impl Hold {
    /// The band that is being changed, if it is one.
    #[must_use]
    pub fn band(&self) -> Option<usize> {
        match self {
            Self::Draw(stroke) | Self::Move { lead: stroke, .. } => Some(stroke.band()),
            Self::Mute { band, .. } => Some(*band),
            Self::Frame { .. } | Self::Solo => None,
        }
    }
}

/// What a press begins is decided by tool, modifiers and place.
pub fn press(
    place: Pos2,
    modifiers: Modifiers,
    tools: &Tools,
    (bands, view): (&Geometry, &ViewModel<'_>),
    selection: &mut Selection,
    gestures: &mut Gestures,
) -> Hold {
    let band = bands.band_at(place.x);
    let grabbed = bands.grabs(place, band, view.drawn_db[band]);
    let tool = match tools.tool {
        _ if modifiers.alt => Tool::Solo,
        _ if modifiers.command => Tool::Select,
        tool => tool,
    };
    match tool {
        Tool::Solo => {
            gestures.command(Command::Solo(Some(band)));
            Hold::Solo
        }
        Tool::Mute => {
            let off = view.drawn_db[band] > OFF_DB;
            mute(band, off, view, gestures);
            Hold::Mute { off, band }
        }
        Tool::Select if !grabbed => {
            if !modifiers.shift {
                selection.clear();
            }
            Hold::Frame { from: place, kept: *selection }
        }
        Tool::Select | Tool::Draw if grabbed && (tool == Tool::Select || selection.has(band)) => {
            if !selection.has(band) {
                if !modifiers.shift {
                    selection.clear();
                }
                selection.add(band);
            }
            let lead = Stroke::press(place, bands, &view.drawn_db);
            Hold::Move { lead, from_db: Box::new(view.drawn_db) }
        }
        Tool::Draw | Tool::Select => {
            selection.clear();
            Hold::Draw(Stroke::press(place, bands, &view.drawn_db))
        }
    }
}

/// Continues what was begun.
pub fn drag(
    hold: &mut Hold,
    place: Pos2,
    fine: bool,
    (bands, view): (&Geometry, &ViewModel<'_>),
    selection: &mut Selection,
    gestures: &mut Gestures,
) {
    match hold {
        Hold::Draw(stroke) => {
            for (k, db) in stroke.drag(place, fine, bands) {
                gestures.hold(ParamValue::Gain(k, db));
            }
        }
        Hold::Move { lead, from_db } => {
            let Some((band, lead_db)) = lead.drag_band(place, fine, bands) else { return };
            let by_db = if from_db[band] > OFF_DB { lead_db - from_db[band] } else { 0.0 };
            for k in selection.bands(bands.centres_x.len()) {
                let gain_db = if k == band { lead_db } else { moved_db(from_db[k], by_db) };
                gestures.hold(ParamValue::Gain(k, gain_db));
            }
        }
        Hold::Frame { from, kept } => {
            *selection = *kept;
            let frame = Rect::from_two_pos(*from, place);
            for band in 0..bands.centres_x.len() {
                if frame.contains(bands.handle(band, view.drawn_db[band])) {
                    selection.add(band);
                }
            }
        }
        Hold::Solo => {
            let band = bands.band_at(place.x);
            if view.soloed != Some(band) {
                gestures.command(Command::Solo(Some(band)));
            }
        }
        Hold::Mute { off, band } => {
            let to = bands.band_at(place.x);
            for passed in (*band).min(to)..=(*band).max(to) {
                if (view.drawn_db[passed] > OFF_DB) == *off && passed != *band {
                    mute(passed, *off, view, gestures);
                }
            }
            *band = to;
        }
    }
}

/// Ends what was begun.
pub fn release(hold: &Hold, gestures: &mut Gestures) {
    gestures.release();
    if matches!(hold, Hold::Solo) {
        gestures.command(Command::Solo(None));
    }
}

fn mute(band: usize, off: bool, view: &ViewModel<'_>, gestures: &mut Gestures) {
    gestures.hold(mute_setting(band, off, view));
}

/// What mutes a band, or gives it back the gain it had.
#[must_use]
pub fn mute_setting(band: usize, off: bool, view: &ViewModel<'_>) -> ParamValue {
    ParamValue::Gain(band, if off { OFF_DB } else { view.before_off_db[band] })
}

/// A double click and the wheel, for the band under the pointer and those selected with it.
pub fn click_and_turn(
    ui: &Ui,
    response: &Response,
    (tools, busy): (&Tools, bool),
    (bands, view): (&Geometry, &ViewModel<'_>),
    selection: &Selection,
    gestures: &mut Gestures,
) {
    let Some(place) = response.hover_pos() else { return };
    let modifiers = ui.input(|input| input.modifiers);
    let band = bands.band_at(place.x);
    let affected = selection.with(band, bands.centres_x.len());
    let draws = matches!(tools.tool, Tool::Draw | Tool::Select) && !modifiers.alt;
    if response.double_clicked() && draws {
        gestures.change_all(affected.iter().map(|&k| ParamValue::Gain(k, 0.0)));
    }
    let notches = wheel_notches(ui, response);
    if notches != 0.0 && !busy {
        let step_db = if modifiers.shift || tools.fine { 0.1 } else { 0.5 };
        let turned = affected.iter().map(|&k| {
            let by_db = notches * step_db;
            // Only the one that is pointed at comes back from off.
            let gain_db = if k == band {
                let gain_db = (view.drawn_db[k] + by_db).clamp(OFF_DB, MAX_GAIN_DB);
                (gain_db * 100.0).round() / 100.0
            } else {
                moved_db(view.drawn_db[k], by_db)
            };
            ParamValue::Gain(k, gain_db)
        });
        gestures.turn_wheel(turned, ui.input(|input| input.time));
    }
    let over_handle = draws && bands.grabs(place, band, view.drawn_db[band]);
    ui.set_cursor_icon(match tools.tool {
        _ if over_handle || (busy && draws) => CursorIcon::ResizeVertical,
        Tool::Solo | Tool::Mute => CursorIcon::PointingHand,
        _ => CursorIcon::Crosshair,
    });
}
