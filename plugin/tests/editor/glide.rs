//! Curves that are set by other means than a movement glide to where they are; the sound is there at once.

use crate::harness::EditorHarness;
use crate::presets::open;
use egui::{Modifiers, Pos2, Rect, Shape, vec2};
use egui_kittest::kittest::Queryable;
use erbium::editor::view::axes::GainAxis;
use erbium::editor::view::tokens::{DARK, time};
use erbium::state::preferences::Preferences;

/// How long a frame is in seconds.
const FRAME_S: f64 = 0.02;
const BAND: usize = 10;

/// Every shape of the last frame.
fn shapes(harness: &EditorHarness) -> Vec<Shape> {
    fn flatten(shape: &Shape, all: &mut Vec<Shape>) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| flatten(shape, all)),
            shape => all.push(shape.clone()),
        }
    }
    let mut all = Vec::new();
    for clipped in &harness.egui.output().shapes {
        flatten(&clipped.shape, &mut all);
    }
    all
}

/// Where the handle of [`BAND`] is seen.
fn handle(harness: &EditorHarness) -> Pos2 {
    let plot: Rect = harness.bands().expand(1.0);
    let mut handles: Vec<Pos2> = shapes(harness)
        .iter()
        .filter_map(|shape| match shape {
            Shape::Circle(circle) if circle.fill == DARK.drawn => Some(circle.center),
            _ => None,
        })
        .filter(|centre| plot.contains(*centre))
        .collect();
    handles.sort_by(|a, b| a.x.total_cmp(&b.x));
    assert_eq!(handles.len(), 40, "one a band");
    handles[BAND]
}

/// The drawn gain of [`BAND`] and its response in dB, as they are seen.
fn seen_db(harness: &EditorHarness) -> (f32, f32) {
    let plot = harness.bands();
    let handle = handle(harness);
    let response = shapes(harness).into_iter().find_map(|shape| match shape {
        Shape::Path(path) if path.points.len() > 100 => {
            let distance = |place: &Pos2| (place.x - handle.x).abs();
            path.points.into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))
        }
        _ => None,
    });
    let axis = GainAxis::default();
    let db = |place: Pos2| axis.db_at(place.y, plot.y_range());
    (db(handle), db(response.expect("a response")))
}

/// What is seen in each frame after a click, until half a second later.
fn after_click(harness: &mut EditorHarness, name: &str) -> Vec<(f32, f32)> {
    harness.egui.get_by_label(name).click();
    (0..25)
        .map(|_| {
            harness.egui.step();
            seen_db(harness)
        })
        .collect()
}

/// How many frames are between the last one before a change and the first one that is at its end.
fn frames_under_way(seen: &[(f32, f32)]) -> usize {
    let (from, to) = (seen[0], seen[seen.len() - 1]);
    assert!((from.0 - to.0).abs() > 3.0 && (from.1 - to.1).abs() > 3.0, "{seen:?}");
    let near = |a: f32, b: f32| (a - b).abs() < 0.02;
    let begun = seen.iter().take_while(|now| near(now.0, from.0)).count();
    let ended = seen.iter().position(|now| near(now.0, to.0) && near(now.1, to.1)).expect("ends");
    for pair in seen.windows(2) {
        let towards = |a: f32, b: f32, end: f32| (b - end).abs() <= (a - end).abs() + 0.02;
        assert!(towards(pair[0].0, pair[1].0, to.0), "it turns back: {seen:?}");
        assert!(towards(pair[0].1, pair[1].1, to.1), "the response turns back: {seen:?}");
    }
    ended - begun
}

#[test]
fn undo_redo_a_and_b_presets_and_shapes_glide_for_a_tenth_of_a_second() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.dab(harness.place(BAND, 12.0));
    harness.click("Copy to B");
    harness.dab(harness.place(BAND, -6.0));
    let least_frames = 3;
    let most_frames = 6;
    for name in ["Undo", "Redo", "B", "A"] {
        let seen = after_click(&mut harness, name);
        let frames = frames_under_way(&seen);
        assert!((least_frames..=most_frames).contains(&frames), "{name}: {frames} in {seen:?}");
    }
    open(&mut harness);
    let seen = after_click(&mut harness, "Presence");
    assert!((least_frames..=most_frames).contains(&frames_under_way(&seen)), "{seen:?}");
    harness.dab(harness.place(BAND, 9.0));
    harness.click("Shape");
    let seen = after_click(&mut harness, "Flatten");
    assert!((least_frames..=most_frames).contains(&frames_under_way(&seen)), "{seen:?}");
    let duration_s = time::GLIDE_S;
    assert!((0.08..=0.12).contains(&duration_s) && duration_s <= 6.0 * FRAME_S);
}

#[test]
fn the_sound_is_there_before_the_curve() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.dab(harness.place(BAND, 12.0));
    let before_db = harness.gain_db(BAND);
    harness.egui.get_by_label("Undo").click();
    let frames = (1..10).find(|_| {
        harness.egui.step();
        harness.gain_db(BAND) == 0.0
    });
    assert!(frames.is_some_and(|frames| frames <= 3), "{frames:?}");
    assert!((seen_db(&harness).0 - before_db).abs() < 0.1, "not one frame later");
    harness.host.take();
    harness.egui.run_steps(10);
    assert_eq!(harness.host.take(), <[String; 0]>::default(), "nothing in between is sent");
}

#[test]
fn with_reduced_motion_nothing_glides() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.prefer(Preferences { reduced_motion: true, ..Preferences::default() });
    harness.dab(harness.place(BAND, 12.0));
    for name in ["Undo", "Redo"] {
        let seen = after_click(&mut harness, name);
        assert_eq!(frames_under_way(&seen), 0, "{name}: {seen:?}");
    }
}

#[test]
fn a_movement_is_never_behind_the_pointer() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.dab(harness.place(BAND, 12.0));
    let from = harness.place(BAND, 0.0);
    harness.hover(from, Modifiers::NONE);
    harness.egui.get_by_label("Undo").click();
    while harness.gain_db(BAND) != 0.0 {
        harness.egui.step();
    }
    // The glide has begun, and each event is a frame of it.
    harness.button(from, egui::PointerButton::Primary, true);
    harness.egui.step();
    let mut set_db = harness.gain_db(BAND);
    for step in 1..6_u8 {
        let place = from + vec2(0.0, -10.0 * f32::from(step));
        harness.egui.event(egui::Event::PointerMoved(place));
        harness.egui.step();
        // A frame shows what was set when it began.
        let (seen_db, _) = seen_db(&harness);
        assert!(step == 1 || (seen_db - set_db).abs() < 0.02, "step {step}: {seen_db} of {set_db}");
        set_db = harness.gain_db(BAND);
        assert!(set_db > 0.5 * f32::from(step), "{set_db}");
    }
    harness.release(from + vec2(0.0, -50.0), Modifiers::NONE);
    let wheel = harness.place(BAND, 3.0);
    for notch in 1..4 {
        harness.wheel(wheel, 1.0);
        let (seen_db, _) = seen_db(&harness);
        assert!((seen_db - harness.gain_db(BAND)).abs() < 0.02, "notch {notch}: {seen_db}");
    }
}
