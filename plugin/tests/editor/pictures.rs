//! What is seen: the main states as pictures.

use crate::stage::{Picture, Stage, Text, assert_apart, bank};
use egui::accesskit::Role;
use egui::{Pos2, Rect, pos2, vec2};
use egui_kittest::SnapshotOptions;
use egui_kittest::kittest::{NodeT, Queryable};
use erbium::audio::{Mode, Processor};
use erbium::editor::bands::response::BankResponse;
use erbium::editor::view::{axes, theme};
use erbium::state::params::OFF_DB;
use erbium::state::preferences::Preferences;
use erbium_dsp::{Bank, BankSpec, Scale};
use std::sync::Arc;

#[test]
fn empty_states_speak() {
    let mut stage = Stage::empty(700.0, 450.0);
    let waiting = stage.picture("waiting");
    stage.telemetry.set_designing(true);
    let designing = stage.picture("designing");
    assert!(waiting.pixels != designing.pixels);
    assert!(stage.telemetry.watched(), "a drawn editor looks");
}

/// A window in which the demo's recording has played through the real chain with a preset.
fn recorded(width: f32, height: f32) -> Stage {
    let mut stage = Stage::empty(width, height);
    let mut chain = Processor::new(stage.params.curve.clone(), stage.telemetry.clone());
    let mode = Mode { waits: true, changes_latency: true };
    chain.prepare(&stage.params.settings(48_000.0), 2, mode).expect("the default bank exists");
    stage.harness.run();
    let recording = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/demo.wav");
    let mut recording = hound::WavReader::open(recording).expect("the recording");
    let samples: Vec<f32> =
        recording.samples::<i16>().map(|s| f32::from(s.expect("a sample")) / 32_768.0).collect();
    for (i, block) in samples[48_000 * 2 * 4..].chunks_exact(960 * 2).take(290).enumerate() {
        let side = |side| -> Vec<f32> { block.iter().skip(side).step_by(2).copied().collect() };
        let (mut left, mut right) = (side(0), side(1));
        chain.process(&stage.params.settings(48_000.0), &mut [&mut left, &mut right]);
        stage.keep_up();
        if i < 2 {
            // Past Flat to Presence.
            stage.click("Next preset");
        }
    }
    stage
}

