//! A window of the editor's own, without a screen: a recording host, a pointer, pictures.

use crate::host::Host;
use egui::accesskit::Role;
use egui::{Color32, Modifiers, Pos2, Rect, Shape, Vec2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use erbium::editor::EditorApp;
use erbium::editor::edit::controller::EditController;
use erbium::editor::view::axes;
use erbium::state::param::setting::Setting;
use erbium::state::params::{ErbiumParams, MAX_BANDS};
use erbium::state::preferences::Preferences;
use erbium::state::user_settings::UserSettings;
use erbium::telemetry::analyzer_queue::{ANALYZER_CHANNELS, AudioFrame, FRAME_SAMPLES};
use erbium::telemetry::{Column, Telemetry, TelemetrySender};
use erbium_dsp::{Bank, BankSpec};
use nice_plug::context::gui::GuiContext;
use nice_plug::prelude::Params;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};

/// An editor in a window of its own.
pub struct EditorHarness {
    pub params: Arc<ErbiumParams>,
    pub telemetry: Arc<Telemetry>,
    /// The audio thread's end.
    pub sender: TelemetrySender,
    pub host: Arc<Host>,
    pub egui: Harness<'static>,
    /// The steps of all windows of the instance.
    controller: Arc<Mutex<EditController>>,
    /// The user's own folder.
    pub own: tempfile::TempDir,
    /// What the next window finds around it.
    pub surroundings: Surroundings,
    /// For noise.
    seed: u32,
    /// Samples of sound that have arrived.
    played: u64,
}

/// The default bank, designed once for all tests.
pub fn bank() -> Arc<Bank> {
    static BANK: OnceLock<Arc<Bank>> = OnceLock::new();
    let design = || Arc::new(Bank::design(&BankSpec::default()).expect("can be designed"));
    BANK.get_or_init(design).clone()
}

/// Leaves a file of settings as a person has one who has used a window before.
fn have_used_a_window(own: &Path) {
    let settings = UserSettings::in_folder(own.join("Settings"));
    settings.set_hint_seen();
}

/// What a window finds around it.
#[derive(Clone, Copy)]
pub struct Surroundings {
    /// Says why there is no sound.
    pub missing_audio: fn() -> Option<String>,
    /// The clipboard's text.
    pub clipboard: fn() -> Result<String, String>,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self { missing_audio: || None, clipboard: || Err("the clipboard is empty".to_owned()) }
    }
}

/// What all windows of an instance share.
type Instance<'a> =
    (&'a Arc<ErbiumParams>, &'a Arc<Telemetry>, &'a Arc<Host>, &'a Arc<Mutex<EditController>>);

/// A window of an instance, which saves into the one folder and offers the banks of the other.
fn window(
    (params, telemetry, host, controller): Instance<'_>,
    (own, banks): (PathBuf, PathBuf),
    surroundings: Surroundings,
    size: Vec2,
) -> Harness<'static> {
    let shown = Arc::new(AtomicBool::new(true));
    let host = host.clone();
    let mut app = EditorApp::new(params.clone(), telemetry.clone(), shown)
        .with_controller(controller.clone())
        .with_host(GuiContext::new(host.clone()))
        .saving_into(own)
        .asking_for_audio(surroundings.missing_audio)
        .pasting(surroundings.clipboard)
        .with_banks_of(banks);
    Harness::builder()
        .with_size(size)
        .with_step_dt(0.02)
        .with_max_steps(24)
        .wgpu()
        .build_ui(move |ui| app.frame(ui, &host.setter()))
}

impl EditorHarness {
    pub fn empty(width: f32, height: f32) -> Self {
        // No file of whoever runs the tests is offered.
        Self::with_banks_of(PathBuf::new(), width, height)
    }

    pub fn with_banks_of(folder: PathBuf, width: f32, height: f32) -> Self {
        let params = Arc::<ErbiumParams>::default();
        let telemetry = Arc::<Telemetry>::default();
        let host = Arc::new(Host::new(params.clone()));
        let own = tempfile::Builder::new().prefix("erbium-").tempdir().expect("a folder");
        have_used_a_window(own.path());
        let controller = Arc::default();
        let instance = (&params, &telemetry, &host, &controller);
        let folders = (own.path().to_owned(), folder);
        let surroundings = Surroundings::default();
        let egui = window(instance, folders, surroundings, vec2(width, height));
        let sender = telemetry.sender();
        Self {
            params,
            telemetry,
            sender,
            host,
            egui,
            controller,
            own,
            surroundings,
            seed: 1,
            played: 0,
        }
    }

