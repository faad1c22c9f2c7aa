//! The picture that stands still: gains of now, a region that is pulled; and cursors that stay.

use crate::harness::{PLOT, SpectrogramHarness, bank, scene, tone};
use egui::vec2;
use erbium::editor::view::axes::GainAxis;

#[test]
fn two_cursors_read_what_lies_between_them() {
    let mut harness = SpectrogramHarness::new();
    harness.play(2.0, tone);
    harness.freeze();
    let put = |harness: &mut SpectrogramHarness, hz: f64, down: f32| {
        let place = harness.place(hz, down);
        harness.egui.hover_at(place);
        for pressed in [true, false] {
            let (button, modifiers) = (egui::PointerButton::Secondary, egui::Modifiers::NONE);
            harness.egui.event(egui::Event::PointerButton {
                pos: place,
                button,
                pressed,
                modifiers,
            });
            harness.egui.step();
        }
        harness.egui.run();
    };
    put(&mut harness, 1_000.0, 0.1);
    assert!(!harness.read(1_000.0, 0.2).contains('Δ'), "one alone has no difference");
    put(&mut harness, 4_000.0, 0.3);
    let text = harness.read(2_000.0, 0.2);
    let (_, difference) = text.split_once("Δ ").expect("a difference");
    let parts: Vec<&str> = difference.split("   ").collect();
    let number = |part: &str| -> f64 {
        part.split(' ').next().expect("a number").replace('−', "-").parse().expect("a number")
    };
    assert!((number(parts[0]) - 3_000.0).abs() < 40.0 && parts[0].ends_with("Hz"), "{parts:?}");
    assert!(parts[1].ends_with("ERB") && (number(parts[1]) - 11.5).abs() < 0.3, "{parts:?}");
    assert!(number(parts[2]) < -40.0 && parts[2].ends_with("dB"), "{parts:?}");
    assert!((number(parts[3]) + 1.0).abs() < 0.05 && parts[3].ends_with(" s"), "{parts:?}");
    put(&mut harness, 1_000.0, 0.1);
    assert!(!harness.read(2_000.0, 0.2).contains('Δ'), "a click on one takes both away");
}

#[test]
fn frozen_it_is_drawn_again_with_the_gains_of_now() {
    let mut harness = SpectrogramHarness::new();
    harness.play(2.0, tone);
    harness.freeze();
    let frozen = harness.pixels();
    let before_db = harness.db(1_000.0, 0.2);
    let set = |harness: &mut SpectrogramHarness, gain_db: f32| {
        for band in 0..40 {
            harness.host.setter().set_parameter(&harness.params.band[band].gain_db, gain_db);
        }
        harness.egui.run();
    };
    set(&mut harness, -6.0);
    let after_db = harness.db(1_000.0, 0.2);
    assert!((after_db - before_db + 6.0).abs() < 0.11, "{before_db} and {after_db}");
    assert!(harness.pixels() != frozen);
    harness.choose("Spectrogram source", "Pre");
    assert!((harness.db(1_000.0, 0.2) + 6.0).abs() < 0.11, "what came in is as it was");
    harness.choose("Spectrogram source", "Post");
    set(&mut harness, 0.0);
    assert!((harness.db(1_000.0, 0.2) - before_db).abs() < 0.02);
    assert!(harness.pixels() == frozen);
    set(&mut harness, 6.0);
    harness.freeze();
    harness.play(1.0, tone);
    assert!((harness.db(1_000.0, 0.2) - before_db).abs() < 0.11, "what is live is as it sounds");
}

#[test]
fn frozen_it_stands_still_and_analyses_nothing_then_goes_on() {
    let mut harness = SpectrogramHarness::new();
    harness.play(2.0, scene);
    harness.freeze();
    let frozen = harness.pixels();
    let text = harness.read(1_000.0, 0.2);
    harness.play(1.0, tone);
    assert!(!harness.telemetry.analyzer_queue().is_enabled(), "frozen, nothing is handed over");
    assert!(harness.pixels() == frozen && harness.read(1_000.0, 0.2) == text);
    harness.choose("Spectrogram source", "Pre");
    assert!(harness.pixels() != frozen, "kept columns can be shown in another way");
    harness.choose("Spectrogram source", "Post");
    assert!(harness.pixels() == frozen);
    harness.freeze();
    harness.play(1.0, tone);
    assert!(harness.pixels() != frozen);
    assert!((harness.db(1_000.0, 0.05) + 12.0).abs() < 0.11);
}

#[test]
fn a_marked_region_is_pulled_in_one_gesture() {
    let mut harness = SpectrogramHarness::new();
    harness.play(2.0, scene);
    let centres_hz = bank().centres_hz().to_vec();
    let (low_hz, high_hz) = (900.0, 2_100.0);
    let inside: Vec<usize> =
        (0..40).filter(|&k| (low_hz..=high_hz).contains(&centres_hz[k])).collect();
    assert!(inside.len() > 3, "{inside:?}");
    let db_per_point = GainAxis::default().db_per_point(PLOT.y_range());
    // Dragging on a picture that moves marks nothing.
    let ends = [harness.place(low_hz, 0.5), harness.place(high_hz, 0.6)];
    let middle = harness.place(1_400.0, 0.8);
    harness.drag(ends[0], ends[1]);
    harness.drag(middle, middle - vec2(0.0, 50.0));
    assert_eq!(harness.host.take(), <[String; 0]>::default());
    harness.freeze();
    harness.drag(ends[0], ends[1]);
    assert_eq!(harness.host.take(), <[String; 0]>::default(), "marking changes no gain");
    harness.drag(middle, middle - vec2(0.0, 50.0));
    for k in 0..40 {
        let expected = if inside.contains(&k) { 50.0 * db_per_point } else { 0.0 };
        let gain_db = harness.params.band[k].gain_db.value();
        assert!((gain_db - expected).abs() < 0.051, "band {k}: {gain_db}, not {expected}");
    }
    let edits = harness.host.take();
    for what in ["begin", "end"] {
        let ids: Vec<_> = edits.iter().filter(|edit| edit.starts_with(what)).collect();
        let expected: Vec<_> = inside.iter().map(|k| format!("{what} gain_{}", k + 1)).collect();
        assert_eq!(ids, expected.iter().collect::<Vec<_>>());
    }
    assert!(edits[edits.len() - inside.len()..].iter().all(|edit| edit.starts_with("end")));
    // Down again, from where they are.
    harness.drag(middle, middle + vec2(0.0, 30.0));
    let gain_db = harness.params.band[inside[0]].gain_db.value();
    assert!((gain_db - 20.0 * db_per_point).abs() < 0.051, "{gain_db}");
    harness.host.take();
    // The wheel turns them, too.
    harness.wheel(middle, 2.0);
    let turned_db = harness.params.band[inside[0]].gain_db.value();
    assert!((turned_db - gain_db - 1.0).abs() < 1e-3, "{turned_db}");
    harness.host.take();
    // Outside, nothing is held any more.
    let outside = harness.place(6_000.0, 0.5);
    harness.drag(outside, outside + vec2(40.0, 0.0));
    harness.freeze();
    assert_eq!(harness.host.take(), <[String; 0]>::default());
}
