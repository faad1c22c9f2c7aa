//! Presets of one's own, and curves from elsewhere.

use crate::stage::{Stage, bank};
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use erbium::state::param::{ErbiumParams, ParamId, ParamValue};
use erbium::state::params::{KindChoice, OFF_DB};
use erbium::state::preset::Preset;
use std::path::Path;

fn open(stage: &mut Stage) {
    stage.harness.get_by_role_and_label(Role::ComboBox, "Preset").click();
    stage.harness.run();
}

fn shown(stage: &Stage) -> String {
    let list = stage.harness.get_by_role_and_label(Role::ComboBox, "Preset");
    list.value().expect("a value")
}

/// Whether the window says this.
fn says(stage: &Stage, what: &str) -> bool {
    stage.texts().iter().any(|text| text.text.contains(what))
}

#[test]
fn a_preset_is_saved_loaded_replaced_and_deleted_without_typing() {
    let mut stage = Stage::new(1100.0, 700.0);
    stage.stroke(&[stage.place(10, 0.0), stage.place(10, 6.0)]);
    stage.set_gain_db(20, OFF_DB);
    stage.harness.run();
    open(&mut stage);
    stage.click("Save preset");
    let path = stage.own.path().join("Presets/My preset 1.json");
    let saved = Preset::from_json(&std::fs::read_to_string(&path).expect("a file")).expect("reads");
    assert_eq!(saved.name, "My preset 1");
    assert_eq!(saved.curve.len(), 40, "a point for each band");
    assert!(says(&stage, "Saved") && shown(&stage) == "My preset 1", "{}", shown(&stage));

    stage.click("Flatten");
    assert_eq!(shown(&stage), "My preset 1 *");
    open(&mut stage);
    assert!(stage.harness.query_by_label("Save preset").is_none(), "one of that name is there");
    stage.click("My preset 1");
    assert_eq!(stage.gains_db([9, 10, 11, 20]), [0.0, 6.0, 0.0, OFF_DB]);
    stage.click("Undo");
    assert_eq!(stage.gains_db([10, 20]), [0.0, 0.0]);
    stage.set_gain_db(3, -3.0);
    stage.harness.run();
    open(&mut stage);
    stage.click("Replace preset");
    let saved = Preset::from_json(&std::fs::read_to_string(&path).expect("a file")).expect("reads");
    assert!((saved.curve[3].1 + 3.0).abs() < 1e-3 && saved.curve[10].1 == 0.0, "{saved:?}");
    assert_eq!(shown(&stage), "My preset 1");

    open(&mut stage);
    stage.click("Delete My preset 1…");
    assert!(path.exists(), "one click does not delete");
    stage.click("Delete the file of My preset 1 for good");
    assert!(!path.exists() && says(&stage, "Deleted My preset 1"));
    assert_eq!(std::fs::read_dir(path.parent().expect("a folder")).expect("reads").count(), 0);
}

#[test]
fn a_name_can_be_typed_and_one_that_is_none_is_refused() {
    let mut stage = Stage::new(1100.0, 700.0);
    let mut save = |name: &str| {
        open(&mut stage);
        stage.harness.get_by_label("Name of the preset").focus();
        stage.harness.run();
        stage.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
        stage.harness.event(egui::Event::Text(name.to_owned()));
        stage.harness.run();
        stage.click("Save preset");
        says(&stage, "Saved")
    };
    assert!(!save("a/b"));
    assert!(save("Größe 1"));
    assert!(says(&stage, "Größe 1") && stage.own.path().join("Presets/Größe 1.json").exists());
}

/// Puts a file into the user's presets and loads it.
fn load(stage: &mut Stage, name: &str, text: &str) {
    let folder = stage.own.path().join("Presets");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(name), text).expect("writes");
    open(stage);
    let stem = Path::new(name).file_stem().and_then(|stem| stem.to_str()).expect("a name");
    find(stage, stem);
}

/// Clicks on what a list has, wherever it is in it.
fn find(stage: &mut Stage, name: &str) {
    stage.harness.get_by_label(name).scroll_to_me();
    stage.harness.run();
    stage.click(name);
}

