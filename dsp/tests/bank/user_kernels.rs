//! Banks of given kernels: played exactly at flat settings, as exact as reported when muted, refused
//! where there is no way back.

use erbium_dsp::bank::UserKernelError;
use erbium_dsp::feature::isac::{Encoder, hybrid};
use erbium_dsp::stream::{AtRest, Engine, EngineOptions};
use erbium_dsp::{Bank, BankSpec, DesignError, Kernel, Scale, UserKernels};
use num_complex::Complex;
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::f64::consts::TAU;
use std::sync::Arc;

const RATE_HZ: f64 = 48_000.0;

fn rows(kernels: &[Kernel]) -> Vec<Vec<Complex<f64>>> {
    let row = |kernel: &Kernel| {
        let silence = std::iter::repeat_n(Complex::default(), kernel.offset);
        silence.chain(kernel.taps.iter().copied()).collect()
    };
    kernels.iter().map(row).collect()
}

fn bank(given: &UserKernels) -> Result<Bank, DesignError> {
    Bank::of_kernels(given, Scale::Erb, RATE_HZ, &|| false)
}

/// White noise within ±1.
fn noise(samples: usize) -> Vec<f32> {
    let mut random = StdRng::seed_from_u64(7);
    (0..samples).map(|_| random.random_range(-1.0..1.0)).collect()
}

/// Plays noise flat and muted: the flat output must be the input delayed, the muted one is compared
/// with the report, in dB.
fn play(bank: Bank) -> f64 {
    let bank = Arc::new(bank);
    let latency = bank.latency_samples();
    let input = noise(48_000);
    // What is reported is of the streamed bank.
    let options = EngineOptions { at_rest: AtRest::Streamed, ..EngineOptions::default() };
    let mut engine = Engine::with_options(bank.clone(), 1, options);
    let mut flat = input.clone();
    engine.process(&mut [&mut flat]);
    assert_eq!(flat[latency..], input[..input.len() - latency], "flat is exact");
    engine.reset();
    engine.set_gains(&vec![0.0; bank.bands()]);
    engine.jump_to_gains();
    let mut muted = input.clone();
    engine.process(&mut [&mut muted]);
    let start = engine.tail_samples().max(latency);
    let power = |x: &[f32]| x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
    10.0 * (power(&muted[start..]) / power(&input[start - latency..input.len() - latency])).log10()
}

/// Kernels of a published bank, each followed by a learned one.
fn trained(stride: usize) -> UserKernels {
    let encoder = Encoder::design(&Encoder::spec(16_000.0, 40, 128, stride)).expect("valid");
    let mut random = StdRng::seed_from_u64(3);
    let mut learned = || {
        let mut taps = vec![Complex::default(); 23];
        taps.iter_mut().for_each(|tap| *tap = Complex::from(random.random_range(-0.1..0.1)));
        taps[11] += 1.0;
        taps
    };
    let learned: Vec<_> = (0..40).map(|_| learned()).collect();
    let kernels = hybrid(encoder.kernels(), &learned).expect("fits");
    UserKernels::new(rows(&kernels), &[stride], None).expect("valid")
}

#[test]
fn a_designed_bank_given_again_is_as_good() {
    let designed = Bank::design(&BankSpec::default()).expect("valid");
    let latency = Some(designed.latency_samples());
    let given = rows(designed.analysis_kernels());
    let given = UserKernels::new(given, designed.strides(), latency).expect("valid");
    let again = bank(&given).expect("a frame");
    assert_eq!(again.spec(), &given.spec(Scale::Erb, RATE_HZ));
    assert_eq!(again.latency_samples(), designed.latency_samples());
    for (ours, theirs) in again.centres_hz().iter().zip(designed.centres_hz()) {
        assert!((ours - theirs).abs() < 1.5, "{ours} {theirs}");
    }
    let [ours, theirs] = [&again, &designed].map(|bank| bank.report().clone());
    assert!(ours.flat_sine_db < theirs.flat_sine_db + 3.0, "{ours:?}");
    assert!(ours.worst_alias_db() < theirs.worst_alias_db() + 3.0, "{ours:?}");
    let muted_db = play(again);
    assert!((muted_db - ours.flat_noise_db).abs() < 1.5, "{muted_db} {}", ours.flat_noise_db);
}

