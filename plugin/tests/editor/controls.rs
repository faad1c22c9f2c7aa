//! The controls around the bands.

use crate::stage::{Stage, bank};
use egui::{accesskit::Role, pos2, vec2};
use egui_kittest::kittest::Queryable;
use erbium::Erbium;
use erbium::audio::{Mode, Processor};
use erbium::editor::view::theme;
use erbium::state::ab::AbState;
use erbium::state::params::{MAX_BANDS, OFF_DB, ScaleChoice};
use erbium::state::preferences::Preferences;
use erbium::state::preset::Preset;
use erbium::telemetry::Column;
use erbium_dsp::BankSpec;
use nice_plug::prelude::{Params, Plugin, PluginState};
use std::collections::BTreeMap;

#[test]
fn the_scale_is_chosen_from_its_list() {
    let mut stage = Stage::new(700.0, 450.0);
    stage.harness.get_by_role_and_label(Role::ComboBox, "Scale").click();
    stage.harness.run();
    stage.harness.get_by_label("Bark").click();
    stage.harness.run();
    assert_eq!(stage.params.scale.value(), ScaleChoice::Bark);
    assert_eq!(stage.host.take(), ["begin scale", "set scale", "end scale"]);
}

#[test]
fn switches_switch() {
    let mut stage = Stage::new(700.0, 450.0);
    for name in ["Bypass", "Delta"] {
        stage.harness.get_by_label(name).click();
        stage.harness.run();
    }
    assert!(stage.params.bypass.value() && stage.params.delta.value());
    let expected =
        ["begin bypass", "set bypass", "end bypass", "begin delta", "set delta", "end delta"];
    assert_eq!(stage.host.take(), expected);
}

#[test]
fn the_mix_is_dragged_in_one_gesture() {
    let mut stage = Stage::new(700.0, 450.0);
    let from = stage.harness.get_by_label("Mix").rect().center();
    stage.stroke(&[from, from - vec2(20.0, 0.0), from - vec2(60.0, 0.0)]);
    assert!((0.6..0.85).contains(&stage.params.mix.value()), "{}", stage.params.mix.value());
    let told = stage.host.take();
    assert_eq!(told.first().map(String::as_str), Some("begin mix"));
    assert_eq!(told.last().map(String::as_str), Some("end mix"));
    assert_eq!(told.iter().filter(|what| !what.starts_with("set")).count(), 2, "{told:?}");
}

#[test]
fn the_report_says_what_the_bank_says() {
    let stage = Stage::new(700.0, 450.0);
    let bank = bank();
    let report = bank.report();
    let latency = format!("Latency: 21.0 ms · {} samples", report.latency_samples);
    stage.harness.get_by_label(&latency);
    let alias = format!("Worst alias: −{:.0} dB", -report.worst_alias_db());
    stage.harness.get_by_label(&alias);
}

#[test]
fn a_look_wears_off() {
    let mut stage = Stage::new(700.0, 450.0);
    stage.harness.step();
    let column = Column { bands: 40, input: [0.0; MAX_BANDS], gains: [1.0; MAX_BANDS] };
    (0..499).for_each(|_| stage.sender.push_column(column));
    assert!(stage.telemetry.watched());
    stage.sender.push_column(column);
    assert!(!stage.telemetry.watched(), "no frame for 5 s");
    stage.harness.step();
    assert!(stage.telemetry.watched());
    drop(stage.harness);
    assert!(!stage.telemetry.watched(), "closed");
}

/// A window with the real chain behind it, which plays noise for a number of blocks.
fn live() -> (Stage, impl FnMut(&mut Stage, u8)) {
    let mut stage = Stage::empty(1100.0, 700.0);
    stage.harness.run();
    // The picture is not what these tests are about.
    stage.click("Freeze");
    let mut chain = Processor::new(stage.params.curve.clone(), stage.telemetry.clone());
    let mode = Mode { waits: true, changes_latency: true };
    chain.prepare(&stage.params.settings(48_000.0), 1, mode).expect("the default bank exists");
    let mut seed = 1_u32;
    let mut noise = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from(seed.to_be_bytes()[0]) / 512.0 - 0.25
    };
    let play = move |stage: &mut Stage, blocks: u8| {
        for _ in 0..blocks {
            let mut channel = [0.0; 960].map(|_: f32| noise());
            chain.process(&stage.params.settings(48_000.0), &mut [&mut channel]);
            stage.keep_up();
        }
    };
    (stage, play)
}

