//! Keys, while the pointer is inside the window and nothing is being typed.

use crate::editor::bands::BandEditor;
use crate::editor::bands::gestures::mute_setting;
use crate::editor::bands::shape::moved_db;
use crate::editor::edit::gesture::{Command, Gestures, ParamValue};
use crate::editor::view::model::ViewModel;
use crate::state::params::OFF_DB;
use egui::{Key, Modifiers, Ui};

/// What an arrow key does, in dB.
const STEP_DB: f32 = 0.5;
/// The same with Shift.
const FINE_STEP_DB: f32 = 0.1;

/// Does what keys ask for. Those it has no use for are left alone.
pub fn act(ui: &Ui, bands: &mut BandEditor, view: &ViewModel<'_>, gestures: &mut Gestures) {
    let inside = ui.input(|input| input.pointer.has_pointer());
    let focused = ui.memory(|memory| memory.focused()).is_some();
    if !inside || ui.ctx().text_edit_focused() {
        return;
    }
    let pressed =
        |modifiers: Modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    if pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z) || pressed(Modifiers::COMMAND, Key::Y)
    {
        gestures.command(Command::Redo);
    } else if pressed(Modifiers::COMMAND, Key::Z) {
        gestures.command(Command::Undo);
    }
    if pressed(Modifiers::NONE, Key::B) {
        gestures.change(ParamValue::Bypass(!view.params.bypass.value()));
    }
    // Esc closes what is open first.
    if !egui::Popup::is_any_open(ui.ctx()) && ui.input(|input| input.key_pressed(Key::Escape)) {
        bands.deselect();
        if view.soloed.is_some() {
            gestures.command(Command::Solo(None));
        }
    }
    let keyed = bands.keyed(view.band_count());
    let Some(&first) = keyed.first() else { return };
    if pressed(Modifiers::NONE, Key::M) {
        let off = view.drawn_db[first] > OFF_DB;
        gestures.change_all(keyed.iter().map(|&band| mute_setting(band, off, view)));
    }
    if pressed(Modifiers::NONE, Key::L) {
        let soloed = view.soloed == Some(first);
        gestures.command(Command::Solo((!soloed).then_some(first)));
    }
    if focused {
        // Arrow keys belong to the control that has the keyboard.
        return;
    }
    let step = |modifiers, step_db: f32| {
        let up = if pressed(modifiers, Key::ArrowUp) { step_db } else { 0.0 };
        let down = if pressed(modifiers, Key::ArrowDown) { step_db } else { 0.0 };
        up - down
    };
    let by_db = step(Modifiers::SHIFT, FINE_STEP_DB) + step(Modifiers::NONE, STEP_DB);
    if by_db != 0.0 {
        let moved =
            keyed.iter().map(|&band| ParamValue::Gain(band, moved_db(view.drawn_db[band], by_db)));
        gestures.turn_wheel(moved, ui.input(|input| input.time));
    }
}
