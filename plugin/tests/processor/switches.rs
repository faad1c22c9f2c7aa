//! Bypass, delta, solo, gain match and mix, switched at random: never louder than what is switched between.

use crate::support::*;
use erbium::audio::MIX_RAMP_MS;
use erbium::state::params::{MAX_BANDS, OFF_DB, Settings, linear_gain};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng};

/// [`MIX_RAMP_MS`] at 48 kHz.
const RAMP: usize = 480;
const _: () = assert!(MIX_RAMP_MS == 10.0);
/// Until bands that were played solo are all back, see `SETTING_OUT_MS`, the engine's ramp and the latency.
const RELEASE: usize = 48 * (25 + 20 + 8) + RAMP + 256;

fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |most, sample| most.max(sample.abs()))
}

fn rms(samples: &[f32]) -> f64 {
    let sum: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    (sum / f64::from(u32::try_from(samples.len()).expect("few"))).sqrt()
}

/// Settings with every band at the same gain, matched.
fn matched(gain_db: f32) -> Settings {
    let gains_db = [gain_db; MAX_BANDS];
    Settings { gains_db, gain_match: true, ..Settings::flat(spec(24)) }
}

#[test]
fn bypass_of_a_matched_sound_is_exact_after_its_ramp_and_never_loud() {
    for gain_db in [-24.0, 24.0] {
        let mut rig = Rig::new(matched(gain_db), 2, LIVE);
        let input = noise(4 * 48_000, 50);
        let dry = delayed(&input, rig.processor.latency_samples());
        let mut output = rig.play(&input[..144_000], &[256]);
        let before = rms(&output[134_400..]);
        rig.settings.bypass = true;
        output.extend(rig.play(&input[144_000..160_000], &[256]));
        rig.settings.bypass = false;
        output.extend(rig.play(&input[160_000..], &[256]));
        let bypassed = 144_000 + RAMP..160_000;
        assert!(same_bits(&output[bypassed.clone()], &dry[bypassed]), "{gain_db} dB");
        // The gain that was learned before is there again at once.
        let again = rms(&output[160_000 + RAMP..164_800]);
        let apart_db = 20.0 * (again / before).log10();
        assert!(apart_db.abs() < 0.3, "{gain_db} dB: {apart_db} dB apart after bypass");
        let loudest = peak(&output[144_000..]);
        assert!(loudest < 1.05, "{gain_db} dB: a peak of {loudest}");
    }
}

#[test]
fn a_curve_drawn_during_bypass_is_matched_when_bypass_ends() {
    let mut rig = Rig::new(matched(-24.0), 1, LIVE);
    let input = noise(48_000, 51);
    (0..3).for_each(|_| drop(rig.play(&input, &[512])));
    rig.settings.bypass = true;
    rig.play(&input, &[512]);
    rig.settings.gains_db = [24.0; MAX_BANDS];
    (0..12).for_each(|_| drop(rig.play(&input, &[512])));
    rig.settings.bypass = false;
    let output = rig.play(&input, &[512]);
    assert!(peak(&output) < 1.3, "a peak of {}", peak(&output));
}

/// What is on at one time.
#[derive(Clone, Copy, Debug)]
struct On {
    bypass: bool,
    delta: bool,
    solo: bool,
    gain_match: bool,
    mix: f32,
}

fn random_switches(gain_db: f32, input: &[f32], seed: u64) {
    let settings = Settings { gain_match: false, ..matched(gain_db) };
    let full = Rig::new(settings, 1, LIVE).play(input, &[512]);
    let mut rig = Rig::new(settings, 1, LIVE);
    let dry = delayed(input, rig.processor.latency_samples());
    let change: Vec<f32> = full.iter().zip(&dry).map(|(full, dry)| full - dry).collect();
    let loudest = peak(&dry).max(peak(&full)).max(peak(&change));
    let mut random = StdRng::seed_from_u64(seed);
    let (mut start, mut since_solo, mut exact) = (0, usize::MAX, 0);
    while start < input.len() {
        let on = On {
            bypass: random.random_bool(0.3),
            delta: random.random_bool(0.2),
            solo: random.random_bool(0.2),
            gain_match: random.random_bool(0.6),
            mix: [0.0, 0.3, 1.0, 1.0][random.random_range(0..4)],
        };
        let length = random.random_range(600..6_000).min(input.len() - start);
        rig.telemetry.set_editor_visible(true);
        rig.telemetry.solo(on.solo.then_some(11));
        rig.settings.bypass = on.bypass;
        rig.settings.delta = on.delta;
        rig.settings.gain_match = on.gain_match;
        rig.settings.mix = on.mix;
        let output = rig.play(&input[start..start + length], &[128, 77]);
        since_solo = if on.solo { 0 } else { since_solo };
        for (n, sample) in output.iter().enumerate() {
            let at = start + n;
            assert!(sample.abs() <= 1.02 * loudest, "{on:?}: {sample} at {n}, {gain_db} dB");
            if n < RAMP {
                continue;
            }
            if on.bypass {
                assert_eq!(sample.to_bits(), dry[at].to_bits(), "{on:?}: {n} after");
                exact += 1;
            } else if !on.solo && since_solo.saturating_add(n) > RELEASE {
                let changed = on.mix * change[at];
                let target = if on.delta { changed } else { dry[at] + changed };
                let most = if on.delta { target.abs() } else { target.abs().max(dry[at].abs()) };
                assert!(sample.abs() <= 1.02 * most + 1e-3, "{on:?}: {sample} {most}, {gain_db}");
                if !on.gain_match || on.delta {
                    assert!((sample - target).abs() <= 2e-5 * loudest, "{on:?}: {sample} {target}");
                }
            }
        }
        since_solo = if on.solo { 0 } else { since_solo.saturating_add(length) };
        start += length;
    }
    assert!(exact > 10_000, "bypass was heard: {exact} samples");
}

#[test]
fn switches_at_random_are_never_louder_than_what_they_switch_between() {
    let noise = noise(10 * 48_000, 52);
    let mut tone = sine(700.0, 0.5);
    let tone: Vec<f32> = (0..10 * 48_000).map(|_| tone()).collect();
    for (seed, gain_db) in (60..).zip([-24.0, 24.0, -6.0]) {
        random_switches(gain_db, &noise, seed);
        random_switches(gain_db, &tone, seed + 10);
    }
}

#[test]
fn a_band_that_is_off_is_not_raised_when_played_solo() {
    let mut settings = matched(-24.0);
    settings.gains_db[11] = OFF_DB;
    let mut rig = Rig::new(settings, 1, LIVE);
    let input = noise(48_000, 53);
    (0..3).for_each(|_| drop(rig.play(&input, &[256])));
    for _ in 0..3 {
        for soloed in [Some(11), None] {
            rig.telemetry.set_editor_visible(true);
            rig.telemetry.solo(soloed);
            let loudest = peak(&rig.play(&input[..9_600], &[256]));
            // The band as it is; the match stands at nearly +24 dB.
            assert!(loudest < 1.3, "a peak of {loudest} with {soloed:?}");
        }
    }
    assert_eq!(linear_gain(OFF_DB), 0.0);
}
