//! A window with the audio thread's chain behind it.

use crate::harness::EditorHarness;
use erbium::Erbium;
use erbium::audio::{Mode, Processor};
use erbium_dsp::BankSpec;
use nice_plug::prelude::{Params, Plugin, PluginState};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The audio thread of an instance, to which noise is played.
pub struct Player {
    processor: Processor,
    rate_hz: f64,
    seed: u32,
}

impl Player {
    /// The audio thread of the instance behind this window.
    pub fn new(harness: &EditorHarness, rate_hz: f64) -> Self {
        Self::of(harness, rate_hz, true)
    }

    /// One that plays on while a bank is designed, as a host does that plays to a person.
    pub fn in_real_time(harness: &EditorHarness, rate_hz: f64) -> Self {
        Self::of(harness, rate_hz, false)
    }

    fn of(harness: &EditorHarness, rate_hz: f64, waits: bool) -> Self {
        let params = &harness.params;
        let mut processor = Processor::new(params.curve.clone(), harness.telemetry.clone());
        let mode = Mode { waits, changes_latency: true };
        processor.take_loaded();
        processor.prepare(&params.settings(rate_hz), 1, mode).expect("there is such a bank");
        Self { processor, rate_hz, seed: 1 }
    }

    /// Plays some blocks of 20 ms, as while no window is open.
    pub fn play_closed(&mut self, harness: &EditorHarness, blocks: u8) {
        for _ in 0..blocks {
            let mut channel = [0.0; 960].map(|_: f32| {
                self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                f32::from(self.seed.to_be_bytes()[0]) / 512.0 - 0.25
            });
            self.processor.take_loaded();
            let settings = harness.params.settings(self.rate_hz);
            self.processor.process(&settings, &mut [&mut channel]);
        }
    }

    /// Plays some blocks of 20 ms, with a frame after each.
    pub fn play(&mut self, harness: &mut EditorHarness, blocks: u8) {
        for _ in 0..blocks {
            self.play_closed(harness, 1);
            harness.keep_up();
        }
    }
}

/// A window with the audio thread behind it.
pub fn live() -> (EditorHarness, Player) {
    let mut harness = EditorHarness::empty(1100.0, 700.0);
    harness.egui.run();
    // The picture is not what these tests are about.
    harness.click("Freeze");
    let player = Player::new(&harness, 48_000.0);
    (harness, player)
}

/// What plays: the bank, and the drawn gains in force, on a thousandth of a dB.
pub fn playing(harness: &EditorHarness) -> (BankSpec, Vec<f32>) {
    // The window learns of a bank from the thread that designed it, soon after it plays.
    let deadline = Instant::now() + Duration::from_secs(60);
    let bank = loop {
        let bank = harness.telemetry.bank().expect("plays");
        if *bank.spec() == harness.params.bank_spec(bank.spec().sample_rate_hz) {
            break bank;
        }
        assert!(Instant::now() < deadline, "the requested bank never came");
        std::thread::sleep(Duration::from_millis(1));
    };
    let gain_db = |k| (harness.params.curve.gain_db(k) * 1000.0).round() / 1000.0;
    (*bank.spec(), (0..bank.bands()).map(gain_db).collect())
}

/// Makes another instance load the state of this one, as a host does: parameters first.
pub fn load_state(from: &EditorHarness, to: &EditorHarness) {
    let params = from.params.param_map();
    // SAFETY: the parameters live as long as the harness.
    let values = params.iter().map(|(_, param, _)| unsafe { param.unmodulated_normalized_value() });
    for ((_, param, _), value) in to.params.param_map().into_iter().zip(values) {
        // SAFETY: as above.
        unsafe { param._internal_set_normalized_value(value) };
    }
    let fields = from.params.serialize_fields();
    let mut state = PluginState { version: String::new(), params: BTreeMap::new(), fields };
    Erbium::filter_state(&mut state);
    to.params.deserialize_fields(&state.fields);
}

/// Another instance, in a window of its own, that has loaded this one's state.
pub fn reopened(harness: &EditorHarness) -> (EditorHarness, Player) {
    let (mut other, mut player) = live();
    player.play(&mut other, 4);
    load_state(harness, &other);
    player.play(&mut other, 40);
    (other, player)
}
