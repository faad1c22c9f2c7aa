//! Without latency: the same magnitude with minimum phase, and gains that are followed without a click.

use super::{bits, db, given, noise, random_gains, sinusoid};
use erbium_dsp::stream::{AtRest, Engine, EngineOptions, Offline, Vectors};
use erbium_dsp::{Bank, BankSpec, Kind, Phase, Scale, Sizing, UserKernels};
use num_complex::Complex;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use realfft::RealFftPlanner;
use std::f64::consts::TAU;
use std::sync::{Arc, LazyLock};

/// Banks of both kinds, of given kernels, and at other rates.
static BANKS: LazyLock<Vec<Arc<Bank>>> = LazyLock::new(|| {
    let spec = |kind, ms, sample_rate_hz, bands| {
        let sizing = Sizing::Latency { ms };
        let phase = Phase::Minimum;
        BankSpec { kind, sizing, sample_rate_hz, bands, phase, ..BankSpec::default() }
    };
    let specs = [
        spec(Kind::Isac, 21.0, 48_000.0, 40),
        spec(Kind::Gammatone, 21.0, 48_000.0, 40),
        spec(Kind::Gammatone, 8.0, 44_100.0, 40),
        spec(Kind::Isac, 21.0, 192_000.0, 24),
        spec(Kind::Isac, 21.0, 8_000.0, 24),
        spec(Kind::Isac, 21.0, 44_100.0, 40),
        BankSpec { scale: Scale::Log, ..spec(Kind::Isac, 21.0, 44_100.0, 40) },
    ];
    let mut banks: Vec<_> = specs.iter().map(|spec| Bank::design(spec).expect("designs")).collect();
    banks.push(given().with_phase(Phase::Minimum));
    banks.into_iter().map(Arc::new).collect()
});

fn engine(bank: &Arc<Bank>, at_rest: AtRest) -> Engine {
    Engine::with_options(bank.clone(), 1, EngineOptions { at_rest, ..EngineOptions::default() })
}

/// The magnitudes of a filter at so many points.
fn spectrum(filter: &[f32], points: usize) -> Vec<f64> {
    let forward = RealFftPlanner::<f64>::new().plan_fft_forward(points);
    let mut frame = forward.make_input_vec();
    for (sample, tap) in frame.iter_mut().zip(filter) {
        *sample = f64::from(*tap);
    }
    let mut bins = forward.make_output_vec();
    forward.process(&mut frame, &mut bins).expect("fits");
    bins.into_iter().map(Complex::norm).collect()
}

/// Curves that a minimum phase is hard to find for, and some that are not.
fn curves(bands: usize) -> Vec<(&'static str, Vec<f32>)> {
    let unity = || vec![1.0_f32; bands];
    let with = |mut gains: Vec<f32>, k: usize, gain| {
        gains[k] = gain;
        gains
    };
    let half = |low, high| (0..bands).map(|k| if k < bands / 2 { low } else { high }).collect();
    let zigzag = (0..bands).map(|k| [0.25, 4.0][k % 2]).collect();
    vec![
        ("random", random_gains(bands, 61)),
        ("zigzag", zigzag),
        ("notch", with(unity(), bands / 2, 0.01)),
        ("low notch", with(unity(), 3, 0.01)),
        ("a band off", with(unity(), bands / 3, 0.0)),
        ("low peak", with(unity(), 5, 15.8)),
        ("solo", with(vec![0.0; bands], bands / 2, 1.0)),
        ("solo of the lowest", with(vec![0.0; bands], 0, 1.0)),
        ("solo of the second", with(vec![0.0; bands], 1, 1.0)),
        ("solo of the third", with(vec![0.0; bands], 2, 1.0)),
        ("low solo", with(vec![0.0; bands], 3, 1.0)),
        ("low half off", half(0.0, 1.0)),
        ("high half off", half(1.0, 0.0)),
    ]
}