/// The pictures of the readme and the manual are among these.
#[test]
fn a_recording_fills_the_window() {
    let mut stage = recorded(1100.0, 700.0);
    stage.harness.hover_at(stage.place(26, 9.0));
    stage.harness.step();
    let picture = stage.picture("window");
    let spectrogram = stage.harness.get_by_label("Spectrogram").rect();
    assert!(picture.count(stage.bands(), theme::DARK.level_output) > 500, "levels");
    assert!(picture.colors(spectrogram) > 1000, "{}", picture.colors(spectrogram));

    stage.open_menu(14);
    stage.picture("manual-menu");
    stage.harness.key_press(egui::Key::Escape);
    stage.harness.run();
    let folder = stage.own.path().join("Presets");
    std::fs::create_dir_all(&folder).expect("a folder");
    for name in ["Clarinet, less wood.json", "HD 650 GraphicEQ.txt", "Kitchen radio.json"] {
        std::fs::write(folder.join(name), "100 1").expect("writes");
    }
    stage.harness.get_by_role_and_label(Role::ComboBox, "Preset").click();
    stage.harness.run();
    stage.picture("manual-presets");
    stage.harness.key_press(egui::Key::Escape);
    stage.harness.run();
    stage.press(stage.place(17, 12.0), egui::Modifiers::ALT);
    stage.picture("manual-listen");
    stage.release(stage.place(17, 12.0), egui::Modifiers::ALT);
    stage.click("Select");
    let frame = [stage.place(20, 12.0) - vec2(6.0, 0.0), stage.place(27, -6.0) + vec2(6.0, 0.0)];
    stage.stroke(&frame);
    stage.stroke(&[stage.place(23, stage.gain_db(23)), stage.place(23, stage.gain_db(23) - 12.0)]);
    stage.harness.hover_at(pos2(2.0, 2.0));
    stage.picture("manual-select");
    stage.prefer(Preferences { light: true, notes: true, piano: true, ..Preferences::default() });
    stage.harness.hover_at(stage.place(23, -6.0));
    let light = stage.picture("manual-light");
    assert!(light.count(stage.bands(), theme::LIGHT.level_output) > 500, "levels");
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
        let achieved = BankResponse::new(bank(), &drawn_db);
        for band in [11, 17, 22, 29, 34] {
            // Between two handles, where nothing hides the curve.
            let x = stage.place(band, 0.0).x.midpoint(stage.place(band + 1, 0.0).x);
            let hz = achieved.axis().hz_at(x, stage.bands().x_range());
            let at = |db| pos2(x, axes::gain_y(db, stage.bands().y_range()));
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

#[test]
fn no_text_is_cut_or_covers_another_at_any_size_theme_or_state() {
    let states = |stage: &mut Stage| {
        let mut seen = vec![("flat", stage.texts())];
        stage.stroke(&[stage.place(8, 10.0), stage.place(20, -12.0)]);
        stage.play(100);
        stage.harness.hover_at(stage.place(22, -3.25));
        stage.harness.run_steps(2);
        seen.push(("pointed", stage.texts()));
        stage.harness.hover_at(Pos2::ZERO);
        stage.click("Gain match");
        stage.click("Delta");
        seen.push(("busy", stage.texts()));
        stage.click("Freeze");
        let refusal = "the bands of this bank reach a flat sum only by cancelling each other (2.31; \
                       possible up to 1.50): possible are fewer bands or a longer latency";
        stage.telemetry.set_notice(Some(refusal.to_owned()));
        stage.telemetry.set_designing(true);
        stage.harness.run();
        seen.push(("frozen", stage.texts()));
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
            let states = states(&mut stage);
            let controls = stage.controls();
            for (state, texts) in states {
                let at = format!("{width} × {height} at {pixels_per_point}, {state}");
                assert!(texts.len() > 40, "{at}: {}", texts.len());
                assert_apart(&texts, &at);
                for Text { text, place, clip } in &texts {
                    let seen = clip.intersect(window).expand(0.5);
                    assert!(seen.contains_rect(*place), "{at}: {text:?} at {place} leaves {seen}");
                    let control = controls.iter().find(|(_, rect)| rect.contains(place.center()));
                    if let Some((name, rect)) = control {
                        assert!(rect.contains_rect(*place), "{at}: {text:?} leaves {name}");
                    }
                }
            }
        }
    }
}

#[test]
fn open_menus_stay_in_the_window_with_nothing_cut() {
    for (width, height, pixels_per_point) in
        [(700.0, 450.0, 0.5), (700.0, 450.0, 1.0), (700.0, 450.0, 4.0), (2560.0, 1440.0, 1.0)]
    {
        for light in [false, true] {
            let mut stage = Stage::new(width, height);
            stage.harness.set_pixels_per_point(pixels_per_point);
            stage.prefer(Preferences { light, ..Preferences::default() });
            let folder = stage.own.path().join("Presets");
            std::fs::create_dir_all(&folder).expect("a folder");
            for k in 0..30 {
                std::fs::write(folder.join(format!("Room {k}.txt")), "100 1").expect("writes");
            }
            let window = Rect::from_min_size(Pos2::ZERO, vec2(width, height));
            let check = |stage: &mut Stage, menu: &str, entries: &[&str]| {
                let at = format!("{menu}, {width} × {height} at {pixels_per_point}");
                let texts = stage.texts();
                for Text { text, place, clip } in &texts {
                    // What lies outside of a list's own view is scrolled to.
                    let scrolled = text.starts_with("Room ") || text.ends_with(" dB");
                    let seen = clip.intersect(window).expand(0.5);
                    assert!(scrolled || seen.contains_rect(*place), "{at}: {text:?} leaves {seen}");
                }
                for entry in entries {
                    let place = stage.harness.get_by_label(entry).rect();
                    assert!(window.contains_rect(place), "{at}: {entry} at {place}");
                }
                stage.harness.key_press(egui::Key::Escape);
                stage.harness.run();
            };
            stage.click("View");
            check(&mut stage, "view", &["Dark", "50 %", "400 %", "Note names", "Piano"]);
            stage.harness.get_by_role_and_label(Role::ComboBox, "Preset").click();
            stage.harness.run();
            let entries = ["Flat", "Save preset", "Open a file…", "Paste a curve"];
            check(&mut stage, "presets", &entries);
            stage.open_menu(39);
            let entries = ["Exact gain in dB", "Reset to 0 dB", "Flatten all bands"];
            check(&mut stage, "last band", &entries);
        }
    }
}

/// Compares with the picture kept in `tests/pictures`; `UPDATE_SNAPSHOTS=1` makes it anew.
fn assert_as_kept(stage: &mut Stage, name: &str) {
    // Software drivers round differently; less than a word may look different.
    let options = SnapshotOptions::new()
        .output_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pictures"))
        .max_failed_pixels(150);
    stage.harness.run();
    stage.harness.snapshot_options(name, &options);
}

/// A stage with a drawn curve and levels, but a still spectrogram.
fn drawn(width: f32, height: f32) -> Stage {
    let mut stage = Stage::new(width, height);
    stage.click("Freeze");
    let places = [(6, 3.0), (12, 9.0), (16, 2.0), (22, -8.0), (28, -2.0)];
    stage.stroke(&places.map(|(band, gain_db)| stage.place(band, gain_db)));
    stage.menu(33, "Mute band");
    stage.play(60);
    stage
}

#[test]
fn empty_states_are_as_they_were_kept() {
    let mut stage = Stage::empty(700.0, 450.0);
    assert_as_kept(&mut stage, "editor-waiting");
    stage.telemetry.set_designing(true);
    assert_as_kept(&mut stage, "editor-designing");
}

#[test]
fn drawing_selecting_and_listening_are_as_they_were_kept() {
    let mut stage = drawn(1100.0, 700.0);
    stage.harness.hover_at(stage.place(12, 9.0));
    assert_as_kept(&mut stage, "editor-drawn");
    stage.click("Select");
    let frame = [stage.place(9, 12.0) - vec2(6.0, 0.0), stage.place(17, -12.0) + vec2(6.0, 0.0)];
    stage.stroke(&frame);
    stage.harness.hover_at(pos2(2.0, 2.0));
    assert_as_kept(&mut stage, "editor-selected");
    stage.menu(22, "Listen to this band alone");
    stage.harness.hover_at(pos2(2.0, 2.0));
    assert_as_kept(&mut stage, "editor-listening");
}

#[test]
fn the_light_theme_and_the_menu_are_as_they_were_kept() {
    let mut stage = drawn(700.0, 450.0);
    stage.prefer(Preferences { light: true, notes: true, piano: true, ..Preferences::default() });
    stage.click("Gain match");
    stage.click("Bypass");
    stage.harness.hover_at(pos2(2.0, 2.0));
    assert_as_kept(&mut stage, "editor-light-notes");
    stage.open_menu(12);
    assert_as_kept(&mut stage, "editor-band-menu");
}

#[test]
fn every_scale_has_an_axis_that_can_be_read() {
    for (scale, name) in
        [(Scale::Mel, "mel"), (Scale::Bark, "bark"), (Scale::Log, "log"), (Scale::Linear, "linear")]
    {
        for (width, height) in [(700.0, 450.0), (1100.0, 700.0)] {
            let mut stage = Stage::empty(width, height);
            let spec = BankSpec { scale, ..BankSpec::default() };
            let bank = Bank::design(&spec).expect("can be designed");
            stage.telemetry.set_bank(Arc::new(bank));
            stage.prefer(Preferences { notes: true, piano: true, ..Preferences::default() });
            let texts = stage.texts();
            let is_tick = |text: &str| {
                let number = text.strip_suffix('k').unwrap_or(text);
                number.parse::<f64>().is_ok() && !text.starts_with('+')
            };
            let ticks = texts.iter().filter(|text| is_tick(&text.text)).count();
            let notes = texts.iter().filter(|text| {
                text.text.strip_prefix('C').is_some_and(|octave| octave.parse::<u8>().is_ok())
            });
            assert!(ticks >= 7, "{name} at {width}: {ticks} frequencies");
            assert!(notes.count() >= 3, "{name} at {width}");
            assert_apart(&texts, name);
            stage.picture(&format!("axis-{name}-{width}"));
        }
    }
}
