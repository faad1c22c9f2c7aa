//! Every gesture has its end, and is one step of the undo, however it ends.

use crate::harness::EditorHarness;
use crate::live::load_state;
use egui::{Modifiers, vec2};
use egui_kittest::kittest::Queryable;

/// Fails unless every parameter's begins and ends take turns, with its sets between them.
fn assert_whole(edits: &[String]) {
    let mut open: Vec<&str> = Vec::new();
    for what in edits {
        let (verb, id) = what.split_once(' ').expect("a verb and an id");
        let at = open.iter().position(|known| *known == id);
        match (verb, at) {
            ("begin", None) => open.push(id),
            ("set", Some(_)) => {}
            ("end", Some(at)) => {
                open.swap_remove(at);
            }
            _ => panic!("{what} in {edits:?}"),
        }
    }
    assert!(open.is_empty(), "{open:?} never end in {edits:?}");
}

/// Takes the last step back, and fails unless that is all of these bands' and nothing else.
fn assert_one_step(harness: &mut EditorHarness, bands: &[usize]) {
    harness.host.take();
    harness.click("Undo");
    let edits = harness.host.take();
    assert_whole(&edits);
    let begun = edits.iter().filter(|what| what.starts_with("begin")).count();
    assert_eq!(begun, bands.len(), "{edits:?}");
    for band in bands {
        assert_eq!(harness.gain_db(*band), 0.0);
    }
}

#[test]
fn a_window_closed_in_the_middle_of_a_stroke_ends_it_as_a_step() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let places = [harness.place(12, 0.0), harness.place(12, 6.0)];
    harness.press(places[0], Modifiers::NONE);
    harness.hover(places[1], Modifiers::NONE);
    harness.reopen();
    let edits = harness.host.take();
    assert_whole(&edits);
    assert_eq!(edits.last().map(String::as_str), Some("end gain_13"));
    assert_eq!(harness.gains_db([12]), [6.0]);
    // What is done in the next window is a step of its own.
    harness.stroke(&[harness.place(20, 0.0), harness.place(20, -6.0)]);
    assert_whole(&harness.host.take());
    assert_one_step(&mut harness, &[20]);
    assert_eq!(harness.gains_db([12]), [6.0]);
    assert_one_step(&mut harness, &[12]);
    harness.click("Redo");
    assert_eq!(harness.gains_db([12]), [6.0]);
}

#[test]
fn a_window_closed_right_after_a_notch_of_the_wheel_ends_it_as_a_step() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.wheel(harness.place(8, -6.0), 1.0);
    harness.reopen();
    assert_eq!(harness.host.take(), ["begin gain_9", "set gain_9", "end gain_9"]);
    harness.wheel(harness.place(8, -6.0), 1.0);
    harness.end_wheel_gesture();
    assert_eq!(harness.gains_db([8]), [1.0]);
    harness.click("Undo");
    assert_eq!(harness.gains_db([8]), [0.5], "two steps");
    assert_one_step(&mut harness, &[8]);
}

#[test]
fn a_second_gesture_ends_the_first() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.press(harness.place(12, 0.0), Modifiers::NONE);
    harness.hover(harness.place(12, 6.0), Modifiers::NONE);
    // A button by way of the keyboard or a screen reader, while the pointer holds a band.
    for name in ["Bypass", "Undo", "B", "Next preset", "Delta"] {
        harness.egui.get_by_label(name).click_accesskit();
        harness.egui.run();
        harness.hover(harness.place(12, 9.0), Modifiers::NONE);
        harness.hover(harness.place(12, 6.0), Modifiers::NONE);
    }
    harness.release(harness.place(12, 6.0), Modifiers::NONE);
    assert_whole(&harness.host.take());
}

#[test]
fn a_state_that_the_host_loads_ends_a_gesture() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let other = EditorHarness::new(700.0, 450.0);
    other.set_gain_db(12, -3.0);
    harness.press(harness.place(12, 0.0), Modifiers::NONE);
    harness.hover(harness.place(12, 6.0), Modifiers::NONE);
    load_state(&other, &harness);
    harness.hover(harness.place(12, 6.0) + vec2(0.0, 20.0), Modifiers::NONE);
    let edits = harness.host.take();
    assert_whole(&edits);
    assert_eq!(harness.gains_db([12]), [-3.0], "the stroke goes on no more");
    harness.hover(harness.place(12, 9.0), Modifiers::NONE);
    harness.release(harness.place(12, 9.0), Modifiers::NONE);
    assert_eq!(harness.host.take(), <[String; 0]>::default());
    assert_eq!(harness.gains_db([12]), [-3.0]);
}

#[test]
fn a_number_dragged_while_the_window_closes_ends_as_a_step() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let mix = harness.egui.get_by_label("Mix").rect().center();
    harness.press(mix, Modifiers::NONE);
    harness.hover(mix - vec2(40.0, 0.0), Modifiers::NONE);
    let dragged = harness.params.mix.value();
    assert!(dragged < 1.0);
    harness.reopen();
    assert_whole(&harness.host.take());
    harness.click("Undo");
    assert_eq!(harness.params.mix.value(), 1.0);
}
