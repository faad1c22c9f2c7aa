//! The built program on the command line: what it writes, and what it says when it cannot.

#[path = "support/wav.rs"]
mod wav;

use npyz::num_complex::Complex;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;
use wav::{read_wav, write_wav};

const RATE_HZ: u32 = 16_000;

fn erbium(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_erbium"))
        .args(arguments)
        .current_dir(folder)
        // No test opens the window.
        .env_remove("DISPLAY")
        .output()
        .expect("the program starts")
}

/// Runs the program, which must succeed, and gives what it printed.
fn succeed(folder: &Path, arguments: &[&str]) -> (String, String) {
    let output = erbium(folder, arguments);
    let [out, err] =
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).expect("text"));
    assert!(output.status.success(), "{arguments:?}: {err}");
    (out, err)
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn saws_flac() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/saws.flac")
}

/// The same noise on every run, within ±1.
fn noise(samples: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from(i16::from_be_bytes([state.to_be_bytes()[0], state.to_be_bytes()[1]])) / 32_768.0
    };
    (0..samples).map(|_| next()).collect()
}

fn sine(hz: f64, amplitude: f64, samples: u32) -> Vec<f32> {
    let turn = std::f64::consts::TAU * hz / f64::from(RATE_HZ);
    (0..samples).map(|n| single(amplitude * (turn * f64::from(n)).sin())).collect()
}

#[expect(clippy::cast_possible_truncation)]
const fn single(value: f64) -> f32 {
    value as f32
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("readable");
    entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into()).collect()
}

#[test]
fn flat_settings_give_back_the_input_bit_for_bit() {
    let folder = folder();
    // Three channels, beyond full scale, of a length no block divides.
    let channels: Vec<_> = (1..=3)
        .map(|seed| noise(20_011, seed).iter().map(|sample| 3.0 * sample).collect())
        .collect();
    write_wav(&folder.path().join("a.wav"), RATE_HZ, &channels);
    let (said, warned) = succeed(folder.path(), &["render", "a.wav", "--set", "scale=bark"]);
    assert!(said.contains("a.wav -> a.erbium.wav") && warned.is_empty(), "{said}{warned}");
    assert_eq!(read_wav(&folder.path().join("a.erbium.wav")), channels);
}

#[test]
fn a_gain_is_as_drawn_and_the_output_in_time_with_the_input_on_every_channel() {
    let folder = folder();
    let out = folder.path().join("bank.npz");
    succeed(folder.path(), &["bank", "--bands", "24", "--rate", "16000", "-o", "bank.npz"]);
    let hz = read_npz::<f64>(&out, "centres_hz").1[11];
    // As many as a WAV file has names for.
    let channels = vec![sine(hz, 0.25, 12_000); 18];
    write_wav(&folder.path().join("a.wav"), RATE_HZ, &channels);
    let set = ["--set", "bands=24", "--set", "gain_12=6.0206"];
    succeed(folder.path(), &[&["render", "a.wav"][..], &set].concat());
    let rendered = read_wav(&folder.path().join("a.erbium.wav"));
    assert_eq!(rendered.len(), 18);
    for channel in rendered {
        assert_eq!(channel.len(), 12_000);
        for (given, got) in channels[0][4000..8000].iter().zip(&channel[4000..8000]) {
            assert!((2.0 * given - got).abs() < 0.005, "{given} became {got}");
        }
    }
}

