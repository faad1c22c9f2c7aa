//! What a host stores of an instance.

mod support;

use erbium::Erbium;
use erbium::state::curve::{Curve, CurveState};
use erbium::state::params::{ErbiumParams, Settings};
use erbium::state::preferences::Preferences;
use nice_plug::prelude::{Params, Plugin, PluginState};
use std::collections::BTreeMap;
use support::*;

/// The state of a rig, through the text a host keeps.
fn saved(rig: &Rig) -> PluginState {
    let params = ErbiumParams { curve: rig.curve.clone(), ..ErbiumParams::default() };
    let fields = params.serialize_fields();
    let state = PluginState { version: String::new(), params: BTreeMap::new(), fields };
    let text = serde_json::to_string(&state).expect("is JSON");
    serde_json::from_str(&text).expect("reads back")
}

/// Loads a state's fields as the framework does.
fn load(rig: &Rig, mut state: PluginState) {
    Erbium::filter_state(&mut state);
    let params = ErbiumParams { curve: rig.curve.clone(), ..ErbiumParams::default() };
    params.deserialize_fields(&state.fields);
}

/// Drawn with 40 bands, then read with 24.
fn drawn() -> Rig {
    let settings = Settings { gains_db: wavy(), ..Settings::flat(spec(40)) };
    let mut rig = Rig::new(settings, 1, OFFLINE);
    rig.play(&[0.0; 512], &[512]);
    rig.settings.spec = spec(24);
    rig.play(&[0.0; 20_000], &[512]);
    rig
}

fn effective_gain_db(rig: &Rig, bands: usize) -> Vec<f32> {
    (0..bands).map(|k| rig.curve.gain_db(k)).collect()
}

#[test]
fn a_state_brings_back_the_drawn_curve_and_the_gains_in_force() {
    let first = drawn();
    let mut second = Rig::new(Settings::flat(spec(40)), 1, OFFLINE);
    second.play(&[0.0; 512], &[512]);
    // A host loads while playing: parameters first, the curve after.
    second.settings = first.settings;
    load(&second, saved(&first));
    second.play(&[0.0; 20_000], &[512]);
    assert_eq!(effective_gain_db(&second, 24), effective_gain_db(&first, 24));
    assert_ne!(effective_gain_db(&second, 24), &wavy()[..24]);
    second.settings.spec = spec(40);
    second.play(&[0.0; 20_000], &[512]);
    assert_eq!(effective_gain_db(&second, 40), &wavy()[..40]);
}

#[test]
fn a_state_loaded_before_anything_plays_sounds_as_saved() {
    let mut first = drawn();
    let mut second = Rig::new(Settings::flat(spec(8)), 1, OFFLINE);
    load(&second, saved(&first));
    second.settings = first.settings;
    second.processor.prepare(&second.settings, 1, OFFLINE).expect("valid");
    let input = noise(10_000, 16);
    first.processor.reset();
    assert!(same_bits(&second.play(&input, &[64]), &first.play(&input, &[64])));
}

#[test]
fn a_state_saved_before_anything_plays_is_the_state_loaded() {
    let first = drawn();
    let second = Rig::new(Settings::flat(spec(40)), 1, OFFLINE);
    load(&second, saved(&first));
    let (saved, loaded) = (first.curve.drawing(), second.curve.drawing());
    assert_eq!(loaded.curve.gain_db(), saved.curve.gain_db());
    assert_eq!(loaded.last_param_db, saved.last_param_db);
    assert_eq!(loaded.curve.hz(), saved.curve.hz());
}

#[test]
fn a_state_keeps_frequencies_to_the_last_digit() {
    // Each is read one digit off where numbers are read in the quick way.
    let hz = [
        4088.2977015451797,
        8176.5954030903595,
        9198.669828476653,
        13639.883966147067,
        15000.164032087043,
    ];
    let first = drawn();
    let curve = Curve::new(&hz, &[1.0, -2.0, 3.0, -4.0, 5.0]);
    first.curve.load(&CurveState { curve, ..first.curve.drawing() });
    let second = Rig::new(Settings::flat(spec(40)), 1, OFFLINE);
    load(&second, saved(&first));
    assert_eq!(second.curve.drawing().curve.hz(), hz);
}

#[test]
fn a_state_without_a_curve_or_with_nonsense_sets_every_band_from_its_parameters() {
    let whole = saved(&drawn()).fields["curve"].clone();
    let nonsense = [
        None,
        Some(""),
        Some("null"),
        Some("{}"),
        Some(r#"{"hz":[0,1],"gain_db":[NaN,0],"seen_db":[]}"#),
        Some(r#"{"hz":[5,1],"gain_db":[3,3],"seen_db":[]}"#),
        Some(&whole[..whole.len() / 2]),
    ];
    for curve in nonsense {
        let mut rig = drawn();
        let mut state = saved(&rig);
        state.fields.remove("curve");
        state.fields.extend(curve.map(|curve| ("curve".to_owned(), curve.to_owned())));
        load(&rig, state);
        rig.play(&[0.0; 512], &[512]);
        assert_eq!(effective_gain_db(&rig, 24), &wavy()[..24], "{curve:?}");
    }
}

#[test]
fn nothing_drawn_is_flat() {
    let rig = Rig::new(Settings::flat(spec(40)), 1, OFFLINE);
    assert_eq!(rig.curve.drawing().curve.read_db(rig.settings.spec.scale, 1000.0), 0.0);
    assert_eq!(CurveState::FLAT.last_param_db, [0.0; 64]);
}

#[test]
fn a_state_brings_back_how_the_window_looked() {
    let preferences =
        Preferences { light: true, scale_percent: 150, piano: true, ..Preferences::default() };
    let params = ErbiumParams::default();
    *params.editor_preferences.lock().expect("not poisoned") = preferences;
    let other = ErbiumParams::default();
    other.deserialize_fields(&params.serialize_fields());
    assert_eq!(*other.editor_preferences.lock().expect("not poisoned"), preferences);
}
