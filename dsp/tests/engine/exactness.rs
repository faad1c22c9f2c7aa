//! Exact at flat, independent of block sizes, silent after silence, and done with faults.

use super::{
    Player, bits, db, equalised, noise, players, players_of_all_widths, power, random_gains,
};
use erbium_dsp::stream::{AtRest, Engine, Vectors};
use erbium_dsp::{Bank, BankSpec, Kind, Quality, Scale, Sizing};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::sync::Arc;

#[test]
fn flat_is_the_delayed_input_to_the_bit_for_every_scale_and_rate() {
    for (kind, scale, rate) in [
        (Kind::Gammatone, Scale::Erb, 48_000.0),
        (Kind::Isac, Scale::Erb, 44_100.0),
        (Kind::Isac, Scale::Mel, 48_000.0),
        (Kind::Isac, Scale::Bark, 8_000.0),
        (Kind::Isac, Scale::Log, 96_000.0),
        (Kind::Isac, Scale::Linear, 1234.5678),
    ] {
        let spec = BankSpec {
            kind,
            scale,
            bands: 24,
            sizing: Sizing::Latency { ms: 8.0 },
            sample_rate_hz: rate,
            ..BankSpec::default()
        };
        let bank = Arc::new(Bank::design(&spec).expect("designs"));
        for at_rest in [AtRest::Streamed, AtRest::Held] {
            for vectors in [Vectors::new(), Vectors::Scalar] {
                flat_is_exact(Player::new(&bank, vectors, at_rest));
            }
        }
    }
}

fn flat_is_exact(player: Player) {
    let bank = player.bank;
    let mut engine = player.engine(2);
    let latency = engine.latency_samples();
    let mut input = noise(3000, 1);
    (input[7], input[8]) = (-0.0, f32::from_bits(1));
    let (mut left, mut right) = (input.clone(), input.clone());
    // Gains that have been elsewhere come back to exactly flat.
    engine.set_targets(&[0.5; 24]);
    engine.jump_to_gains();
    engine.set_targets(&[1.0; 24]);
    engine.jump_to_gains();
    engine.process(&mut [&mut left, &mut right]);
    assert_eq!(bits(&left[latency..]), bits(&input[..3000 - latency]), "{:?}", bank.spec());
    assert_eq!(bits(&left), bits(&right));
    assert!(left[..latency].iter().all(|sample| *sample == 0.0));
}

#[test]
fn output_does_not_depend_on_how_the_stream_is_cut() {
    for player in players_of_all_widths() {
        let input = noise(20_000, 2);
        let run = |cut: &mut dyn FnMut() -> usize| {
            let mut engine = player.engine(1);
            let mut sound = input.clone();
            let mut start = 0;
            engine.set_targets(&random_gains(40, 3));
            while start < sound.len() {
                // The gains move again at a fixed time, half way through a ramp.
                let change = 480;
                let mut many = cut().min(sound.len() - start);
                if start < change {
                    many = many.min(change - start);
                }
                engine.process(&mut [&mut sound[start..start + many]]);
                start += many;
                if start == change {
                    engine.set_targets(&random_gains(40, 4));
                }
            }
            bits(&sound)
        };
        let whole = run(&mut || usize::MAX);
        let mut random = StdRng::seed_from_u64(5);
        assert!(whole == run(&mut || 1), "block size 1");
        assert!(whole == run(&mut || 512), "block size 512");
        assert!(whole == run(&mut || random.random_range(0..997) + 1), "random block sizes");
    }
}

/// A bank that has been flat for long, in blocks as `cut` says, and then moves.
fn wakes_up(player: Player, watched: bool, cut: &mut dyn FnMut() -> usize) -> Vec<f32> {
    let mut engine = player.engine(2);
    engine.set_metering(watched);
    let mut sound = noise(40_000, 12);
    let (mut start, change) = (0, 20_011);
    while start < sound.len() {
        let mut many = cut().min(sound.len() - start);
        if start < change {
            many = many.min(change - start);
        }
        let mut right = sound[start..start + many].to_vec();
        engine.process(&mut [&mut sound[start..start + many], &mut right]);
        start += many;
        if start == change {
            engine.set_targets(&random_gains(40, 13));
        }
    }
    sound
}

#[test]
fn a_bank_that_rested_while_flat_moves_as_if_it_had_not() {
    for player in players_of_all_widths() {
        let rested = wakes_up(player, false, &mut || usize::MAX);
        let mut random = StdRng::seed_from_u64(14);
        for cut in [&mut || 1, &mut || 48, &mut || random.random_range(0..997) + 1]
            as [&mut dyn FnMut() -> usize; 3]
        {
            assert!(bits(&rested) == bits(&wakes_up(player, false, cut)), "cut otherwise");
        }
        // One that is watched never rests; when the ramps of both are over they are the same.
        let watched = wakes_up(player, true, &mut || 512);
        let end = 30_000;
        let difference: Vec<f32> =
            rested[end..].iter().zip(&watched[end..]).map(|(a, b)| a - b).collect();
        let apart_db = db(power(&difference) / power(&watched[end..]));
        println!("{apart_db:.1} dB apart");
        assert!(apart_db < -130.0, "{apart_db} dB apart");
    }
}

