//! Banks from files: played by processor and program, kept in the state, refused with a sentence.

mod support;

use erbium::Erbium;
use erbium::audio::{Mode, Processor};
use erbium::state::bank_file::{BankFile, listed};
use erbium::state::params::{ErbiumParams, Settings};
use erbium_npy::NpzWriter;
use nice_plug::prelude::{Params, Plugin, PluginState};
use num_complex::Complex;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use support::*;

fn trained() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/trained.npz")
}

fn loaded() -> ErbiumParams {
    let params = ErbiumParams::default();
    params.bank_file.load(Some(BankFile::read(&trained()).expect("can be read")));
    params
}

/// The state of an instance, through the text a host keeps.
fn saved(params: &ErbiumParams) -> PluginState {
    let fields = params.serialize_fields();
    let state = PluginState { version: String::new(), params: BTreeMap::new(), fields };
    serde_json::from_str(&serde_json::to_string(&state).expect("is JSON")).expect("reads back")
}

fn load(params: &ErbiumParams, mut state: PluginState) {
    Erbium::filter_state(&mut state);
    params.deserialize_fields(&state.fields);
}

#[test]
fn a_bank_from_a_file_plays_exactly_and_with_its_own_latency() {
    let params = loaded();
    let settings = params.settings(48_000.0);
    assert_eq!(settings.spec.bands, 24);
    let mut rig = Rig::new(settings, 2, OFFLINE);
    // 63 taps followed by 9.
    assert_eq!(rig.processor.latency_samples(), 70);
    let input = noise(20_000, 1);
    let flat = rig.play(&input, &[512, 7, 100]);
    assert!(same_bits(&flat[70..], &input[..input.len() - 70]), "flat is exact");
    // A band that is off is gone, and the others are not.
    let bank = rig.telemetry.bank().expect("plays");
    rig.settings.gains_db[10] = -60.0;
    for (k, low_db, high_db) in [(10, -200.0, -50.0), (4, -0.1, 0.1)] {
        let mut wave = sine(bank.centres_hz()[k], 0.5);
        let input: Vec<f32> = (0..24_000).map(|_| wave()).collect();
        let output = rig.play(&input, &[512]);
        let power = |x: &[f32]| x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
        let gain_db = 10.0 * (power(&output[12_000..]) / power(&input[12_000..])).log10();
        assert!((low_db..high_db).contains(&gain_db), "band {k}: {gain_db} dB");
    }
}

#[test]
fn a_file_comes_and_goes_while_playing_and_the_curve_stays() {
    let params = ErbiumParams::default();
    let mut rig = Rig::new(params.settings(48_000.0), 1, LIVE);
    rig.settings.gains_db = wavy();
    let mut wave = sine(997.0, 0.5);
    rig.play(&[0.1; 512], &[64]);
    let drawn_db = rig.curve.gain_db(20);
    params.bank_file.load(Some(BankFile::read(&trained()).expect("can be read")));
    rig.settings.spec = params.bank_spec(48_000.0);
    let fading = rig.play_until_settled(&mut wave);
    assert_eq!(rig.processor.latency_samples(), 70);
    assert!(roughness(&fading[1024..]) < 0.15, "{}", roughness(&fading[1024..]));
    params.bank_file.load(None);
    rig.settings.spec = params.bank_spec(48_000.0);
    rig.play_until_settled(&mut wave);
    assert_eq!(rig.processor.latency_samples(), 1008);
    assert_eq!(rig.curve.gain_db(20), drawn_db);
}

