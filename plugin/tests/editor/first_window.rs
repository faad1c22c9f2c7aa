//! What the first window that a person ever opens says, until it is of no use any more; and what a window says
//! that has no sound.

use crate::harness::{EditorHarness, assert_apart, bank};
use crate::presets::open;
use egui::vec2;
use erbium::editor::view::footer::HINT;
use erbium::editor::view::tokens::size;
use erbium::state::user_settings::UserSettings;

fn hints(harness: &EditorHarness) -> bool {
    harness.texts().iter().any(|text| text.text == HINT)
}

/// Whether the next window of anybody would show it.
fn is_seen(harness: &EditorHarness) -> bool {
    UserSettings::in_folder(harness.own.path().join("Settings")).hint_seen()
}

#[test]
fn the_first_window_says_in_one_line_where_to_start() {
    for (width, height) in [(700.0, 450.0), (1100.0, 700.0)] {
        let harness = EditorHarness::first(width, height);
        let texts = harness.texts();
        let hint = texts.iter().find(|text| text.text == HINT).expect("a hint");
        assert!(hint.place.height() < size::FOOTER && hint.place.top() > height - size::FOOTER);
        assert!(hint.clip.contains_rect(hint.place), "{hint:?}");
        assert_apart(&texts, "the first window");
    }
}

#[test]
fn the_hint_goes_with_the_first_edit_and_never_comes_back() {
    let mut harness = EditorHarness::first(1100.0, 700.0);
    harness.click("View");
    harness.close();
    harness.reopen();
    assert!(hints(&harness) && !is_seen(&harness), "looking around is no edit");
    let from = harness.place(10, 3.0);
    harness.press(from, egui::Modifiers::NONE);
    harness.hover(from + vec2(40.0, -10.0), egui::Modifiers::NONE);
    assert!(!hints(&harness), "it goes with the edit, not after it");
    harness.release(from + vec2(40.0, -10.0), egui::Modifiers::NONE);
    harness.click("Undo");
    assert!(!hints(&harness));
    harness.reopen();
    assert!(!hints(&harness) && is_seen(&harness), "for new instances too");
}

#[test]
fn a_preset_a_key_and_a_window_of_another_instance_end_it_too() {
    let mut harness = EditorHarness::first(1100.0, 700.0);
    open(&mut harness);
    harness.click("Telephone");
    assert!(!hints(&harness));
    harness.close_window();
    assert!(is_seen(&harness));

    let mut harness = EditorHarness::first(1100.0, 700.0);
    harness.hover(harness.place(10, 3.0), egui::Modifiers::NONE);
    harness.egui.key_press(egui::Key::ArrowUp);
    harness.egui.run();
    assert!(harness.gain_db(10) > 0.0 && !hints(&harness));

    let mut harness = EditorHarness::first(1100.0, 700.0);
    UserSettings::in_folder(harness.own.path().join("Settings")).set_hint_seen();
    harness.reopen();
    assert!(!hints(&harness));
}

/// What the window has to say of what happens goes first, and an empty plot has its own words.
#[test]
fn the_hint_waits_behind_every_other_message() {
    let mut harness = EditorHarness::first(1100.0, 700.0);
    harness.set("bypass", "on");
    harness.egui.run();
    assert!(!hints(&harness));
    assert!(harness.texts().iter().any(|text| text.text == "Bypassed"));
    harness.set("bypass", "off");
    harness.egui.run();
    assert!(hints(&harness));
}

/// The tests' own windows write into folders of their own, which go with them.
#[test]
fn no_test_window_touches_the_settings_of_whoever_runs_it() {
    let own = erbium::state::user_folders::settings().map(|folder| folder.join("settings.json"));
    let read = || own.as_ref().and_then(|path| std::fs::read(path).ok());
    let before = read();
    let mut harness = EditorHarness::first(700.0, 450.0);
    harness.click("View");
    harness.click("Light");
    harness.close();
    harness.dab(harness.place(5, 6.0));
    harness.close_window();
    assert!(is_seen(&harness), "written, but there");
    assert_eq!(read(), before);
}

const SILENT: &str = "No sound (JACK: no server is running; ALSA: No default audio output device available). \
                      Start a sound server or connect a device, then restart Erbium";

#[test]
fn a_program_without_sound_says_so_as_long_as_it_is_open() {
    let mut harness = EditorHarness::empty(700.0, 450.0);
    harness.surroundings.missing_audio = || Some(SILENT.to_owned());
    harness.reopen();
    harness.telemetry.set_bank(bank());
    harness.egui.run();
    let texts = harness.texts();
    let shown = texts.iter().find(|text| text.text == SILENT).expect("said");
    assert!(shown.clip.contains_rect(shown.place), "{shown:?}");
    assert_apart(&texts, "without sound");
    harness.dab(harness.place(5, 6.0));
    harness.egui.run_steps(20 * 50);
    assert!(harness.texts().iter().any(|text| text.text == SILENT), "it goes by itself");
}
