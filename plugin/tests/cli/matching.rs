//! One sound brought to another, on the command line.

use crate::program::{fail, folder, names, noise, succeed};
use crate::wav::{read_wav, write_wav};
use ebur128::{EbuR128, Mode};
use erbium::state::preset::Preset;
use erbium_curve::target::equal_loudness::Levels;
use erbium_dsp::Scale;
use std::fs;
use std::path::{Path, PathBuf};

const RATE_HZ: u32 = 48_000;

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/demo.wav")
}

fn read_preset(path: &Path) -> Preset {
    Preset::from_json(&fs::read_to_string(path).expect("readable")).expect("a preset")
}

/// Writes a preset with gains at frequencies in hertz.
fn write_preset(path: &Path, parameters: &str, curve: &[(f64, f64)]) {
    let points: Vec<String> = curve.iter().map(|(hz, db)| format!("[{hz}, {db}]")).collect();
    let text = format!(
        r#"{{"erbium": 1, "name": "x", "parameters": {{{parameters}}}, "curve": [{}]}}"#,
        points.join(", ")
    );
    fs::write(path, text).expect("written");
}

/// How far in dB the curve of a preset is from that of another at each of its points.
fn off_db(found: &Preset, drawn: &Preset) -> Vec<(f64, f64)> {
    let (centres_hz, gains_db): (Vec<f64>, Vec<f64>) = found.curve.iter().copied().unzip();
    let drawn_db = drawn.curve_gains_db(Scale::Erb, &centres_hz);
    let off_db = gains_db.iter().zip(drawn_db).map(|(found, drawn)| found - f64::from(drawn));
    centres_hz.iter().copied().zip(off_db).collect()
}

#[test]
fn music_and_speech_equalised_apart_come_back_within_half_a_db() {
    let folder = folder();
    let path = folder.path();
    let demo = demo();
    let demo = demo.to_str().expect("a name");
    for (preset, curve) in [
        (
            "gentle.json",
            vec![(50.0, 4.0), (200.0, -3.0), (900.0, 2.0), (3000.0, 6.0), (12_000.0, -6.0)],
        ),
        (
            "steep.json",
            vec![(60.0, -10.0), (300.0, 6.0), (1200.0, -6.0), (4000.0, 8.0), (9000.0, -4.0)],
        ),
    ] {
        write_preset(&path.join(preset), "", &curve);
        succeed(path, &["render", demo, "--preset", preset, "-o", "other.wav"]);
        let (said, warned) =
            succeed(path, &["match", demo, "--to", "other.wav", "-o", "found.json"]);
        println!("{said}{warned}");
        let found = read_preset(&path.join("found.json"));
        assert_eq!((found.curve.len(), found.name.as_str()), (40, "found"));
        let off_db = off_db(&found, &read_preset(&path.join(preset)));
        // Beyond what the instruments' samples hold there is the noise of 16 bits.
        assert!(
            warned
                .contains("7 bands stay at 0 dB, where not both have a signal: 12449 to 24000 Hz"),
            "{warned}"
        );
        assert!(
            found.curve.iter().all(|(hz, db)| (*hz > 12_000.0) == (*db == 0.0)),
            "{:?}",
            found.curve
        );
        for ((hz, off_db), (_, gain_db)) in off_db.iter().zip(&found.curve) {
            assert!(off_db.abs() < 0.5 || *gain_db == 0.0, "{preset}: {off_db} dB at {hz} Hz");
        }
        assert!(said.contains("dB rms before, 0.0 dB after"), "{said}");
        // And back, with what was found.
        succeed(path, &["render", demo, "--preset", "found.json", "-o", "again.wav"]);
        let (said, _) =
            succeed(path, &["match", "again.wav", "--to", "other.wav", "-o", "none.json"]);
        let none = read_preset(&path.join("none.json"));
        // But for the last band with signal, beside which the one curve goes on and the other falls to 0 dB.
        assert!(
            none.curve.iter().all(|(hz, db)| db.abs() < 0.3 || *hz > 11_000.0),
            "{said}: {:?}",
            none.curve
        );
    }
}

