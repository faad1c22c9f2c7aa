//! The ISAC front ends against the published implementation's numbers (`tests/data/isac`) and the
//! definitions.

use erbium_dsp::Kernel;
use erbium_dsp::feature::isac::{Coefficients, Encoder, Spectrogram, hybrid, isac_cc, tighten};
use erbium_dsp::feature::mfcc;
use erbium_dsp::{Bank, BankSpec, Scale, Sizing};
use erbium_npy::{Element, Limits, Npz};
use num_complex::Complex;
use serde_json::Value;
use std::path::PathBuf;

fn data(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/isac")).join(name)
}

fn configs() -> Vec<Value> {
    let index = std::fs::read_to_string(data("index.json")).expect("index");
    let index: Value = serde_json::from_str(&index).expect("JSON");
    let cases = index["configs"].as_array().expect("cases").clone();
    assert_eq!(cases.len(), 6);
    cases
}

fn count(config: &Value, key: &str) -> usize {
    usize::try_from(config[key].as_u64().expect(key)).expect("fits")
}

fn spec(config: &Value, stride: usize) -> BankSpec {
    BankSpec {
        scale: config["scale"].as_str().expect("scale").parse::<Scale>().expect("known"),
        sizing: Sizing::Published {
            kernel_size: Some(count(config, "kernel_size")),
            stride,
            supp_mult: config["supp_mult"].as_f64().unwrap_or(1.0),
            fc_max_hz: config["fc_max"].as_f64(),
        },
        ..Encoder::spec(
            config["fs"].as_f64().expect("rate"),
            count(config, "num_channels"),
            count(config, "kernel_size"),
            stride,
        )
    }
}

/// What the published implementation printed of a case.
struct Golden {
    encoder: Encoder,
    sound: Vec<f64>,
    channels: Vec<i64>,
    centres_hz: Vec<f32>,
    coefficients: Vec<Complex<f32>>,
    adjoint: Vec<Complex<f32>>,
}

impl Golden {
    /// With their own kernels, which are in single precision.
    fn of(config: &Value) -> Self {
        let name = format!("isac_{:02}.npz", count(config, "id"));
        let mut arrays = Npz::open(&data(&name), Limits::default()).expect("npz");
        let bands = count(config, "num_channels");
        let kernels: Vec<Complex<f32>> = read(&mut arrays, "kernels");
        let length = kernels.len() / bands;
        let kernel = |taps: &[Complex<f32>]| Kernel {
            offset: 0,
            taps: taps.iter().map(|tap| wide(*tap)).collect(),
        };
        let kernels = kernels.chunks_exact(length).map(kernel).collect();
        let rate_hz = config["fs"].as_f64().expect("rate");
        let stride = count(config, "stride_d50");
        Self {
            encoder: Encoder::from_kernels(kernels, stride, rate_hz).expect("valid"),
            sound: read::<f32>(&mut arrays, "x").into_iter().map(f64::from).collect(),
            channels: read(&mut arrays, "coef_channels"),
            centres_hz: read(&mut arrays, "fc"),
            coefficients: read(&mut arrays, "coef"),
            adjoint: read(&mut arrays, "adjoint"),
        }
    }
}

fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("short"))
}

type Arrays = Npz<std::io::BufReader<std::fs::File>>;

fn read<T: Element>(arrays: &mut Arrays, name: &str) -> Vec<T> {
    arrays.array(name).expect("readable").expect(name).values().expect("numbers")
}

fn wide(value: Complex<f32>) -> Complex<f64> {
    Complex::new(f64::from(value.re), f64::from(value.im))
}

fn noise(length: usize) -> Vec<f64> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / f64::from(u32::MAX) - 0.5
    };
    (0..length).map(|_| next()).collect()
}

/// Both in one unit: the largest difference against the largest value.
fn difference<'a>(
    ours: impl IntoIterator<Item = &'a Complex<f64>>,
    theirs: impl IntoIterator<Item = Complex<f64>>,
) -> f64 {
    let (mut worst, mut peak) = (0.0_f64, 0.0_f64);
    for (ours, theirs) in ours.into_iter().zip(theirs) {
        worst = worst.max((ours - theirs).norm());
        peak = peak.max(theirs.norm());
    }
    worst / peak
}

