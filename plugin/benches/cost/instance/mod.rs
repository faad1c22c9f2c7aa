//! Sound to measure with: the demo recording through a chain with a curve.

pub mod editor;
pub mod memory;
pub mod offline;
pub mod start;

use crate::clock;
use crate::signal::{RATE_HZ, WARMING, noise};
use erbium::audio::{Mode, Processor};
use erbium::state::params::{ErbiumParams, Settings};
use erbium::telemetry::Telemetry;
use erbium_dsp::BankSpec;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// A stereo instance without a host.
pub struct Instance {
    pub params: Arc<ErbiumParams>,
    pub telemetry: Arc<Telemetry>,
    chain: Processor,
    recording: [Vec<f32>; 2],
    played: usize,
}

impl Instance {
    /// Plays the default bank with every other band off its rest.
    pub fn new() -> Self {
        let params = Arc::<ErbiumParams>::default();
        let telemetry = Arc::<Telemetry>::default();
        let mut chain = Processor::new(params.curve.clone(), telemetry.clone());
        let mode = Mode { waits: true, changes_latency: true };
        chain.prepare(&params.settings(RATE_HZ), 2, mode).expect("the default bank exists");
        Self { params, telemetry, chain, recording: recording(), played: 0 }
    }

    /// Plays a block of up to 4096 samples and says how long the thread worked for it.
    pub fn play(&mut self, samples: usize) -> Duration {
        let length = self.recording[0].len() - samples;
        let start = self.played % length;
        self.played += samples;
        let mut block = self.recording.each_ref().map(|side| side[start..start + samples].to_vec());
        let mut settings = self.params.settings(RATE_HZ);
        for gain_db in settings.gains_db.iter_mut().step_by(2) {
            *gain_db = 3.0;
        }
        let [left, right] = &mut block;
        let before = clock::own();
        self.chain.process(&settings, &mut [left, right]);
        clock::own() - before
    }
}

/// A stereo chain at work on a bank, fed by a host that does nothing but block after block.
pub struct Playing {
    pub telemetry: Arc<Telemetry>,
    chain: Processor,
    settings: Settings,
    from: usize,
}

/// What all of them play.
static NOISE: LazyLock<Vec<f32>> = LazyLock::new(|| noise(1 << 16));

impl Playing {
    /// Plays this bank with no band at rest, or flat.
    pub fn new(spec: &BankSpec, active: bool) -> Self {
        let telemetry = Arc::<Telemetry>::default();
        let mut settings = Settings::flat(*spec);
        if active {
            for (k, gain_db) in settings.gains_db.iter_mut().enumerate() {
                *gain_db = if k % 3 == 0 { -4.5 } else { 4.5 };
            }
        }
        let mut chain = Processor::new(Default::default(), telemetry.clone());
        let mode = Mode { waits: true, changes_latency: true };
        chain.prepare(&settings, 2, mode).expect("the bank exists");
        Self { telemetry, chain, settings, from: 0 }
    }

    /// The processor time of so many samples in blocks, as [`Player::run`](crate::engine::players::Player::run)
    /// takes it.
    pub fn run(&mut self, samples: usize, block: usize) -> Duration {
        self.roll(WARMING, block);
        let before = clock::own();
        self.roll(samples, block);
        clock::own() - before
    }

    fn roll(&mut self, samples: usize, block: usize) {
        let mut planes = [vec![0.0; block], vec![0.0; block]];
        for _ in 0..samples.div_ceil(block) {
            self.from = (self.from + block) % (NOISE.len() - block);
            for plane in &mut planes {
                plane.copy_from_slice(&NOISE[self.from..self.from + block]);
            }
            let [left, right] = &mut planes;
            self.chain.process(&self.settings, &mut [left, right]);
        }
    }
}

/// The demo recording.
fn recording() -> [Vec<f32>; 2] {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/demo.wav");
    let mut file = hound::WavReader::open(path).expect("the recording is there");
    let samples: Vec<f32> = file
        .samples::<i16>()
        .map(|sample| f32::from(sample.expect("a sample")) / 32_768.0)
        .collect();
    let side = |side| samples.iter().skip(side).step_by(2).copied().collect();
    [side(0), side(1)]
}
