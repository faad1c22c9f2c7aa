//! Every gesture on the bands, and what the host is told of it.

use crate::stage::Stage;
use egui::accesskit::Role;
use egui::{pos2, vec2};
use egui_kittest::kittest::Queryable;
use erbium::state::params::OFF_DB;

#[test]
fn dragging_a_handle_is_one_gesture_on_one_parameter() {
    let mut stage = Stage::new(1100.0, 700.0);
    let places = [0.0, 2.0, 4.0, 6.0].map(|db| stage.place(12, db));
    stage.stroke(&places);
    assert!((stage.gain_db(12) - 6.0).abs() < 0.11, "{}", stage.gain_db(12));
    let told = stage.host.take();
    assert_eq!(told.first().map(String::as_str), Some("begin gain_13"));
    assert_eq!(told.last().map(String::as_str), Some("end gain_13"));
    let between = &told[1..told.len() - 1];
    assert!(between.len() >= 2 && between.iter().all(|what| what == "set gain_13"), "{told:?}");
}

#[test]
fn painting_sets_every_band_on_the_way_and_ends_all_together() {
    let mut stage = Stage::new(1100.0, 700.0);
    let places = [stage.place(5, 12.0), stage.place(11, -12.0)];
    stage.stroke(&places);
    for band in 5..=11_u8 {
        let expected = 12.0 - 4.0 * (f32::from(band) - 5.0);
        let gain_db = stage.gain_db(usize::from(band));
        assert!((gain_db - expected).abs() < 0.16, "band {band}: {gain_db}, not {expected}");
    }
    assert_eq!((stage.gain_db(4), stage.gain_db(12)), (0.0, 0.0));
    let told = stage.host.take();
    for band in 6..=12 {
        let all = |what: &str| {
            let told = told.iter().enumerate();
            let of = format!("{what} gain_{band}");
            told.filter(|(_, told)| **told == of).map(|(i, _)| i).collect::<Vec<_>>()
        };
        assert_eq!((all("begin").len(), all("end").len()), (1, 1), "{told:?}");
        assert!(all("begin")[0] < all("set")[0], "{told:?}");
    }
    assert!(told[told.len() - 7..].iter().all(|what| what.starts_with("end")), "{told:?}");
}

#[test]
fn the_bottom_is_off_and_a_double_click_resets() {
    let mut stage = Stage::new(700.0, 450.0);
    let bottom = stage.bands().bottom();
    let start = stage.place(20, 0.0);
    stage.stroke(&[start, pos2(start.x, bottom - 20.0), pos2(start.x, bottom + 30.0)]);
    assert_eq!(stage.gain_db(20), OFF_DB);
    stage.host.take();
    let handle = stage.place(20, OFF_DB) - vec2(0.0, 2.0);
    stage.harness.hover_at(handle);
    for pressed in [true, false, true, false] {
        stage.button(handle, egui::PointerButton::Primary, pressed);
        stage.harness.step();
    }
    assert_eq!(stage.gain_db(20), 0.0);
    assert_eq!(stage.host.take(), ["begin gain_21", "set gain_21", "end gain_21"]);
}

#[test]
fn the_wheel_moves_half_a_decibel_and_shift_a_tenth() {
    let mut stage = Stage::new(1100.0, 700.0);
    let place = stage.place(8, -6.0);
    stage.wheel(place, 1.0);
    assert!((stage.gain_db(8) - 0.5).abs() < 1e-3, "{}", stage.gain_db(8));
    stage.wheel_with(place, 1.0, egui::Modifiers::SHIFT);
    assert!((stage.gain_db(8) - 0.6).abs() < 1e-3, "{}", stage.gain_db(8));
    stage.rest();
    assert_eq!(stage.host.take(), ["begin gain_9", "set gain_9", "set gain_9", "end gain_9"]);
}

