//! Presets of one's own, and curves from elsewhere.

use crate::harness::{EditorHarness, bank};
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use erbium::Erbium;
use erbium::state::param::{ParamId, ParamValue};
use erbium::state::params::ErbiumParams;
use erbium::state::params::{KindChoice, OFF_DB};
use erbium::state::preset::Preset;
use nice_plug::plugin::ParamValue as Stored;
use nice_plug::prelude::{Params, Plugin, PluginState};
use std::collections::BTreeMap;
use std::path::Path;

pub fn open(harness: &mut EditorHarness) {
    harness.egui.get_by_role_and_label(Role::ComboBox, "Preset").click();
    harness.egui.run();
}

fn shown(harness: &EditorHarness) -> String {
    let list = harness.egui.get_by_role_and_label(Role::ComboBox, "Preset");
    list.value().expect("a value")
}

/// Whether the window shows this text.
fn shows(harness: &EditorHarness, what: &str) -> bool {
    harness.texts().iter().any(|text| text.text.contains(what))
}

#[test]
fn a_preset_is_saved_loaded_replaced_and_deleted_without_typing() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.stroke(&[harness.place(10, 0.0), harness.place(10, 6.0)]);
    harness.set_gain_db(20, OFF_DB);
    harness.egui.run();
    open(&mut harness);
    harness.click("Save preset");
    let path = harness.own.path().join("Presets/My preset 1.json");
    let saved = Preset::from_json(&std::fs::read_to_string(&path).expect("a file")).expect("reads");
    assert_eq!(saved.name, "My preset 1");
    assert_eq!(saved.curve.len(), 40, "a point for each band");
    assert!(shows(&harness, "Saved") && shown(&harness) == "My preset 1", "{}", shown(&harness));

    harness.pick("Shape", "Flatten");
    assert_eq!(shown(&harness), "My preset 1 *");
    open(&mut harness);
    assert!(harness.egui.query_by_label("Save preset").is_none(), "one of that name is there");
    harness.click("My preset 1");
    assert_eq!(harness.gains_db([9, 10, 11, 20]), [0.0, 6.0, 0.0, OFF_DB]);
    harness.click("Undo");
    assert_eq!(harness.gains_db([10, 20]), [0.0, 0.0]);
    harness.set_gain_db(3, -3.0);
    harness.egui.run();
    open(&mut harness);
    harness.click("Replace preset");
    let saved = Preset::from_json(&std::fs::read_to_string(&path).expect("a file")).expect("reads");
    assert!((saved.curve[3].1 + 3.0).abs() < 1e-3 && saved.curve[10].1 == 0.0, "{saved:?}");
    assert_eq!(shown(&harness), "My preset 1");

    open(&mut harness);
    harness.click("Delete My preset 1…");
    assert!(path.exists(), "one click does not delete");
    harness.click("Delete the file of My preset 1 for good");
    assert!(!path.exists() && shows(&harness, "Deleted My preset 1"));
    assert_eq!(std::fs::read_dir(path.parent().expect("a folder")).expect("reads").count(), 0);
}

#[test]
fn a_name_can_be_typed_and_one_that_is_none_is_refused() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let mut save = |name: &str| {
        open(&mut harness);
        harness.egui.get_by_label("Name of the preset").focus();
        harness.egui.run();
        harness.egui.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
        harness.egui.event(egui::Event::Text(name.to_owned()));
        harness.egui.run();
        harness.click("Save preset");
        shows(&harness, "Saved")
    };
    assert!(!save("a/b"));
    assert!(save("Größe 1"));
    assert!(shows(&harness, "Größe 1") && harness.own.path().join("Presets/Größe 1.json").exists());
}

/// Puts a file into the user's presets and loads it.
fn load(harness: &mut EditorHarness, name: &str, text: impl AsRef<[u8]>) {
    let folder = harness.own.path().join("Presets");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(name), text).expect("writes");
    open(harness);
    let stem = Path::new(name).file_stem().and_then(|stem| stem.to_str()).expect("a name");
    find(harness, stem);
}

/// Clicks on what a list has, wherever it is in it.
fn find(harness: &mut EditorHarness, name: &str) {
    harness.egui.get_by_label(name).scroll_to_me();
    harness.egui.run();
    harness.click(name);
}

