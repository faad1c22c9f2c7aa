//! The monitor as a person uses it: its menu, its lines over the picture of sound, its log.

use crate::harness::{EditorHarness, assert_apart};
use egui::accesskit::{Role, Toggled};
use egui::{Rect, pos2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use erbium::state::preferences::Preferences;
use std::time::{Duration, Instant};

/// A window that has played some sound.
fn playing(width: f32, height: f32) -> EditorHarness {
    let mut harness = EditorHarness::new(width, height);
    (0..3).for_each(|_| harness.play(200));
    harness
}

/// Frames until a text is on the screen.
fn wait_for(harness: &mut EditorHarness, what: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !harness.texts().iter().any(|text| text.text.contains(what)) {
        assert!(Instant::now() < deadline, "never shown: {what}");
        std::thread::sleep(Duration::from_millis(2));
        harness.egui.step();
    }
}

fn is_on(harness: &EditorHarness, name: &str) -> bool {
    harness.egui.get_by_label(name).accesskit_node().toggled() == Some(Toggled::True)
}

#[test]
fn every_control_of_the_menu_has_a_name_and_a_tooltip_and_fits() {
    for (width, height) in [(700.0, 450.0), (1100.0, 700.0)] {
        for light in [false, true] {
            let mut harness = playing(width, height);
            let calibration = light.then_some(120.0);
            harness.prefer(Preferences { light, calibration, ..Preferences::default() });
            harness.click("Monitor");
            let window = Rect::from_min_size(pos2(0.0, 0.0), vec2(width, height));
            let roles = [Role::Button, Role::RadioButton, Role::Slider, Role::SpinButton];
            let all = harness.egui.root().children_recursive();
            let in_menu: Vec<(String, Rect)> = all
                .filter(|node| roles.contains(&node.accesskit_node().role()))
                .map(|node| (node.accesskit_node().label().unwrap_or_default(), node.rect()))
                .filter(|(name, _)| !name.starts_with("Gain of band"))
                .collect();
            assert!(in_menu.len() > 30, "{in_menu:?}");
            for (name, rect) in &in_menu {
                assert!(!name.is_empty() && window.contains_rect(*rect), "{name:?} at {rect}");
            }
            for text in harness.texts() {
                let visible = text.clip.intersect(window).expand(0.5);
                assert!(visible.contains_rect(text.place), "{text:?}");
            }
            harness
                .picture(&format!("monitor-menu-{width}-{}", if light { "light" } else { "dark" }));
            for name in [
                "Spectrum line: Percentiles",
                "Tilt: 4.5 dB/oct",
                "Restart spectrum line",
                "Weighting: C",
                "Log interval: 0.1 s",
                "Log format: NPY",
                "Start log",
                "Tone level",
                "Calibrate by tone",
                "Sensitivity",
                "Full scale",
                "Calibrate by sensitivity",
                "Clear calibration",
            ] {
                let place = harness.egui.get_by_label(name).rect().center();
                harness.egui.hover_at(pos2(2.0, 2.0));
                harness.egui.run_steps(20);
                let bare = harness.texts().len();
                harness.egui.hover_at(place);
                harness.egui.run_steps(45);
                assert!(harness.texts().len() > bare, "{name} has no tooltip");
            }
        }
    }
}

#[test]
fn the_lines_lie_over_the_top_of_the_picture() {
    let mut harness = playing(1100.0, 700.0);
    harness.click("Freeze");
    let plot = harness.egui.get_by_label("Spectrogram").rect();
    let third = plot.with_max_y(plot.top() + (plot.height() / 3.0).round());
    let rest = plot.with_min_y(third.bottom() + 2.0);
    // Without scale, legend and message.
    let third = third.with_min_x(plot.left() + 400.0).with_max_x(plot.right() - 270.0);
    let pixels = |harness: &mut EditorHarness, name: &str, rect: Rect| -> Vec<[u8; 4]> {
        harness.egui.hover_at(pos2(2.0, 2.0));
        harness.picture(name).within(rect.shrink(1.0)).collect()
    };
    let mut seen = vec![pixels(&mut harness, "monitor-off", third)];
    let below = pixels(&mut harness, "monitor-off", rest);
    for line in ["Live", "Average", "Peak hold", "Percentiles"] {
        harness.click("Monitor");
        assert!(!is_on(&harness, &format!("Spectrum line: {line}")));
        harness.click(&format!("Spectrum line: {line}"));
        assert!(is_on(&harness, &format!("Spectrum line: {line}")));
        harness.egui.key_press(egui::Key::Escape);
        harness.egui.run();
        harness.egui.run_steps(4);
        let now = pixels(&mut harness, &format!("monitor-{}", line.replace(' ', "-")), third);
        assert!(!seen.contains(&now), "{line} is a picture of its own");
        seen.push(now);
        assert!(
            pixels(&mut harness, "monitor-now", rest) == below,
            "{line}: the rest is as it was"
        );
        let legend = if line == "Percentiles" { "L5, L50, L95 after" } else { line };
        assert!(harness.texts().iter().any(|text| text.text.starts_with(legend)), "{legend}");
        assert_apart(&harness.texts(), line);
    }
    harness.click("Monitor");
    harness.click("Tilt: 3 dB/oct");
    harness.egui.key_press(egui::Key::Escape);
    harness.egui.run();
    let tilted = pixels(&mut harness, "monitor-tilted", third);
    assert!(!seen.contains(&tilted), "a tilt is seen");
    assert!(harness.texts().iter().any(|text| text.text.contains("+3 dB an octave")));
}

#[test]
fn no_text_of_the_lines_covers_another_in_a_small_window() {
    let mut harness = playing(700.0, 450.0);
    let calibration = Some(120.0);
    harness.prefer(Preferences { light: true, calibration, ..Preferences::default() });
    harness.click("Monitor");
    harness.click("Spectrum line: Percentiles");
    harness.click("Tilt: 4.5 dB/oct");
    harness.egui.key_press(egui::Key::Escape);
    harness.egui.run();
    harness.click("Freeze");
    harness.egui.hover_at(pos2(2.0, 2.0));
    harness.picture("monitor-small");
    let texts = harness.texts();
    assert_apart(&texts, "700 × 450");
    let window = Rect::from_min_size(pos2(0.0, 0.0), vec2(700.0, 450.0));
    for text in &texts {
        assert!(text.clip.intersect(window).expand(0.5).contains_rect(text.place), "{text:?}");
    }
    // Of full scale and of sound pressure.
    for level in ["120", "75", "30"] {
        assert!(texts.iter().any(|text| text.text == level), "{level}");
    }
}

#[test]
fn a_tone_calibrates_the_level_and_stays_with_the_instance() {
    let mut harness = playing(1100.0, 700.0);
    harness.click("Monitor");
    harness.click("Weighting: Z");
    // Noise of half a peak-to-peak amplitude: a twelfth of its square, and half as loud after the gains.
    wait_for(&mut harness, "LZS −");
    harness.click("Calibrate by tone");
    let offset_db = harness.params.editor_preferences.lock().expect("not poisoned").calibration;
    let offset_db = offset_db.expect("calibrated");
    let input_db = 10.0 * (2.0_f32 * 0.25 / 12.0).log10();
    assert!((offset_db - (94.0 - input_db)).abs() < 0.3, "{offset_db}");
    harness.egui.run();
    // Shown is the sound after the gains, which is 6 dB down.
    wait_for(&mut harness, "LZS 88.0 dB SPL");
    harness.reopen();
    harness.click("Monitor");
    wait_for(&mut harness, &format!("0 dBFS is {offset_db:.1} dB SPL"));
    harness.click("Clear calibration");
    let kept = harness.params.editor_preferences.lock().expect("not poisoned").calibration;
    assert_eq!(kept, None);
    harness.click("Calibrate by sensitivity");
    let kept = harness.params.editor_preferences.lock().expect("not poisoned").calibration;
    // 1 V at 50 mV/Pa: 14.1 Pa.
    assert!((kept.expect("calibrated") - 116.99).abs() < 0.01, "{kept:?}");
}

#[test]
fn without_a_tone_nothing_is_calibrated_and_the_menu_says_why() {
    let mut harness = EditorHarness::new(700.0, 450.0);
    harness.click("Monitor");
    harness.click("Calibrate by tone");
    wait_for(&mut harness, "there is no tone; possible: one above -100 dB of full scale");
    let kept = harness.params.editor_preferences.lock().expect("not poisoned").calibration;
    assert_eq!(kept, None);
}

#[test]
fn a_log_is_written_while_it_runs_and_ends_with_the_window() {
    let mut harness = playing(1100.0, 700.0);
    harness.click("Monitor");
    harness.click("Log interval: 0.1 s");
    harness.click("Start log");
    harness.play(200);
    wait_for(&mut harness, "Logging: ");
    harness.click("Stop log");
    wait_for(&mut harness, "Logged ");
    let logs = |harness: &EditorHarness| -> Vec<String> {
        let files = std::fs::read_dir(harness.own.path()).expect("a folder");
        let paths = files.map(|file| file.expect("an entry").path());
        let logs = paths.filter(|path| path.extension().is_some_and(|end| end == "csv"));
        logs.map(|path| std::fs::read_to_string(path).expect("text")).collect()
    };
    let first = logs(&harness);
    let [text] = first.as_slice() else { panic!("{first:?}") };
    let rows: Vec<Vec<f32>> = text
        .lines()
        .skip(2)
        .map(|line| line.split(',').map(|number| number.parse().expect("a number")).collect())
        .collect();
    assert!(rows.len() >= 20 && rows.iter().all(|row| row.len() == 161), "{}", rows.len());
    // The loudest of the harness's partials.
    let loudest = rows[5][41..81].iter().copied().fold(f32::MIN, f32::max);
    assert!((loudest + 8.0).abs() < 0.1, "{:?}", rows[5]);

    harness.click("Start log");
    harness.play(200);
    harness.reopen();
    assert_eq!(logs(&harness).len(), 2);
    wait_for(&mut harness, "The log ended, as the window was closed: ");
    harness.picture("monitor-log-ended");
}
