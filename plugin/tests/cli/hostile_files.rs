//! Files that anyone may have made: none hangs the program or takes its memory, and what is said names the limit.

use crate::limited::within;
use erbium_npy::{NpzWriter, write_npy};
use num_complex::Complex;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

/// 1.5 GiB of addresses: far less than what hostile files ask for.
const KIB: u32 = 3 << 19;

/// Runs the program, which must fail with these words within a minute and its memory.
fn refuse(folder: &Path, arguments: &[&str], words: &[&str]) {
    let (code, said) =
        within(folder, KIB, arguments).unwrap_or_else(|| panic!("{arguments:?} hangs"));
    assert_eq!(code, Some(1), "{arguments:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{arguments:?}: {said} lacks {word}");
    }
    assert!(!said.contains("panicked") && said.len() < 2000, "{arguments:?}: {said}");
}

/// An archive of one stored file of arrays, whatever it holds.
fn stored(path: &Path, files: &[(&str, Vec<u8>)]) {
    let mut archive = zip::ZipWriter::new(File::create(path).expect("writable"));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in files {
        archive.start_file(*name, options).expect("begins");
        archive.write_all(bytes).expect("writes");
    }
    archive.finish().expect("ends");
}

fn header(text: &str) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(text.len()).expect("short").to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes
}

fn array<T: erbium_npy::Element>(shape: &[usize], values: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_npy(&mut bytes, shape, values.iter().copied()).expect("writes");
    bytes
}

/// Two kernels that may be played at a stride of 1.
fn kernels() -> Vec<Complex<f64>> {
    let mut kernels = vec![Complex::default(); 32];
    (kernels[0], kernels[1]) = (Complex::from(0.5), Complex::from(0.5));
    (kernels[16], kernels[17]) = (Complex::from(0.5), Complex::from(-0.5));
    kernels
}

/// So many short kernels that together pass all frequencies.
fn broad_kernels(count: u32) -> Vec<Complex<f64>> {
    let turn = |k: u32| 0.5 * std::f64::consts::TAU * f64::from(k) / f64::from(count - 1);
    let tap = |k: u32, n: usize| {
        let phase = turn(k) * [0.0, 1.0, 2.0, 3.0][n];
        Complex::from_polar([0.125, 0.375, 0.375, 0.125][n], phase)
    };
    (0..count).flat_map(|k| (0..4).map(move |n| tap(k, n))).collect()
}