#[test]
fn muting_all_bands_reaches_the_reported_depth() {
    for player in players_of_all_widths() {
        // An engine goes over to one filter by itself meanwhile.
        let input = noise(96_000, 6);
        let output = equalised(player, &[0.0; 40], &input);
        let settled = 8192;
        let depth_db = db(power(&output[settled..]) / power(&input[settled..]));
        let reported_db = player.bank.report().flat_noise_db;
        println!("muted-all depth {depth_db:.1} dB, reported {reported_db:.1} dB");
        assert!(depth_db <= -110.0, "{depth_db}");
        // Single precision adds a floor of its own.
        let expected_db = db(10.0_f64.powf(reported_db / 10.0) + 10.0_f64.powf(-11.9));
        assert!(depth_db < expected_db + 0.5, "{depth_db} against {reported_db}");
        // As one filter it has no alias, which is most of what is reported.
        let streamed = player.options.at_rest == AtRest::Streamed;
        assert!(!streamed || depth_db > reported_db - 1.0, "{depth_db} against {reported_db}");
        assert!(streamed || depth_db <= -125.0, "{depth_db}");
    }
}

#[test]
fn bands_that_go_to_unity_sound_to_their_end() {
    for quality in [Quality::Eco, Quality::Standard, Quality::High] {
        for kind in [Kind::Isac, Kind::Gammatone] {
            let spec = BankSpec { kind, quality, ..BankSpec::default() };
            let bank = Arc::new(Bank::design(&spec).expect("designs"));
            // An engine that is listened to has no rest.
            let plays = |watched, vectors, at_rest| {
                let player = Player::new(&bank, vectors, at_rest);
                let mut engine = player.engine(1);
                engine.set_metering(watched);
                engine.set_gains(&random_gains(40, 3));
                engine.jump_to_gains();
                let mut sound = noise(24_000, 8);
                for (n, block) in sound.chunks_mut(4800).enumerate() {
                    if n == 2 {
                        engine.set_gains(&[1.0; 40]);
                        engine.jump_to_gains();
                    }
                    engine.process(&mut [block]);
                }
                sound
            };
            for at_rest in [AtRest::Streamed, AtRest::Either, AtRest::Held] {
                for vectors in [Vectors::new(), Vectors::Scalar] {
                    let [rested, watched] = [false, true].map(|w| plays(w, vectors, at_rest));
                    if kind == Kind::Isac || at_rest == AtRest::Streamed {
                        assert!(
                            bits(&rested) == bits(&watched),
                            "{kind:?} {quality:?} {at_rest:?}"
                        );
                    }
                    // Recursive filters that were idle leave out what is long past.
                    let apart: Vec<f32> = rested.iter().zip(&watched).map(|(a, b)| a - b).collect();
                    let apart_db = db(power(&apart) / power(&watched));
                    assert!(apart_db < -120.0, "{kind:?} {quality:?} {at_rest:?}: {apart_db}");
                }
            }
        }
    }
}

#[test]
fn silence_after_sound_becomes_exactly_silent() {
    for player in players() {
        let bank = player.bank;
        let mut input = noise(4000, 11);
        input.resize(30_000, 0.0);
        let tail = Engine::new(bank.clone(), 1).tail_samples();
        let output = equalised(player, &random_gains(40, 12), &input);
        assert!(output[4000 + tail..].iter().all(|sample| *sample == 0.0));
    }
}

#[test]
fn a_bad_sample_passes_within_the_tail_and_stays_in_its_channel() {
    for player in players() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e38] {
            let gains = random_gains(40, 9);
            let input = noise(30_000, 10);
            let clean = equalised(player, &gains, &input);
            let mut engine = player.engine(2);
            engine.set_gains(&gains);
            engine.jump_to_gains();
            let (mut left, mut right) = (input.clone(), input.clone());
            left[1000] = bad;
            engine.process(&mut [&mut left, &mut right]);
            assert!(left.iter().all(|sample| sample.abs() < 100.0), "{bad}");
            let after = 1001 + engine.tail_samples();
            assert_eq!(bits(&left[after..]), bits(&clean[after..]), "{bad} outlasts the tail");
            assert_eq!(bits(&right), bits(&clean), "{bad} reached the other channel");
        }
    }
}
