//! What an editor remembers beyond its window: undo, A and B, the preset, what muted bands had.

use super::gesture::{Action, Control, Gestures, Setting};
use super::undo::{Step, UndoLog};
use crate::curve::{Curve, Drawing};
use crate::params::{ErbiumParams, MAX_BANDS, OFF_DB};
use crate::preset::Preset;
use erbium_dsp::Bank;
use nice_plug::prelude::ParamSetter;

/// All that is heard, by value.
#[derive(Clone, Debug)]
struct Sound {
    settings: Vec<Setting>,
    curve: Curve,
}

/// What is known of the instance at one moment, beside its parameters.
#[derive(Clone, Copy)]
pub struct Now<'a> {
    /// The parameters.
    pub params: &'a ErbiumParams,
    /// The bank in use.
    pub bank: Option<&'a Bank>,
    /// The gains drawn, in dB: the parameters, or the curve where it has moved on.
    pub drawn_db: &'a [f32; MAX_BANDS],
}

impl Now<'_> {
    fn setting(&self, control: Control) -> Setting {
        match control {
            Control::Gain(band) => Setting::Gain(band, self.drawn_db[band]),
            control => Setting::of(control, self.params),
        }
    }

    fn curve(&self) -> Curve {
        self.params.curve.drawing().curve
    }

    fn bands(&self) -> usize {
        self.bank.map_or(0, Bank::bands)
    }

    fn sound(&self) -> Sound {
        let gains = (0..self.bands()).map(Control::Gain);
        let settings = Control::SOUND.into_iter().chain(gains);
        Sound {
            settings: settings.map(|control| self.setting(control)).collect(),
            curve: self.curve(),
        }
    }
}

/// The preset loaded last.
#[derive(Debug)]
struct LoadedPreset {
    index: usize,
    /// What it made of the sound, once its bank plays.
    made: Vec<Setting>,
    /// Since when it has been waited for, in seconds.
    since_s: Option<f64>,
}

/// How long a preset has to settle, in seconds: its bank plays, and the parameters say its curve.
const SETTLED_S: f64 = 0.5;

/// The memory of an instance's editor.
#[derive(Debug)]
pub struct Session {
    undo: UndoLog,
    slot: usize,
    /// What A and B were when they were last left.
    slots: [Option<Sound>; 2],
    /// The preset loaded last, and what it made of the sound.
    preset: Option<LoadedPreset>,
    /// What each band had before it was turned off.
    before_off_db: [f32; MAX_BANDS],
}

impl Default for Session {
    fn default() -> Self {
        Self {
            undo: UndoLog::default(),
            slot: 0,
            slots: [None, None],
            preset: None,
            before_off_db: [0.0; MAX_BANDS],
        }
    }
}

impl Session {
    /// Whether there is a step to take back, and one to do again.
    #[must_use]
    pub fn steps(&self) -> (bool, bool) {
        (self.undo.can_undo(), self.undo.can_redo())
    }

    /// Which of A (0) and B (1) is in use.
    #[must_use]
    pub fn slot(&self) -> usize {
        self.slot
    }

    /// The preset loaded last, and whether anything has been changed since.
    #[must_use]
    pub fn preset(&self, now: &Now<'_>) -> Option<(usize, bool)> {
        let LoadedPreset { index, made, .. } = self.preset.as_ref()?;
        let is = |setting: &Setting| match (*setting, now.setting(setting.control())) {
            (Setting::Gain(_, made_db), Setting::Gain(_, db)) => (made_db - db).abs() < 0.005,
            (made, now) => made == now,
        };
        Some((*index, !made.iter().all(is)))
    }

    /// What each band had before it was turned off, in dB.
    #[must_use]
    pub fn before_off_db(&self) -> &[f32; MAX_BANDS] {
        &self.before_off_db
    }

    /// Tells the host what was done, and remembers it.
    pub fn tell(&mut self, actions: &[Action], now: &Now<'_>, host: &ParamSetter<'_>) {
        for action in actions {
            if let Action::Begin(Control::Gain(band)) = *action
                && now.drawn_db[band] > OFF_DB
            {
                self.before_off_db[band] = now.drawn_db[band];
            }
            let drawn = |control| now.setting(control);
            self.undo.observe(*action, drawn, || now.curve(), self.slot);
            super::gesture::apply(&[*action], now.params, host);
        }
    }

    /// Takes the last step back.
    pub fn undo(&mut self, now: &Now<'_>, host: &ParamSetter<'_>) {
        if let Some(step) = self.undo.undo() {
            let curve = step.curve_to_restore(now.bank, now.drawn_db);
            self.slot = step.slots[0];
            restore(&step.before, curve, now, host);
        }
    }