#[test]
fn trained_kernels_at_one_stride_are_undone() {
    let again = bank(&trained(4)).expect("a frame");
    let reported_db = again.report().flat_noise_db;
    assert!(reported_db < -70.0, "{reported_db}");
    let muted_db = play(again);
    assert!((muted_db - reported_db).abs() < 1.5, "{muted_db} {reported_db}");
    // So coarse that only the exact dual is left, in single precision.
    let exact = bank(&trained(8)).expect("a frame");
    assert!(exact.report().flat_sine_db < -140.0, "{:?}", exact.report());
    let muted_db = play(exact);
    assert!(muted_db < -115.0, "{muted_db}");
}

#[test]
fn real_kernels_are_played_too() {
    // Cosine-modulated windows.
    let tap = |k: u32, n: u32| {
        let window = (TAU * (f64::from(n) + 0.5) / 256.0).sin().powi(2);
        let turn = (f64::from(k) + 0.5) * (f64::from(n) - 63.5) / 64.0;
        Complex::from(
            window * (TAU * (turn + if k.is_multiple_of(2) { 0.125 } else { -0.125 })).cos(),
        )
    };
    let real: Vec<Vec<_>> = (0..32).map(|k| (0..128).map(|n| tap(k, n)).collect()).collect();
    let given = UserKernels::new(real, &[1], None).expect("valid");
    let muted_db = play(bank(&given).expect("a frame"));
    assert!(muted_db < -115.0, "{muted_db}");
}

/// Sound is in single precision.
#[expect(clippy::cast_possible_truncation)]
const fn single(value: f64) -> f32 {
    value as f32
}

#[test]
fn levels_are_those_of_sinusoids_at_the_centres() {
    let mut rows: Vec<Vec<_>> = rows(trained(4).kernels());
    for (row, turn) in rows.iter_mut().zip(0_u32..) {
        // Whatever the level of a kernel.
        let level = 10.0_f64.powf((f64::from(turn) * 0.7).sin());
        row.iter_mut().for_each(|tap| *tap *= level);
    }
    let bank = bank(&UserKernels::new(rows, &[4], None).expect("valid")).expect("a frame");
    let bank = Arc::new(bank);
    for k in [0, 1, 7, 20, 38, 39] {
        let mut engine = Engine::new(bank.clone(), 1);
        engine.set_metering(true);
        let step = TAU * bank.centres_hz()[k] / RATE_HZ;
        let mut sound: Vec<f32> =
            (0..8000).map(|n| single((step * f64::from(n) + 1.0).cos())).collect();
        engine.process(&mut [&mut sound]);
        let mut levels = vec![0.0; bank.bands()];
        engine.take_levels(&mut levels);
        // At 0 Hz and Nyquist the phase decides.
        let most = if step == 0.0 || (step - TAU / 2.0).abs() < 1e-9 { 1.0_f64.cos() } else { 1.0 };
        // The onset swings over by a little.
        assert!((f64::from(levels[k]) / most - 1.0).abs() < 0.1, "band {k}: {} {most}", levels[k]);
    }
}

