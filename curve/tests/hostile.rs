//! Whatever bytes are read, it ends soon, in a curve within limits or in a sentence.

mod support;

use erbium_curve::{
    ChannelChoice, ChannelCurve, Channels, Curve, Curves, Error, Options, Purpose, read,
};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use std::time::{Duration, Instant};

fn check_channel(channel: &ChannelCurve, bytes: &[u8]) {
    let points = channel.curve.points();
    let text = String::from_utf8_lossy(bytes);
    assert!(!points.is_empty(), "{text}");
    assert!(points.windows(2).all(|pair| pair[0].hz < pair[1].hz), "{text}: {points:?}");
    let possible = |db: f64| db.is_finite() && db.abs() <= 1e6;
    assert!(points.iter().all(|point| point.hz >= 0.0 && possible(point.db)), "{text}: {points:?}");
    for hz in [0.0, 0.5, 1.0, 440.0, 24_000.0, 1e9] {
        assert!(possible(channel.curve.at_db(hz)), "{text}: {hz} Hz");
    }
    let scaled = channel.curve.for_any_scale(0.02).no_lower_than(-60.0);
    assert!(scaled.points().windows(2).all(|pair| pair[0].hz < pair[1].hz), "{text}");
    assert!(scaled.points().iter().all(|point| point.db >= -60.0), "{text}");
    if scaled.points().iter().all(|point| point.db <= 300.0) && points.len() < 1000 {
        check_written(&scaled);
    }
}

/// A curve for any scale stays as it is when it is written and read again.
fn check_written(curve: &Curve) {
    let pairs: Vec<String> = curve.points().iter().map(|p| format!("{} {}", p.hz, p.db)).collect();
    let line = format!("GraphicEQ: {}", pairs.join("; "));
    let again = read(line.as_bytes(), &Options::at(48_000.0)).expect("in other words");
    let again = again.channels.one(None).expect("one").curve;
    assert_eq!(&again, curve, "{line}");
    assert_eq!(&again.for_any_scale(0.02).no_lower_than(-60.0), curve, "{line}");
}

fn check(bytes: &[u8]) -> Result<Curves, Error> {
    let mut last = read(bytes, &Options::at(48_000.0));
    for purpose in [None, Some(Purpose::Target), Some(Purpose::Correct)] {
        last = read(bytes, &Options { purpose, ..Options::at(48_000.0) });
        match &last {
            Ok(curves) => {
                match &curves.channels {
                    Channels::Common(common) => check_channel(common, bytes),
                    Channels::LeftRight { left, right } => {
                        assert_ne!(left, right);
                        [left, right].into_iter().for_each(|channel| check_channel(channel, bytes));
                        let mean = curves.channels.one(Some(ChannelChoice::Mean)).expect("one");
                        check_channel(&mean, bytes);
                    }
                }
                assert!(
                    curves.notes.len() <= 21
                        && curves.notes.iter().all(|note| note.text.len() < 600)
                );
            }
            Err(error) => assert!(error.to_string().len() < 800, "{error}"),
        }
    }
    last
}

/// What texts of curves are made of.
const WORDS: [&str; 72] = [
    "20",
    "1,200",
    "1.200",
    "-3",
    "-2,5",
    "1e3",
    "1e999",
    "nan",
    "inf",
    "-inf",
    "off",
    "?",
    "0",
    "1 000",
    "90.5",
    " ",
    "\t",
    ";",
    ",",
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "\"",
    ":",
    "`",
    "*",
    "#",
    "//",
    "é",
    "\u{a0}",
    "−",
    "(",
    ")",
    "GraphicEQ:",
    "Preamp:",
    "Filter:",
    "Filter 1:",
    "Channel:",
    "Device:",
    "Stage:",
    "Delay:",
    "L",
    "R",
    "all",
    "ON",
    "OFF",
    "PK",
    "LS",
    "HSC",
    "LP1",
    "NO",
    "AP",
    "None",
    "Fc",
    "Hz",
    "Gain",
    "dB",
    "Q",
    "BW",
    "Oct",
    "BW/60",
    "6dB",
    "T60",
    "frequency",
    "left",
    "right",
    "gain",
    "equalization",
    "raw",
    "phase",
];

#[test]
fn any_text_of_the_right_words_is_read_or_refused() {
    let mut random = StdRng::seed_from_u64(11);
    let mut read = 0;
    for _ in 0..30_000 {
        let mut text = String::new();
        for _ in 0..random.random_range(1..40) {
            text.push_str(WORDS.choose(&mut random).expect("a word"));
            if random.random_ratio(2, 3) {
                text.push(' ');
            }
        }
        read += usize::from(check(text.as_bytes()).is_ok());
    }
    println!("{read} of 30000 read");
    assert!(read > 300, "{read} read");
}

#[test]
fn any_damage_to_a_right_file_is_read_or_refused() {
    let mut random = StdRng::seed_from_u64(12);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| !path.ends_with("filter_responses.txt") && !path.ends_with("README.md"))
        .collect();
    files.sort();
    for path in files {
        let whole = std::fs::read(&path).expect("readable");
        for _ in 0..1500 {
            let mut bytes = whole.clone();
            for _ in 0..random.random_range(1..4) {
                let at = random.random_range(0..bytes.len());
                match random.random_range(0..4) {
                    0 => bytes[at] = random.random(),
                    1 => drop(bytes.drain(at..(at + random.random_range(1..9)).min(bytes.len()))),
                    2 => {
                        let part = bytes[at..(at + 12).min(bytes.len())].to_vec();
                        bytes.splice(at..at, part);
                    }
                    _ => bytes.truncate(at + 1),
                }
                if bytes.is_empty() {
                    bytes.push(b'1');
                }
            }
            check(&bytes).ok();
        }
    }
    for _ in 0..5000 {
        let bytes: Vec<u8> = (0..random.random_range(0..200)).map(|_| random.random()).collect();
        check(&bytes).ok();
    }
}

#[test]
fn a_huge_file_is_read_or_refused_in_time() {
    let start = Instant::now();
    let graphic = |pairs: usize| {
        let pairs: Vec<String> = (0..pairs).map(|k| format!("{k}.5 {}", k % 7)).collect();
        format!("GraphicEQ: {}\n", pairs.join(";"))
    };
    let filter = "Filter: ON PK Fc 1000 Hz Gain 3 dB Q 9000\n";
    let rows = |line: &str, count: usize| line.repeat(count);
    for text in [
        graphic(800_000),
        graphic(20_000).repeat(60),
        graphic(500_000) + &filter.repeat(256),
        filter.repeat(200_000),
        rows("GraphicEQ: 20 1\n", 500_000),
        rows("20 1.5\n", 1_000_000),
        rows("20,1.5,\"a\n", 500_000),
        rows("1 2 3 4 5 6 7 8 9\n", 400_000),
        rows("Channel: L\nPreamp: 1 dB\n", 300_000),
        rows("(", 1 << 23),
        "Filter: ON PK ".to_owned() + &rows("Fc ", 1 << 21),
        "Filter: ON ".to_owned() + &rows("( ", 1 << 21),
        rows("\"", 1 << 23),
        rows("* Freq SPL\n", 600_000) + "20 1",
        rows("\n", 1 << 23),
    ] {
        let begun = Instant::now();
        read(text.as_bytes(), &Options::at(48_000.0)).ok();
        let start: String = text.chars().take(30).collect();
        println!("{start:?}: {:.1?}", begun.elapsed());
    }
    // All of them take some ten seconds on a quiet machine.
    assert!(start.elapsed() < Duration::from_secs(200), "{:?}", start.elapsed());
}
