//! The spectrogram as a person uses it: real sound through its thread, a recording host, and
//! pictures rendered in software.

#[path = "support/host.rs"]
mod host;

use egui::{Pos2, Rect, pos2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, SnapshotOptions};
use erbium::audio::{Mode, Processor};
use erbium::editor::EditorApp;
use erbium::editor::edit::controller::EditController;
use erbium::editor::edit::gesture::{self, Command, Gestures};
use erbium::editor::presets::Presets;
use erbium::editor::spectrogram::{Places, Spectrogram};
use erbium::editor::view::axes::{FrequencyAxis, GainAxis};
use erbium::editor::view::footer::Footer;
use erbium::editor::view::model::Model;
use erbium::editor::view::theme;
use erbium::state::params::{ErbiumParams, MAX_BANDS};
use erbium::state::preferences::Preferences;
use erbium::telemetry::analyzer_queue::{ANALYZER_CHANNELS, AudioFrame, FRAME_SAMPLES};
use erbium::telemetry::{Column, Telemetry, TelemetrySender};
use erbium_dsp::{Bank, BankSpec};
use host::Host;
use std::f64::consts::TAU;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// The default bank, designed once for all tests.
fn bank() -> Arc<Bank> {
    static BANK: OnceLock<Arc<Bank>> = OnceLock::new();
    let design = || Arc::new(Bank::design(&BankSpec::default()).expect("can be designed"));
    BANK.get_or_init(design).clone()
}

const RATE_HZ: f64 = 48_000.0;
const PLOT: Rect = Rect { min: pos2(44.0, 8.0), max: pos2(692.0, 258.0) };
const FOOTER: Rect = Rect { min: pos2(44.0, 268.0), max: pos2(696.0, 290.0) };
const MESSAGES: Rect = Rect { min: pos2(0.0, 300.0), max: pos2(700.0, 326.0) };

/// The spectrogram alone, with what it needs.
struct SpectrogramHarness {
    params: Arc<ErbiumParams>,
    telemetry: Arc<Telemetry>,
    /// The audio thread's end.
    sender: TelemetrySender,
    host: Arc<Host>,
    egui: Harness<'static>,
    /// Samples that have been played.
    played: u64,
}

impl SpectrogramHarness {
    fn new() -> Self {
        Self::saving_into(Path::new("nowhere"))
    }

    fn saving_into(folder: &Path) -> Self {
        let params = Arc::<ErbiumParams>::default();
        let telemetry = Arc::<Telemetry>::default();
        telemetry.set_bank(bank());
        let host = Arc::new(Host::new(params.clone()));
        let (sink, source, shared) = (host.clone(), telemetry.clone(), params.clone());
        let (controller, presets) = (EditController::default(), Presets::default());
        let mut model = Model::default();
        let mut spectrogram = Spectrogram::default();
        spectrogram.save_into(folder.to_owned());
        let mut gestures = Gestures::default();
        let mut themed = false;
        let builder = Harness::builder()
            .with_size(vec2(700.0, 330.0))
            .with_step_dt(0.02)
            .with_max_steps(24)
            .wgpu();
        let egui = builder.build_ui(move |ui| {
            if !std::mem::replace(&mut themed, true) {
                theme::apply(ui.ctx(), Preferences::default());
            }
            source.set_editor_visible(true);
            model.update(&shared, &source, ui.input(|input| input.time));
            let view = model.view(&shared, &source, &controller, &presets);
            let places = Places { plot: Some(PLOT), controls: FOOTER, bands: PLOT };
            spectrogram.draw(ui, &places, &view, &mut gestures);
            gestures.end_wheel_gesture(ui.input(|input| input.time));
            let saved = spectrogram.message(ui.input(|input| input.time));
            Footer::new(ui, 700.0, &view, saved).draw(ui, MESSAGES);
            let request = spectrogram.request(&view.axis());
            model.analyze(&source, request);
            gesture::send(&gestures.take(), &shared, &sink.setter());
            for command in gestures.take_commands() {
                if let Command::SetPreferences(preferences) = command {
                    *shared.editor_preferences.lock().expect("not poisoned") = preferences;
                }
            }
        });
        let sender = telemetry.sender();
        let mut harness = Self { params, telemetry, sender, host, egui, played: 0 };
        harness.egui.run();
        harness
    }