#[test]
fn the_magnitude_is_that_of_the_bank_and_the_phase_the_least() {
    const POINTS: u32 = 1 << 18;
    for bank in BANKS.iter() {
        let mut worst = 0.0_f64;
        for (name, gains) in curves(bank.bands()) {
            let found = bank.collapse(&gains);
            let found_spectrum = spectrum(&found, 1 << 18);
            let linear = of_bank(bank).collapse(&gains);
            let expected = spectrum(&linear, 1 << 18);
            let peak = expected.iter().copied().fold(0.0, f64::max);
            let heard = found_spectrum.iter().zip(&expected);
            let heard =
                heard.filter(|(_, expected)| **expected > peak * 10.0_f64.powf(-45.0 / 20.0));
            let apart = heard.map(|(found, expected)| db((found / expected).powi(2)).abs());
            let apart_db = apart.fold(0.0, f64::max);
            worst = worst.max(apart_db);
            println!("{name}: {apart_db:.4} dB");
            assert!(apart_db <= 0.01, "{name}: {apart_db} dB, {:?}", bank.spec());
            // Of all filters of a magnitude the one of minimum phase has the greatest first tap: the
            // geometric mean of the magnitude. A zero outside the unit circle would take from it.
            let logarithms = found_spectrum[1..1 << 17].iter().map(|value| value.ln());
            let mean = logarithms.sum::<f64>() / f64::from(POINTS / 2 - 1);
            let first_db = db((f64::from(found[0]) / mean.exp()).powi(2));
            assert!(first_db.abs() < 0.2, "{name}: {first_db} dB, {:?}", bank.spec());
        }
        println!("{:?} {:?}: {worst:.4} dB", bank.spec().kind, bank.spec().sizing);
    }
}

/// The same bank with its own phase.
fn of_bank(bank: &Bank) -> Bank {
    let spec = BankSpec { phase: Phase::OfBank, ..*bank.spec() };
    match spec.sizing {
        Sizing::UserKernels { .. } => {
            let rows = bank.analysis_kernels().iter();
            let rows = rows.map(|kernel| {
                let mut row = vec![Complex::ZERO; kernel.offset];
                row.extend(&kernel.taps);
                row
            });
            let kernels = UserKernels::new(rows.collect(), bank.strides(), None).expect("valid");
            Bank::of_kernels(&kernels, Scale::Erb, 48_000.0, &|| false).expect("a frame")
        }
        _ => Bank::design(&spec).expect("designs"),
    }
}

#[test]
fn a_mix_is_drawn_as_the_sum_of_two_phases() {
    for bank in BANKS.iter() {
        let gains = random_gains(bank.bands(), 74);
        let filter = bank.collapse(&gains);
        let hz = &bank.centres_hz()[1..bank.bands() - 1];
        let responses = bank.responses(hz);
        for mixed in [[1.0, 1.0], [1.0, 0.5], [0.0, 1.0], [2.0, 2.0]] {
            let mut drawn = vec![0.0; hz.len()];
            responses.mixed(&gains, mixed, &mut drawn);
            let [dry, change] = mixed.map(f64::from);
            for (hz, drawn) in hz.iter().zip(&drawn) {
                let turns = hz / bank.spec().sample_rate_hz;
                let phasor = |n: u32| Complex::cis(-TAU * (turns * f64::from(n)).fract());
                let taps = filter.iter().zip(0..);
                let whole: Complex<f64> = taps.map(|(tap, n)| f64::from(*tap) * phasor(n)).sum();
                let expected = (dry + change * (whole - 1.0)).norm();
                // Of a peak of 12 dB.
                assert!(
                    (f64::from(*drawn) - expected).abs() < 0.01,
                    "{hz} Hz: {drawn}, {expected}"
                );
            }
        }
    }
}

#[test]
fn what_is_played_at_rest_is_the_collapsed_bank_to_rounding() {
    for bank in BANKS.iter() {
        let gains = random_gains(bank.bands(), 62);
        let filter = bank.collapse(&gains);
        let settled = 6 * filter.len() + 16_384;
        let input = noise(settled + 1000, 63);
        let expected: Vec<f64> = (settled..input.len())
            .map(|n| {
                let terms = filter.iter().zip(input[..=n].iter().rev());
                terms.map(|(tap, sample)| f64::from(*tap) * f64::from(*sample)).sum()
            })
            .collect();
        let check = |what: &str, found: &[f32]| {
            let apart = found.iter().zip(&expected).map(|(a, b)| (f64::from(*a) - b).powi(2));
            let all = expected.iter().map(|value| value * value).sum::<f64>();
            let all = all.max(super::power(&input[settled..]));
            let error_db = db(apart.sum::<f64>() / all);
            println!("{what}: {error_db:.1} dB");
            assert!(error_db <= -130.0, "{what}: {error_db} dB, {:?}", bank.spec());
        };
        for at_rest in [AtRest::Either, AtRest::Held] {
            for vectors in [Vectors::new(), Vectors::Scalar] {
                let options = EngineOptions { vectors, at_rest };
                let mut engine = Engine::with_options(bank.clone(), 1, options);
                assert_eq!(engine.latency_samples(), 0);
                engine.set_gains(&gains);
                engine.jump_to_gains();
                let mut sound = input.clone();
                engine.process(&mut [&mut sound]);
                check("engine", &sound[settled..]);
            }
        }
        let mut offline = Offline::new(bank.clone(), 1).expect("fits in frames");
        assert_eq!(offline.latency_samples(), 0);
        offline.set_gains(&gains);
        let mut change = vec![0.0; input.len()];
        offline.process_change(&[&input], &mut [&mut change]);
        let sound: Vec<_> =
            input.iter().zip(&change).map(|(input, change)| input + change).collect();
        check("offline", &sound[settled..]);
    }
}

