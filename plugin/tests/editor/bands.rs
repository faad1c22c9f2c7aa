//! Every gesture on the bands, and the edits that reach the host.

use crate::harness::EditorHarness;
use egui::accesskit::Role;
use egui::{pos2, vec2};
use egui_kittest::kittest::Queryable;
use erbium::state::params::OFF_DB;

#[test]
fn dragging_a_handle_is_one_gesture_on_one_parameter() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let places = [0.0, 2.0, 4.0, 6.0].map(|db| harness.place(12, db));
    harness.stroke(&places);
    assert!((harness.gain_db(12) - 6.0).abs() < 0.11, "{}", harness.gain_db(12));
    let edits = harness.host.take();
    assert_eq!(edits.first().map(String::as_str), Some("begin gain_13"));
    assert_eq!(edits.last().map(String::as_str), Some("end gain_13"));
    let between = &edits[1..edits.len() - 1];
    assert!(between.len() >= 2 && between.iter().all(|what| what == "set gain_13"), "{edits:?}");
}

#[test]
fn painting_sets_every_band_on_the_way_and_ends_all_together() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let places = [harness.place(5, 12.0), harness.place(11, -12.0)];
    harness.stroke(&places);
    for band in 5..=11_u8 {
        let expected = 12.0 - 4.0 * (f32::from(band) - 5.0);
        let gain_db = harness.gain_db(usize::from(band));
        assert!((gain_db - expected).abs() < 0.16, "band {band}: {gain_db}, not {expected}");
    }
    assert_eq!((harness.gain_db(4), harness.gain_db(12)), (0.0, 0.0));
    let edits = harness.host.take();
    for band in 6..=12 {
        let all = |what: &str| {
            let edits = edits.iter().enumerate();
            let of = format!("{what} gain_{band}");
            edits.filter(|(_, edits)| **edits == of).map(|(i, _)| i).collect::<Vec<_>>()
        };
        assert_eq!((all("begin").len(), all("end").len()), (1, 1), "{edits:?}");
        assert!(all("begin")[0] < all("set")[0], "{edits:?}");
    }
    assert!(edits[edits.len() - 7..].iter().all(|what| what.starts_with("end")), "{edits:?}");
}

#[test]
fn the_bottom_is_off_and_a_double_click_resets() {
    let mut harness = EditorHarness::new(700.0, 450.0);
    let bottom = harness.bands().bottom();
    let start = harness.place(20, 0.0);
    harness.stroke(&[start, pos2(start.x, bottom - 20.0), pos2(start.x, bottom + 30.0)]);
    assert_eq!(harness.gain_db(20), OFF_DB);
    harness.host.take();
    let handle = harness.place(20, OFF_DB) - vec2(0.0, 2.0);
    harness.egui.hover_at(handle);
    for pressed in [true, false, true, false] {
        harness.button(handle, egui::PointerButton::Primary, pressed);
        harness.egui.step();
    }
    assert_eq!(harness.gain_db(20), 0.0);
    assert_eq!(harness.host.take(), ["begin gain_21", "set gain_21", "end gain_21"]);
}

#[test]
fn the_wheel_moves_half_a_decibel_and_shift_a_tenth() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let place = harness.place(8, -6.0);
    harness.wheel(place, 1.0);
    assert!((harness.gain_db(8) - 0.5).abs() < 1e-3, "{}", harness.gain_db(8));
    harness.wheel_with(place, 1.0, egui::Modifiers::SHIFT);
    assert!((harness.gain_db(8) - 0.6).abs() < 1e-3, "{}", harness.gain_db(8));
    harness.end_wheel_gesture();
    assert_eq!(harness.host.take(), ["begin gain_9", "set gain_9", "set gain_9", "end gain_9"]);
}

