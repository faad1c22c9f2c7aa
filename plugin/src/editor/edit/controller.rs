//! What a person did, told to the host: step by step for the undo, between A and B, by preset.

use crate::editor::edit::context::{EditContext, gains_db};
use crate::editor::edit::gesture::{self, Gestures, ParamEdit, ParamId, ParamValue};
use crate::editor::edit::undo::{Step, UndoLog};
use crate::state::ab::LoadedPreset;
use crate::state::curve::{Curve, CurveState, SAME_DB};
use crate::state::params::{ErbiumParams, MAX_BANDS, OFF_DB};
use crate::state::preset::Preset;
use crate::state::snapshot::{self, Snapshot};
use erbium_dsp::Bank;
use nice_plug::prelude::ParamSetter;

/// How long a preset has to come to rest, in seconds: its bank plays its curve.
const PRESET_SETTLE_S: f64 = 0.5;

/// How much of the sound is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadScope {
    /// A preset: all of the sound; what it does not name is at its default.
    Sound,
    /// A curve from elsewhere: the gains and the output gain, whatever the bank.
    Curve,
}

impl LoadScope {
    fn controls(self) -> &'static [ParamId] {
        match self {
            Self::Sound => &ParamId::SOUND,
            Self::Curve => &[ParamId::Output],
        }
    }
}

/// What is done and undone in an instance's editor, in one window after another.
#[derive(Debug, Default)]
pub struct EditController {
    undo: UndoLog,
    /// Gains that a preset names, band by band, until its bank plays.
    named: Vec<ParamValue>,
}

impl EditController {
    /// Whether there is a step to take back, and one to do again.
    #[must_use]
    pub fn steps(&self) -> (bool, bool) {
        (self.undo.can_undo(), self.undo.can_redo())
    }

    /// Tells the host what was done, and remembers it.
    pub fn tell(&mut self, edits: &[ParamEdit], now: &EditContext<'_>, host: &ParamSetter<'_>) {
        for edit in edits {
            if let ParamEdit::Begin(ParamId::Gain(band)) = *edit
                && now.drawn_db[band] > OFF_DB
            {
                now.memory().before_off_db[band] = now.drawn_db[band];
            }
            let drawn = |control| now.setting(control);
            let slot = now.memory().slot;
            self.undo.observe(*edit, drawn, || (now.drawn_curve(), now.layout()), slot);
            if let ParamEdit::Set(ParamValue::Gain(band, gain_db)) = *edit {
                now.params.curve.touch(band, gain_db);
            }
            gesture::apply(&[*edit], now.params, host);
        }
    }

    /// Takes the last step back.
    pub fn undo(&mut self, now: &EditContext<'_>, host: &ParamSetter<'_>) {
        self.named.clear();
        if let Some(step) = self.undo.undo(now.drawn_curve()) {
            let curve = step.curve_to_restore(now.layout().and(now.bank), now.drawn_db);
            now.memory().slot = step.slots[0];
            restore(&step.before, curve, now, host);
        }
    }

