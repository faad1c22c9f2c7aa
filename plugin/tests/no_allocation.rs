//! The audio thread never allocates or frees.

mod support;

use assert_no_alloc::{AllocDisabler, assert_no_alloc, reset_violation_count, violation_count};
use erbium::state::curve::CurveState;
use erbium::state::params::{MAX_BANDS, Settings};
use erbium_dsp::{BankSpec, Scale, Sizing};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use support::*;

/// Counts, per thread, what is allocated or freed where it must not be.
#[global_allocator]
static GUARD: AllocDisabler = AllocDisabler;

#[test]
fn the_guard_sees_allocations() {
    reset_violation_count();
    assert_no_alloc(|| drop(std::hint::black_box(vec![0.0_f32; 16])));
    assert_eq!(violation_count(), 2, "one to allocate and one to free");
}

#[test]
fn processing_allocates_nothing_whatever_happens() {
    let mut random = StdRng::seed_from_u64(14);
    let mut rig = Rig::new(Settings::flat(spec(40)), 2, LIVE);
    let sound = noise(4096, 15);
    let (mut left, mut right) = (sound.clone(), sound.clone());
    let mut banks = std::collections::HashSet::new();
    let (mut columns, mut pieces) = (0, 0);
    reset_violation_count();
    for turn in 0..1500_usize {
        if turn % 25 == 0 {
            let scale = Scale::ALL[random.random_range(0..Scale::ALL.len())];
            let ms = [2.0, 8.0][random.random_range(0..2)];
            let sizing = Sizing::Latency { ms };
            rig.settings.spec = BankSpec { scale, sizing, ..spec(random.random_range(8..=64)) };
        }
        if turn % 100 == 3 {
            rig.settings.spec.bands = 3; // refused
        }
        if turn % 40 == 7 {
            rig.curve.load(if turn % 80 == 7 {
                &CurveState::PARAMETERS
            } else {
                &CurveState::FLAT
            });
        }
        rig.telemetry.set_watched(turn % 60 < 40);
        rig.telemetry.analyzer_queue().want(turn % 50 < 35);
        rig.settings.gains_db[random.random_range(0..MAX_BANDS)] = random.random_range(-60.0..24.0);
        rig.settings.output_db = random.random_range(-24.0..24.0);
        rig.settings.mix = random.random();
        rig.settings.bypass = turn % 11 == 0;
        rig.settings.delta = turn % 7 == 0;
        rig.settings.gain_match = turn % 90 < 60;
        rig.telemetry.solo((turn % 13 < 3).then_some(turn % 70));
        let length = random.random_range(0..=4096) >> (turn % 6);
        left[..length].copy_from_slice(&sound[..length]);
        right[..length].copy_from_slice(&sound[..length]);
        let mut channels = [&mut left[..length], &mut right[..length]];
        assert_no_alloc(|| {
            rig.chain.process(&rig.settings, &mut channels);
            if turn % 150 == 149 {
                rig.chain.reset();
            }
            rig.chain.take_restart_request()
        });
        assert_eq!(violation_count(), 0, "turn {turn}");
        assert!(left[..length].iter().all(|sample| sample.is_finite()));
        columns += std::iter::from_fn(|| rig.telemetry.pop_column()).count();
        // Now and then nobody takes any, and the queue overflows.
        if turn % 500 < 300 {
            pieces += std::iter::from_fn(|| rig.telemetry.analyzer_queue().pop()).count();
        }
        banks.extend(rig.telemetry.bank().map(|bank| format!("{:?}", bank.spec())));
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    // The test saw what it says it tests.
    assert!(columns > 500, "{columns} columns");
    assert!(pieces > 500, "{pieces} pieces of sound");
    assert!(banks.len() > 10, "{} banks", banks.len());
}