/// Gains that move, rest, keep moving and go to flat, each from a sample on.
fn moves(bands: usize) -> Vec<(usize, Vec<f32>)> {
    let mut moves = vec![
        (100, random_gains(bands, 64)),
        (12_345, random_gains(bands, 65)),
        // Before the filter of the last has faded in, and while the fine one is built.
        (12_700, random_gains(bands, 66)),
        (15_000, random_gains(bands, 67)),
        (24_000, vec![1.0; bands]),
        (36_000, random_gains(bands, 68)),
    ];
    moves.extend(
        (0..60).map(|n| (40_000 + 301 * n, random_gains(bands, 70 + u64::from(n % 2 == 0)))),
    );
    moves.push((60_000, vec![1.0; bands]));
    moves
}

fn play(mut engine: Engine, input: &[f32], cut: &mut dyn FnMut() -> usize) -> Vec<f32> {
    let moves = moves(engine.bank().bands());
    let (mut sound, mut start) = (input.to_vec(), 0);
    let mut moves = moves.iter().peekable();
    while start < sound.len() {
        while let Some((_, gains)) = moves.next_if(|(from, _)| *from == start) {
            engine.set_gains(gains);
        }
        let next = moves.peek().map_or(sound.len(), |(from, _)| *from);
        let many = cut().min(next - start);
        engine.process(&mut [&mut sound[start..start + many]]);
        start += many;
    }
    sound
}

#[test]
fn the_output_does_not_depend_on_how_the_stream_is_cut() {
    for bank in BANKS.iter() {
        let input = noise(70_000, 69);
        let whole = bits(&play(engine(bank, AtRest::Either), &input, &mut || usize::MAX));
        let mut random = StdRng::seed_from_u64(70);
        for cut in [&mut || 17, &mut || 512, &mut || random.random_range(1..997)]
            as [&mut dyn FnMut() -> usize; 3]
        {
            assert!(whole == bits(&play(engine(bank, AtRest::Either), &input, cut)));
        }
    }
}

#[test]
fn flat_is_the_input_to_the_bit_before_and_after_any_curve() {
    for bank in BANKS.iter() {
        let rate_hz = bank.spec().sample_rate_hz;
        let input = noise(70_000, 71);
        let output = play(engine(bank, AtRest::Either), &input, &mut || 333);
        // Within 50 ms; at 8 kHz a filter has 32 samples or more.
        let settled = if rate_hz > 100_000.0 { 9_600 } else { 2_400 };
        assert_eq!(bits(&output[..100]), bits(&input[..100]));
        for (from, to) in [(24_000, 36_000), (60_000, 70_000)] {
            let from = from + settled;
            assert_eq!(bits(&output[from..to]), bits(&input[from..to]), "{:?}", bank.spec());
        }
        let silent = play(engine(bank, AtRest::Either), &vec![0.0; 70_000], &mut || 100);
        assert!(silent.iter().all(|sample| sample.to_bits() == 0));
    }
}

#[test]
fn gains_are_where_they_were_asked_to_be_within_20_ms() {
    for bank in BANKS.iter() {
        let rate_hz = bank.spec().sample_rate_hz;
        // At 8 kHz an interval is a control block.
        let Some((_, within)) = [(44_100.0, 882), (48_000.0, 960), (192_000.0, 3840)]
            .into_iter()
            .find(|(hz, _)| *hz == rate_hz)
        else {
            continue;
        };
        for (offset, target) in
            [(0, 4.0), (1, 0.25), (77, 2.0), (128, 0.5), (225, 0.5), (1000, 4.0), (1023, 2.0)]
        {
            let mut engine = engine(bank, AtRest::Either);
            let hz = bank.centres_hz()[bank.bands() / 2];
            let turns = |n: u32| TAU * (hz / rate_hz * f64::from(n)).fract();
            #[expect(clippy::cast_possible_truncation)]
            let mut sound: Vec<_> = (0..80_000).map(|n| turns(n).sin() as f32).collect();
            // What it would be with these gains all along.
            let mut expected = sound.clone();
            let mut settled = self::engine(bank, AtRest::Held);
            settled.set_gains(&vec![target; bank.bands()]);
            settled.jump_to_gains();
            settled.process(&mut [&mut expected]);
            let asked = 30_000 + offset;
            engine.process(&mut [&mut sound[..asked - 32]]);
            if offset % 2 == 1 {
                // In the middle of going elsewhere.
                engine.set_gains(&vec![1.5; bank.bands()]);
            }
            engine.process(&mut [&mut sound[asked - 32..asked]]);
            engine.set_gains(&vec![target; bank.bands()]);
            engine.process(&mut [&mut sound[asked..]]);
            // In the next 2 ms.
            let heard = asked + within..asked + within + within / 10;
            let apart = sound[heard.clone()].iter().zip(&expected[heard.clone()]);
            let apart: f64 = apart.map(|(a, b)| f64::from(a - b).powi(2)).sum();
            let apart_db = db(apart / super::power(&expected[heard]));
            println!("{apart_db:.1} dB after {offset}");
            assert!(apart_db < -60.0, "{apart_db} dB after {offset}, {:?}", bank.spec());
        }
    }
}

