//! The audio thread never allocates: every call it may make runs under a guard that counts, with every
//! sort of bank.

use assert_no_alloc::{AllocDisabler, assert_no_alloc, reset_violation_count, violation_count};
use erbium_dsp::dynamics::{Action, Dynamics, Mode};
use erbium_dsp::stream::{DelayLine, Engine};
use erbium_dsp::{Bank, BankSpec, Kind, Phase, Quality, Scale, Sizing, UserKernels};
use num_complex::Complex;
use std::f64::consts::TAU;
use std::sync::Arc;

#[global_allocator]
static GUARD: AllocDisabler = AllocDisabler;

/// Longer than the longest of all blocks.
const LONGEST: usize = 10_000;

/// Both kinds in every quality, and at 44.1, 48 and 192 kHz.
fn designed() -> Vec<(String, Bank)> {
    let spec = |kind, quality, sample_rate_hz| {
        let sizing = Sizing::Latency { ms: if kind == Kind::Isac { 21.0 } else { 8.0 } };
        BankSpec { kind, quality, sample_rate_hz, sizing, ..BankSpec::default() }
    };
    let mut specs = Vec::new();
    for kind in [Kind::Isac, Kind::Gammatone] {
        let qualities = [Quality::Eco, Quality::Standard, Quality::High];
        specs.extend(qualities.map(|quality| spec(kind, quality, 48_000.0)));
        specs.extend([44_100.0, 192_000.0].map(|hz| spec(kind, Quality::Standard, hz)));
    }
    specs.extend(
        [Kind::Isac, Kind::Gammatone].map(|kind| BankSpec {
            phase: Phase::Minimum,
            ..spec(kind, Quality::Standard, 48_000.0)
        }),
    );
    let design = |spec: BankSpec| (format!("{spec:?}"), Bank::design(&spec).expect("designs"));
    specs.into_iter().map(design).collect()
}

/// Cosine-modulated windows, at every sample and at every fourth.
fn given(stride: usize) -> (String, Bank) {
    let tap = |k: u32, n: u32| {
        let window = (TAU * (f64::from(n) + 0.5) / 256.0).sin().powi(2);
        Complex::cis(TAU * (f64::from(k) + 0.5) * f64::from(n) / 64.0) * window
    };
    let rows: Vec<Vec<_>> = (0..32).map(|k| (0..128).map(|n| tap(k, n)).collect()).collect();
    let kernels = UserKernels::new(rows, &[stride], None).expect("valid");
    let bank = Bank::of_kernels(&kernels, Scale::Erb, 48_000.0, &|| false).expect("a frame");
    (format!("given kernels, stride {stride}"), bank)
}

/// Everything that the audio thread may ask of an engine and of a delay line, in blocks of many sizes.
fn play(engine: &mut Engine, line: &mut DelayLine, sounds: &mut Sounds) {
    let Sounds { left, right, change_left, change_right, targets, levels } = sounds;
    let bands = engine.bank().bands();
    for (round, many) in
        [1, 31, 32, 33, 64, 512, 997, LONGEST].into_iter().cycle().enumerate().take(40)
    {
        let (left, right) = (&mut left[..many], &mut right[..many]);
        let (change_left, change_right) = (&mut change_left[..many], &mut change_right[..many]);
        engine.set_metering(round % 5 < 2);
        for (k, target) in targets[..bands].iter_mut().enumerate() {
            // Flat, smooth, and too steep for the bands.
            let steep = if k % 3 == 0 { 0.1 } else { 4.0 };
            *target = [1.0, 0.5, steep, 0.0][round % 4];
        }
        if round % 3 == 0 {
            engine.set_gains(&targets[..bands]);
        } else {
            engine.set_targets(&targets[..bands]);
        }
        if round % 7 == 3 {
            engine.jump_to_gains();
        }
        if round % 6 == 2 {
            let (mode, action) = (Mode::ALL[round / 3 % 2], Action::ALL[round / 4 % 4]);
            let ratio = if round % 4 == 0 { 1.0 } else { 4.0 };
            engine.set_dynamics(&Dynamics { mode, action, ratio, ..Dynamics::default() });
            engine.set_thresholds_db(&targets[..bands]);
            engine.set_amounts(&targets[..bands]);
        }
        engine.dynamic_gains_db(levels);
        engine.process(&mut [left, right]);
        engine.process_change(&[left, right], &mut [change_left, change_right]);
        // Channels that are missing.
        engine.process(&mut [left]);
        engine.process_change(&[right], &mut [change_left, change_right]);
        engine.take_levels(levels);
        line.process(&mut [left, right]);
        line.process(&mut [left]);
        if round % 11 == 10 {
            engine.reset();
            line.reset();
        }
        let asked = engine.gains().len() + engine.channels() + engine.latency_samples();
        std::hint::black_box(asked + engine.tail_samples() + line.delay_samples());
    }
}

/// Gains that come to rest, are played as one filter, and leave it for good.
fn rest_and_leave(engine: &mut Engine, sounds: &mut Sounds) {
    let Sounds { left, right, targets, .. } = sounds;
    let bands = engine.bank().bands();
    let rest = engine.rest_samples().unwrap_or(0);
    for n in 0..8 * rest / 32 {
        // At rest in the first third.
        if n > 8 * rest / 96 || n == 0 {
            let gain = if n % 2 == 0 { 0.5 } else { 2.0 };
            targets[..bands].fill(gain);
            engine.set_gains(&targets[..bands]);
        }
        engine.process(&mut [&mut left[..32], &mut right[..32]]);
    }
}

struct Sounds {
    left: Vec<f32>,
    right: Vec<f32>,
    change_left: Vec<f32>,
    change_right: Vec<f32>,
    targets: Vec<f32>,
    levels: Vec<f32>,
}

#[test]
fn the_engine_never_allocates_and_the_guard_would_see_it() {
    for (name, bank) in designed().into_iter().chain([1, 4].map(given)) {
        let bank = Arc::new(bank);
        let mut engine = Engine::new(bank.clone(), 2);
        let mut line = DelayLine::new(2, 100);
        let sound =
            |level: f32| (0..LONGEST).map(|n| if n % 9 < 4 { level } else { -level }).collect();
        let silence = || vec![0.0; LONGEST];
        let mut sounds = Sounds {
            left: sound(0.1),
            right: sound(0.2),
            change_left: silence(),
            change_right: silence(),
            targets: silence(),
            levels: silence(),
        };
        reset_violation_count();
        assert_no_alloc(|| play(&mut engine, &mut line, &mut sounds));
        assert_no_alloc(|| rest_and_leave(&mut engine, &mut sounds));
        assert_eq!(violation_count(), 0, "{name}");
        assert_no_alloc(|| drop(std::hint::black_box(vec![0_u8; 100])));
        assert_ne!(violation_count(), 0, "the guard is blind");
    }
}
