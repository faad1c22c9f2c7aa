//! Undo and redo, A and B, and presets among them.

use crate::harness::{EditorHarness, bank};
use crate::live::{live, playing, reopened};
use egui::{accesskit::Role, vec2};
use egui_kittest::kittest::Queryable;
use erbium::Erbium;
use erbium::state::ab::AbState;
use erbium::state::params::OFF_DB;
use erbium::state::preset::Preset;
use nice_plug::prelude::{Params, Plugin, PluginState};
use std::collections::BTreeMap;

#[test]
fn undo_and_redo_go_step_by_step_and_tell_the_host() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.stroke(&[harness.place(10, 6.0), harness.place(14, 6.0)]);
    harness.stroke(&[harness.place(12, 6.0), harness.place(12, -3.0)]);
    harness.host.take();
    harness.click("Undo");
    assert_eq!(harness.gains_db([10, 12, 14]), [6.0; 3]);
    assert_eq!(harness.host.take(), ["begin gain_13", "set gain_13", "end gain_13"]);
    harness.click("Undo");
    assert_eq!(harness.gains_db([10, 12, 14]), [0.0; 3]);
    harness.host.take();
    harness.click("Undo");
    assert_eq!(harness.host.take(), <[String; 0]>::default(), "there is nothing left to undo");
    harness.click("Redo");
    harness.click("Redo");
    assert_eq!(harness.gains_db([10, 12, 14]), [6.0, -3.0, 6.0]);
    harness.click("Redo");
    harness.click("Bypass");
    harness.click("Undo");
    assert!(!harness.params.bypass.value(), "a switch is a step, too");
}

#[test]
fn undo_leaves_alone_what_the_host_has_moved_since() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.stroke(&[harness.place(10, 0.0), harness.place(10, 6.0)]);
    harness.set_gain_db(20, -9.0);
    harness.egui.run();
    harness.click("Undo");
    assert_eq!(harness.gains_db([10, 20]), [0.0, -9.0]);
}

#[test]
fn a_step_that_changed_the_bank_is_undone_to_the_last_digit() {
    let (mut harness, mut player) = live();
    player.play(&mut harness, 4);
    harness.stroke(&[harness.place(10, 12.0), harness.place(22, -12.0)]);
    player.play(&mut harness, 40);
    let drawn = playing(&harness);
    harness.turn_bands(-16.0);
    player.play(&mut harness, 36);
    assert_eq!(harness.params.bands.value(), 24);
    let fewer = playing(&harness);
    harness.pick("Shape", "Flatten");
    player.play(&mut harness, 40);
    assert!(playing(&harness).1.iter().all(|db| *db == 0.0));
    harness.click("Undo");
    player.play(&mut harness, 36);
    assert_eq!(playing(&harness), fewer);
    harness.click("Undo");
    player.play(&mut harness, 36);
    assert_eq!(playing(&harness), drawn);
    harness.click("Redo");
    player.play(&mut harness, 36);
    assert_eq!(playing(&harness), fewer);
}

#[test]
fn a_and_b_come_back_exactly_whatever_their_banks() {
    let (mut harness, mut player) = live();
    player.play(&mut harness, 4);
    harness.stroke(&[harness.place(10, 12.0), harness.place(22, -12.0)]);
    player.play(&mut harness, 40);
    let a = playing(&harness);
    harness.click("B");
    player.play(&mut harness, 40);
    assert_eq!(playing(&harness), a, "what was never used is a copy");
    harness.turn_bands(-16.0);
    player.play(&mut harness, 36);
    let place = harness.egui.get_by_label("Band gains").rect().center() - vec2(0.0, 60.0);
    harness.stroke(&[place, place + vec2(90.0, 0.0)]);
    player.play(&mut harness, 36);
    let b = playing(&harness);
    assert_ne!(a, b);
    for expected in [&a, &b, &a] {
        harness.click(if expected == &a { "A" } else { "B" });
        player.play(&mut harness, 48);
        assert_eq!(&playing(&harness), expected);
        let parameters = harness.params.settings(48_000.0);
        assert_eq!(parameters.spec, expected.0, "the host has it");
    }
    harness.click("Undo");
    player.play(&mut harness, 48);
    assert_eq!(playing(&harness), b, "the last step was made there: first this goes over");
    harness.click("Undo");
    player.play(&mut harness, 48);
    assert_ne!(playing(&harness).1, b.1);
    harness.click("A");
    harness.click("Redo");
    player.play(&mut harness, 48);
    harness.click("Redo");
    player.play(&mut harness, 48);
    assert_eq!(playing(&harness), b);
    harness.click("Copy to A");
    harness.click("A");
    player.play(&mut harness, 48);
    assert_eq!(playing(&harness), b);
}