    /// Plays so many seconds of a mono sound, given by time in seconds before and after the gains,
    /// as the audio thread would: nothing arrives that is not wanted.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "few samples, all later than the start"
    )]
    fn play(&mut self, seconds: f64, sound: impl Fn(f64) -> (f64, f64)) {
        let end = self.played + (seconds * RATE_HZ).round() as u64 / 256 * 256;
        while self.played < end {
            let mut pre = [0.0; FRAME_SAMPLES];
            let mut post = pre;
            for (n, (pre, post)) in pre.iter_mut().zip(&mut post).enumerate() {
                let (before, after) = sound((self.played + n as u64) as f64 / RATE_HZ);
                (*pre, *post) = (before as f32, after as f32);
            }
            self.sender.analyzer_queue.push(&AudioFrame {
                sample_rate_hz: RATE_HZ,
                start: self.played,
                channels: 1,
                pre: [pre; ANALYZER_CHANNELS],
                post: [post; ANALYZER_CHANNELS],
            });
            let bands = 40;
            let column = Column { bands, input: [0.1; MAX_BANDS], gains: [1.0; MAX_BANDS] };
            self.sender.push_column(column);
            self.played += FRAME_SAMPLES as u64;
            if self.played.is_multiple_of(64 * FRAME_SAMPLES as u64) || self.played == end {
                self.keep_up();
            }
        }
        self.egui.step();
        self.egui.step();
    }

    /// Draws a frame and waits until all that was played has been analysed.
    fn keep_up(&mut self) {
        self.egui.step();
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.telemetry.analyzer_queue().is_empty() {
            assert!(Instant::now() < deadline, "the spectrogram's thread does not keep up");
            std::thread::sleep(Duration::from_millis(1));
        }
        // The last piece is out of the queue before its columns are ready.
        std::thread::sleep(Duration::from_millis(20));
    }

    fn place(&self, hz: f64, down: f32) -> Pos2 {
        let axis = FrequencyAxis::of(&bank());
        pos2(axis.x(hz, PLOT.x_range()), egui::lerp(PLOT.y_range(), down))
    }

    /// What the cursor reads at a frequency and a part of the way down.
    fn read(&mut self, hz: f64, down: f32) -> String {
        let place = self.place(hz, down);
        self.egui.hover_at(place);
        self.egui.step();
        self.egui.step();
        let node = self.egui.get_by_label("Spectrogram");
        node.accesskit_node().value().expect("a read-out")
    }

    /// The first level or difference of a read-out in dB.
    fn db(&mut self, hz: f64, down: f32) -> f64 {
        let text = self.read(hz, down);
        let (before, _) = text.split_once(" dB").unwrap_or_else(|| panic!("no level in {text}"));
        let number = before.split(' ').next_back().expect("a number").replace('−', "-");
        number.parse().unwrap_or_else(|_| panic!("no level in {text}"))
    }

    fn choose(&mut self, list: &str, choice: &str) {
        self.egui.get_by_label(list).click();
        self.egui.run();
        self.egui.get_by_label(choice).click();
        self.egui.run();
    }

    fn wheel(&mut self, place: Pos2, notches: f32) {
        self.egui.hover_at(place);
        self.egui.step();
        self.egui.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Line,
            delta: vec2(0.0, notches),
            modifiers: egui::Modifiers::NONE,
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
        });
        self.egui.run_steps(40);
    }

    fn freeze(&mut self) {
        self.egui.get_by_label("Freeze").click();
        self.egui.run();
    }

    fn drag(&mut self, from: Pos2, to: Pos2) {
        self.egui.hover_at(from);
        self.egui.step();
        self.egui.drag_at(from);
        self.egui.step();
        for part in [0.25_f32, 0.5, 0.75, 1.0] {
            self.egui.hover_at(from.lerp(to, part));
            self.egui.step();
        }
        self.egui.drop_at(to);
        self.egui.run();
    }

    /// The picture's pixels, without the pointer and its read-out.
    fn pixels(&mut self) -> Vec<[u8; 4]> {
        self.egui.hover_at(pos2(2.0, 2.0));
        self.egui.run();
        let image = self.egui.render().expect("renders");
        let inside = |x: u32, y: u32| {
            let [x, y] = [x, y].map(|place| f32::from(u16::try_from(place).expect("small")));
            PLOT.shrink(1.0).contains(pos2(x, y))
        };
        let pixels = image.enumerate_pixels().filter(|(x, y, _)| inside(*x, *y));
        pixels.map(|(_, _, pixel)| pixel.0).collect()
    }
}