#[test]
fn several_files_at_once_are_as_each_alone_and_flac_is_read() {
    let folder = folder();
    let path = folder.path();
    for name in ["a", "b"] {
        write_wav(&path.join(format!("{name}.wav")), RATE_HZ, &[noise(9000, 7)]);
    }
    fs::copy(saws_flac(), path.join("saws.flac")).expect("copied");
    fs::create_dir(path.join("out")).expect("created");
    let set = ["--set", "gain_9=-12", "--set", "latency=8ms"];
    succeed(path, &[&["render", "a.wav", "b.wav", "saws.flac", "-o", "out"][..], &set].concat());
    let expected = ["a.erbium.wav", "b.erbium.wav", "saws.erbium.wav"].map(str::to_owned);
    assert_eq!(names(&path.join("out")), BTreeSet::from(expected));
    succeed(path, &[&["render", "a.wav", "-o", "alone.wav"][..], &set].concat());
    let alone = read_wav(&path.join("alone.wav"));
    assert_ne!(alone, [noise(9000, 7)]);
    assert_eq!(read_wav(&path.join("out/a.erbium.wav")), alone);
    assert_eq!(read_wav(&path.join("out/b.erbium.wav")), alone);
    assert!(erbium(path, &["render", "saws.flac", "-o", "saws.wav"]).status.success());
    let saws = read_wav(&path.join("saws.wav"));
    let saw = |step: i32, period: i32, n: i32| {
        f32::from(i16::try_from(step * n % period - period / 2).expect("small")) / 32_768.0
    };
    for (channel, (step, period)) in saws.iter().zip([(37, 4001), (53, 3001)]) {
        let expected: Vec<_> = (0..4000).map(|n| saw(step, period, n)).collect();
        assert_eq!(*channel, expected);
    }
}

#[test]
fn a_preset_is_heard_and_a_setting_goes_before_it() {
    let folder = folder();
    let path = folder.path();
    let input = noise(16_000, 3);
    write_wav(&path.join("a.wav"), RATE_HZ, std::slice::from_ref(&input));
    let preset =
        r#"{"erbium": 1, "name": "Half", "parameters": {"bands": 16}, "curve": [[100, -6.0206]]}"#;
    fs::write(path.join("half.json"), preset).expect("written");
    succeed(path, &["render", "a.wav", "--preset", "half.json"]);
    let half = read_wav(&path.join("a.erbium.wav"));
    for (given, got) in input[2000..14_000].iter().zip(&half[0][2000..14_000]) {
        assert!((0.5 * given - got).abs() < 1e-3, "{given} became {got}");
    }
    succeed(path, &["render", "a.wav", "--preset", "half.json", "--set", "bypass"]);
    assert_eq!(read_wav(&path.join("a.erbium.wav")), [input]);
}

#[test]
fn clipped_samples_are_counted() {
    let folder = folder();
    let path = folder.path();
    let mut samples = vec![0.0; 4000];
    samples[7] = 2.0;
    samples[9] = -3.0;
    samples[10] = 0.5;
    write_wav(&path.join("a.wav"), RATE_HZ, &[samples]);
    for (format, full_scale) in [("i16", 32_768), ("i24", 8_388_608)] {
        let arguments = ["render", "a.wav", "-o", "b.wav", "--format", format];
        let (_, warned) = succeed(path, &arguments);
        assert!(warned.contains("2 samples of b.wav are clipped, the peak is +9.5 dB"), "{warned}");
        let mut wav = hound::WavReader::open(path.join("b.wav")).expect("readable");
        let rendered: Vec<i32> = wav.samples().map(|sample| sample.expect("complete")).collect();
        assert_eq!(
            [rendered[7], rendered[9], rendered[10]],
            [full_scale - 1, -full_scale, full_scale / 2]
        );
        assert_eq!(rendered.len(), 4000);
    }
}

