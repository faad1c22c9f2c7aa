//! The main states as pictures.

use crate::harness::{EditorHarness, Picture, Text, assert_apart, bank};
use egui::accesskit::Role;
use egui::{Color32, Pos2, Rect, pos2, vec2};
use egui_kittest::SnapshotOptions;
use egui_kittest::kittest::{NodeT, Queryable};
use erbium::audio::{Mode, Processor};
use erbium::editor::view::axes;
use erbium::editor::view::tokens::{self, Palette};
use erbium::state::params::{OFF_DB, linear_gain};
use erbium::state::preferences::Preferences;
use erbium_dsp::{Bank, BankSpec, Scale};
use std::sync::Arc;

#[test]
fn empty_states_speak() {
    let mut harness = EditorHarness::empty(700.0, 450.0);
    let waiting = harness.picture("waiting");
    harness.telemetry.set_designing(true);
    let designing = harness.picture("designing");
    assert!(waiting.pixels != designing.pixels);
    assert!(harness.telemetry.editor_visible(), "a drawn editor reads the telemetry");
}

/// The colour of levels after the gains.
fn silhouette(palette: &Palette) -> Color32 {
    palette.plot.blend(palette.level_output)
}

/// A window in which the demo's recording plays through the real chain with a preset.
struct Recorded {
    harness: EditorHarness,
    chain: Processor,
    samples: Vec<f32>,
    played: usize,
}

impl Recorded {
    /// Samples of a block, in all channels.
    const BLOCK: usize = 960 * 2;

    fn new(width: f32, height: f32) -> Self {
        let mut harness = EditorHarness::empty(width, height);
        let mut chain = Processor::new(harness.params.curve.clone(), harness.telemetry.clone());
        let mode = Mode { waits: true, changes_latency: true };
        let settings = harness.params.settings(48_000.0);
        chain.prepare(&settings, 2, mode).expect("the default bank exists");
        harness.egui.run();
        let recording = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/demo.wav");
        let mut recording = hound::WavReader::open(recording).expect("the recording");
        let samples = recording.samples::<i16>();
        let samples = samples.map(|s| f32::from(s.expect("a sample")) / 32_768.0).collect();
        let mut recorded = Self { harness, chain, samples, played: 48_000 * 2 * 4 };
        for _ in 0..2 {
            recorded.play(1);
            // Past Flat to Presence.
            recorded.harness.click("Next preset");
        }
        recorded.play(288);
        recorded
    }

    /// Plays so many blocks on, a frame of the window after each.
    fn play(&mut self, blocks: usize) {
        for _ in 0..blocks {
            let begin = self.played % (self.samples.len() - Self::BLOCK);
            let block = &self.samples[begin..begin + Self::BLOCK];
            self.played += Self::BLOCK;
            let side = |side| block.iter().skip(side).step_by(2).copied().collect::<Vec<f32>>();
            let (mut left, mut right) = (side(0), side(1));
            let settings = self.harness.params.settings(48_000.0);
            self.chain.process(&settings, &mut [&mut left, &mut right]);
            self.harness.keep_up();
        }
    }

    /// Saves a picture while the recording plays.
    fn picture(&mut self, name: &str) -> Picture {
        self.play(12);
        self.harness.picture_now(name)
    }
}

