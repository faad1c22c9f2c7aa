//! The gammatone bank against independent implementations' numbers (`tests/data/gammatone`) and
//! against its own formulas.

use erbium_dsp::{Bank, BankSpec, Kind, Scale, Sizing};
use erbium_npy::{Element, Limits, Npz};
use num_complex::Complex;
use std::f64::consts::TAU;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/gammatone/gammatone.npz");

fn array<T: Element>(name: &str) -> Vec<T> {
    let mut arrays = Npz::open(FILE.as_ref(), Limits::default()).expect("opens");
    arrays.array(name).expect("reads").expect(name).values().expect("type")
}

fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("small"))
}

fn gammatone(bands: usize, ms: f64, sample_rate_hz: f64) -> Bank {
    let (kind, sizing) = (Kind::Gammatone, Sizing::Latency { ms });
    let spec = BankSpec { kind, bands, sizing, sample_rate_hz, ..BankSpec::default() };
    Bank::design(&spec).expect("designs")
}

/// (1−λ)⁴ (n+1)(n+2)(n+3)/6 pⁿ.
fn impulse_response(pole: (f64, f64), n: usize) -> (f64, f64) {
    let ((lambda, angle), time) = (pole, real(n));
    let envelope = (time + 1.0) * (time + 2.0) * (time + 3.0) / 6.0 * lambda.powf(time);
    let (sin, cos) = (angle * time).sin_cos();
    let level = (1.0 - lambda).powi(4) * envelope;
    (level * cos, level * sin)
}

/// Magnitude and angle.
fn polar(pole: Complex<f64>) -> (f64, f64) {
    (pole.re.hypot(pole.im), pole.im.atan2(pole.re))
}

/// 1.019 ERB of a pole of this magnitude, in hertz.
fn b_hz(lambda: f64, sample_rate_hz: f64) -> f64 {
    -lambda.ln() * sample_rate_hz / TAU
}

#[test]
fn the_erb_scale_agrees() {
    let (bandwidths, numbers) = (array::<f64>("erb_bandwidth"), array::<f64>("erb_number"));
    for ((hz, bandwidth), number) in array::<f64>("erb_f").into_iter().zip(bandwidths).zip(numbers)
    {
        let ours = Scale::Erb.bandwidth_hz(hz).expect("has a bandwidth");
        assert!((ours / bandwidth - 1.0).abs() < 1e-12, "{hz} Hz: {ours} {bandwidth}");
        let ours = Scale::Erb.units_from_hz(hz);
        assert!((ours - number).abs() < 1e-12 * number.max(1.0), "{hz} Hz: {ours} {number}");
    }
    // One band per ERB, rounded constants apart.
    for pair in array::<f64>("pyfar_cf").windows(2) {
        let apart = Scale::Erb.units_from_hz(pair[1]) - Scale::Erb.units_from_hz(pair[0]);
        assert!((apart - 1.0).abs() < 2e-4, "{pair:?}: {apart}");
    }
}

#[test]
fn poles_and_gains_agree() {
    let poles: Vec<Complex<f64>> = array("pyfar_coef");
    let (centres, gains) = (array::<f64>("pyfar_cf"), array::<f64>("pyfar_norm"));
    for ((pole, centre_hz), gain) in poles.into_iter().zip(centres).zip(gains) {
        let (lambda, angle) = polar(pole);
        assert!((angle * 48_000.0 / TAU - centre_hz).abs() < 1e-6 * centre_hz);
        // Ours is 1.019 ERB, theirs 1.01859.
        let bandwidths = b_hz(lambda, 48_000.0) / (24.7 + centre_hz / 9.265);
        assert!((bandwidths / 1.019 - 1.0).abs() < 5e-4, "{centre_hz} Hz: {bandwidths}");
        assert!((gain / (2.0 * (1.0 - lambda).powi(4)) - 1.0).abs() < 1e-9);
    }
}

