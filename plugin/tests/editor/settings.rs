//! What is set in one window is how the windows of new instances begin.

use crate::harness::EditorHarness;
use egui::accesskit::Toggled;
use egui::vec2;
use egui_kittest::kittest::{NodeT, Queryable};
use erbium::editor::window::ErbiumEditor;
use erbium::state::params::ErbiumParams;
use erbium::state::preferences::Preferences;
use erbium::state::user_settings::{FILE, UserSettings};
use nice_plug::editor::Editor;
use std::path::PathBuf;

fn folder(harness: &EditorHarness) -> PathBuf {
    harness.own.path().join("Settings")
}

/// Closes the window, and says what a new instance begins with.
fn new_instance(harness: &mut EditorHarness) -> (Preferences, (u16, u16)) {
    harness.close_window();
    let params = ErbiumParams::default();
    UserSettings::in_folder(folder(harness)).apply_to(&params);
    let preferences = *params.editor_preferences.lock().expect("not poisoned");
    (preferences, params.editor_size.get())
}

#[test]
fn what_is_set_in_a_window_is_for_new_instances_too() {
    let mut harness = EditorHarness::new(700.0, 450.0);
    harness.click("View");
    for name in ["Light", "Note names", "Piano"] {
        harness.click(name);
    }
    harness.close();
    harness.click("Colour map");
    harness.click("Viridis");
    let mut expected =
        Preferences { light: true, notes: true, piano: true, ..Preferences::default() };
    expected.spectrogram.palette = 3;
    assert_eq!(new_instance(&mut harness), (expected, (1100, 700)));
}

#[test]
fn a_window_in_which_nothing_is_set_writes_nothing() {
    let mut harness = EditorHarness::first(700.0, 450.0);
    harness.prefer(Preferences { light: true, ..Preferences::default() });
    harness.egui.run_steps(60);
    assert_eq!(new_instance(&mut harness), (Preferences::default(), (1100, 700)));
    assert!(!folder(&harness).exists());
}

#[test]
fn a_size_that_a_person_gives_the_window_is_kept_and_one_for_a_scale_only_with_it() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    // Right after it has opened its host may still be busy with it.
    harness.egui.set_size(vec2(1000.0, 650.0)).run_steps(60);
    harness.egui.set_size(vec2(900.0, 600.0)).run_steps(10);
    let written = |harness: &mut EditorHarness| new_instance(harness).1;
    assert_eq!(written(&mut harness), (900, 600));
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.click("View");
    harness.click("150 %");
    harness.egui.set_size(vec2(733.0, 467.0)).run_steps(20);
    assert_eq!(new_instance(&mut harness), (Preferences::default(), (1100, 700)));
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.click("View");
    harness.click("150 %");
    harness.egui.set_size(vec2(733.0, 467.0)).run_steps(20);
    harness.click("Keep");
    let expected = Preferences { scale_percent: 150, ..Preferences::default() };
    assert_eq!(new_instance(&mut harness), (expected, (733, 467)));
}

#[test]
fn a_file_that_cannot_be_read_is_told_in_the_window_and_nothing_else_happens() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    std::fs::write(folder(&harness).join(FILE), "no settings").expect("writes");
    harness.reopen();
    let texts = harness.texts();
    let told = |text: &String| text.starts_with("Your settings, ") && text.contains("begin with {");
    assert!(texts.iter().any(|text| told(&text.text)), "{texts:?}");
    harness.close_window();
    let text = std::fs::read_to_string(folder(&harness).join(FILE)).expect("there");
    assert_eq!(text, "no settings");
}

/// As a host makes one: the size that it asks for before it opens the window is that of the settings.
#[test]
fn the_editor_of_a_new_instance_begins_with_the_settings() {
    let own = tempfile::tempdir().expect("a folder");
    let settings = || UserSettings::in_folder(own.path().to_owned());
    let new = Preferences { light: true, scale_percent: 200, ..Preferences::default() };
    let changed = settings();
    changed.set_preferences(Preferences::default(), new);
    changed.set_editor_size((800, 500));
    drop(changed);
    let harness = EditorHarness::empty(700.0, 450.0);
    let editor = ErbiumEditor::new(harness.params.clone(), harness.telemetry.clone(), settings());
    assert_eq!(*harness.params.editor_preferences.lock().expect("not poisoned"), new);
    let size = editor.size();
    assert_eq!((size.width, size.height), (1600, 1000));
}

#[test]
fn what_the_monitor_draws_and_measures_is_kept_with_the_project_and_for_new_instances() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let chosen = ["Spectrum line: Percentiles", "Tilt: 3 dB/oct", "Weighting: C"];
    let is_on = |harness: &EditorHarness, name: &str| {
        harness.egui.get_by_label(name).accesskit_node().toggled() == Some(Toggled::True)
    };
    harness.click("Monitor");
    for name in chosen {
        assert!(!is_on(&harness, name), "{name} is not so at first");
        harness.click(name);
    }
    harness.reopen();
    harness.click("Monitor");
    assert!(chosen.iter().all(|name| is_on(&harness, name)), "in the next window");
    let mut expected = Preferences::default();
    (expected.monitor.line, expected.monitor.tilt, expected.monitor.weighting) = (4, 1, 1);
    assert_eq!(new_instance(&mut harness).0, expected);
    // A number of a later version means what is so at first, and the others stay.
    let mut harness = EditorHarness::new(1100.0, 700.0);
    expected.monitor.line = 99;
    harness.prefer(expected);
    harness.click("Monitor");
    for name in ["Spectrum line: Off", "Tilt: 3 dB/oct", "Weighting: C"] {
        assert!(is_on(&harness, name), "{name}");
    }
}
