//! Audiograms on the command line.

use crate::program::{fail, folder, names, succeed};
use erbium::state::preset::Preset;
use erbium_dsp::Scale;
use std::fs;
use std::path::Path;

/// Both ears; of the left one, NAL-R's published example.
const BOTH: &str = "Hz;links;rechts\n250;15;0\n500;20;5\n1000;30;10,5\n2000;50;20\n4000;60;30\n";

fn gains_db(path: &Path, centres_hz: &[f64]) -> Vec<f64> {
    let bytes = fs::read(path).expect("readable");
    let preset = Preset::from_bytes("x", &bytes, 48_000.0).expect("a preset or a curve");
    preset.curve_gains_db(Scale::Erb, centres_hz).into_iter().map(f64::from).collect()
}

fn near(path: &Path, expected: &[(f64, f64)]) {
    let (centres_hz, expected_db): (Vec<f64>, Vec<f64>) = expected.iter().copied().unzip();
    for ((hz, db), expected_db) in
        centres_hz.iter().zip(gains_db(path, &centres_hz)).zip(expected_db)
    {
        assert!((db - expected_db).abs() < 0.03, "{path:?}: {db} for {expected_db} dB at {hz} Hz");
    }
}

#[test]
fn each_ear_gets_a_file_of_its_own_by_either_rule() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("a.csv"), BOTH).expect("written");
    let (said, warned) = succeed(path, &["hearing", "a.csv", "-o", "half.json"]);
    assert!(
        said.contains("a.csv -> half-left.json: half-gain for the left ear, 7.5 to 20.0 dB"),
        "{said}"
    );
    assert!(
        said.contains("half-right.json: half-gain for the right ear, 0.0 to 15.0 dB"),
        "{said}"
    );
    let limit = "limited to 20 dB at 2000 Hz (25.0 dB by the rule), 4000 Hz (30.0 dB by the rule)";
    assert_eq!(warned.matches("limited").count(), 1, "{warned}");
    assert!(warned.contains(&format!("the gains of the left ear are {limit}")), "{warned}");
    near(
        &path.join("half-left.json"),
        &[(0.0, 7.5), (250.0, 7.5), (1000.0, 15.0), (2000.0, 20.0), (16_000.0, 20.0)],
    );
    // Straight over the logarithm of the frequency.
    near(&path.join("half-right.json"), &[(250.0, 0.0), (1414.214, 7.625), (4000.0, 15.0)]);
    assert!(!path.join("half.json").exists());
    let (_, warned) = succeed(path, &["hearing", "a.csv", "--rule", "NAL-R", "-o", "nal.txt"]);
    assert!(
        warned.contains("limited to 20 dB at 3000 Hz") && warned.contains("4000 Hz (21.6 dB"),
        "{warned}"
    );
    let example = [(250.0, 0.0), (500.0, 3.2), (1000.0, 15.3), (2000.0, 19.5), (4000.0, 20.0)];
    near(&path.join("nal-left.txt"), &example);
    assert!(
        fs::read_to_string(path.join("nal-right.txt"))
            .expect("written")
            .starts_with("GraphicEQ: 250 0;")
    );
    succeed(path, &["hearing", "a.csv", "--ear", "left", "--rule", "nal-r", "-o", "one.csv"]);
    near(&path.join("one.csv"), &example);
    assert!(!path.join("one-left.csv").exists() && !path.join("one-right.csv").exists());
    let comment =
        Preset::from_json(&fs::read_to_string(path.join("half-left.json")).expect("written"));
    let comment = comment.expect("a preset").about.comment.expect("says what it is");
    assert!(
        comment.contains("half-gain for the left ear") && comment.contains("no medical device"),
        "{comment}"
    );
}

#[test]
fn one_column_is_one_file_and_what_was_not_measured_is_told() {
    let folder = folder();
    let path = folder.path();
    fs::write(
        path.join("one.txt"),
        "Frequency (kHz)\tThreshold (dB HL)\n0.5\t20\n1\t30\n3\t-\n4\t40\n",
    )
    .expect("written");
    let (said, warned) = succeed(path, &["hearing", "one.txt", "-o", "x.json"]);
    assert!(said.contains("x.json: half-gain for both ears, 10.0 to 20.0 dB"), "{said}");
    assert!(warned.contains("one.txt: line 4: lines without a value were passed over"), "{warned}");
    near(&path.join("x.json"), &[(500.0, 10.0), (1000.0, 15.0), (2000.0, 17.5), (4000.0, 20.0)]);
    fs::write(path.join("same.csv"), "Hz,left,right\n500,20,20\n4000,40,40\n").expect("written");
    let (said, _) = succeed(path, &["hearing", "same.csv", "-o", "y.json"]);
    assert!(said.contains("y.json: half-gain for both ears"), "{said}");
}

#[test]
fn what_is_no_audiogram_is_told_and_nothing_is_written() {
    let folder = folder();
    let path = folder.path();
    for (name, text) in [
        ("a.csv", BOTH),
        ("empty.csv", ""),
        ("bare.csv", "250,20,25\n500,30,35\n"),
        ("loud.csv", "Hz,left,right\n250,20,200\n"),
        ("high.csv", "Hz,left,right\n1000,20,30\n4000,20,30\n"),
    ] {
        fs::write(path.join(name), text).expect("written");
    }
    let before = names(path);
    for (arguments, told) in [
        ("missing.csv -o x.json", "cannot read missing.csv"),
        (
            "empty.csv -o x.json",
            "empty.csv: there is no audiogram in it; possible: a table with the headings",
        ),
        (
            "bare.csv -o x.json",
            "bare.csv: line 1: which columns hold the thresholds is not clear; possible",
        ),
        (
            "loud.csv -o x.json",
            "loud.csv: 200 dB HL at 250 Hz is out of range; possible: -20 to 130 dB HL",
        ),
        (
            "high.csv -o x.json --rule nal-r",
            "high.csv: the left ear: thresholds from 1000 to 4000 Hz say nothing of 500 Hz",
        ),
        ("a.csv -o x.json --rule dsl", "\"dsl\" is no rule; possible: half-gain, nal-r"),
        ("a.csv -o x.json --ear both", "\"both\" is not possible; possible: left, right"),
        ("a.csv -o x.wav", "cannot write a curve to x.wav; possible: a name ending in .json"),
        ("a.csv --ear left -o a.csv", "the output a.csv would overwrite an input, a.csv; possible"),
        ("a.csv -o missing/x.json", "missing"),
    ] {
        let words: Vec<&str> = ["hearing"].into_iter().chain(arguments.split(' ')).collect();
        let said = fail(path, &words);
        assert!(said.contains(told), "{arguments}: {said}");
        assert!(said.contains("possible") || told.contains("cannot read"), "{arguments}: {said}");
        assert_eq!(names(path), before, "{arguments}");
    }
    let (help, _) = succeed(path, &["hearing", "--help"]);
    assert!(help.contains("no medical device"), "{help}");
}