#[test]
fn a_bank_is_described_in_numbers() {
    let folder = folder();
    let arguments = ["bank", "--json", "--scale", "mel", "--bands", "24", "--latency-ms", "8"];
    let (json, _) = succeed(folder.path(), &arguments);
    let object: serde_json::Value = serde_json::from_str(&json).expect("one object");
    let object = object.as_object().expect("one object");
    let named =
        [("kind", "isac"), ("scale", "mel"), ("quality", "standard"), ("prototype", "hann2")];
    for (key, expected) in named {
        assert_eq!(object[key], expected);
    }
    let numbers = [
        "bands",
        "latency_ms",
        "rate",
        "latency_samples",
        "flat_noise_db",
        "flat_sine_db",
        "alias_notch_db",
        "alias_solo_db",
        "alias_random_db",
        "alias_zigzag_db",
        "condition_number",
        "frame_lower",
        "frame_upper",
        "psd_ripple_db",
        "macs_per_sample",
        "design_ms",
    ];
    for key in numbers {
        assert!(object[key].as_f64().is_some_and(f64::is_finite), "{key}: {}", object[key]);
    }
    assert_eq!(object.len(), named.len() + numbers.len());
    assert_eq!(object["latency_samples"], 384);
    assert!(object["flat_noise_db"].as_f64().expect("a number") < -60.0);
    let (summary, _) = succeed(
        folder.path(),
        &arguments.map(|word| if word == "--json" { "--kind=isac" } else { word }),
    );
    assert!(summary.contains("384 samples, 8.00 ms"), "{summary}");
}

fn read_npz<T: npyz::Deserialize>(path: &Path, name: &str) -> (Vec<u64>, Vec<T>) {
    let mut npz = npyz::npz::NpzArchive::open(path).expect("readable");
    let array = npz.by_name(name).expect("readable").unwrap_or_else(|| panic!("{name} is missing"));
    (array.shape().to_vec(), array.into_vec().expect("of this type"))
}

#[test]
fn exported_kernels_and_duals_reconstruct_noise() {
    let folder = folder();
    let path = folder.path().join("bank.npz");
    for sizing in [
        &["--latency-ms", "11"][..],
        &["--kernel-size", "128", "--stride", "8", "--prototype", "hann"],
    ] {
        let arguments =
            [&["bank", "--json", "--bands", "20", "--rate", "16000", "-o", "bank.npz"], sizing]
                .concat();
        let (json, _) = succeed(folder.path(), &arguments);
        let report: serde_json::Value = serde_json::from_str(&json).expect("one object");
        let reported_db = report["flat_noise_db"].as_f64().expect("a number");
        // The figure is exact; noise is finite.
        let error_db = reconstruction_error_db(&path, "phases");
        assert!((error_db - reported_db).abs() < 1.0, "{error_db} dB, {reported_db} reported");
        // Any phases do, at the price of some alias.
        let error_db = reconstruction_error_db(&path, "");
        assert!(error_db < reported_db + 6.0, "{error_db} dB, {reported_db} reported");
    }
}

/// y[n] = Re Σ_k Σ_j duals[k, n − t] · Σ_l kernels[k, l] · x[t − l], written out, with
/// t = j·strides[k] + phases[k], or without phases.
fn reconstruction_error_db(path: &Path, phases: &str) -> f64 {
    let (shape, kernels) = read_npz::<Complex<f64>>(path, "kernels");
    let (dual_shape, duals) = read_npz::<Complex<f64>>(path, "duals");
    let (_, strides) = read_npz::<i64>(path, "strides");
    let phases = if phases.is_empty() { vec![0; 20] } else { read_npz::<i64>(path, phases).1 };
    let (scalar, latency) = read_npz::<i64>(path, "latency_samples");
    assert_eq!((scalar.len(), shape[0], dual_shape[0]), (0, 20, 20));
    for name in ["centres_hz", "bandwidths_hz"] {
        assert_eq!(read_npz::<f64>(path, name).0, [20]);
    }
    assert_eq!(read_npz::<i64>(path, "supports").0, [20]);
    let [length, dual_length] =
        [shape[1], dual_shape[1]].map(|length| usize::try_from(length).expect("small"));
    let latency = usize::try_from(latency[0]).expect("positive");
    let input = noise(4000, 11);
    let mut output = vec![0.0; input.len() + dual_length];
    for (k, (&stride, &phase)) in strides.iter().zip(&phases).enumerate() {
        let [stride, phase] =
            [stride, phase].map(|samples| usize::try_from(samples).expect("positive"));
        for time in (phase..input.len()).step_by(stride) {
            let kernel = kernels[k * length..].iter().take(length);
            let heard = input[..=time].iter().rev();
            let coefficient: Complex<f64> =
                kernel.zip(heard).map(|(tap, &x)| tap * f64::from(x)).sum();
            let dual = duals[k * dual_length..].iter().take(dual_length);
            for (y, tap) in output[time..].iter_mut().zip(dual) {
                *y += (tap * coefficient).re;
            }
        }
    }
    let (mut error, mut power) = (0.0, 0.0);
    for (x, y) in input.iter().zip(&output[latency..]).skip(500).take(3000) {
        error += (y - f64::from(*x)).powi(2);
        power += f64::from(*x).powi(2);
    }
    10.0 * (error / power).log10()
}