/// What is heard: the bank, and the drawn gains in force, on a thousandth of a dB.
fn heard(stage: &Stage) -> (BankSpec, Vec<f32>) {
    let bank = stage.telemetry.bank().expect("plays");
    let gain_db = |k| (stage.params.curve.gain_db(k) * 1000.0).round() / 1000.0;
    (*bank.spec(), (0..bank.bands()).map(gain_db).collect())
}

#[test]
fn undo_and_redo_go_step_by_step_and_tell_the_host() {
    let mut stage = Stage::new(1100.0, 700.0);
    stage.stroke(&[stage.place(10, 6.0), stage.place(14, 6.0)]);
    stage.stroke(&[stage.place(12, 6.0), stage.place(12, -3.0)]);
    stage.host.take();
    stage.click("Undo");
    assert_eq!(stage.gains_db([10, 12, 14]), [6.0; 3]);
    assert_eq!(stage.host.take(), ["begin gain_13", "set gain_13", "end gain_13"]);
    stage.click("Undo");
    assert_eq!(stage.gains_db([10, 12, 14]), [0.0; 3]);
    stage.host.take();
    stage.click("Undo");
    assert_eq!(stage.host.take(), <[String; 0]>::default(), "there is nothing left to undo");
    stage.click("Redo");
    stage.click("Redo");
    assert_eq!(stage.gains_db([10, 12, 14]), [6.0, -3.0, 6.0]);
    stage.click("Redo");
    stage.click("Bypass");
    stage.click("Undo");
    assert!(!stage.params.bypass.value(), "a switch is a step, too");
}

#[test]
fn undo_leaves_alone_what_the_host_has_moved_since() {
    let mut stage = Stage::new(1100.0, 700.0);
    stage.stroke(&[stage.place(10, 0.0), stage.place(10, 6.0)]);
    stage.set_gain_db(20, -9.0);
    stage.harness.run();
    stage.click("Undo");
    assert_eq!(stage.gains_db([10, 20]), [0.0, -9.0]);
}

#[test]
fn a_step_that_changed_the_bank_is_undone_to_the_last_digit() {
    let (mut stage, mut play) = live();
    play(&mut stage, 4);
    stage.stroke(&[stage.place(10, 12.0), stage.place(22, -12.0)]);
    play(&mut stage, 40);
    let drawn = heard(&stage);
    let bands = stage.harness.get_by_label("Bands").rect().center();
    stage.wheel(bands, -16.0);
    play(&mut stage, 36);
    assert_eq!(stage.params.bands.value(), 24);
    let fewer = heard(&stage);
    stage.click("Flatten");
    play(&mut stage, 40);
    assert!(heard(&stage).1.iter().all(|db| *db == 0.0));
    stage.click("Undo");
    play(&mut stage, 36);
    assert_eq!(heard(&stage), fewer);
    stage.click("Undo");
    play(&mut stage, 36);
    assert_eq!(heard(&stage), drawn);
    stage.click("Redo");
    play(&mut stage, 36);
    assert_eq!(heard(&stage), fewer);
}

#[test]
fn a_and_b_come_back_exactly_whatever_their_banks() {
    let (mut stage, mut play) = live();
    play(&mut stage, 4);
    stage.stroke(&[stage.place(10, 12.0), stage.place(22, -12.0)]);
    play(&mut stage, 40);
    let a = heard(&stage);
    stage.click("B");
    play(&mut stage, 40);
    assert_eq!(heard(&stage), a, "what was never used is a copy");
    let bands = stage.harness.get_by_label("Bands").rect().center();
    stage.wheel(bands, -16.0);
    play(&mut stage, 36);
    let place = stage.harness.get_by_label("Band gains").rect().center() - vec2(0.0, 60.0);
    stage.stroke(&[place, place + vec2(90.0, 0.0)]);
    play(&mut stage, 36);
    let b = heard(&stage);
    assert_ne!(a, b);
    for expected in [&a, &b, &a] {
        stage.click(if expected == &a { "A" } else { "B" });
        play(&mut stage, 48);
        assert_eq!(&heard(&stage), expected);
        let parameters = stage.params.settings(48_000.0);
        assert_eq!(parameters.spec, expected.0, "the host knows");
    }
    stage.click("Undo");
    play(&mut stage, 48);
    assert_eq!(heard(&stage), b, "going over is a step");
    stage.click("Copy to A");
    stage.click("A");
    play(&mut stage, 48);
    assert_eq!(heard(&stage), b);
}

