//! What the engine promises: exactness at flat, independence of block sizes, faults that pass.

use erbium_dsp::stream::Engine;
use erbium_dsp::{Bank, BankSpec, Kind, Quality, Scale, Sizing};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
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

fn noise(samples: usize, seed: u64) -> Vec<f32> {
    let mut random = StdRng::seed_from_u64(seed);
    (0..samples).map(|_| random.random_range(-1.0..1.0)).collect()
}

/// A full-scale sinusoid at 48 kHz.
#[expect(clippy::cast_possible_truncation)]
fn sinusoid(hz: f64, samples: u32) -> Vec<f32> {
    let radians = std::f64::consts::TAU * hz / 48_000.0;
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

/// The steady output of a bank at these gains.
fn equalised(bank: &Arc<Bank>, gains: &[f32], input: &[f32]) -> Vec<f32> {
    let mut engine = Engine::new(bank.clone(), 1);
    engine.set_gains(gains);
    engine.jump_to_gains();
    let mut sound = input.to_vec();
    engine.process(&mut [&mut sound]);
    sound
}

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
        let mut engine = Engine::new(Arc::new(Bank::design(&spec).expect("designs")), 2);
        let latency = engine.latency_samples();
        let mut input = noise(3000, 1);
        input[7] = -0.0;
        let (mut left, mut right) = (input.clone(), input.clone());
        // Gains that have been elsewhere come back to exactly flat.
        engine.set_targets(&[0.5; 24]);
        engine.jump_to_gains();
        engine.set_targets(&[1.0; 24]);
        engine.jump_to_gains();
        engine.process(&mut [&mut left, &mut right]);
        assert_eq!(bits(&left[latency..]), bits(&input[..3000 - latency]), "{scale} {rate}");
        assert_eq!(bits(&left), bits(&right));
        assert!(left[..latency].iter().all(|sample| *sample == 0.0));
    }
}

