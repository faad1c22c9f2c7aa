//! Gains that stand still are played as one filter, and nobody hears when.

use super::{BANKS, Player, bits, db, equalised, given, noise, power, random_gains, sinusoid};
use erbium_dsp::stream::{AtRest, Engine, Vectors};
use erbium_dsp::{Bank, BankSpec, Kind, Quality, Sizing};
use num_complex::Complex;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::f64::consts::TAU;
use std::sync::Arc;

fn designed(kind: Kind, ms: f64) -> Arc<Bank> {
    let spec = BankSpec { kind, sizing: Sizing::Latency { ms }, ..BankSpec::default() };
    Arc::new(Bank::design(&spec).expect("designs"))
}

/// Banks short and long, given kernels at every fourth sample, and other rates.
fn banks() -> Vec<Arc<Bank>> {
    let mut banks = vec![
        BANKS[0].clone(),
        BANKS[1].clone(),
        designed(Kind::Isac, 2.0),
        designed(Kind::Isac, 43.0),
        designed(Kind::Gammatone, 2.0),
        designed(Kind::Gammatone, 21.0),
    ];
    banks.push(Arc::new(given()));
    for rate in [8_000.0, 192_000.0] {
        let sizing = Sizing::Latency { ms: 8.0 };
        let spec = BankSpec { sizing, sample_rate_hz: rate, bands: 24, ..BankSpec::default() };
        banks.push(Arc::new(Bank::design(&spec).expect("designs")));
    }
    banks
}

/// A convolution in double precision, from sample `from` on.
fn convolved(filter: &[f32], input: &[f32], from: usize) -> Vec<f64> {
    let at = |n: usize| {
        let terms = filter.iter().zip(input[..=n].iter().rev());
        terms.map(|(tap, sample)| f64::from(*tap) * f64::from(*sample)).sum()
    };
    (from..input.len()).map(at).collect()
}

/// The power of a difference against that of what was expected, in dB.
fn error_db(found: &[f32], expected: &[f64]) -> f64 {
    let error = found.iter().zip(expected).map(|(found, expected)| f64::from(*found) - expected);
    let error: f64 = error.map(|error| error * error).sum();
    db(error / expected.iter().map(|value| value * value).sum::<f64>())
}

#[test]
fn what_is_played_at_rest_is_the_collapsed_bank_to_rounding() {
    for bank in banks() {
        let gains = random_gains(bank.bands(), 21);
        let engine = Engine::new(bank.clone(), 1);
        let rest = engine.rest_samples().expect("one filter is less work");
        assert!(engine.held_multiply_adds() < Some(0.1 * bank.report().macs_per_sample));
        // As long again as the filter takes to be filled and faded to.
        let input = noise(3 * rest + 4096, 22);
        let from = input.len() - 2000;
        let expected = convolved(&bank.collapse(&gains), &input, from);
        for at_rest in [AtRest::Either, AtRest::Held] {
            for vectors in [Vectors::new(), Vectors::Scalar] {
                let player = Player::new(&bank, vectors, at_rest);
                let error_db = error_db(&equalised(player, &gains, &input)[from..], &expected);
                println!("{:?}: {error_db:.1} dB", bank.spec());
                assert!(error_db <= -130.0, "{player:?}: {error_db}");
            }
        }
    }
}

#[test]
fn the_collapsed_bank_is_what_is_drawn_and_of_linear_phase() {
    for bank in banks() {
        let gains = random_gains(bank.bands(), 23);
        let filter = bank.collapse(&gains);
        let centres = bank.centres_hz();
        let mut drawn = vec![0.0; centres.len()];
        bank.responses(centres).total(&gains, &mut drawn);
        let rate_hz = bank.spec().sample_rate_hz;
        for (hz, drawn) in centres.iter().zip(&drawn) {
            let phasor = |n: f64| Complex::cis(-TAU * (hz / rate_hz * n).fract());
            let response: Complex<f64> = filter
                .iter()
                .zip(0_u32..)
                .map(|(tap, n)| f64::from(*tap) * phasor(f64::from(n)))
                .sum();
            let apart_db = db((response.norm() / f64::from(*drawn)).powi(2));
            assert!(apart_db.abs() < 0.01, "{hz} Hz: {apart_db} dB");
            if bank.spec().kind == Kind::Isac
                && !matches!(bank.spec().sizing, Sizing::UserKernels { .. })
            {
                let latency = u32::try_from(bank.latency_samples()).expect("short");
                let phase = (response / phasor(f64::from(latency))).arg().to_degrees();
                assert!(phase.abs() < 0.01, "{hz} Hz: {phase} degrees");
            }
        }
        // Flat settings are the delayed impulse.
        let flat = bank.collapse(&[]);
        assert_eq!(flat.iter().filter(|tap| **tap != 0.0).count(), 1);
        assert_eq!(flat[bank.latency_samples()], 1.0);
    }
}

