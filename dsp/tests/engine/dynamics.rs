//! Gains that follow each band's level: as asked for, in the times asked for, and nothing where they are off.

use super::{BANKS, Player, bits, db, noise, power, random_gains, sinusoid};
use erbium_dsp::dynamics::{Action, Dynamics, Mode};
use erbium_dsp::stream::{AtRest, Engine, Vectors};
use erbium_dsp::{Bank, BankSpec, Kind, Sizing};
use num_complex::Complex;
use std::f64::consts::TAU;
use std::sync::Arc;

fn compressor(ratio: f32) -> Dynamics {
    Dynamics { ratio, knee_db: 0.0, range_db: 60.0, ..Dynamics::default() }
}

fn engine(bank: &Arc<Bank>, dynamics: &Dynamics, threshold_db: f32) -> Engine {
    let mut engine = Engine::new(bank.clone(), 1);
    engine.set_dynamics(dynamics);
    engine.set_thresholds_db(&vec![threshold_db; bank.bands()]);
    engine.jump_to_gains();
    engine
}

fn amplified(sound: &[f32], db: f32) -> Vec<f32> {
    let gain = 10.0_f32.powf(db / 20.0);
    sound.iter().map(|sample| gain * sample).collect()
}

fn processed(engine: &mut Engine, sound: &[f32]) -> Vec<f32> {
    let mut sound = sound.to_vec();
    engine.process(&mut [&mut sound]);
    sound
}