    /// Closes the window.
    pub fn close_window(&mut self) {
        drop(std::mem::replace(&mut self.egui, Harness::new_ui(|_| ())));
    }

    fn open_window(&mut self, size: Vec2) {
        let instance = (&self.params, &self.telemetry, &self.host, &self.controller);
        let folders = (self.own.path().to_owned(), PathBuf::new());
        self.egui = window(instance, folders, self.surroundings, size);
    }

    /// Closes the window, and opens another of the same instance.
    pub fn reopen(&mut self) {
        let size = self.egui.ctx.content_rect().size();
        // A host closes the one before it opens the other.
        self.close_window();
        self.open_window(size);
        self.egui.run();
    }

    /// The first window that a person ever opens.
    pub fn first(width: f32, height: f32) -> Self {
        let mut harness = Self::empty(width, height);
        let settings = harness.own.path().join("Settings");
        harness.close_window();
        std::fs::remove_dir_all(settings).expect("there");
        harness.open_window(vec2(width, height));
        harness.telemetry.set_bank(bank());
        harness.egui.run();
        harness
    }

    pub fn new(width: f32, height: f32) -> Self {
        let mut harness = Self::empty(width, height);
        harness.telemetry.set_bank(bank());
        harness.egui.run();
        harness
    }

    /// Looks and lays out like this from now on.
    pub fn prefer(&mut self, preferences: Preferences) {
        *self.params.editor_preferences.lock().expect("not poisoned") = preferences;
        self.egui.run();
    }

    pub fn bands(&self) -> Rect {
        self.egui.get_by_label("Band gains").rect()
    }

    /// Where the pointer has to be for a band and a gain.
    pub fn place(&self, band: usize, gain_db: f32) -> Pos2 {
        let plot = self.bands();
        let axis = axes::FrequencyAxis::of(&bank());
        let x = axis.x(bank().centres_hz()[band], plot.x_range());
        pos2(x, axes::GainAxis::default().y(gain_db, plot.y_range()))
    }

    /// Where the pointer has to be for a frequency and a gain, on the axis of the bank in use.
    pub fn place_at(&self, hz: f64, gain_db: f32) -> Pos2 {
        let plot = self.bands();
        let bank = self.telemetry.bank().expect("a bank");
        let x = axes::FrequencyAxis::of(&bank).x(hz, plot.x_range());
        pos2(x, axes::GainAxis::default().y(gain_db, plot.y_range()))
    }

    /// Sets a parameter as a host does, from text.
    pub fn set(&self, id: &str, value: &str) {
        let setting = Setting::new(id, value).expect("possible");
        let (_, param, _) = self
            .params
            .param_map()
            .into_iter()
            .find(|(known, ..)| known == id)
            .expect("a parameter of the plugin");
        // SAFETY: the parameters live as long as the harness.
        unsafe { param._internal_set_normalized_value(setting.normalized()) };
    }

    pub fn gain_db(&self, band: usize) -> f32 {
        self.params.band[band].gain_db.value()
    }

    /// Gains in dB on a hundredth, which a host's rounding does not reach.
    pub fn gains_db<const N: usize>(&self, bands: [usize; N]) -> [f32; N] {
        bands.map(|band| (self.gain_db(band) * 100.0).round() / 100.0)
    }

    pub fn set_gain_db(&self, band: usize, gain_db: f32) {
        self.host.setter().set_parameter(&self.params.band[band].gain_db, gain_db);
    }

    pub fn button(&self, pos: Pos2, button: egui::PointerButton, pressed: bool) {
        let modifiers = Modifiers::NONE;
        self.egui.event(egui::Event::PointerButton { pos, button, pressed, modifiers });
    }

    fn move_to(&mut self, place: Pos2, modifiers: Modifiers) {
        self.egui.event_modifiers(egui::Event::PointerMoved(place), modifiers);
        self.egui.step();
    }

    /// Presses or releases the button.
    pub fn primary(&mut self, pos: Pos2, pressed: bool, modifiers: Modifiers) {
        let button = egui::PointerButton::Primary;
        let event = egui::Event::PointerButton { pos, button, pressed, modifiers };
        self.egui.event_modifiers(event, modifiers);
        self.egui.step();
    }

    /// Moves the pointer to a place and presses the button there.
    pub fn press(&mut self, place: Pos2, modifiers: Modifiers) {
        self.move_to(place, modifiers);
        self.primary(place, true, modifiers);
    }