#[test]
fn noise_comes_back_with_any_gains_in_any_bank() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("noise.wav"), RATE_HZ, &[noise(480_000, 1), noise(480_000, 2)]);
    let random = noise(70, 3);
    for (set, scale, bands, spread) in
        [("bands=40", "erb", 40, 1), ("bands=24", "mel", 24, 1), ("bands=64", "bark", 64, 6)]
    {
        // Bands of 64 are narrower than what 43 ms resolve: gains are met where they rise and fall over several bands,
        // and below 1 kHz many gains make the same levels.
        let gain = |k: usize| {
            let sum: f32 = random[k..k + spread].iter().sum();
            8.0 * f64::from(sum) / f64::from(u32::try_from(spread).expect("few")).sqrt()
        };
        let set = ["--set", set, "--set", &format!("scale={scale}"), "--set", "latency=43ms"];
        // At which frequencies bands are is known by a match with itself.
        let itself = ["match", "noise.wav", "--to", "noise.wav", "-o", "bands.json"];
        let (said, _) = succeed(path, &[&itself[..], &set].concat());
        assert!(
            said.contains(&format!("0 of {bands} bands changed; levels differ by 0.0 dB")),
            "{said}"
        );
        let centres = read_preset(&path.join("bands.json")).curve;
        let curve: Vec<(f64, f64)> =
            centres.iter().zip(0..).map(|((hz, _), k)| (*hz, gain(k))).collect();
        let parameters = format!(r#""bands": {bands}, "scale": "{scale}", "latency": "43ms""#);
        write_preset(&path.join("drawn.json"), &parameters, &curve);
        succeed(path, &["render", "noise.wav", "--preset", "drawn.json", "-o", "other.wav"]);
        let apart = ["match", "noise.wav", "--to", "other.wav", "-o", "found.json"];
        let (said, warned) = succeed(path, &[&apart[..], &set].concat());
        println!("{said}{warned}");
        let found = read_preset(&path.join("found.json"));
        let off =
            curve.iter().zip(&found.curve).map(|((hz, drawn), (_, found))| (hz, found - drawn));
        for (hz, off_db) in off {
            assert!(
                off_db.abs() < 0.5 || (bands == 64 && *hz < 1000.0),
                "{scale}: {off_db} dB at {hz} Hz"
            );
        }
        assert_eq!(found.settings.len(), 3, "{:?}", found.settings);
    }
}

#[test]
fn curves_are_written_for_other_programs_too_and_any_format_sounds_the_same() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(200_000, 1)]);
    for output in ["c.json", "c.txt", "c.csv"] {
        succeed(path, &["match", "a.wav", "--to", "pink", "--range", "9", "-o", output]);
    }
    let [json, text, table] = ["c.json", "c.txt", "c.csv"]
        .map(|name| fs::read_to_string(path.join(name)).expect("readable"));
    assert!(text.starts_with("GraphicEQ: 0 "), "{text}");
    assert!(table.starts_with("frequency,gain\n0,"), "{table}");
    let preset = Preset::from_json(&json).expect("a preset");
    assert!(preset.about.comment.expect("says what it is").contains("a matched to pink noise"));
    for other in [text, table] {
        let other = Preset::from_bytes("c", other.as_bytes(), 48_000.0).expect("a curve");
        let (centres_hz, gains_db): (Vec<f64>, Vec<f64>) = preset.curve.iter().copied().unzip();
        for (other, gain_db) in other.curve_gains_db(Scale::Erb, &centres_hz).iter().zip(gains_db) {
            assert!((f64::from(*other) - gain_db).abs() < 1e-3, "{other} for {gain_db} dB");
        }
    }
    let outputs = [("--preset", "c.json"), ("--curve", "c.txt"), ("--curve", "c.csv")].map(
        |(option, file)| {
            succeed(path, &["render", "a.wav", option, file, "-o", "out.wav"]);
            read_wav(&path.join("out.wav")).remove(0)
        },
    );
    for other in &outputs[1..] {
        let most = outputs[0].iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(most < 1e-3, "{most}");
    }
}

#[test]
fn white_noise_becomes_pink_as_loud_as_it_was() {
    let folder = folder();
    let path = folder.path();
    let white: Vec<f32> = noise(960_000, 4).iter().map(|sample| 0.2 * sample).collect();
    write_wav(&path.join("white.wav"), RATE_HZ, &[white.clone(), white]);
    succeed(path, &["match", "white.wav", "--to", "pink", "-o", "pink.json"]);
    let curve = read_preset(&path.join("pink.json")).curve;
    let at_1_khz = curve.iter().find(|(hz, _)| *hz > 1000.0).expect("a band above");
    for (hz, gain_db) in curve.iter().filter(|(hz, _)| (200.0..20_000.0).contains(hz)) {
        // 3 dB an octave; chance is larger than half a dB in the bass.
        let expected_db = at_1_khz.1 - 10.0 * (hz / at_1_khz.0).log10();
        assert!((gain_db - expected_db).abs() < 0.7, "{gain_db} for {expected_db} dB at {hz} Hz");
    }
    succeed(path, &["render", "white.wav", "--preset", "pink.json", "-o", "pink.wav"]);
    let loudness = |name: &str| {
        let mut meter = EbuR128::new(2, RATE_HZ, Mode::I).expect("possible");
        let channels = read_wav(&path.join(name));
        let channels: Vec<&[f32]> = channels.iter().map(Vec::as_slice).collect();
        meter.add_frames_planar_f32(&channels).expect("whole frames");
        meter.loudness_global().expect("in its mode")
    };
    let louder = loudness("pink.wav") - loudness("white.wav");
    assert!(louder.abs() < 0.2, "{louder} LU");
    // Of a file, too, where it is asked for.
    let keep = [
        "match",
        "white.wav",
        "--to",
        "pink.wav",
        "--keep-loudness",
        "--amount",
        "50",
        "-o",
        "half.json",
    ];
    succeed(path, &keep);
    succeed(path, &["render", "white.wav", "--preset", "half.json", "-o", "half.wav"]);
    let louder = loudness("half.wav") - loudness("white.wav");
    assert!(louder.abs() < 0.2, "{louder} LU");
    // Half of 3 dB an octave over the 5.6 octaves from 200 Hz on.
    let half = read_preset(&path.join("half.json")).curve;
    let gain_db = |from_hz: f64| half.iter().find(|(hz, _)| *hz > from_hz).expect("a band").1;
    assert!((gain_db(200.0) - gain_db(10_000.0) - 8.5).abs() < 1.0, "{half:?}");
}