#[test]
fn a_b_the_preset_and_what_muted_bands_had_come_back_with_the_project() {
    let (mut harness, mut player) = live();
    player.play(&mut harness, 4);
    harness.click("Next preset");
    harness.click("Next preset");
    player.play(&mut harness, 40);
    harness.stroke(&[harness.place(10, 12.0), harness.place(22, -12.0)]);
    player.play(&mut harness, 40);
    let a = playing(&harness);
    harness.click("B");
    player.play(&mut harness, 40);
    harness.turn_bands(-16.0);
    player.play(&mut harness, 60);
    harness.menu(3, "Mute band");
    player.play(&mut harness, 8);
    let b = playing(&harness);
    let off = (0..24).find(|band| harness.gain_db(*band) == OFF_DB).expect("a muted band");
    let had_db = harness.params.editor_memory.lock().expect("not poisoned").before_off_db[off];

    let (mut other, mut player) = reopened(&harness);
    assert_eq!(playing(&other), b);
    assert_eq!(other.params.editor_memory.lock().expect("not poisoned").slot, 1);
    let shown = other.egui.get_by_role_and_label(Role::ComboBox, "Preset").value();
    assert_eq!(shown.as_deref(), Some("Presence *"));
    other.click("A");
    player.play(&mut other, 60);
    assert_eq!(playing(&other), a);
    other.click("B");
    player.play(&mut other, 60);
    assert_eq!(playing(&other), b);
    other.menu(3, "Unmute band");
    assert!((other.gain_db(off) - had_db).abs() < 1e-3);

    // A state of a version that kept none of it makes A and B what they are when nothing was done.
    let mut state = PluginState {
        version: String::new(),
        params: BTreeMap::new(),
        fields: harness.params.serialize_fields(),
    };
    for kept in [None, Some("3"), Some("{\"slot\":")] {
        state.fields.remove("editor_memory");
        state.fields.extend(kept.map(|kept| ("editor_memory".to_owned(), kept.to_owned())));
        Erbium::filter_state(&mut state);
        other.params.deserialize_fields(&state.fields);
        let ab = other.params.editor_memory.lock().expect("not poisoned").clone();
        assert_eq!(ab, AbState::default(), "{kept:?}");
    }
}

#[test]
fn presets_are_loaded_named_and_left_by_undo() {
    let (mut harness, mut player) = live();
    player.play(&mut harness, 4);
    harness.stroke(&[harness.place(10, 12.0), harness.place(22, -12.0)]);
    player.play(&mut harness, 40);
    let drawn = playing(&harness);
    for (button, name) in [("Next preset", "Flat"), ("Next preset", "Presence")] {
        harness.click(button);
        player.play(&mut harness, 36);
        let shown = harness.egui.get_by_role_and_label(Role::ComboBox, "Preset");
        assert_eq!(shown.value().as_deref(), Some(name));
    }
    let presence = Preset::shipped().iter().find(|preset| preset.name == "Presence");
    let nodes = presence.and_then(Preset::nodes).expect("has a curve");
    let (spec, gains_db) = playing(&harness);
    for (hz, gain_db) in bank().centres_hz().iter().zip(gains_db) {
        assert!((nodes.read_db(spec.scale, *hz) - gain_db).abs() < 1e-3);
    }
    harness.host.take();
    harness.click("Next preset");
    player.play(&mut harness, 70);
    assert_eq!(harness.params.bands.value(), 48);
    let edits = harness.host.take();
    let gains = edits.iter().filter(|what| what.contains("gain_") && !what.contains("gain_match"));
    assert_eq!(gains.count(), 0, "of another bank's gains, the curve holds all: {edits:?}");
    harness.dab(harness.egui.get_by_label("Band gains").rect().center());
    harness.egui.run();
    let shown = harness.egui.get_by_role_and_label(Role::ComboBox, "Preset").value();
    assert_eq!(shown.as_deref(), Some("Telephone *"), "it was changed since");
    (0..4).for_each(|_| {
        harness.click("Undo");
        player.play(&mut harness, 48);
    });
    assert_eq!(playing(&harness), drawn);
}