    /// Moves the pointer on.
    pub fn hover(&mut self, place: Pos2, modifiers: Modifiers) {
        self.move_to(place, modifiers);
        self.egui.step();
    }

    /// Releases the button.
    pub fn release(&mut self, place: Pos2, modifiers: Modifiers) {
        self.primary(place, false, modifiers);
        self.egui.run();
    }

    /// Draws one band to a place: a press there that moves a little and comes back.
    pub fn dab(&mut self, place: Pos2) {
        self.stroke(&[place, place + vec2(5.0, 0.0), place]);
    }

    /// The place of a control of the panel of the bank, which is opened if need be.
    pub fn in_bank_panel(&mut self, name: &str) -> Pos2 {
        if self.egui.query_by_label(name).is_none() {
            self.click("Bank");
        }
        self.egui.get_by_label(name).rect().center()
    }

    /// Clicks a control of a panel or menu, and closes it.
    pub fn pick(&mut self, opener: &str, name: &str) {
        self.click(opener);
        self.click(name);
        self.close();
    }

    /// Turns the wheel over the number of bands.
    pub fn turn_bands(&mut self, notches: f32) {
        let bands = self.in_bank_panel("Bands");
        self.wheel(bands, notches);
        self.close();
    }

    /// Closes an open panel or menu.
    pub fn close(&mut self) {
        self.egui.key_press(egui::Key::Escape);
        self.egui.run();
    }

    /// Moves the pointer along, with the button down.
    pub fn stroke(&mut self, places: &[Pos2]) {
        self.stroke_with(places, Modifiers::NONE);
    }

    /// Moves the pointer along, with the button and keys down.
    pub fn stroke_with(&mut self, places: &[Pos2], modifiers: Modifiers) {
        self.press(places[0], modifiers);
        for place in places {
            self.move_to(*place, modifiers);
        }
        self.release(places[places.len() - 1], modifiers);
    }

    /// Turns the wheel by some notches.
    pub fn wheel(&mut self, place: Pos2, notches: f32) {
        self.wheel_with(place, notches, Modifiers::NONE);
    }

