//! The audio thread never allocates or frees, whatever bank plays, whatever is set and whoever watches.

mod support;

use assert_no_alloc::{AllocDisabler, assert_no_alloc, reset_violation_count, violation_count};
use erbium::state::bank_file::BankFile;
use erbium::state::curve::CurveState;
use erbium::state::params::{ErbiumParams, MAX_BANDS, Settings};
use erbium_dsp::{BankSpec, Kind, Quality, Scale, Sizing};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::path::Path;
use std::time::{Duration, Instant};
use support::*;

/// Counts, per thread, what is allocated or freed where it must not be.
#[global_allocator]
static GUARD: AllocDisabler = AllocDisabler;

/// Blocks played with each bank once it plays.
const TURNS: usize = 120;

#[test]
fn the_guard_sees_allocations() {
    reset_violation_count();
    assert_no_alloc(|| drop(std::hint::black_box(vec![0.0_f32; 16])));
    assert_eq!(violation_count(), 2, "one to allocate and one to free");
}

/// An instance whose every parameter moves, played under guard.
struct Driven {
    rig: Rig,
    random: StdRng,
    sound: Vec<f32>,
    block: [Vec<f32>; 2],
    turn: usize,
    columns: usize,
    frames: usize,
    /// Blocks of which a channel was missing.
    short: usize,
}

impl Driven {
    fn new(settings: Settings, channels: usize) -> Self {
        let sound = noise(2048, 15);
        Self {
            rig: Rig::new(settings, channels, LIVE),
            random: StdRng::seed_from_u64(14),
            block: [sound.clone(), sound.clone()],
            sound,
            turn: 0,
            columns: 0,
            frames: 0,
            short: 0,
        }
    }

    /// Moves everything but the bank.
    fn turn_knobs(&mut self) {
        let Self { rig, random, turn, .. } = self;
        if *turn % 40 == 7 {
            rig.curve.load(if *turn % 80 == 7 {
                &CurveState::PARAMETERS
            } else {
                &CurveState::FLAT
            });
        }
        rig.telemetry.set_editor_visible(*turn % 60 < 40);
        rig.telemetry.analyzer_queue().set_enabled(*turn % 50 < 35);
        rig.telemetry.loudness_queue().set_enabled(*turn % 70 < 35);
        rig.settings.gains_db[random.random_range(0..MAX_BANDS)] = random.random_range(-60.0..24.0);
        if *turn % 100 > 90 {
            rig.settings.gains_db = [0.0; MAX_BANDS];
        }
        rig.settings.output_db = random.random_range(-24.0..24.0);
        rig.settings.mix = random.random();
        rig.settings.bypass = *turn % 11 == 0;
        rig.settings.delta = *turn % 7 == 0;
        rig.settings.gain_match = *turn % 90 < 60;
        rig.telemetry.solo((*turn % 13 < 3).then_some(*turn % 70));
    }

    /// Plays a block, of which the last channel may be missing.
    fn play(&mut self) {
        self.turn_knobs();
        let Self { rig, random, sound, block, turn, .. } = self;
        let length = random.random_range(0..=sound.len()) >> (*turn % 6);
        block.iter_mut().for_each(|channel| channel[..length].copy_from_slice(&sound[..length]));
        let [left, right] = block.each_mut().map(|channel| &mut channel[..length]);
        let given = if *turn % 17 == 5 { rig.channels - 1 } else { rig.channels };
        self.short += usize::from(given < rig.channels);
        let mut channels = [left, right];
        let resets = *turn % 150 == 149;
        assert_no_alloc(|| {
            rig.processor.process(&rig.settings, &mut channels[..given]);
            if resets {
                rig.processor.reset();
            }
            rig.processor.take_restart_request()
        });
        assert_eq!(violation_count(), 0, "turn {turn}, {:?}", rig.settings.spec);
        assert!(channels.iter().all(|c| c.iter().all(|sample| sample.is_finite())));
        self.columns += std::iter::from_fn(|| rig.telemetry.pop_column()).count();
        let _ = std::iter::from_fn(|| rig.telemetry.loudness_queue().pop()).count();
        // Now and then nobody takes any, and the queue overflows.
        if *turn % 500 < 300 {
            self.frames += std::iter::from_fn(|| rig.telemetry.analyzer_queue().pop()).count();
        }
        self.turn += 1;
    }

    /// Asks for a bank in the middle of the sound, plays until `played` is in, and on.
    fn play_with(&mut self, asked: BankSpec, played: BankSpec) {
        // Superseded at once, and refused: what becomes of these must not be freed here either.
        self.rig.settings.spec = BankSpec { bands: 17, ..asked };
        self.play();
        self.rig.settings.spec = BankSpec { bands: 3, ..BankSpec::default() };
        self.play();
        self.rig.settings.spec = asked;
        let deadline = Instant::now() + Duration::from_secs(120);
        let mut left = TURNS;
        while left > 0 {
            self.play();
            std::thread::sleep(Duration::from_millis(1));
            let bank = self.rig.telemetry.bank().expect("a bank");
            left -= usize::from(*bank.spec() == played);
            assert!(Instant::now() < deadline, "{asked:?} does not play");
        }
    }
}

fn every_bank(sample_rate_hz: f64, channels: usize) {
    let params = ErbiumParams::default();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/trained.npz");
    params.bank_file.load(Some(BankFile::read(&path).expect("can be read")));
    let given = params.bank_spec(sample_rate_hz);
    let isac = BankSpec { sample_rate_hz, ..spec(24) };
    let gammatone = BankSpec { kind: Kind::Gammatone, ..isac };
    let of = |quality| BankSpec { quality, ..isac };
    let mut driven = Driven::new(Settings::flat(isac), channels);
    reset_violation_count();
    let mut banks: Vec<BankSpec> = Quality::ALL.iter().copied().map(of).collect();
    banks.extend(Quality::ALL.iter().map(|quality| BankSpec { quality: *quality, ..gammatone }));
    banks.extend([
        given,
        BankSpec { sizing: Sizing::Latency { ms: 2.0 }, scale: Scale::Mel, ..isac },
        BankSpec { sizing: Sizing::Latency { ms: 11.0 }, bands: 40, ..gammatone },
        isac,
    ]);
    for bank in banks {
        driven.play_with(bank, bank);
    }
    // What cannot be played gives way to another.
    let missing = BankSpec::of_user_kernels(7, 12, Scale::Erb, sample_rate_hz);
    driven.play_with(missing, driven.rig.settings.fallback);
    // The test saw what it says it tests.
    assert!(driven.columns > 200, "{} columns", driven.columns);
    assert!(driven.frames > 200, "{} frames of sound", driven.frames);
    assert!(driven.short > 50, "{} blocks without a channel", driven.short);
}

#[test]
fn stereo_allocates_nothing_at_48_khz() {
    every_bank(48_000.0, 2);
}

#[test]
fn mono_allocates_nothing_at_44_1_khz() {
    every_bank(44_100.0, 1);
}

#[test]
fn stereo_allocates_nothing_at_192_khz() {
    every_bank(192_000.0, 2);
}