#[test]
fn circular_coefficients_and_their_adjoint_agree() {
    for config in configs() {
        let golden = Golden::of(&config);
        let ours = golden.encoder.circular(&golden.sound);
        let frames = ours.frames();
        for (channel, theirs) in golden.channels.iter().zip(golden.coefficients.chunks(frames)) {
            let band = usize::try_from(*channel).expect("positive");
            let error = difference(ours.band(band), theirs.iter().copied().map(wide));
            assert!(error < 1e-5, "{config} band {band}: {error}");
        }
        let adjoint = golden.encoder.adjoint(&ours);
        assert_eq!(adjoint.len(), golden.adjoint.len());
        let error = difference(&adjoint, golden.adjoint.iter().copied().map(wide));
        assert!(error < 2e-6, "{config}: {error}");
    }
}

#[test]
fn coefficients_of_a_designed_bank_agree() {
    for config in configs() {
        let golden = Golden::of(&config);
        let stride = count(&config, "stride_d50");
        let encoder = Encoder::design(&spec(&config, stride)).expect("valid");
        let ours = encoder.circular(&golden.sound);
        for (channel, theirs) in
            golden.channels.iter().zip(golden.coefficients.chunks(ours.frames()))
        {
            let band = usize::try_from(*channel).expect("positive");
            let error = difference(ours.band(band), theirs.iter().copied().map(wide));
            // Their kernels turn at frequencies in single precision, and so at another speed.
            let drift_hz = (encoder.centres_hz()[band] - f64::from(golden.centres_hz[band])).abs();
            let length_s = real(encoder.longest()) / config["fs"].as_f64().expect("rate");
            let tolerance = 2e-3 + std::f64::consts::TAU * drift_hz * length_s;
            assert!(error < tolerance, "{config} band {band}: {error}");
        }
        for (ours, theirs) in encoder.centres_hz().iter().zip(golden.encoder.centres_hz()) {
            let bin_hz = config["fs"].as_f64().expect("rate") / 8.0 / real(encoder.longest());
            assert!((ours - theirs).abs() < 1.5 * bin_hz, "{ours} Hz, peak at {theirs} Hz");
        }
    }
}

#[test]
fn a_stream_gives_the_coefficients_of_the_circle_away_from_its_ends_however_it_is_cut() {
    let encoder = Encoder::design(&Encoder::spec(16_000.0, 24, 128, 8)).expect("valid");
    let sound = noise(200_001);
    let circular = encoder.circular(&sound);
    let linear = encoder.linear(&sound);
    assert_eq!(linear.frames(), circular.frames());
    for band in 0..24 {
        let inner = 20..linear.frames() - 20;
        let error = difference(
            &linear.band(band)[inner.clone()],
            circular.band(band)[inner].iter().copied(),
        );
        assert!(error < 1e-12, "{band}: {error}");
    }
    let mut stream = encoder.stream();
    let mut frames = Vec::new();
    let mut pieces = [1, 7, 4099, 64, 90_001].into_iter().cycle();
    let mut rest = &sound[..];
    while !rest.is_empty() {
        let (piece, left) = rest.split_at(pieces.next().expect("endless").min(rest.len()));
        stream.push(piece, &mut |frame, column| frames.push((frame, column[5])));
        rest = left;
    }
    stream.finish(&mut |frame, column| frames.push((frame, column[5])));
    assert!(frames.iter().enumerate().all(|(k, (frame, _))| k == *frame));
    let values: Vec<_> = frames.into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, linear.band(5));
    // The stream has begun anew.
    let mut first = None;
    stream.push(&sound[..5000], &mut |frame, column| {
        if frame == 0 {
            first = Some(column[5]);
        }
    });
    assert_eq!(first, Some(linear.band(5)[0]));
}

#[test]
fn adjoint_means_what_it_says() {
    let encoder = Encoder::design(&Encoder::spec(16_000.0, 16, 64, 4)).expect("valid");
    let sound = noise(512);
    let coefficients = encoder.circular(&sound);
    let other = encoder.circular(&noise(600)[88..]);
    // ⟨A x, c⟩ = ⟨x, A* c⟩ for any c.
    let left: Complex<f64> =
        coefficients.values().iter().zip(other.values()).map(|(a, b)| a.conj() * b).sum();
    let right: Complex<f64> = encoder.adjoint(&other).iter().zip(&sound).map(|(y, x)| y * x).sum();
    assert!((left - right).norm() < 1e-10 * left.norm(), "{left} {right}");
}