#[test]
fn gains_move_without_a_click() {
    for bank in &BANKS[..2] {
        for block in [4800, 512, 300] {
            let mut engine = engine(bank, AtRest::Either);
            let mut sound = sinusoid(100.0, 24_000);
            for (n, block) in sound.chunks_mut(block).enumerate() {
                engine.set_targets(&[if n % 2 == 0 { 4.0 } else { 0.0 }; 40]);
                engine.process(&mut [block]);
            }
            // Fourth differences, as with the bank's own phase. A step of 4 along a quadratic spline of 224
            // samples has second differences of 4 / 224² = 8e-5, and one that is taken back before it is heard
            // whole twice that; a click has up to 64.
            let click = sound[4800..]
                .windows(5)
                .map(|w| w[0] - 4.0 * w[1] + 6.0 * w[2] - 4.0 * w[3] + w[4]);
            let worst = click.fold(0.0_f32, |worst, value| worst.max(value.abs()));
            println!("{:?}, blocks of {block}: {worst:.2e}", bank.spec().kind);
            let most = if block < 2 * 224 { 2.4e-4 } else { 1.2e-4 };
            assert!(worst < most, "{worst}");
        }
    }
}

#[test]
fn levels_are_those_of_the_bank_with_its_own_phase() {
    for bank in &BANKS[..2] {
        let levels = |bank: Arc<Bank>, gain: f32| {
            let mut engine = Engine::new(bank, 1);
            engine.set_metering(true);
            engine.set_gains(&[gain; 40]);
            engine.process(&mut [&mut noise(20_000, 72)]);
            let mut levels = vec![0.0; 40];
            engine.take_levels(&mut levels);
            bits(&levels)
        };
        let expected = levels(Arc::new(of_bank(bank)), 1.0);
        assert_eq!(levels(bank.clone(), 1.0), expected);
        assert_eq!(levels(bank.clone(), 0.5), expected);
    }
}

#[test]
fn a_jump_goes_over_at_once_whatever_is_being_built() {
    for bank in &BANKS[..2] {
        for since in [0, 1, 32, 64, 100, 128, 160, 400, 2000] {
            let mut engine = engine(bank, AtRest::Either);
            engine.set_gains(&[2.0; 40]);
            engine.jump_to_gains();
            engine.process(&mut [&mut [0.5; 20_000]]);
            engine.set_gains(&[0.25; 40]);
            engine.process(&mut [&mut vec![0.5; since]]);
            engine.jump_to_gains();
            let mut sound = [0.5; 8];
            engine.process(&mut [&mut sound]);
            assert!((sound[0] - 0.125).abs() < 1e-3, "{} after {since}", sound[0]);
        }
    }
}

#[test]
fn a_bank_that_was_played_may_be_played_with_another_phase() {
    for [before, after] in [[Phase::OfBank, Phase::Minimum], [Phase::Minimum, Phase::OfBank]] {
        let spec = BankSpec { phase: before, ..BankSpec::default() };
        let bank = Arc::new(Bank::design(&spec).expect("designs"));
        drop(Engine::new(bank.clone(), 1));
        let bank = Arc::into_inner(bank).expect("the only one").with_phase(after);
        let bank = Arc::new(bank);
        let filter = bank.collapse(&[0.5; 40]);
        let mut engine = engine(&bank, AtRest::Held);
        engine.set_gains(&[0.5; 40]);
        engine.jump_to_gains();
        let mut sound = vec![0.0; filter.len()];
        sound[0] = 1.0;
        engine.process(&mut [&mut sound]);
        for (sample, tap) in sound.iter().zip(&filter) {
            assert!((sample - tap).abs() < 1e-5, "{after:?}: {sample}, {tap}");
        }
    }
}
