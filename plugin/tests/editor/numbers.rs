//! Numbers that are typed, and the axes they are drawn on.

use crate::harness::{EditorHarness, bank};
use egui::{Key, Modifiers, Pos2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use erbium::editor::view::axes::GainAxis;
use erbium::state::preferences::Preferences;

fn write(harness: &mut EditorHarness, text: &str) {
    harness.egui.event(egui::Event::Text(text.to_owned()));
    harness.egui.run();
}

fn press(harness: &mut EditorHarness, key: Key) {
    harness.egui.key_press(key);
    harness.egui.run();
}

fn double_click(harness: &mut EditorHarness, name: &str) {
    let at = harness.egui.get_by_label(name).rect().center();
    for _ in 0..2 {
        harness.press(at, Modifiers::NONE);
        harness.primary(at, false, Modifiers::NONE);
    }
    harness.egui.run();
}

#[test]
fn a_number_is_typed_after_a_double_click_or_at_once() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    double_click(&mut harness, "Output");
    write(&mut harness, "−3,5 dB");
    press(&mut harness, Key::Enter);
    assert!((harness.params.output_db.value() + 3.5).abs() < 1e-3);
    assert_eq!(harness.host.take(), ["begin output", "set output", "end output"]);
    let mix = harness.egui.get_by_label("Mix").rect().center();
    harness.egui.hover_at(mix);
    harness.egui.run();
    write(&mut harness, "4");
    write(&mut harness, "0");
    press(&mut harness, Key::Enter);
    assert!((harness.params.mix.value() - 0.4).abs() < 1e-3, "{}", harness.params.mix.value());
    // Ctrl resets.
    harness.press(mix, Modifiers::COMMAND);
    harness.release(mix, Modifiers::COMMAND);
    assert_eq!(harness.params.mix.value(), 1.0);
}

#[test]
fn what_is_no_number_waits_and_esc_leaves_all_as_it_was() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    double_click(&mut harness, "Output");
    write(&mut harness, "loud");
    press(&mut harness, Key::Enter);
    assert_eq!(harness.params.output_db.value(), 0.0);
    let text = harness.egui.get_by_label("Output").accesskit_node().value();
    assert_eq!(text.as_deref(), Some("loud"), "it is kept to be mended");
    press(&mut harness, Key::Escape);
    double_click(&mut harness, "Output");
    write(&mut harness, "7");
    press(&mut harness, Key::Escape);
    assert_eq!(harness.params.output_db.value(), 0.0);
    assert_eq!(harness.host.take(), <[String; 0]>::default());
    // Beyond its range, a number is at the end of it.
    double_click(&mut harness, "Output");
    write(&mut harness, "600");
    press(&mut harness, Key::Enter);
    assert_eq!(harness.params.output_db.value(), 24.0);
}

#[test]
fn the_gain_axis_has_three_ranges() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    for (name, top_db) in [("±6 dB", 6.0), ("±12 dB", 12.0), ("±24 dB", 24.0)] {
        harness.click("Gain range");
        harness.egui.get_all_by_label(name).last().expect("an entry").click();
        harness.egui.run();
        let plot = harness.bands();
        let y = GainAxis::new(top_db).y(3.0, plot.y_range());
        let at = Pos2::new(harness.place(20, 0.0).x, y);
        harness.dab(at);
        assert_eq!(harness.gains_db([20]), [3.0], "{name}");
        harness.click("Undo");
    }
}

#[test]
fn the_grip_gives_room_to_bands_or_spectrogram_and_comes_back() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let grip =
        |harness: &EditorHarness| harness.egui.get_by_label("Height of the bands").rect().center();
    let height = harness.bands().height();
    let at = grip(&harness);
    harness.stroke(&[at, at + vec2(0.0, 60.0)]);
    assert!((harness.bands().height() - height - 60.0).abs() < 6.0, "{}", harness.bands().height());
    let at = grip(&harness);
    harness.stroke(&[at, at + vec2(0.0, 400.0)]);
    assert!(harness.egui.query_by_label("Spectrogram").is_none(), "the bands have all");
    let at = grip(&harness);
    harness.stroke(&[at, at - vec2(0.0, 600.0)]);
    assert!(harness.egui.get_by_label("Spectrogram").rect().height() > 400.0);
    assert!((40.0..90.0).contains(&harness.bands().height()), "a strip is left of the bands");
    double_click(&mut harness, "Height of the bands");
    assert!((harness.bands().height() - height).abs() < 1.0);
    let kept = harness.params.editor_preferences.lock().expect("not poisoned").bands_percent;
    assert_eq!(kept, Preferences::default().bands_percent);
}

#[test]
fn the_frequency_axis_zooms_moves_and_comes_back() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let axis = |harness: &EditorHarness| {
        let node = harness.egui.get_by_label("Frequency axis");
        (node.rect(), node.accesskit_node().value().expect("its ends"))
    };
    let (rect, whole) = axis(&harness);
    assert_eq!(whole, "0 Hz to 24.0 kHz");
    // What lies under the pointer stays there.
    let handle = harness.place(20, 0.0);
    harness.wheel(Pos2::new(handle.x, rect.center().y), 6.0);
    assert_ne!(axis(&harness).1, whole);
    harness.dab(Pos2::new(handle.x, harness.place(20, 6.0).y));
    assert_eq!(harness.gains_db([19, 20, 21]), [0.0, 6.0, 0.0]);
    // Of the neighbours, which are farther away now, the nearest one is taken.
    harness.dab(Pos2::new(handle.x + 60.0, harness.place(20, 3.0).y));
    assert_eq!(harness.gains_db([20, 21]), [6.0, 3.0]);
    let zoomed = axis(&harness).1;
    harness.stroke(&[rect.center(), rect.center() - vec2(200.0, 0.0)]);
    assert_ne!(axis(&harness).1, zoomed, "dragging moves it");
    double_click(&mut harness, "Frequency axis");
    assert_eq!(axis(&harness).1, whole);
    harness.wheel(rect.center(), -3.0);
    assert_eq!(axis(&harness).1, whole, "there is no more to see");
}

/// The response that is drawn at a band's centre, from the bubble beside its handle.
fn response_at(harness: &mut EditorHarness, band: usize) -> f32 {
    harness.egui.hover_at(harness.place(band, -20.0));
    harness.egui.run();
    let texts = harness.texts();
    let bubble = texts.iter().find(|text| text.text.contains("response ")).expect("a bubble");
    let (_, response) = bubble.text.split_once("response ").expect("a response");
    let number = response.split(' ').next().expect("a number").replace('−', "-");
    number.parse().unwrap_or_else(|_| panic!("{response}"))
}

#[test]
fn the_response_is_that_of_what_is_heard() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    (0..40).for_each(|band| harness.set_gain_db(band, 6.0));
    harness.egui.run();
    assert!((response_at(&mut harness, 20) - 6.0).abs() < 0.11);
    harness.set("output", "-3");
    assert!((response_at(&mut harness, 20) - 3.0).abs() < 0.11);
    harness.set("mix", "50");
    // Half of the way from 1 to 1.995.
    let expected_db = 20.0 * 1.4976_f32.log10() - 3.0;
    assert!((response_at(&mut harness, 20) - expected_db).abs() < 0.11);
    harness.set("bypass", "on");
    assert!(response_at(&mut harness, 20).abs() < 0.051);
    assert_eq!(bank().bands(), 40);
}
