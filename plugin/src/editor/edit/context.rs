//! The state of an instance that undo, A and B and presets start from.

use crate::editor::edit::gesture::{ParamId, ParamValue};
use crate::state::ab::{AbState, LoadedPreset};
use crate::state::curve::{BandLayout, Curve};
use crate::state::params::{ErbiumParams, MAX_BANDS};
use crate::state::preset::Preset;
use crate::state::snapshot::Snapshot;
use erbium_dsp::Bank;
use std::sync::{MutexGuard, PoisonError};

/// The preset loaded last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownPreset {
    /// Its name.
    pub name: String,
    /// Whether it is one of the user's own.
    pub own: bool,
    /// Whether anything was changed since.
    pub changed: bool,
}

/// The state of the instance at one moment: parameters, bank, drawn gains.
#[derive(Clone, Copy)]
pub struct EditContext<'a> {
    /// The parameters.
    pub params: &'a ErbiumParams,
    /// The bank in use.
    pub bank: Option<&'a Bank>,
    /// The drawn gains in force, in dB.
    pub drawn_db: &'a [f32; MAX_BANDS],
}

impl<'a> EditContext<'a> {
    pub(super) fn setting(&self, control: ParamId) -> ParamValue {
        match control {
            ParamId::Gain(band) => ParamValue::Gain(band, self.drawn_db[band]),
            control => ParamValue::of(control, self.params),
        }
    }

    /// The sampling rate of the session in hertz; while nothing plays, the most common one.
    #[must_use]
    pub fn sample_rate_hz(&self) -> f64 {
        self.bank.map_or(48_000.0, |bank| bank.spec().sample_rate_hz)
    }

    pub(super) fn curve(&self) -> Curve {
        self.params.curve.drawing().curve
    }

    /// The bank in use, if it is the one that the parameters ask for.
    pub(super) fn requested_bank(&self) -> Option<&'a Bank> {
        let requested =
            |bank: &&Bank| *bank.spec() == self.params.bank_spec(bank.spec().sample_rate_hz);
        self.bank.filter(requested)
    }

    /// The same, if it still is once these settings are made.
    pub(super) fn bank_for(&self, settings: &[ParamValue]) -> Option<&'a Bank> {
        let kept = |setting: &ParamValue| {
            !ParamId::BANK.contains(&setting.control())
                || *setting == self.setting(setting.control())
        };
        self.requested_bank().filter(|_| settings.iter().all(kept))
    }

    /// The bands in use, if they are those that the parameters ask for.
    pub(super) fn layout(&self) -> Option<BandLayout> {
        let spec = self.bank?.spec();
        let (layout, requested) =
            (BandLayout::of(spec), self.params.bank_spec(spec.sample_rate_hz));
        (layout == BandLayout::of(&requested)).then_some(layout)
    }

    /// The preset loaded last.
    #[must_use]
    pub fn preset(&self) -> Option<ShownPreset> {
        let ab = self.ab_state();
        let LoadedPreset { name, own, made, .. } = ab.preset.as_ref()?;
        let is = |made: &ParamValue| made.is_near(self.setting(made.control()));
        Some(ShownPreset { name: name.clone(), own: *own, changed: !made.iter().all(is) })
    }

    /// The current sound as a preset: the bank, the output, and the drawn curve.
    #[must_use]
    pub fn as_preset(&self, name: &str) -> Preset {
        let settings = ParamId::SOUND.map(|control| self.setting(control)).to_vec();
        // Replaced under its name, it keeps its description.
        let ab = self.ab_state();
        let loaded = ab.preset.as_ref().filter(|loaded| loaded.name == name);
        let about = loaded.map(|loaded| loaded.about.clone()).unwrap_or_default();
        drop(ab);
        Preset { about, ..Snapshot { settings, curve: self.drawn_curve() }.preset(name) }
    }

    /// The drawn curve, with what was moved while nothing played, which is not in it yet.
    pub(super) fn drawn_curve(&self) -> Curve {
        let curve = self.curve();
        let Some(bank) = self.bank else { return curve };
        let mut pairs = gains_db(&curve, bank).zip(self.drawn_db);
        let agrees = pairs.all(|(curve_db, db)| (curve_db - db).abs() < 1e-3);
        if agrees { curve } else { Curve::new(bank.centres_hz(), self.drawn_db) }
    }

    /// A and B, and the preset loaded last: what is kept with the project.
    pub(super) fn ab_state(&self) -> MutexGuard<'_, AbState> {
        self.params.editor_memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        // While other bands are requested, those in use are none of theirs.
        let bands = self.layout().map_or(0, |layout| layout.bands());
        let settings = ParamId::SOUND.into_iter().chain((0..bands).map(ParamId::Gain));
        Snapshot {
            settings: settings.map(|control| self.setting(control)).collect(),
            curve: self.drawn_curve(),
        }
    }
}

/// The gains in dB that a curve has at the bands of a bank.
pub(super) fn gains_db<'a>(curve: &'a Curve, bank: &'a Bank) -> impl Iterator<Item = f32> + 'a {
    curve.gains_db(bank.spec().scale, bank.centres_hz())
}

#[cfg(test)]
mod tests {
    use super::*;
    use erbium_dsp::{BankSpec, Sizing};

    #[test]
    fn the_sampling_rate_is_that_of_the_bank_in_use() {
        let sizing = Sizing::Latency { ms: 2.0 };
        let spec = BankSpec { bands: 8, sizing, sample_rate_hz: 16_000.0, ..BankSpec::default() };
        let (bank, params) = (Bank::design(&spec).expect("a bank"), ErbiumParams::default());
        let rate_hz = |bank| {
            EditContext { params: &params, bank, drawn_db: &[0.0; MAX_BANDS] }.sample_rate_hz()
        };
        assert_eq!((rate_hz(Some(&bank)), rate_hz(None)), (16_000.0, 48_000.0));
    }
}