#[test]
fn a_cochleagram_shows_level_and_time() {
    let folder = folder();
    let path = folder.path();
    succeed(path, &["bank", "--bands", "20", "--rate", "16000", "-o", "bank.npz"]);
    let hz = read_npz::<f64>(&path.join("bank.npz"), "centres_hz").1[9];
    let mut samples = [sine(hz, 0.1, 8000), vec![0.0; 8000]].concat();
    // A click in the middle of column 75 of 10 ms.
    samples[75 * 160 + 80] = 1.0;
    write_wav(&path.join("a.wav"), RATE_HZ, &[vec![0.0; samples.len()], samples]);
    let feature = ["--feature", "cochleagram", "--bands", "20", "--latency-ms", "21"];
    let analyze = |out| succeed(path, &[&["analyze", "a.wav", "-o", out][..], &feature].concat());
    analyze("a.npy");
    let bytes = fs::read(path.join("a.npy")).expect("written");
    let array = npyz::NpyFile::new(&bytes[..]).expect("an array");
    assert_eq!(array.shape(), [20, 100]);
    let levels_db: Vec<f32> = array.into_vec().expect("float32");
    let band = |k: usize| &levels_db[100 * k..100 * (k + 1)];
    assert!((band(9)[25] + 20.0).abs() < 0.1, "{}", band(9)[25]);
    assert_eq!(band(15)[99], -90.0);
    for k in 1..19 {
        let after = &band(k)[60..];
        let highest = after.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        assert_eq!(after.iter().position(|level| *level == highest), Some(15), "band {k}");
    }
    analyze("a.csv");
    let table = fs::read_to_string(path.join("a.csv")).expect("written");
    assert_eq!(table.lines().count(), 101);
    assert!(table.lines().all(|line| line.split(',').count() == 21));
    analyze("a.png");
    let png = fs::read(path.join("a.png")).expect("written");
    assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
    assert_eq!(png[16..24], [0, 0, 5, 120, 0, 0, 2, 188], "1400 by 700 pixels");
    assert!(png.len() > 10_000);
}

/// A command line that cannot work, and words its one sentence must have.
type Refusal = (&'static [&'static str], &'static [&'static str]);