#[test]
fn condition_numbers_agree_with_the_index_and_bounds_hold() {
    for config in configs() {
        for stride in [1, 4, count(&config, "stride_d50")] {
            let theirs = &config[format!("stride{stride}")];
            let kappa = theirs["cond"].as_f64().expect("condition number");
            let encoder = Encoder::design(&spec(&config, stride)).expect("valid");
            let bounds = encoder.frame_bounds().expect("short strides");
            let ours = bounds.condition_number();
            let agree = (ours / kappa - 1.0).abs() < 1e-3 || ours.min(kappa) > 1e6;
            assert!(agree, "{config} stride {stride}: {ours}");
            let sound = noise(1200 * stride.max(4));
            let energy: f64 = sound.iter().map(|x| x * x).sum();
            let ratio = encoder.circular(&sound).energy() / energy;
            let within = (bounds.lower * 0.999..bounds.upper * 1.001).contains(&ratio);
            assert!(within, "{config} stride {stride}: {ratio} of {bounds:?}");
        }
    }
}

#[test]
fn condition_numbers_are_those_of_the_published_table() {
    // Haider et al. (2025), Table I: 16 kHz, kernels of 8, 32, 128 and 512 samples.
    let table = [
        (40, [1.00, 1.04, 1.05, 1.08]),
        (96, [1.00, 1.04, 1.04, 1.05]),
        (512, [1.00, 1.04, 1.03, 1.04]),
    ];
    for (bands, row) in table {
        for (kernel_size, published) in [8, 32, 128, 512].into_iter().zip(row) {
            let spec =
                BankSpec { scale: Scale::Erb, ..Encoder::spec(16_000.0, bands, kernel_size, 1) };
            let bounds =
                Encoder::design(&spec).expect("valid").frame_bounds().expect("short strides");
            let ours = bounds.condition_number();
            assert!((ours - published).abs() < 0.03, "{bands} bands, {kernel_size}: {ours}");
        }
    }
}

#[test]
fn kernels_without_a_limit_are_as_long_as_the_scale_has_them() {
    // Supports and a few centres of the published design with kernel_size=None, from a definition of it in
    // double precision that reproduces its numbers with a limit.
    let erb = [
        800, 730, 666, 607, 554, 505, 461, 421, 384, 350, 319, 291, 266, 242, 221, 202, 184, 168,
        153, 140, 127, 116, 106, 97, 88, 80, 73, 67, 61, 56, 51, 46, 42, 39, 35, 32, 29, 27, 24,
        22,
    ];
    let mel = [
        1200, 1095, 1000, 912, 833, 760, 694, 633, 578, 527, 481, 439, 401, 366, 334, 305, 278,
        254, 232, 211, 193, 176, 161, 147, 134, 122, 112, 102, 93, 85, 77, 71, 64, 59, 54, 49, 45,
        41, 37, 34,
    ];
    let log = [
        8000, 8000, 8000, 7655, 5414, 3829, 2708, 1915, 1355, 958, 678, 479, 339, 240, 170, 120,
        85, 60, 42, 30, 21, 15, 11, 8,
    ];
    let log_longer =
        [8000, 8000, 8000, 6597, 3879, 2280, 1341, 789, 464, 273, 160, 94, 56, 33, 20, 12];
    let cases = [
        (16_000.0, Scale::Erb, 1.0, erb.as_slice(), [22.0155, 133.3956, 344.5525]),
        (48_000.0, Scale::Mel, 1.0, &mel, [66.973, 405.3712, 1045.4937]),
        (8000.0, Scale::Log, 1.0, &log, [1.3066, 7.8423, 44.3158]),
        // A second is the most.
        (8000.0, Scale::Log, 1.5, &log_longer, [2.0035, 19.7502, 281.0707]),
    ];
    for (rate_hz, scale, supp_mult, supports, centres_hz) in cases {
        let spec = Encoder::spec_without_limit(rate_hz, supports.len(), 16);
        let sizing =
            Sizing::Published { kernel_size: None, stride: 16, supp_mult, fc_max_hz: None };
        let encoder = Encoder::design(&BankSpec { scale, sizing, ..spec }).expect("valid");
        let ours: Vec<_> = encoder.kernels().iter().map(|kernel| kernel.taps.len()).collect();
        assert_eq!(ours, supports, "{scale} {rate_hz}");
        for (band, theirs) in [1, 5, 10].into_iter().zip(centres_hz) {
            let hz = encoder.centres_hz()[band];
            assert!((hz - theirs).abs() < 1e-3 * theirs, "{scale} {band}: {hz} {theirs}");
        }
    }
    let spec = Encoder::spec_without_limit(16_000.0, 24, 16);
    let elephants = Encoder::design(&BankSpec { scale: Scale::Elelog, ..spec }).expect("valid");
    // Ten periods of 10 Hz.
    assert_eq!(elephants.longest(), 16_000);
    let bank = Bank::design(&spec).expect("valid");
    assert_eq!(bank.analysis_kernels()[0].taps.len(), 400);
    assert_eq!(bank.latency_samples(), 399);
    // Averages are of 1024 samples at most, as published.
    assert_eq!(Spectrogram::new(elephants).averaged_frames(), 64);
}