    /// Does again what was taken back last.
    pub fn redo(&mut self, now: &Now<'_>, host: &ParamSetter<'_>) {
        if let Some(step) = self.undo.redo() {
            self.slot = step.slots[1];
            restore(&step.after, step.curve_after, now, host);
        }
    }

    /// Goes over to A (0) or B (1). One that was never used is as the other is.
    pub fn compare(&mut self, slot: usize, now: &Now<'_>, host: &ParamSetter<'_>) {
        if slot == self.slot || slot > 1 {
            return;
        }
        let here = now.sound();
        let there = self.slots[slot].clone().unwrap_or_else(|| here.clone());
        self.slots[self.slot] = Some(here);
        let slots = [self.slot, slot];
        self.slot = slot;
        self.take_over(there.settings, there.curve, slots, now, host);
    }

    /// Makes the other of A and B equal to the one in use.
    pub fn copy_to_other(&mut self, now: &Now<'_>) {
        self.slots[1 - self.slot] = Some(now.sound());
    }

    /// Loads a preset. What it does not name is kept.
    pub fn load(&mut self, index: usize, preset: &Preset, now: &Now<'_>, host: &ParamSetter<'_>) {
        let mut named = ErbiumParams::default();
        crate::setting::apply(&preset.settings, &mut named);
        let controls = preset.settings.iter().filter_map(|setting| Control::from_id(setting.id()));
        let mut settings: Vec<_> = controls.map(|control| Setting::of(control, &named)).collect();
        let curve = preset.nodes().unwrap_or_else(|| now.curve());
        if let Some(bank) = now.bank.filter(|bank| is_asked_for(bank, &settings, now)) {
            let scale = bank.spec().scale;
            for (band, &hz) in bank.centres_hz().iter().enumerate() {
                if !settings.iter().any(|setting| setting.control() == Control::Gain(band)) {
                    settings.push(Setting::Gain(band, curve.read_db(scale, hz)));
                }
            }
        }
        self.take_over(settings, curve, [self.slot; 2], now, host);
        self.preset = Some(LoadedPreset { index, made: Vec::new(), since_s: None });
    }

    /// Remembers what the preset made of the sound, once its bank plays. `now_s` is a clock in
    /// seconds, `busy` whether a bank is being designed.
    pub fn settle(&mut self, now: &Now<'_>, now_s: f64, busy: bool) {
        if let Some(preset) = self.preset.as_mut().filter(|preset| preset.made.is_empty()) {
            let since_s = *preset.since_s.get_or_insert(now_s);
            if busy {
                preset.since_s = None;
            } else if now_s - since_s > SETTLED_S {
                preset.made = now.sound().settings;
            }
        }
    }

    fn take_over(
        &mut self,
        after: Vec<Setting>,
        curve: Curve,
        slots: [usize; 2],
        now: &Now<'_>,
        host: &ParamSetter<'_>,
    ) {
        let before = after.iter().map(|setting| now.setting(setting.control())).collect();
        let curve_before = now.curve();
        restore(&after, Some(curve), now, host);
        self.undo.push(Step { before, after, curve_before, curve_after: Some(curve), slots });
    }
}

/// Whether the bank in use is the one asked for once these settings are made.
fn is_asked_for(bank: &Bank, settings: &[Setting], now: &Now<'_>) -> bool {
    let named = |control| settings.iter().copied().find(|setting| setting.control() == control);
    let of_bank =
        [Control::Kind, Control::Scale, Control::Bands, Control::Latency, Control::Quality];
    let unchanged = |control| named(control).is_none_or(|setting| setting == now.setting(control));
    of_bank.into_iter().all(unchanged)
        && *bank.spec() == now.params.bank_spec(bank.spec().sample_rate_hz)
}

/// Sets what differs in one gesture, and brings a drawn curve back exactly.
///
/// The curve is loaded with the parameters seen as they are now: those about to move are touches
/// that agree with it, the others are read from it, whichever of the two the audio thread sees
/// first.
fn restore(settings: &[Setting], curve: Option<Curve>, now: &Now<'_>, host: &ParamSetter<'_>) {
    if let Some(curve) = curve {
        let seen_db = std::array::from_fn(|k| now.params.band[k].gain_db.value());
        now.params.curve.load(&Drawing { curve, seen_db });
    }
    let mut gestures = Gestures::default();
    let differing = settings.iter().copied();
    gestures.change_all(differing.filter(|s| *s != Setting::of(s.control(), now.params)));
    super::gesture::apply(&gestures.take(), now.params, host);
}
