//! The picture of sound as it moves: levels, colours, histories, and when nothing is analysed.

use crate::harness::{RATE_HZ, SpectrogramHarness, scene, tone};
use crate::host::Host;
use egui::{pos2, vec2};
use egui_kittest::SnapshotOptions;
use egui_kittest::kittest::{NodeT, Queryable};
use erbium::audio::{Mode, Processor};
use erbium::editor::EditorApp;
use erbium::state::params::ErbiumParams;
use erbium::telemetry::Telemetry;
use std::f64::consts::TAU;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

#[test]
fn the_cursor_reads_pitch_and_level_before_and_after_and_the_difference() {
    let mut harness = SpectrogramHarness::new();
    harness.play(2.0, tone);
    let text = harness.read(1_000.0, 0.1);
    for part in ["1000 Hz", "B5 +21 ct", "15.57 ERB", "−12.0 dBFS", "−0.50 s"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    harness.choose("Spectrogram source", "Pre");
    assert!((harness.db(1_000.0, 0.1) + 6.0).abs() < 0.11, "{}", harness.read(1_000.0, 0.1));
    assert!(harness.db(4_000.0, 0.1) < -55.0, "{}", harness.read(4_000.0, 0.1));
    harness.choose("Spectrogram source", "Difference");
    assert!((harness.db(1_000.0, 0.1) + 6.0).abs() < 0.11, "{}", harness.read(1_000.0, 0.1));
    assert!(harness.read(1_000.0, 0.9).contains('–'), "nothing was analysed so long ago");
}

#[test]
fn pre_post_and_difference_are_different_pictures_in_their_own_colours() {
    let mut harness = SpectrogramHarness::new();
    harness.play(3.0, scene);
    let post = harness.pixels();
    harness.choose("Spectrogram source", "Pre");
    let pre = harness.pixels();
    harness.choose("Spectrogram source", "Difference");
    let difference = harness.pixels();
    assert!(pre != post && difference != pre);
    // Boosts are orange and cuts are blue.
    let warmer = |pixel: &&[u8; 4]| i16::from(pixel[0]) - i16::from(pixel[2]) > 40;
    let colder = |pixel: &&[u8; 4]| i16::from(pixel[2]) - i16::from(pixel[0]) > 40;
    let boosted = difference.iter().filter(warmer).count();
    let cut = difference.iter().filter(colder).count();
    assert!(boosted > 2_000 && cut > 2_000, "{boosted} and {cut} pixels");
}

#[test]
fn a_longer_history_shows_the_same_sound_nearer_to_the_top() {
    let mut harness = SpectrogramHarness::new();
    harness.play(1.0, |_| (0.0, 0.0));
    harness.play(0.5, tone);
    harness.play(2.5, |_| (0.0, 0.0));
    // From about 3.0 to 2.5 s ago, less the time until a column is ready.
    for (history, seconds) in [("5 s", 5.0), ("10 s", 10.0), ("60 s", 60.0)] {
        if history != "5 s" {
            harness.choose("History", history);
        }
        let at = |ago_s: f32| ago_s / seconds;
        assert!((harness.db(1_000.0, at(2.65)) + 12.0).abs() < 0.2, "{history}");
        for ago_s in [2.1, 3.3] {
            let text = harness.read(1_000.0, at(ago_s));
            let quiet = text.contains("silence") || text.contains('–');
            assert!(quiet || harness.db(1_000.0, at(ago_s)) < -60.0, "{history}: {text}");
        }
    }
    harness.choose("History", "1 s");
    assert!(harness.read(1_000.0, 0.5).contains("silence"));
}

#[test]
fn colours_mean_the_same_level_however_loud_it_is() {
    let mut harness = SpectrogramHarness::new();
    harness.play(6.0, |_| (0.0, 0.0));
    harness.play(2.0, tone);
    let quiet = harness.pixels();
    // A loud sound later does not change what has been drawn: the range is not automatic.
    let dark = |pixels: &[[u8; 4]]| pixels[pixels.len() - 600 * 20..].to_vec();
    harness.play(0.5, |time_s| (0.0, (TAU * 300.0 * time_s).sin()));
    assert!(dark(&harness.pixels()) == dark(&quiet));
    // Drag the darkest level up by 40 dB: what lies below is all one colour.
    let count = |pixels: &[[u8; 4]]| pixels.iter().collect::<std::collections::BTreeSet<_>>().len();
    let before = count(&harness.pixels());
    let at = harness.egui.get_by_label("Darkest level").rect().center();
    harness.drag(at, at + vec2(100.0, 0.0));
    let value = harness.egui.get_by_label("Darkest level").accesskit_node().value();
    assert_eq!(value.as_deref(), Some("−40 dB"));
    let after = count(&harness.pixels());
    assert!(after < before * 3 / 4, "{after} colours of {before}");
}

#[test]
fn what_is_chosen_is_kept_with_the_instance() {
    let mut harness = SpectrogramHarness::new();
    harness.choose("Spectrogram source", "Pre");
    harness.choose("History", "20 s");
    harness.choose("Detail", "Fine");
    harness.choose("Colour map", "Viridis");
    let at = harness.egui.get_by_label("Darkest level").rect().center();
    harness.drag(at, at + vec2(40.0, 0.0));
    let preferences = *harness.params.editor_preferences.lock().expect("not poisoned");
    let kept = serde_json::to_string(&preferences.spectrogram).expect("stores");
    // Another window of the same instance, or of one that has loaded its state.
    let mut other = SpectrogramHarness::new();
    other.params.editor_preferences.lock().expect("not poisoned").spectrogram =
        serde_json::from_str(&kept).expect("reads");
    other.egui.run();
    let value = |harness: &SpectrogramHarness, name| {
        let node = harness.egui.get_by_label(name);
        node.accesskit_node().value().expect("a value")
    };
    for (name, expected) in [
        ("Spectrogram source", "Pre"),
        ("History", "20 s"),
        ("Detail", "Fine"),
        ("Colour map", "Viridis"),
        ("Darkest level", "−70 dB"),
    ] {
        assert_eq!(
            (value(&harness, name), value(&other, name)),
            (expected.into(), expected.into())
        );
    }
}

#[test]
fn hidden_or_closed_nothing_is_handed_over_or_analysed() {
    let params = Arc::<ErbiumParams>::default();
    let telemetry = Arc::<Telemetry>::default();
    let mut chain = Processor::new(params.curve.clone(), telemetry.clone());
    let mode = Mode { waits: true, changes_latency: true };
    chain.prepare(&params.settings(RATE_HZ), 2, mode).expect("the default bank exists");
    let mut play = || {
        for _ in 0..100 {
            let (mut left, mut right) = ([0.25; 512], [0.25; 512]);
            chain.process(&params.settings(RATE_HZ), &mut [&mut left, &mut right]);
        }
    };
    play();
    assert!(telemetry.analyzer_queue().is_empty(), "never opened");
    let host = Host::new(params.clone());
    let shown = Arc::new(AtomicBool::new(true));
    let mut app = EditorApp::new(params.clone(), telemetry.clone(), shown);
    let ctx = egui::Context::default();
    let frame = |app: &mut EditorApp| {
        let output = ctx.run_ui(egui::RawInput::default(), |ui| app.frame(ui, &host.setter()));
        output.drop_without_applying_deltas();
    };
    let settled = |app: &EditorApp| {
        while !telemetry.analyzer_queue().is_empty() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(50));
        app.frames_analysed()
    };
    frame(&mut app);
    play();
    assert!(!telemetry.analyzer_queue().is_empty(), "shown, sound is handed over");
    frame(&mut app);
    let analysed = settled(&app);
    assert_eq!(analysed, 200, "all of it is analysed");
    // What the window does when the host hides it.
    telemetry.set_editor_visible(false);
    play();
    assert!(telemetry.analyzer_queue().is_empty(), "hidden");
    assert_eq!(settled(&app), analysed, "hidden");
    frame(&mut app);
    play();
    frame(&mut app);
    assert_eq!(settled(&app), 400, "shown again");
    drop(app);
    play();
    assert!(
        telemetry.analyzer_queue().is_empty() && !telemetry.analyzer_queue().is_enabled(),
        "closed"
    );
}

#[test]
fn the_picture_is_as_it_was_kept() {
    let mut harness = SpectrogramHarness::new();
    harness.play(5.5, scene);
    harness.freeze();
    let ends = [harness.place(1_000.0, 0.5), harness.place(3_000.0, 0.5)];
    harness.drag(ends[0], ends[1]);
    let _ = harness.read(440.0, 0.3);
    // Software drivers round differently; a pixel in a thousand may look different.
    let options = SnapshotOptions::new()
        .output_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pictures"))
        .max_failed_pixels(200);
    harness.egui.snapshot_options("spectrogram-frozen-region", &options);
    harness.choose("Spectrogram source", "Difference");
    harness.egui.hover_at(pos2(2.0, 2.0));
    harness.egui.run();
    harness.egui.snapshot_options("spectrogram-difference", &options);
}