/// A tone at 1 kHz, 6 dB below full scale, that the gains make 6 dB quieter.
fn tone(time_s: f64) -> (f64, f64) {
    let sample = 0.5 * (TAU * 1_000.0 * time_s).sin();
    (sample, 0.501_187 * sample)
}

/// A chirp from 200 Hz to 6.4 kHz in a second, a click every half, and a little noise of no seed.
fn scene(time_s: f64) -> (f64, f64) {
    let part = time_s.fract();
    let octaves = 5.0;
    let phase = 200.0 * ((octaves * part).exp2() - 1.0) / (octaves * std::f64::consts::LN_2);
    let hiss = (12_345.678 * (time_s * RATE_HZ).round()).sin() * 43_758.545_3;
    let click = if (part * RATE_HZ).round() % 24_000.0 == 12_000.0 { 0.9 } else { 0.0 };
    let sample = 0.2 * (TAU * phase).sin() + 1e-3 * (hiss.fract() - 0.5) + click;
    (sample, if part < 0.5 { 2.0 * sample } else { 0.5 * sample })
}

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
fn two_cursors_read_what_lies_between_them() {
    let mut harness = SpectrogramHarness::new();
    harness.play(2.0, tone);
    harness.freeze();
    let put = |harness: &mut SpectrogramHarness, hz: f64, down: f32| {
        let place = harness.place(hz, down);
        harness.egui.hover_at(place);
        for pressed in [true, false] {
            let (button, modifiers) = (egui::PointerButton::Secondary, egui::Modifiers::NONE);
            harness.egui.event(egui::Event::PointerButton {
                pos: place,
                button,
                pressed,
                modifiers,
            });
            harness.egui.step();
        }
        harness.egui.run();
    };
    put(&mut harness, 1_000.0, 0.1);
    assert!(!harness.read(1_000.0, 0.2).contains('Δ'), "one alone has no difference");
    put(&mut harness, 4_000.0, 0.3);
    let text = harness.read(2_000.0, 0.2);
    let (_, difference) = text.split_once("Δ ").expect("a difference");
    let parts: Vec<&str> = difference.split("   ").collect();
    let number = |part: &str| -> f64 {
        part.split(' ').next().expect("a number").replace('−', "-").parse().expect("a number")
    };
    assert!((number(parts[0]) - 3_000.0).abs() < 40.0 && parts[0].ends_with("Hz"), "{parts:?}");
    assert!(parts[1].ends_with("ERB") && (number(parts[1]) - 11.5).abs() < 0.3, "{parts:?}");
    assert!(number(parts[2]) < -40.0 && parts[2].ends_with("dB"), "{parts:?}");
    assert!((number(parts[3]) + 1.0).abs() < 0.05 && parts[3].ends_with(" s"), "{parts:?}");
    put(&mut harness, 1_000.0, 0.1);
    assert!(!harness.read(2_000.0, 0.2).contains('Δ'), "a click on one takes both away");
}