#[test]
fn curves_of_other_programs_are_met_at_every_band() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let curve = |hz: f64| 9.0 * (hz.max(10.0).ln() * 1.7).sin();
    let points: Vec<f64> = (0..400).map(|k| 10.0 * 1.02_f64.powi(k)).collect();
    let pairs: Vec<String> = points.iter().map(|&hz| format!("{hz} {}", curve(hz))).collect();
    for (name, text, preamp_db) in [
        ("apo.txt", format!("Preamp: -6.5 dB\nGraphicEQ: {}", pairs.join("; ")), -6.5),
        ("rew.txt", format!("* Freq(Hz) SPL(dB)\n{}", pairs.join("\n")), 0.0),
        ("table.csv", format!("Hz,dB\n{}", pairs.join("\n").replace(' ', ",")), 0.0),
    ] {
        harness.pick("Shape", "Flatten");
        harness.host.take();
        load(&mut harness, name, &text);
        for (band, &hz) in bank().centres_hz().iter().enumerate() {
            let (off_db, hz) =
                (f64::from(harness.gain_db(band)) - curve(hz.max(10.0)), hz.max(10.0));
            // Between two of its points the curve is straight.
            assert!(off_db.abs() < 0.01 || hz > points[399], "{name}: {off_db} dB at {hz} Hz");
        }
        let edits = harness.host.take();
        assert_eq!(edits.iter().filter(|what| what.starts_with("begin gain")).count(), 40);
        assert!((harness.params.output_db.value() - preamp_db).abs() < 1e-3, "{name}: the preamp");
    }
}

#[test]
fn filters_are_met_at_the_rate_of_the_session_and_what_is_passed_over_is_said() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let text = "Preamp: -4 dB\nDelay: 2 ms\nFilter 1: ON LSC Fc 105 Hz Gain 5.5 dB Q 0.70\n\
                Filter 2: ON PK Fc 1850 Hz Gain -3.4 dB Q 1.41\nFilter 3: OFF PK Fc 60 Hz Gain 9 dB Q 1\n\
                Filter 4: ON HSC Fc 12000 Hz Gain 6 dB Q 0.7";
    let options = erbium_curve::Options::at(bank().spec().sample_rate_hz);
    let curve = erbium_curve::read(text.as_bytes(), &options).expect("reads");
    let curve = curve.channels.one(None).expect("one").curve;
    for (name, bytes) in [
        ("plain.txt", text.as_bytes().to_vec()),
        ("windows.txt", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ] {
        harness.pick("Shape", "Flatten");
        load(&mut harness, name, &bytes);
        for (band, &hz) in bank().centres_hz().iter().enumerate() {
            let off_db = f64::from(harness.gain_db(band)) - curve.at_db(hz);
            assert!(off_db.abs() < 0.05, "{name}: {off_db} dB at {hz} Hz");
        }
        assert!((harness.params.output_db.value() + 4.0).abs() < 1e-3, "{name}: the preamp");
        assert!(shows(&harness, "a delay changes no gain"), "{:?}", harness.texts());
    }
}

#[test]
fn what_cannot_be_read_is_reported_and_changes_nothing() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.stroke(&[harness.place(10, 0.0), harness.place(10, 6.0)]);
    harness.host.take();
    for (name, text, message) in [
        ("measured.txt", "20 61\n40 71.5\n", "line 1: 61 dB at 20 Hz and what follows are sound"),
        ("loud.txt", "20 1\n40 2\n80 30\n", "30.00 dB at 80.0 Hz is out of range"),
        (
            "include.txt",
            "Include: other.txt\n",
            "line 1: Include: takes settings from another file",
        ),
        ("sides.csv", "Hz,left,right\n20,1,2\n", "--channel"),
        ("broken.json", "{\"erbium\": 1,", "not an Erbium preset"),
        ("empty.csv", "", "there is no curve in it"),
    ] {
        load(&mut harness, name, text);
        assert!(shows(&harness, message), "{message}: {:?}", harness.texts());
        assert!(shows(&harness, name), "it names the file");
        assert_eq!(harness.host.take(), <[String; 0]>::default());
    }
    harness.egui.run_steps(700);
    assert!(!shows(&harness, "there is no curve in it"), "it ends in time");
    load(&mut harness, "two\nlines.json", "{");
    assert!(shows(&harness, r"two\nlines.json: not an Erbium preset"), "{:?}", harness.texts());
}

#[test]
fn a_file_is_found_folder_by_folder() {
    let mut harness = EditorHarness::new(700.0, 450.0);
    open(&mut harness);
    harness.click("Open a file…");
    // From wherever it begins up to the root, and down to the file.
    while harness.egui.query_by_label("Up").is_some() {
        harness.click("Up");
    }
    let folder = harness.own.path().canonicalize().expect("a folder").join("curves");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("room.txt"), "100 3\n1000 -3").expect("writes");
    std::fs::write(folder.join("room.wav"), "no curve").expect("writes");
    for part in folder.iter().skip(1) {
        let name = format!("{} /", part.to_str().expect("a name"));
        find(&mut harness, &name);
    }
    assert!(harness.egui.query_by_label("room.wav").is_none());
    harness.click("room.txt");
    assert_eq!(harness.gains_db([0, 39]), [3.0, -3.0]);
    assert!(shown(&harness).starts_with("room") && shows(&harness, "room: 2 points"));
    harness.click("Undo");
    assert_eq!(harness.gains_db([0, 39]), [0.0, 0.0]);
}

