//! Kernels and settings of any size: what would take gigabytes or minutes is refused at once, with the limit.

use erbium_dsp::bank::UserKernelError;
use erbium_dsp::dual::{Band, DualError, DualOptions, solve_dual, solve_exact_dual};
use erbium_dsp::feature::isac::{Encoder, LEARNED_TAPS_MAX, hybrid, tighten};
use erbium_dsp::{Bank, BankSpec, DesignError, Kernel, Scale, Sizing, UserKernels};
use num_complex::Complex;
use std::f64::consts::TAU;
use std::time::{Duration, Instant};

/// A tone of so many samples.
fn tone(cycles: f64, taps: u32) -> Vec<Complex<f64>> {
    (0..taps).map(|n| Complex::from_polar(1.0, TAU * cycles * f64::from(n))).collect()
}

/// So many tones from 0 Hz to half the sample rate.
fn tones(count: u32, taps: u32) -> Vec<Vec<Complex<f64>>> {
    (0..count).map(|k| tone(0.5 * f64::from(k) / f64::from(count - 1), taps)).collect()
}

/// What is said within a few seconds.
fn message_of<T>(make: impl FnOnce() -> Result<T, UserKernelError>) -> String {
    let start = Instant::now();
    let error = make().err().expect("too much").to_string();
    assert!(start.elapsed() < Duration::from_secs(10), "{error}: after {:?}", start.elapsed());
    error
}

#[test]
fn kernels_that_take_too_much_are_refused_with_the_limit() {
    let many = vec![vec![Complex::from(1.0)]; 1_000_000];
    assert!(message_of(|| UserKernels::new(many, &[1], None)).contains("possible: 2 to 1024"));
    let long = vec![vec![Complex::from(1.0); UserKernels::LONGEST + 1]; 2];
    assert!(message_of(|| UserKernels::new(long, &[1], None)).contains("up to 65536"));
    let all = vec![vec![Complex::from(1.0); UserKernels::LONGEST]; 65];
    let error = message_of(|| UserKernels::new(all, &[1], None));
    assert!(error.contains("4259840 taps in all; possible: up to 4194304"), "{error}");
    // Silence at their ends is no part of them.
    let mut silent = tones(64, 32);
    silent.iter_mut().for_each(|row| row.resize(UserKernels::LONGEST, Complex::default()));
    assert!(UserKernels::new(silent, &[4], None).is_ok());
    let spectra = tones(512, 8192);
    let error = message_of(|| UserKernels::new(spectra, &[1], None));
    assert!(error.contains("points of their spectra; possible: up to 16777216"), "{error}");
    for strides in [[1, 65_536], [1, 262_144], [32, 10_007], [usize::MAX, 2]] {
        let error = message_of(|| UserKernels::new(tones(2, 32), &strides, None));
        let named = error.contains("images to be measured") || error.contains("repeat together");
        assert!(named && error.contains("share factors"), "{strides:?}: {error}");
    }
}

#[test]
fn banks_of_too_many_images_are_refused_within_seconds() {
    let window = [0.125, 0.375, 0.375, 0.125];
    for strides in [&[1, 32, 2003][..], &[2, 2, 2, 32, 2003], &[1, 1, 1, 1, 8192]] {
        let mut rows = tones(u32::try_from(strides.len()).expect("few"), 4);
        rows.iter_mut().flat_map(|row| row.iter_mut().zip(window)).for_each(|(tap, w)| *tap *= w);
        let kernels = UserKernels::new(rows, strides, None).expect("within limits");
        let start = Instant::now();
        let bank = Bank::of_kernels(&kernels, Scale::Erb, 48_000.0, &|| false);
        let error = bank.err().expect("too much");
        let (error, took) = (error.to_string(), start.elapsed());
        assert!(error.contains("images that are no silence; possible: up to 16777215"), "{error}");
        assert!(took < Duration::from_secs(10), "{strides:?}: {took:?}");
    }
}