#[test]
fn frozen_it_is_drawn_again_with_the_gains_of_now() {
    let mut harness = SpectrogramHarness::new();
    harness.play(2.0, tone);
    harness.freeze();
    let frozen = harness.pixels();
    let before_db = harness.db(1_000.0, 0.2);
    let set = |harness: &mut SpectrogramHarness, gain_db: f32| {
        for band in 0..40 {
            harness.host.setter().set_parameter(&harness.params.band[band].gain_db, gain_db);
        }
        harness.egui.run();
    };
    set(&mut harness, -6.0);
    let after_db = harness.db(1_000.0, 0.2);
    assert!((after_db - before_db + 6.0).abs() < 0.11, "{before_db} and {after_db}");
    assert!(harness.pixels() != frozen);
    harness.choose("Spectrogram source", "Pre");
    assert!((harness.db(1_000.0, 0.2) + 6.0).abs() < 0.11, "what came in is as it was");
    harness.choose("Spectrogram source", "Post");
    set(&mut harness, 0.0);
    assert!((harness.db(1_000.0, 0.2) - before_db).abs() < 0.02);
    assert!(harness.pixels() == frozen);
    set(&mut harness, 6.0);
    harness.freeze();
    harness.play(1.0, tone);
    assert!((harness.db(1_000.0, 0.2) - before_db).abs() < 0.11, "what is live is as it sounds");
}

