//! The list of presets: to load, keep, delete, open from a file and paste.

use crate::editor::edit::gesture::{Command, Gestures};
use crate::editor::presets::file_list::FileList;
use crate::editor::view::model::ViewModel;
use crate::editor::view::theme;
use crate::editor::view::tokens::size;
use crate::editor::view::widgets::{Cell, Row, focus_ring, heading, icon_button, opener};
use crate::state::preset::library::Entry;
use egui::accesskit::Role;
use egui::{Align2, Button, Popup, PopupCloseBehavior, ScrollArea, TextEdit, Ui, WidgetInfo, vec2};
use lucide_icons::Icon;

/// The state of the list while it is open.
#[derive(Debug, Default)]
pub struct PresetMenu {
    open: bool,
    /// The name that is being typed.
    typed: Option<String>,
    /// Whether the next click deletes.
    deletes: bool,
    /// The files on show, instead of the presets.
    files: Option<FileList>,
}

impl PresetMenu {
    /// Draws the list with a step to either side, and records what is chosen.
    pub fn draw(
        &mut self,
        ui: &mut Ui,
        row: &mut Row,
        view: &ViewModel<'_>,
        gestures: &mut Gestures,
    ) {
        let count = view.presets.len();
        let current = current(view);
        let cell = Cell {
            name: "Previous preset",
            tooltip: "Previous preset",
            rect: row.next(size::CONTROL),
        };
        if icon_button(ui, &cell, Icon::ChevronLeft, count > 0).clicked() && count > 0 {
            let index = (current.unwrap_or(0) + count - 1) % count;
            gestures.command(Command::LoadPreset(index));
        }
        let rect = row.next(NAME);
        let shown = match &view.preset {
            Some(preset) if preset.changed => format!("{} *", preset.name),
            Some(preset) => preset.name.clone(),
            None => "No preset".to_owned(),
        };
        let tooltip = "Presets: Erbium's and your own, to load, save and delete; curves from files and \
                       from the clipboard. A star says that something was changed since";
        let cell = Cell { name: "Preset", tooltip, rect };
        let list = opener(ui, &cell, Role::ComboBox, &shown);
        let popup = Popup::menu(&list).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let open = popup.show(|ui| self.content(ui, view, gestures)).is_some();
        if open && !self.open {
            gestures.command(Command::RefreshPresets);
        }
        let last = std::mem::take(self);
        *self = if open {
            Self { open, ..last }
        } else {
            // A name that was refused can be mended; one that was taken is no longer wanted.
            let saved = |name: &String| view.preset.as_ref().is_some_and(|now| now.name == *name);
            Self { typed: last.typed.filter(|name| !saved(name)), ..Self::default() }
        };
        let cell =
            Cell { name: "Next preset", tooltip: "Next preset", rect: row.next(size::CONTROL) };
        if icon_button(ui, &cell, Icon::ChevronRight, count > 0).clicked() && count > 0 {
            let index = current.map_or(0, |index| (index + 1) % count);
            gestures.command(Command::LoadPreset(index));
        }
    }

    fn content(&mut self, ui: &mut Ui, view: &ViewModel<'_>, gestures: &mut Gestures) {
        ui.set_width(size::MENU);
        if self.files.is_some() {
            self.file(ui, gestures);
            return;
        }
        ScrollArea::vertical().max_height(LIST).auto_shrink([false, true]).show(ui, |ui| {
            let own = |entry: &Entry| entry.path.is_some();
            for (index, entry) in view.presets.iter().enumerate() {
                if own(entry) && !view.presets[..index].last().is_some_and(own) {
                    heading(ui, "Your own", "");
                }
                let chosen = current(view) == Some(index);
                if ui.selectable_label(chosen, &entry.name).clicked() {
                    gestures.command(Command::LoadPreset(index));
                    ui.close();
                }
            }
        });
        ui.separator();
        self.save(ui, view, gestures);
        self.delete(ui, view, gestures);
        ui.separator();
        let tooltip = "A preset (.json), or a curve (.txt, .csv, .tsv, .frd): settings of Equalizer APO, \
                       AutoEq or REW, or hertz and dB in every line";
        if ui.button("Open a file…").on_hover_text(tooltip).clicked() {
            self.files = Some(FileList::at_home());
        }
        let tooltip = "The same from the clipboard: copy the text of a preset or a curve anywhere";
        if ui.button("Paste a curve").on_hover_text(tooltip).clicked() {
            gestures.command(Command::Paste);
            ui.close();
        }
    }

    /// A name, which need not be typed, and a button.
    fn save(&mut self, ui: &mut Ui, view: &ViewModel<'_>, gestures: &mut Gestures) {
        let own = view.preset.as_ref().filter(|preset| preset.own);
        let offered = own.map_or(view.free_preset_name, |preset| &preset.name);
        let mut name = self.typed.clone().unwrap_or_else(|| offered.to_owned());
        ui.horizontal(|ui| {
            theme::framed(ui);
            let edit = ui.add(
                TextEdit::singleline(&mut name)
                    .desired_width(176.0)
                    .align(Align2::LEFT_CENTER)
                    .min_size(vec2(0.0, size::CONTROL)),
            );
            focus_ring(ui, &edit);
            edit.widget_info(|| {
                let mut info = WidgetInfo::labeled(Role::TextInput, true, "Name of the preset");
                info.current_text_value = Some(name.clone());
                info
            });
            if edit.changed() {
                self.typed = Some(name.clone());
            }
            let edit = edit.on_hover_text("The name to save under. Enter saves");
            let taken = view.presets.iter().any(|entry| entry.path.is_some() && entry.name == name);
            let text = if taken { "Replace" } else { "Save" };
            let tooltip = "Save the drawn curve, the bank and the output into your own presets";
            let save = ui.add(Button::new(text).min_size(vec2(76.0, size::CONTROL)));
            let save = save.on_hover_text(tooltip);
            focus_ring(ui, &save);
            save.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{text} preset")));
            let entered =
                edit.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            if save.clicked() || entered {
                gestures.command(Command::SavePreset(name.clone()));
                ui.close();
            }
        });
    }

    /// It takes a second click, as nothing brings a file back.
    fn delete(&mut self, ui: &mut Ui, view: &ViewModel<'_>, gestures: &mut Gestures) {
        let own = current(view).filter(|index| view.presets[*index].path.is_some());
        let Some((index, entry)) = own.map(|index| (index, &view.presets[index])) else { return };
        let name = &entry.name;
        if !self.deletes {
            self.deletes = ui.button(format!("Delete {name}…")).clicked();
        } else if ui.button(format!("Delete the file of {name} for good")).clicked() {
            gestures.command(Command::DeletePreset(index));
            ui.close();
        }
    }

    fn file(&mut self, ui: &mut Ui, gestures: &mut Gestures) {
        let back = ui.button("‹ Back to the presets").clicked();
        let Some(files) = &mut self.files else { return };
        if let Some(path) = files.draw(ui) {
            gestures.command(Command::LoadFile(path));
            ui.close();
        }
        if back {
            self.files = None;
        }
    }
}

/// The height of the list: it ends within a line, which shows that there are more.
const LIST: f32 = 190.0;
/// The width of the name.
const NAME: f32 = 128.0;

/// Which of the presets on offer was loaded last.
fn current(view: &ViewModel<'_>) -> Option<usize> {
    let loaded = view.preset.as_ref()?;
    let is = |entry: &Entry| entry.name == loaded.name && entry.path.is_some() == loaded.own;
    view.presets.iter().position(is)
}
