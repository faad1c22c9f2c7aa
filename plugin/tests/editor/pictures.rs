//! What is seen: the main states as pictures.

use crate::stage::{Picture, Stage, bank};
use egui::{Pos2, Rect, Shape, pos2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use erbium::chain::{Chain, Mode};
use erbium::editor::{achieved::Achieved, axis, preferences::Preferences, theme};
use erbium::params::OFF_DB;
use erbium::preset::Preset;
use nice_plug::context::gui::GuiContextInner;
use nice_plug::prelude::Params;

#[test]
fn empty_states_speak() {
    let mut stage = Stage::empty(700.0, 450.0);
    let waiting = stage.picture("waiting");
    stage.monitor.set_designing(true);
    let designing = stage.picture("designing");
    assert!(waiting.pixels != designing.pixels);
    assert!(stage.monitor.watched(), "a drawn editor looks");
}

#[test]
fn a_recording_fills_the_window() {
    let mut stage = Stage::empty(1100.0, 700.0);
    let mut chain = Chain::new(stage.params.curve.clone(), stage.monitor.clone());
    let mode = Mode { waits: true, changes_latency: true };
    chain.prepare(&stage.params.settings(48_000.0), 2, mode).expect("the default bank exists");
    let preset = Preset::from_json(include_str!("../../presets/presence.json")).expect("a preset");
    for setting in preset.curve_settings(bank().spec().scale, bank().centres_hz()) {
        let params = stage.params.param_map();
        let (_, param, _) = params.iter().find(|(id, ..)| id == setting.id()).expect("a parameter");
        // SAFETY: the parameters live as long as the stage.
        unsafe { stage.host.raw_set_parameter_normalized(*param, setting.normalized()) };
    }
    let recording = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/demo.wav");
    let mut recording = hound::WavReader::open(recording).expect("the recording");
    let samples: Vec<f32> =
        recording.samples::<i16>().map(|s| f32::from(s.expect("a sample")) / 32_768.0).collect();
    for block in samples[48_000 * 2 * 4..].chunks_exact(960 * 2).take(290) {
        let side = |side| -> Vec<f32> { block.iter().skip(side).step_by(2).copied().collect() };
        let (mut left, mut right) = (side(0), side(1));
        chain.process(&stage.params.settings(48_000.0), &mut [&mut left, &mut right]);
        stage.keep_up();
    }
    stage.harness.hover_at(stage.place(26, 9.0));
    stage.harness.step();
    let picture = stage.picture("window");
    let spectrogram = stage.harness.get_by_label("Spectrogram").rect();
    assert!(picture.count(stage.bands(), theme::DARK.level_output) > 500, "levels");
    assert!(picture.colors(spectrogram) > 1000, "{}", picture.colors(spectrogram));
}

/// Draws a curve with a boost, a cut and a band that is off, and plays.
fn scene(width: f32, height: f32, name: &str) -> (Stage, Picture) {
    let mut stage = Stage::new(width, height);
    let shape = [0.0, 1.0, 3.0, 6.0, 8.0, 6.0, 3.0, 1.0, 0.0, -2.0, -5.0, -9.0, -12.0, -9.0, -4.0];
    for (k, gain_db) in shape.into_iter().enumerate() {
        stage.set_gain_db(k + 8, gain_db);
    }
    stage.set_gain_db(30, OFF_DB);
    stage.play(200);
    stage.play(200);
    stage.harness.hover_at(stage.place(18, 2.0));
    let picture = stage.picture(name);
    (stage, picture)
}

#[test]
fn the_picture_shows_curve_handles_levels_and_spectrogram() {
    for (width, height, name) in
        [(700.0, 450.0, "small"), (1100.0, 700.0, "default"), (1600.0, 1000.0, "large")]
    {
        let (stage, picture) = scene(width, height, name);
        let around = |at| Rect::from_center_size(at, vec2(9.0, 9.0));
        let drawn_db = std::array::from_fn(|band| stage.gain_db(band));
        let achieved = Achieved::new(bank(), &drawn_db);
        for band in [11, 17, 22, 29, 34] {
            // Between two handles, where nothing hides the curve.
            let x = stage.place(band, 0.0).x.midpoint(stage.place(band + 1, 0.0).x);
            let hz = achieved.axis().hz_at(x, stage.bands().x_range());
            let at = |db| pos2(x, axis::gain_y(db, stage.bands().y_range()));
            let curve = |db| picture.count(around(at(db)), theme::DARK.achieved);
            let db = achieved.db_at(hz);
            assert!(curve(db) > 0 && curve(db + 9.0) == 0, "{name}: {db} dB after band {band}");
        }
        let around = |band, gain_db| around(stage.place(band, gain_db));
        assert!(
            picture.count(around(12, 8.0), theme::DARK.asked) > 0,
            "{name}: a handle is at +8 dB"
        );
        assert!(picture.count(around(12, -8.0), theme::DARK.asked) == 0, "{name}");
        assert!(picture.count(stage.bands(), theme::DARK.level_output) > 500, "{name}: levels");
        let spectrogram = stage.harness.get_by_label("Spectrogram").rect();
        assert!(picture.colors(spectrogram) > 200, "{name}: {}", picture.colors(spectrogram));
    }
}

#[test]
fn nothing_overlaps_or_leaves_the_window() {
    for (width, height) in [(700.0, 450.0), (1100.0, 700.0), (1600.0, 1000.0)] {
        let stage = Stage::new(width, height);
        let window = Rect::from_min_size(Pos2::ZERO, vec2(width, height));
        let named = |node: egui_kittest::Node<'_>| {
            let name = node.accesskit_node().label().or(node.accesskit_node().value())?;
            Some((name, node.rect()))
        };
        let rects: Vec<(String, Rect)> = stage
            .harness
            .root()
            .children_recursive()
            .filter_map(named)
            .filter(|(name, _)| !name.starts_with("Gain of band"))
            .collect();
        assert!(rects.len() > 18, "{rects:?}");
        for (i, (name, rect)) in rects.iter().enumerate() {
            assert!(window.contains_rect(*rect), "{name} at {rect} leaves {window}");
            for (other_name, other) in &rects[i + 1..] {
                let shared = rect.shrink(0.5).intersect(other.shrink(0.5));
                assert!(!shared.is_positive(), "{name} {rect} overlaps {other_name} {other}");
            }
        }
    }
}

