//! The list of bank types: those that are designed, and the user's own files.

use crate::editor::edit::gesture::{Command, Gestures, ParamValue};
use crate::editor::view::model::ViewModel;
use crate::editor::view::widgets::{Cell, captioned_list};
use crate::state::params::KindChoice;
use egui::{Rect, Ui};
use nice_plug::prelude::Enum;

/// Draws the list into `rect`.
pub fn draw(ui: &mut Ui, rect: Rect, view: &ViewModel<'_>, gestures: &mut Gestures) {
    let cell = Cell {
        name: "Bank type",
        tooltip: "Bank type: ISAC, exactly linear in phase, or gammatone, the ear's own filters; \
                  or kernels of your own, .npz files in Documents/Erbium/banks",
        rect,
    };
    let types = KindChoice::variants();
    let files = view.bank_files.iter().map(|file| file.name.as_str());
    let mut names: Vec<&str> = types.iter().copied().chain(files).collect();
    let current = match &view.bank_file {
        None => view.params.kind.value().to_index(),
        Some((name, _)) => {
            let listed = names[types.len()..].iter().position(|listed| listed == name);
            listed.map_or_else(
                || {
                    // From a project or another folder.
                    names.push(name);
                    names.len() - 1
                },
                |index| types.len() + index,
            )
        }
    };
    let Some(picked) = captioned_list(ui, &cell, &names, current) else { return };
    if let Some(file) = picked.checked_sub(types.len()) {
        gestures.command(Command::LoadBank(Some(file)));
        return;
    }
    if view.bank_file.is_some() {
        gestures.command(Command::LoadBank(None));
    }
    if picked != view.params.kind.value().to_index() {
        gestures.change(ParamValue::Kind(KindChoice::from_index(picked)));
    }
}