/// The pictures of the readme and the manual are among these.
#[test]
fn a_recording_fills_the_window() {
    let mut recorded = Recorded::new(1100.0, 700.0);
    recorded.harness.egui.hover_at(recorded.harness.place(26, 9.0));
    let picture = recorded.picture("window");
    let spectrogram = recorded.harness.egui.get_by_label("Spectrogram").rect();
    let bands = recorded.harness.bands();
    assert!(picture.count(bands, silhouette(&tokens::DARK)) > 500, "levels");
    assert!(picture.colors(spectrogram) > 1000, "{}", picture.colors(spectrogram));

    recorded.harness.open_menu(14);
    recorded.picture("manual-menu");
    recorded.harness.close();
    let folder = recorded.harness.own.path().join("Presets");
    std::fs::create_dir_all(&folder).expect("a folder");
    for name in ["Clarinet, less wood.json", "HD 650 GraphicEQ.txt", "Kitchen radio.json"] {
        std::fs::write(folder.join(name), "100 1").expect("writes");
    }
    for (opener, name) in [("Preset", "presets"), ("Bank", "bank"), ("View", "view")] {
        recorded.harness.egui.get_by_label(opener).click();
        recorded.harness.egui.run();
        recorded.picture(&format!("manual-{name}"));
        recorded.harness.close();
    }
    let place = recorded.harness.place(17, 12.0);
    recorded.harness.press(place, egui::Modifiers::ALT);
    recorded.picture("manual-solo");
    recorded.harness.release(place, egui::Modifiers::ALT);
    let harness = &mut recorded.harness;
    harness.click("Select");
    let frame =
        [harness.place(20, 12.0) - vec2(6.0, 0.0), harness.place(27, -6.0) + vec2(6.0, 0.0)];
    harness.stroke(&frame);
    harness.stroke(&[
        harness.place(23, harness.gain_db(23)),
        harness.place(23, harness.gain_db(23) - 12.0),
    ]);
    harness.egui.hover_at(pos2(2.0, 2.0));
    recorded.picture("manual-select");
    for (name, preferences, palette) in [
        (
            "manual-contrast",
            Preferences { high_contrast: true, ..Preferences::default() },
            &tokens::HIGH_CONTRAST,
        ),
        (
            "manual-light",
            Preferences { light: true, notes: true, piano: true, ..Preferences::default() },
            &tokens::LIGHT,
        ),
    ] {
        recorded.harness.prefer(preferences);
        recorded.harness.egui.hover_at(recorded.harness.place(23, -6.0));
        let picture = recorded.picture(name);
        let bands = recorded.harness.bands();
        assert!(picture.count(bands, silhouette(palette)) > 500, "{name}: levels");
    }
    for (name, bands_percent) in [("monitor", 0), ("bands-alone", 100)] {
        recorded.harness.prefer(Preferences { bands_percent, ..Preferences::default() });
        recorded.picture(name);
    }
}

/// Draws a curve with a boost, a cut and a band that is off, and plays.
fn scene(width: f32, height: f32, name: &str) -> (EditorHarness, Picture) {
    let mut harness = EditorHarness::new(width, height);
    let shape = [0.0, 1.0, 3.0, 6.0, 8.0, 6.0, 3.0, 1.0, 0.0, -2.0, -5.0, -9.0, -12.0, -9.0, -4.0];
    for (k, gain_db) in shape.into_iter().enumerate() {
        harness.set_gain_db(k + 8, gain_db);
    }
    harness.set_gain_db(30, OFF_DB);
    harness.play(200);
    harness.play(200);
    harness.egui.hover_at(harness.place(18, 2.0));
    let picture = harness.picture(name);
    (harness, picture)
}

#[test]
fn the_picture_shows_curve_handles_levels_and_spectrogram() {
    for (width, height, name) in
        [(700.0, 450.0, "small"), (1100.0, 700.0, "default"), (1600.0, 1000.0, "large")]
    {
        let (harness, _) = scene(width, height, name);
        let around = |at| Rect::from_center_size(at, vec2(9.0, 9.0));
        let axis = axes::FrequencyAxis::of(&bank());
        let targets: Vec<f32> = (0..40).map(|band| linear_gain(harness.gain_db(band))).collect();
        let mut gains = vec![1.0; 40];
        bank().solve_gains(&targets, &mut gains);
        let mut harness = harness;
        harness.egui.hover_at(Pos2::ZERO);
        let picture = harness.picture(&format!("{name}-untouched"));
        for band in [11, 17, 22, 29, 34] {
            // Between two handles, where nothing hides the curve.
            let x = harness.place(band, 0.0).x.midpoint(harness.place(band + 1, 0.0).x);
            let hz = axis.hz_at(x, harness.bands().x_range());
            let at = |db| pos2(x, axes::GainAxis::default().y(db, harness.bands().y_range()));
            let curve = |db| picture.count(around(at(db)), tokens::DARK.response);
            let mut amplitude = [0.0];
            bank().responses(&[hz]).total(&gains, &mut amplitude);
            let db = 20.0 * amplitude[0].log10();
            assert!(curve(db) > 0 && curve(db + 9.0) == 0, "{name}: {db} dB after band {band}");
        }
        let around = |band, gain_db| around(harness.place(band, gain_db));
        assert!(
            picture.count(around(12, 8.0), tokens::DARK.drawn) > 0,
            "{name}: a handle is at +8 dB"
        );
        assert!(picture.count(around(12, -8.0), tokens::DARK.drawn) == 0, "{name}");
        assert!(picture.count(harness.bands(), silhouette(&tokens::DARK)) > 500, "{name}: levels");
        let spectrogram = harness.egui.get_by_label("Spectrogram").rect();
        assert!(picture.colors(spectrogram) > 200, "{name}: {}", picture.colors(spectrogram));
    }
}

