//! The built program's matrices and features: the same numbers as the library's, and what it says
//! when it cannot.

use erbium_dsp::feature::gammatone::{self, Centres, Common, Gammatone};
use erbium_dsp::feature::isac::{Encoder, Spectrogram, isac_cc};
use erbium_dsp::feature::voicebox::{self, Call};
use erbium_dsp::feature::{FeatureMatrix, csound, log_bands, mel, mfcc, spectrum};
use erbium_dsp::scale::ScaleFormula;
use erbium_npy::{Array, Element, Limits, Npz};
use num_complex::Complex;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const RATE_HZ: u32 = 16_000;

fn erbium(folder: &Path, arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_erbium"))
        .args(arguments.split_whitespace())
        .current_dir(folder)
        // No test opens the window.
        .env_remove("DISPLAY")
        .output()
        .expect("the program starts")
}

fn succeed(folder: &Path, arguments: &str) -> String {
    let output = erbium(folder, arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments}: {said}");
    said
}

fn refuse(folder: &Path, arguments: &str, words: &[&str]) {
    let output = erbium(folder, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{arguments} must fail");
    for word in words {
        assert!(said.contains(word), "{arguments}: {said} lacks {word}");
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn read<T: Element>(path: &Path) -> (Vec<usize>, Vec<T>) {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let array = Array::read(&bytes[..], 1 << 26).expect("an array");
    (array.shape().to_vec(), array.values().expect("of this type"))
}

fn is_png(path: &Path) -> bool {
    let png = fs::read(path).expect("written");
    png.starts_with(b"\x89PNG\r\n\x1a\n") && png.len() > 5000
}

/// Two channels of noise, and their mean as the program reads it.
fn write_noise(path: &Path, samples: usize) -> Vec<f64> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: RATE_HZ,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut wav = hound::WavWriter::create(path, spec).expect("writable");
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from(i16::from_be_bytes([state.to_be_bytes()[0], state.to_be_bytes()[1]])) / 32_768.0
    };
    let mut mean = Vec::new();
    for _ in 0..samples {
        let (left, right) = (next(), next());
        wav.write_sample(left).expect("writable");
        wav.write_sample(right).expect("writable");
        mean.push((f64::from(left) + f64::from(right)) / 2.0);
    }
    wav.finalize().expect("writable");
    mean
}

#[test]
fn matrices_are_the_librarys_bit_for_bit() {
    let folder = folder();
    let path = folder.path();
    let check = |arguments: &str, expected: &erbium_dsp::feature::Matrix| {
        succeed(path, &format!("matrix {arguments} -o out.npy"));
        let (shape, values) = read::<f64>(&path.join("out.npy"));
        let sizes = [expected.rows(), expected.columns()];
        assert_eq!((shape, values), (sizes.to_vec(), expected.to_dense()), "{arguments}");
    };
    let voicebox = |bands, bins: &[f64], rate_hz, low, high, letters| {
        let call = Call::parse(bands, bins, rate_hz, low, high, letters).expect("valid");
        voicebox::filterbank(&call.options).expect("valid")
    };
    check(
        "--system voicebox --bands 20 --fft 512 --rate 16000 --options my --low 200 --high 3800",
        &voicebox(Some(20.0), &[512.0], 16_000.0, Some(200.0), Some(3800.0), "my").matrix,
    );
    check(
        "--system voicebox --bins 41,600,1194 --rate 48000 --bands 0.002 --options busS",
        &voicebox(Some(0.002), &[41.0, 600.0, 1194.0], 48_000.0, None, None, "busS").matrix,
    );
    check(
        "--system voicebox --fft 256 --rate 8000",
        &voicebox(None, &[256.0], 8000.0, None, None, "f").matrix,
    );
    let options =
        mel::MelOptions { norm: mel::Norm::L1, ..mel::MelOptions::new(16_000.0, 512, 40) };
    let librosa = mel::filterbank(&options).expect("valid").matrix;
    check("--system librosa-mel --rate 16000 --fft 512 --bands 40 --norm l1", &librosa);
    let options = mel::MelOptions {
        low_hz: 50.0,
        high_hz: Some(7000.0),
        scale: ScaleFormula::MelHtk,
        ..mel::MelOptions::new(16_000.0, 512, 40)
    };
    let kapre = mel::filterbank(&options).expect("valid").matrix;
    check(
        "--system kapre-mel --rate 16000 --fft 512 --bands 40 --low 50 --high 7000 --htk",
        &kapre,
    );
    let options = log_bands::LogBandOptions {
        bands_per_octave: 6,
        ..log_bands::LogBandOptions::new(16_000.0, 512, 40)
    };
    let log = log_bands::filterbank(&options).expect("valid").matrix;
    check("--system kapre-log --rate 16000 --fft 512 --bands 40 --bands-per-octave 6", &log);
    let options = csound::CsoundOptions {
        bins: 257,
        bands: 24,
        low_hz: 100.0,
        high_hz: 6000.0,
        sample_rate_hz: 16_000.0,
    };
    let csound = csound::filterbank(&options).expect("valid").matrix;
    check("--system csound --fft-bins 257 --bands 24 --low 100 --high 6000 --rate 16000", &csound);
}

#[test]
fn matrices_come_sparse_as_tables_and_as_pictures_with_their_centres() {
    let folder = folder();
    let path = folder.path();
    let voicebox = "matrix --system voicebox --bands 12 --fft 256 --rate 8000";
    succeed(path, &format!("{voicebox} --options mH --centres centres.npy -o m.npz"));
    let call = Call::parse(Some(12.0), &[256.0], 8000.0, None, None, "mH").expect("valid");
    let bank = voicebox::filterbank(&call.options).expect("valid");
    let mut npz = Npz::open(&path.join("m.npz"), Limits::default()).expect("readable");
    let data: Vec<f64> = npz.array("data").unwrap().expect("data").values().expect("float64");
    let starts: Vec<i64> = npz.array("indptr").unwrap().expect("indptr").values().unwrap();
    assert_eq!(data, bank.matrix.values());
    assert_eq!(starts.len(), 13);
    let (_, centres) = read::<f64>(&path.join("centres.npy"));
    let units: Vec<f64> =
        bank.centres_hz.iter().map(|&hz| ScaleFormula::MelFant.units_from_hz(hz)).collect();
    assert_eq!(centres, units);
    succeed(path, &format!("{voicebox} --options m -o m.csv"));
    let table = fs::read_to_string(path.join("m.csv")).expect("written");
    assert_eq!(table.lines().count(), 13);
    assert!(table.lines().all(|line| line.split(',').count() == 130));
    // g draws beside the output, --plot wherever it says, and a .png is nothing but a picture.
    succeed(path, &format!("{voicebox} --options mg -o curves.npy"));
    succeed(path, &format!("{voicebox} --options mG -o image.npy --plot p.png"));
    succeed(path, &format!("{voicebox} --options m -o alone.png"));
    for name in ["curves.png", "p.png", "alone.png"] {
        assert!(is_png(&path.join(name)), "{name}");
    }
    assert!(!path.join("image.png").exists());
}

#[test]
fn matrices_that_cannot_be_made_leave_no_file() {
    let folder = folder();
    let path = folder.path();
    let voicebox = "matrix --system voicebox --fft 512 --rate 16000 -o out.npy";
    refuse(path, &format!("{voicebox} --options mq"), &["'q'", "\"mq\"", "Bark"]);
    refuse(path, &format!("{voicebox} --options l --low 0"), &["low limit 0", "more than 0 Hz"]);
    refuse(path, &format!("{voicebox} --low 900 --high 800"), &["high limit 800", "900"]);
    refuse(path, &format!("{voicebox} --bands 3.5"), &["band count 3.5", "whole number"]);
    refuse(path, &format!("{voicebox} --htk"), &["--htk", "voicebox", "librosa-mel"]);
    refuse(path, &format!("{voicebox} --centres c.txt"), &["c.txt", ".npy"]);
    refuse(path, &format!("{voicebox} --centres out.npy"), &["out.npy", "overwrite"]);
    refuse(path, "matrix --system voicebox --rate 16000 -o out.npy", &["--fft N or --bins"]);
    refuse(path, "matrix --system voicebox --fft 8 --rate 8000 -o out.txt", &["out.txt", ".npy"]);
    let mel = "matrix --system librosa-mel --rate 16000 -o out.npy";
    refuse(path, mel, &["librosa-mel needs --fft N"]);
    refuse(path, &format!("{mel} --fft 512"), &["librosa-mel needs --bands P"]);
    refuse(path, &format!("{mel} --fft 512 --bands 0.5"), &["--bands 0.5", "whole"]);
    refuse(path, &format!("{mel} --fft 512 --bands 9 --high -4"), &["high limit -4"]);
    let log = "matrix --system kapre-log --rate 16000 --fft 512 --bands 84 -o out.npy";
    refuse(path, &format!("{log} --low 0"), &["low limit 0"]);
    refuse(path, &format!("{log} --low 2000"), &["band count 84", "up to 25"]);
    let csound = "matrix --system csound --rate 16000 -o out.npy";
    refuse(path, &format!("{csound} --fft-bins 20 --bands 20"), &["band count 20", "1 to 19"]);
    assert_eq!(fs::read_dir(path).expect("readable").count(), 0);
}

#[test]
fn features_are_the_librarys_bit_for_bit() {
    let folder = folder();
    let path = folder.path();
    let sound = write_noise(&path.join("a.wav"), 8000);
    let check = |arguments: &str, expected: &FeatureMatrix| {
        succeed(path, &format!("analyze a.wav {arguments} -o out.npy"));
        let (shape, values) = read::<f64>(&path.join("out.npy"));
        let sizes = [expected.rows(), expected.frames()];
        assert_eq!(shape, sizes, "{arguments}");
        assert!(values == expected.values(), "{arguments}");
    };
    let spectra =
        spectrum::SpectrumOptions { hop_samples: 160, ..spectrum::SpectrumOptions::new(512) };
    let bank = mel::filterbank(&mel::MelOptions::new(16_000.0, 512, 24)).expect("valid");
    let bands = mfcc::bands(&sound, &spectra, &bank.matrix).expect("fits");
    check("--feature mel --fft 512 --bands 24", &bands);
    let options = mfcc::MfccOptions { deltas: 2, ..mfcc::MfccOptions::default() };
    let cepstra = mfcc::mfcc(&bands, &options).expect("valid");
    check("--feature mfcc --fft 512 --bands 24 --deltas 2", &cepstra);
    let options = log_bands::LogBandOptions {
        low_hz: 500.0,
        ..log_bands::LogBandOptions::new(16_000.0, 512, 24)
    };
    let bank = log_bands::filterbank(&options).expect("valid");
    let bands = mfcc::bands(&sound, &spectra, &bank.matrix).expect("fits");
    check("--feature log --fft 512 --bands 24 --low 500", &bands);
    let options = csound::CsoundOptions {
        bins: 257,
        bands: 24,
        low_hz: 0.0,
        high_hz: 8000.0,
        sample_rate_hz: 16_000.0,
    };
    let bank = csound::filterbank(&options).expect("valid");
    let magnitudes = spectrum::SpectrumOptions {
        measure: spectrum::Measure::Magnitude,
        hop_samples: 80,
        ..spectra
    };
    let bands = mfcc::bands(&sound, &magnitudes, &bank.matrix).expect("fits");
    check("--feature mfb --fft 512 --bands 24 --magnitudes --hop-ms 5", &bands);
    let encoder = Encoder::design(&Encoder::spec(16_000.0, 24, 128, 16)).expect("valid");
    let coefficients = encoder.linear(&sound);
    let powers = Spectrogram::new(encoder).apply(&coefficients);
    let bank = "--bands 24 --scale mel --kernel-size 128 --stride 16 --prototype hann";
    check(&format!("--feature isac-mel {bank}"), &powers);
    let cepstra = isac_cc(&powers, &mfcc::MfccOptions::default()).expect("valid");
    check(&format!("--feature isac-cc {bank}"), &cepstra);
    succeed(path, &format!("analyze a.wav --feature coefficients {bank} -o c.npy"));
    let (shape, values) = read::<Complex<f64>>(&path.join("c.npy"));
    assert_eq!(shape, [24, 500]);
    assert!(values == coefficients.values());
}

/// The channels of a sound file.
fn channels(path: &Path) -> Vec<Vec<f64>> {
    let mut wav = hound::WavReader::open(path).expect("readable");
    let count = usize::from(wav.spec().channels);
    let samples: Vec<f64> =
        wav.samples::<f32>().map(|sample| f64::from(sample.expect("complete"))).collect();
    (0..count).map(|c| samples.iter().skip(c).step_by(count).copied().collect()).collect()
}

#[test]
fn hops_in_samples_padding_and_channels_apart_are_the_librarys() {
    let folder = folder();
    let path = folder.path();
    let mean = write_noise(&path.join("a.wav"), 8000);
    let channels = channels(&path.join("a.wav"));
    let options = spectrum::SpectrumOptions {
        hop_samples: 100,
        padding: spectrum::Padding::Reflect,
        ..spectrum::SpectrumOptions::new(512)
    };
    let bank = mel::filterbank(&mel::MelOptions::new(16_000.0, 512, 24)).expect("valid");
    let of = |sound: &[f64], padding| {
        let options = spectrum::SpectrumOptions { padding, ..options };
        mfcc::bands(sound, &options, &bank.matrix).expect("fits")
    };
    let mel = "analyze a.wav --feature mel --fft 512 --bands 24 --hop-samples 100";
    for (name, padding) in [
        ("reflect", spectrum::Padding::Reflect),
        ("zeros", spectrum::Padding::Zeros),
        ("none", spectrum::Padding::None),
    ] {
        succeed(path, &format!("{mel} --padding {name} -o out.npy"));
        let (shape, values) = read::<f64>(&path.join("out.npy"));
        let expected = of(&mean, padding);
        assert_eq!(shape[1], expected.frames(), "{name}");
        assert!(values == expected.values(), "{name}");
    }
    succeed(path, &format!("{mel} --padding reflect --per-channel -o out.npy"));
    let (shape, values) = read::<f64>(&path.join("out.npy"));
    assert_eq!(shape, [2, 24, 81]);
    let expected: Vec<f64> = channels
        .iter()
        .flat_map(|channel| of(channel, spectrum::Padding::Reflect).values().to_vec())
        .collect();
    assert!(values == expected);
    // A column per channel and band, and pictures one above the other.
    succeed(path, &format!("{mel} --per-channel -o out.csv"));
    let table = fs::read_to_string(path.join("out.csv")).expect("written");
    let names: Vec<_> = table.lines().next().expect("names").split(',').collect();
    assert_eq!(names.len(), 1 + 2 * 24);
    assert!(names[1].starts_with("channel 1: ") && names[25].starts_with("channel 2: "));
    succeed(path, &format!("{mel} --per-channel --db -o out.png"));
    assert!(is_png(&path.join("out.png")));
    let kernels = "--bands 8 --scale mel --kernel-size 128 --stride 16 --prototype hann";
    succeed(
        path,
        &format!("analyze a.wav --feature coefficients {kernels} --per-channel -o c.npy"),
    );
    let (shape, values) = read::<Complex<f64>>(&path.join("c.npy"));
    let encoder = Encoder::design(&Encoder::spec(16_000.0, 8, 128, 16)).expect("valid");
    assert_eq!(shape, [2, 8, 500]);
    assert!(values[8 * 500..] == *encoder.linear(&channels[1]).values());
    refuse(path, &format!("{mel} --hop-ms 5 -o o.npy"), &["--hop-samples", "--hop-ms"]);
    let bad = "analyze a.wav --feature mel -o o.npy";
    refuse(path, &format!("{bad} --hop-samples 0"), &["--hop-samples", "0", "1 to 10000000"]);
    refuse(path, &format!("{bad} --padding wrap"), &["wrap", "none", "zeros", "reflect"]);
    refuse(
        path,
        "analyze a.wav --feature gammatone --padding none -o o.npy",
        &["--padding", "gammatone", "mel, log, mfb, mfcc"],
    );
    refuse(
        path,
        "analyze a.wav --feature isac-cc --hop-samples 4 -o o.npy",
        &["--hop-samples", "--stride"],
    );
    refuse(
        path,
        "analyze a.wav --feature cochleagram --per-channel -o o.npy",
        &["--per-channel", "loudest", "files of one channel"],
    );
    refuse(
        path,
        "analyze a.wav --feature cochleagram --hop-samples 3 -o o.npy",
        &["hop of 3 samples", "--hop-samples", "or more"],
    );
    assert!(!path.join("o.npy").exists());
}

#[test]
fn features_have_as_few_bands_as_their_maths_allow() {
    let folder = folder();
    let path = folder.path();
    write_noise(&path.join("a.wav"), 4000);
    let shape = |feature: &str, bands: &str| {
        succeed(path, &format!("analyze a.wav --feature {feature} --bands {bands} -o o.npy"));
        read::<f64>(&path.join("o.npy")).0
    };
    for feature in ["mel", "log", "mfb", "mfcc", "gammatone", "gammatone-bands"] {
        assert_eq!(shape(feature, "1")[0], 1, "{feature}");
        assert_eq!(shape(feature, "4")[0], 4, "{feature}");
    }
    for feature in ["isac-mel", "isac-cc"] {
        assert_eq!(shape(&format!("{feature} --stride 16"), "2")[0], 2, "{feature}");
        assert_eq!(shape(feature, "3")[0], 3, "{feature}");
    }
    assert_eq!(shape("mel --fft 8192", "200")[0], 200);
    let isac = "analyze a.wav --feature isac-mel --bands 1 --stride 16 -o x.npy";
    refuse(path, isac, &["band count 1", "2 to 1024"]);
    let cochleagram = "analyze a.wav --feature cochleagram --bands 4 -o x.npy";
    refuse(path, cochleagram, &["cochleagram needs a bank", "band count 4", "8 to 64"]);
    refuse(path, "analyze a.wav --feature mel --bands 0 -o x.npy", &["--bands", "0", "1 to 4096"]);
    let cepstra = "analyze a.wav --feature mfcc --bands 4 --coefficients 5 -o x.npy";
    refuse(path, cepstra, &["coefficient count 5", "1 to 4"]);
    assert!(!path.join("x.npy").exists());
}

#[test]
fn empty_bands_are_named_in_a_warning() {
    let folder = folder();
    let path = folder.path();
    write_noise(&path.join("a.wav"), 4000);
    let matrix = "matrix --system librosa-mel --rate 16000 -o m.npy --fft";
    let said = succeed(path, &format!("{matrix} 256 --bands 128"));
    let options = mel::MelOptions::new(16_000.0, 256, 128);
    let bank = mel::filterbank(&options).expect("valid");
    let empty = bank.empty_bands();
    assert!(said.starts_with(&format!("erbium: warning: {} of 128 bands", empty.len())), "{said}");
    for &band in &empty[..8] {
        assert!(said.contains(&format!(" {band} ({:.1} Hz)", bank.centres_hz[band])), "{said}");
    }
    assert!(said.contains(&format!(", and {} more; possible", empty.len() - 8)), "{said}");
    let said = succeed(path, "analyze a.wav --feature mfcc --fft 256 --bands 128 -o m.npy");
    assert!(said.contains("warning: a.wav: ") && said.contains("possible: --fft above 256"));
    for arguments in [
        "matrix --system kapre-log --rate 16000 --fft 256 --bands 24 -o m.npy",
        "matrix --system csound --rate 16000 --fft-bins 33 --bands 30 -o m.npy",
        "matrix --system voicebox --rate 16000 --fft 64 --bands 9 --low 9000 --high 12000 -o m.npy",
    ] {
        assert!(succeed(path, arguments).contains("bands are empty"), "{arguments}");
    }
    assert_eq!(succeed(path, &format!("{matrix} 512 --bands 40")), "");
    assert_eq!(succeed(path, "analyze a.wav --feature mel --fft 512 --bands 40 -o m.npy"), "");
}

#[test]
fn kernels_without_a_limit_are_the_published_ones() {
    let folder = folder();
    let path = folder.path();
    let sound = write_noise(&path.join("a.wav"), 8000);
    let bank = "--bands 24 --scale mel --stride 16 --prototype hann";
    succeed(path, &format!("analyze a.wav --feature isac-mel {bank} -o out.npy"));
    let encoder = Encoder::design(&Encoder::spec_without_limit(16_000.0, 24, 16)).expect("valid");
    assert_eq!(encoder.longest(), 400);
    let powers = Spectrogram::new(encoder.clone()).apply(&encoder.linear(&sound));
    assert!(read::<f64>(&path.join("out.npy")).1 == powers.values());
    succeed(path, &format!("analyze a.wav --feature isac-cc {bank} -o out.npy"));
    let cepstra = isac_cc(&powers, &mfcc::MfccOptions::default()).expect("valid");
    assert!(read::<f64>(&path.join("out.npy")).1 == cepstra.values());
    succeed(path, &format!("bank {bank} --rate 16000 -o bank.npz"));
    let mut npz = Npz::open(&path.join("bank.npz"), Limits::default()).expect("readable");
    let kernels = npz.array("kernels").expect("readable").expect("kernels");
    assert_eq!(kernels.shape(), [24, 400]);
    let alone = "analyze a.wav --feature isac-mel --kernel-size 128 -o x.npy";
    refuse(path, alone, &["--stride"]);
    let long = "analyze a.wav --feature isac-mel --stride 20000 -o x.npy";
    refuse(path, long, &["stride 20000 samples", "1 to 16000"]);
}

#[test]
fn several_files_go_into_a_folder_as_each_alone() {
    let folder = folder();
    let path = folder.path();
    write_noise(&path.join("a.wav"), 4000);
    write_noise(&path.join("b.wav"), 5000);
    fs::create_dir(path.join("out")).expect("created");
    let feature = "--feature mfcc --fft 512 --bands 20";
    succeed(path, &format!("analyze a.wav b.wav {feature} -o out"));
    succeed(path, &format!("analyze b.wav {feature} -o alone.npy"));
    assert_eq!(
        fs::read(path.join("out/b.mfcc.npy")).expect("written"),
        fs::read(path.join("alone.npy")).expect("written")
    );
    succeed(path, &format!("analyze a.wav b.wav {feature} -o out --format csv"));
    succeed(path, "analyze a.wav b.wav --feature isac-mel --bands 20 -o out --format png");
    let names: BTreeSet<_> = fs::read_dir(path.join("out"))
        .expect("readable")
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .collect();
    let expected = [
        "a.isac-mel.png",
        "a.mfcc.csv",
        "a.mfcc.npy",
        "b.isac-mel.png",
        "b.mfcc.csv",
        "b.mfcc.npy",
    ];
    assert_eq!(names, BTreeSet::from(expected.map(str::to_owned)));
    let table = fs::read_to_string(path.join("out/a.mfcc.csv")).expect("written");
    let lines: Vec<_> = table.lines().collect();
    assert_eq!(lines.len(), 1 + 1 + 4000 / 160);
    assert!(lines[0].starts_with("time_s,0,1,") && lines[3].starts_with("0.02,"), "{}", lines[3]);
    assert!(is_png(&path.join("out/a.isac-mel.png")));
}

#[test]
fn features_that_cannot_be_computed_leave_no_file() {
    let folder = folder();
    let path = folder.path();
    write_noise(&path.join("a.wav"), 4000);
    let mel = "analyze a.wav --feature mel -o out.npy";
    refuse(path, &format!("{mel} --low 9000"), &["high limit 8000", "9000"]);
    refuse(path, &format!("{mel} --fft 1"), &["--fft", "1 is out of range", "2 to 16777216"]);
    refuse(path, &format!("{mel} --deltas 2"), &["--deltas", "mel", "mfcc, isac-cc"]);
    refuse(path, &format!("{mel} --floor-db -9"), &["--floor-db", "mel"]);
    refuse(path, &format!("{mel} --format png"), &["--format is for folders"]);
    refuse(path, "analyze a.wav a.wav --feature mel -o nowhere", &["nowhere does not exist"]);
    refuse(path, "analyze a.wav a.wav --feature mel -o .", &["would both become"]);
    refuse(path, "analyze a.wav --feature isac-mel --hop-ms 5 -o o.npy", &["--hop-ms", "--stride"]);
    refuse(
        path,
        "analyze a.wav --feature mfcc --coefficients 41 -o o.npy",
        &["count 41", "1 to 40"],
    );
    refuse(path, "analyze a.wav --feature chroma -o o.npy", &["chroma", "isac-mel"]);
    let log = "analyze a.wav --feature log --bands 100 -o o.npy";
    refuse(path, log, &["band count 100", "up to 96"]);
    assert_eq!(fs::read_dir(path).expect("readable").count(), 1);
}

#[test]
fn kernels_come_from_a_file_as_a_bank_or_numpy_writes_it() {
    let folder = folder();
    let path = folder.path();
    write_noise(&path.join("a.wav"), 4000);
    let bank = "--bands 24 --scale mel --kernel-size 128 --stride 8 --prototype hann";
    succeed(path, &format!("bank {bank} --rate 16000 -o bank.npz"));
    succeed(path, "analyze a.wav --feature coefficients --kernels bank.npz -o file.npy");
    succeed(path, &format!("analyze a.wav --feature coefficients {bank} -o spec.npy"));
    let (shape, file) = read::<Complex<f64>>(&path.join("file.npy"));
    let (_, spec) = read::<Complex<f64>>(&path.join("spec.npy"));
    assert_eq!(shape, [24, 500]);
    // The kernels of a spec carry the root of the stride.
    for (file, spec) in file.iter().zip(&spec) {
        assert!((file * 8.0_f64.sqrt() - spec).norm() < 1e-12, "{file} {spec}");
    }
    let coefficients = "analyze a.wav --feature coefficients -o o.npy --kernels";
    refuse(path, &format!("{coefficients} none.npz"), &["none.npz"]);
    refuse(path, &format!("{coefficients} a.wav"), &["a.wav", "numpy.savez"]);
    succeed(path, "matrix --system voicebox --fft 64 --rate 8000 -o m.npz");
    refuse(path, &format!("{coefficients} m.npz"), &["m.npz holds no kernels", "bands x taps"]);
    let mel = "analyze a.wav --feature mel --kernels bank.npz -o o.npy";
    refuse(path, mel, &["--kernels", "mel", "coefficients, isac-mel, isac-cc"]);
}

#[test]
fn every_command_in_the_manual_works() {
    let folder = folder();
    write_noise(&folder.path().join("speech.wav"), 16_000);
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/features");
    let mut commands = 0;
    for page in fs::read_dir(pages).expect("the manual") {
        let page = fs::read_to_string(page.expect("readable").path()).expect("text");
        let blocks = page.split("```").skip(1).step_by(2);
        for block in blocks.filter_map(|block| block.strip_prefix("sh\n")) {
            for line in block.lines() {
                succeed(folder.path(), line.strip_prefix("erbium ").expect(line));
                commands += 1;
            }
        }
    }
    assert!(commands >= 10, "{commands}");
}

#[test]
fn gammatone_bands_are_the_librarys() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let sound = write_noise(&path("in.wav"), 4000);
    let rate_hz = f64::from(RATE_HZ);
    let edges = Centres::Edges { low_hz: 80.0, high_hz: 5000.0, bands: 16 };
    let plain =
        Gammatone::new(&gammatone::GammatoneOptions::new(edges.clone(), rate_hz)).expect("valid");
    let range = "--bands 16 --low 80 --high 5000";
    succeed(
        folder.path(),
        &format!("analyze in.wav --feature gammatone-bands {range} -o bands.npy"),
    );
    let (shape, values) = read::<f64>(&path("bands.npy"));
    assert_eq!(shape, [16, 4000]);
    assert!(values == plain.apply(&sound).values());
    let hop = "analyze in.wav --feature gammatone --hop-ms 10";
    succeed(folder.path(), &format!("{hop} {range} -o powers.npy"));
    let (shape, values) = read::<f64>(&path("powers.npy"));
    assert_eq!(shape, [16, 25]);
    assert!(values == plain.spectrogram(&sound, 160, 160).expect("valid").values());
    let aligned = Gammatone::new(&gammatone::GammatoneOptions {
        normalised: false,
        envelope: Some(Common::Samples(200)),
        fine_structure: true,
        ..gammatone::GammatoneOptions::new(Centres::List(vec![250.0, 1000.0]), rate_hz)
    });
    let options = "--centres-hz 250,1000 --align both --delay-samples 200 --unnormalised";
    succeed(
        folder.path(),
        &format!("analyze in.wav --feature gammatone-bands {options} -o two.npy"),
    );
    let (shape, values) = read::<f64>(&path("two.npy"));
    assert_eq!(shape, [2, 4000]);
    assert!(values == aligned.expect("valid").apply(&sound).values());
    for picture in ["powers.png --db", "powers.csv"] {
        succeed(folder.path(), &format!("{hop} {range} -o {picture}"));
    }
    assert!(is_png(&path("powers.png")));
    let csv = fs::read_to_string(path("powers.csv")).expect("written");
    assert!(csv.starts_with("time_s,") && csv.lines().count() == 26, "{csv}");
    assert!(csv.lines().nth(1).expect("a row").starts_with("0.005,"));
    refuse(folder.path(), &format!("{hop} --high 9000 -o x.npy"), &["centre frequency", "8000"]);
    refuse(folder.path(), &format!("{hop} --centres-hz 9,x -o x.npy"), &["--centres-hz"]);
    refuse(
        folder.path(),
        "analyze in.wav --feature mel --align both -o x.npy",
        &["--align", "gammatone"],
    );
    refuse(
        folder.path(),
        "analyze in.wav --feature gammatone-bands --hop-ms 10 -o x.npy",
        &["--hop-ms", "gammatone-bands"],
    );
    assert!(!path("x.npy").exists());
}