#[test]
fn two_bands_are_enough_for_an_encoder() {
    for bands in [2, 3, 7] {
        let encoder = Encoder::design(&Encoder::spec(16_000.0, bands, 128, 16)).expect("valid");
        assert_eq!(encoder.circular(&noise(320)).bands(), bands);
        assert!(encoder.kernels().iter().all(|k| k.taps.iter().all(|tap| tap.is_finite())));
        let spec = BankSpec { bands, ..BankSpec::default() };
        assert_eq!(Encoder::design(&spec).expect("valid").bands(), bands);
    }
    for bands in [0, 1] {
        let spec = Encoder::spec(16_000.0, bands, 128, 16);
        let error = Encoder::design(&spec).expect_err("0 Hz and Nyquist").to_string();
        assert!(error.contains(&format!("band count {bands}")) && error.contains("2 to 1024"));
    }
}

#[test]
fn a_stream_gives_the_averages_of_the_whole() {
    let encoder = Encoder::design(&Encoder::spec(16_000.0, 20, 128, 16)).expect("valid");
    let sound = noise(50_003);
    for (power, hop) in [(2.0, 4), (1.0, 11)] {
        let mut spectrogram = Spectrogram::new(encoder.clone())
            .with_averaging(vec![vec![0.125; 8]; 20], hop)
            .expect("valid");
        spectrogram.power = power;
        let whole = spectrogram.apply(&encoder.linear(&sound));
        let mut stream = spectrogram.stream();
        for piece in [1, 777, 60_000] {
            let mut frames = 0;
            let mut column = vec![0.0; 20];
            let mut check = |frame: usize, averages: &[f64]| {
                whole.read_frame(frame, &mut column);
                assert_eq!((frame, averages), (frames, &column[..]));
                frames += 1;
            };
            sound.chunks(piece).for_each(|piece| stream.push(piece, &mut check));
            stream.finish(&mut check);
            assert_eq!(frames, whole.frames());
        }
    }
}

#[test]
fn power_spectral_density_lies_between_the_bounds_at_stride_1() {
    let encoder = Encoder::design(&Encoder::spec(16_000.0, 40, 128, 1)).expect("valid");
    let density = encoder.power_spectral_density(129);
    let (low, high) = density.iter().fold((f64::MAX, 0.0_f64), |(a, b), x| (a.min(*x), b.max(*x)));
    let bounds = encoder.frame_bounds().expect("short strides");
    assert!((low / bounds.lower - 1.0).abs() < 1e-9, "{low} {bounds:?}");
    assert!((high / bounds.upper - 1.0).abs() < 1e-9, "{high} {bounds:?}");
}

#[test]
fn spectrograms_average_powers_over_half_overlapping_kernels() {
    let encoder = Encoder::design(&Encoder::spec(16_000.0, 20, 128, 16)).expect("valid");
    let sound = noise(16_000);
    let coefficients = encoder.linear(&sound);
    let spectrogram = Spectrogram::new(encoder);
    assert_eq!((spectrogram.averaged_frames(), spectrogram.hop_samples()), (8, 64));
    let plane = spectrogram.apply(&coefficients);
    assert_eq!((plane.rows(), plane.frames()), (20, 1 + (1000 - 8) / 4));
    let powers: f64 = coefficients.band(7)[40..48].iter().map(Complex::norm_sqr).sum();
    assert!((plane.row(7)[10] - powers / 8.0).abs() < 1e-12);
    // The power of magnitudes is heard.
    let mut magnitudes = spectrogram.clone();
    magnitudes.power = 1.0;
    let sum: f64 = coefficients.band(7)[40..48].iter().map(|c| c.norm()).sum();
    assert!((magnitudes.apply(&coefficients).row(7)[10] - sum / 8.0).abs() < 1e-12);
    // Averages are replaceable.
    let first = spectrogram.clone().with_averaging(vec![vec![1.0, 0.0]; 20], 3).expect("valid");
    let plane = first.apply(&coefficients);
    assert_eq!(plane.frames(), 1 + 998 / 3);
    assert!((plane.row(3)[5] - coefficients.band(3)[15].norm_sqr()).abs() < 1e-15);
    let refuse = |averaging, hop| {
        spectrogram.clone().with_averaging(averaging, hop).expect_err("invalid").to_string()
    };
    assert!(refuse(vec![vec![1.0]; 19], 1).contains("averaging kernel count 19"));
    assert!(refuse(vec![vec![]; 20], 1).contains("averaging kernel length 0"));
    assert!(refuse(vec![vec![1.0]; 20], 0).contains("hop 0"));
}