#[expect(clippy::cast_precision_loss)]
fn real(count: usize) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation)]
fn single(value: f64) -> f32 {
    value as f32
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn count(value: f64) -> usize {
    value.round() as usize
}

fn banks() -> Vec<Arc<Bank>> {
    let designed = |kind, ms| {
        let spec = BankSpec { kind, sizing: Sizing::Latency { ms }, ..BankSpec::default() };
        Arc::new(Bank::design(&spec).expect("designs"))
    };
    let mut banks = BANKS.to_vec();
    banks.extend([designed(Kind::Isac, 4.0), designed(Kind::Gammatone, 21.0)]);
    banks
}

#[test]
fn steady_sinusoids_come_out_at_the_static_curve() {
    for bank in banks() {
        let mut worst = 0.0_f64;
        for action in Action::ALL {
            let dynamics = Dynamics { action, range_db: 20.0, knee_db: 6.0, ..compressor(3.0) };
            for k in (2..bank.bands() - 2).step_by(5) {
                let tone = sinusoid(bank.centres_hz()[k], 48_000);
                for level_db in [-20.0, -30.0, -37.0] {
                    let mut engine = engine(&bank, &dynamics, -31.0);
                    let input = amplified(&tone, level_db);
                    let output = processed(&mut engine, &input);
                    let achieved = db(power(&output[38_400..]) / power(&input[38_400..]));
                    let past = if action.is_below() { -31.0 - level_db } else { level_db + 31.0 };
                    let error =
                        (achieved - f64::from(dynamics.gain_computer().gain_db(past))).abs();
                    // Below where its bands are resolved, a bank of recursive filters meets them as nearly as it can.
                    let resolved = bank.spec().kind == Kind::Isac || k >= 12;
                    assert!(error <= if resolved { 0.2 } else { 1.2 }, "{action:?}, {k}: {error}");
                    if resolved {
                        worst = worst.max(error);
                    }
                }
            }
        }
        println!("{:?}, {:?}: {worst:.3} dB", bank.spec().kind, bank.spec().sizing);
    }
}

#[test]
fn steady_noise_comes_out_at_the_static_curve() {
    let sound = amplified(&noise(30 * 48_000, 31), -12.0);
    for bank in banks().into_iter().take(2) {
        let levels = levels_db(&bank, &sound);
        for ratio in [2.0, 4.0] {
            let mut engine = engine(&bank, &compressor(ratio), 0.0);
            let thresholds: Vec<f32> = levels.iter().map(|level| level - 15.0).collect();
            engine.set_thresholds_db(&thresholds);
            engine.jump_to_gains();
            let after = levels_db(&bank, &processed(&mut engine, &sound));
            let asked = -15.0 * (1.0 - 1.0 / ratio);
            let errors = levels.iter().zip(&after).map(|(before, after)| after - before - asked);
            let errors: Vec<f32> = errors.collect();
            println!("{:?}, ratio {ratio}: {errors:.2?}", bank.spec().kind);
            for (k, error) in errors.iter().enumerate().take(bank.bands() - 2).skip(2) {
                // Overlapping bands of recursive filters fluctuate together. And what the level of noise in the band is
                // uncertain by, in 30 s.
                let bias = if bank.spec().kind == Kind::Isac { 0.2 } else { 0.3 };
                let most = bias + 6.0 / (30.0 * bank.bandwidths_hz()[k]).sqrt();
                let error = f64::from(*error);
                assert!(error.abs() <= most, "band {k}: {error} dB");
            }
        }
    }
}

/// Milliseconds after a step of a sinusoid's level until the output is within so many decibels of where it will be.
fn settled_ms(
    bank: &Arc<Bank>,
    dynamics: &Dynamics,
    hz: f64,
    [from_db, to_db]: [f32; 2],
    within_db: f64,
) -> f64 {
    const STEP: usize = 72_000;
    let tone = sinusoid(hz, 168_000);
    let mut sound = amplified(&tone[..STEP], from_db);
    sound.extend(amplified(&tone[STEP..], to_db));
    let output = processed(&mut engine(bank, dynamics, -75.0), &sound);
    let apart = count(12_000.0 / hz).max(1);
    let (sin, cos) = (TAU * hz / 48_000.0 * real(apart)).sin_cos();
    // From two samples about a quarter of a period apart.
    let level_db = |n: usize| {
        let (now, before) = (f64::from(output[n]), f64::from(output[n - apart]));
        db((now * now + before * before - 2.0 * now * before * cos) / (sin * sin))
    };
    let last = level_db(output.len() - 1);
    let start = STEP + bank.latency_samples();
    let settled = |n: &usize| (level_db(*n) - last).abs() <= within_db;
    let end = (start..output.len()).rfind(|n| !settled(n)).expect("a step");
    1000.0 * real(end - start) / 48_000.0
}

#[test]
fn attack_and_release_take_the_times_said() {
    for bank in banks() {
        let mut longest = 0.0_f64;
        for ratio in [2.0, 4.0] {
            for (attack_ms, release_ms) in [(20.0, 150.0), (30.0, 400.0), (20.0, 600.0)] {
                let dynamics = Dynamics { attack_ms, release_ms, ..compressor(ratio) };
                for hz in [500.0, 1000.0, 4000.0] {
                    let near = |k: &usize| (bank.centres_hz()[*k] - hz).abs();
                    let k = (0..bank.bands()).min_by(|a, b| near(a).total_cmp(&near(b)));
                    let k = k.expect("bands");
                    let hz = bank.centres_hz()[k];
                    let said = dynamics.smoothing(bank.bandwidths_hz()[k]);
                    let attack = settled_ms(&bank, &dynamics, hz, [-60.0, -25.0], 3.0);
                    let release = settled_ms(&bank, &dynamics, hz, [-25.0, -60.0], 4.0);
                    println!(
                        "{:?}, {} samples, ratio {ratio}, {hz:.0} Hz: attack {attack:.1} of {:.1} ms, release {release:.1} of {:.1} ms",
                        bank.spec().kind,
                        bank.latency_samples(),
                        said.attack_ms,
                        said.release_ms,
                    );
                    let most = if bank.spec().kind == Kind::Isac { 1.1 } else { 1.35 };
                    assert!((1.0 / most..most).contains(&(release / said.release_ms)), "{release}");
                    longest = longest.max(attack / said.attack_ms);
                }
            }
        }
        println!("attacks of up to {longest:.1} times what is said");
    }
}

#[test]
fn what_is_off_changes_no_bit() {
    let sound = noise(30_000, 5);
    for bank in BANKS.iter() {
        for at_rest in [AtRest::Either, AtRest::Streamed] {
            let gains = random_gains(bank.bands(), 6);
            let play = |dynamics: Option<Dynamics>, amount: f32| {
                let mut engine = Player::new(bank, Vectors::new(), at_rest).engine(2);
                if let Some(dynamics) = dynamics {
                    engine.set_dynamics(&dynamics);
                    engine.set_thresholds_db(&vec![-60.0; bank.bands()]);
                    engine.set_amounts(&vec![amount; bank.bands()]);
                }
                engine.set_gains(&gains);
                let (mut left, mut right) = (sound.clone(), amplified(&sound, -6.0));
                engine.process(&mut [&mut left, &mut right]);
                (bits(&left), bits(&right))
            };
            let without = play(None, 1.0);
            let on = compressor(4.0);
            assert!(play(Some(on), 1.0) != without);
            let nothing = [
                (Dynamics { ratio: 1.0, ..on }, 1.0),
                (Dynamics { range_db: 0.0, ..on }, 1.0),
                (Dynamics { mix: 0.0, ..on }, 1.0),
                (on, 0.0),
            ];
            for (dynamics, amount) in nothing {
                assert!(play(Some(dynamics), amount) == without, "{dynamics:?}, {amount}");
            }
        }
    }
}

#[test]
fn where_no_band_is_past_its_threshold_flat_is_the_delayed_input() {
    let sound = amplified(&noise(20_000, 7), -20.0);
    for bank in banks() {
        let mut engine = engine(&bank, &Dynamics { knee_db: 0.0, ..compressor(4.0) }, 0.0);
        let output = processed(&mut engine, &sound);
        let delay = bank.latency_samples();
        assert_eq!(bits(&output[delay..]), bits(&sound[..sound.len() - delay]));
    }
}

#[test]
fn the_output_does_not_depend_on_blocks_through_all_that_comes_and_goes() {
    let sound = noise(60_000, 8);
    for bank in banks() {
        for channels in [1, 2, 3] {
            let play = |cut: &mut dyn FnMut() -> usize| {
                let mut engine = Engine::new(bank.clone(), channels);
                let mut sounds: Vec<Vec<f32>> = (0_u8..)
                    .take(channels)
                    .map(|c| amplified(&sound, -9.0 * f32::from(c)))
                    .collect();
                let mut done = 0;
                let on = compressor(4.0);
                let events: Vec<(usize, Event)> = vec![
                    (
                        0,
                        Box::new(|engine: &mut Engine| {
                            engine.set_gains(&random_gains(engine.bank().bands(), 9))
                        }),
                    ),
                    (20_000, Box::new(move |engine: &mut Engine| engine.set_dynamics(&on))),
                    (
                        20_000,
                        Box::new(|engine: &mut Engine| engine.set_thresholds_db(&[-40.0; 64])),
                    ),
                    (
                        27_000,
                        Box::new(move |engine: &mut Engine| {
                            engine.set_dynamics(&Dynamics { mode: Mode::Relative, ..on })
                        }),
                    ),
                    (
                        31_000,
                        Box::new(|engine: &mut Engine| {
                            engine.set_gains(&random_gains(engine.bank().bands(), 10))
                        }),
                    ),
                    (
                        38_000,
                        Box::new(|engine: &mut Engine| engine.set_dynamics(&Dynamics::default())),
                    ),
                    (60_000, Box::new(|_: &mut Engine| {})),
                ];
                for (at, event) in events {
                    while done < at {
                        let many = cut().min(at - done);
                        let mut parts: Vec<&mut [f32]> =
                            sounds.iter_mut().map(|sound| &mut sound[done..done + many]).collect();
                        engine.process(&mut parts);
                        done += many;
                    }
                    event(&mut engine);
                }
                sounds.iter().map(|sound| bits(sound)).collect::<Vec<_>>()
            };
            let whole = play(&mut || 60_000);
            let mut n = 0_usize;
            let pieces = play(&mut || {
                n += 1;
                [1, 31, 32, 33, 7, 200, 128, 5][n % 8]
            });
            assert!(whole == pieces, "{:?}, {channels}", bank.spec());
        }
    }
}

/// What is asked of an engine amid a sound.
type Event = Box<dyn Fn(&mut Engine)>;

/// How much stronger the loudest line beside a sinusoid is, 5 Hz and more away, in decibels.
fn loudest_side_line_db(sound: &[f32], hz: f64) -> f64 {
    let away = (0..60_u8).map(|n| 5.0 + f64::from(n) * 4.0).filter(|away| *away < 0.9 * hz);
    let lines = away.flat_map(|away| [line(sound, hz + away), line(sound, hz - away)]);
    db(lines.fold(0.0, f64::max) / line(sound, hz))
}

/// The power at a frequency.
fn line(sound: &[f32], hz: f64) -> f64 {
    let window = |n: usize| {
        let x = TAU * (real(n) + 0.5) / real(sound.len());
        0.358_75 - 0.488_29 * x.cos() + 0.141_28 * (2.0 * x).cos() - 0.011_68 * (3.0 * x).cos()
    };
    let step = Complex::cis(-TAU * hz / 48_000.0);
    let (mut phasor, mut sum) = (Complex::new(1.0, 0.0), Complex::new(0.0, 0.0));
    for (n, sample) in sound.iter().enumerate() {
        sum += phasor * f64::from(*sample) * window(n);
        phasor *= step;
    }
    sum.norm_sqr()
}

#[test]
fn a_steady_sinusoid_is_not_modulated() {
    for bank in BANKS.iter() {
        for hz in [62.0, 250.0, 1031.0, 5000.0] {
            let tone = amplified(&sinusoid(hz, 144_000), -10.0);
            let output = processed(&mut engine(bank, &compressor(4.0), -40.0), &tone);
            let lines = loudest_side_line_db(&output[96_000..], hz);
            println!("{:?}, {hz} Hz: {lines:.1} dB", bank.spec().kind);
            assert!(lines <= -100.0, "{lines}");
        }
    }
}

/// The level of each band's mean power, of a sinusoid of full scale at the centre.
fn levels_db(bank: &Bank, sound: &[f32]) -> Vec<f32> {
    let skipped = 24_000;
    (0..bank.bands())
        .map(|k| {
            let kernel = &bank.analysis_kernels()[k];
            let taps: Vec<(f32, f32)> =
                kernel.taps.iter().map(|tap| (single(tap.re), single(tap.im))).collect();
            let stride = (taps.len() / 6).max(3) | 1;
            let (mut sum, mut many) = (0.0_f64, 0.0_f64);
            let mut n = skipped;
            while n < sound.len() {
                let (mut re, mut im) = (0.0, 0.0);
                for ((a, b), sample) in taps.iter().zip(sound[..=n].iter().rev()) {
                    re += a * sample;
                    im += b * sample;
                }
                sum += f64::from(re * re + im * im);
                many += 1.0;
                n += stride * 2;
            }
            let edge = k == 0 || k == bank.bands() - 1;
            single(db(sum / many) + if edge { 0.0 } else { 6.0206 })
        })
        .collect()
}

#[test]
fn once_dynamics_are_off_gains_at_rest_are_one_filter_again() {
    let sound = noise(120_000, 11);
    for bank in BANKS.iter() {
        let play = |with: bool| {
            let mut engine = Engine::new(bank.clone(), 1);
            engine.set_gains(&random_gains(bank.bands(), 12));
            engine.jump_to_gains();
            let mut output = processed(&mut engine, &sound[..30_000]);
            if with {
                engine.set_dynamics(&compressor(4.0));
                engine.set_thresholds_db(&vec![-50.0; bank.bands()]);
            }
            output.extend(processed(&mut engine, &sound[30_000..60_000]));
            engine.set_dynamics(&Dynamics::default());
            output.extend(processed(&mut engine, &sound[60_000..]));
            output
        };
        let (with, without) = (play(true), play(false));
        assert_eq!(bits(&with[..30_000]), bits(&without[..30_000]));
        assert!(bits(&with[40_000..60_000]) != bits(&without[40_000..60_000]));
        assert_eq!(bits(&with[100_000..]), bits(&without[100_000..]), "{:?}", bank.spec().kind);
    }
}

#[test]
fn a_filter_that_plays_is_left_once_dynamics_are_at_work() {
    let sound = noise(90_000, 15);
    for bank in BANKS.iter() {
        let play = |at_rest| {
            let mut engine = Player::new(bank, Vectors::new(), at_rest).engine(1);
            engine.set_gains(&random_gains(bank.bands(), 16));
            engine.jump_to_gains();
            let mut output = processed(&mut engine, &sound[..20_000]);
            engine.set_dynamics(&compressor(2.0));
            engine.set_thresholds_db(&vec![-40.0; bank.bands()]);
            output.extend(processed(&mut engine, &sound[20_000..]));
            output
        };
        // They begin some milliseconds apart, as filters have to catch up: until levels agree it takes a second.
        let (either, streamed) = (play(AtRest::Either), play(AtRest::Streamed));
        for (from, most_db) in
            [(10_000, -100.0), (22_000, -25.0), (40_000, -70.0), (80_000, -300.0)]
        {
            let (either, streamed) = (&either[from..from + 10_000], &streamed[from..from + 10_000]);
            let apart = either.iter().zip(streamed).map(|(a, b)| a - b).collect::<Vec<_>>();
            let apart_db = db(power(&apart) / power(streamed));
            println!("{:?}, {from}: {apart_db:.1} dB", bank.spec().kind);
            assert!(apart_db <= most_db, "{:?}, {from}: {apart_db}", bank.spec().kind);
        }
    }
}

#[test]
fn the_loudest_sound_passes_without_harm_to_what_follows() {
    for bank in BANKS.iter() {
        let dynamics =
            Dynamics { action: Action::ExpandUpward, range_db: 60.0, ..compressor(100.0) };
        let mut engine = engine(bank, &dynamics, -60.0);
        let loudest: Vec<f32> = noise(20_000, 14).iter().map(|sample| 1e15 * sample).collect();
        assert!(processed(&mut engine, &loudest).iter().all(|sample| sample.is_finite()));
        engine.set_dynamics(&compressor(4.0));
        let tone = amplified(&sinusoid(bank.centres_hz()[20], 480_000), -20.0);
        let output = processed(&mut engine, &tone);
        let gain_db = db(power(&output[432_000..]) / power(&tone[432_000..]));
        assert!((gain_db + 30.0).abs() < 0.2, "{gain_db}");
    }
}

#[test]
fn what_sticks_out_of_its_surroundings_comes_down_and_nothing_else() {
    let bank = &BANKS[0];
    let dynamics = Dynamics { mode: Mode::Relative, margin_db: 6.0, ..compressor(4.0) };
    let k = 24;
    let mut sound = amplified(&noise(10 * 48_000, 13), -30.0);
    let before = levels_db(bank, &sound);
    for (sample, tone) in sound.iter_mut().zip(sinusoid(bank.centres_hz()[k], 480_000)) {
        *sample += 0.05 * tone;
    }
    let with = levels_db(bank, &sound);
    let after = levels_db(bank, &processed(&mut engine(bank, &dynamics, -90.0), &sound));
    println!("{:.1} -> {:.1} -> {:.1} dB", before[k], with[k], after[k]);
    assert!(with[k] - after[k] > 0.6 * (with[k] - before[k] - 6.0));
    for j in (2..bank.bands() - 2).filter(|j| j.abs_diff(k) > 2) {
        assert!((after[j] - with[j]).abs() < 0.3, "{j}: {} for {}", after[j], with[j]);
    }
}

#[test]
fn steps_of_settings_do_not_click() {
    for bank in BANKS.iter() {
        let hz = bank.centres_hz()[20];
        let tone = amplified(&sinusoid(hz, 96_000), -10.0);
        let mut engine = engine(bank, &compressor(4.0), -20.0);
        let mut output = processed(&mut engine, &tone[..48_000]);
        engine.set_thresholds_db(&vec![-50.0; bank.bands()]);
        output.extend(processed(&mut engine, &tone[48_000..60_000]));
        engine.set_dynamics(&Dynamics {
            action: Action::ExpandUpward,
            range_db: 10.0,
            ..compressor(2.0)
        });
        output.extend(processed(&mut engine, &tone[60_000..72_000]));
        engine.set_dynamics(&Dynamics::default());
        output.extend(processed(&mut engine, &tone[72_000..]));
        // What is left once three bandwidths around the tone are taken out: its second differences at a distance.
        let apart = loudest_far_line_db(&output[40_000..90_000], hz);
        println!("{:?}: {apart:.1} dB", bank.spec().kind);
        assert!(apart <= -80.0, "{apart}");
    }
}

/// How strong the loudest line is at 1 to 8 kHz above a sinusoid, in decibels.
fn loudest_far_line_db(sound: &[f32], hz: f64) -> f64 {
    let lines = (0..140_u16).map(|n| line(sound, hz + 1000.0 + 50.0 * f64::from(n)));
    db(lines.fold(0.0, f64::max) / line(sound, hz))
}