#[test]
fn what_cannot_be_played_is_refused_and_named() {
    let told =
        |result: Result<UserKernels, UserKernelError>| result.expect_err("impossible").to_string();
    let kernel = |cycles: f64| -> Vec<Complex<f64>> {
        let tap = |n: u32| Complex::from_polar(1.0, TAU * cycles * f64::from(n));
        (0..32).map(tap).collect()
    };
    let two = || vec![kernel(0.1), kernel(0.3)];
    let one = told(UserKernels::new(vec![kernel(0.1)], &[1], None));
    assert_eq!(one, "1 kernels are not possible; possible: 2 to 1024");
    let strides = told(UserKernels::new(two(), &[1, 2, 3], None));
    assert_eq!(strides, "3 strides do not fit 2 kernels; possible: 2, or one for all");
    let zero = told(UserKernels::new(two(), &[1, 0], None));
    assert!(zero.contains("stride of kernel 1 is 0"), "{zero}");
    let silent = told(UserKernels::new(vec![kernel(0.1), vec![Complex::default(); 9]], &[1], None));
    assert!(silent.contains("kernel 1 holds only silence"), "{silent}");
    let broken = vec![kernel(0.1), vec![Complex::from(f64::NAN)]];
    assert!(told(UserKernels::new(broken, &[1], None)).contains("not finite"));
    let mirrored = told(UserKernels::new(vec![kernel(0.25), kernel(-0.25)], &[1], None));
    assert!(mirrored.contains("kernels 0 and 1 both peak at 0.25"), "{mirrored}");
    let sparse = told(UserKernels::new(two(), &[8], None));
    assert!(sparse.contains("not a frame") && sparse.contains("0.50 numbers"), "{sparse}");
    let endless = told(UserKernels::new(two(), &[usize::MAX, usize::MAX - 1], None));
    assert!(endless.contains("strides repeat together only after"), "{endless}");
    for (level, named) in [(1e200, "1.0e200"), (1e-200, "1.0e-200")] {
        let loud = kernel(0.1).into_iter().map(|tap| tap * level).collect();
        let level = told(UserKernels::new(vec![loud, kernel(0.3)], &[1], None));
        assert!(level.contains("tap of kernel 0 is ") && level.contains(named), "{level}");
        assert!(level.contains("possible: 1e-60 to 1e60"), "{level}");
    }
    let latency = told(UserKernels::new(two(), &[1], Some(1 << 20)));
    assert!(latency.contains("latency of 1048576 samples"), "{latency}");

    // Nothing above 10 kHz.
    let low: Vec<_> = (0..8).map(|k| kernel(f64::from(k) / 40.0)).collect();
    let refusal = |given: Result<UserKernels, UserKernelError>| {
        bank(&given.expect("shapes are fine")).err().expect("impossible").to_string()
    };
    let hann = |rows: Vec<Vec<Complex<f64>>>| -> Vec<Vec<Complex<f64>>> {
        let window = |n: u32| (TAU * (f64::from(n) + 0.5) / 64.0).sin().powi(2);
        let each =
            |row: Vec<Complex<f64>>| row.into_iter().zip(0..).map(|(tap, n)| tap * window(n));
        rows.into_iter().map(|row| each(row).collect()).collect()
    };
    let hole = refusal(UserKernels::new(hann(low), &[4], None));
    assert!(hole.contains("not a frame: none covers") && hole.contains("to 24000 Hz"), "{hole}");
    // Enough numbers, but the images of one band's sounds cannot be told apart.
    let mut uneven: Vec<_> = (0..17).map(|k| kernel(f64::from(k) / 32.0)).collect();
    uneven = hann(uneven);
    let strides: Vec<_> = (0..17).map(|k| if k < 8 { 1 } else { 64 }).collect();
    let refused = refusal(UserKernels::new(uneven, &strides, None));
    assert!(refused.contains("not a frame at these strides"), "{refused}");
    let rate = refusal(Ok(trained(4).made_for(16_000.0)));
    assert!(rate.contains("made for 16000 Hz, not 48000 Hz"), "{rate}");
    let published = refusal(Ok(trained(64)));
    assert!(published.contains("not a frame") || published.contains("transparent"), "{published}");
}

#[test]
fn a_given_bank_cannot_be_designed_from_its_spec() {
    let given = trained(4);
    let spec = given.spec(Scale::Mel, RATE_HZ);
    assert_eq!(Bank::design(&spec).err(), Some(DesignError::KernelsMissing));
    assert_ne!(given.fingerprint(), trained(8).fingerprint());
    assert_eq!(given.fingerprint(), trained(4).fingerprint());
    let never = Bank::of_kernels(&given, Scale::Erb, RATE_HZ, &|| true).err();
    assert_eq!(never, Some(DesignError::Cancelled));
}

#[test]
fn the_report_sees_the_ripple_of_kernels_far_longer_than_the_latency() {
    let designed = Bank::design(&BankSpec { bands: 12, ..BankSpec::default() }).expect("valid");
    let (latency, mut rows) = (designed.latency_samples(), rows(designed.analysis_kernels()));
    // Two faint echoes that cancel at every frequency of a grid of no more than 8192 points, and add up
    // half-way between. No dual within the latency undoes them.
    for row in &mut rows {
        let own: Vec<_> = row.clone();
        row.resize(12_000 + 8192 + own.len(), Complex::default());
        for (n, tap) in own.into_iter().enumerate() {
            row[12_000 + n] += 5e-5 * tap;
            row[12_000 + 8192 + n] -= 5e-5 * tap;
        }
    }
    let given = UserKernels::new(rows, designed.strides(), Some(latency)).expect("valid");
    let again = bank(&given).expect("a frame");
    let reported_db = again.report().flat_noise_db;
    assert!(again.report().flat_sine_db > reported_db + 2.0, "{:?}", again.report());
    let muted_db = play(again);
    println!("reported {reported_db:.1} dB, played {muted_db:.1} dB");
    assert!((muted_db - reported_db).abs() < 1.5, "{muted_db} {reported_db}");
}
