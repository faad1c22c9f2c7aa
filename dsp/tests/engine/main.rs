//! What the engine promises, a file for each sort of promise. What plays is tried with the best vector
//! instructions and with none; what depends on their width with emulated ones, too, which take their time.

mod channels;
mod dynamics;
mod exactness;
mod gains;
mod held;
mod levels;
mod minimum_phase;
mod responses;
mod subnormal;
mod work;

use erbium_dsp::stream::{AtRest, Engine, EngineOptions, Vectors};
use erbium_dsp::{Bank, BankSpec, Kind, Scale, Sizing, UserKernels};
use num_complex::Complex;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::f64::consts::TAU;
use std::sync::{Arc, LazyLock};

/// The default bank of each kind.
static BANKS: LazyLock<[Arc<Bank>; 2]> = LazyLock::new(|| {
    let gammatone = BankSpec {
        kind: Kind::Gammatone,
        sizing: Sizing::Latency { ms: 8.0 },
        ..BankSpec::default()
    };
    [BankSpec::default(), gammatone]
        .map(|spec| Arc::new(Bank::design(&spec).expect("the defaults design")))
});

/// A bank of given kernels, at every fourth sample.
fn given() -> Bank {
    let tap = |k: u32, n: u32| {
        let window = (TAU * (f64::from(n) + 0.5) / 256.0).sin().powi(2);
        Complex::cis(TAU * (f64::from(k) + 0.5) * f64::from(n) / 64.0) * window
    };
    let rows: Vec<Vec<_>> = (0..32).map(|k| (0..128).map(|n| tap(k, n)).collect()).collect();
    let kernels = UserKernels::new(rows, &[4], None).expect("valid");
    Bank::of_kernels(&kernels, Scale::Erb, 48_000.0, &|| false).expect("a frame")
}

fn noise(samples: usize, seed: u64) -> Vec<f32> {
    let mut random = StdRng::seed_from_u64(seed);
    (0..samples).map(|_| random.random_range(-1.0..1.0)).collect()
}

/// A full-scale sinusoid at 48 kHz.
#[expect(clippy::cast_possible_truncation)]
fn sinusoid(hz: f64, samples: u32) -> Vec<f32> {
    let radians = TAU * hz / 48_000.0;
    (0..samples).map(|n| (radians * f64::from(n)).sin() as f32).collect()
}

fn random_gains(bands: usize, seed: u64) -> Vec<f32> {
    let mut random = StdRng::seed_from_u64(seed);
    (0..bands).map(|_| 10.0_f32.powf(random.random_range(-0.6..0.6))).collect()
}

fn bits(sound: &[f32]) -> Vec<u32> {
    sound.iter().map(|sample| sample.to_bits()).collect()
}

fn power(sound: &[f32]) -> f64 {
    sound.iter().map(|&sample| f64::from(sample).powi(2)).sum()
}

fn db(ratio: f64) -> f64 {
    10.0 * ratio.max(1e-40).log10()
}

/// A bank, and how it is played.
#[derive(Clone, Copy)]
struct Player<'a> {
    bank: &'a Arc<Bank>,
    options: EngineOptions,
}

impl<'a> Player<'a> {
    fn new(bank: &'a Arc<Bank>, vectors: Vectors, at_rest: AtRest) -> Self {
        Self { bank, options: EngineOptions { vectors, at_rest } }
    }

    fn engine(self, channels: usize) -> Engine {
        Engine::with_options(self.bank.clone(), channels, self.options)
    }
}

impl std::fmt::Debug for Player<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}, {:?}", self.bank.spec().kind, self.options)
    }
}

/// Each bank with the best vector instructions and with none, streamed and as one filter wherever gains rest.
fn players() -> impl Iterator<Item = Player<'static>> {
    let vectors = [Vectors::new(), Vectors::Scalar];
    players_of(vectors, [AtRest::Streamed, AtRest::Held])
}

/// Each bank with all vector instructions, both ways in turn.
fn players_of_all_widths() -> impl Iterator<Item = Player<'static>> {
    players_of(Vectors::all(), [AtRest::Streamed, AtRest::Either])
}

fn players_of(
    vectors: impl IntoIterator<Item = Vectors> + Clone,
    paths: impl IntoIterator<Item = AtRest> + Clone,
) -> impl Iterator<Item = Player<'static>> {
    BANKS.iter().flat_map(move |bank| {
        let paths = paths.clone();
        vectors.clone().into_iter().flat_map(move |vectors| {
            paths.clone().into_iter().map(move |at_rest| Player::new(bank, vectors, at_rest))
        })
    })
}

/// The steady output of a bank at these gains.
fn equalised(player: Player, gains: &[f32], input: &[f32]) -> Vec<f32> {
    let mut engine = player.engine(1);
    engine.set_gains(gains);
    engine.jump_to_gains();
    let mut sound = input.to_vec();
    engine.process(&mut [&mut sound]);
    sound
}