#[test]
fn notches_of_the_wheel_are_one_gesture_until_it_rests_or_goes_elsewhere() {
    let mut stage = Stage::new(1100.0, 700.0);
    let gesture = |band: u8, sets: usize| {
        let mut told = vec![format!("begin gain_{band}")];
        told.extend(vec![format!("set gain_{band}"); sets]);
        told.push(format!("end gain_{band}"));
        told
    };
    let (here, there) = (stage.place(8, -6.0), stage.place(20, -6.0));
    (0..3).for_each(|_| stage.wheel(here, 1.0));
    stage.wheel(there, -1.0);
    stage.wheel(there, -1.0);
    stage.rest();
    assert_eq!(stage.host.take(), [gesture(9, 3), gesture(21, 2)].concat());
    stage.wheel(there, -1.0);
    stage.rest();
    stage.wheel(there, -1.0);
    // The step is whole even where undo is faster than the wheel's rest.
    stage.click("Undo");
    assert_eq!(stage.gains_db([8, 20]), [1.5, -1.5]);
    assert_eq!(stage.host.take(), [gesture(21, 1), gesture(21, 1), gesture(21, 1)].concat());
    for expected in [[1.5, -1.0], [1.5, 0.0], [0.0, 0.0]] {
        stage.click("Undo");
        assert_eq!(stage.gains_db([8, 20]), expected);
    }
    stage.host.take();
    // A press takes over from the wheel.
    stage.wheel(here, 1.0);
    stage.stroke(&[stage.place(8, 0.5), stage.place(8, 6.0)]);
    let told = stage.host.take();
    assert_eq!(told[..3], gesture(9, 1), "{told:?}");
    assert_eq!((count(&told, "begin"), count(&told, "end")), (2, 2), "{told:?}");
    // Numbers are turned like bands.
    let output = stage.harness.get_by_label("Output").rect().center();
    (0..3).for_each(|_| stage.wheel(output, 1.0));
    stage.rest();
    let told = ["begin output", "set output", "set output", "set output", "end output"];
    assert_eq!(stage.host.take(), told);
}

#[test]
fn the_menu_turns_a_band_off_and_flattens_all() {
    let mut stage = Stage::new(1100.0, 700.0);
    stage.menu(15, "Mute band");
    assert_eq!(stage.gain_db(15), OFF_DB);
    stage.host.take();
    stage.menu(15, "Flatten all bands");
    assert_eq!(stage.gain_db(15), 0.0);
    let told = stage.host.take();
    let count = |what| told.iter().filter(|told| told.starts_with(what)).count();
    assert_eq!(["begin", "set", "end"].map(count), [40; 3]);
    assert!(told[..40].iter().all(|what| what.starts_with("begin")), "begin before the first set");
}

#[test]
fn a_click_that_closes_a_list_draws_nothing() {
    let mut stage = Stage::new(700.0, 450.0);
    stage.harness.get_by_role_and_label(Role::ComboBox, "Scale").click();
    stage.harness.run();
    let place = stage.place(30, 12.0);
    stage.stroke(&[place, place]);
    assert!(stage.harness.query_by_label("Bark").is_none(), "the list is closed");
    assert_eq!(stage.host.take(), <[String; 0]>::default());
    stage.stroke(&[place, place]);
    assert_eq!(stage.host.take(), ["begin gain_31", "set gain_31", "end gain_31"]);
}

/// How often the host was told this about gains.
fn count(told: &[String], what: &str) -> usize {
    told.iter().filter(|told| told.starts_with(&format!("{what} gain"))).count()
}

/// One begin, one end and at least one set for each of so many gains, all within one gesture.
fn assert_one_gesture(told: &[String], gains: usize) {
    assert_eq!([count(told, "begin"), count(told, "end")], [gains; 2], "{told:?}");
    assert!(count(told, "set") >= gains, "{told:?}");
    let first_end = told.iter().position(|what| what.starts_with("end")).expect("ends");
    assert!(told[first_end..].iter().all(|what| what.starts_with("end")), "{told:?}");
}

#[test]
fn fine_is_a_tenth_with_the_button_as_with_shift() {
    let mut stage = Stage::new(1100.0, 700.0);
    stage.click("Fine");
    let places = [0.0, 5.0, 10.0].map(|db| stage.place(12, db));
    stage.stroke(&places);
    assert!((stage.gain_db(12) - 1.0).abs() < 0.05, "{}", stage.gain_db(12));
    stage.click("Fine");
    let from = stage.place(20, 0.0);
    let to = stage.place(20, 10.0);
    stage.stroke_with(&[from, to], egui::Modifiers::SHIFT);
    assert!((stage.gain_db(20) - 1.0).abs() < 0.05, "{}", stage.gain_db(20));
}