#[test]
fn frozen_it_stands_still_and_analyses_nothing_then_goes_on() {
    let mut harness = SpectrogramHarness::new();
    harness.play(2.0, scene);
    harness.freeze();
    let frozen = harness.pixels();
    let text = harness.read(1_000.0, 0.2);
    harness.play(1.0, tone);
    assert!(!harness.telemetry.analyzer_queue().is_enabled(), "frozen, nothing is handed over");
    assert!(harness.pixels() == frozen && harness.read(1_000.0, 0.2) == text);
    harness.choose("Spectrogram source", "Pre");
    assert!(harness.pixels() != frozen, "kept columns can be shown in another way");
    harness.choose("Spectrogram source", "Post");
    assert!(harness.pixels() == frozen);
    harness.freeze();
    harness.play(1.0, tone);
    assert!(harness.pixels() != frozen);
    assert!((harness.db(1_000.0, 0.05) + 12.0).abs() < 0.11);
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
fn a_marked_region_is_pulled_in_one_gesture() {
    let mut harness = SpectrogramHarness::new();
    harness.play(2.0, scene);
    let centres_hz = bank().centres_hz().to_vec();
    let (low_hz, high_hz) = (900.0, 2_100.0);
    let inside: Vec<usize> =
        (0..40).filter(|&k| (low_hz..=high_hz).contains(&centres_hz[k])).collect();
    assert!(inside.len() > 3, "{inside:?}");
    let db_per_point = GainAxis::default().db_per_point(PLOT.y_range());
    // Dragging on a picture that moves marks nothing.
    let ends = [harness.place(low_hz, 0.5), harness.place(high_hz, 0.6)];
    let middle = harness.place(1_400.0, 0.8);
    harness.drag(ends[0], ends[1]);
    harness.drag(middle, middle - vec2(0.0, 50.0));
    assert_eq!(harness.host.take(), <[String; 0]>::default());
    harness.freeze();
    harness.drag(ends[0], ends[1]);
    assert_eq!(harness.host.take(), <[String; 0]>::default(), "marking changes no gain");
    harness.drag(middle, middle - vec2(0.0, 50.0));
    for k in 0..40 {
        let expected = if inside.contains(&k) { 50.0 * db_per_point } else { 0.0 };
        let gain_db = harness.params.band[k].gain_db.value();
        assert!((gain_db - expected).abs() < 0.051, "band {k}: {gain_db}, not {expected}");
    }
    let edits = harness.host.take();
    for what in ["begin", "end"] {
        let ids: Vec<_> = edits.iter().filter(|edit| edit.starts_with(what)).collect();
        let expected: Vec<_> = inside.iter().map(|k| format!("{what} gain_{}", k + 1)).collect();
        assert_eq!(ids, expected.iter().collect::<Vec<_>>());
    }
    assert!(edits[edits.len() - inside.len()..].iter().all(|edit| edit.starts_with("end")));
    // Down again, from where they are.
    harness.drag(middle, middle + vec2(0.0, 30.0));
    let gain_db = harness.params.band[inside[0]].gain_db.value();
    assert!((gain_db - 20.0 * db_per_point).abs() < 0.051, "{gain_db}");
    harness.host.take();
    // The wheel turns them, too.
    harness.wheel(middle, 2.0);
    let turned_db = harness.params.band[inside[0]].gain_db.value();
    assert!((turned_db - gain_db - 1.0).abs() < 1e-3, "{turned_db}");
    harness.host.take();
    // Outside, nothing is held any more.
    let outside = harness.place(6_000.0, 0.5);
    harness.drag(outside, outside + vec2(40.0, 0.0));
    harness.freeze();
    assert_eq!(harness.host.take(), <[String; 0]>::default());
}

#[test]
fn what_is_shown_is_saved_as_picture_array_and_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("Erbium");
    let mut harness = SpectrogramHarness::saving_into(&own);
    harness.play(7.0, tone);
    harness.freeze();
    let mut save = |what: &str, name: &str| {
        harness.choose("Save", what);
        let path = own.join(name);
        let deadline = Instant::now() + Duration::from_secs(60);
        while harness.egui.query_by_label(&format!("Saved {}", path.display())).is_none() {
            assert!(Instant::now() < deadline, "{name} is not saved");
            std::thread::sleep(Duration::from_millis(10));
            harness.egui.step();
        }
        std::fs::read(path).expect("the file")
    };
    let picture = save("Picture (PNG)", "spectrogram-post-1.png");
    assert!(picture.starts_with(b"\x89PNG") && picture.len() > 20_000, "{} bytes", picture.len());
    assert_eq!(save("Picture (PNG)", "spectrogram-post-2.png"), picture, "frozen is frozen");
    let table = String::from_utf8(save("Table (CSV)", "spectrogram-post-1.csv")).expect("text");
    let array = save("Array (NPY)", "spectrogram-post-1.npy");
    let array = erbium_npy::Array::read(array.as_slice(), 1 << 26).expect("an array");
    let shape = array.shape().to_vec();
    let levels: Vec<f32> = array.values().expect("float32");
    assert!(shape[0] == 512 && shape[1].abs_diff(1_000) < 6, "5 s in columns of 5 ms: {shape:?}");
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let hz: Vec<f64> = header[1..]
        .iter()
        .map(|name| name.strip_suffix(" Hz").expect("Hz").parse().expect("a frequency"))
        .collect();
    let row = (0..512).min_by(|&a, &b| (hz[a] - 1e3).abs().total_cmp(&(hz[b] - 1e3).abs()));
    let row = row.expect("rows");
    let lines: Vec<Vec<f64>> = lines
        .map(|line| line.split(',').map(|number| number.parse().expect("a number")).collect())
        .collect();
    assert_eq!(lines.len(), shape[1]);
    for (column, line) in lines.iter().enumerate() {
        let expected_s = f64::from(u32::try_from(column).expect("few")) * 0.005;
        assert!((line[0] - expected_s).abs() < 1e-6 && (line[1 + row] + 12.0).abs() < 0.06);
        let level = f64::from(levels[row * lines.len() + column]);
        assert!((level - line[1 + row]).abs() < 0.01, "the array holds the same");
    }
    let left = std::fs::read_dir(&own).expect("the folder").count();
    assert_eq!(left, 4, "no partial files");
}

#[test]
fn where_nothing_can_be_saved_it_says_so() {
    let mut harness = SpectrogramHarness::saving_into(Path::new("/proc/nowhere"));
    harness.choose("Save", "Array (NPY)");
    let shown = |harness: &mut SpectrogramHarness, what: &str| {
        for _ in 0..500 {
            harness.egui.step();
            if harness.egui.query_by_label_contains(what).is_some() {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("no message: {what}");
    };
    shown(&mut harness, "nothing was saved: the picture is empty");
    harness.play(1.0, tone);
    harness.choose("Save", "Array (NPY)");
    shown(&mut harness, "cannot make the folder /proc/nowhere");
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