#[test]
fn notches_of_the_wheel_are_one_gesture_until_it_rests_or_goes_elsewhere() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let gesture = |band: u8, sets: usize| {
        let mut edits = vec![format!("begin gain_{band}")];
        edits.extend(vec![format!("set gain_{band}"); sets]);
        edits.push(format!("end gain_{band}"));
        edits
    };
    let (here, there) = (harness.place(8, -6.0), harness.place(20, -6.0));
    (0..3).for_each(|_| harness.wheel(here, 1.0));
    harness.wheel(there, -1.0);
    harness.wheel(there, -1.0);
    harness.end_wheel_gesture();
    assert_eq!(harness.host.take(), [gesture(9, 3), gesture(21, 2)].concat());
    harness.wheel(there, -1.0);
    harness.end_wheel_gesture();
    harness.wheel(there, -1.0);
    // The step is whole even where undo is faster than the wheel's rest.
    harness.click("Undo");
    assert_eq!(harness.gains_db([8, 20]), [1.5, -1.5]);
    assert_eq!(harness.host.take(), [gesture(21, 1), gesture(21, 1), gesture(21, 1)].concat());
    for expected in [[1.5, -1.0], [1.5, 0.0], [0.0, 0.0]] {
        harness.click("Undo");
        assert_eq!(harness.gains_db([8, 20]), expected);
    }
    harness.host.take();
    // A press takes over from the wheel.
    harness.wheel(here, 1.0);
    harness.stroke(&[harness.place(8, 0.5), harness.place(8, 6.0)]);
    let edits = harness.host.take();
    assert_eq!(edits[..3], gesture(9, 1), "{edits:?}");
    assert_eq!((count(&edits, "begin"), count(&edits, "end")), (2, 2), "{edits:?}");
    // Numbers are turned like bands.
    let output = harness.egui.get_by_label("Output").rect().center();
    (0..3).for_each(|_| harness.wheel(output, 1.0));
    harness.end_wheel_gesture();
    let edits = ["begin output", "set output", "set output", "set output", "end output"];
    assert_eq!(harness.host.take(), edits);
}

#[test]
fn the_menu_turns_a_band_off_and_flattens_all() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.menu(15, "Mute band");
    assert_eq!(harness.gain_db(15), OFF_DB);
    harness.host.take();
    harness.menu(15, "Flatten all bands");
    assert_eq!(harness.gain_db(15), 0.0);
    let edits = harness.host.take();
    let count = |what| edits.iter().filter(|edits| edits.starts_with(what)).count();
    assert_eq!(["begin", "set", "end"].map(count), [40; 3]);
    assert!(edits[..40].iter().all(|what| what.starts_with("begin")), "begin before the first set");
}

#[test]
fn a_click_that_closes_a_list_draws_nothing() {
    let mut harness = EditorHarness::new(700.0, 450.0);
    harness.egui.get_by_role_and_label(Role::ComboBox, "Gain range").click();
    harness.egui.run();
    let place = harness.place(10, -12.0);
    harness.dab(place);
    assert!(harness.egui.query_by_label("±6 dB").is_none(), "the list is closed");
    assert_eq!(harness.host.take(), <[String; 0]>::default());
    harness.dab(place);
    assert_eq!(harness.host.take(), ["begin gain_11", "set gain_11", "end gain_11"]);
}

/// How many such edits of gains reached the host.
fn count(edits: &[String], what: &str) -> usize {
    edits.iter().filter(|edits| edits.starts_with(&format!("{what} gain"))).count()
}

/// One begin, one end and at least one set for each of so many gains, all within one gesture.
fn assert_one_gesture(edits: &[String], gains: usize) {
    assert_eq!([count(edits, "begin"), count(edits, "end")], [gains; 2], "{edits:?}");
    assert!(count(edits, "set") >= gains, "{edits:?}");
    let first_end = edits.iter().position(|what| what.starts_with("end")).expect("ends");
    assert!(edits[first_end..].iter().all(|what| what.starts_with("end")), "{edits:?}");
}

#[test]
fn fine_is_a_tenth_with_the_button_as_with_shift() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.click("Fine");
    let places = [0.0, 5.0, 10.0].map(|db| harness.place(12, db));
    harness.stroke(&places);
    assert!((harness.gain_db(12) - 1.0).abs() < 0.05, "{}", harness.gain_db(12));
    harness.click("Fine");
    let from = harness.place(20, 0.0);
    let to = harness.place(20, 10.0);
    harness.stroke_with(&[from, to], egui::Modifiers::SHIFT);
    assert!((harness.gain_db(20) - 1.0).abs() < 0.05, "{}", harness.gain_db(20));
}

