//! Loading and saving presets, and the message on it.

pub mod clipboard;
pub mod file_list;
pub mod menu;

use crate::editor::edit::context::EditContext;
use crate::editor::edit::controller::{EditController, LoadScope};
use crate::editor::edit::gesture::Command;
use crate::editor::presets::clipboard::Clipboard;
use crate::editor::view::tokens::time::MESSAGE_S;
use crate::message::one_line;
use crate::state::params::MAX_BANDS;
use crate::state::preset::Preset;
use crate::state::preset::library::{self, Entry, Library};
use anyhow::Result;
use nice_plug::prelude::ParamSetter;
use std::path::PathBuf;

/// What a pasted curve is called.
const PASTED: &str = "Pasted curve";

/// A message that is shown for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    /// A sentence.
    pub text: String,
    /// Whether something went wrong.
    pub failed: bool,
    until_s: f64,
}

/// The presets on offer, and what becomes of them.
#[derive(Default)]
pub struct Presets {
    library: Library,
    clipboard: Clipboard,
    toast: Option<Toast>,
}

impl Presets {
    /// Keeps the user's own in this folder.
    pub fn set_folder(&mut self, folder: PathBuf) {
        self.library = Library::new(Some(folder));
    }

    /// Pastes from there.
    pub fn set_clipboard(&mut self, clipboard: Clipboard) {
        self.clipboard = clipboard;
    }

    /// What is on offer.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        self.library.entries()
    }

    /// A name that is not taken yet.
    #[must_use]
    pub fn free_name(&self) -> &str {
        self.library.free_name()
    }

    /// The message on what was done last, for a while.
    #[must_use]
    pub fn toast(&self) -> Option<&Toast> {
        self.toast.as_ref()
    }

    /// With every frame: takes what was fetched, and ends the message in time. `now_s` is a clock in
    /// seconds.
    pub fn sync(
        &mut self,
        controller: &mut EditController,
        context: &EditContext<'_>,
        host: &ParamSetter<'_>,
        now_s: f64,
    ) {
        self.toast.take_if(|toast| toast.until_s < now_s);
        if let Some(notices) = context.params.load_notices.take() {
            self.show(Err(anyhow::anyhow!("The project's state: {notices}")), now_s);
        }
        if let Some(fetched) = self.clipboard.take() {
            let rate_hz = context.sample_rate_hz();
            let read =
                fetched.and_then(|text| Preset::from_bytes(PASTED, text.as_bytes(), rate_hz));
            let message =
                read.map_err(|sentence| anyhow::anyhow!("Nothing was pasted: {sentence}"));
            let message = message.map(|preset| Some(load(&preset, controller, context, host)));
            self.show(message, now_s);
        }
    }

    /// Carries out the commands on presets; other commands are left alone.
    pub fn handle(
        &mut self,
        command: &Command,
        controller: &mut EditController,
        (context, host): (&EditContext<'_>, &ParamSetter<'_>),
        now_s: f64,
    ) {
        let message = match command {
            Command::RefreshPresets => {
                self.library.look();
                Ok(None)
            }
            Command::LoadPreset(index) => {
                self.library.read(*index, context.sample_rate_hz()).map(|preset| {
                    let own = self.library.entries()[*index].path.is_some();
                    controller.load(&preset, (own, scope_of(&preset)), context, host);
                    (!preset.notices.is_empty()).then(|| preset.notices.join("; "))
                })
            }
            Command::LoadFile(path) => library::read_file(path, context.sample_rate_hz())
                .map(|preset| Some(load(&preset, controller, context, host))),
            Command::SavePreset(name) => {
                let preset = context.as_preset(name.trim());
                self.library.save(&preset).map(|path| {
                    controller.saved(preset, context);
                    Some(format!("Saved {}", path.display()))
                })
            }
            Command::DeletePreset(index) => {
                self.library.delete(*index).map(|name| Some(format!("Deleted {name}")))
            }
            Command::Paste => {
                self.clipboard.fetch();
                Ok(None)
            }
            _ => return,
        };
        self.show(message, now_s);
    }

    /// Warns for a while with a sentence that has to do with no preset.
    pub fn warn(&mut self, sentence: String, now_s: f64) {
        self.show(Err(anyhow::anyhow!(sentence)), now_s);
    }

    fn show(&mut self, message: Result<Option<String>>, now_s: f64) {
        let (text, failed) = match message {
            Ok(Some(text)) => (text, false),
            Ok(None) => return,
            Err(error) => (format!("{error:#}"), true),
        };
        self.toast = Some(Toast { text: one_line(&text), failed, until_s: now_s + MESSAGE_S });
    }
}

/// How much of the sound is set: a preset's, or no more than a curve of another program.
const fn scope_of(preset: &Preset) -> LoadScope {
    if preset.curve_only { LoadScope::Curve } else { LoadScope::Sound }
}

/// Loads what came from elsewhere. Returns the message on it.
fn load(
    preset: &Preset,
    controller: &mut EditController,
    context: &EditContext<'_>,
    host: &ParamSetter<'_>,
) -> String {
    controller.load(preset, (false, scope_of(preset)), context, host);
    let (name, points) = (&preset.name, preset.curve.len());
    let contents = match preset.curve_only {
        true => preset.contents.clone(),
        false => format!("{points} points"),
    };
    let read = if points > MAX_BANDS { ", read at the bands' centre frequencies" } else { "" };
    let notices = preset.notices.iter().map(|notice| format!("; {notice}"));
    format!("{name}: {contents}{read}{}", notices.collect::<String>())
}
