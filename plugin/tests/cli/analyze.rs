//! `erbium analyze` as a program: the cochleagram.

use crate::program::{RATE_HZ, fail, folder, noise, read_npz, sine, succeed};
use crate::wav::write_wav;
use std::fs;

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
    let array = erbium_npy::Array::read(&bytes[..], 1 << 20).expect("an array");
    assert_eq!(array.shape(), [20, 100]);
    let levels_db: Vec<f32> = array.values().expect("float32");
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

#[test]
fn the_least_hop_that_is_told_is_possible() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(8000, 1)]);
    let analyze = ["analyze", "a.wav", "--feature", "cochleagram", "-o", "a.csv", "--hop-ms"];
    let said = fail(path, &[&analyze[..], &["0.1"]].concat());
    let (_, told) = said.split_once("possible: --hop-ms ").expect("tells");
    let least = told.split(' ').next().expect("a number");
    succeed(path, &[&analyze[..], &[least]].concat());
}

/// The loudest that is read, the faintest, what never changes, and what changes every time.
#[test]
fn every_finite_sound_has_a_finite_cochleagram() {
    let folder = folder();
    let path = folder.path();
    let loudest = 1e15_f32;
    let sign = |n: u16| if n.is_multiple_of(2) { 1.0 } else { -1.0 };
    let sounds: [(&str, f32, Vec<f32>); 6] = [
        ("steady", 300.0, vec![loudest; 4000]),
        ("in turn", 300.0, (0..4000).map(|n| loudest * sign(n)).collect()),
        ("loud", 280.0, (0..4000_u16).map(|n| loudest * (f32::from(n) * 0.37).sin()).collect()),
        ("faint", -90.0, vec![1e-40; 4000]),
        ("smallest", -90.0, (0..4000).map(|n| f32::from_bits(1) * sign(n)).collect()),
        ("one", -90.0, vec![loudest]),
    ];
    for (name, least_db, sound) in sounds {
        write_wav(&path.join("a.wav"), RATE_HZ, &[sound.clone(), sound]);
        for kind in ["isac", "gammatone"] {
            let analyze = ["analyze", "a.wav", "--feature", "cochleagram", "-o", "a.npy", "--kind"];
            succeed(path, &[&analyze[..], &[kind]].concat());
            let bytes = fs::read(path.join("a.npy")).expect("written");
            let array = erbium_npy::Array::read(&bytes[..], u64::MAX).expect("an array");
            let levels_db: Vec<f32> = array.values().expect("numbers");
            assert!(levels_db.iter().all(|level| level.is_finite()), "{name}, {kind}");
            let peak_db = levels_db.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            assert!(peak_db >= least_db && peak_db < 320.0, "{name}, {kind}: {peak_db}");
        }
    }
    // Louder ones are refused by every command, as they would be silence.
    for loud in [1.1e15, 1e30, f32::MAX] {
        write_wav(&path.join("a.wav"), RATE_HZ, &[vec![loud; 4000]]);
        for command in
            ["analyze a.wav --feature cochleagram -o x.npy", "analyze a.wav --feature mel -o x.npy"]
        {
            let said = fail(path, &command.split(' ').collect::<Vec<_>>());
            assert!(said.contains("finite samples up to 1e15"), "{said}");
        }
    }
}