    /// Turns the wheel by some notches, with keys down.
    pub fn wheel_with(&mut self, place: Pos2, notches: f32, modifiers: Modifiers) {
        self.move_to(place, modifiers);
        let event = egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Line,
            delta: vec2(0.0, notches),
            modifiers,
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
        };
        self.egui.event_modifiers(event, modifiers);
        self.egui.run_steps(3);
    }

    /// Waits until the gesture of the wheel has ended.
    pub fn end_wheel_gesture(&mut self) {
        self.egui.run_steps(30);
    }

    /// Clicks on what has this name.
    pub fn click(&mut self, name: &str) {
        self.egui.get_by_label(name).click();
        self.egui.run();
    }

    /// Opens the menu of a band.
    pub fn open_menu(&mut self, band: usize) {
        self.open_menu_at(self.place(band, 3.0));
    }

    /// Opens the menu of the band at a place.
    fn open_menu_at(&mut self, place: Pos2) {
        self.egui.hover_at(place);
        for pressed in [true, false] {
            self.button(place, egui::PointerButton::Secondary, pressed);
            self.egui.step();
        }
        self.egui.run();
    }

    /// Chooses from the menu of a band.
    pub fn menu(&mut self, band: usize, entry: &str) {
        self.open_menu(band);
        self.click(entry);
    }

    /// Chooses from the menu of the band at a place.
    pub fn menu_at(&mut self, place: Pos2, entry: &str) {
        self.open_menu_at(place);
        self.click(entry);
    }

    /// Lets columns of a sound arrive: partials that glide up.
    pub fn play(&mut self, columns: u8) {
        let targets: Vec<f32> =
            (0..40).map(|k| erbium::state::params::linear_gain(self.gain_db(k))).collect();
        let mut gains = [1.0; MAX_BANDS];
        bank().solve_gains(&targets, &mut gains[..40]);
        for i in 0..columns {
            let mut column = Column { bands: 40, input: [1e-4; MAX_BANDS], gains };
            for (k, input) in column.input.iter_mut().enumerate().take(40) {
                let place = u8::try_from((k + 40 - usize::from(i / 8)) % 10).expect("small");
                *input = 10.0_f32.powf(-0.4 - 0.3 * f32::from(place));
            }
            self.sender.push_column(column);
            self.play_piece();
            if i % 20 == 19 {
                self.keep_up();
            }
        }
    }

    /// Lets a piece of sound arrive: noise that is half as loud after the gains.
    fn play_piece(&mut self) {
        let mut noise = [0.0; FRAME_SAMPLES];
        for sample in &mut noise {
            self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *sample = f32::from(self.seed.to_be_bytes()[0]) / 512.0 - 0.25;
        }
        let half = noise.map(|sample| 0.5 * sample);
        let piece = AudioFrame {
            sample_rate_hz: 48_000.0,
            start: self.played,
            channels: 1,
            pre: [noise; ANALYZER_CHANNELS],
            post: [half; ANALYZER_CHANNELS],
        };
        self.sender.analyzer_queue.push(&piece);
        self.sender.loudness_queue.push(&piece);
        self.played += noise.len() as u64;
    }

    /// Draws a frame and waits until the spectrogram's thread has analysed all that was played.
    pub fn keep_up(&mut self) {
        self.egui.step();
        while !self.telemetry.analyzer_queue().is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    /// Every text on the screen.
    pub fn texts(&self) -> Vec<Text> {
        fn collect(shape: &Shape, clip: Rect, texts: &mut Vec<Text>) {
            match shape {
                Shape::Vec(shapes) => shapes.iter().for_each(|shape| collect(shape, clip, texts)),
                Shape::Text(shape) => {
                    let text = shape.galley.text().to_owned();
                    assert!(!shape.galley.elided, "{text:?} is cut short");
                    let place = shape.galley.rect.translate(shape.pos.to_vec2());
                    texts.push(Text { text, place, clip });
                }
                _ => {}
            }
        }
        let mut texts = Vec::new();
        for clipped in &self.egui.output().shapes {
            collect(&clipped.shape, clipped.clip_rect, &mut texts);
        }
        texts.retain(|text| !text.text.trim().is_empty());
        texts
    }

    /// The controls, bands aside: names and places.
    pub fn controls(&self) -> Vec<(String, Rect)> {
        let roles = [Role::Button, Role::CheckBox, Role::ComboBox, Role::Slider];
        let all = self.egui.root().children_recursive();
        all.filter(|node| roles.contains(&node.accesskit_node().role()))
            .map(|node| (node.accesskit_node().label().expect("has a name"), node.rect()))
            .filter(|(name, _)| !name.starts_with("Gain of band"))
            .collect()
    }

    /// Saves a picture once everything rests.
    pub fn picture(&mut self, name: &str) -> Picture {
        self.egui.run();
        self.picture_now(name)
    }

    /// Saves a picture of the last frame.
    pub fn picture_now(&mut self, name: &str) -> Picture {
        let image = self.egui.render().expect("renders");
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
        image.save(&path).expect("can be saved");
        let width = usize::try_from(image.width()).expect("fits");
        Picture { width, pixels: image.pixels().map(|pixel| pixel.0).collect() }
    }
}

/// A text on the screen.
#[derive(Debug)]
pub struct Text {
    pub text: String,
    pub place: Rect,
    /// The part of the window it is drawn in.
    pub clip: Rect,
}

/// Fails where one text covers another.
pub fn assert_apart(texts: &[Text], at: &str) {
    for (i, one) in texts.iter().enumerate() {
        for other in &texts[i + 1..] {
            let shared = one.place.shrink(1.0).intersect(other.place.shrink(1.0));
            assert!(!shared.is_positive(), "{at}: {:?} covers {:?}", one.text, other.text);
        }
    }
}

pub struct Picture {
    width: usize,
    pub pixels: Vec<[u8; 4]>,
}

impl Picture {
    pub fn within(&self, rect: Rect) -> impl Iterator<Item = [u8; 4]> + '_ {
        let inside = move |i: usize| {
            let coordinate = |i: usize| f32::from(u16::try_from(i).expect("small"));
            rect.contains(pos2(coordinate(i % self.width), coordinate(i / self.width)))
        };
        self.pixels.iter().enumerate().filter(move |(i, _)| inside(*i)).map(|(_, pixel)| *pixel)
    }

    /// How many pixels within `rect` have nearly this colour.
    pub fn count(&self, rect: Rect, color: Color32) -> usize {
        let near = |pixel: [u8; 4]| {
            (0..3).all(|channel| pixel[channel].abs_diff(color.to_array()[channel]) < 24)
        };
        self.within(rect).filter(|pixel| near(*pixel)).count()
    }

    /// How many different colours there are within `rect`.
    pub fn colors(&self, rect: Rect) -> usize {
        self.within(rect).collect::<std::collections::BTreeSet<_>>().len()
    }
}