const REFUSALS: &[Refusal] = &[
    (&["equalise"], &["equalise", "render, analyze, bank"]),
    (&["--sample-rate", "0"], &["--sample-rate 0", "1000 to 768000 Hz"]),
    (&["--backend", "dummy", "--sample-rate=1"], &["--sample-rate 1", "1000 to 768000 Hz"]),
    (&["-rnan"], &["--sample-rate nan", "1000 to 768000 Hz"]),
    (&["-p", "0"], &["--period-size 0", "1 to 65536 samples"]),
    (&["-b", "dummy", "--period-size=0"], &["--period-size 0", "1 to 65536 samples"]),
    #[cfg(target_os = "linux")]
    (&["--backend", "dummy"], &["no display", "DISPLAY"]),
    (&["bank", "--scale", "octave"], &["octave", "erb, mel, bark, log, linear"]),
    (&["bank", "--kind", "wavelet"], &["wavelet", "isac", "gammatone"]),
    (&["bank", "--quality", "best"], &["best", "eco, standard, high"]),
    (&["bank", "--bands", "7"], &["7", "8 to 64"]),
    (&["bank", "--bands", "many"], &["--bands", "many", "8 to 64"]),
    (&["bank", "--bands", "1e99"], &["1e99", "8 to 64"]),
    (&["bank", "--bands", "-3"], &["-3", "8 to 64"]),
    (&["bank", "--bands", "65"], &["65", "8 to 64"]),
    (&["bank", "--latency-ms", "-3"], &["-3", "1 to 100 ms"]),
    (&["bank", "--latency-ms", "1e308"], &["1e308 is", "1 to 100 ms"]),
    (&["bank", "--rate", "1e308"], &["1e308 is", "1000 to 768000 Hz"]),
    (
        &["bank", "--kernel-size", "128", "--stride", "2", "--fc-max", "-5"],
        &["--fc-max", "-5", "half the sample rate"],
    ),
    (&["bank", "--kernel-size", "128", "--stride", "-2"], &["-2", "1 sample to"]),
    (&["render", "good.wav", "--preset", "good.wav"], &["good.wav", "an Erbium preset (JSON)"]),
    (&["bank", "--latency-ms", "0.5"], &["0.5", "1 to 100 ms"]),
    (&["bank", "--latency-ms", "nan"], &["nan", "1 to 100 ms"]),
    (&["bank", "--rate", "10"], &["10", "1000 to 768000 Hz"]),
    (&["bank", "--kernel-size", "128", "--stride", "200"], &["200", "1 to 128"]),
    (&["bank", "-o", "bank.txt"], &["bank.txt", ".npz"]),
    (&["bank", "-o", "nowhere/bank.npz"], &["nowhere", "does not exist"]),
    (&["render", "good.wav", "--set", "scale=octave"], &["octave", "bark"]),
    (&["render", "good.wav", "--set", "bands=100"], &["100", "8 to 64"]),
    (&["render", "good.wav", "--set", "loudness=3"], &["loudness", "output", "gain_64"]),
    (&["render", "good.wav", "--set", "gain_41=3"], &["gain_41", "gain_1 to gain_40"]),
    (&["render", "good.wav", "--preset", "missing.json"], &["missing.json"]),
    (&["render", "good.wav", "--preset", "bad.json"], &["bad.json", "8 to 64"]),
    (&["render", "missing.wav"], &["missing.wav"]),
    (&["render", "empty.wav"], &["empty.wav is empty", "WAV and FLAC"]),
    (&["render", "silent.wav"], &["silent.wav", "0 samples", "sox --ignore-length"]),
    (&["render", "streamed.wav"], &["streamed.wav does not say", "sox --ignore-length"]),
    (&["render", "text.wav"], &["text.wav", "WAV and FLAC"]),
    (&["render", "cut.wav"], &["cut.wav is truncated", "2000", "1000"]),
    (&["render", "cut.flac"], &["cut.flac"]),
    (&["render", "broken.flac"], &["broken.flac"]),
    (&["render", "nan.wav"], &["nan.wav holds NaN at sample 7000 of channel 2", "finite samples"]),
    (&["render", "inf.wav", "--format", "i16"], &["inf.wav holds -inf at sample 0 of channel 1"]),
    (&["analyze", "nan.wav", "--feature", "cochleagram", "-o", "out.npy"], &["nan.wav holds NaN"]),
    (&["render", "slow.wav"], &["slow.wav", "100 Hz", "1000 to 768000 Hz"]),
    (&["render", "folder"], &["folder is a folder"]),
    (&["render", "good.wav", "-o", "good.wav"], &["good.wav", "overwrite an input"]),
    (&["render", "good.wav", "-o", "./folder/../good.wav"], &["overwrite an input"]),
    (&["render", "good.wav", "-o", "nowhere/out.wav"], &["nowhere", "does not exist"]),
    (&["render", "good.wav", "-o", "out.mp3"], &["out.mp3", ".wav"]),
    (&["render", "good.wav", "-o", "kept.wav"], &["kept.wav is read-only"]),
    (&["render", "good.wav", "cut.wav", "-o", "nowhere"], &["nowhere", "does not exist"]),
    (&["render", "good.wav", "good.wav"], &["good.wav", "would both become"]),
    (&["analyze", "missing.wav", "--feature", "cochleagram", "-o", "out.png"], &["missing.wav"]),
    (&["analyze", "cut.wav", "--feature", "cochleagram", "-o", "out.png"], &["truncated"]),
    (
        &["analyze", "good.wav", "--feature", "cochleagram", "-o", "out.jpg"],
        &["out.jpg", ".png, .npy or .csv"],
    ),
    (&["analyze", "good.wav", "--feature", "cochleagram", "-o", "nowhere/out.png"], &["nowhere"]),
    (
        &["analyze", "good.wav", "--feature", "cochleagram", "-o", "out.png", "--hop-ms", "0"],
        &["--hop-ms", "0 is", "0.1 to 10000 ms"],
    ),
    (
        &["analyze", "good.wav", "--feature", "cochleagram", "-o", "out.png", "--hop-ms", "0.2"],
        &["3 samples", "--hop-ms 1.5 or longer"],
    ),
    (
        &["analyze", "good.wav", "--feature", "cochleagram", "-o", "out.png", "--floor-db", "3"],
        &["3", "-200 to 0 dB"],
    ),
    #[cfg(target_os = "linux")]
    (&["render", "good.wav", "-o", "/proc/out.wav"], &["/proc/out.wav", "writable folder"]),
];

