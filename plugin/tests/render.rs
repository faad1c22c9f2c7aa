//! `erbium render` on several cores: to the bit the same on any number of them, and nearly what the
//! plugin plays.

#[path = "support/wav.rs"]
mod wav;

use erbium::audio::{Mode, Processor};
use erbium::state::param::setting::{self, Setting};
use erbium::state::params::ErbiumParams;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::process::Command;
use wav::{read_wav, write_wav};

const RATE_HZ: u32 = 48_000;
/// Long enough for several segments of two channels.
const SAMPLES: usize = 700_001;

fn noise(channels: usize) -> Vec<Vec<f32>> {
    let mut random = StdRng::seed_from_u64(1);
    let mut channel = || (0..SAMPLES).map(|_| random.random_range(-1.0..1.0)).collect();
    (0..channels).map(|_| channel()).collect()
}

/// What one processor makes of the sound, brought back in time by the latency.
fn played(settings: &[Setting], rate_hz: u32, input: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let mut params = ErbiumParams::default();
    setting::apply(settings, &mut params);
    let settings = params.settings(f64::from(rate_hz));
    let mut processor = Processor::new(params.curve.clone(), Default::default());
    let mode = Mode { waits: true, changes_latency: true };
    processor.prepare(&settings, input.len(), mode).expect("has a bank");
    let latency_samples = processor.latency_samples();
    let mut output = input.to_vec();
    for channel in &mut output {
        channel.resize(SAMPLES + latency_samples, 0.0);
    }
    let mut start = 0;
    while start < output[0].len() {
        let end = output[0].len().min(start + 1000);
        let mut block: Vec<_> = output.iter_mut().map(|channel| &mut channel[start..end]).collect();
        processor.process(&settings, &mut block);
        start = end;
    }
    for channel in &mut output {
        channel.drain(..latency_samples);
    }
    output
}

/// Renders with these settings on one thread and on five, which must be the same to the bit, and compares
/// with [`played`]: gives back the worst channel's error in dB of the change.
fn error_on_any_number_of_cores_db(
    rate_hz: u32,
    channels: usize,
    settings: &[(&str, &str)],
) -> f64 {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let input = noise(channels);
    write_wav(&folder.path().join("in.wav"), rate_hz, &input);
    let gains = [("gain_1", "-3"), ("gain_12", "off"), ("gain_20", "6.5"), ("gain_33", "-9")];
    let settings: Vec<_> = settings.iter().chain(&gains).collect();
    let parsed: Vec<_> =
        settings.iter().map(|(id, value)| Setting::new(id, value).expect("possible")).collect();
    let rendered = |threads| {
        let mut erbium = Command::new(env!("CARGO_BIN_EXE_erbium"));
        erbium.current_dir(folder.path()).env("RAYON_NUM_THREADS", threads);
        erbium.args(["render", "in.wav", "-o", "out.wav"]);
        for (id, value) in &settings {
            erbium.args(["--set", &format!("{id}={value}")]);
        }
        let output = erbium.output().expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        read_wav(&folder.path().join("out.wav"))
    };
    let (one, five) = (rendered("1"), rendered("5"));
    assert_eq!((one.len(), five.len()), (channels, channels));
    for (channel, (one, five)) in one.iter().zip(&five).enumerate() {
        assert_eq!((one.len(), five.len()), (SAMPLES, SAMPLES));
        let first = (0..SAMPLES).find(|n| one[*n].to_bits() != five[*n].to_bits());
        assert_eq!(first, None, "channel {channel}, {settings:?}");
    }
    let mut worst_db = f64::NEG_INFINITY;
    let played = played(&parsed, rate_hz, &input);
    for ((rendered, played), input) in one.iter().zip(&played).zip(&input) {
        assert!(rendered.iter().all(|sample| sample.is_finite()));
        let change: f64 = power(played, input);
        worst_db = worst_db.max(10.0 * (power(rendered, played) / change).log10());
    }
    worst_db
}

/// Most settings are worked off in frames, with rounding of their own.
fn assert_nearly_the_same(channels: usize, settings: &[(&str, &str)]) {
    let error_db = error_on_any_number_of_cores_db(RATE_HZ, channels, settings);
    assert!(error_db.is_finite() && error_db < -115.0, "{error_db}: {settings:?}");
}

/// The power of a difference.
fn power(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum()
}

#[test]
fn isac_banks_are_split_in_time() {
    assert_nearly_the_same(2, &[]);
    assert_nearly_the_same(3, &[("latency", "43ms"), ("scale", "bark"), ("mix", "50")]);
}

#[test]
fn gammatone_banks_are_split_in_time() {
    assert_nearly_the_same(3, &[("kind", "gammatone"), ("latency", "8ms")]);
}

#[test]
fn without_latency_the_plugin_begins_with_a_shorter_filter() {
    for kind in ["isac", "gammatone"] {
        let settings = [("latency", "0ms"), ("kind", kind)];
        let error_db = error_on_any_number_of_cores_db(RATE_HZ, 2, &settings);
        println!("{kind}: {error_db:.1} dB");
        assert!(error_db < -60.0, "{kind}: {error_db}");
    }
}

#[test]
fn every_band_may_be_far_from_unity() {
    let low: Vec<_> = (1..=40).map(|band| (format!("gain_{band}"), "-20")).collect();
    let low: Vec<_> = low.iter().map(|(id, value)| (id.as_str(), *value)).collect();
    assert_nearly_the_same(1, &low);
    assert_nearly_the_same(1, &[&[("delta", "on"), ("kind", "gammatone")], &low[..]].concat());
}

#[test]
fn gain_match_measures_the_whole() {
    assert_nearly_the_same(2, &[("gain_match", "on"), ("output", "-3")]);
}

#[test]
fn kernels_too_long_for_frames_play_as_in_the_plugin_to_the_bit() {
    let settings = [("kind", "gammatone"), ("latency", "43ms")];
    let error_db = error_on_any_number_of_cores_db(768_000, 3, &settings);
    assert!(error_db == f64::NEG_INFINITY, "{error_db}");
}
