//! States, presets and curves.

use erbium::Erbium;
use erbium::state::params::ErbiumParams;
use erbium::state::preset::Preset;
use nice_plug::prelude::{Params, Plugin, PluginState};

/// A state that can be read becomes possible, and what it brings is stored so that it comes back the same.
///
/// # Panics
/// Where that is not so.
pub fn state(data: &[u8]) {
    let Ok(mut state) = serde_json::from_slice::<PluginState>(data) else { return };
    Erbium::filter_state(&mut state);
    let fields = |fields| {
        let params = ErbiumParams::default();
        params.deserialize_fields(fields);
        let drawing = params.curve.drawing();
        assert!(drawing.curve.gain_db().iter().all(|db| (-60.0..=24.0).contains(db)));
        params.serialize_fields()
    };
    let stored = fields(&state.fields);
    assert_eq!(fields(&stored), stored);
    let mut again = state.clone();
    Erbium::filter_state(&mut again);
    let text = |state: &PluginState| serde_json::to_string(&state.params).expect("is JSON");
    assert_eq!(text(&again), text(&state));
}

/// A preset that is read is written so that it reads back the same.
///
/// # Panics
/// Where that is not so.
pub fn preset(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(preset) = Preset::from_json(text) else { return };
    let value = preset.to_value();
    let again = Preset::from_value(value.clone()).expect("what was written is read");
    assert_eq!(again.to_value(), value);
}

/// A curve that is read rises in frequency, is finite, and is written as a preset that reads back the same.
///
/// # Panics
/// Where that is not so.
pub fn curve_text(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(preset) = Preset::from_text("curve", text) else { return };
    if let Some(curve) = preset.nodes() {
        assert!(curve.hz().is_sorted_by(|a, b| a < b));
        assert!(curve.gain_db().iter().all(|db| (-60.0..=24.0).contains(db)));
    }
    let value = preset.to_value();
    let again = Preset::from_value(value.clone()).expect("what was written is read");
    assert_eq!(again.to_value(), value);
}