/// Every text on the screen and where it is.
fn texts(stage: &Stage) -> Vec<(String, Rect, Rect)> {
    fn collect(shape: &Shape, clip: Rect, texts: &mut Vec<(String, Rect, Rect)>) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| collect(shape, clip, texts)),
            Shape::Text(text) => {
                assert!(!text.galley.elided, "{:?} is cut short", text.galley.text());
                let place = text.galley.rect.translate(text.pos.to_vec2());
                texts.push((text.galley.text().to_owned(), place, clip));
            }
            _ => {}
        }
    }
    let mut texts = Vec::new();
    for clipped in &stage.harness.output().shapes {
        collect(&clipped.shape, clipped.clip_rect, &mut texts);
    }
    texts.retain(|(text, ..)| !text.trim().is_empty());
    texts
}

#[test]
fn no_text_is_cut_or_covers_another_at_any_size_theme_or_state() {
    let states = |stage: &mut Stage| -> Vec<(&'static str, Vec<(String, Rect, Rect)>)> {
        let mut seen = vec![("flat", texts(stage))];
        stage.stroke(&[stage.place(8, 10.0), stage.place(20, -12.0)]);
        stage.play(100);
        stage.harness.hover_at(stage.place(22, -3.25));
        stage.harness.run_steps(2);
        seen.push(("pointed", texts(stage)));
        stage.harness.hover_at(Pos2::ZERO);
        stage.click("Gain match");
        stage.click("Delta");
        seen.push(("busy", texts(stage)));
        stage.click("Freeze");
        stage.monitor.set_designing(true);
        stage.harness.run();
        seen.push(("frozen", texts(stage)));
        seen
    };
    for (width, height, pixels_per_point) in [
        (700.0, 450.0, 0.5),
        (700.0, 450.0, 1.0),
        (700.0, 450.0, 1.25),
        (700.0, 450.0, 4.0),
        (1100.0, 700.0, 1.5),
        (2560.0, 1440.0, 1.0),
    ] {
        for notes in [false, true] {
            let mut stage = Stage::new(width, height);
            stage.harness.set_pixels_per_point(pixels_per_point);
            stage.prefer(Preferences {
                light: notes,
                notes,
                piano: notes,
                ..Preferences::default()
            });
            let window = Rect::from_min_size(Pos2::ZERO, vec2(width, height));
            for (state, texts) in states(&mut stage) {
                let at = format!("{width} × {height} at {pixels_per_point}, {state}");
                assert!(texts.len() > 40, "{at}: {}", texts.len());
                for (i, (text, place, clip)) in texts.iter().enumerate() {
                    let seen = clip.intersect(window).expand(0.5);
                    assert!(seen.contains_rect(*place), "{at}: {text:?} at {place} leaves {seen}");
                    for (other, other_place, _) in &texts[i + 1..] {
                        let shared = place.shrink(1.0).intersect(other_place.shrink(1.0));
                        assert!(
                            !shared.is_positive(),
                            "{at}: {text:?} covers {other:?} at {shared}"
                        );
                    }
                }
            }
        }
    }
}

/// For looking at.
#[test]
#[ignore = "makes pictures for people"]
fn gallery() {
    for (width, height) in [(700.0, 450.0), (1100.0, 700.0), (2560.0, 1440.0)] {
        for light in [false, true] {
            let (mut stage, _) = scene(width, height, "scene");
            stage.prefer(Preferences {
                light,
                notes: light,
                piano: light,
                ..Preferences::default()
            });
            stage.harness.hover_at(stage.place(18, 2.0));
            let name = format!("gallery-{width}-{}", if light { "light" } else { "dark" });
            stage.picture(&name);
            if width == 700.0 {
                stage.open_menu(20);
                stage.picture(&format!("{name}-menu"));
                stage.harness.key_press(egui::Key::Escape);
                stage.harness.run();
                stage.click("View");
                stage.picture(&format!("{name}-view"));
            }
        }
    }
}
