//! Edits of the parameters as hosts expect them: begin, set, …, end.

use crate::editor::view::axes::Part;
use crate::state::params::ErbiumParams;
use crate::state::preferences::Preferences;
use nice_plug::prelude::ParamSetter;
use std::path::PathBuf;

pub use crate::state::param::{ParamId, ParamValue};

/// One message to the host.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ParamEdit {
    /// A gesture on this parameter begins.
    Begin(ParamId),
    /// The parameter takes a value.
    Set(ParamValue),
    /// The gesture ends.
    End(ParamId),
}

/// What a person asks of the editor rather than of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Take back the last step.
    Undo,
    /// Do again what was taken back.
    Redo,
    /// Go over to A (0) or B (1).
    Compare(usize),
    /// Make the other of A and B equal to this one.
    CopyToOther,
    /// Read the folder of the user's own presets again.
    RefreshPresets,
    /// Load the preset of this index.
    LoadPreset(usize),
    /// Play the bank file of this index, or with `None` the bank of the parameters.
    LoadBank(Option<usize>),
    /// Load the preset or the curve in this file.
    LoadFile(PathBuf),
    /// Save the current sound as the user's own preset of this name.
    SavePreset(String),
    /// Delete the user's own preset of this index.
    DeletePreset(usize),
    /// Load the preset or the curve in the clipboard.
    Paste,
    /// Solo one band, counted from 0, or none.
    Solo(Option<usize>),
    /// Clear held peaks and restart the integrated loudness.
    ResetMeters,
    /// See this part of the frequency axis.
    SeePart(Part),
    /// Set theme, interface scale, axis and spectrogram.
    SetPreferences(Preferences),
}

/// After this long without a notch of the wheel, in seconds, the next is another gesture.
const WHEEL_S: f64 = 0.5;

/// Records a person's gestures; a value is never set outside begin and end.
#[derive(Debug, Default)]
pub struct Gestures {
    held: Vec<ParamId>,
    /// When the gesture of the wheel ends, if one is open: a clock in seconds.
    wheel_until_s: Option<f64>,
    edits: Vec<ParamEdit>,
    commands: Vec<Command>,
}

impl Gestures {
    /// Sets a value within the open gesture, beginning it for a parameter first touched.
    pub fn hold(&mut self, setting: ParamValue) {
        if self.wheel_until_s.is_some() {
            self.release();
        }
        self.set(setting);
    }

    /// Sets values by a notch of the wheel at `now_s`, a clock in seconds: within the gesture of the
    /// last notch, if that was on the same parameters and not long ago.
    pub fn turn_wheel(&mut self, settings: impl IntoIterator<Item = ParamValue>, now_s: f64) {
        let settings: Vec<_> = settings.into_iter().collect();
        let controls = settings.iter().map(|setting| setting.control());
        if self.wheel_until_s.is_none() || !controls.eq(self.held.iter().copied()) {
            self.release();
        }
        settings.into_iter().for_each(|setting| self.set(setting));
        self.wheel_until_s = Some(now_s + WHEEL_S);
    }

    /// With every frame: ends the gesture of a wheel that is no longer turned.
    pub fn end_wheel_gesture(&mut self, now_s: f64) {
        if self.wheel_until_s.is_some_and(|until_s| until_s <= now_s) {
            self.release();
        }
    }

    fn set(&mut self, setting: ParamValue) {
        let control = setting.control();
        if !self.held.contains(&control) {
            self.held.push(control);
            self.edits.push(ParamEdit::Begin(control));
        }
        self.edits.push(ParamEdit::Set(setting));
    }

    /// Ends the gesture for every parameter it touched.
    pub fn release(&mut self) {
        self.wheel_until_s = None;
        self.edits.extend(self.held.drain(..).map(ParamEdit::End));
    }

    /// Takes back what was done to band gains since the last [`Self::take`], and ends the gesture on
    /// those that was begun before: the bands shown are not those of the parameters.
    pub fn discard_gains(&mut self) {
        let is_gain = |control| matches!(control, ParamId::Gain(_));
        let mut begun = Vec::new();
        self.edits.retain(|edit| match *edit {
            ParamEdit::Begin(control) if is_gain(control) => {
                begun.push(control);
                false
            }
            ParamEdit::Set(setting) => !is_gain(setting.control()),
            ParamEdit::End(control) => match begun.iter().position(|known| *known == control) {
                Some(at) => {
                    begun.swap_remove(at);
                    false
                }
                None => true,
            },
            ParamEdit::Begin(_) => true,
        });
        let (gains, others): (Vec<_>, Vec<_>) =
            self.held.drain(..).partition(|control| is_gain(*control));
        self.held = others;
        let sent = gains.into_iter().filter(|control| !begun.contains(control));
        self.edits.extend(sent.map(ParamEdit::End));
    }

    /// Sets a value in a gesture of its own.
    pub fn change(&mut self, setting: ParamValue) {
        self.change_all([setting]);
    }

    /// Sets several values in one gesture: all begin before the first is set.
    pub fn change_all(&mut self, settings: impl IntoIterator<Item = ParamValue>) {
        self.release();
        let settings: Vec<_> = settings.into_iter().collect();
        self.held.extend(settings.iter().map(|setting| setting.control()));
        self.edits.extend(self.held.iter().copied().map(ParamEdit::Begin));
        self.edits.extend(settings.into_iter().map(ParamEdit::Set));
        self.release();
    }

    /// Whether a gesture is open.
    #[must_use]
    pub fn holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Whether the open gesture has touched a parameter.
    #[must_use]
    pub fn holds(&self, control: ParamId) -> bool {
        self.held.contains(&control)
    }

    /// Asks the editor for something.
    pub fn command(&mut self, command: Command) {
        // Whatever it changes begins and ends by itself.
        self.release();
        self.commands.push(command);
    }

    /// The commands not yet taken, oldest first.
    pub fn take_commands(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.commands)
    }

    /// The messages not yet taken, oldest first.
    pub fn take(&mut self) -> Vec<ParamEdit> {
        std::mem::take(&mut self.edits)
    }
}

/// Sends edits to the host.
pub fn send(edits: &[ParamEdit], params: &ErbiumParams, host: &ParamSetter<'_>) {
    let host = host.raw_context;
    for edit in edits {
        // SAFETY: the pointers point into `params`, which outlives the calls.
        unsafe {
            match *edit {
                ParamEdit::Begin(control) => host.raw_begin_set_parameter(control.pointer(params)),
                ParamEdit::Set(setting) => {
                    let pointer = setting.control().pointer(params);
                    host.raw_set_parameter_normalized(pointer, setting.normalized());
                }
                ParamEdit::End(control) => host.raw_end_set_parameter(control.pointer(params)),
            }
        }
    }
}