#[test]
fn gains_do_not_swing_beside_the_end_of_a_sound() {
    let folder = folder();
    let path = folder.path();
    let demo = demo();
    let demo = demo.to_str().expect("a name");
    succeed(path, &["match", demo, "--to", "pink", "-o", "pink.json"]);
    let curve = read_preset(&path.join("pink.json")).curve;
    // The recording ends at 11 kHz, and has no band 12 dB too loud.
    let least = curve.iter().map(|(_, db)| *db).fold(0.0, f64::min);
    assert!(least > -12.0, "{least} dB");
}

#[test]
fn quiet_listening_takes_the_difference_of_two_contours() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(480_000, 5)]);
    succeed(path, &["match", "a.wav", "--to", "equal-loudness:80-60", "-o", "quiet.json"]);
    let levels: Levels = "80-60".parse().expect("levels");
    for (hz, gain_db) in read_preset(&path.join("quiet.json")).curve {
        let off_db = gain_db - levels.gain_db(hz);
        // Below 50 Hz the contours bend within a band.
        let within_db = if hz < 50.0 { 1.0 } else { 0.25 };
        assert!(off_db.abs() < within_db, "{off_db} dB at {hz} Hz");
    }
    let (said, _) = succeed(path, &["match", "a.wav", "--to", "speech", "-o", "speech.json"]);
    assert!(said.contains("to the long-term average of speech -> speech.json"), "{said}");
    let speech = read_preset(&path.join("speech.json")).curve;
    let gain_db = |from_hz: f64| speech.iter().find(|(hz, _)| *hz > from_hz).expect("a band").1;
    // Third-octave levels of 62.1 dB at 500 Hz and 45.6 dB at 4 kHz, of which a third octave of noise has 9 dB more.
    assert!((gain_db(480.0) - gain_db(3900.0) - 25.5).abs() < 1.5, "{speech:?}");
    assert!(
        speech.iter().all(|(hz, db)| (56.0..18_000.0).contains(hz) || *db == 0.0),
        "{speech:?}"
    );
}

#[test]
fn silence_short_sounds_and_other_rates_are_matched_as_far_as_they_go() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(480_000, 6)]);
    write_wav(&path.join("silence.wav"), RATE_HZ, &[vec![0.0; 48_000]]);
    write_wav(&path.join("short.wav"), RATE_HZ, &[noise(2000, 7)]);
    write_wav(&path.join("one.wav"), RATE_HZ, &[vec![0.5]]);
    write_wav(&path.join("slow.wav"), 16_000, &[noise(160_000, 8)]);
    for names in
        [["a.wav", "silence.wav"], ["silence.wav", "a.wav"], ["silence.wav", "silence.wav"]]
    {
        let (said, warned) =
            succeed(path, &["match", names[0], "--to", names[1], "-o", "flat.json"]);
        assert!(said.contains("0 of 40 bands changed") && !said.contains("rms"), "{said}");
        assert!(warned.contains("silence.wav is silent"), "{warned}");
        assert!(
            warned.contains("no band has signal in both, so that the curve is flat"),
            "{warned}"
        );
        let flat = read_preset(&path.join("flat.json")).curve;
        assert!(flat.len() == 40 && flat.iter().all(|(_, db)| *db == 0.0));
    }
    let (_, warned) = succeed(path, &["match", "short.wav", "--to", "a.wav", "-o", "short.json"]);
    assert!(warned.contains("short.wav holds 0.0 s of sound"), "{warned}");
    let short = read_preset(&path.join("short.json")).curve;
    assert!(short.iter().all(|(_, db)| db.abs() <= 24.0), "{short:?}");
    let middle: Vec<f64> =
        short.iter().filter(|(hz, _)| *hz > 2000.0 && *hz < 20_000.0).map(|(_, db)| *db).collect();
    assert!(middle.iter().all(|db| db.abs() < 4.0), "{middle:?}");
    succeed(path, &["match", "one.wav", "--to", "a.wav", "-o", "one.json"]);
    let (_, warned) = succeed(path, &["match", "a.wav", "--to", "slow.wav", "-o", "slow.json"]);
    assert!(warned.contains("bands stay at 0 dB, where not both have a signal: 8"), "{warned}");
    for (hz, db) in read_preset(&path.join("slow.json")).curve {
        if hz > 8000.0 {
            assert_eq!(db, 0.0, "{hz} Hz");
        } else if (500.0..6000.0).contains(&hz) {
            // As much power in a third of the frequencies.
            assert!((db - 4.77).abs() < 0.5, "{db} dB at {hz} Hz");
        }
    }
    let (_, warned) = succeed(path, &["match", "slow.wav", "--to", "a.wav", "-o", "slow.json"]);
    assert!(warned.is_empty(), "{warned}");
}

