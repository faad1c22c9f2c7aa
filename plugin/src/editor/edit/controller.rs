//! What a person did, told to the host: step by step for the undo, between A and B, by preset.

use crate::editor::edit::gesture::{Gestures, ParamEdit, ParamId, ParamValue};
use crate::editor::edit::undo::{Step, UndoLog};
use crate::editor::view::model::ShownPreset;
use crate::state::ab::{AbState, LoadedPreset};
use crate::state::curve::{Curve, CurveState};
use crate::state::params::{ErbiumParams, MAX_BANDS, OFF_DB};
use crate::state::preset::Preset;
use crate::state::snapshot::{self, Snapshot};
use erbium_dsp::Bank;
use nice_plug::prelude::ParamSetter;
use std::sync::{MutexGuard, PoisonError};

/// What is known of the instance at one moment, beside its parameters.
#[derive(Clone, Copy)]
pub struct EditContext<'a> {
    /// The parameters.
    pub params: &'a ErbiumParams,
    /// The bank in use.
    pub bank: Option<&'a Bank>,
    /// The gains drawn, in dB: the parameters, or the curve where it has moved on.
    pub drawn_db: &'a [f32; MAX_BANDS],
}

impl EditContext<'_> {
    fn setting(&self, control: ParamId) -> ParamValue {
        match control {
            ParamId::Gain(band) => ParamValue::Gain(band, self.drawn_db[band]),
            control => ParamValue::of(control, self.params),
        }
    }

    fn curve(&self) -> Curve {
        self.params.curve.drawing().curve
    }

    fn bands(&self) -> usize {
        self.bank.map_or(0, Bank::bands)
    }

    /// The preset loaded last.
    #[must_use]
    pub fn preset(&self) -> Option<ShownPreset> {
        let memory = self.memory();
        let LoadedPreset { name, own, made, .. } = memory.preset.as_ref()?;
        let is = |made: &ParamValue| made.is_near(self.setting(made.control()));
        Some(ShownPreset { name: name.clone(), own: *own, changed: !made.iter().all(is) })
    }

    /// What is heard as a preset: the bank, the output, and the drawn curve.
    #[must_use]
    pub fn as_preset(&self, name: &str) -> Preset {
        let settings = ParamId::SOUND.map(|control| self.setting(control)).to_vec();
        let mut curve = self.curve();
        if let Some(bank) = self.bank {
            let (scale, centres_hz) = (bank.spec().scale, bank.centres_hz());
            let agrees = |(&hz, &db): (&f64, &f32)| (curve.read_db(scale, hz) - db).abs() < 1e-3;
            // What was moved while nothing played is not in the curve yet.
            if !centres_hz.iter().zip(self.drawn_db).all(agrees) {
                curve = Curve::new(centres_hz, self.drawn_db);
            }
        }
        // Replaced under its name, it says of itself what it did.
        let memory = self.memory();
        let loaded = memory.preset.as_ref().filter(|loaded| loaded.name == name);
        let about = loaded.map(|loaded| loaded.about.clone()).unwrap_or_default();
        Preset { about, ..Snapshot { settings, curve }.preset(name) }
    }

    /// What is kept with the project.
    fn memory(&self) -> MutexGuard<'_, AbState> {
        self.params.editor_memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn snapshot(&self) -> Snapshot {
        let gains = (0..self.bands()).map(ParamId::Gain);
        let settings = ParamId::SOUND.into_iter().chain(gains);
        Snapshot {
            settings: settings.map(|control| self.setting(control)).collect(),
            curve: self.curve(),
        }
    }
}

/// How long a preset has to settle, in seconds: its bank plays, and the parameters say its curve.
const SETTLED_S: f64 = 0.5;

/// What is done and undone in an instance's editor, in one window after another.
#[derive(Debug, Default)]
pub struct EditController {
    undo: UndoLog,
}

impl EditController {
    /// Whether there is a step to take back, and one to do again.
    #[must_use]
    pub fn steps(&self) -> (bool, bool) {
        (self.undo.can_undo(), self.undo.can_redo())
    }

    /// Tells the host what was done, and remembers it.
    pub fn tell(&mut self, actions: &[ParamEdit], now: &EditContext<'_>, host: &ParamSetter<'_>) {
        for action in actions {
            if let ParamEdit::Begin(ParamId::Gain(band)) = *action
                && now.drawn_db[band] > OFF_DB
            {
                now.memory().before_off_db[band] = now.drawn_db[band];
            }
            let drawn = |control| now.setting(control);
            let slot = now.memory().slot;
            self.undo.observe(*action, drawn, || now.curve(), slot);
            crate::editor::edit::gesture::apply(&[*action], now.params, host);
        }
    }

    /// Takes the last step back.
    pub fn undo(&mut self, now: &EditContext<'_>, host: &ParamSetter<'_>) {
        if let Some(step) = self.undo.undo() {
            let curve = step.curve_to_restore(now.bank, now.drawn_db);
            now.memory().slot = step.slots[0];
            restore(&step.before, curve, now, host);
        }
    }

    /// Does again what was taken back last.
    pub fn redo(&mut self, now: &EditContext<'_>, host: &ParamSetter<'_>) {
        if let Some(step) = self.undo.redo() {
            now.memory().slot = step.slots[1];
            restore(&step.after, step.curve_after, now, host);
        }
    }

