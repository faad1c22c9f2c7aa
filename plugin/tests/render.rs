//! `erbium render` on several cores: to the bit what one chain plays from end to end.

#[path = "support/wav.rs"]
mod wav;

use erbium::chain::{Chain, Mode};
use erbium::params::ErbiumParams;
use erbium::setting::{self, Setting};
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

/// What one chain makes of the sound, brought back in time by the latency.
fn played(settings: &[Setting], input: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let mut params = ErbiumParams::default();
    setting::apply(settings, &mut params);
    let settings = params.settings(f64::from(RATE_HZ));
    let mut chain = Chain::new(params.curve.clone(), Default::default());
    let mode = Mode { waits: true, changes_latency: true };
    chain.prepare(&settings, input.len(), mode).expect("has a bank");
    let latency_samples = chain.latency_samples();
    let mut output = input.to_vec();
    for channel in &mut output {
        channel.resize(SAMPLES + latency_samples, 0.0);
    }
    let mut start = 0;
    while start < output[0].len() {
        let end = output[0].len().min(start + 1000);
        let mut block: Vec<_> = output.iter_mut().map(|channel| &mut channel[start..end]).collect();
        chain.process(&settings, &mut block);
        start = end;
    }
    for channel in &mut output {
        channel.drain(..latency_samples);
    }
    output
}

/// Renders with these settings on one thread and on five, and compares with [`played`].
fn assert_same_on_any_number_of_cores(channels: usize, settings: &[(&str, &str)]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let input = noise(channels);
    write_wav(&folder.path().join("in.wav"), RATE_HZ, &input);
    let gains = [("gain_1", "-3"), ("gain_12", "off"), ("gain_20", "6.5"), ("gain_33", "-9")];
    let settings: Vec<_> = settings.iter().chain(&gains).collect();
    let parsed: Vec<_> =
        settings.iter().map(|(id, value)| Setting::new(id, value).expect("possible")).collect();
    let expected = played(&parsed, &input);
    assert_ne!(expected, input);
    for threads in ["1", "5"] {
        let mut erbium = Command::new(env!("CARGO_BIN_EXE_erbium"));
        erbium.current_dir(folder.path()).env("RAYON_NUM_THREADS", threads);
        erbium.args(["render", "in.wav", "-o", "out.wav"]);
        for (id, value) in &settings {
            erbium.args(["--set", &format!("{id}={value}")]);
        }
        let output = erbium.output().expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let rendered = read_wav(&folder.path().join("out.wav"));
        for (channel, (rendered, expected)) in rendered.iter().zip(&expected).enumerate() {
            assert_eq!(rendered.len(), SAMPLES);
            let differs = |n: &usize| rendered[*n].to_bits() != expected[*n].to_bits();
            let first = (0..SAMPLES).find(differs);
            assert_eq!(first, None, "{threads} threads, channel {channel}, {settings:?}");
        }
    }
}

#[test]
fn finite_kernels_are_cut_in_time() {
    assert_same_on_any_number_of_cores(2, &[]);
    assert_same_on_any_number_of_cores(3, &[("latency", "43ms"), ("scale", "bark"), ("mix", "50")]);
}

#[test]
fn recursive_filters_are_cut_by_channels() {
    assert_same_on_any_number_of_cores(3, &[("kind", "gammatone"), ("latency", "8ms")]);
}

#[test]
fn gain_match_hears_the_whole() {
    assert_same_on_any_number_of_cores(2, &[("gain_match", "on"), ("output", "-3")]);
}