fn prepare_for_refusals(path: &Path) {
    write_wav(&path.join("good.wav"), RATE_HZ, &[noise(2000, 1)]);
    write_wav(&path.join("silent.wav"), RATE_HZ, &[Vec::new()]);
    let mut unreal = [noise(8000, 1), noise(8000, 2)];
    unreal[0][7001] = f32::INFINITY;
    unreal[1][7000] = f32::NAN;
    write_wav(&path.join("nan.wav"), RATE_HZ, &unreal);
    write_wav(&path.join("inf.wav"), RATE_HZ, &[vec![f32::NEG_INFINITY; 100]]);
    fs::write(path.join("empty.wav"), "").expect("written");
    fs::write(path.join("text.wav"), "This is no sound.".repeat(100)).expect("written");
    fs::write(path.join("bad.json"), r#"{"erbium": 1, "name": "x", "parameters": {"bands": 99}}"#)
        .expect("written");
    let good = fs::read(path.join("good.wav")).expect("written");
    fs::write(path.join("cut.wav"), &good[..good.len() - 4000]).expect("written");
    let mut streamed = good.clone();
    streamed[4..8].fill(0);
    fs::write(path.join("streamed.wav"), streamed).expect("written");
    let mut slow = good.clone();
    slow[24..28].copy_from_slice(&100_u32.to_le_bytes());
    slow[28..32].copy_from_slice(&400_u32.to_le_bytes());
    fs::write(path.join("slow.wav"), slow).expect("written");
    let mut flac = fs::read(saws_flac()).expect("readable");
    fs::write(path.join("cut.flac"), &flac[..flac.len() / 2]).expect("written");
    let middle = flac.len() / 2;
    flac[middle..middle + 64].fill(0x55);
    fs::write(path.join("broken.flac"), flac).expect("written");
    fs::create_dir(path.join("folder")).expect("created");
    let kept = path.join("kept.wav");
    fs::write(&kept, "kept").expect("written");
    let mut permissions = fs::metadata(&kept).expect("written").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&kept, permissions).expect("set");
}

#[test]
fn what_cannot_work_is_told_and_leaves_no_file() {
    let folder = folder();
    let path = folder.path();
    prepare_for_refusals(path);
    let before = names(path);
    let good = fs::read(path.join("good.wav")).expect("written");
    for (arguments, words) in REFUSALS {
        let output = erbium(path, arguments);
        let said = String::from_utf8(output.stderr).expect("text");
        assert!(!output.status.success(), "{arguments:?} succeeded");
        assert!(output.status.code().is_some_and(|code| code < 100), "{arguments:?}: {said}");
        assert!(said.starts_with("erbium: ") && said.lines().count() == 1, "{arguments:?}: {said}");
        for word in *words {
            assert!(said.contains(word), "{arguments:?} lacks {word:?}: {said}");
        }
        assert_eq!(names(path), before, "{arguments:?}");
    }
    assert_eq!(fs::read(path.join("good.wav")).expect("kept"), good);
    assert_eq!(fs::read(path.join("kept.wav")).expect("kept"), b"kept");
}