#[test]
fn a_state_holds_the_kernels_themselves() {
    let state = saved(&loaded());
    let size = state.fields["bank_file"].len();
    assert!(size < 20_000, "{size} bytes");
    let elsewhere = ErbiumParams::default();
    load(&elsewhere, state);
    assert_eq!(elsewhere.bank_file.file(), loaded().bank_file.file());
    assert_eq!(elsewhere.bank_spec(44_100.0), loaded().bank_spec(44_100.0));
    // A state without one ends it, also one from before there were any.
    let mut older = saved(&ErbiumParams::default());
    older.fields.remove("bank_file");
    load(&elsewhere, older);
    assert_eq!(elsewhere.bank_file.file(), None);
    for nonsense in [
        "{}",
        "7",
        "{\"name\": \"x\", \"latency_samples\": 1, \"strides\": [1], \
        \"offsets\": [0, 9999999999999], \"lengths\": [1, 1], \"taps\": \"AAAA\"}",
    ] {
        let mut state = saved(&ErbiumParams::default());
        state.fields.insert("bank_file".to_owned(), nonsense.to_owned());
        load(&elsewhere, state);
        assert_eq!(elsewhere.bank_file.file(), None, "{nonsense}");
    }
}

#[test]
fn a_file_that_is_no_frame_at_the_rate_is_told_and_what_played_plays_on() {
    let params = ErbiumParams::default();
    let mut rig = Rig::new(params.settings(48_000.0), 1, OFFLINE);
    let file = BankFile::read(&trained()).expect("can be read");
    let kernels = Arc::new(erbium_dsp::UserKernels::clone(&file.kernels).made_for(16_000.0));
    params.bank_file.load(Some(BankFile { kernels, ..file }));
    rig.settings.spec = params.bank_spec(48_000.0);
    rig.play(&[0.1; 4096], &[64]);
    let notice = rig.telemetry.notice().expect("a notice");
    assert!(notice.contains("made for 16000 Hz, not 48000 Hz"), "{notice}");
    assert_eq!(rig.processor.latency_samples(), 1008);
    // Nor does an instance begin with it.
    let mode = Mode { waits: true, changes_latency: true };
    let mut processor = Processor::new(Arc::default(), Arc::default());
    let settings = Settings::flat(params.bank_spec(48_000.0));
    assert!(processor.prepare(&settings, 1, mode).is_err());
}

/// Runs the program and gives what it printed, and whether it was content.
fn erbium(folder: &Path, arguments: &[&str]) -> (bool, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_erbium"));
    let output = command.args(arguments).current_dir(folder).env_remove("DISPLAY").output();
    let output = output.expect("the program starts");
    let [out, err] =
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).expect("text"));
    (output.status.success(), out, err)
}

fn write_npz(path: &Path, rows: usize, kernels: &[Complex<f64>], strides: &[i64]) {
    let mut npz = NpzWriter::new(File::create(path).expect("writable"));
    let shape = [rows, kernels.len() / rows];
    npz.array("kernels", &shape, kernels.iter().copied()).expect("writable");
    npz.array("strides", &[strides.len()], strides.iter().copied()).expect("writable");
    npz.finish().expect("writable");
}

#[test]
fn the_program_renders_through_a_file_and_reports_on_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = trained();
    let file = file.to_str().expect("text");
    let flac = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/saws.flac");
    let flac = flac.to_str().expect("text");
    let read = |name: &str| -> Vec<f32> {
        let mut wav = hound::WavReader::open(folder.path().join(name)).expect("written");
        wav.samples::<f32>().map(|sample| sample.expect("a sample")).collect()
    };
    let run = |arguments: &[&str]| {
        let (content, out, err) = erbium(folder.path(), arguments);
        assert!(content, "{arguments:?}: {err}");
        (out, err)
    };
    run(&["render", flac, "-o", "as-it-is.wav"]);
    run(&["render", flac, "--bank-file", file, "-o", "flat.wav"]);
    assert_eq!(read("flat.wav"), read("as-it-is.wav"), "flat is exact");
    let (_, err) =
        run(&["render", flac, "--bank-file", file, "--set", "gain_9=-12", "-o", "less.wav"]);
    assert_ne!(read("less.wav"), read("flat.wav"));
    assert_eq!(err, "");
    let (out, _) =
        run(&["bank", "--bank-file", file, "--rate", "16000", "--json", "-o", "again.npz"]);
    let report: serde_json::Value = serde_json::from_str(&out).expect("is JSON");
    assert_eq!(
        (report["bands"].as_u64(), report["latency_samples"].as_u64()),
        (Some(24), Some(70))
    );
    assert!(report["flat_noise_db"].as_f64().expect("a number") < -80.0, "{report}");
    assert_eq!((report["bank_file"].as_str(), report.get("kind")), (Some("trained"), None));
    // What is written is a bank file again.
    run(&["render", flac, "--bank-file", "again.npz", "--set", "gain_9=-12", "-o", "again.wav"]);
    let apart = read("again.wav")
        .iter()
        .zip(read("less.wav"))
        .fold(0.0, |most: f32, (a, b)| most.max((a - b).abs()));
    assert!(apart < 1e-4, "{apart}");
}