/// Moves are at least so many samples apart, longer than a ramp and what follows it.
const SHORTEST: usize = 5_000;

/// What an engine is asked for, and from which sample on.
type Moves = Vec<(usize, Vec<f32>)>;

/// Curves that rest, move before the last has come to rest, keep moving, and go to flat.
fn moves(bands: usize, rest: usize) -> Moves {
    let rest = rest.max(SHORTEST);
    let gains = |seed| random_gains(bands, seed);
    let mut single = gains(31);
    single[bands / 3] = 4.0;
    let mut moves = vec![
        (0, gains(31)),
        (3 * rest + 1234, single),
        (6 * rest + 11, gains(32)),
        (6 * rest + 3011, gains(33)),
        (9 * rest, vec![1.0; bands]),
        (12 * rest + 777, gains(34)),
    ];
    // Automation without rest, for longer than a filter is kept.
    let automated = 16 * rest;
    for n in 0..(6 * rest).div_ceil(500) {
        let mut gains = gains(34);
        gains[bands / 2] = if n % 2 == 0 { 0.3 } else { 2.0 };
        gains[0] = if n % 3 == 0 { 0.3 } else { 2.0 };
        moves.push((automated + 500 * n, gains));
    }
    moves.push((24 * rest, vec![1.0; bands]));
    moves
}

/// Plays all moves, in blocks as long as `cut` says, from flat on.
fn play(player: Player, moves: &Moves, input: &[f32], cut: &mut dyn FnMut() -> usize) -> Vec<f32> {
    play_with(player.engine(1), moves, input, cut)
}

fn play_with(
    mut engine: Engine,
    moves: &Moves,
    input: &[f32],
    cut: &mut dyn FnMut() -> usize,
) -> Vec<f32> {
    let mut sound = input.to_vec();
    let (mut start, mut moves) = (0, moves.iter().peekable());
    while start < sound.len() {
        while let Some((_, gains)) = moves.next_if(|(from, _)| *from == start) {
            engine.set_gains(gains);
        }
        let next = moves.peek().map_or(sound.len(), |(from, _)| *from).min(sound.len());
        let many = cut().min(next - start);
        engine.process(&mut [&mut sound[start..start + many]]);
        start += many;
    }
    sound
}

/// Samples that all moves take.
fn length(rest: usize) -> usize {
    27 * rest.max(SHORTEST)
}

#[test]
fn going_over_and_back_does_not_depend_on_how_the_stream_is_cut() {
    for (bank, vectors) in [
        (&BANKS[0], Vectors::new()),
        (&BANKS[1], Vectors::new()),
        (&BANKS[0], Vectors::Scalar),
        (&designed(Kind::Isac, 2.0), Vectors::new()),
        (&designed(Kind::Gammatone, 2.0), Vectors::Emulated512),
    ] {
        let rest = Engine::new(bank.clone(), 1).rest_samples().expect("has a filter");
        let (moves, input) = (moves(bank.bands(), rest), noise(length(rest), 24));
        let player = Player::new(bank, vectors, AtRest::Either);
        let whole = bits(&play(player, &moves, &input, &mut || usize::MAX));
        let mut random = StdRng::seed_from_u64(25);
        for cut in [&mut || 1, &mut || 48, &mut || 512, &mut || random.random_range(1..997)]
            as [&mut dyn FnMut() -> usize; 4]
        {
            assert!(whole == bits(&play(player, &moves, &input, cut)), "{player:?} cut otherwise");
        }
        // It is not the streamed bank that plays.
        let streamed = Player::new(bank, vectors, AtRest::Streamed);
        assert!(whole != bits(&play(streamed, &moves, &input, &mut || 512)), "{player:?}");
    }
}

#[test]
fn gains_that_do_not_rest_end_as_the_streamed_bank_to_the_bit() {
    for bank in [&BANKS[0], &BANKS[1], &designed(Kind::Isac, 2.0), &designed(Kind::Gammatone, 2.0)]
    {
        let rest = Engine::new(bank.clone(), 1).rest_samples().expect("has a filter");
        // At rest at first; then twice as long as a rest until the filter is left, and what streaming takes.
        let automated = 3 * rest + 1024;
        let end = automated + 8 * rest + 4096;
        let mut moves = vec![(0, random_gains(40, 51))];
        moves
            .extend((0..(end - automated) / 300).map(|n| {
                (automated + 300 * n, random_gains(40, if n % 2 == 0 { 52 } else { 53 }))
            }));
        let input = noise(end, 54);
        let play = |at_rest| {
            let mut engine = Player::new(bank, Vectors::new(), at_rest).engine(1);
            // Watched, recursive filters are never idle, so that gains move at the same times.
            engine.set_metering(true);
            play_with(engine, &moves, &input, &mut || 512)
        };
        let (either, streamed) = (play(AtRest::Either), play(AtRest::Streamed));
        assert!(bits(&either[..automated]) != bits(&streamed[..automated]), "never at rest");
        let last = end - 1024;
        assert!(bits(&either[last..]) == bits(&streamed[last..]), "{:?}", bank.spec());
    }
}