#[test]
fn bank_files_of_any_kind_are_refused_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let at = |name: &str| path.join(name);
    let flac = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/saws.flac");
    let flac = flac.to_str().expect("text");
    let of = |descr: &str, shape: &str| {
        header(&format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n"))
    };
    stored(
        &at("nested.npz"),
        &[("kernels.npy", header(&format!("{{'descr': {}", "[".repeat(60))))],
    );
    stored(&at("nested-shape.npz"), &[("kernels.npy", of("<f8", &"(".repeat(60)))]);
    stored(&at("many.npz"), &[("kernels.npy", array(&[1_000_000, 1], &vec![1_f32; 1_000_000]))]);
    stored(&at("huge.npz"), &[("kernels.npy", of("<c16", "(1024, 65536)"))]);
    stored(&at("endless.npz"), &[("kernels.npy", of("<c16", "(18446744073709551615, 2)"))]);
    let two = array(&[2, 16], &kernels());
    let with = |name: &str, more: Vec<u8>| {
        [("kernels.npy", two.clone()), (name, more)].map(|(name, bytes)| (name.to_owned(), bytes))
    };
    for (file, name, more) in [
        ("learned.npz", "learned.npy", of("<f8", "(57600, 57600)")),
        ("learned-long.npz", "learned.npy", of("<f8", "(2, 57600)")),
        ("strides.npz", "strides.npy", array(&[2], &[1_i64, 262_144])),
        ("coarse.npz", "strides.npy", array(&[2], &[1_i64, 65_536])),
        ("odd.npz", "strides.npy", array(&[2], &[32_i64, 10_007])),
        ("latencies.npz", "latency_samples.npy", of("<i8", "(100000000,)")),
    ] {
        let files = with(name, more);
        stored(&at(file), &files.each_ref().map(|(name, bytes)| (name.as_str(), bytes.clone())));
    }
    for (file, strides) in
        [("images.npz", &[1_i64, 32, 2003][..]), ("broad.npz", &[1, 1, 1, 1, 8192])]
    {
        let count = u32::try_from(strides.len()).expect("few");
        let kernels = array(&[strides.len(), 4], &broad_kernels(count));
        let strides = array(&[strides.len()], strides);
        stored(&at(file), &[("kernels.npy", kernels), ("strides.npy", strides)]);
    }
    let mut flipped = Vec::new();
    stored(&at("flipped.npz"), &[("kernels.npy", two.clone())]);
    File::open(at("flipped.npz"))
        .and_then(|mut file| std::io::Read::read_to_end(&mut file, &mut flipped))
        .expect("readable");
    let place = flipped.windows(6).position(|bytes| bytes == b"\x93NUMPY").expect("is there");
    flipped[place + 128 + 6] ^= 1;
    fs::write(at("flipped.npz"), &flipped).expect("writable");
    // A megabyte that unpacks to a gigabyte.
    let mut bomb = NpzWriter::new(File::create(at("bomb.npz")).expect("writable"));
    let zeros = std::iter::repeat_n(0.0, 64 << 20);
    bomb.array("kernels", &[64, 1 << 20], zeros).expect("writes");
    bomb.finish().expect("ends");
    assert!(fs::metadata(at("bomb.npz")).expect("is there").len() < 2 << 20);
    fs::write(at("text.npz"), "no archive").expect("writable");
    let made = Command::new("mkfifo").arg(at("pipe.npz")).status().expect("there is mkfifo");
    assert!(made.success());
    for (file, words) in [
        ("nested.npz", &["possible", "float64"][..]),
        ("nested-shape.npz", &["header", "possible"]),
        ("many.npz", &["1000000 rows; possible: up to 1024"]),
        ("huge.npz", &["67108864 numbers; possible: up to 4194304"]),
        ("endless.npz", &["fits into memory"]),
        ("learned.npz", &["57600 rows; possible: up to 1024"]),
        ("learned-long.npz", &["57600 columns; possible: up to 1024"]),
        ("latencies.npz", &["100000000 columns; possible: up to 1"]),
        ("flipped.npz", &["checksum"]),
        ("bomb.npz", &["unpacked bytes in kernels.npy; possible: up to"]),
        ("text.npz", &["numpy.savez"]),
        ("pipe.npz", &["no regular file"]),
        ("/dev/zero", &["no regular file"]),
    ] {
        if file != "latencies.npz" {
            refuse(
                path,
                &["analyze", flac, "--feature", "coefficients", "--kernels", file, "-o", "x.npy"],
                words,
            );
        }
        refuse(path, &["render", flac, "--bank-file", file, "-o", "x.wav"], words);
        refuse(path, &["bank", "--bank-file", file], words);
    }
    for (file, words) in [
        ("strides.npz", &["repeat together only after more than 65536"][..]),
        ("odd.npz", &["repeat together only after more than 65536"]),
        ("coarse.npz", &["images to be measured; possible: up to 268435456"]),
        ("images.npz", &["images that are no silence; possible: up to 16777215"]),
        ("broad.npz", &["images that are no silence; possible: up to 16777215"]),
    ] {
        refuse(path, &["render", flac, "--bank-file", file, "-o", "x.wav"], words);
        refuse(path, &["bank", "--bank-file", file], words);
    }
}

#[test]
fn files_without_an_end_are_read_to_a_limit() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let flac = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/saws.flac");
    let flac = flac.to_str().expect("text");
    let preset = ["render", flac, "--preset", "/dev/zero", "-o", "x.wav"];
    refuse(path, &preset, &["too large", "possible: up to 8388608 bytes"]);
    refuse(path, &["render", "/dev/zero", "-o", "x.wav"], &["possible: "]);
    refuse(path, &["analyze", "/dev/zero", "--feature", "mel", "-o", "x.npy"], &["possible: "]);
    let points: Vec<_> = (0..200_000).map(|k| format!("[{k},0]")).collect();
    let curve = format!("{{\"erbium\": 1, \"name\": \"x\", \"curve\": [{}]}}", points.join(","));
    fs::write(path.join("points.json"), curve).expect("writable");
    let curve = ["render", flac, "--preset", "points.json", "-o", "x.wav"];
    refuse(path, &curve, &["points", "possible: up to 100000"]);
    let nested = "[".repeat(1 << 20);
    fs::write(path.join("nested.json"), format!("{{\"erbium\": {nested}")).expect("writable");
    let nested = ["render", flac, "--preset", "nested.json", "-o", "x.wav"];
    refuse(path, &nested, &["not an Erbium preset"]);
}
