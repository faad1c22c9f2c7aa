//! The spectrogram alone in a window of its own: a recording host, sound, a pointer.

use crate::host::Host;
use egui::{Pos2, Rect, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use erbium::editor::edit::controller::EditController;
use erbium::editor::edit::gesture::{self, Command, Gestures};
use erbium::editor::presets::Presets;
use erbium::editor::spectrogram::{Places, Spectrogram};
use erbium::editor::view::axes::FrequencyAxis;
use erbium::editor::view::footer::Footer;
use erbium::editor::view::model::Model;
use erbium::editor::view::theme;
use erbium::state::params::{ErbiumParams, MAX_BANDS};
use erbium::state::preferences::Preferences;
use erbium::telemetry::analyzer_queue::{ANALYZER_CHANNELS, AudioFrame, FRAME_SAMPLES};
use erbium::telemetry::{Column, Telemetry, TelemetrySender};
use erbium_dsp::{Bank, BankSpec};
use std::f64::consts::TAU;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// The default bank, designed once for all tests.
pub fn bank() -> Arc<Bank> {
    static BANK: OnceLock<Arc<Bank>> = OnceLock::new();
    let design = || Arc::new(Bank::design(&BankSpec::default()).expect("can be designed"));
    BANK.get_or_init(design).clone()
}

pub const RATE_HZ: f64 = 48_000.0;
pub const PLOT: Rect = Rect { min: pos2(44.0, 8.0), max: pos2(692.0, 258.0) };
pub const FOOTER: Rect = Rect { min: pos2(44.0, 268.0), max: pos2(696.0, 290.0) };
pub const MESSAGES: Rect = Rect { min: pos2(0.0, 300.0), max: pos2(700.0, 326.0) };

/// The spectrogram alone, with what it needs.
pub struct SpectrogramHarness {
    pub params: Arc<ErbiumParams>,
    pub telemetry: Arc<Telemetry>,
    /// The audio thread's end.
    pub sender: TelemetrySender,
    pub host: Arc<Host>,
    pub egui: Harness<'static>,
    /// Samples that have been played.
    pub played: u64,
}

impl SpectrogramHarness {
    pub fn new() -> Self {
        Self::saving_into(Path::new("nowhere"))
    }

    pub fn saving_into(folder: &Path) -> Self {
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
    pub fn play(&mut self, seconds: f64, sound: impl Fn(f64) -> (f64, f64)) {
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
    pub fn keep_up(&mut self) {
        self.egui.step();
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.telemetry.analyzer_queue().is_empty() {
            assert!(Instant::now() < deadline, "the spectrogram's thread does not keep up");
            std::thread::sleep(Duration::from_millis(1));
        }
        // The last piece is out of the queue before its columns are ready.
        std::thread::sleep(Duration::from_millis(20));
    }

    pub fn place(&self, hz: f64, down: f32) -> Pos2 {
        let axis = FrequencyAxis::of(&bank());
        pos2(axis.x(hz, PLOT.x_range()), egui::lerp(PLOT.y_range(), down))
    }

    /// What the cursor reads at a frequency and a part of the way down.
    pub fn read(&mut self, hz: f64, down: f32) -> String {
        let place = self.place(hz, down);
        self.egui.hover_at(place);
        self.egui.step();
        self.egui.step();
        let node = self.egui.get_by_label("Spectrogram");
        node.accesskit_node().value().expect("a read-out")
    }

    /// The first level or difference of a read-out in dB.
    pub fn db(&mut self, hz: f64, down: f32) -> f64 {
        let text = self.read(hz, down);
        let (before, _) = text.split_once(" dB").unwrap_or_else(|| panic!("no level in {text}"));
        let number = before.split(' ').next_back().expect("a number").replace('−', "-");
        number.parse().unwrap_or_else(|_| panic!("no level in {text}"))
    }

    pub fn choose(&mut self, list: &str, choice: &str) {
        self.egui.get_by_label(list).click();
        self.egui.run();
        self.egui.get_by_label(choice).click();
        self.egui.run();
    }

    pub fn wheel(&mut self, place: Pos2, notches: f32) {
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

    pub fn freeze(&mut self) {
        self.egui.get_by_label("Freeze").click();
        self.egui.run();
    }

    pub fn drag(&mut self, from: Pos2, to: Pos2) {
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
    pub fn pixels(&mut self) -> Vec<[u8; 4]> {
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
pub fn tone(time_s: f64) -> (f64, f64) {
    let sample = 0.5 * (TAU * 1_000.0 * time_s).sin();
    (sample, 0.501_187 * sample)
}

/// A chirp from 200 Hz to 6.4 kHz in a second, a click every half, and a little noise of no seed.
pub fn scene(time_s: f64) -> (f64, f64) {
    let part = time_s.fract();
    let octaves = 5.0;
    let phase = 200.0 * ((octaves * part).exp2() - 1.0) / (octaves * std::f64::consts::LN_2);
    let hiss = (12_345.678 * (time_s * RATE_HZ).round()).sin() * 43_758.545_3;
    let click = if (part * RATE_HZ).round() % 24_000.0 == 12_000.0 { 0.9 } else { 0.0 };
    let sample = 0.2 * (TAU * phase).sin() + 1e-3 * (hiss.fract() - 0.5) + click;
    (sample, if part < 0.5 { 2.0 * sample } else { 0.5 * sample })
}
