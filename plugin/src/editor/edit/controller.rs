//! Edits, sent to the host: step by step for undo, between A and B, by preset.

use crate::editor::edit::context::{EditContext, gains_db};
use crate::editor::edit::gesture::{self, Gestures, ParamEdit, ParamId, ParamValue};
use crate::editor::edit::undo::{Step, UndoLog};
use crate::state::ab::LoadedPreset;
use crate::state::curve::{Curve, CurveState, SAME_DB};
use crate::state::params::{ErbiumParams, MAX_BANDS, OFF_DB};
use crate::state::preset::Preset;
use crate::state::snapshot;
use erbium_dsp::Bank;
use nice_plug::prelude::ParamSetter;

/// How long the bank of a preset has to have played before its values are recorded, in seconds.
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
    /// How many times the curve has been set other than by a movement.
    jumps: u64,
    /// What a window had to say when it was closed, for the next.
    pub message: Option<String>,
}

impl EditController {
    /// Whether there is a step to take back, and one to do again.
    #[must_use]
    pub fn steps(&self) -> (bool, bool) {
        (self.undo.can_undo(), self.undo.can_redo())
    }

    /// How many times the curve has been set other than by a movement: by undo, from A to B, by presets, or
    /// by a whole gesture at once.
    #[must_use]
    pub fn jumps(&self) -> u64 {
        self.jumps
    }

    /// Sends edits to the host, and records them for undo.
    pub fn apply(
        &mut self,
        edits: &[ParamEdit],
        context: &EditContext<'_>,
        host: &ParamSetter<'_>,
    ) {
        let ends = |edit: &ParamEdit| match edit {
            ParamEdit::Begin(control @ ParamId::Gain(_)) => {
                edits.contains(&ParamEdit::End(*control))
            }
            _ => false,
        };
        self.jumps += u64::from(edits.iter().any(ends));
        for edit in edits {
            if let ParamEdit::Begin(ParamId::Gain(band)) = *edit
                && context.drawn_db[band] > OFF_DB
            {
                context.ab_state().before_off_db[band] = context.drawn_db[band];
            }
            let drawn = |control| context.setting(control);
            let slot = context.ab_state().slot;
            self.undo.record(*edit, drawn, || (context.drawn_curve(), context.layout()), slot);
            if let ParamEdit::Set(ParamValue::Gain(band, gain_db)) = *edit {
                context.params.curve.record_edit(band, gain_db);
            }
            gesture::send(&[*edit], context.params, host);
        }
    }

    /// Takes the last step back. Where it was made in the other of A and B, this goes over to that, and
    /// only the next takes it back.
    pub fn undo(&mut self, context: &EditContext<'_>, host: &ParamSetter<'_>) {
        if self.goes_over(self.undo.undo_slot(), context, host) {
            return;
        }
        self.named.clear();
        if let Some(step) = self.undo.undo(context.drawn_curve()) {
            let curve = step.curve_to_restore(context.layout().and(context.bank), context.drawn_db);
            self.jumps += 1;
            restore(&step.before, curve, context, host);
        }
    }

    /// Does again what was taken back last, as [`Self::undo`] takes it back.
    pub fn redo(&mut self, context: &EditContext<'_>, host: &ParamSetter<'_>) {
        if self.goes_over(self.undo.redo_slot(), context, host) {
            return;
        }
        self.named.clear();
        if let Some(step) = self.undo.redo() {
            self.jumps += 1;
            restore(&step.after, step.curve_to_redo(context.layout()), context, host);
            self.named = step.named;
        }
    }

    fn goes_over(
        &mut self,
        slot: Option<usize>,
        context: &EditContext<'_>,
        host: &ParamSetter<'_>,
    ) -> bool {
        let here = context.ab_state().slot;
        let other = slot.filter(|slot| *slot != here);
        other.inspect(|slot| self.compare(*slot, context, host)).is_some()
    }

    /// Switches to A (0) or B (1), which is no step of the undo. One that was never used is a copy of
    /// the other.
    pub fn compare(&mut self, slot: usize, context: &EditContext<'_>, host: &ParamSetter<'_>) {
        let left = context.ab_state().slot;
        if slot == left || slot > 1 {
            return;
        }
        let here = context.snapshot();
        let there = {
            let mut ab = context.ab_state();
            let ab = &mut *ab;
            if ab.slots[slot].is_none() {
                ab.other_preset = ab.preset.clone();
            }
            std::mem::swap(&mut ab.preset, &mut ab.other_preset);
            ab.slot = slot;
            let there = ab.slots[slot].clone().unwrap_or_else(|| here.clone());
            ab.slots[left] = Some(here);
            there
        };
        self.named.clear();
        let settings = with_gains(there.settings, &there.curve, context);
        self.jumps += 1;
        restore(&settings, Some(there.curve), context, host);
    }

    /// Makes the other of A and B equal to the one in use.
    pub fn copy_to_other(&mut self, context: &EditContext<'_>) {
        let here = context.snapshot();
        let mut ab = context.ab_state();
        let other = 1 - ab.slot;
        ab.slots[other] = Some(here);
        ab.other_preset = ab.preset.clone();
    }