#[test]
fn a_frame_selects_and_the_selected_move_together() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.set_gain_db(11, 3.0);
    harness.set_gain_db(12, OFF_DB);
    harness.egui.run();
    harness.host.take();
    harness.click("Select");
    let frame =
        [harness.place(10, 12.0) - vec2(6.0, 0.0), harness.place(14, -12.0) + vec2(6.0, 0.0)];
    harness.stroke(&frame);
    assert_eq!(harness.host.take(), <[String; 0]>::default(), "selecting changes nothing");
    harness.stroke(&[harness.place(10, 0.0), harness.place(10, 3.0), harness.place(10, 6.0)]);
    let gains_db = harness.gains_db([10, 11, 12, 13, 14, 15]);
    assert_eq!(gains_db, [6.0, 9.0, OFF_DB, 6.0, 6.0, 0.0], "off stays off");
    assert_one_gesture(&harness.host.take(), 4);
    // The wheel and a double click are for all of them, too.
    harness.click("Undo");
    assert_eq!(harness.gain_db(11), 3.0);
    harness.host.take();
    harness.wheel(harness.place(13, 0.0), 2.0);
    harness.end_wheel_gesture();
    assert_one_gesture(&harness.host.take(), 4);
    assert_eq!(harness.gains_db([10, 13, 14, 15]), [1.0, 1.0, 1.0, 0.0]);
}

#[test]
fn what_is_off_stays_off_among_others_and_comes_back_alone() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.set_gain_db(12, OFF_DB);
    harness.egui.run();
    harness.click("Select");
    let low = pos2(harness.place(13, 0.0).x, harness.bands().bottom()) + vec2(6.0, 4.0);
    harness.stroke(&[harness.place(11, 12.0) - vec2(6.0, 0.0), low]);
    harness.wheel(harness.place(11, -6.0), 2.0);
    assert_eq!(harness.gains_db([11, 12, 13]), [1.0, OFF_DB, 1.0]);
    harness.wheel(harness.place(12, -6.0), 2.0);
    assert_eq!(harness.gains_db([11, 12, 13]), [2.0, OFF_DB + 1.0, 2.0]);
}

#[test]
fn ctrl_selects_while_drawing() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let frame =
        [harness.place(20, 12.0) - vec2(6.0, 0.0), harness.place(22, -12.0) + vec2(6.0, 0.0)];
    harness.stroke_with(&frame, egui::Modifiers::COMMAND);
    harness.stroke(&[harness.place(21, 0.0), harness.place(21, -6.0)]);
    assert_eq!(harness.gains_db([19, 20, 21, 22, 23]), [0.0, -6.0, -6.0, -6.0, 0.0]);
    assert_one_gesture(&harness.host.take(), 3);
}

#[test]
fn muting_paints_and_gives_back_what_was_there() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.set_gain_db(20, 6.0);
    harness.set_gain_db(21, -3.0);
    harness.egui.run();
    harness.host.take();
    harness.click("Mute");
    let across = [harness.place(19, 10.0), harness.place(21, 10.0)];
    harness.stroke(&across);
    assert_eq!(harness.gains_db([19, 20, 21]), [OFF_DB; 3]);
    assert_one_gesture(&harness.host.take(), 3);
    harness.stroke(&across);
    assert_eq!(harness.gains_db([19, 20, 21]), [0.0, 6.0, -3.0]);
    assert_one_gesture(&harness.host.take(), 3);
}

#[test]
fn solo_lasts_as_long_as_the_press_and_changes_no_parameter() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let places = [harness.place(10, 5.0), harness.place(25, 5.0)];
    let solo = |harness: &mut EditorHarness, modifiers: egui::Modifiers| {
        harness.press(places[0], modifiers);
        assert_eq!(harness.telemetry.soloed(), Some(10));
        harness.hover(places[1], modifiers);
        assert_eq!(harness.telemetry.soloed(), Some(25), "it follows the pointer");
        harness.release(places[1], modifiers);
        assert_eq!(harness.telemetry.soloed(), None);
        assert_eq!(harness.host.take(), <[String; 0]>::default());
    };
    solo(&mut harness, egui::Modifiers::ALT);
    harness.click("Solo");
    solo(&mut harness, egui::Modifiers::NONE);
}

#[test]
fn solo_from_the_menu_stays_until_it_is_ended_or_the_window_closes() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.menu(15, "Solo band");
    assert_eq!(harness.telemetry.soloed(), Some(15));
    harness.menu(15, "End solo");
    assert_eq!(harness.telemetry.soloed(), None);
    harness.menu(16, "Solo band");
    assert_eq!(harness.telemetry.soloed(), Some(16));
    let telemetry = harness.telemetry.clone();
    drop(harness);
    telemetry.set_editor_visible(true);
    assert_eq!(telemetry.soloed(), None);
}