#[test]
fn cepstra_are_those_of_powers_in_decibels() {
    let encoder = Encoder::design(&Encoder::spec(16_000.0, 20, 128, 16)).expect("valid");
    let powers = Spectrogram::new(encoder.clone()).apply(&encoder.linear(&noise(4000)));
    let cepstra = isac_cc(&powers, &mfcc::MfccOptions::default()).expect("valid");
    assert_eq!((cepstra.rows(), cepstra.frames()), (13, powers.frames()));
    let mut column = vec![0.0; 20];
    powers.read_frame(9, &mut column);
    let sum: f64 = column.iter().map(|power| 10.0 * power.log10()).sum();
    assert!((cepstra.row(0)[9] - sum / 20.0_f64.sqrt()).abs() < 1e-9);
}

#[test]
fn hybrid_kernels_are_one_after_the_other() {
    let encoder = Encoder::design(&Encoder::spec(16_000.0, 8, 64, 1)).expect("valid");
    let learned: Vec<Vec<Complex<f64>>> = (0..8_u32)
        .map(|k| (0..23_u32).map(|n| Complex::cis(f64::from(n * k)) / 23.0).collect())
        .collect();
    let kernels = hybrid(encoder.kernels(), &learned).expect("one each");
    let both = Encoder::from_kernels(kernels, 1, 16_000.0).expect("valid");
    let sound = noise(400);
    let first = encoder.circular(&sound);
    let then = both.circular(&sound);
    for (band, learned) in learned.iter().enumerate() {
        let expected = (0..400).map(|n| {
            // Both leads are half their kernels.
            let shift = n + both.lead() - encoder.lead() + 400;
            let heard = |m: usize| first.band(band)[(shift - m) % 400];
            learned.iter().enumerate().map(|(m, tap)| tap * heard(m)).sum()
        });
        assert!(difference(then.band(band), expected) < 1e-12);
    }
    assert!(hybrid(encoder.kernels(), &learned[1..]).is_err());
}

#[test]
fn tightening_lowers_the_condition_number_and_keeps_supports() {
    let encoder = Encoder::design(&Encoder::spec(16_000.0, 40, 128, 16)).expect("valid");
    let tight = tighten(&encoder, 100).expect("not silent");
    let (before, after) = (tight.before.condition_number(), tight.after.condition_number());
    println!("{before} to {after} in {} steps", tight.steps);
    assert!(before > 1.5 && after < 1.1, "{before} to {after} in {} steps", tight.steps);
    for (old, new) in encoder.kernels().iter().zip(tight.encoder.kernels()) {
        assert_eq!((old.offset, old.taps.len()), (new.offset, new.taps.len()));
    }
}

#[test]
fn settings_that_cannot_be_met_are_named() {
    let refuse = |kernels: Vec<Kernel>, stride| {
        Encoder::from_kernels(kernels, stride, 8000.0).expect_err("invalid").to_string()
    };
    let kernel = Kernel { offset: 0, taps: vec![Complex::new(1.0, 0.0)] };
    assert!(refuse(vec![], 1).contains("kernel count 0"));
    assert!(refuse(vec![kernel.clone()], 0).contains("stride 0"));
    assert!(refuse(vec![Kernel { offset: 3, taps: vec![] }], 1).contains("empty kernel 0"));
    let odd = Kernel { offset: 0, taps: vec![Complex::new(1.0, f64::NAN)] };
    assert!(refuse(vec![kernel.clone(), odd], 1).contains("undefined kernel 1"));
    let error = Encoder::from_kernels(vec![kernel.clone()], 1, 0.0).expect_err("no rate");
    assert!(error.to_string().contains("sample rate 0"), "{error}");
    let one = Encoder::from_kernels(vec![kernel], 2, 8000.0).expect("valid");
    assert_eq!(
        one.circular(&[1.0, 2.0, 3.0]),
        Coefficients::from_values(1, vec![1.0.into(), 3.0.into()])
    );
    assert_eq!(one.circular(&[]).frames(), 0);
    let short = BankSpec { sizing: Sizing::Latency { ms: 0.1 }, ..BankSpec::default() };
    assert!(Encoder::design(&short).is_err());
}