#[test]
fn one_bad_file_does_not_stop_the_others() {
    let folder = folder();
    let path = folder.path();
    prepare_for_refusals(path);
    let output = erbium(path, &["render", "cut.wav", "good.wav", "text.wav"]);
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(!output.status.success());
    assert!(
        said.lines().count() == 2 && said.contains("cut.wav") && said.contains("text.wav"),
        "{said}"
    );
    assert_eq!(read_wav(&path.join("good.erbium.wav")), [noise(2000, 1)]);
    assert!(!path.join("cut.erbium.wav").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let folder = folder();
    let erbium = env!("CARGO_BIN_EXE_erbium");
    let command = format!("trap '' XFSZ; ulimit -f 8; exec '{erbium}' bank -o bank.npz");
    let output = Command::new("sh").args(["-c", &command]).current_dir(folder.path()).output();
    let output = output.expect("a shell");
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("erbium: cannot write bank.npz"), "{said}");
    assert!(said.lines().count() == 1 && names(folder.path()).is_empty(), "{said}");
}

#[test]
fn a_bank_that_does_not_reconstruct_is_warned_of() {
    let folder = folder();
    let bank = ["bank", "--kernel-size", "128", "--rate", "16000", "--prototype", "hann"];
    let warned = |stride| succeed(folder.path(), &[&bank[..], &["--stride", stride]].concat()).1;
    assert!(warned("16").starts_with("erbium: warning: ") && warned("16").contains("--stride"));
    assert_eq!(warned("2"), "");
}

#[test]
fn the_least_hop_that_is_told_is_possible() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(8000, 1)]);
    let analyze = ["analyze", "a.wav", "--feature", "cochleagram", "-o", "a.csv", "--hop-ms"];
    let output = erbium(path, &[&analyze[..], &["0.1"]].concat());
    let said = String::from_utf8(output.stderr).expect("text");
    let (_, told) = said.split_once("possible: --hop-ms ").expect("tells");
    let least = told.split(' ').next().expect("a number");
    succeed(path, &[&analyze[..], &[least]].concat());
}