#[test]
fn curves_of_other_programs_are_met_at_every_band() {
    let mut stage = Stage::new(1100.0, 700.0);
    let curve = |hz: f64| 9.0 * (hz.max(10.0).ln() * 1.7).sin();
    let points: Vec<f64> = (0..400).map(|k| 10.0 * 1.02_f64.powi(k)).collect();
    let pairs: Vec<String> = points.iter().map(|&hz| format!("{hz} {}", curve(hz))).collect();
    for (name, text) in [
        ("apo.txt", format!("Preamp: -6.5 dB\nGraphicEQ: {}", pairs.join("; "))),
        ("rew.txt", format!("* Freq(Hz) SPL(dB)\n{}", pairs.join("\n"))),
        ("table.csv", format!("Hz,dB\n{}", pairs.join("\n").replace(' ', ","))),
    ] {
        stage.click("Flatten");
        stage.host.take();
        load(&mut stage, name, &text);
        for (band, &hz) in bank().centres_hz().iter().enumerate() {
            let (off_db, hz) = (f64::from(stage.gain_db(band)) - curve(hz.max(10.0)), hz.max(10.0));
            // Between two of its points the curve is straight.
            assert!(off_db.abs() < 0.01 || hz > points[399], "{name}: {off_db} dB at {hz} Hz");
        }
        let told = stage.host.take();
        assert_eq!(told.iter().filter(|what| what.starts_with("begin gain")).count(), 40);
    }
    assert!((stage.params.output_db.value() + 6.5).abs() < 1e-3, "the preamp");
}

#[test]
fn what_cannot_be_read_is_told_and_changes_nothing() {
    let mut stage = Stage::new(1100.0, 700.0);
    stage.stroke(&[stage.place(10, 0.0), stage.place(10, 6.0)]);
    stage.host.take();
    for (name, text, told) in [
        ("measured.txt", "20 1\n40 71.5\n", "line 2: 71.5 dB at 40 Hz is out of range"),
        (
            "filters.txt",
            "Filter 1: ON PK Fc 100 Hz Gain -3 dB Q 1\n",
            "line 1: filters by frequency",
        ),
        ("broken.json", "{\"erbium\": 1,", "not an Erbium preset"),
        ("empty.csv", "", "there is no curve in it"),
    ] {
        load(&mut stage, name, text);
        assert!(says(&stage, told), "{told}: {:?}", stage.texts());
        assert!(says(&stage, name), "it says which file");
        assert_eq!(stage.host.take(), <[String; 0]>::default());
    }
    stage.harness.run_steps(700);
    assert!(!says(&stage, "there is no curve in it"), "it falls silent");
}

#[test]
fn a_file_is_found_folder_by_folder() {
    let mut stage = Stage::new(700.0, 450.0);
    open(&mut stage);
    stage.click("Open a file…");
    // From wherever it begins up to the root, and down to the file.
    while stage.harness.query_by_label("Up").is_some() {
        stage.click("Up");
    }
    let folder = stage.own.path().canonicalize().expect("a folder").join("curves");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("room.txt"), "100 3\n1000 -3").expect("writes");
    std::fs::write(folder.join("room.wav"), "no curve").expect("writes");
    for part in folder.iter().skip(1) {
        let name = format!("{} /", part.to_str().expect("a name"));
        find(&mut stage, &name);
    }
    assert!(stage.harness.query_by_label("room.wav").is_none());
    stage.click("room.txt");
    assert_eq!(stage.gains_db([0, 39]), [3.0, -3.0]);
    assert!(shown(&stage).starts_with("room") && says(&stage, "room: 2 points"));
    stage.click("Undo");
    assert_eq!(stage.gains_db([0, 39]), [0.0, 0.0]);
}

#[test]
fn a_preset_means_the_same_whatever_was_there_before() {
    let mut stage = Stage::new(1100.0, 700.0);
    let params = stage.params.clone();
    let host = stage.host.setter();
    host.set_parameter(&params.kind, KindChoice::Gammatone);
    host.set_parameter(&params.output_db, 6.0);
    host.set_parameter(&params.mix, 0.25);
    host.set_parameter(&params.gain_match, true);
    host.set_parameter(&params.bypass, true);
    stage.harness.run();
    let folder = stage.own.path().join("Presets");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("mine.json");
    let text = r#"{"erbium": 1, "made_by": "99.0.0", "name": "mine", "author": "A. B.", "scent": 1,
                   "parameters": {"depth": 2, "bands": 24}, "curve": [[1000, 3]]}"#;
    std::fs::write(&path, text).expect("writes");
    open(&mut stage);
    stage.click("mine");
    assert!(says(&stage, "scent") && says(&stage, "depth"), "{:?}", stage.texts());
    for control in ParamId::SOUND {
        let expected = match control {
            ParamId::Bands => ParamValue::Bands(24),
            control => ParamValue::of(control, &ErbiumParams::default()),
        };
        assert_eq!(ParamValue::of(control, &params), expected);
    }
    assert!(params.bypass.value(), "that stays as it is");
    stage.harness.run();
    open(&mut stage);
    stage.click("Replace preset");
    let saved: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&path).expect("a file")).expect("is JSON");
    assert_eq!((&saved["author"], &saved["name"]), (&"A. B.".into(), &"mine".into()));
    assert_eq!(saved["made_by"], env!("CARGO_PKG_VERSION"));
}