#[test]
fn what_cannot_be_played_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    // What lies far from a windowed tone is not heard at all.
    let window = |n: u32| (std::f64::consts::PI * (f64::from(n) + 0.5) / 32.0).sin().powi(4);
    let tone = |k: f64, n: u32| Complex::from_polar(window(n), 0.1 * k * f64::from(n));
    let kernels: Vec<_> =
        (0..4).flat_map(|k| (0..32).map(move |n| tone(f64::from(k), n))).collect();
    write_npz(&at("coarse.npz"), 4, &kernels, &[16; 4]);
    write_npz(&at("strides.npz"), 4, &kernels, &[1; 3]);
    write_npz(&at("negative.npz"), 4, &kernels, &[-4]);
    write_npz(&at("hole.npz"), 4, &kernels, &[1]);
    write_npz(&at("many.npz"), 128, &kernels, &[1]);
    std::fs::write(at("text.npz"), "no archive").expect("writable");
    let flac = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/saws.flac");
    let flac = flac.to_str().expect("text");
    for (file, told) in [
        ("coarse.npz", "not a frame: their coefficients hold 0.44 numbers per sample"),
        ("strides.npz", "3 strides do not fit 4 kernels; possible: 4, or one for all"),
        ("negative.npz", "strides of negative.npz holds -4; possible: whole numbers of 1 or more"),
        ("hole.npz", "not a frame: none covers"),
        ("many.npz", "many.npz has 128 kernels; possible: up to 64"),
        (
            "text.npz",
            "cannot read text.npz: this is no archive; possible: an archive that numpy.savez writes",
        ),
        ("none.npz", "cannot read none.npz"),
    ] {
        let (content, _, err) =
            erbium(folder.path(), &["render", flac, "--bank-file", file, "-o", "out.wav"]);
        assert!(!content && err.contains(told), "{file}: {err}");
        assert!(!at("out.wav").exists(), "{file}");
        let (content, _, err) = erbium(folder.path(), &["bank", "--bank-file", file]);
        assert!(!content && err.contains(told), "{file}: {err}");
    }
    // Nor does the window open with one.
    let mut window = Command::new(env!("CARGO_BIN_EXE_erbium"));
    window.args(["--bank-file", "text.npz"]).current_dir(folder.path()).env("DISPLAY", ":987");
    let output = window.output().expect("the program starts");
    let err = String::from_utf8(output.stderr).expect("text");
    assert!(!output.status.success() && err.contains("cannot read text.npz"), "{err}");
    let of_bank = ["render", flac, "--bank-file", "hole.npz", "--set", "bands=12"];
    let (content, _, err) = erbium(folder.path(), &of_bank);
    assert!(!content && err.contains("--set bands has no effect"), "{err}");
    let names: Vec<_> = listed(folder.path()).into_iter().map(|file| file.name).collect();
    assert_eq!(names, ["coarse", "hole", "many", "negative", "strides", "text"]);
}
