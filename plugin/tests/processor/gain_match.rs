//! Gain match: as loud as the input, and out of the way where there is nothing to match.

use crate::support::*;
use ebur128::{EbuR128, Mode};
use erbium::state::params::{MAX_BANDS, OFF_DB, Settings};

/// A loudness in LUFS by the reference library, gated, of the part after `skip` samples.
fn loudness(samples: &[f32], skip: usize) -> f64 {
    let mut meter = EbuR128::new(1, 48_000, Mode::I).expect("possible");
    meter.add_frames_f32(&samples[skip..]).expect("whole frames");
    meter.loudness_global().expect("in its mode")
}

#[test]
fn gain_match_keeps_the_loudness_and_depends_on_no_block() {
    let gains_db = std::array::from_fn(|k| if k < 12 { 12.0 } else { 6.0 });
    let input = noise(6 * 48_000, 9);
    let plain = Settings { gains_db, ..Settings::flat(spec(24)) };
    for mix in [1.0, 0.5] {
        let unmatched = Settings { mix, ..plain };
        let matched = Settings { gain_match: true, ..unmatched };
        let before = loudness(&input, 96_000);
        let off = loudness(&Rig::new(unmatched, 1, LIVE).play(&input, &[512]), 96_000) - before;
        assert!(off.abs() > 2.0, "there is something to match: {off} LU");
        let output = Rig::new(matched, 1, LIVE).play(&input, &[512]);
        let off = loudness(&output, 96_000) - before;
        assert!(off.abs() < 0.1, "mix {mix}: {off} LU");
        assert!(same_bits(&Rig::new(matched, 1, OFFLINE).play(&input, &BLOCK_SIZES), &output));
        // The output gain comes after the match.
        let louder = Settings { output_db: 6.0, ..matched };
        let off = loudness(&Rig::new(louder, 1, LIVE).play(&input, &[512]), 96_000) - before;
        assert!((off - 6.0).abs() < 0.1, "mix {mix}: {off} LU");
    }
}

#[test]
fn gain_match_leaves_flat_bypass_delta_and_silence_as_they_are() {
    let matched = Settings { gain_match: true, ..Settings::flat(spec(24)) };
    let input = noise(48_000, 3);
    let mut rig = Rig::new(matched, 1, LIVE);
    let output = rig.play(&input, &[256]);
    assert!(same_bits(&output, &delayed(&input, rig.processor.latency_samples())), "flat");
    let wavy = Settings { gains_db: wavy(), ..matched };
    let mut rig = Rig::new(Settings { bypass: true, ..wavy }, 1, LIVE);
    let output = rig.play(&input, &[256]);
    assert!(same_bits(&output, &delayed(&input, rig.processor.latency_samples())), "bypass");
    let delta = Settings { delta: true, ..wavy };
    let expected = Rig::new(Settings { gain_match: false, ..delta }, 1, LIVE).play(&input, &[256]);
    assert!(same_bits(&Rig::new(delta, 1, LIVE).play(&input, &[256]), &expected), "delta");
    // Silence neither blows up nor moves what was learned; all off is not pulled up.
    let mut rig = Rig::new(wavy, 1, LIVE);
    rig.telemetry.set_editor_visible(true);
    rig.play(&input, &[256]);
    let learned = rig.telemetry.match_gain();
    assert!((learned - 1.0).abs() > 0.05, "{learned}");
    rig.play(&[0.0; 48_000], &[256]);
    rig.telemetry.set_editor_visible(true);
    rig.play(&input[..4800], &[256]);
    assert!((rig.telemetry.match_gain() / learned - 1.0).abs() < 0.1);
    let off = Settings { gains_db: [OFF_DB; MAX_BANDS], ..matched };
    let output = Rig::new(off, 1, LIVE).play(&input, &[256]);
    assert!(output.iter().skip(4800).all(|sample| sample.abs() < 1e-3));
}

#[test]
fn gain_match_ends_exactly_where_the_bands_are_flat_again() {
    let mut rig = Rig::new(
        Settings { gains_db: wavy(), gain_match: true, ..Settings::flat(spec(24)) },
        1,
        LIVE,
    );
    let input = noise(48_000, 22);
    rig.play(&input, &[256]);
    rig.settings.gains_db = [0.0; MAX_BANDS];
    (0..4).for_each(|_| drop(rig.play(&input, &[256])));
    let latency = rig.processor.latency_samples();
    let output = rig.play(&input, &[256]);
    assert!(same_bits(&output[latency..], &input[..input.len() - latency]));
}

#[test]
fn gain_match_keeps_what_it_learned_live_and_starts_afresh_in_a_render() {
    let settings = Settings { gains_db: wavy(), gain_match: true, ..Settings::flat(spec(24)) };
    let input = noise(24_000, 21);
    for (mode, keeps) in [(LIVE, true), (OFFLINE, false)] {
        let mut rig = Rig::new(settings, 1, mode);
        let first = rig.play(&input, &[256]);
        rig.telemetry.set_editor_visible(true);
        rig.play(&input[..256], &[256]);
        let learned = rig.telemetry.match_gain();
        assert!((learned - 1.0).abs() > 0.05, "{learned}");
        rig.processor.reset();
        rig.telemetry.set_editor_visible(true);
        let again = rig.play(&input, &[256]);
        assert_eq!(same_bits(&first, &again), !keeps);
    }
}

#[test]
fn gain_match_moves_without_a_click() {
    let mut rig = Rig::new(Settings { gain_match: true, ..Settings::flat(spec(24)) }, 1, LIVE);
    let mut tone = sine(300.0, 0.25);
    let mut play = |rig: &mut Rig, samples: usize| -> Vec<f32> {
        let input: Vec<f32> = (0..samples).map(|_| tone()).collect();
        rig.play(&input, &[128])
    };
    let flat = play(&mut rig, 48_000);
    rig.settings.gains_db = [12.0; MAX_BANDS];
    let mut moving = play(&mut rig, 48_000);
    rig.settings.gain_match = false;
    moving.extend(play(&mut rig, 48_000));
    // Four times as loud is four times as rough, and no more.
    let limit = 4.2 * roughness(&flat[9600..]);
    assert!(roughness(&moving) < limit, "{} {limit}", roughness(&moving));
}