/// Another instance, in a window of its own, that has loaded this one's state.
fn reopened(stage: &Stage) -> (Stage, impl FnMut(&mut Stage, u8)) {
    let (mut other, mut play) = live();
    play(&mut other, 4);
    let version = String::new();
    let params = stage.params.param_map();
    // SAFETY: the parameters live as long as the stage.
    let values = params.iter().map(|(_, param, _)| unsafe { param.unmodulated_normalized_value() });
    for ((_, param, _), value) in other.params.param_map().into_iter().zip(values) {
        // SAFETY: as above.
        unsafe { param._internal_set_normalized_value(value) };
    }
    let fields = stage.params.serialize_fields();
    let mut state = PluginState { version, params: BTreeMap::new(), fields };
    Erbium::filter_state(&mut state);
    other.params.deserialize_fields(&state.fields);
    play(&mut other, 40);
    (other, play)
}

#[test]
fn a_b_the_preset_and_what_muted_bands_had_come_back_with_the_project() {
    let (mut stage, mut play) = live();
    play(&mut stage, 4);
    stage.click("Next preset");
    stage.click("Next preset");
    play(&mut stage, 40);
    stage.stroke(&[stage.place(10, 12.0), stage.place(22, -12.0)]);
    play(&mut stage, 40);
    let a = heard(&stage);
    stage.click("B");
    play(&mut stage, 40);
    stage.wheel(stage.harness.get_by_label("Bands").rect().center(), -16.0);
    play(&mut stage, 60);
    stage.menu(3, "Mute band");
    play(&mut stage, 8);
    let b = heard(&stage);
    let off = (0..24).find(|band| stage.gain_db(*band) == OFF_DB).expect("a muted band");
    let had_db = stage.params.editor_memory.lock().expect("not poisoned").before_off_db[off];

    let (mut other, mut play) = reopened(&stage);
    assert_eq!(heard(&other), b);
    assert_eq!(other.params.editor_memory.lock().expect("not poisoned").slot, 1);
    let shown = other.harness.get_by_role_and_label(Role::ComboBox, "Preset").value();
    assert_eq!(shown.as_deref(), Some("Presence *"));
    other.click("A");
    play(&mut other, 60);
    assert_eq!(heard(&other), a);
    other.click("B");
    play(&mut other, 60);
    assert_eq!(heard(&other), b);
    other.menu(3, "Unmute band");
    assert!((other.gain_db(off) - had_db).abs() < 1e-3);

    // A state of a version that kept none of it makes A and B what they are when nothing was done.
    let mut state = PluginState {
        version: String::new(),
        params: BTreeMap::new(),
        fields: stage.params.serialize_fields(),
    };
    for kept in [None, Some("3"), Some("{\"slot\":")] {
        state.fields.remove("editor_memory");
        state.fields.extend(kept.map(|kept| ("editor_memory".to_owned(), kept.to_owned())));
        Erbium::filter_state(&mut state);
        other.params.deserialize_fields(&state.fields);
        let memory = other.params.editor_memory.lock().expect("not poisoned").clone();
        assert_eq!(memory, AbState::default(), "{kept:?}");
    }
}

