//! What is exact: flat, bypass, delta and mix, whatever the blocks.

use crate::support::*;
use erbium::state::curve::CurveState;
use erbium::state::params::{MAX_BANDS, Settings};
use erbium_dsp::{BankSpec, Phase, Scale};

#[test]
fn flat_is_the_delayed_input_bit_for_bit() {
    for (scale, bands, rate_hz) in
        [(Scale::Erb, 40, 48_000.0), (Scale::Bark, 8, 44_100.0), (Scale::Linear, 64, 8_000.0)]
    {
        let spec = BankSpec { scale, sample_rate_hz: rate_hz, ..spec(bands) };
        for (channels, phase) in
            [(1, Phase::OfBank), (2, Phase::OfBank), (1, Phase::Minimum), (2, Phase::Minimum)]
        {
            let spec = BankSpec { phase, ..spec };
            for watched in [false, true] {
                let mut rig = Rig::new(Settings::flat(spec), channels, LIVE);
                rig.telemetry.set_editor_visible(watched);
                assert_eq!(
                    rig.processor.latency_samples(),
                    spec.latency_samples().expect("a latency")
                );
                let mut input = noise(60_000, 1);
                input[100] = -0.0;
                let output = rig.play(&input, &BLOCK_SIZES);
                let expected = delayed(&input, spec.latency_samples().expect("a latency"));
                assert!(same_bits(&output, &expected), "{scale} {bands} {rate_hz} {channels}");
            }
        }
    }
}

#[test]
fn bypass_is_the_delayed_input_whatever_the_rest() {
    let spec = spec(40);
    let settings = Settings {
        gains_db: wavy(),
        output_db: 9.0,
        mix: 0.5,
        bypass: true,
        delta: true,
        ..Settings::flat(spec)
    };
    let mut rig = Rig::new(settings, 2, LIVE);
    let input = noise(30_000, 2);
    let output = rig.play(&input, &BLOCK_SIZES);
    assert!(same_bits(&output, &delayed(&input, spec.latency_samples().expect("a latency"))));
}

#[test]
fn bypass_switches_without_a_click_and_is_exact_once_switched() {
    let spec = spec(40);
    let boosted = Settings { gains_db: [9.0; MAX_BANDS], ..Settings::flat(spec) };
    let mut rig = Rig::new(boosted, 1, LIVE);
    let mut input = sine(440.0, 0.25);
    let input: Vec<f32> = (0..48_000).map(|_| input()).collect();
    let dry = delayed(&input, spec.latency_samples().expect("a latency"));
    let before = rig.play(&input[..24_000], &[256]);
    rig.settings.bypass = true;
    let after = rig.play(&input[24_000..], &[256]);
    let ramp = 480;
    assert!(same_bits(&after[ramp..], &dry[24_000 + ramp..]));
    let steady = roughness(&before[12_000..]);
    let whole: Vec<f32> = before.iter().chain(&after).copied().collect();
    assert!(roughness(&whole[12_000..]) < 1.3 * steady, "{}", roughness(&whole[12_000..]) / steady);
}

#[test]
fn delta_is_the_change_and_mix_scales_it() {
    let spec = spec(24);
    let settings = Settings { gains_db: wavy(), ..Settings::flat(spec) };
    let input = noise(20_000, 3);
    let full = Rig::new(settings, 1, LIVE).play(&input, &[512]);
    let delta = Rig::new(Settings { delta: true, ..settings }, 1, LIVE).play(&input, &[512]);
    let half = Rig::new(Settings { mix: 0.5, ..settings }, 1, LIVE).play(&input, &[512]);
    let none = Rig::new(Settings { mix: 0.0, ..settings }, 1, LIVE).play(&input, &[512]);
    let down = Rig::new(Settings { output_db: -20.0, ..settings }, 1, LIVE).play(&input, &[512]);
    let dry = delayed(&input, spec.latency_samples().expect("a latency"));
    assert!(same_bits(&none, &dry));
    let loudest = full.iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
    let rounding = 4.0 * f32::EPSILON * loudest;
    for n in 0..input.len() {
        assert!((full[n] - dry[n] - delta[n]).abs() <= rounding);
        assert!((half[n] - dry[n] - 0.5 * delta[n]).abs() <= rounding);
        assert!((down[n] - 0.1 * full[n]).abs() <= rounding);
    }
    assert!(delta.iter().any(|sample| sample.abs() > 0.1));
}

#[test]
fn what_is_no_sound_never_stays() {
    let settings = Settings { gains_db: wavy(), ..Settings::flat(spec(24)) };
    let mut rig = Rig::new(settings, 2, LIVE);
    let clean = noise(20_000, 9);
    let expected = Rig::new(settings, 1, LIVE).play(&clean, &[256]);
    let mut ill = clean.clone();
    for (sample, nonsense) in
        ill[3_000..].iter_mut().zip([f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX])
    {
        *sample = nonsense;
    }
    let mut channels = [clean.clone(), ill];
    rig.block(&mut channels);
    assert!(same_bits(&channels[0], &expected), "the other channel");
    assert!(channels[1].iter().all(|sample| sample.is_finite()));
    let memory = rig.processor.tail_samples();
    assert!(same_bits(&channels[1][3_004 + memory..], &expected[3_004 + memory..]));
}

#[test]
fn reset_leaves_no_tail_and_silence_ends_in_zero() {
    let mut rig = Rig::new(Settings { gains_db: wavy(), ..Settings::flat(spec(24)) }, 2, LIVE);
    rig.play(&noise(10_000, 10), &[512]);
    rig.processor.reset();
    assert!(rig.play(&[0.0; 10_000], &[512]).iter().all(|sample| *sample == 0.0));
    rig.play(&noise(10_000, 11), &[512]);
    let memory = rig.processor.tail_samples();
    let tail = rig.play(&vec![0.0; memory + 1000], &[512]);
    assert!(tail[..100].iter().any(|sample| *sample != 0.0));
    assert!(tail[memory..].iter().all(|sample| *sample == 0.0));
}

#[test]
fn rate_and_channels_may_change_again_and_again() {
    let mut rig = Rig::new(Settings { gains_db: wavy(), ..Settings::flat(spec(16)) }, 2, LIVE);
    for turn in 0..20_usize {
        rig.settings.spec.sample_rate_hz = [44_100.0, 48_000.0, 96_000.0, 1_234.567_8][turn % 4];
        rig.channels = 1 + turn % 2;
        // The centres move with the rate; this makes the gains the parameters' again.
        rig.curve.load(&CurveState::PARAMETERS);
        rig.processor.prepare(&rig.settings, rig.channels, LIVE).expect("valid");
        assert_eq!(
            rig.processor.latency_samples(),
            rig.settings.spec.latency_samples().expect("a latency")
        );
        let input = noise(5_000, 12);
        let output = rig.play(&input, &BLOCK_SIZES);
        let fresh = Rig::new(rig.settings, rig.channels, LIVE).play(&input, &BLOCK_SIZES);
        assert!(same_bits(&output, &fresh), "turn {turn}");
    }
}