#[test]
fn a_preset_resets_what_it_does_not_name_and_a_curve_keeps_the_bank() {
    let before = [
        ("kind", "gammatone"),
        ("scale", "mel"),
        ("latency", "43ms"),
        ("quality", "eco"),
        ("output", "-7"),
        ("mix", "40"),
        ("gain_match", "on"),
        ("bypass", "on"),
        ("delta", "on"),
    ];
    let of_sound = |harness: &EditorHarness| {
        let settings = harness.params.settings(48_000.0);
        (settings.spec, settings.output_db, settings.mix, settings.gain_match)
    };
    let fresh = of_sound(&EditorHarness::new(700.0, 450.0));
    for (name, text, output_db) in [
        ("plain.json", r#"{"erbium": 1, "name": "plain", "curve": [[0, 3]]}"#, 0.0),
        ("none.json", r#"{"erbium": 1, "name": "none"}"#, 0.0),
        ("loud.json", r#"{"erbium": 1, "name": "loud", "parameters": {"output": 2}}"#, 2.0),
        ("curve.txt", "20 3\n20000 3\n", 0.0),
        ("apo.txt", "Preamp: -5 dB\nGraphicEQ: 20 3; 20000 3\n", -5.0),
    ] {
        let mut harness = EditorHarness::new(1100.0, 700.0);
        harness.stroke(&[harness.place(10, 0.0), harness.place(10, 6.0)]);
        before.iter().for_each(|(id, value)| harness.set(id, value));
        harness.egui.run();
        let changed = of_sound(&harness);
        load(&mut harness, name, text);
        let expected = if name.ends_with("txt") {
            (changed.0, output_db, changed.2, changed.3)
        } else {
            (fresh.0, output_db, fresh.2, fresh.3)
        };
        let loaded = of_sound(&harness);
        assert_eq!(loaded, expected, "{name}");
        assert!(harness.params.bypass.value() && harness.params.delta.value(), "{name}");
        let curve = harness.params.curve.drawing().curve;
        let level_db = if text.contains('3') { 3.0 } else { 0.0 };
        assert_eq!(curve.read_db(fresh.0.scale, 1000.0), level_db, "{name}");
        harness.click("Undo");
        assert_eq!(of_sound(&harness), changed, "{name}: one step");
        harness.click("Redo");
        assert_eq!(of_sound(&harness), loaded, "{name}: one step");
    }
}

#[test]
fn a_preset_means_the_same_whatever_was_there_before() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let params = harness.params.clone();
    let host = harness.host.setter();
    host.set_parameter(&params.kind, KindChoice::Gammatone);
    host.set_parameter(&params.output_db, 6.0);
    host.set_parameter(&params.mix, 0.25);
    host.set_parameter(&params.gain_match, true);
    host.set_parameter(&params.bypass, true);
    harness.egui.run();
    let folder = harness.own.path().join("Presets");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("mine.json");
    let text = r#"{"erbium": 1, "made_by": "99.0.0", "name": "mine", "author": "A. B.", "scent": 1,
                   "parameters": {"depth": 2, "bands": 24}, "curve": [[1000, 3]]}"#;
    std::fs::write(&path, text).expect("writes");
    open(&mut harness);
    harness.click("mine");
    assert!(shows(&harness, "scent") && shows(&harness, "depth"), "{:?}", harness.texts());
    for control in ParamId::SOUND {
        let expected = match control {
            ParamId::Bands => ParamValue::Bands(24),
            control => ParamValue::of(control, &ErbiumParams::default()),
        };
        assert_eq!(ParamValue::of(control, &params), expected);
    }
    assert!(params.bypass.value(), "that stays as it is");
    harness.egui.run();
    open(&mut harness);
    harness.click("Replace preset");
    let saved: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&path).expect("a file")).expect("is JSON");
    assert_eq!((&saved["author"], &saved["name"]), (&"A. B.".into(), &"mine".into()));
    assert_eq!(saved["made_by"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn what_was_put_right_in_a_projects_state_is_said() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let params = BTreeMap::from([("output".to_owned(), Stored::F32(60.0))]);
    let mut state = PluginState { version: "0.1.0".to_owned(), params, fields: BTreeMap::new() };
    Erbium::filter_state(&mut state);
    harness.params.deserialize_fields(&state.fields);
    // It is taken with one frame and shown with the next.
    harness.egui.run_steps(3);
    assert!(shows(&harness, "output 60 is out of range"), "{:?}", harness.texts());
    harness.egui.run_steps(700);
    assert!(!shows(&harness, "out of range"), "it ends in time");
}
