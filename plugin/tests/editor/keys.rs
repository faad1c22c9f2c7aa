//! Keys, while the pointer is inside the window.

use crate::harness::EditorHarness;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use erbium::state::params::OFF_DB;

fn press(harness: &mut EditorHarness, modifiers: Modifiers, key: Key) {
    harness.egui.key_press_modifiers(modifiers, key);
    harness.egui.run();
}

/// A window with the pointer over a band.
fn pointed(band: usize) -> EditorHarness {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.egui.hover_at(harness.place(band, -12.0));
    harness.egui.run();
    harness
}

#[test]
fn arrows_move_the_band_under_the_pointer_or_those_selected_as_one_gesture() {
    let mut harness = pointed(12);
    for key in [Key::ArrowUp, Key::ArrowUp, Key::ArrowDown, Key::ArrowUp] {
        press(&mut harness, Modifiers::NONE, key);
    }
    assert_eq!(harness.gains_db([11, 12, 13]), [0.0, 1.0, 0.0]);
    press(&mut harness, Modifiers::SHIFT, Key::ArrowDown);
    assert_eq!(harness.gains_db([12]), [0.9]);
    harness.end_wheel_gesture();
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(harness.gains_db([12]), [0.0], "they are one step");
    press(&mut harness, Modifiers::COMMAND, Key::Y);
    assert_eq!(harness.gains_db([12]), [0.9]);
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    press(&mut harness, Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(harness.gains_db([12]), [0.9]);
    harness.stroke_with(&[harness.place(20, 9.0), harness.place(22, -9.0)], Modifiers::COMMAND);
    press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    assert_eq!(harness.gains_db([12, 20, 21, 22]), [0.9, -0.5, -0.5, -0.5]);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    harness.egui.hover_at(harness.place(5, -12.0));
    harness.egui.run();
    press(&mut harness, Modifiers::NONE, Key::ArrowUp);
    assert_eq!(harness.gains_db([5, 20]), [0.5, -0.5], "nothing is selected any more");
}

#[test]
fn letters_mute_solo_and_bypass() {
    let mut harness = pointed(7);
    press(&mut harness, Modifiers::NONE, Key::M);
    assert_eq!(harness.gain_db(7), OFF_DB);
    press(&mut harness, Modifiers::NONE, Key::M);
    assert_eq!(harness.gain_db(7), 0.0);
    press(&mut harness, Modifiers::NONE, Key::L);
    assert_eq!(harness.telemetry.soloed(), Some(7));
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.telemetry.soloed(), None);
    press(&mut harness, Modifiers::NONE, Key::B);
    assert!(harness.params.bypass.value());
    harness.host.take();
    for key in [Key::Space, Key::Q, Key::Num3] {
        press(&mut harness, Modifiers::NONE, key);
    }
    assert_eq!(harness.host.take(), <[String; 0]>::default(), "other keys are the host's");
}

#[test]
fn what_is_typed_into_a_field_is_no_command() {
    let mut harness = pointed(7);
    harness.open_menu(7);
    // The gain is selected as the menu opens.
    harness.egui.event(egui::Event::Text("4,5".to_owned()));
    press(&mut harness, Modifiers::NONE, Key::B);
    press(&mut harness, Modifiers::NONE, Key::M);
    press(&mut harness, Modifiers::NONE, Key::ArrowUp);
    assert!(!harness.params.bypass.value());
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(harness.gains_db([7]), [4.5]);
}

#[test]
fn every_control_is_reached_and_pressed_by_keys() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let focused = |harness: &EditorHarness| {
        let names = harness.controls();
        let id = harness.egui.ctx.memory(|memory| memory.focused());
        let at = id.and_then(|id| harness.egui.ctx.read_response(id)).map(|response| response.rect);
        let name = names.iter().find(|(_, rect)| Some(rect.center()) == at.map(|at| at.center()));
        name.map(|(name, _)| name.clone())
    };
    let mut reached = Vec::new();
    for _ in 0..60 {
        press(&mut harness, Modifiers::NONE, Key::Tab);
        reached.extend(focused(&harness));
        if reached.last().is_some_and(|name| name == "Bypass") && !harness.params.bypass.value() {
            press(&mut harness, Modifiers::NONE, Key::Enter);
        }
        if reached.last().is_some_and(|name| name == "Mix") && harness.params.mix.value() == 1.0 {
            press(&mut harness, Modifiers::NONE, Key::ArrowDown);
        }
    }
    for name in [
        "Previous preset",
        "Preset",
        "A",
        "Bank",
        "View",
        "Draw",
        "Solo",
        "Shape",
        "Gain range",
        "Height of the bands",
        "History",
        "Freeze",
        "Output",
        "Mix",
        "Gain match",
        "Delta",
        "Bypass",
    ] {
        assert!(reached.iter().any(|known| known == name), "{name} is not among {reached:?}");
    }
    assert!(harness.params.bypass.value(), "Enter presses");
    assert!((harness.params.mix.value() - 0.95).abs() < 1e-3, "arrows change");
    assert!(harness.egui.query_by_label("Bypass").is_some());
}