#[test]
fn the_menu_sets_an_exact_gain_with_and_without_typing() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.open_menu(15);
    for name in ["Gain up by 1 dB", "Gain up by 0.1 dB", "Gain up by 0.1 dB"] {
        harness.click(name);
    }
    assert!((harness.gain_db(15) - 1.2).abs() < 1e-3, "{}", harness.gain_db(15));
    assert_eq!(harness.host.take(), ["begin gain_16", "set gain_16", "end gain_16"].repeat(3));
    harness.click("Gain down by 1 dB");
    assert!((harness.gain_db(15) - 0.2).abs() < 1e-3);
    let field = harness.egui.get_by_label("Exact gain in dB");
    field.focus();
    harness.egui.run();
    harness.egui.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    harness.egui.event(egui::Event::Text("-7,25".to_owned()));
    harness.egui.run();
    harness.egui.key_press(egui::Key::Enter);
    harness.egui.run();
    assert!((harness.gain_db(15) + 7.25).abs() < 1e-3, "{}", harness.gain_db(15));
}

#[test]
fn a_gain_is_copied_from_band_to_band() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.set_gain_db(15, 4.5);
    harness.egui.run();
    harness.menu(15, "Copy gain");
    harness.host.take();
    harness.menu(22, "Paste gain, +4.5 dB");
    assert!((harness.gain_db(22) - 4.5).abs() < 1e-3);
    assert_eq!(harness.host.take(), ["begin gain_23", "set gain_23", "end gain_23"]);
}

#[test]
fn invert_smooth_and_flatten_are_one_gesture_each() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.set_gain_db(10, 8.0);
    harness.set_gain_db(12, OFF_DB);
    harness.egui.run();
    for (name, expected_db) in [
        ("Invert", [0.0, -8.0, 0.0, OFF_DB]),
        ("Smooth", [-2.0, -4.0, -2.0, OFF_DB]),
        ("Flatten", [0.0; 4]),
    ] {
        harness.host.take();
        harness.pick("Shape", name);
        assert_eq!(harness.gains_db([9, 10, 11, 12]), expected_db, "{name}");
        assert_one_gesture(&harness.host.take(), 40);
    }
}

#[test]
fn a_tilt_is_dragged_in_one_gesture() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.click("Shape");
    let from = harness.egui.get_by_label("Tilt").rect().center();
    harness.stroke(&[from, from + vec2(20.0, 0.0), from + vec2(40.0, 0.0)]);
    assert_eq!(harness.gains_db([0, 39]), [-4.0, 4.0]);
    assert!(harness.gain_db(19) < 0.0 && harness.gain_db(20) > 0.0);
    assert_one_gesture(&harness.host.take(), 40);
    harness.close();
    harness.click("Undo");
    assert!((0..40).all(|band| harness.gain_db(band) == 0.0), "one gesture is one step");
    assert_one_gesture(&harness.host.take(), 40);
    harness.click("Shape");
    harness.wheel(harness.egui.get_by_label("Tilt").rect().center(), 2.0);
    assert_eq!(harness.gains_db([0, 39]), [-1.0, 1.0]);
}

/// The bank's gains are not those that are drawn: to cut one band alone it is taken away altogether, and its
/// neighbours' skirts make up what is left.
#[test]
fn the_level_of_a_lone_notch_falls_as_far_as_it_is_heard() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.set_gain_db(20, -12.0);
    harness.play(200);
    harness.egui.hover_at(harness.place(20, -12.0));
    harness.egui.run();
    let texts = harness.texts();
    let bubble = texts.iter().find(|text| text.text.contains("dBFS") && text.text.contains("in "));
    let bubble = &bubble.expect("a bubble").text;
    let level_db = |before: &str| -> f32 {
        let (_, after) = bubble.rsplit_once(before).expect(before);
        let number = after.split_whitespace().next().expect("a number");
        number.replace('−', "-").parse().unwrap_or_else(|_| panic!("{bubble}"))
    };
    let fall_db = level_db("out ") - level_db("in ");
    assert!((fall_db + 12.0).abs() < 1.0, "{fall_db} dB in {bubble:?}");
}