#[test]
fn learned_kernels_and_those_of_encoders_are_limited() {
    let kernels = vec![Kernel { offset: 0, taps: tone(0.1, 57_600) }];
    let error = hybrid(&kernels, &[tone(0.2, 57_600)]).expect_err("too long").to_string();
    assert!(
        error.contains("learned kernel length 57600") && error.contains("1 to 1024"),
        "{error}"
    );
    assert!(hybrid(&kernels, &[vec![Complex::from(1.0); LEARNED_TAPS_MAX]]).is_ok());
    let of = |count: usize, taps: u32, stride: usize| {
        let kernels = vec![Kernel { offset: 0, taps: tone(0.1, taps) }; count];
        Encoder::from_kernels(kernels, stride, 16_000.0).map(|_| ()).map_err(|e| e.to_string())
    };
    for (count, taps, stride, named) in [
        (1025, 1, 1, "kernel count 1025 is not possible; possible: 1 to 1024"),
        (1, 65_537, 1, "kernel length 65537 is not possible; possible: 1 to 65536"),
        (1024, 4097, 1, "sum of all kernel lengths 4195328"),
        (1, 1, 65_537, "stride 65537 is not possible; possible: 1 to 65536"),
    ] {
        let error = of(count, taps, stride).expect_err(named);
        assert!(error.contains(named), "{error}");
    }
    assert_eq!(of(1, 64, 65_536), Ok(()));
}

#[test]
fn frame_bounds_are_found_where_that_takes_no_more_than_seconds() {
    let start = Instant::now();
    let strides = [1, 8192];
    let kernels = UserKernels::new(tones(2, 32), &strides, None).expect("within limits");
    assert_eq!(kernels.frame_bounds(), None);
    let encoder = |stride| {
        let spec = Encoder::spec(48_000.0, 40, 8192, stride);
        Encoder::design(&spec).expect("valid")
    };
    assert_eq!(encoder(4096).frame_bounds(), None);
    let error = tighten(&encoder(4096), 1).expect_err("too long a stride").to_string();
    assert!(error.contains("stride 4096"), "{error}");
    assert!(encoder(16).frame_bounds().is_some());
    let sizing = Sizing::Latency { ms: 100.0 };
    let spec = BankSpec { bands: 64, sizing, sample_rate_hz: 768_000.0, ..BankSpec::default() };
    let bank = Bank::design(&spec).expect("designs");
    assert_eq!(bank.frame_bounds(), None, "{} samples", bank.period());
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[test]
fn settings_that_take_too_much_are_refused_with_the_limit() {
    let start = Instant::now();
    let published = |bands, kernel_size, stride, sample_rate_hz| BankSpec {
        bands,
        sizing: Sizing::Published { kernel_size, stride, supp_mult: 4.0, fc_max_hz: None },
        scale: Scale::Linear,
        sample_rate_hz,
        ..BankSpec::default()
    };
    let spec = published(1024, Some(65_536), 1, 1000.0);
    let error = Encoder::design(&spec).err().map(|error| error.to_string());
    let fits = error.as_ref().is_none_or(|error| error.contains("sum of all kernel lengths"));
    assert!(fits, "{error:?}");
    let error =
        Bank::design(&BankSpec { scale: Scale::Mel, ..published(64, None, 16_000, 768_000.0) });
    assert!(
        matches!(error, Err(DesignError::Dual(DualError::TooMuch { .. }))),
        "{:?}",
        error.err()
    );
    // The library's own functions too.
    let kernel = Kernel { offset: 0, taps: tone(0.1, 65_536) };
    let band =
        Band { kernel: &kernel, stride: 1, support: 0..65_536, real: false, passband_cycles: None };
    let bands = vec![band; 1024];
    let none = || false;
    let learned = solve_dual(&bands, 65_535, &DualOptions::default(), &none).expect_err("too much");
    let exact = solve_exact_dual(&bands, 65_535, &none).expect_err("too much");
    for error in [learned, exact] {
        let DualError::TooMuch { given, limit, .. } = error else { panic!("{error}") };
        assert!(given > limit && error.to_string().contains("possible: up to 33554432"), "{error}");
    }
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}
