//! The editor as a person uses it, without a window: the same drawing code, a recording host, and
//! pictures rendered in software. Pictures are kept in the target directory, for looking at.

use egui::{Color32, Pos2, Rect, accesskit::Role, pos2, vec2};
use egui_kittest::{
    Harness,
    kittest::{NodeT, Queryable},
};
use erbium::chain::{Chain, Mode};
use erbium::editor::{EditorApp, achieved::Achieved, axis, theme};
use erbium::feed::{FEED_CHANNELS, PIECE_SAMPLES, Piece};
use erbium::monitor::{Column, Monitor};
use erbium::params::{ErbiumParams, MAX_BANDS, OFF_DB, ScaleChoice};
use erbium::preset::Preset;
use erbium_dsp::{Bank, BankSpec};
use nice_plug::context::gui::{GuiContextInner, ParamSetter};
use nice_plug::prelude::*;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};

/// A host that writes down what it is told and does it.
struct Host {
    params: Arc<ErbiumParams>,
    told: Mutex<Vec<String>>,
}

impl Host {
    fn tell(&self, what: &str, param: ParamPtr) {
        let id = self.params.param_map().into_iter().find(|(_, known, _)| *known == param);
        let (id, ..) = id.expect("a parameter of the plugin");
        self.told.lock().expect("not poisoned").push(format!("{what} {id}"));
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.told.lock().expect("not poisoned"))
    }
}

impl GuiContextInner for Host {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Standalone
    }
    unsafe fn raw_begin_set_parameter(&self, param: ParamPtr) {
        self.tell("begin", param);
    }
    unsafe fn raw_set_parameter_normalized(&self, param: ParamPtr, normalized: f32) {
        // SAFETY: the parameters live as long as this host.
        unsafe { param._internal_set_normalized_value(normalized) };
        self.tell("set", param);
    }
    unsafe fn raw_end_set_parameter(&self, param: ParamPtr) {
        self.tell("end", param);
    }
    fn get_state(&self) -> PluginState {
        unimplemented!("the editor does not ask for states")
    }
    fn set_state(&self, _state: PluginState) {}
    fn request_restart(&self) {}
}

/// An editor in a window of its own.
struct Stage {
    params: Arc<ErbiumParams>,
    monitor: Arc<Monitor>,
    host: Arc<Host>,
    harness: Harness<'static>,
    /// For noise.
    seed: u32,
    /// Samples of sound that have arrived.
    played: u64,
}

/// The default bank, designed once for all tests.
fn bank() -> Arc<Bank> {
    static BANK: OnceLock<Arc<Bank>> = OnceLock::new();
    let design = || Arc::new(Bank::design(&BankSpec::default()).expect("can be designed"));
    BANK.get_or_init(design).clone()
}

impl Stage {
    fn empty(width: f32, height: f32) -> Self {
        let params = Arc::<ErbiumParams>::default();
        let monitor = Arc::<Monitor>::default();
        let host = Arc::new(Host { params: params.clone(), told: Mutex::default() });
        let shown = Arc::new(AtomicBool::new(true));
        let mut app = EditorApp::new(params.clone(), monitor.clone(), shown);
        let told = host.clone();
        let harness = Harness::builder()
            .with_size(vec2(width, height))
            .with_step_dt(0.02)
            .wgpu()
            .build_ui(move |ui| app.frame(ui, &ParamSetter { raw_context: &*told }));
        Self { params, monitor, host, harness, seed: 1, played: 0 }
    }

    fn new(width: f32, height: f32) -> Self {
        let mut stage = Self::empty(width, height);
        stage.monitor.set_bank(bank());
        stage.harness.run();
        stage
    }

    fn bands(&self) -> Rect {
        self.harness.get_by_label("Band gains").rect()
    }

    /// Where the pointer has to be for a band and a gain.
    fn place(&self, band: usize, gain_db: f32) -> Pos2 {
        let plot = self.bands();
        let axis = axis::FrequencyAxis::of(&bank());
        let x = axis.x(bank().centres_hz()[band], plot.x_range());
        pos2(x, axis::gain_y(gain_db, plot.y_range()))
    }

    fn gain_db(&self, band: usize) -> f32 {
        self.params.band[band].gain_db.value()
    }

    fn set_gain_db(&self, band: usize, gain_db: f32) {
        let setter = ParamSetter { raw_context: &*self.host };
        setter.set_parameter(&self.params.band[band].gain_db, gain_db);
    }

    fn button(&self, pos: Pos2, button: egui::PointerButton, pressed: bool) {
        let modifiers = egui::Modifiers::NONE;
        self.harness.event(egui::Event::PointerButton { pos, button, pressed, modifiers });
    }

    /// Moves the pointer along, with the button down.
    fn stroke(&mut self, places: &[Pos2]) {
        self.harness.hover_at(places[0]);
        self.harness.step();
        self.harness.drag_at(places[0]);
        self.harness.step();
        for place in places {
            self.harness.hover_at(*place);
            self.harness.step();
        }
        self.harness.drop_at(places[places.len() - 1]);
        self.harness.run();
    }