#[test]
fn a_frame_selects_and_the_selected_move_together() {
    let mut stage = Stage::new(1100.0, 700.0);
    stage.set_gain_db(11, 3.0);
    stage.set_gain_db(12, OFF_DB);
    stage.harness.run();
    stage.host.take();
    stage.click("Select");
    let frame = [stage.place(10, 12.0) - vec2(6.0, 0.0), stage.place(14, -12.0) + vec2(6.0, 0.0)];
    stage.stroke(&frame);
    assert_eq!(stage.host.take(), <[String; 0]>::default(), "selecting changes nothing");
    stage.stroke(&[stage.place(10, 0.0), stage.place(10, 3.0), stage.place(10, 6.0)]);
    let gains_db = stage.gains_db([10, 11, 12, 13, 14, 15]);
    assert_eq!(gains_db, [6.0, 9.0, OFF_DB, 6.0, 6.0, 0.0], "off stays off");
    assert_one_gesture(&stage.host.take(), 4);
    // The wheel and a double click are for all of them, too.
    stage.click("Undo");
    assert_eq!(stage.gain_db(11), 3.0);
    stage.host.take();
    stage.wheel(stage.place(13, 0.0), 2.0);
    stage.rest();
    assert_one_gesture(&stage.host.take(), 4);
    assert_eq!(stage.gains_db([10, 13, 14, 15]), [1.0, 1.0, 1.0, 0.0]);
}

#[test]
fn what_is_off_stays_off_among_others_and_comes_back_alone() {
    let mut stage = Stage::new(1100.0, 700.0);
    stage.set_gain_db(12, OFF_DB);
    stage.harness.run();
    stage.click("Select");
    let low = pos2(stage.place(13, 0.0).x, stage.bands().bottom()) + vec2(6.0, 4.0);
    stage.stroke(&[stage.place(11, 12.0) - vec2(6.0, 0.0), low]);
    stage.wheel(stage.place(11, -6.0), 2.0);
    assert_eq!(stage.gains_db([11, 12, 13]), [1.0, OFF_DB, 1.0]);
    stage.wheel(stage.place(12, -6.0), 2.0);
    assert_eq!(stage.gains_db([11, 12, 13]), [2.0, OFF_DB + 1.0, 2.0]);
}

#[test]
fn ctrl_selects_while_drawing() {
    let mut stage = Stage::new(1100.0, 700.0);
    let frame = [stage.place(20, 12.0) - vec2(6.0, 0.0), stage.place(22, -12.0) + vec2(6.0, 0.0)];
    stage.stroke_with(&frame, egui::Modifiers::COMMAND);
    stage.stroke(&[stage.place(21, 0.0), stage.place(21, -6.0)]);
    assert_eq!(stage.gains_db([19, 20, 21, 22, 23]), [0.0, -6.0, -6.0, -6.0, 0.0]);
    assert_one_gesture(&stage.host.take(), 3);
}

#[test]
fn muting_paints_and_gives_back_what_was_there() {
    let mut stage = Stage::new(1100.0, 700.0);
    stage.set_gain_db(20, 6.0);
    stage.set_gain_db(21, -3.0);
    stage.harness.run();
    stage.host.take();
    stage.click("Mute");
    let across = [stage.place(19, 10.0), stage.place(21, 10.0)];
    stage.stroke(&across);
    assert_eq!(stage.gains_db([19, 20, 21]), [OFF_DB; 3]);
    assert_one_gesture(&stage.host.take(), 3);
    stage.stroke(&across);
    assert_eq!(stage.gains_db([19, 20, 21]), [0.0, 6.0, -3.0]);
    assert_one_gesture(&stage.host.take(), 3);
}

#[test]
fn listening_lasts_as_long_as_the_press_and_changes_no_parameter() {
    let mut stage = Stage::new(1100.0, 700.0);
    let places = [stage.place(10, 5.0), stage.place(25, 5.0)];
    let listen = |stage: &mut Stage, modifiers: egui::Modifiers| {
        stage.press(places[0], modifiers);
        assert_eq!(stage.telemetry.soloed(), Some(10));
        stage.hover(places[1], modifiers);
        assert_eq!(stage.telemetry.soloed(), Some(25), "it follows the pointer");
        stage.release(places[1], modifiers);
        assert_eq!(stage.telemetry.soloed(), None);
        assert_eq!(stage.host.take(), <[String; 0]>::default());
    };
    listen(&mut stage, egui::Modifiers::ALT);
    stage.click("Listen");
    listen(&mut stage, egui::Modifiers::NONE);
}

