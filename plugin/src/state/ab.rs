//! What the editor keeps with the project: A and B, the preset, what muted bands had.

use crate::state::limits::{MAX_BANDS, MAX_GAIN_DB, OFF_DB};
use crate::state::param::ParamValue;
use crate::state::param::setting::Setting;
use crate::state::preset::{About, Preset};
use crate::state::snapshot::{self, Snapshot};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The preset loaded last.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedPreset {
    /// Its name.
    pub name: String,
    /// What it says of itself.
    pub about: About,
    /// Whether it is one of the user's own.
    pub own: bool,
    /// What it made of the sound; empty until its bank plays.
    pub made: Vec<ParamValue>,
    /// Since when it has been waited for, in seconds.
    pub since_s: Option<f64>,
}

/// What is kept. Nothing of it is heard before it is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct AbState {
    /// Which of A (0) and B (1) is in use.
    pub slot: usize,
    /// What A and B were when they were last left.
    pub slots: [Option<Snapshot>; 2],
    /// The preset loaded last into the one in use.
    pub preset: Option<LoadedPreset>,
    /// The preset loaded last into the other.
    pub other_preset: Option<LoadedPreset>,
    /// What each band had before it was turned off, in dB.
    pub before_off_db: [f32; MAX_BANDS],
}

impl Default for AbState {
    fn default() -> Self {
        Self {
            slot: 0,
            slots: [None, None],
            preset: None,
            other_preset: None,
            before_off_db: [0.0; MAX_BANDS],
        }
    }
}

/// The same as a host stores it. The one of A and B that is in use is the state itself.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    slot: usize,
    /// The other of A and B: a preset, or null where it was never used.
    other: Value,
    /// What the preset made of the sound, under its name; null for none.
    preset: Value,
    preset_is_own: bool,
    /// The same of the other of A and B.
    other_preset: Value,
    other_preset_is_own: bool,
    before_off_db: Vec<f32>,
}

impl From<AbState> for Stored {
    fn from(memory: AbState) -> Self {
        let slot = memory.slot.min(1);
        let name = ["A", "B"][1 - slot];
        let other = memory.slots[1 - slot].as_ref();
        let stored = |loaded: &LoadedPreset| {
            let preset = Preset {
                name: loaded.name.clone(),
                settings: loaded.made.iter().map(|setting| Setting::from(*setting)).collect(),
                about: loaded.about.clone(),
                ..Preset::default()
            };
            preset.to_value()
        };
        let mut before_off_db = memory.before_off_db.to_vec();
        let used = before_off_db.iter().rposition(|db| *db != 0.0).map_or(0, |last| last + 1);
        before_off_db.truncate(used);
        Self {
            slot,
            other: other.map_or(Value::Null, |other| other.preset(name).to_value()),
            preset: memory.preset.as_ref().map_or(Value::Null, stored),
            preset_is_own: memory.preset.is_some_and(|loaded| loaded.own),
            other_preset: memory.other_preset.as_ref().map_or(Value::Null, stored),
            other_preset_is_own: memory.other_preset.is_some_and(|loaded| loaded.own),
            before_off_db,
        }
    }
}

impl From<Stored> for AbState {
    /// Whatever was stored: what cannot be read is as if it had never been.
    fn from(stored: Stored) -> Self {
        let slot = stored.slot.min(1);
        let mut slots = [None, None];
        slots[1 - slot] = Preset::from_value(stored.other).ok().map(|other| Snapshot::of(&other));
        let loaded = |preset: Value, own: bool| {
            let preset = Preset::from_value(preset).ok()?;
            Some(LoadedPreset {
                made: snapshot::values(&preset.settings),
                name: preset.name,
                about: preset.about,
                own,
                since_s: None,
            })
        };
        let mut before_off_db = [0.0; MAX_BANDS];
        for (kept_db, db) in before_off_db.iter_mut().zip(stored.before_off_db) {
            *kept_db = if db > OFF_DB { db.min(MAX_GAIN_DB) } else { 0.0 };
        }
        let preset = loaded(stored.preset, stored.preset_is_own);
        let other_preset = loaded(stored.other_preset, stored.other_preset_is_own);
        Self { slot, slots, preset, other_preset, before_off_db }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::curve::Curve;
    use crate::state::params::{KindChoice, LatencyChoice, QualityChoice, ScaleChoice};

    #[test]
    fn what_is_kept_survives_text() {
        let other = Snapshot {
            // By the names they are stored under.
            settings: vec![
                ParamValue::Bands(24),
                ParamValue::Gain(0, OFF_DB),
                ParamValue::Gain(23, 7.25),
                ParamValue::GainMatch(true),
                ParamValue::Kind(KindChoice::Gammatone),
                ParamValue::Latency(LatencyChoice::Ms43),
                ParamValue::Mix(0.75),
                ParamValue::Output(-2.5),
                ParamValue::Quality(QualityChoice::High),
                ParamValue::Scale(ScaleChoice::Log),
            ],
            curve: Curve::new(&[0.0, 1_234.567_890_123], &[-3.3, 6.1]),
        };
        let mut memory = AbState { slot: 1, slots: [Some(other), None], ..AbState::default() };
        memory.before_off_db[3] = -4.5;
        memory.preset = Some(LoadedPreset {
            name: "Mine \"2\"".to_owned(),
            about: About { author: Some("Ö".to_owned()), ..About::default() },
            own: true,
            made: vec![ParamValue::Bands(24)],
            since_s: None,
        });
        memory.other_preset = memory.preset.clone().map(|preset| LoadedPreset {
            name: "Presence".to_owned(),
            own: false,
            ..preset
        });
        let text = serde_json::to_string(&memory).expect("is JSON");
        let read: AbState = serde_json::from_str(&text).expect("reads back");
        assert_eq!(read.slots[0].as_ref().map(|other| other.curve.hz().len()), Some(2));
        let close = |a: &ParamValue, b: &ParamValue| a.is_near(*b);
        let [before, after] = [&memory, &read].map(|memory| memory.slots[0].clone().expect("A"));
        for setting in &before.settings {
            let known = after.settings.iter().filter(|other| close(setting, other)).count();
            assert_eq!(known, 1, "{setting:?} in {after:?}");
        }
        assert_eq!(before.curve, after.curve);
        assert_eq!(
            (read.slot, read.preset, read.other_preset, read.before_off_db),
            (1, memory.preset, memory.other_preset, memory.before_off_db)
        );
    }

    #[test]
    fn nonsense_is_as_if_nothing_had_been_kept() {
        for text in [
            "{}",
            r#"{"other": 3, "preset": {"erbium": 9}, "before_off_db": []}"#,
            r#"{"other": {"erbium": 1, "name": "A", "parameters": {"bands": 9000}}, "scent": 1}"#,
        ] {
            assert_eq!(serde_json::from_str::<AbState>(text).expect("reads"), AbState::default());
        }
        let far = r#"{"slot": 900, "before_off_db": [1e30, -1e30, -60.0]}"#;
        let far: AbState = serde_json::from_str(far).expect("reads");
        assert_eq!((far.slot, &far.before_off_db[..3]), (1, &[MAX_GAIN_DB, 0.0, 0.0][..]));
    }
}