    /// Lets columns of a sound arrive: partials that glide up.
    fn play(&mut self, columns: u8) {
        for i in 0..columns {
            let mut column =
                Column { bands: 40, input: [1e-4; MAX_BANDS], gains: [1.0; MAX_BANDS] };
            for (k, input) in column.input.iter_mut().enumerate().take(40) {
                let place = u8::try_from((k + 40 - usize::from(i / 8)) % 10).expect("small");
                *input = 10.0_f32.powf(-0.4 - 0.3 * f32::from(place));
                column.gains[k] = erbium::params::linear_gain(self.gain_db(k));
            }
            self.monitor.push_column(column);
            self.monitor.push_peaks(0.5, 0.4);
            self.play_piece();
            if i % 20 == 19 {
                self.keep_up();
            }
        }
    }

    /// Lets a piece of sound arrive: noise that is half as loud after the gains.
    fn play_piece(&mut self) {
        let mut noise = [0.0; PIECE_SAMPLES];
        for sample in &mut noise {
            self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *sample = f32::from(self.seed.to_be_bytes()[0]) / 512.0 - 0.25;
        }
        let half = noise.map(|sample| 0.5 * sample);
        self.monitor.feed().push(Piece {
            sample_rate_hz: 48_000.0,
            start: self.played,
            channels: 1,
            pre: [noise; FEED_CHANNELS],
            post: [half; FEED_CHANNELS],
        });
        self.played += noise.len() as u64;
    }

    /// Draws a frame and waits until the spectrogram's thread has heard all that was played.
    fn keep_up(&mut self) {
        self.harness.step();
        while !self.monitor.feed().is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    fn picture(&mut self, name: &str) -> Picture {
        self.harness.run();
        let image = self.harness.render().expect("renders");
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
        image.save(&path).expect("can be saved");
        let width = usize::try_from(image.width()).expect("fits");
        Picture { width, pixels: image.pixels().map(|pixel| pixel.0).collect() }
    }
}

struct Picture {
    width: usize,
    pixels: Vec<[u8; 4]>,
}

impl Picture {
    fn within(&self, rect: Rect) -> impl Iterator<Item = [u8; 4]> + '_ {
        let inside = move |i: usize| {
            let coordinate = |i: usize| f32::from(u16::try_from(i).expect("small"));
            rect.contains(pos2(coordinate(i % self.width), coordinate(i / self.width)))
        };
        self.pixels.iter().enumerate().filter(move |(i, _)| inside(*i)).map(|(_, pixel)| *pixel)
    }

    /// How many pixels within `rect` have nearly this colour.
    fn count(&self, rect: Rect, color: Color32) -> usize {
        let near = |pixel: [u8; 4]| {
            (0..3).all(|channel| pixel[channel].abs_diff(color.to_array()[channel]) < 24)
        };
        self.within(rect).filter(|pixel| near(*pixel)).count()
    }