#[test]
fn listening_from_the_menu_stays_until_it_is_ended_or_the_window_closes() {
    let mut stage = Stage::new(1100.0, 700.0);
    stage.menu(15, "Listen to this band alone");
    assert_eq!(stage.telemetry.soloed(), Some(15));
    stage.menu(15, "Stop listening");
    assert_eq!(stage.telemetry.soloed(), None);
    stage.menu(16, "Listen to this band alone");
    assert_eq!(stage.telemetry.soloed(), Some(16));
    let telemetry = stage.telemetry.clone();
    drop(stage);
    telemetry.set_watched(true);
    assert_eq!(telemetry.soloed(), None);
}

#[test]
fn the_menu_sets_an_exact_gain_with_and_without_typing() {
    let mut stage = Stage::new(1100.0, 700.0);
    stage.open_menu(15);
    for name in ["Gain up by 1 dB", "Gain up by 0.1 dB", "Gain up by 0.1 dB"] {
        stage.click(name);
    }
    assert!((stage.gain_db(15) - 1.2).abs() < 1e-3, "{}", stage.gain_db(15));
    assert_eq!(stage.host.take(), ["begin gain_16", "set gain_16", "end gain_16"].repeat(3));
    stage.click("Gain down by 1 dB");
    assert!((stage.gain_db(15) - 0.2).abs() < 1e-3);
    let field = stage.harness.get_by_label("Exact gain in dB");
    field.focus();
    stage.harness.run();
    stage.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    stage.harness.event(egui::Event::Text("-7,25".to_owned()));
    stage.harness.run();
    stage.harness.key_press(egui::Key::Enter);
    stage.harness.run();
    assert!((stage.gain_db(15) + 7.25).abs() < 1e-3, "{}", stage.gain_db(15));
}

#[test]
fn a_gain_is_copied_from_band_to_band() {
    let mut stage = Stage::new(1100.0, 700.0);
    stage.set_gain_db(15, 4.5);
    stage.harness.run();
    stage.menu(15, "Copy gain");
    stage.host.take();
    stage.menu(22, "Paste gain, +4.5 dB");
    assert!((stage.gain_db(22) - 4.5).abs() < 1e-3);
    assert_eq!(stage.host.take(), ["begin gain_23", "set gain_23", "end gain_23"]);
}

#[test]
fn invert_smooth_and_flatten_are_one_gesture_each() {
    let mut stage = Stage::new(1100.0, 700.0);
    stage.set_gain_db(10, 8.0);
    stage.set_gain_db(12, OFF_DB);
    stage.harness.run();
    for (name, expected_db) in [
        ("Invert", [0.0, -8.0, 0.0, OFF_DB]),
        ("Smooth", [-2.0, -4.0, -2.0, OFF_DB]),
        ("Flatten", [0.0; 4]),
    ] {
        stage.host.take();
        stage.click(name);
        assert_eq!(stage.gains_db([9, 10, 11, 12]), expected_db, "{name}");
        assert_one_gesture(&stage.host.take(), 40);
    }
}

#[test]
fn a_tilt_is_dragged_in_one_gesture() {
    let mut stage = Stage::new(1100.0, 700.0);
    let from = stage.harness.get_by_label("Tilt").rect().center();
    stage.stroke(&[from, from + vec2(20.0, 0.0), from + vec2(40.0, 0.0)]);
    assert_eq!(stage.gains_db([0, 39]), [-4.0, 4.0]);
    assert!(stage.gain_db(19) < 0.0 && stage.gain_db(20) > 0.0);
    assert_one_gesture(&stage.host.take(), 40);
    stage.click("Undo");
    assert!((0..40).all(|band| stage.gain_db(band) == 0.0), "one gesture is one step");
    assert_one_gesture(&stage.host.take(), 40);
    stage.wheel(stage.harness.get_by_label("Tilt").rect().center(), 2.0);
    assert_eq!(stage.gains_db([0, 39]), [-1.0, 1.0]);
}
