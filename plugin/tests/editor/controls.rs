//! The controls around the bands.

use crate::harness::{EditorHarness, bank};
use egui::{pos2, vec2};
use egui_kittest::kittest::Queryable;
use erbium::state::params::{MAX_BANDS, ScaleChoice};
use erbium::state::preferences::Preferences;
use erbium::telemetry::Column;

#[test]
fn the_scale_is_chosen_in_the_panel_of_the_bank() {
    let mut harness = EditorHarness::new(700.0, 450.0);
    harness.pick("Bank", "Bark");
    assert_eq!(harness.params.scale.value(), ScaleChoice::Bark);
    assert_eq!(harness.host.take(), ["begin scale", "set scale", "end scale"]);
}

#[test]
fn switches_switch() {
    let mut harness = EditorHarness::new(700.0, 450.0);
    for name in ["Bypass", "Delta"] {
        harness.egui.get_by_label(name).click();
        harness.egui.run();
    }
    assert!(harness.params.bypass.value() && harness.params.delta.value());
    let expected =
        ["begin bypass", "set bypass", "end bypass", "begin delta", "set delta", "end delta"];
    assert_eq!(harness.host.take(), expected);
}

#[test]
fn the_mix_is_dragged_in_one_gesture() {
    let mut harness = EditorHarness::new(700.0, 450.0);
    let from = harness.egui.get_by_label("Mix").rect().center();
    harness.stroke(&[from, from - vec2(20.0, 0.0), from - vec2(60.0, 0.0)]);
    assert!((0.6..0.85).contains(&harness.params.mix.value()), "{}", harness.params.mix.value());
    let edits = harness.host.take();
    assert_eq!(edits.first().map(String::as_str), Some("begin mix"));
    assert_eq!(edits.last().map(String::as_str), Some("end mix"));
    assert_eq!(edits.iter().filter(|what| !what.starts_with("set")).count(), 2, "{edits:?}");
}

#[test]
fn the_report_says_what_the_bank_says() {
    let mut harness = EditorHarness::new(700.0, 450.0);
    harness.click("Bank");
    let bank = bank();
    let report = bank.report();
    let latency = format!("Latency: 21.0 ms · {} samples", report.latency_samples);
    harness.egui.get_by_label(&latency);
    let alias = format!("Worst alias: −{:.0} dB", -report.worst_alias_db());
    harness.egui.get_by_label(&alias);
}

#[test]
fn a_look_wears_off() {
    let mut harness = EditorHarness::new(700.0, 450.0);
    harness.egui.step();
    let column = Column { bands: 40, input: [0.0; MAX_BANDS], gains: [1.0; MAX_BANDS] };
    (0..499).for_each(|_| harness.sender.push_column(column));
    assert!(harness.telemetry.editor_visible());
    harness.sender.push_column(column);
    assert!(!harness.telemetry.editor_visible(), "no frame for 5 s");
    harness.egui.step();
    assert!(harness.telemetry.editor_visible());
    drop(harness.egui);
    assert!(!harness.telemetry.editor_visible(), "closed");
}

#[test]
fn what_is_preferred_is_kept_with_the_instance() {
    let mut harness = EditorHarness::new(700.0, 450.0);
    harness.click("View");
    for name in ["Light", "Note names", "Piano"] {
        harness.click(name);
    }
    let kept = *harness.params.editor_preferences.lock().expect("not poisoned");
    let expected = Preferences { light: true, notes: true, piano: true, ..Preferences::default() };
    assert_eq!(kept, expected);
    assert_eq!(harness.host.take(), <[String; 0]>::default(), "no parameter has to do with it");
}

#[test]
fn every_control_says_what_it_does() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let texts = |harness: &EditorHarness| harness.texts().len();
    harness.egui.hover_at(pos2(1098.0, 50.0));
    harness.egui.run_steps(50);
    let bare = texts(&harness);
    let controls = harness.controls();
    assert!(controls.len() > 25, "{controls:?}");
    for (name, rect) in controls {
        harness.egui.hover_at(rect.center());
        harness.egui.run_steps(42);
        assert!(texts(&harness) > bare, "{name} has no tooltip");
        harness.egui.hover_at(pos2(1098.0, 50.0));
        harness.egui.run_steps(14);
        assert_eq!(texts(&harness), bare, "the tooltip of {name} goes away");
    }
}