/// The sound of `cargo xtask demo`, its left channel: music, then speech.
fn recording() -> Vec<f32> {
    let bytes = include_bytes!("../../../tests/data/demo.wav");
    let samples = bytes[44..].chunks_exact(4);
    samples.map(|frame| f32::from(i16::from_le_bytes([frame[0], frame[1]])) / 32_768.0).collect()
}

#[test]
fn going_over_and_back_is_not_heard() {
    // The last has blocks longer than the batch that a fade begins with.
    let long = designed(Kind::Gammatone, 43.0);
    for bank in
        [&BANKS[0], &BANKS[1], &designed(Kind::Isac, 4.0), &designed(Kind::Gammatone, 4.0), &long]
    {
        let rest = Engine::new(bank.clone(), 1).rest_samples().expect("has a filter");
        let moves = moves(bank.bands(), rest);
        let mut bursts = noise(length(rest), 26);
        for (n, sample) in bursts.iter_mut().enumerate() {
            *sample *= f32::from(u8::from(n / 1500 % 3 == 0));
        }
        let recording = recording();
        let long = u32::try_from(length(rest)).expect("short");
        for (name, input) in [
            ("noise", noise(length(rest), 27)),
            ("sinusoid at 97 Hz", sinusoid(97.0, long)),
            ("sinusoid at 3 kHz", sinusoid(3_000.0, long)),
            ("music", recording[..length(rest)].to_vec()),
            ("speech", recording[recording.len() - length(rest)..].to_vec()),
            ("bursts and silence", bursts),
        ] {
            let play = |at_rest| {
                let mut engine = Player::new(bank, Vectors::new(), at_rest).engine(1);
                // Watched, recursive filters are never idle, so that gains move at the same times.
                engine.set_metering(true);
                play_with(engine, &moves, &input, &mut || 512)
            };
            let (either, streamed) = (play(AtRest::Either), play(AtRest::Streamed));
            let peak = streamed.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
            let apart: Vec<f32> = either.iter().zip(&streamed).map(|(a, b)| a - b).collect();
            let worst = apart.iter().fold(0.0_f32, |worst, apart| worst.max(apart.abs()));
            let worst_db = db(f64::from(worst / peak).powi(2));
            let power_db = db(power(&apart) / power(&streamed));
            println!(
                "{:?}, {name}: {worst_db:.1} dB of the peak, {power_db:.1} dB",
                bank.spec().kind
            );
            let at = apart.iter().position(|apart| apart.abs() > 1e-4 * peak);
            assert!(worst_db <= -100.0, "{name}: {worst_db} {at:?} of {rest}");
            // And no step: what comes and goes has no more power at high frequencies than the alias has.
            let steps = apart.windows(2).map(|pair| (pair[1] - pair[0]).abs());
            let step_db = db(f64::from(steps.fold(0.0_f32, f32::max) / peak).powi(2));
            assert!(step_db <= -100.0, "{name}: {step_db}");
        }
    }
}

#[test]
fn silence_stays_exactly_silent_across_every_transition() {
    for bank in BANKS.iter() {
        let rest = Engine::new(bank.clone(), 1).rest_samples().expect("has a filter");
        let player = Player::new(bank, Vectors::new(), AtRest::Either);
        let moves = moves(bank.bands(), rest);
        let silent = play(player, &moves, &vec![0.0; length(rest)], &mut || 100);
        assert!(silent.iter().all(|sample| sample.to_bits() == 0));
    }
}

#[test]
fn a_curve_that_goes_flat_is_the_delayed_input_to_the_bit_again() {
    for bank in banks() {
        let engine = Engine::new(bank.clone(), 1);
        let rest = engine.rest_samples().expect("has a filter");
        let moves = moves(bank.bands(), rest);
        let input = noise(length(rest) + 20_000, 28);
        let player = Player::new(&bank, Vectors::new(), AtRest::Either);
        let output = play(player, &moves, &input, &mut || 333);
        let (from, latency) = (24 * rest.max(SHORTEST) + 20_000, engine.latency_samples());
        let delayed = &input[from - latency..input.len() - latency];
        assert_eq!(bits(&output[from..]), bits(delayed), "{:?}", bank.spec());
    }
}