#[test]
fn what_cannot_be_matched_is_told_and_nothing_is_written() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(50_000, 9)]);
    let mut holed = noise(50_000, 9);
    holed[777] = f32::NAN;
    write_wav(&path.join("nan.wav"), RATE_HZ, &[holed]);
    fs::write(path.join("text.wav"), "no sound at all").expect("written");
    let before = names(path);
    for (arguments, told) in [
        ("a.wav -o x.json", "--to <REFERENCE> must be given as well"),
        ("a.wav --to missing.wav -o x.json", "cannot read missing.wav"),
        ("a.wav --to pinc -o x.json", "possible: a WAV or FLAC file, pink, speech"),
        ("missing.wav --to a.wav -o x.json", "cannot read missing.wav"),
        ("a.wav --to nan.wav -o x.json", "nan.wav holds NaN at sample 777 of channel 1"),
        ("nan.wav --to a.wav -o x.json", "nan.wav holds NaN at sample 777 of channel 1"),
        ("a.wav --to text.wav -o x.json", "text.wav"),
        ("a.wav --to . -o x.json", ". is a folder"),
        (
            "a.wav --to equal-loudness:80 -o x.json",
            "\"80\" are no two levels of loudness; possible: FROM-TO",
        ),
        ("a.wav --to equal-loudness:95-60 -o x.json", "20 to 90 each"),
        (
            "a.wav --to pink -o x.wav",
            "cannot write a curve to x.wav; possible: a name ending in .json",
        ),
        ("a.wav --to pink -o x", "cannot write a curve to x; possible"),
        ("a.wav --to pink -o x.json --amount 101", "101 is out of range; possible: 0 to 100 %"),
        ("a.wav --to pink -o x.json --amount -1", "-1 is out of range; possible: 0 to 100 %"),
        ("a.wav --to pink -o x.json --range 25", "25 is out of range; possible: 0 to 24 dB"),
        ("a.wav --to pink -o x.json --smoothing nan", "possible: 0 to 1000000 units"),
        (
            "a.wav --to pink -o x.json --set gain_3=2",
            "--set gain_3 has no part in a match; possible: kind, scale, bands",
        ),
        ("a.wav --to pink -o x.json --set bands=7", "bands \"7\" is not possible"),
        ("a.wav --to pink -o missing/x.json", "missing"),
    ] {
        let words: Vec<&str> = ["match"].into_iter().chain(arguments.split(' ')).collect();
        let said = fail(path, &words);
        assert!(said.contains(told), "{arguments}: {said}");
        assert!(said.contains("possible") || told.contains("cannot read"), "{arguments}: {said}");
        assert_eq!(names(path), before, "{arguments}");
    }
    // An input is not replaced unless that is said, whichever it is.
    fs::rename(path.join("a.wav"), path.join("a.json")).expect("renamed");
    for arguments in ["a.json --to pink -o a.json", "nan.wav --to a.json -o a.json"] {
        let words: Vec<&str> = ["match"].into_iter().chain(arguments.split(' ')).collect();
        let said = fail(path, &words);
        assert!(
            said.contains("a.json would overwrite an input") && said.contains("--overwrite-input"),
            "{said}"
        );
    }
    succeed(path, &["match", "a.json", "--to", "pink", "-o", "a.json", "--overwrite-input"]);
    assert_eq!(read_preset(&path.join("a.json")).curve.len(), 40);
}
