//! Engines to measure: banks, gains and sound.

use crate::cast::real;
use crate::clock;
use crate::signal::{RATE_HZ, WARMING, noise};
use erbium_dsp::stream::{AtRest, Engine, EngineOptions, Offline};
use erbium_dsp::{Bank, BankSpec, Kind, Sizing};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// The default bank of each kind: ERB scale, 40 bands, standard quality, 48 kHz; ISAC 21 ms,
/// gammatone 8 ms.
pub static DEFAULTS: LazyLock<[(&str, Arc<Bank>); 2]> =
    LazyLock::new(|| default_specs().map(|(name, spec)| (name, design(&spec))));

/// What [`DEFAULTS`] are designed from.
pub fn default_specs() -> [(&'static str, BankSpec); 2] {
    [("ISAC 21 ms", BankSpec::default()), ("gammatone 8 ms", gammatone())]
}

/// The default bank of the kind gammatone.
pub fn gammatone() -> BankSpec {
    let sizing = Sizing::Latency { ms: 8.0 };
    BankSpec { kind: Kind::Gammatone, sizing, sample_rate_hz: RATE_HZ, ..BankSpec::default() }
}

/// A bank that exists.
pub fn design(spec: &BankSpec) -> Arc<Bank> {
    let design = Bank::design(spec);
    Arc::new(design.unwrap_or_else(|error| panic!("{spec:?}: {error}")))
}

/// Linear gains with no band at unity, as unequal as a drawn curve.
pub fn active(bands: usize) -> Vec<f32> {
    (0..bands).map(|k| if k % 3 == 0 { 0.6 } else { 1.7 }).collect()
}

/// An engine on its way through a sound that never ends.
pub struct Player {
    pub engine: Engine,
    sound: Vec<f32>,
    from: usize,
    block: Vec<Vec<f32>>,
}

impl Player {
    /// Plays with these linear gains at once; the sound repeats.
    pub fn new(
        bank: &Arc<Bank>,
        channels: usize,
        gains: &[f32],
        sound: Vec<f32>,
        at_rest: AtRest,
    ) -> Self {
        let options = EngineOptions { at_rest, ..EngineOptions::default() };
        let mut engine = Engine::with_options(bank.clone(), channels, options);
        engine.set_gains(gains);
        engine.jump_to_gains();
        Self { engine, sound, from: 0, block: vec![Vec::new(); channels] }
    }

    /// No band at unity, all streamed, noise.
    pub fn active(bank: &Arc<Bank>, channels: usize) -> Self {
        Self::new(bank, channels, &active(bank.bands()), noise(1 << 16), AtRest::Streamed)
    }

    /// The same at rest, as one filter.
    pub fn resting(bank: &Arc<Bank>, channels: usize) -> Self {
        Self::new(bank, channels, &active(bank.bands()), noise(1 << 16), AtRest::Held)
    }

    /// Every band at unity, noise.
    pub fn flat(bank: &Arc<Bank>, channels: usize) -> Self {
        Self::new(bank, channels, &vec![1.0; bank.bands()], noise(1 << 16), AtRest::Either)
    }

    /// Makes the next block ready, which is no work of the engine's.
    pub fn load(&mut self, samples: usize) {
        if self.from + samples > self.sound.len() {
            self.from = 0;
        }
        for (channel, plane) in self.block.iter_mut().enumerate() {
            // Other channels hear another part of it.
            let from = (self.from + 4099 * channel) % (self.sound.len() - samples + 1);
            plane.clear();
            plane.extend_from_slice(&self.sound[from..from + samples]);
        }
        self.from += samples;
    }

    /// Plays the block made ready.
    pub fn play(&mut self) {
        if let [left, right] = self.block.as_mut_slice() {
            self.engine.process(&mut [left, right]);
        } else {
            let mut channels: Vec<_> = self.block.iter_mut().map(Vec::as_mut_slice).collect();
            self.engine.process(&mut channels);
        }
    }

    /// Plays so many samples in blocks.
    pub fn roll(&mut self, samples: usize, block: usize) {
        for _ in 0..samples.div_ceil(block) {
            self.load(block);
            self.play();
        }
    }

    /// The processor time of so many samples in blocks, once the caches have its memory back from
    /// whoever took a turn before.
    pub fn run(&mut self, samples: usize, block: usize) -> Duration {
        self.roll(WARMING, block);
        let before = clock::own();
        self.roll(samples, block);
        clock::own() - before
    }
}

/// The same bank with a whole sound before it, worked off in frames.
pub struct Frames {
    offline: Offline,
    sound: [Vec<f32>; 2],
    change: [Vec<f32>; 2],
}

impl Frames {
    /// Samples of each channel.
    pub const SAMPLES: usize = 480_000;

    /// Two channels of noise, no band at unity.
    pub fn active(bank: &Arc<Bank>) -> Self {
        let mut offline = Offline::new(bank.clone(), 2).expect("the defaults fit in frames");
        offline.set_gains(&active(bank.bands()));
        let left = noise(Self::SAMPLES);
        let right = left.iter().rev().copied().collect();
        Self { offline, sound: [left, right], change: [(); 2].map(|()| vec![0.0; Self::SAMPLES]) }
    }

    /// The processor time of the whole sound.
    pub fn run(&mut self) -> Duration {
        let before = clock::own();
        let sound = self.sound.each_ref().map(Vec::as_slice);
        self.offline.process_change(&sound, &mut self.change.each_mut().map(Vec::as_mut_slice));
        clock::own() - before
    }
}

/// The least processor time of several turns of each contender, in seconds. They take turns, so that
/// what else the machine does disturbs all alike, and the least is disturbed least.
pub fn least_s(turns: usize, contenders: &mut [&mut dyn FnMut() -> Duration]) -> Vec<f64> {
    let mut least = vec![f64::INFINITY; contenders.len()];
    for _ in 0..turns {
        for (least, contender) in least.iter_mut().zip(contenders.iter_mut()) {
            *least = least.min(contender().as_secs_f64());
        }
    }
    least
}

/// A time per channel and sample as a share of one core, in percent.
pub fn percent(seconds: f64, samples: usize, channels: usize, rate_hz: f64) -> f64 {
    100.0 * seconds * rate_hz / (real(samples) * real(channels))
}
