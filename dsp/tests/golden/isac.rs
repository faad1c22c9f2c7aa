//! The analysis side against the published implementation's own numbers (`tests/data/isac`).

use erbium_dsp::{Bank, BankSpec, Kind, Phase, Prototype, Quality, Scale, Sizing};
use erbium_npy::{Element, Limits, Npz};
use num_complex::Complex;
use serde_json::Value;
use std::path::PathBuf;

fn data(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/isac")).join(name)
}

/// One case of the index.
struct Golden {
    settings: Value,
    arrays: Npz<std::io::BufReader<std::fs::File>>,
}

impl Golden {
    fn all() -> Vec<Self> {
        let index = std::fs::read_to_string(data("index.json")).expect("index");
        let index: Value = serde_json::from_str(&index).expect("JSON");
        let cases = index["configs"].as_array().expect("cases").clone();
        assert_eq!(cases.len(), 6);
        cases
            .into_iter()
            .map(|settings| {
                let name = format!("isac_{:02}.npz", settings["id"].as_u64().expect("id"));
                Self { settings, arrays: Npz::open(&data(&name), Limits::default()).expect("npz") }
            })
            .collect()
    }

    fn number(&self, key: &str) -> Option<f64> {
        self.settings[key].as_f64()
    }

    fn count(&self, key: &str) -> usize {
        usize::try_from(self.settings[key].as_u64().expect(key)).expect("fits")
    }

    fn spec(&self, stride: usize) -> BankSpec {
        BankSpec {
            kind: Kind::Isac,
            scale: self.settings["scale"].as_str().expect("scale").parse::<Scale>().expect("known"),
            bands: self.count("num_channels"),
            sizing: Sizing::Published {
                kernel_size: Some(self.count("kernel_size")),
                stride,
                supp_mult: self.number("supp_mult").unwrap_or(1.0),
                fc_max_hz: self.number("fc_max"),
            },
            phase: Phase::OfBank,
            prototype: Prototype::Hann,
            quality: Quality::Standard,
            sample_rate_hz: self.number("fs").expect("rate"),
        }
    }

    fn array<T: Element>(&mut self, name: &str) -> Vec<T> {
        self.arrays.array(name).expect("readable").expect(name).values().expect("type")
    }
}

#[test]
fn centres_supports_and_kernels_agree() {
    for mut golden in Golden::all() {
        let stride = golden.count("stride_d50");
        let bank = Bank::design(&golden.spec(stride)).expect("designs");
        let id = golden.count("id");
        let supports: Vec<i32> = golden.array("tsupp");
        let ours: Vec<i32> =
            bank.supports().iter().map(|&t| i32::try_from(t).expect("short")).collect();
        assert_eq!(ours, supports, "supports of case {id}");
        let centres: Vec<f32> = golden.array("fc");
        for (ours, theirs) in bank.centres_hz().iter().zip(&centres) {
            let theirs = f64::from(*theirs);
            assert!((ours - theirs).abs() <= 3e-5 * theirs + 1e-3, "{id}: {ours} {theirs}");
        }
        let kernels: Vec<Complex<f32>> = golden.array("kernels");
        let longest = golden.count("kernel_size_out");
        let factor = f64::from(u32::try_from(stride).expect("short")).sqrt();
        for (k, kernel) in bank.analysis_kernels().iter().enumerate() {
            let peak = kernel.taps.iter().map(|tap| tap.norm()).fold(0.0, f64::max) * factor;
            // Their centre frequencies are in single precision, and so turn at another speed.
            let drift_hz = (bank.centres_hz()[k] - f64::from(centres[k])).abs();
            for n in 0..longest {
                let time_s =
                    f64::from(u32::try_from(n).expect("short")) / bank.spec().sample_rate_hz;
                let tolerance = 2e-3 + std::f64::consts::TAU * drift_hz * time_s;
                let theirs = kernels[k * longest + n];
                let ours = n
                    .checked_sub(kernel.offset)
                    .and_then(|n| kernel.taps.get(n))
                    .map_or((0.0, 0.0), |tap| (factor * tap.re, factor * tap.im));
                let error = (ours.0 - f64::from(theirs.re)).hypot(ours.1 - f64::from(theirs.im));
                assert!(error <= tolerance * peak, "case {id} band {k} tap {n}: {error} of {peak}");
            }
        }
    }
}

#[test]
fn condition_numbers_agree() {
    for golden in Golden::all() {
        let id = golden.count("id");
        for stride in [1, 4, golden.count("stride_d50")] {
            let theirs = &golden.settings[format!("stride{stride}")]["cond"];
            let theirs = theirs.as_f64().expect("condition number");
            let bank = Bank::design(&golden.spec(stride)).expect("designs");
            let frequencies = 2 * golden.count("kernel_size_out");
            let ours =
                bank.frame_bounds_over(frequencies).expect("short strides").condition_number();
            // Where the bank is no frame, both are as large as rounding makes them.
            let agree = (ours / theirs - 1.0).abs() < 1e-3 || ours.min(theirs) > 1e6;
            assert!(agree, "case {id} stride {stride}: {ours} {theirs}");
        }
    }
}

#[test]
fn scales_are_the_published_ones_but_for_what_moves_all_units_alike() {
    let index = std::fs::read_to_string(data("index.json")).expect("index");
    let index: Value = serde_json::from_str(&index).expect("JSON");
    let numbers = |value: &Value| -> Vec<f64> {
        let numbers = value.as_array().expect("numbers");
        numbers.iter().map(|number| number.as_f64().expect("a number")).collect()
    };
    let scales = index["scales"].as_object().expect("scales");
    assert_eq!(scales.len(), 4);
    for (name, scale) in scales {
        let ours: Scale = name.parse().expect("known");
        let (hz, theirs) = (numbers(&scale["f"]), numbers(&scale["aud"]));
        let reference = theirs[hz.iter().position(|hz| *hz == 1000.0).expect("1 kHz")];
        for (hz, theirs) in hz.iter().zip(&theirs) {
            let ours = ours.units_from_hz(*hz) - ours.units_from_hz(1000.0);
            // They are in single precision.
            assert!(
                (ours - (theirs - reference)).abs() < 1e-6 * theirs.abs().max(reference.abs()),
                "{name} {hz}"
            );
        }
    }
}

#[test]
fn on_the_elephants_scale_supports_are_ten_periods() {
    let spec = BankSpec {
        scale: Scale::Elelog,
        sizing: Sizing::Published {
            kernel_size: Some(512),
            stride: 4,
            supp_mult: 1.0,
            fc_max_hz: None,
        },
        prototype: Prototype::Hann,
        sample_rate_hz: 16_000.0,
        ..BankSpec::default()
    };
    let bank = Bank::design(&spec).expect("valid");
    // The transition lies at 10 · 16000 / 512 Hz.
    for (hz, kernel) in bank.centres_hz().iter().zip(bank.analysis_kernels()) {
        let periods = (160_000.0 / hz.max(1.0)).round_ties_even();
        let expected = periods.min(512.0);
        assert!(
            (expected - f64::from(u32::try_from(kernel.taps.len()).expect("short"))).abs() < 0.5
        );
    }
    let below = bank.centres_hz().iter().filter(|hz| **hz < 312.5).count();
    let steps: Vec<_> = bank.centres_hz()[..below].windows(2).map(|hz| hz[1] - hz[0]).collect();
    assert!(steps.iter().all(|step| (step - steps[0]).abs() < 1e-9), "linear below: {steps:?}");
}