#[test]
fn presets_are_loaded_named_and_left_by_undo() {
    let (mut stage, mut play) = live();
    play(&mut stage, 4);
    stage.stroke(&[stage.place(10, 12.0), stage.place(22, -12.0)]);
    play(&mut stage, 40);
    let drawn = heard(&stage);
    for (button, name) in [("Next preset", "Flat"), ("Next preset", "Presence")] {
        stage.click(button);
        play(&mut stage, 36);
        let shown = stage.harness.get_by_role_and_label(Role::ComboBox, "Preset");
        assert_eq!(shown.value().as_deref(), Some(name));
    }
    let presence = Preset::shipped().iter().find(|preset| preset.name == "Presence");
    let nodes = presence.and_then(Preset::nodes).expect("has a curve");
    let (spec, gains_db) = heard(&stage);
    for (hz, gain_db) in bank().centres_hz().iter().zip(gains_db) {
        assert!((nodes.read_db(spec.scale, *hz) - gain_db).abs() < 1e-3);
    }
    // Another number of bands: the host's gains follow once that bank plays.
    stage.click("Next preset");
    play(&mut stage, 70);
    assert_eq!(stage.params.bands.value(), 48);
    let (_, gains_db) = heard(&stage);
    for (band, gain_db) in gains_db.into_iter().enumerate() {
        assert!((stage.gain_db(band) - gain_db).abs() < 1e-3, "{band}");
    }
    stage.stroke(&[stage.harness.get_by_label("Band gains").rect().center(); 2]);
    stage.harness.run();
    let shown = stage.harness.get_by_role_and_label(Role::ComboBox, "Preset").value();
    assert_eq!(shown.as_deref(), Some("Telephone *"), "it was changed since");
    (0..4).for_each(|_| {
        stage.click("Undo");
        play(&mut stage, 48);
    });
    assert_eq!(heard(&stage), drawn);
}

#[test]
fn what_is_preferred_is_kept_with_the_instance() {
    let mut stage = Stage::new(700.0, 450.0);
    stage.click("View");
    for name in ["Light", "Note names", "Piano"] {
        stage.click(name);
    }
    let kept = *stage.params.editor_preferences.lock().expect("not poisoned");
    let expected = Preferences { light: true, notes: true, piano: true, ..Preferences::default() };
    assert_eq!(kept, expected);
    assert_eq!(stage.host.take(), <[String; 0]>::default(), "no parameter has to do with it");
}

#[test]
fn parameters_follow_the_curve_to_another_number_of_bands() {
    let (mut stage, mut play) = live();
    play(&mut stage, 4);
    let places = [stage.place(10, 12.0), stage.place(22, 12.0)];
    stage.stroke(&places);
    play(&mut stage, 40);
    let drawn: Vec<f32> = (0..40).map(|band| stage.gain_db(band)).collect();
    assert!(stage.host.take().len() >= 3 * 13, "painted");

    stage.host.setter().set_parameter(&stage.params.bands, 24);
    play(&mut stage, 40);
    let told = stage.host.take();
    for band in 0..24 {
        let (parameter_db, curve_db) = (stage.gain_db(band), stage.params.curve.gain_db(band));
        assert!((parameter_db - curve_db).abs() < 1e-3, "{band}: {parameter_db}, {curve_db}");
    }
    assert!(stage.gain_db(10) > 11.0 && stage.gain_db(20).abs() < 1e-3, "the curve is kept");
    let count = |what| told.iter().filter(|told| told.starts_with(what)).count();
    let changed = (0..24).filter(|band| (stage.gain_db(*band) - drawn[*band]).abs() > 1e-3).count();
    assert!(
        changed > 3 && count("begin gain") == changed && count("end gain") == changed,
        "{told:?}"
    );
    play(&mut stage, 40);
    assert_eq!(stage.host.take(), <[String; 0]>::default(), "and that is the end of it");

    stage.click("Freeze");
    play(&mut stage, 40);
    let picture = stage.picture("noise");
    let spectrogram = stage.harness.get_by_label("Spectrogram").rect();
    assert!(
        picture.count(stage.bands(), theme::DARK.level_output) > 500,
        "levels of the real chain"
    );
    assert!(picture.colors(spectrogram) > 200, "{}", picture.colors(spectrogram));
}

#[test]
fn every_control_says_what_it_does() {
    let mut stage = Stage::new(1100.0, 700.0);
    let texts = |stage: &Stage| stage.texts().len();
    stage.harness.hover_at(pos2(1098.0, 50.0));
    stage.harness.run_steps(50);
    let bare = texts(&stage);
    let controls = stage.controls();
    assert!(controls.len() > 25, "{controls:?}");
    for (name, rect) in controls {
        stage.harness.hover_at(rect.center());
        stage.harness.run_steps(42);
        assert!(texts(&stage) > bare, "{name} has no tooltip");
        stage.harness.hover_at(pos2(1098.0, 50.0));
        stage.harness.run_steps(14);
        assert_eq!(texts(&stage), bare, "the tooltip of {name} goes away");
    }
}