#[test]
fn nothing_overlaps_or_leaves_the_window() {
    for (width, height) in [(700.0, 450.0), (1100.0, 700.0), (1600.0, 1000.0)] {
        let harness = EditorHarness::new(width, height);
        let window = Rect::from_min_size(Pos2::ZERO, vec2(width, height));
        let named = |node: egui_kittest::Node<'_>| {
            let name = node.accesskit_node().label().or(node.accesskit_node().value())?;
            Some((name, node.rect()))
        };
        let rects: Vec<(String, Rect)> = harness
            .egui
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
    let states = |harness: &mut EditorHarness| {
        let mut shown = vec![("flat", harness.texts(), harness.controls())];
        harness.stroke(&[harness.place(8, 10.0), harness.place(20, -12.0)]);
        harness.play(100);
        harness.egui.hover_at(harness.place(22, -3.25));
        harness.egui.run_steps(2);
        shown.push(("pointed", harness.texts(), harness.controls()));
        harness.egui.hover_at(Pos2::ZERO);
        harness.click("Gain match");
        harness.click("Delta");
        shown.push(("busy", harness.texts(), harness.controls()));
        harness.click("Freeze");
        let refusal = "the bands of this bank reach a flat sum only by cancelling each other (2.31; \
                       possible up to 1.50): possible are fewer bands or a longer latency";
        harness.telemetry.set_notice(Some(refusal.to_owned()));
        harness.telemetry.set_designing(true);
        harness.egui.run();
        shown.push(("frozen", harness.texts(), harness.controls()));
        shown
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
            let mut harness = EditorHarness::new(width, height);
            harness.egui.set_pixels_per_point(pixels_per_point);
            harness.prefer(Preferences {
                light: notes,
                notes,
                piano: notes,
                ..Preferences::default()
            });
            let window = Rect::from_min_size(Pos2::ZERO, vec2(width, height));
            let states = states(&mut harness);
            for (state, texts, controls) in states {
                let at = format!("{width} × {height} at {pixels_per_point}, {state}");
                assert!(texts.len() > 40, "{at}: {}", texts.len());
                assert_apart(&texts, &at);
                for Text { text, place, clip } in &texts {
                    let visible = clip.intersect(window).expand(0.5);
                    assert!(
                        visible.contains_rect(*place),
                        "{at}: {text:?} at {place} leaves {visible}"
                    );
                    let control = controls.iter().find(|(_, rect)| rect.contains(place.center()));
                    if let Some((name, rect)) = control {
                        assert!(
                            rect.contains_rect(*place),
                            "{at}: {text:?} at {place} leaves {name} at {rect}"
                        );
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
            let mut harness = EditorHarness::new(width, height);
            harness.egui.set_pixels_per_point(pixels_per_point);
            harness.prefer(Preferences { light, ..Preferences::default() });
            let folder = harness.own.path().join("Presets");
            std::fs::create_dir_all(&folder).expect("a folder");
            for k in 0..30 {
                std::fs::write(folder.join(format!("Room {k}.txt")), "100 1").expect("writes");
            }
            let window = Rect::from_min_size(Pos2::ZERO, vec2(width, height));
            let check = |harness: &mut EditorHarness, menu: &str, entries: &[&str]| {
                let at = format!("{menu}, {width} × {height} at {pixels_per_point}");
                let texts = harness.texts();
                for Text { text, place, clip } in &texts {
                    // What lies outside of a list's own view is scrolled to.
                    let scrolled = text.starts_with("Room ") || text.ends_with(" dB");
                    let visible = clip.intersect(window).expand(0.5);
                    assert!(
                        scrolled || visible.contains_rect(*place),
                        "{at}: {text:?} leaves {visible}"
                    );
                }
                for entry in entries {
                    let place = harness.egui.get_by_label(entry).rect();
                    assert!(window.contains_rect(place), "{at}: {entry} at {place}");
                }
                harness.egui.key_press(egui::Key::Escape);
                harness.egui.run();
            };
            harness.click("View");
            check(&mut harness, "view", &["Dark", "50 %", "400 %", "Note names", "Piano"]);
            harness.egui.get_by_role_and_label(Role::ComboBox, "Preset").click();
            harness.egui.run();
            let entries = ["Flat", "Save preset", "Open a file…", "Paste a curve"];
            check(&mut harness, "presets", &entries);
            harness.open_menu(39);
            let entries = ["Exact gain in dB", "Reset to 0 dB", "Flatten all bands"];
            check(&mut harness, "last band", &entries);
        }
    }
}

/// Compares with the picture kept in `tests/pictures`; `UPDATE_SNAPSHOTS=1` makes it anew.
fn assert_as_kept(harness: &mut EditorHarness, name: &str) {
    // Software drivers round differently; less than a word may look different.
    let options = SnapshotOptions::new()
        .output_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pictures"))
        .max_failed_pixels(150);
    harness.egui.run();
    harness.egui.snapshot_options(name, &options);
}

/// A harness with a drawn curve and levels, but a still spectrogram.
fn drawn(width: f32, height: f32) -> EditorHarness {
    let mut harness = EditorHarness::new(width, height);
    harness.click("Freeze");
    let places = [(6, 3.0), (12, 9.0), (16, 2.0), (22, -8.0), (28, -2.0)];
    harness.stroke(&places.map(|(band, gain_db)| harness.place(band, gain_db)));
    harness.menu(33, "Mute band");
    harness.play(60);
    harness
}

#[test]
fn empty_states_are_as_they_were_kept() {
    let mut harness = EditorHarness::empty(700.0, 450.0);
    assert_as_kept(&mut harness, "editor-waiting");
    harness.telemetry.set_designing(true);
    assert_as_kept(&mut harness, "editor-designing");
}

#[test]
fn drawing_selecting_and_solo_are_as_they_were_kept() {
    let mut harness = drawn(1100.0, 700.0);
    harness.egui.hover_at(harness.place(12, 9.0));
    assert_as_kept(&mut harness, "editor-drawn");
    harness.click("Select");
    let frame =
        [harness.place(9, 12.0) - vec2(6.0, 0.0), harness.place(17, -12.0) + vec2(6.0, 0.0)];
    harness.stroke(&frame);
    harness.egui.hover_at(pos2(2.0, 2.0));
    assert_as_kept(&mut harness, "editor-selected");
    harness.menu(22, "Solo band");
    harness.egui.hover_at(pos2(2.0, 2.0));
    assert_as_kept(&mut harness, "editor-solo");
}

#[test]
fn the_light_theme_and_the_menu_are_as_they_were_kept() {
    let mut harness = drawn(700.0, 450.0);
    harness.prefer(Preferences { light: true, notes: true, piano: true, ..Preferences::default() });
    harness.click("Gain match");
    harness.click("Bypass");
    harness.egui.hover_at(pos2(2.0, 2.0));
    assert_as_kept(&mut harness, "editor-light-notes");
    harness.open_menu(12);
    assert_as_kept(&mut harness, "editor-band-menu");
}

#[test]
fn the_monitors_menu_is_as_it_was_kept_in_every_theme() {
    let mut harness = drawn(700.0, 450.0);
    for (name, light, high_contrast) in
        [("dark", false, false), ("light", true, false), ("contrast", false, true)]
    {
        // One calibrated, so that no button is greyed out.
        let calibration = light.then_some(120.0);
        harness.prefer(Preferences { light, high_contrast, calibration, ..Default::default() });
        harness.click("Monitor");
        harness.egui.hover_at(pos2(2.0, 2.0));
        assert_as_kept(&mut harness, &format!("monitor-menu-{name}"));
        harness.close();
    }
}

/// A button or a field that has no edge looks like text. Its corners are round.
#[test]
fn controls_in_menus_have_an_outline_in_high_contrast() {
    let mut harness = drawn(700.0, 450.0);
    harness.prefer(Preferences { high_contrast: true, ..Preferences::default() });
    let outlined = |harness: &mut EditorHarness, opener: &str, names: &[&str]| {
        harness.egui.hover_at(pos2(2.0, 2.0));
        let picture = harness.picture(&format!("contrast-{opener}"));
        for name in names {
            let rect = harness.egui.get_by_label(name).rect();
            let edge = |y: f32| {
                Rect::from_min_max(pos2(rect.left(), y - 1.0), pos2(rect.right(), y + 1.0))
            };
            for y in [rect.top(), rect.bottom()] {
                let pixels = picture.count(edge(y), tokens::HIGH_CONTRAST.outline);
                let pixels = f32::from(u16::try_from(pixels).expect("few"));
                assert!(pixels > rect.width() - 12.0, "{opener}, {name}: {pixels} at {y}");
            }
        }
        harness.close();
    };
    for (opener, names) in [
        ("View", &["Light", "Manual"][..]),
        ("Bank", &["Gammatone", "Mel"]),
        ("Preset", &["Name of the preset", "Save preset"]),
        (
            "Monitor",
            &["Spectrum line: Live", "Weighting: C", "Restart spectrum line", "Tone level"],
        ),
    ] {
        harness.click(opener);
        outlined(&mut harness, opener, names);
    }
    harness.open_menu(12);
    outlined(&mut harness, "band", &["Gain down by 1 dB", "Gain up by 0.1 dB"]);
}

#[test]
fn what_has_the_keyboard_in_a_menu_has_a_ring() {
    let mut harness = drawn(700.0, 450.0);
    let ringed = |harness: &mut EditorHarness, name: &str| {
        harness.egui.get_by_label(name).focus();
        harness.egui.run();
        let rect = harness.egui.get_by_label(name).rect();
        let below = pos2(rect.right(), rect.bottom() + 2.0);
        let edge = Rect::from_min_max(rect.left_bottom(), below);
        let pixels = harness.picture("ring").count(edge, tokens::DARK.accent);
        let pixels = f32::from(u16::try_from(pixels).expect("few"));
        assert!(pixels > rect.width() - 12.0, "{name}: {pixels}");
    };
    for (opener, names) in [
        ("Preset", &["Name of the preset", "Save preset"][..]),
        ("Monitor", &["Weighting: C", "Restart spectrum line", "Tone level"]),
    ] {
        harness.click(opener);
        names.iter().for_each(|name| ringed(&mut harness, name));
        harness.close();
        harness.close();
    }
    harness.open_menu(12);
    ["Exact gain in dB", "Gain up by 1 dB"].iter().for_each(|name| ringed(&mut harness, name));
}

#[test]
fn every_scale_has_an_axis_that_can_be_read() {
    for (scale, name) in
        [(Scale::Mel, "mel"), (Scale::Bark, "bark"), (Scale::Log, "log"), (Scale::Linear, "linear")]
    {
        for (width, height) in [(700.0, 450.0), (1100.0, 700.0)] {
            let mut harness = EditorHarness::empty(width, height);
            let spec = BankSpec { scale, ..BankSpec::default() };
            let bank = Bank::design(&spec).expect("can be designed");
            harness.telemetry.set_bank(Arc::new(bank));
            harness.prefer(Preferences { notes: true, piano: true, ..Preferences::default() });
            let texts = harness.texts();
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
            harness.picture(&format!("axis-{name}-{width}"));
        }
    }
}