    /// Loads a preset: whatever was loaded before it, nothing of all that `scope` covers is left. A
    /// curve that is left out is flat.
    pub fn load(
        &mut self,
        preset: &Preset,
        (own, scope): (bool, LoadScope),
        context: &EditContext<'_>,
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
        if let Some(bank) = context.bank_for(&settings)
            && (!named.is_empty() || preset.curve.len() > MAX_BANDS)
        {
            // More points than a curve holds: the bands get the gains of the whole of it. A gain that is
            // named has precedence over the curve.
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
        self.take_over(settings, curve, named, context, host);
        let (name, about) = (preset.name.clone(), preset.about.clone());
        let loaded = LoadedPreset { name, about, own, made: Vec::new(), since_s: None };
        context.ab_state().preset = Some(loaded);
    }

    /// The current sound has been saved as this preset of the user's own.
    pub fn saved(&mut self, preset: Preset, context: &EditContext<'_>) {
        let (made, Preset { name, about, .. }) = (context.snapshot().settings, preset);
        context.ab_state().preset =
            Some(LoadedPreset { name, about, own: true, made, since_s: None });
    }

    /// With every frame: sets the gains that a preset names once its bank plays, and records
    /// the values it led to. `now_s` is a clock in seconds, `designing` whether a bank is on its way.
    pub fn sync(
        &mut self,
        context: &EditContext<'_>,
        host: &ParamSetter<'_>,
        (now_s, designing): (f64, bool),
    ) {
        let busy = designing || context.bank.is_some() && context.requested_bank().is_none();
        if !busy && context.bank.is_some() {
            self.set_named(context, host);
        }
        let mut ab = context.ab_state();
        if let Some(preset) = ab.preset.as_mut().filter(|preset| preset.made.is_empty()) {
            let since_s = *preset.since_s.get_or_insert(now_s);
            if busy {
                preset.since_s = None;
            } else if now_s - since_s > PRESET_SETTLE_S {
                drop(ab);
                let made = context.snapshot().settings;
                if let Some(preset) = &mut context.ab_state().preset {
                    preset.made = made;
                }
            }
        }
    }

    /// Sets the gains that a preset names: for the bank in use, or the requested one.
    pub fn set_named(&mut self, context: &EditContext<'_>, host: &ParamSetter<'_>) {
        let mut named = std::mem::take(&mut self.named);
        let bands = context.bank.map_or(MAX_BANDS, Bank::bands);
        named.retain(|setting| !matches!(setting, ParamValue::Gain(band, _) if *band >= bands));
        if !named.is_empty() {
            self.jumps += 1;
            restore(&named, None, context, host);
        }
    }

    fn take_over(
        &mut self,
        settings: Vec<ParamValue>,
        curve: Curve,
        named: Vec<ParamValue>,
        context: &EditContext<'_>,
        host: &ParamSetter<'_>,
    ) {
        let after = with_gains(settings, &curve, context);
        let slot = context.ab_state().slot;
        let step = Step {
            before: after.iter().map(|setting| context.setting(setting.control())).collect(),
            after,
            named: named.clone(),
            layout: context.layout(),
            curve_before: context.drawn_curve(),
            curve_after: Some(curve),
            curve_undone: None,
            slot,
        };
        self.jumps += 1;
        restore(&step.after, Some(curve), context, host);
        self.named = named;
        self.undo.push(step);
    }
}

/// Settings with the gains that a curve has, where the bank in use is the one they ask for.
fn with_gains(
    mut settings: Vec<ParamValue>,
    curve: &Curve,
    context: &EditContext<'_>,
) -> Vec<ParamValue> {
    settings.retain(|setting| !matches!(setting, ParamValue::Gain(..)));
    if let Some(bank) = context.bank_for(&settings) {
        let gains_db = gains_db(curve, bank).enumerate();
        settings.extend(gains_db.map(|(band, gain_db)| ParamValue::Gain(band, gain_db)));
    }
    settings
}

/// Sets what differs in one gesture, and brings a drawn curve back exactly.
///
/// The curve is loaded with the parameters as they are now: those about to move are edits
/// that agree with it, the others are read from it, whichever of the two the audio thread sees
/// first. So a gain is sent only where the bank it belongs to is in use; of another bank, the curve
/// holds all there is.
fn restore(
    settings: &[ParamValue],
    curve: Option<Curve>,
    context: &EditContext<'_>,
    host: &ParamSetter<'_>,
) {
    let (gains, mut settings): (Vec<_>, Vec<_>) =
        settings.iter().copied().partition(|setting| matches!(setting, ParamValue::Gain(..)));
    // The bank before its gains: they are edits of the requested bank.
    if let Some(curve) = curve {
        if let Some(bank) = context.bank_for(&settings) {
            let gains_db: Vec<f32> = gains_db(&curve, bank).collect();
            let sent = gains.iter().filter_map(|setting| match *setting {
                ParamValue::Gain(band, _) => Some(ParamValue::Gain(band, *gains_db.get(band)?)),
                _ => None,
            });
            settings.extend(sent);
        }
        context.params.curve.load(&CurveState { curve, last_param_db: context.params.gains_db() });
    } else {
        for setting in &gains {
            if let ParamValue::Gain(band, gain_db) = *setting {
                context.params.curve.record_edit(band, gain_db);
            }
        }
        settings.extend(gains);
    }
    let mut gestures = Gestures::default();
    gestures.change_all(settings.into_iter().filter(|setting| differs(*setting, context.params)));
    gesture::send(&gestures.take(), context.params, host);
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