#[test]
fn a_file_of_one_sample_has_no_speed() {
    let folder = folder();
    write_wav(&folder.path().join("a.wav"), RATE_HZ, &[vec![0.5]]);
    let (said, _) = succeed(folder.path(), &["render", "a.wav"]);
    assert!(said.contains("16000 Hz") && !said.contains("0 times"), "{said}");
    assert_eq!(read_wav(&folder.path().join("a.erbium.wav")), [[0.5]]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_leaves_no_temporary() {
    use std::io::Write;
    use std::process::Stdio;
    use std::time::{Duration, Instant};
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(16_000, 1)]);
    let wav = fs::read(path.join("a.wav")).expect("written");
    // In the terminal, and in the background of a script; the test itself may run anywhere.
    let default = ["--default-signal=INT,TERM,HUP"; 2];
    let background = ["--default-signal=TERM,HUP", "--ignore-signal=INT"];
    for (signal, dispositions) in [("INT", default), ("TERM", default), ("TERM", background)] {
        let mut program = Command::new("env")
            .args(dispositions)
            .args([env!("CARGO_BIN_EXE_erbium")])
            .args(["render", "/dev/stdin", "-o", "out.wav"])
            .current_dir(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        // It waits for the second half, which never comes.
        let mut input = program.stdin.take().expect("piped");
        input.write_all(&wav[..wav.len() / 2]).expect("read");
        let deadline = Instant::now() + Duration::from_secs(60);
        while names(path).len() < 2 {
            assert!(Instant::now() < deadline, "no temporary appeared");
            std::thread::sleep(Duration::from_millis(10));
        }
        let kill = format!("kill -{signal} {}", program.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("a shell").success());
        assert_eq!(program.wait().expect("started").code(), Some(130), "{signal}");
        assert_eq!(names(path), BTreeSet::from(["a.wav".to_owned()]), "{signal}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_as_a_file_is() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(16_000, 1)]);
    let erbium = env!("CARGO_BIN_EXE_erbium");
    let command = format!("cat a.wav | '{erbium}' render /dev/stdin -o out.wav");
    let status = Command::new("sh").args(["-c", &command]).current_dir(path).status();
    assert!(status.expect("a shell").success());
    assert_eq!(read_wav(&path.join("out.wav")), [noise(16_000, 1)]);
}

#[test]
fn help_describes_the_window_and_every_command_has_an_example() {
    let folder = folder();
    let (help, _) = succeed(folder.path(), &["--help"]);
    for word in ["--backend", "render", "analyze", "bank", "Example"] {
        assert!(help.contains(word), "{word}");
    }
    for command in ["render", "analyze", "bank"] {
        let (help, _) = succeed(folder.path(), &[command, "--help"]);
        assert!(help.contains(&format!("  erbium {command} ")), "{command}");
    }
    let (version, _) = succeed(folder.path(), &["--version"]);
    assert_eq!(version.trim(), format!("erbium {}", env!("CARGO_PKG_VERSION")));
}

/// The pixels of a picture as (red, green, blue).
fn read_png(path: &Path) -> (u32, u32, Vec<[u8; 3]>) {
    let file = std::io::BufReader::new(fs::File::open(path).expect("exists"));
    let mut reader = png::Decoder::new(file).read_info().expect("a picture");
    let mut pixels = vec![0; reader.output_buffer_size().expect("fits")];
    let frame = reader.next_frame(&mut pixels).expect("complete");
    let pixels = pixels.chunks_exact(3).map(|rgb| [rgb[0], rgb[1], rgb[2]]).collect();
    (frame.width, frame.height, pixels)
}

const PICTURES: [&str; 5] = ["alias.png", "bands.png", "curve.png", "flat.png", "impulse.png"];

#[test]
fn a_bank_is_drawn() {
    let folder = folder();
    let options = ["bank", "--bands", "12", "--latency-ms", "4", "--rate", "16000"];
    succeed(folder.path(), &[&options[..], &["--plots", "new/pictures"]].concat());
    let pictures = folder.path().join("new/pictures");
    assert_eq!(names(&pictures), PICTURES.map(str::to_owned).into());
    for name in PICTURES {
        let (width, height, pixels) = read_png(&pictures.join(name));
        assert_eq!((width, height), (1200, 600), "{name}");
        assert!(fs::metadata(pictures.join(name)).expect("exists").len() < 100_000, "{name}");
        // A line in blue from one end of the axis to the other, or nearly so.
        let blue = |rgb: &[u8; 3]| rgb[2] > 120 && rgb[0] < 60;
        let columns: BTreeSet<usize> =
            (0..pixels.len()).filter(|&n| blue(&pixels[n])).map(|n| n % 1200).collect();
        assert!(columns.len() > 300, "{name}: {} columns", columns.len());
        assert!(*columns.first().expect("some") > 80 && *columns.last().expect("some") < 1190);
    }
}

#[test]
fn where_one_picture_cannot_be_there_are_none() {
    let folder = folder();
    fs::create_dir_all(folder.path().join("pictures/flat.png")).expect("made");
    let output = erbium(folder.path(), &["bank", "--bands", "12", "--plots", "pictures"]);
    let error = String::from_utf8(output.stderr).expect("text");
    assert!(!output.status.success() && error.contains("flat.png is a folder"), "{error}");
    assert_eq!(names(&folder.path().join("pictures")), ["flat.png".to_owned()].into());
}