#[test]
fn output_does_not_depend_on_how_the_stream_is_cut() {
    for bank in BANKS.iter() {
        let input = noise(20_000, 2);
        let run = |cut: &mut dyn FnMut() -> usize| {
            let mut engine = Engine::new(bank.clone(), 1);
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
fn wakes_up(bank: &Arc<Bank>, watched: bool, cut: &mut dyn FnMut() -> usize) -> Vec<f32> {
    let mut engine = Engine::new(bank.clone(), 2);
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
    for bank in BANKS.iter() {
        let rested = wakes_up(bank, false, &mut || usize::MAX);
        let mut random = StdRng::seed_from_u64(14);
        for cut in [&mut || 1, &mut || 48, &mut || random.random_range(0..997) + 1]
            as [&mut dyn FnMut() -> usize; 3]
        {
            assert!(bits(&rested) == bits(&wakes_up(bank, false, cut)), "cut otherwise");
        }
        // One that is watched never rests; when the ramps of both are over they are the same.
        let watched = wakes_up(bank, true, &mut || 512);
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
    for bank in BANKS.iter() {
        let input = noise(96_000, 6);
        let output = equalised(bank, &[0.0; 40], &input);
        let settled = 4096;
        let depth_db = db(power(&output[settled..]) / power(&input[settled..]));
        let reported_db = bank.report().flat_noise_db;
        println!("muted-all depth {depth_db:.1} dB, reported {reported_db:.1} dB");
        assert!(depth_db <= -110.0, "{depth_db}");
        // Single precision adds a floor of its own.
        let expected_db = db(10.0_f64.powf(reported_db / 10.0) + 10.0_f64.powf(-11.9));
        assert!(depth_db < expected_db + 0.5, "{depth_db} against {reported_db}");
        assert!(depth_db > reported_db - 1.0, "{depth_db} against {reported_db}");
    }
}

/// Alias of a sinusoid through the running engine: what is left after the best fit of the
/// sinusoid itself, against the peak gain.
fn measured_alias_db(bank: &Arc<Bank>, gains: &[f32], hz: f64, peak: f64) -> f64 {
    let radians = std::f64::consts::TAU * hz / 48_000.0;
    let input = sinusoid(hz, 40_000);
    let output = &equalised(bank, gains, &input)[7_232..];
    // Least squares on sine and cosine.
    let basis = |n: usize| {
        let n = f64::from(u32::try_from(n).expect("short"));
        ((radians * n).sin(), (radians * n).cos())
    };
    let (mut ss, mut cc, mut sc, mut ys, mut yc) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (n, &y) in output.iter().enumerate() {
        let (s, c) = basis(n);
        ss += s * s;
        cc += c * c;
        sc += s * c;
        ys += s * f64::from(y);
        yc += c * f64::from(y);
    }
    let determinant = ss * cc - sc * sc;
    let (a, b) = ((ys * cc - yc * sc) / determinant, (yc * ss - ys * sc) / determinant);
    let left: f64 = output
        .iter()
        .enumerate()
        .map(|(n, &y)| {
            let (s, c) = basis(n);
            (f64::from(y) - a * s - b * c).powi(2)
        })
        .sum();
    db(left / (0.5 * peak * peak * f64::from(u32::try_from(output.len()).expect("short"))))
}

#[test]
fn alias_of_the_running_engine_is_as_reported() {
    for bank in BANKS.iter() {
        let zigzag: Vec<f32> =
            (0..40).map(|k| 10.0_f32.powf(if k % 2 == 1 { 0.6 } else { -0.6 })).collect();
        let mut notch = vec![1.0; 40];
        notch[20] = 0.01;
        let mut solo = vec![0.0; 40];
        solo[20] = 1.0;
        let report = bank.report();
        let cases = [
            (zigzag, report.alias_zigzag_db),
            (notch, report.alias_notch_db),
            (solo, report.alias_solo_db),
            (random_gains(40, 7), report.alias_random_db.max(-106.0)),
        ];
        let mut frequencies: Vec<f64> = (0..25).map(|n| 55.0 + 331.7 * f64::from(n)).collect();
        frequencies.extend(&bank.centres_hz()[1..39]);
        for (gains, reported_db) in cases {
            let grid: Vec<f64> = (0..2400).map(|n| 10.0 * f64::from(n)).collect();
            let mut response = vec![0.0; grid.len()];
            bank.responses(&grid).total(&gains, &mut response);
            let peak = f64::from(response.iter().copied().fold(0.0, f32::max));
            let worst = frequencies
                .iter()
                .map(|&hz| measured_alias_db(bank, &gains, hz, peak))
                .fold(f64::NEG_INFINITY, f64::max);
            println!("worst measured alias {worst:.1} dB, reported {reported_db:.1} dB");
            assert!(worst <= -100.0, "{worst}");
            assert!(worst <= reported_db + 1.0, "{worst} against {reported_db}");
            // Single precision and a finite set of sinusoids may only make it look better.
            assert!(worst >= reported_db - 25.0, "{worst} against {reported_db}");
        }
    }
}

#[test]
fn drawn_gains_are_reached_at_the_centres() {
    for (kind, scale, bands, ms) in [
        (Kind::Gammatone, Scale::Erb, 40, 8.0),
        (Kind::Isac, Scale::Erb, 40, 21.0),
        (Kind::Isac, Scale::Mel, 24, 8.0),
        (Kind::Isac, Scale::Bark, 64, 4.0),
        (Kind::Isac, Scale::Log, 16, 43.0),
    ] {
        let sizing = Sizing::Latency { ms };
        let spec = BankSpec { kind, scale, bands, sizing, ..BankSpec::default() };
        let bank = Bank::design(&spec).expect("designs");
        let wanted_db: Vec<f32> = (0..bands)
            .map(|k| {
                let x = f32::from(u16::try_from(k).expect("few"))
                    / f32::from(u16::try_from(bands).expect("few"));
                // Level at 0 Hz, where no real filter can slope.
                12.0 * (std::f32::consts::TAU * 1.5 * x).cos()
            })
            .collect();
        let targets: Vec<f32> = wanted_db.iter().map(|db| 10.0_f32.powf(db / 20.0)).collect();
        let mut gains = vec![0.0; bands];
        bank.solve_gains(&targets, &mut gains);
        let mut reached = vec![0.0; bands];
        bank.responses(bank.centres_hz()).total(&gains, &mut reached);
        for k in 0..bands {
            let error_db = 20.0 * reached[k].log10() - wanted_db[k];
            assert!(error_db.abs() < 0.1, "{scale} {bands} {ms} ms: band {k} off by {error_db} dB");
        }
    }
}

#[test]
fn steep_curves_leave_no_nulls_between_the_centres() {
    for (kind, scale, bands, ms) in [
        (Kind::Isac, Scale::Erb, 40, 21.0),
        (Kind::Isac, Scale::Mel, 64, 4.0),
        (Kind::Gammatone, Scale::Erb, 40, 8.0),
    ] {
        let sizing = Sizing::Latency { ms };
        let bank = Bank::design(&BankSpec { kind, scale, bands, sizing, ..BankSpec::default() })
            .expect("designs");
        let grid: Vec<f64> = (0..4000).map(|n| 6.0 * f64::from(n)).collect();
        let responses = bank.responses(&grid);
        for target_db in [12.0_f32, 24.0] {
            let mut targets = vec![1.0; bands];
            targets[bands / 2] = 10.0_f32.powf(target_db / 20.0);
            let mut gains = vec![0.0; bands];
            bank.solve_gains(&targets, &mut gains);
            let mut response = vec![0.0; grid.len()];
            responses.total(&gains, &mut response);
            let least_db = 20.0 * response.iter().copied().fold(f32::INFINITY, f32::min).log10();
            let most_db = 20.0 * response.iter().copied().fold(0.0, f32::max).log10();
            println!("{kind} {scale} {bands}: asked {target_db}, {least_db:.2} to {most_db:.2} dB");
            assert!(
                least_db > -6.1,
                "{kind} {scale} {bands}: {target_db} dB dips to {least_db} dB"
            );
            assert!(most_db > target_db - 6.0, "{kind} {scale} {bands}: only {most_db} dB");
        }
    }
}

#[test]
fn curves_that_keep_moving_are_followed_steep_ones_too() {
    let ramp = 960;
    for (bank, steep) in BANKS.iter().flat_map(|bank| [(bank, false), (bank, true)]) {
        let wanted = |n: usize| {
            let lift = 1.0 + f32::from(u16::try_from(n % 100).expect("few")) / 100.0;
            let raised = |k: usize| k == 20 || (!steep && k < 40);
            (0..40).map(|k| if raised(k) { lift } else { 1.0 }).collect::<Vec<_>>()
        };
        let solved = |n: usize| {
            let mut gains = vec![0.0; 40];
            bank.solve_gains(&wanted(n), &mut gains);
            gains[20]
        };
        let mut engine = Engine::new(bank.clone(), 1);
        let mut block = vec![0.0; 32];
        // In every block further up, for as long as three ramps.
        for n in 0..3 * ramp / 32 {
            engine.set_targets(&wanted(n));
            engine.process(&mut [&mut block]);
        }
        let (now, asked) = (engine.gains()[20], solved(3 * ramp / 32 - 1));
        assert!(now > 1.0 + 0.4 * (asked - 1.0), "{now} of {asked}, steep: {steep}");
        assert!(now < asked, "{now} of {asked}, steep: {steep}");
        for _ in 0..2 * ramp / 32 {
            engine.process(&mut [&mut block]);
        }
        assert_eq!(engine.gains()[20], asked, "steep: {steep}");
    }
}

#[test]
fn responses_agree_with_the_running_engine() {
    for bank in BANKS.iter() {
        let gains = random_gains(40, 8);
        for hz in [50.0, 440.0, 3333.0, 12_000.0] {
            let mut wanted = [0.0];
            bank.responses(&[hz]).total(&gains, &mut wanted);
            let input = sinusoid(hz, 52_096);
            let output = equalised(bank, &gains, &input);
            let reached = (power(&output[4096..]) / power(&input[4096..])).sqrt();
            assert!(
                (reached / f64::from(wanted[0]) - 1.0).abs() < 1e-3,
                "{hz} Hz: {reached} {wanted:?}"
            );
        }
    }
}

#[test]
fn a_bad_sample_passes_within_the_memory_and_stays_in_its_channel() {
    for bank in BANKS.iter() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e38] {
            let gains = random_gains(40, 9);
            let input = noise(30_000, 10);
            let clean = equalised(bank, &gains, &input);
            let mut engine = Engine::new(bank.clone(), 2);
            engine.set_gains(&gains);
            engine.jump_to_gains();
            let (mut left, mut right) = (input.clone(), input.clone());
            left[1000] = bad;
            engine.process(&mut [&mut left, &mut right]);
            assert!(left.iter().all(|sample| sample.abs() < 100.0), "{bad}");
            let after = 1001 + engine.memory_samples();
            assert_eq!(bits(&left[after..]), bits(&clean[after..]), "{bad} is remembered");
            assert_eq!(bits(&right), bits(&clean), "{bad} reached the other channel");
        }
    }
}

#[test]
fn silence_after_sound_becomes_exactly_silent() {
    for bank in BANKS.iter() {
        let mut input = noise(4000, 11);
        input.resize(30_000, 0.0);
        let memory = Engine::new(bank.clone(), 1).memory_samples();
        let output = equalised(bank, &random_gains(40, 12), &input);
        assert!(output[4000 + memory..].iter().all(|sample| *sample == 0.0));
    }
}

#[test]
fn gains_move_without_a_click() {
    for bank in BANKS.iter() {
        // A low sinusoid has no power at 8 kHz and above; a click has.
        let mut engine = Engine::new(bank.clone(), 1);
        let mut sound = sinusoid(100.0, 24_000);
        for (n, block) in sound.chunks_mut(4800).enumerate() {
            let target = if n % 2 == 0 { 4.0 } else { 0.0 };
            engine.set_targets(&[target; 40]);
            engine.process(&mut [block]);
        }
        // Fourth differences: 16 sin⁴(ω/2), 3e-9 for the sinusoid and up to 16 for a click.
        let click =
            sound[4800..].windows(5).map(|w| w[0] - 4.0 * w[1] + 6.0 * w[2] - 4.0 * w[3] + w[4]);
        let worst = click.fold(0.0_f32, |worst, value| worst.max(value.abs()));
        assert!(worst < 1e-4, "{worst}");
    }
}

#[test]
fn bands_that_go_to_unity_sound_to_their_end() {
    for quality in [Quality::Eco, Quality::Standard, Quality::High] {
        for kind in [Kind::Isac, Kind::Gammatone] {
            let spec = BankSpec { kind, quality, ..BankSpec::default() };
            let bank = Arc::new(Bank::design(&spec).expect("designs"));
            // An engine that is listened to has no rest.
            let [rested, watched] = [false, true].map(|watched| {
                let mut engine = Engine::new(bank.clone(), 1);
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
            });
            assert!(bits(&rested) == bits(&watched), "{kind:?} {quality:?}");
        }
    }
}

#[test]
fn work_is_spread_evenly_over_blocks_and_less_than_the_plain_form() {
    for bank in BANKS.iter() {
        let work = Engine::new(bank.clone(), 1).multiply_adds();
        let mean = work.iter().sum::<f64>() / f64::from(u32::try_from(work.len()).expect("fits"));
        let block = |start: usize| (start..start + 32).map(|n| work[n % work.len()]).sum::<f64>();
        let worst = (0..work.len()).map(block).fold(0.0, f64::max) / 32.0;
        println!("{mean:.0} a sample, {:.2} times that in the worst block", worst / mean);
        assert!(worst <= 1.5 * mean, "{worst} against {mean}");
        assert!(mean < bank.report().macs_per_sample, "{mean}");
    }
}

#[test]
fn levels_read_the_amplitude_of_a_sinusoid() {
    for bank in BANKS.iter() {
        let mut engine = Engine::new(bank.clone(), 1);
        engine.set_metering(true);
        let hz = bank.centres_hz()[20];
        let mut sound = sinusoid(hz, 9600);
        let mut levels = [0.0; 40];
        engine.process(&mut [&mut sound[..4800]]);
        engine.take_levels(&mut levels);
        engine.process(&mut [&mut sound[4800..]]);
        engine.take_levels(&mut levels);
        assert!((levels[20] - 1.0).abs() < 0.01, "{}", levels[20]);
        // A gammatone filter's skirts fall by 24 dB per octave.
        assert!(levels[30] < 2e-3, "{}", levels[30]);
    }
}

#[test]
fn every_quality_keeps_its_word() {
    let alias = |quality| {
        let bank = Bank::design(&BankSpec { quality, ..BankSpec::default() }).expect("designs");
        (bank.report().worst_alias_db(), bank.report().macs_per_sample)
    };
    let (eco_db, eco_macs) = alias(Quality::Eco);
    let (standard_db, standard_macs) = alias(Quality::Standard);
    let (high_db, high_macs) = alias(Quality::High);
    assert!(eco_db <= -80.0 && standard_db <= -100.0 && high_db <= standard_db - 10.0);
    assert!(eco_macs < standard_macs && standard_macs < high_macs);
}

#[test]
fn the_default_banks_are_near_tight_frames_and_do_not_cancel() {
    let isac = &BANKS[0];
    let condition_number = isac.frame_bounds().condition_number();
    assert!(condition_number < 1.2, "{condition_number}");
    for bank in BANKS.iter() {
        assert!(bank.report().cancellation < 1.2, "{}", bank.report().cancellation);
    }
}
