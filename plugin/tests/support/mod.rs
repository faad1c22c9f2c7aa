//! A processor to play with, and sounds for it.
#![allow(dead_code, unused_imports, reason = "not every test uses everything")]

use erbium::audio::{Mode, Processor};
use erbium::state::curve::SharedCurve;
use erbium::state::params::{MAX_BANDS, Settings};
use erbium::telemetry::Telemetry;
use erbium_dsp::{BankSpec, Scale, Sizing};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// As a plugin that may change its latency while it plays.
pub const LIVE: Mode = Mode { waits: false, changes_latency: true };
/// As an offline render.
pub const OFFLINE: Mode = Mode { waits: true, changes_latency: true };
/// As a CLAP.
pub const CLAP: Mode = Mode { waits: false, changes_latency: false };

/// Block sizes of every sort: one sample, none, primes, longer than any host declares.
pub const BLOCK_SIZES: [usize; 9] = [1, 0, 7, 16_384, 509, 64, 1, 1021, 333];

/// A short latency keeps the tests short.
pub fn spec(bands: usize) -> BankSpec {
    BankSpec { bands, sizing: Sizing::Latency { ms: 8.0 }, ..BankSpec::default() }
}

/// A processor with what is shared with it.
pub struct Rig {
    pub curve: Arc<SharedCurve>,
    pub telemetry: Arc<Telemetry>,
    pub processor: Processor,
    pub settings: Settings,
    pub channels: usize,
}

impl Rig {
    /// Prepared for `settings`.
    pub fn new(settings: Settings, channels: usize, mode: Mode) -> Self {
        let curve = Arc::<SharedCurve>::default();
        let telemetry = Arc::<Telemetry>::default();
        let mut processor = Processor::new(curve.clone(), telemetry.clone());
        processor.prepare(&settings, channels, mode).expect("a valid bank");
        Self { curve, telemetry, processor, settings, channels }
    }

    /// Plays one block in place.
    pub fn block(&mut self, channels: &mut [Vec<f32>]) {
        let mut channels: Vec<&mut [f32]> = channels.iter_mut().map(Vec::as_mut_slice).collect();
        self.processor.process(&self.settings, &mut channels);
    }

    /// Plays `input` on every channel in blocks of `sizes`, over and over, and returns the first
    /// channel after checking that all are equal.
    pub fn play(&mut self, input: &[f32], sizes: &[usize]) -> Vec<f32> {
        let mut output = Vec::with_capacity(input.len());
        let mut sizes = sizes.iter().cycle();
        while output.len() < input.len() {
            let size = (*sizes.next().expect("cycles")).min(input.len() - output.len());
            let piece = input[output.len()..output.len() + size].to_vec();
            let mut channels = vec![piece; self.channels];
            self.block(&mut channels);
            assert!(channels.iter().all(|channel| same_bits(channel, &channels[0])));
            output.extend_from_slice(&channels[0]);
        }
        output
    }

    /// Plays an endless input, block by block, until the bank in play is `spec` and has faded in.
    pub fn play_until_settled(&mut self, input: &mut dyn FnMut() -> f32) -> Vec<f32> {
        let start = Instant::now();
        let mut output = Vec::new();
        let mut since_settled = 0;
        while since_settled < 8192 {
            let piece: Vec<f32> = (0..256).map(|_| input()).collect();
            output.extend(self.play(&piece, &[256]));
            std::thread::sleep(Duration::from_millis(1));
            let bank = self.telemetry.bank().expect("a bank");
            since_settled += if *bank.spec() == self.settings.spec { 256 } else { 0 };
            assert!(start.elapsed() < Duration::from_secs(60), "the bank never came");
        }
        output
    }
}

/// White noise between −1 and 1.
pub fn noise(samples: usize, seed: u64) -> Vec<f32> {
    let mut random = StdRng::seed_from_u64(seed);
    (0..samples).map(|_| random.random_range(-1.0..1.0)).collect()
}

/// A sinusoid at 48 kHz, without end.
pub fn sine(hz: f64, amplitude: f64) -> impl FnMut() -> f32 {
    let mut n = 0_u32;
    #[allow(clippy::cast_possible_truncation)]
    move || {
        let sample = amplitude * (std::f64::consts::TAU * hz * f64::from(n) / 48_000.0).sin();
        n += 1;
        sample as f32
    }
}

/// Gains that rise and fall over the bands.
pub fn wavy() -> [f32; MAX_BANDS] {
    std::array::from_fn(|k| [6.0, -9.0, 3.0, 12.0, -60.0, 0.0, -3.0][k % 7])
}

/// `input` delayed: zeros first.
pub fn delayed(input: &[f32], samples: usize) -> Vec<f32> {
    let zeros = std::iter::repeat_n(0.0, samples);
    zeros.chain(input.iter().copied()).take(input.len()).collect()
}

/// Equal down to the sign of zero.
pub fn same_bits(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

/// The largest second difference: what a click raises.
pub fn roughness(samples: &[f32]) -> f32 {
    samples.windows(3).fold(0.0, |most, s| most.max((s[0] - 2.0 * s[1] + s[2]).abs()))
}