    /// Does again what was taken back last.
    pub fn redo(&mut self, now: &EditContext<'_>, host: &ParamSetter<'_>) {
        self.named.clear();
        if let Some(step) = self.undo.redo() {
            now.memory().slot = step.slots[1];
            restore(&step.after, step.curve_to_redo(now.layout()), now, host);
            self.named = step.named;
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
        self.take_over(there.settings, there.curve, Vec::new(), [left, slot], now, host);
    }

    /// Makes the other of A and B equal to the one in use.
    pub fn copy_to_other(&mut self, now: &EditContext<'_>) {
        let here = now.snapshot();
        let mut memory = now.memory();
        let other = 1 - memory.slot;
        memory.slots[other] = Some(here);
    }

    /// Loads a preset: whatever was loaded before it, of all that `scope` says nothing is left. A
    /// curve that is left out is flat.
    pub fn load(
        &mut self,
        preset: &Preset,
        (own, scope): (bool, LoadScope),
        now: &EditContext<'_>,
        host: &ParamSetter<'_>,
    ) {
        let defaults = ErbiumParams::default();
        let (mut named, others): (Vec<_>, Vec<_>) = snapshot::settings(preset)
            .into_iter()
            .partition(|setting| matches!(setting.control(), ParamId::Gain(_)));
        let value = |&control: &ParamId| {
            let named = others.iter().find(|setting| setting.control() == control);
            named.copied().unwrap_or_else(|| ParamValue::of(control, &defaults))
        };
        let settings: Vec<ParamValue> = scope.controls().iter().map(value).collect();
        let mut curve = preset.nodes().unwrap_or(Curve::FLAT);
        if let Some(bank) = now.bank_for(&settings)
            && (!named.is_empty() || preset.curve.len() > MAX_BANDS)
        {
            // More points than a curve holds: the bands get what the whole of it says. A gain that is
            // named goes before the curve.
            let mut gains_db = preset.curve_gains_db(bank.spec().scale, bank.centres_hz());
            gains_db.resize(bank.bands().min(MAX_BANDS), 0.0);
            for setting in named.drain(..) {
                if let ParamValue::Gain(band, gain_db) = setting
                    && let Some(known_db) = gains_db.get_mut(band)
                {
                    *known_db = gain_db;
                }
            }
            curve = Curve::new(bank.centres_hz(), &gains_db);
        }
        let slot = now.memory().slot;
        self.take_over(settings, curve, named, [slot; 2], now, host);
        let (name, about) = (preset.name.clone(), preset.about.clone());
        let loaded = LoadedPreset { name, about, own, made: Vec::new(), since_s: None };
        now.memory().preset = Some(loaded);
    }

    /// What is heard has been kept as this preset of the user's own.
    pub fn saved(&mut self, preset: Preset, now: &EditContext<'_>) {
        let (made, Preset { name, about, .. }) = (now.snapshot().settings, preset);
        now.memory().preset = Some(LoadedPreset { name, about, own: true, made, since_s: None });
    }

    /// With every frame: sets the gains that a preset names once its bank plays, and remembers what
    /// it made of the sound. `now_s` is a clock in seconds, `designing` whether a bank is on its way.
    pub fn sync(
        &mut self,
        now: &EditContext<'_>,
        host: &ParamSetter<'_>,
        (now_s, designing): (f64, bool),
    ) {
        let busy = designing || now.bank.is_some() && now.bank_asked_for().is_none();
        if !busy && now.bank.is_some() {
            self.set_named(now, host);
        }
        let mut memory = now.memory();
        if let Some(preset) = memory.preset.as_mut().filter(|preset| preset.made.is_empty()) {
            let since_s = *preset.since_s.get_or_insert(now_s);
            if busy {
                preset.since_s = None;
            } else if now_s - since_s > PRESET_SETTLE_S {
                drop(memory);
                let made = now.snapshot().settings;
                if let Some(preset) = &mut now.memory().preset {
                    preset.made = made;
                }
            }
        }
    }

    /// Sets the gains that a preset names: for the bank in use, or the one asked for.
    pub fn set_named(&mut self, now: &EditContext<'_>, host: &ParamSetter<'_>) {
        let mut named = std::mem::take(&mut self.named);
        let bands = now.bank.map_or(MAX_BANDS, Bank::bands);
        named.retain(|setting| !matches!(setting, ParamValue::Gain(band, _) if *band >= bands));
        if !named.is_empty() {
            restore(&named, None, now, host);
        }
    }

    fn take_over(
        &mut self,
        mut after: Vec<ParamValue>,
        curve: Curve,
        named: Vec<ParamValue>,
        slots: [usize; 2],
        now: &EditContext<'_>,
        host: &ParamSetter<'_>,
    ) {
        after.retain(|setting| !matches!(setting, ParamValue::Gain(..)));
        if let Some(bank) = now.bank_for(&after) {
            let gains_db = gains_db(&curve, bank).enumerate();
            after.extend(gains_db.map(|(band, gain_db)| ParamValue::Gain(band, gain_db)));
        }
        let step = Step {
            before: after.iter().map(|setting| now.setting(setting.control())).collect(),
            after,
            named: named.clone(),
            layout: now.layout(),
            curve_before: now.drawn_curve(),
            curve_after: Some(curve),
            curve_undone: None,
            slots,
        };
        restore(&step.after, Some(curve), now, host);
        self.named = named;
        self.undo.push(step);
    }
}

/// Sets what differs in one gesture, and brings a drawn curve back exactly.
///
/// The curve is loaded with the parameters seen as they are now: those about to move are touches
/// that agree with it, the others are read from it, whichever of the two the audio thread sees
/// first. So a gain is told only where the bank it belongs to is in use; of another bank, the curve
/// says all there is to say.
fn restore(
    settings: &[ParamValue],
    curve: Option<Curve>,
    now: &EditContext<'_>,
    host: &ParamSetter<'_>,
) {
    let (gains, mut settings): (Vec<_>, Vec<_>) =
        settings.iter().copied().partition(|setting| matches!(setting, ParamValue::Gain(..)));
    // The bank before its gains: they are touches of the bank asked for.
    if let Some(curve) = curve {
        if let Some(bank) = now.bank_for(&settings) {
            let gains_db: Vec<f32> = gains_db(&curve, bank).collect();
            let told = gains.iter().filter_map(|setting| match *setting {
                ParamValue::Gain(band, _) => Some(ParamValue::Gain(band, *gains_db.get(band)?)),
                _ => None,
            });
            settings.extend(told);
        }
        now.params.curve.load(&CurveState { curve, last_param_db: now.params.gains_db() });
    } else {
        for setting in &gains {
            if let ParamValue::Gain(band, gain_db) = *setting {
                now.params.curve.touch(band, gain_db);
            }
        }
        settings.extend(gains);
    }
    let mut gestures = Gestures::default();
    gestures.change_all(settings.into_iter().filter(|setting| differs(*setting, now.params)));
    gesture::apply(&gestures.take(), now.params, host);
}

/// Whether a parameter has another value than this.
fn differs(setting: ParamValue, params: &ErbiumParams) -> bool {
    match (setting, ParamValue::of(setting.control(), params)) {
        (ParamValue::Gain(_, gain_db), ParamValue::Gain(_, param_db)) => {
            (gain_db - param_db).abs() >= SAME_DB
        }
        (setting, param) => setting != param,
    }
}
