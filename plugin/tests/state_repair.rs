//! What becomes of a stored state before an instance takes it over.

use erbium::Erbium;
use erbium::state::curve::CurveState;
use erbium::state::param::ParamId;
use erbium::state::param::setting::Setting;
use erbium::state::params::ErbiumParams;
use erbium::state::preferences::Preferences;
use nice_plug::plugin::ParamValue as Stored;
use nice_plug::prelude::{ParamPtr, Params, Plugin, PluginState};
use serde_json::Value;

/// The state the released plugin stored: every parameter, a drawn curve, the other of A and B.
const RELEASED: &str = include_str!("../../tests/data/states/0.1.0/drawn.state.json");

fn released() -> PluginState {
    serde_json::from_str(RELEASED).expect("is a state")
}

/// Loads the fields of a state as the framework does. Returns what there is to say.
fn load(params: &ErbiumParams, mut state: PluginState) -> Option<String> {
    Erbium::filter_state(&mut state);
    params.deserialize_fields(&state.fields);
    params.load_notices.take()
}

#[test]
fn a_sound_state_is_left_alone_and_says_nothing() {
    let mut state = released();
    Erbium::filter_state(&mut state);
    let before = serde_json::to_value(released()).expect("is JSON");
    let mut after = serde_json::to_value(&state).expect("is JSON");
    assert_eq!(after["fields"]["load_notices"], "[]");
    after["fields"].as_object_mut().expect("fields").remove("load_notices");
    assert_eq!(after, before);
}

#[test]
fn what_was_put_right_is_told_once_and_never_stored() {
    let params = ErbiumParams::default();
    let mut state = released();
    state.version = "99.0.0".to_owned();
    state.params.insert("output".to_owned(), Stored::F32(60.0));
    state.params.insert("scale".to_owned(), Stored::String("octave".to_owned()));
    state.params.insert("depth".to_owned(), Stored::F32(1.0));
    state.fields.insert("depth_curve".to_owned(), "[1]".to_owned());
    state.fields.insert("bank_file".to_owned(), r#"{"name": 3}"#.to_owned());
    let told = load(&params, state).expect("there is something to say");
    for word in ["99.0.0", "output 60", "24", "octave", "\"depth\"", "depth_curve", "bank_file"] {
        assert!(told.contains(word), "{word}: {told}");
    }
    assert_eq!(params.load_notices.take(), None);
    let mut state = released();
    state.params.insert("output".to_owned(), Stored::F32(60.0));
    Erbium::filter_state(&mut state);
    params.deserialize_fields(&state.fields);
    assert_eq!(params.serialize_fields()["load_notices"], "[]");
    // A state may not speak for itself, and one that is sound ends what was said of the last.
    let mut state = released();
    state.fields.insert("load_notices".to_owned(), r#"["buy this"]"#.to_owned());
    assert_eq!(load(&params, state), None);
}

#[test]
fn a_state_full_of_nonsense_is_told_in_a_few_words() {
    let mut state = released();
    for k in 0..1000 {
        state.params.insert(format!("{k}{}", "x".repeat(1000)), Stored::Bool(true));
    }
    let told = load(&ErbiumParams::default(), state).expect("there is something to say");
    assert!(told.len() < 1000 && told.contains("994 more"), "{told}");
}

#[test]
fn the_projects_fields_take_their_defaults_and_the_persons_stay() {
    let preferences = Preferences { light: true, ..Preferences::default() };
    let new = ErbiumParams::default();
    for broken in [None, Some(""), Some("["), Some("{\"light\": 3, \"slot\": []}")] {
        let params = ErbiumParams::default();
        load(&params, released());
        assert_ne!(params.serialize_fields()["curve"], new.serialize_fields()["curve"]);
        *params.editor_preferences.lock().expect("not poisoned") = preferences;
        params.editor_size.store(900, 600);
        let mut state = released();
        for field in state.fields.values_mut() {
            *field = broken.unwrap_or_default().to_owned();
        }
        if broken.is_none() {
            state.fields.clear();
        }
        let told = load(&params, state);
        assert_eq!(told.is_some(), broken.is_some(), "{broken:?}: {told:?}");
        let fields = params.serialize_fields();
        assert_eq!(fields["bank_file"], "null");
        assert_eq!(fields["editor_memory"], new.serialize_fields()["editor_memory"]);
        let drawing = params.curve.drawing();
        assert_eq!(drawing.curve, CurveState::PARAMETERS.curve, "the gains are the parameters'");
        assert!(drawing.last_param_db.iter().all(|db| db.is_nan()));
        assert_eq!(*params.editor_preferences.lock().expect("not poisoned"), preferences);
        assert_eq!(params.editor_size.get(), (900, 600));
    }
}

/// Whether every parameter is there, of its type, and possible, and every field can be read.
fn check(state: &PluginState, what: &str) {
    let params = ErbiumParams::default();
    assert_eq!(state.params.len(), ParamId::every().count(), "{what}");
    for (id, stored) in &state.params {
        let control = ParamId::from_id(id).unwrap_or_else(|| panic!("{id} after {what}"));
        let range = control.range();
        let possible = match (control.pointer(&params), stored) {
            (ParamPtr::IntParam(_), Stored::I32(number)) => {
                i16::try_from(*number).is_ok_and(|number| range.contains(&f32::from(number)))
            }
            (ParamPtr::FloatParam(_), Stored::F32(number)) => range.contains(number),
            (ParamPtr::BoolParam(_), Stored::Bool(_)) => true,
            (ParamPtr::EnumParam(_), Stored::String(text)) => Setting::new(id, text).is_ok(),
            _ => false,
        };
        assert!(possible, "{id} is {stored:?} after {what}");
    }
    // In debug builds the framework panics on a field that it cannot read.
    params.deserialize_fields(&state.fields);
    let drawing = params.curve.drawing();
    assert!(drawing.curve.gain_db().iter().all(|db| (-60.0..=24.0).contains(db)), "{what}");
}

#[test]
fn whatever_can_be_read_at_all_becomes_possible() {
    let mut read = 0;
    for bit in (0..8 * RELEASED.len()).step_by(5) {
        let mut bytes = RELEASED.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(mut state) = serde_json::from_slice::<PluginState>(&bytes) {
            Erbium::filter_state(&mut state);
            check(&state, &format!("bit {bit}"));
            read += 1;
        }
    }
    assert!(read > 500, "{read} states were read");
}

#[test]
fn any_value_in_any_place_becomes_possible() {
    let values = [
        r#"{"f32": 1e39}"#,
        r#"{"f32": -1e39}"#,
        r#"{"f32": 1e-40}"#,
        r#"{"f32": 2.5}"#,
        r#"{"i32": 2147483647}"#,
        r#"{"i32": -2147483648}"#,
        r#"{"bool": true}"#,
        r#"{"string": "erb"}"#,
        r#"{"string": ""}"#,
    ];
    let whole: Value = serde_json::from_str(RELEASED).expect("is JSON");
    for value in values {
        let value: Value = serde_json::from_str(value).expect("is JSON");
        let mut state = whole.clone();
        for (_, stored) in state["params"].as_object_mut().expect("parameters") {
            *stored = value.clone();
        }
        let mut state: PluginState = serde_json::from_value(state).expect("is a state");
        Erbium::filter_state(&mut state);
        check(&state, &value.to_string());
    }
    for (id, _) in whole["params"].as_object().expect("parameters") {
        let mut state = whole.clone();
        state["params"].as_object_mut().expect("parameters").remove(id);
        let mut state: PluginState = serde_json::from_value(state).expect("is a state");
        Erbium::filter_state(&mut state);
        check(&state, id);
    }
}