    /// How many different colours there are within `rect`.
    fn colors(&self, rect: Rect) -> usize {
        self.within(rect).collect::<std::collections::BTreeSet<_>>().len()
    }
}

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
    click(&mut stage, "Turn band off");
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
fn the_scale_is_chosen_from_its_list() {
    let mut stage = Stage::new(700.0, 450.0);
    stage.harness.get_by_role_and_label(Role::ComboBox, "Scale").click();
    stage.harness.run();
    stage.harness.get_by_label("Bark").click();
    stage.harness.run();
    assert_eq!(stage.params.scale.value(), ScaleChoice::Bark);
    assert_eq!(stage.host.take(), ["begin scale", "set scale", "end scale"]);
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

#[test]
fn switches_switch() {
    let mut stage = Stage::new(700.0, 450.0);
    for name in ["Bypass", "Delta"] {
        stage.harness.get_by_label(name).click();
        stage.harness.run();
    }
    assert!(stage.params.bypass.value() && stage.params.delta.value());
    let expected =
        ["begin bypass", "set bypass", "end bypass", "begin delta", "set delta", "end delta"];
    assert_eq!(stage.host.take(), expected);
}

#[test]
fn the_mix_is_dragged_in_one_gesture() {
    let mut stage = Stage::new(700.0, 450.0);
    let from = stage.harness.get_by_label("Mix").rect().center();
    stage.stroke(&[from, from - vec2(20.0, 0.0), from - vec2(60.0, 0.0)]);
    assert!((0.6..0.85).contains(&stage.params.mix.value()), "{}", stage.params.mix.value());
    let told = stage.host.take();
    assert_eq!(told.first().map(String::as_str), Some("begin mix"));
    assert_eq!(told.last().map(String::as_str), Some("end mix"));
    assert_eq!(told.iter().filter(|what| !what.starts_with("set")).count(), 2, "{told:?}");
}

#[test]
fn the_report_says_what_the_bank_says() {
    let stage = Stage::new(700.0, 450.0);
    let bank = bank();
    let report = bank.report();
    let latency = format!("Latency: 21.0 ms · {} samples", report.latency_samples);
    stage.harness.get_by_label(&latency);
    let alias = format!("Worst alias: −{:.0} dB", -report.worst_alias_db());
    stage.harness.get_by_label(&alias);
}

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
fn a_look_wears_off() {
    let mut stage = Stage::new(700.0, 450.0);
    stage.harness.step();
    let column = Column { bands: 40, input: [0.0; MAX_BANDS], gains: [1.0; MAX_BANDS] };
    (0..499).for_each(|_| stage.monitor.push_column(column));
    assert!(stage.monitor.watched());
    stage.monitor.push_column(column);
    assert!(!stage.monitor.watched(), "no frame for 5 s");
    stage.harness.step();
    assert!(stage.monitor.watched());
    drop(stage.harness);
    assert!(!stage.monitor.watched(), "closed");
}

#[test]
fn parameters_follow_the_curve_to_another_number_of_bands() {
    let mut stage = Stage::empty(1100.0, 700.0);
    let mut chain = Chain::new(stage.params.curve.clone(), stage.monitor.clone());
    let mode = Mode { waits: true, changes_latency: true };
    chain.prepare(&stage.params.settings(48_000.0), 1, mode).expect("the default bank exists");
    let mut seed = 1_u32;
    let mut noise = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from(seed.to_be_bytes()[0]) / 512.0 - 0.25
    };
    let mut play = |stage: &mut Stage, blocks: u8| {
        for _ in 0..blocks {
            let mut channel = [0.0; 960].map(|_: f32| noise());
            chain.process(&stage.params.settings(48_000.0), &mut [&mut channel]);
            stage.keep_up();
        }
    };
    play(&mut stage, 4);
    let places = [stage.place(10, 12.0), stage.place(22, 12.0)];
    stage.stroke(&places);
    play(&mut stage, 40);
    let drawn: Vec<f32> = (0..40).map(|band| stage.gain_db(band)).collect();
    assert!(stage.host.take().len() >= 3 * 13, "painted");

    let setter = ParamSetter { raw_context: &*stage.host };
    setter.set_parameter(&stage.params.bands, 24);
    play(&mut stage, 40);
    let told = stage.host.take();
    for band in 0..24 {
        let (parameter_db, curve_db) = (stage.gain_db(band), stage.params.curve.gain_db(band));
        assert!((parameter_db - curve_db).abs() < 1e-3, "{band}: {parameter_db}, {curve_db}");
    }
    assert!(stage.gain_db(10) > 11.0 && stage.gain_db(20).abs() < 1e-3, "the curve is kept");
    let count = |what| told.iter().filter(|told| told.starts_with(what)).count();
    let changed = (0..24).filter(|band| (stage.gain_db(*band) - drawn[*band]).abs() > 1e-3).count();
    assert!(
        changed > 3 && count("begin gain") == changed && count("end gain") == changed,
        "{told:?}"
    );
    play(&mut stage, 40);
    assert_eq!(stage.host.take(), <[String; 0]>::default(), "and that is the end of it");

    let picture = stage.picture("noise");
    let spectrogram = stage.harness.get_by_label("Spectrogram").rect();
    assert!(picture.count(stage.bands(), theme::LEVEL_OUTPUT) > 500, "levels of the real chain");
    assert!(picture.colors(spectrogram) > 200, "{}", picture.colors(spectrogram));
}

/// The picture in the readme: the demo's recording and preset in the real chain.
#[test]
fn a_recording_fills_the_window() {
    let mut stage = Stage::empty(1100.0, 700.0);
    let mut chain = Chain::new(stage.params.curve.clone(), stage.monitor.clone());
    let mode = Mode { waits: true, changes_latency: true };
    chain.prepare(&stage.params.settings(48_000.0), 2, mode).expect("the default bank exists");
    let preset = Preset::from_json(include_str!("../presets/presence.json")).expect("a preset");
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
    assert!(picture.count(stage.bands(), theme::LEVEL_OUTPUT) > 500, "levels");
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
            let curve = |db| picture.count(around(at(db)), theme::ACHIEVED);
            let db = achieved.db_at(hz);
            assert!(curve(db) > 0 && curve(db + 9.0) == 0, "{name}: {db} dB after band {band}");
        }
        let around = |band, gain_db| around(stage.place(band, gain_db));
        assert!(picture.count(around(12, 8.0), theme::ASKED) > 0, "{name}: a handle is at +8 dB");
        assert!(picture.count(around(12, -8.0), theme::ASKED) == 0, "{name}");
        assert!(picture.count(stage.bands(), theme::LEVEL_OUTPUT) > 500, "{name}: levels");
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
