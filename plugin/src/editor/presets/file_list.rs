//! A list of folders and of the files in one of them that a preset or a curve can be read from.

use crate::editor::view::theme;
use crate::state::preset::library::{file_name, is_preset};
use directories::UserDirs;
use egui::{Button, RichText, ScrollArea, Ui};
use std::path::{Path, PathBuf};

/// The most names that are shown.
const MOST: usize = 2000;

/// A folder and what is in it.
#[derive(Debug)]
pub struct FileList {
    /// Folders to go to at once.
    places: Vec<(&'static str, PathBuf)>,
    folder: PathBuf,
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
    /// Why there is nothing to show.
    failed: Option<String>,
}

impl FileList {
    /// Where it begins: in the user's downloads or home.
    #[must_use]
    pub fn at_home() -> Self {
        let user = UserDirs::new();
        let user = user.iter().flat_map(|user| {
            let home = ("Home", Some(user.home_dir()));
            [home, ("Documents", user.document_dir()), ("Downloads", user.download_dir())]
        });
        let places: Vec<_> =
            user.filter_map(|(name, folder)| Some((name, folder?.to_owned()))).collect();
        let folder = places.last().map_or_else(|| PathBuf::from("/"), |(_, folder)| folder.clone());
        let mut list =
            Self { places, folder: PathBuf::new(), folders: vec![], files: vec![], failed: None };
        list.open(&folder);
        list
    }

    /// Goes to a folder, or to the nearest one above that exists.
    pub fn open(&mut self, folder: &Path) {
        let folder = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(folder);
        self.folder = folder.to_owned();
        (self.folders, self.files, self.failed) = (vec![], vec![], None);
        match std::fs::read_dir(folder) {
            Ok(entries) => {
                let paths = entries.flatten().map(|entry| entry.path()).take(MOST);
                let shown = paths.filter(|path| !file_name(path).starts_with('.'));
                (self.folders, self.files) = shown.partition(|path| path.is_dir());
                self.files.retain(|path| is_preset(path));
                for paths in [&mut self.folders, &mut self.files] {
                    paths.sort_by_cached_key(|path| file_name(path).to_lowercase());
                }
            }
            Err(error) => self.failed = Some(format!("This folder cannot be read: {error}")),
        }
    }

    /// Draws the list. Returns the file that was chosen.
    pub fn draw(&mut self, ui: &mut Ui) -> Option<PathBuf> {
        let mut to = None;
        ui.horizontal_wrapped(|ui| {
            for (name, folder) in &self.places {
                if place(ui, name, &folder.display().to_string()) {
                    to = Some(folder.clone());
                }
            }
            if let Some(above) = self.folder.parent()
                && place(ui, "Up", "The folder that holds this one")
            {
                to = Some(above.to_owned());
            }
        });
        let ink = theme::of(ui.ctx()).text_dim;
        let here = RichText::new(self.folder.display().to_string());
        ui.label(here.font(theme::caption()).color(ink));
        let mut chosen = None;
        ScrollArea::vertical().max_height(220.0).auto_shrink([false, true]).show(ui, |ui| {
            for folder in &self.folders {
                if ui.selectable_label(false, format!("{} /", file_name(folder))).clicked() {
                    to = Some(folder.clone());
                }
            }
            for file in &self.files {
                if ui.selectable_label(false, file_name(file)).clicked() {
                    chosen = Some(file.clone());
                }
            }
            let nothing = "No presets (.json) or curves (.txt, .csv) here";
            let message = self.failed.as_deref().or(self.files.is_empty().then_some(nothing));
            if let Some(message) = message {
                ui.label(RichText::new(message).font(theme::caption()).color(ink));
            }
        });
        if let Some(folder) = to {
            self.open(&folder);
        }
        chosen
    }
}

/// A button that goes to a folder. Returns whether it was clicked.
fn place(ui: &mut Ui, name: &str, tooltip: &str) -> bool {
    let fill = theme::of(ui.ctx()).control;
    ui.add(Button::new(name).frame(true).fill(fill)).on_hover_text(tooltip).clicked()
}
