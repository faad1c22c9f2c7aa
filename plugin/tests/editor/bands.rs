//! Every gesture on the bands, and what the host is told of it.

use crate::stage::Stage;
use egui::{pos2, vec2};
use egui_kittest::kittest::Queryable;
use egui::accesskit::Role;
use erbium::params::OFF_DB;

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
    stage.harness.hover_at(stage.place(8, -6.0));
    stage.harness.step();
    let turn = |stage: &mut Stage, modifiers| {
        let event = egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Line,
            delta: vec2(0.0, 1.0),
            modifiers,
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
        };
        stage.harness.event_modifiers(event, modifiers);
        stage.harness.step();
    };
    turn(&mut stage, egui::Modifiers::NONE);
    assert!((stage.gain_db(8) - 0.5).abs() < 1e-3, "{}", stage.gain_db(8));
    turn(&mut stage, egui::Modifiers::SHIFT);
    assert!((stage.gain_db(8) - 0.6).abs() < 1e-3, "{}", stage.gain_db(8));
    let gesture = ["begin gain_9", "set gain_9", "end gain_9"];
    assert_eq!(stage.host.take(), [gesture, gesture].concat());
}

#[test]
fn the_menu_turns_a_band_off_and_flattens_all() {
    let mut stage = Stage::new(1100.0, 700.0);
    let click = |stage: &mut Stage, name: &str| {
        let place = stage.place(15, 3.0);
        stage.harness.hover_at(place);
        for pressed in [true, false] {
            stage.button(place, egui::PointerButton::Secondary, pressed);
            stage.harness.step();
        }
        stage.harness.run();
        stage.harness.get_by_label(name).click();
        stage.harness.run();
    };
    click(&mut stage, "Mute band");
    assert_eq!(stage.gain_db(15), OFF_DB);
    stage.host.take();
    click(&mut stage, "Flatten all bands");
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