    /// Goes over to A (0) or B (1). One that was never used is as the other is.
    pub fn compare(&mut self, slot: usize, now: &EditContext<'_>, host: &ParamSetter<'_>) {
        let left = now.memory().slot;
        if slot == left || slot > 1 {
            return;
        }
        let here = now.snapshot();
        let there = now.memory().slots[slot].clone().unwrap_or_else(|| here.clone());
        now.memory().slots[left] = Some(here);
        now.memory().slot = slot;
        self.take_over(there.settings, there.curve, [left, slot], now, host);
    }

    /// Makes the other of A and B equal to the one in use.
    pub fn copy_to_other(&mut self, now: &EditContext<'_>) {
        let here = now.snapshot();
        let mut memory = now.memory();
        let other = 1 - memory.slot;
        memory.slots[other] = Some(here);
    }

    /// Loads a preset: what it does not name is at its default.
    pub fn load(
        &mut self,
        preset: &Preset,
        own: bool,
        now: &EditContext<'_>,
        host: &ParamSetter<'_>,
    ) {
        let mut settings = snapshot::settings(preset);
        let mut curve = preset.nodes().unwrap_or(Curve::FLAT);
        if let Some(bank) = now.bank.filter(|bank| is_asked_for(bank, &settings, now)) {
            let scale = bank.spec().scale;
            if preset.curve.len() > MAX_BANDS {
                // More points than a curve holds: the bands get what the whole of it says.
                let gains_db = preset.curve_gains_db(scale, bank.centres_hz());
                curve = Curve::new(bank.centres_hz(), &gains_db);
            }
            for (band, &hz) in bank.centres_hz().iter().enumerate() {
                if !settings.iter().any(|setting| setting.control() == ParamId::Gain(band)) {
                    settings.push(ParamValue::Gain(band, curve.read_db(scale, hz)));
                }
            }
        }
        let slot = now.memory().slot;
        self.take_over(settings, curve, [slot; 2], now, host);
        let (name, about) = (preset.name.clone(), preset.about.clone());
        let loaded = LoadedPreset { name, about, own, made: Vec::new(), since_s: None };
        now.memory().preset = Some(loaded);
    }

    /// What is heard has been kept as this preset of the user's own.
    pub fn saved(&mut self, preset: Preset, now: &EditContext<'_>) {
        let (made, Preset { name, about, .. }) = (now.snapshot().settings, preset);
        now.memory().preset = Some(LoadedPreset { name, about, own: true, made, since_s: None });
    }

    /// Remembers what the preset made of the sound, once its bank plays. `now_s` is a clock in
    /// seconds, `busy` whether a bank is being designed.
    pub fn settle(&mut self, now: &EditContext<'_>, now_s: f64, busy: bool) {
        let mut memory = now.memory();
        if let Some(preset) = memory.preset.as_mut().filter(|preset| preset.made.is_empty()) {
            let since_s = *preset.since_s.get_or_insert(now_s);
            if busy {
                preset.since_s = None;
            } else if now_s - since_s > SETTLED_S {
                preset.made = now.snapshot().settings;
            }
        }
    }

    fn take_over(
        &mut self,
        after: Vec<ParamValue>,
        curve: Curve,
        slots: [usize; 2],
        now: &EditContext<'_>,
        host: &ParamSetter<'_>,
    ) {
        let before = after.iter().map(|setting| now.setting(setting.control())).collect();
        let curve_before = now.curve();
        restore(&after, Some(curve), now, host);
        self.undo.push(Step { before, after, curve_before, curve_after: Some(curve), slots });
    }
}

/// Whether the bank in use is the one asked for once these settings are made.
fn is_asked_for(bank: &Bank, settings: &[ParamValue], now: &EditContext<'_>) -> bool {
    let named = |control| settings.iter().copied().find(|setting| setting.control() == control);
    let of_bank =
        [ParamId::Kind, ParamId::Scale, ParamId::Bands, ParamId::Latency, ParamId::Quality];
    let unchanged = |control| named(control).is_none_or(|setting| setting == now.setting(control));
    of_bank.into_iter().all(unchanged)
        && *bank.spec() == now.params.bank_spec(bank.spec().sample_rate_hz)
}

/// Sets what differs in one gesture, and brings a drawn curve back exactly.
///
/// The curve is loaded with the parameters seen as they are now: those about to move are touches
/// that agree with it, the others are read from it, whichever of the two the audio thread sees
/// first.
fn restore(
    settings: &[ParamValue],
    curve: Option<Curve>,
    now: &EditContext<'_>,
    host: &ParamSetter<'_>,
) {
    if let Some(curve) = curve {
        let last_param_db = std::array::from_fn(|k| now.params.band[k].gain_db.value());
        now.params.curve.load(&CurveState { curve, last_param_db });
    }
    let mut gestures = Gestures::default();
    let differing = settings.iter().copied();
    gestures.change_all(differing.filter(|s| *s != ParamValue::of(s.control(), now.params)));
    crate::editor::edit::gesture::apply(&gestures.take(), now.params, host);
}