#[test]
fn an_engine_that_was_reset_plays_as_a_new_one() {
    for bank in BANKS.iter() {
        for at_rest in [AtRest::Either, AtRest::Held] {
            let player = Player::new(bank, Vectors::new(), at_rest);
            let gains = random_gains(40, 35);
            let input = noise(12_000, 36);
            // In the middle of a ramp, at rest, in a fade, and while a filter is left.
            for (before, same) in
                [500, 2_700, 3_680, 9_000].into_iter().flat_map(|n| [(n, false), (n, true)])
            {
                let mut engine = player.engine(1);
                engine.set_gains(&gains);
                engine.jump_to_gains();
                engine.process(&mut [&mut noise(before, 37)]);
                if !same {
                    engine.set_gains(&random_gains(40, 38));
                    engine.process(&mut [&mut noise(before, 39)]);
                }
                engine.reset();
                if !same {
                    engine.set_gains(&gains);
                    engine.jump_to_gains();
                }
                let mut sound = input.clone();
                engine.process(&mut [&mut sound]);
                let fresh = equalised(player, &gains, &input);
                assert!(bits(&sound) == bits(&fresh), "{player:?} after {before}, {same}");
            }
        }
    }
}

#[test]
fn every_quality_has_a_filter_that_is_less_work() {
    for kind in [Kind::Isac, Kind::Gammatone] {
        for quality in [Quality::Eco, Quality::Standard, Quality::High] {
            for ms in [2.0, 4.0, 8.0, 11.0, 16.0, 21.0, 43.0] {
                let spec = BankSpec {
                    kind,
                    quality,
                    sizing: Sizing::Latency { ms },
                    ..BankSpec::default()
                };
                let Ok(bank) = Bank::design(&spec) else { continue };
                let engine = Engine::new(Arc::new(bank), 1);
                let work = engine.multiply_adds();
                let streamed =
                    work.iter().sum::<f64>() / f64::from(u32::try_from(work.len()).expect("few"));
                let held = engine.held_multiply_adds().expect("less work");
                println!("{kind:?} {quality:?} {ms} ms: {streamed:.0} or {held:.0} a sample");
                assert!(held < 0.15 * streamed, "{kind:?} {quality:?} {ms} ms");
            }
        }
    }
}

#[test]
fn gains_leave_rest_within_5_ms() {
    for bank in banks() {
        let rate_hz = bank.spec().sample_rate_hz;
        // At 8 kHz a batch alone lasts 16 ms.
        if rate_hz < 44_000.0 {
            continue;
        }
        let most = rate_hz * 0.005;
        for (at_rest, offset) in [AtRest::Either, AtRest::Streamed]
            .into_iter()
            .flat_map(|at_rest| [0, 1, 31, 64, 127, 128, 200].map(|offset| (at_rest, offset)))
        {
            let mut engine = Player::new(&bank, Vectors::new(), at_rest).engine(1);
            let rest = engine.rest_samples().expect("has a filter");
            let from = random_gains(bank.bands(), 41);
            // From flat, and from a curve that has long been at rest.
            for gains in [vec![1.0; bank.bands()], from] {
                engine.set_gains(&gains);
                engine.process(&mut [&mut noise(10 * rest + offset, 42)]);
                let before = engine.gains().to_vec();
                engine.set_gains(&random_gains(bank.bands(), 43));
                let mut samples = 0.0;
                while engine.gains() == before {
                    engine.process(&mut [&mut [0.1]]);
                    samples += 1.0;
                }
                // Gains are those of the last tick: what is heard moved 32 samples before.
                assert!(samples - 32.0 <= most, "{samples} samples: {:?}", bank.spec());
            }
        }
    }
}

#[test]
fn gains_that_come_back_while_their_filter_is_left_do_so_without_a_gap() {
    for bank in banks() {
        let mut worst = 0.0_f32;
        let rest = Engine::new(bank.clone(), 1).rest_samples().expect("a filter");
        // Whenever the last ramp ends, before, during and after the fade to what is streamed.
        for away in (rest / 2..4 * rest + 1000).step_by(64) {
            let mut engine = Player::new(&bank, Vectors::new(), AtRest::Held).engine(1);
            let mut sound = noise(away + 9000, 90);
            engine.set_gains(&vec![0.0; bank.bands()]);
            engine.jump_to_gains();
            for (n, block) in sound[..away].chunks_mut(300).enumerate() {
                engine.set_gains(&vec![[1e-4, 2e-4][n % 2]; bank.bands()]);
                engine.process(&mut [block]);
            }
            engine.set_gains(&vec![0.0; bank.bands()]);
            engine.process(&mut [&mut sound[away..]]);
            worst = sound.iter().fold(worst, |worst, sample| worst.max(sample.abs()));
        }
        assert!(worst < 1e-2, "{worst}, {:?}", bank.spec());
    }
}
