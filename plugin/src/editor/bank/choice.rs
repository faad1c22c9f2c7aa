//! The list of what banks there are: the kinds that are designed, and the user's own files.

use crate::editor::edit::gesture::{Command, Gestures, ParamValue};
use crate::editor::view::model::ViewModel;
use crate::editor::view::widgets::{Cell, captioned_list};
use crate::state::bank_file::{BankFile, Listed, listed, own_folder};
use crate::state::params::{ErbiumParams, KindChoice};
use crate::telemetry::Telemetry;
use egui::{Rect, Ui};
use nice_plug::prelude::Enum;
use std::path::PathBuf;

/// The time between two looks into the folder, in seconds.
const LOOK_S: f64 = 2.0;

/// The files in the user's folder of banks.
pub struct BankFiles {
    folder: Option<PathBuf>,
    files: Vec<Listed>,
    looked_s: Option<f64>,
}

impl Default for BankFiles {
    fn default() -> Self {
        Self { folder: own_folder(), files: Vec::new(), looked_s: None }
    }
}

impl BankFiles {
    /// Looks into this folder from now on.
    pub fn look_into(&mut self, folder: PathBuf) {
        *self = Self { folder: Some(folder), ..Self::default() };
    }

    /// Looks into the folder now and then. `now_s` is a clock in seconds.
    pub fn look(&mut self, now_s: f64) {
        if self.looked_s.is_none_or(|looked_s| now_s - looked_s >= LOOK_S) {
            self.looked_s = Some(now_s);
            self.files = self.folder.as_deref().map(listed).unwrap_or_default();
        }
    }

    /// What is there.
    #[must_use]
    pub fn files(&self) -> &[Listed] {
        &self.files
    }

    /// Plays a file from now on, or says why not; with `None` the bank of the parameters again.
    pub fn load(&self, index: Option<usize>, params: &ErbiumParams, telemetry: &Telemetry) {
        let Some(index) = index else { return params.bank_file.load(None) };
        let Some(listed) = self.files.get(index) else { return };
        match BankFile::read(&listed.path) {
            Ok(file) => params.bank_file.load(Some(file)),
            Err(error) => telemetry.set_notice(Some(format!("{error:#}"))),
        }
    }
}

/// Draws the list into `rect`.
pub fn draw(ui: &mut Ui, rect: Rect, view: &ViewModel<'_>, gestures: &mut Gestures) {
    let cell = Cell {
        name: "Kind",
        tooltip: "Kind of bank: ISAC, exactly linear in phase, or gammatone, the ear's own filters; \
                  or kernels of your own, .npz files in Documents/Erbium/banks",
        rect,
    };
    let kinds = KindChoice::variants();
    let files = view.bank_files.iter().map(|file| file.name.as_str());
    let mut names: Vec<&str> = kinds.iter().copied().chain(files).collect();
    let current = match &view.bank_file {
        None => view.params.kind.value().to_index(),
        Some((name, _)) => {
            let listed = names[kinds.len()..].iter().position(|listed| listed == name);
            listed.map_or_else(
                || {
                    // From a project or another folder.
                    names.push(name);
                    names.len() - 1
                },
                |index| kinds.len() + index,
            )
        }
    };
    let Some(picked) = captioned_list(ui, &cell, &names, current) else { return };
    if let Some(file) = picked.checked_sub(kinds.len()) {
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