#[test]
fn impulse_responses_agree() {
    let theirs: Vec<Complex<f64>> = array("pyfar_bands_ir");
    let poles: Vec<Complex<f64>> = array("pyfar_coef");
    for (response, pole) in theirs.chunks_exact(256).zip(poles.into_iter().step_by(4)) {
        let peak = response.iter().map(|tap| tap.re.hypot(tap.im)).fold(0.0, f64::max);
        for (n, tap) in response.iter().enumerate() {
            let (re, im) = impulse_response(polar(pole), n);
            let error = (2.0 * re - tap.re).hypot(2.0 * im - tap.im);
            assert!(error < 1e-9 * peak, "sample {n}: {error} of {peak}");
        }
    }
}

#[test]
fn kernels_are_the_impulse_responses_of_the_poles() {
    for bank in [gammatone(40, 8.0, 48_000.0), gammatone(16, 43.0, 96_000.0)] {
        for (kernel, pole) in bank.analysis_kernels().iter().zip(bank.poles()) {
            let pole = (pole.re.hypot(pole.im), pole.im.atan2(pole.re));
            let peak = kernel.taps.iter().map(|tap| tap.norm()).fold(0.0, f64::max);
            assert_eq!(kernel.offset, 0);
            for (n, tap) in kernel.taps.iter().enumerate() {
                let (re, im) = impulse_response(pole, n);
                let error = (re - tap.re).hypot(im - tap.im);
                assert!(error < 1e-9 * peak, "sample {n}: {error} of {peak}");
            }
            // Cut off where nothing is left.
            let (re, im) = impulse_response(pole, kernel.taps.len());
            assert!(re.hypot(im) < 2e-8 * peak);
        }
    }
}

#[test]
fn no_filter_is_narrower_than_the_latency_allows() {
    // The frequency up to which bands are equally wide, published with the floor's definition.
    for (ms, linear_hz) in [(8.0, 314.0), (4.0, 856.0), (2.0, 1942.0), (1.0, 4112.0)] {
        let bank = gammatone(44, ms, 48_000.0);
        let latency_s = real(bank.latency_samples()) / 48_000.0;
        let floor_hz = 3.0 / (TAU * latency_s);
        for (pole, centre_hz) in bank.poles().iter().zip(bank.centres_hz()) {
            let b_hz = b_hz(pole.re.hypot(pole.im), 48_000.0);
            let own_hz = 1.019 * (24.7 + centre_hz / 9.265);
            assert!(b_hz >= floor_hz * (1.0 - 1e-9), "{ms} ms, {centre_hz} Hz: {b_hz}");
            assert!(b_hz >= own_hz * (1.0 - 1e-9), "{ms} ms, {centre_hz} Hz: {b_hz}");
            // Dense as these bands are, nothing else widens them.
            let expected_hz = floor_hz.max(own_hz);
            assert!((b_hz / expected_hz - 1.0).abs() < 1e-9, "{ms} ms, {centre_hz} Hz: {b_hz}");
        }
        let spacing_hz = bank.centres_hz()[1];
        let pairs = bank.centres_hz().windows(2);
        let above = pairs.filter(|pair| pair[1] - pair[0] > 1.001 * spacing_hz);
        let transition_hz = above.map(|pair| pair[0]).next().expect("a transition");
        assert!(
            transition_hz > linear_hz - 2.0 * spacing_hz && transition_hz < linear_hz + spacing_hz,
            "{ms} ms: linear up to {transition_hz} Hz"
        );
    }
}

#[test]
fn full_resolution_takes_nineteen_to_twenty_milliseconds() {
    // The ERB at 0 Hz is 24.7 Hz.
    let narrowest_hz = |ms| {
        let pole = gammatone(48, ms, 48_000.0).poles()[0];
        b_hz(pole.re.hypot(pole.im), 48_000.0)
    };
    assert!(narrowest_hz(18.9) > 1.019 * 24.7 * 1.001);
    assert!((narrowest_hz(20.0) / (1.019 * 24.7) - 1.0).abs() < 1e-9);
}
