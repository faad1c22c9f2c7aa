//! What the editor keeps with the project: A and B, the preset, what muted bands had.

use super::gesture::Setting;
use super::snapshot::{self, Snapshot};
use crate::params::{MAX_BANDS, MAX_GAIN_DB, OFF_DB};
use crate::preset::Preset;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The preset loaded last.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedPreset {
    /// Its name.
    pub name: String,
    /// Whether it is one of the user's own.
    pub own: bool,
    /// What it made of the sound; empty until its bank plays.
    pub made: Vec<Setting>,
    /// Since when it has been waited for, in seconds.
    pub since_s: Option<f64>,
}

/// What is kept. Nothing of it is heard before it is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Memory {
    /// Which of A (0) and B (1) is in use.
    pub slot: usize,
    /// What A and B were when they were last left.
    pub slots: [Option<Snapshot>; 2],
    /// The preset loaded last.
    pub preset: Option<LoadedPreset>,
    /// What each band had before it was turned off, in dB.
    pub before_off_db: [f32; MAX_BANDS],
}

impl Default for Memory {
    fn default() -> Self {
        Self { slot: 0, slots: [None, None], preset: None, before_off_db: [0.0; MAX_BANDS] }
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
    before_off_db: Vec<f32>,
}

impl From<Memory> for Stored {
    fn from(memory: Memory) -> Self {
        let slot = memory.slot.min(1);
        let name = ["A", "B"][1 - slot];
        let other = memory.slots[1 - slot].as_ref();
        let preset = |loaded: &LoadedPreset| Preset {
            name: loaded.name.clone(),
            settings: loaded.made.iter().filter_map(|setting| setting.as_text()).collect(),
            curve: Vec::new(),
        };
        let mut before_off_db = memory.before_off_db.to_vec();
        let used = before_off_db.iter().rposition(|db| *db != 0.0).map_or(0, |last| last + 1);
        before_off_db.truncate(used);
        Self {
            slot,
            other: other.map_or(Value::Null, |other| other.preset(name).to_value()),
            preset: memory.preset.as_ref().map_or(Value::Null, |loaded| preset(loaded).to_value()),
            preset_is_own: memory.preset.is_some_and(|loaded| loaded.own),
            before_off_db,
        }
    }
}

impl From<Stored> for Memory {
    /// Whatever was stored: what cannot be read is as if it had never been.
    fn from(stored: Stored) -> Self {
        let slot = stored.slot.min(1);
        let mut slots = [None, None];
        slots[1 - slot] = Preset::from_value(stored.other).ok().map(|other| Snapshot::of(&other));
        let loaded = |preset: Preset| LoadedPreset {
            made: snapshot::settings(&preset),
            name: preset.name,
            own: stored.preset_is_own,
            since_s: None,
        };
        let mut before_off_db = [0.0; MAX_BANDS];
        for (kept_db, db) in before_off_db.iter_mut().zip(stored.before_off_db) {
            *kept_db = if db > OFF_DB { db.min(MAX_GAIN_DB) } else { 0.0 };
        }
        let preset = Preset::from_value(stored.preset).ok().map(loaded);
        Self { slot, slots, preset, before_off_db }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Curve;
    use crate::params::{KindChoice, LatencyChoice, ScaleChoice};

    #[test]
    fn what_is_kept_survives_text() {
        let other = Snapshot {
            // By the names they are stored under.
            settings: vec![
                Setting::Bands(24),
                Setting::Gain(0, OFF_DB),
                Setting::Gain(23, 7.25),
                Setting::GainMatch(true),
                Setting::Kind(KindChoice::Gammatone),
                Setting::Latency(LatencyChoice::Ms43),
                Setting::Mix(0.75),
                Setting::Output(-2.5),
                Setting::Scale(ScaleChoice::Log),
            ],
            curve: Curve::new(&[0.0, 1_234.567_890_123], &[-3.3, 6.1]),
        };
        let mut memory = Memory { slot: 1, slots: [Some(other), None], ..Memory::default() };
        memory.before_off_db[3] = -4.5;
        memory.preset = Some(LoadedPreset {
            name: "Mine \"2\"".to_owned(),
            own: true,
            made: vec![Setting::Bands(24)],
            since_s: None,
        });
        let text = serde_json::to_string(&memory).expect("is JSON");
        let read: Memory = serde_json::from_str(&text).expect("reads back");
        assert_eq!(read.slots[0].as_ref().map(|other| other.curve.hz().len()), Some(2));
        let close = |a: &Setting, b: &Setting| match (*a, *b) {
            (Setting::Gain(a, a_db), Setting::Gain(b, b_db)) => {
                a == b && (a_db - b_db).abs() < 1e-4
            }
            (Setting::Output(a), Setting::Output(b)) | (Setting::Mix(a), Setting::Mix(b)) => {
                (a - b).abs() < 1e-6
            }
            (a, b) => a == b,
        };
        let [before, after] = [&memory, &read].map(|memory| memory.slots[0].clone().expect("A"));
        assert_eq!(before.settings.len(), after.settings.len());
        assert!(before.settings.iter().zip(&after.settings).all(|(a, b)| close(a, b)), "{after:?}");
        assert_eq!(before.curve, after.curve);
        assert_eq!(
            (read.slot, read.preset, read.before_off_db),
            (1, memory.preset, memory.before_off_db)
        );
    }

    #[test]
    fn nonsense_is_as_if_nothing_had_been_kept() {
        for text in [
            "{}",
            r#"{"other": 3, "preset": {"erbium": 9}, "before_off_db": []}"#,
            r#"{"other": {"erbium": 1, "name": "A", "parameters": {"bands": 9000}}, "scent": 1}"#,
        ] {
            assert_eq!(serde_json::from_str::<Memory>(text).expect("reads"), Memory::default());
        }
        let far = r#"{"slot": 900, "before_off_db": [1e30, -1e30, -60.0]}"#;
        let far: Memory = serde_json::from_str(far).expect("reads");
        assert_eq!((far.slot, &far.before_off_db[..3]), (1, &[MAX_GAIN_DB, 0.0, 0.0][..]));
    }
}
