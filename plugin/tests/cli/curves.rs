//! Curves of other programs on the command line.

use crate::program::{RATE_HZ, fail, folder, noise, sine, succeed};
use crate::wav::{read_wav, write_wav};
use std::fs;
use std::path::Path;

/// The gain in dB that a rendered sine has, at the middle of the file.
fn gain_db(path: &Path, hz: f64, arguments: &[&str]) -> f64 {
    let input = sine(hz, 0.1, 16_000);
    write_wav(&path.join("sine.wav"), RATE_HZ, std::slice::from_ref(&input));
    let render =
        ["render", "sine.wav", "-o", "out.wav", "--set", "bands=64", "--set", "latency=43ms"];
    succeed(path, &[&render[..], arguments].concat());
    let output = read_wav(&path.join("out.wav"));
    let power = |samples: &[f32]| {
        samples[4000..12_000].iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>()
    };
    10.0 * (power(&output[0]) / power(&input)).log10()
}

#[test]
fn filters_are_heard_as_they_are_at_the_rate_of_the_file() {
    let folder = folder();
    let path = folder.path();
    let parametric = "Preamp: -3 dB\nFilter 1: ON LSC Fc 300 Hz Gain 6 dB Q 0.5\n\
                      Filter 2: ON HSC Fc 3000 Hz Gain -6 dB Q 0.5\nFilter 3: OFF PK Fc 100 Hz Gain 9 dB Q 1\n";
    fs::write(path.join("ParametricEQ.txt"), parametric).expect("written");
    let options = erbium_curve::Options::at(f64::from(RATE_HZ));
    let curves = erbium_curve::read(parametric.as_bytes(), &options).expect("reads");
    let curve = curves.channels.one(None).expect("one").curve;
    for hz in [60.0, 300.0, 1000.0, 3000.0, 6500.0] {
        let expected_db = curve.at_db(hz) - 3.0;
        let db = gain_db(path, hz, &["--curve", "ParametricEQ.txt"]);
        assert!((db - expected_db).abs() < 0.3, "{db} for {expected_db} dB at {hz} Hz");
    }
    fs::write(path.join("graphic.txt"), "GraphicEQ: 20 -6.0206; 7000 -6.0206").expect("written");
    let db = gain_db(path, 1000.0, &["--curve", "graphic.txt"]);
    assert!((db + 6.0206).abs() < 0.01, "{db} dB");
}

#[test]
fn a_curve_takes_the_place_of_the_presets_and_a_setting_goes_before_both() {
    let folder = folder();
    let path = folder.path();
    let preset = r#"{"erbium": 1, "name": "x", "parameters": {"output": -9, "mix": 50, "gain_29": 12, "gain_30": 12, "gain_31": 12},
                     "curve": [[100, 9]]}"#;
    fs::write(path.join("p.json"), preset).expect("written");
    fs::write(path.join("flat.txt"), "GraphicEQ: 100 0").expect("written");
    fs::write(path.join("quiet.txt"), "Preamp: -2 dB\nGraphicEQ: 100 0").expect("written");
    let both = |curve: &'static str| ["--preset", "p.json", "--curve", curve];
    assert!((gain_db(path, 1000.0, &both("flat.txt")) + 9.0).abs() < 0.01);
    assert!((gain_db(path, 1000.0, &both("quiet.txt")) + 2.0).abs() < 0.01);
    let set = [&both("quiet.txt")[..], &["--set", "output=-5"]].concat();
    assert!((gain_db(path, 1000.0, &set) + 5.0).abs() < 0.01);
}

#[test]
fn two_channels_and_levels_are_questions_that_options_answer() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(4000, 1)]);
    fs::write(path.join("two.csv"), "Hz,left,right\n20,-2,-8\n7000,-2,-8\n").expect("written");
    let said = fail(path, &["render", "a.wav", "--curve", "two.csv"]);
    assert!(said.contains("two.csv: the left and the right channel have curves"), "{said}");
    assert!(said.contains("--channel left") && !path.join("a.erbium.wav").exists(), "{said}");
    for (channel, expected_db) in [("left", -2.0), ("right", -8.0), ("mean", -5.0)] {
        let db = gain_db(path, 1000.0, &["--curve", "two.csv", "--channel", channel]);
        assert!((db - expected_db).abs() < 0.01, "{channel}: {db} dB");
    }
    let rew = "* Freq(Hz) SPL(dB) Phase(degrees)\n20 76 0\n1000 80 0\n7000 88 0\n";
    fs::write(path.join("room.txt"), rew).expect("written");
    let said = fail(path, &["render", "a.wav", "--curve", "room.txt"]);
    assert!(
        said.contains("room.txt: line 2: 76 dB at 20 Hz") && said.contains("--measurement"),
        "{said}"
    );
    let curve = ["--curve", "room.txt", "--measurement"];
    let [target, correct] = ["target", "correct"]
        .map(|purpose| gain_db(path, 2000.0, &[&curve[..], &[purpose]].concat()));
    assert!((target + correct).abs() < 0.05 && target > 1.0, "{target} and {correct} dB");
}

#[test]
fn what_is_passed_over_is_told_once_and_what_is_wrong_before_anything_is_rendered() {
    let folder = folder();
    let path = folder.path();
    for name in ["a.wav", "b.wav"] {
        write_wav(&path.join(name), RATE_HZ, &[noise(4000, 1)]);
    }
    fs::create_dir(path.join("out")).expect("made");
    let text = "Delay: 5 ms\nFilter: ON PK Fc 10000 Hz Gain 3 dB Q 1\n";
    fs::write(path.join("apo.txt"), text).expect("written");
    let (_, said) = succeed(path, &["render", "a.wav", "b.wav", "-o", "out", "--curve", "apo.txt"]);
    assert_eq!(said.matches("a delay changes no gain").count(), 1, "{said}");
    assert!(said.contains("above half the sampling rate, 8000 Hz"), "{said}");
    fs::write(path.join("include.txt"), "Include: other.txt\n").expect("written");
    fs::write(path.join("p.json"), r#"{"erbium": 1, "name": "x"}"#).expect("written");
    for (arguments, told) in [
        ("--curve include.txt", "include.txt: line 1: Include: takes settings from another file"),
        ("--curve missing.txt", "cannot read missing.txt"),
        ("--curve p.json", "p.json is a preset, no curve; possible: --preset p.json"),
        ("--channel left", "--curve <FILE> must be given as well"),
        (
            "--curve apo.txt --channel middle",
            "\"middle\" is no channel; possible: left, right, mean",
        ),
        (
            "--curve apo.txt --measurement flat",
            "\"flat\" is no purpose of a measurement; possible: target",
        ),
        ("--curve a.wav", "a.wav: "),
        ("--curve apo.txt -o apo.txt", "apo.txt"),
    ] {
        let words: Vec<&str> =
            ["render", "a.wav"].into_iter().chain(arguments.split(' ')).collect();
        let said = fail(path, &words);
        assert!(said.contains(told), "{arguments}: {said}");
        assert!(said.contains("possible") || arguments.contains("missing"), "{arguments}: {said}");
        assert!(!path.join("a.erbium.wav").exists(), "{arguments}");
    }
    let said = fail(path, &["render", "a.wav", "b.wav", "--curve", "include.txt"]);
    assert_eq!(said.matches("include.txt").count(), 1, "once, before either file: {said}");
    assert_eq!(fs::read_to_string(path.join("apo.txt")).expect("readable"), text);
}

#[test]
fn a_curve_is_converted_and_how_near_it_comes_is_said() {
    let folder = folder();
    let path = folder.path();
    let text = "Preamp: -4 dB\nFilter 1: ON LSC Fc 105 Hz Gain 5.5 dB Q 0.70\n\
                Filter 2: ON PK Fc 1850 Hz Gain -3.4 dB Q 1.41\n";
    fs::write(path.join("in.txt"), text).expect("written");
    let gain_db = |text: &str| {
        let curves = erbium_curve::read(text.as_bytes(), &erbium_curve::Options::at(48_000.0));
        let one = curves.expect("reads").channels.one(None).expect("one");
        move |hz: f64| one.curve.at_db(hz) + one.preamp_db.unwrap_or(0.0)
    };
    let expected = gain_db(text);
    for (name, options, begins, said) in [
        ("out.txt", "", "Preamp: -4.00 dB\nGraphicEQ: ", "in.txt (2 filters) -> out.txt: "),
        ("out.csv", "", "frequency,gain\n", " points"),
        ("few.txt", "--form parametric --filters 3", "Preamp: ", " filters, within 0.0"),
    ] {
        let words = ["curve", "in.txt", "-o", name].into_iter();
        let (told, warned) =
            succeed(path, &words.chain(options.split_whitespace()).collect::<Vec<_>>());
        assert!(told.contains(said) && warned.is_empty(), "{name}: {told}{warned}");
        let written = fs::read_to_string(path.join(name)).expect("readable");
        assert!(written.starts_with(begins), "{name}: {written}");
        let converted = gain_db(&written);
        for hz in [20.0, 105.0, 700.0, 1850.0, 15_000.0] {
            let off_db = converted(hz) - expected(hz);
            assert!(off_db.abs() < 0.2, "{name}: {off_db} dB at {hz} Hz");
        }
    }
    fs::write(path.join("two.csv"), "Hz,left,right\n20,1,2\n").expect("written");
    for (arguments, told) in [
        ("in.txt -o in.txt", "would overwrite an input"),
        ("two.csv -o x.txt", "--channel left"),
        ("in.txt -o x.txt --filters 11", "11"),
        (
            "in.txt -o x.txt --form fir",
            "\"fir\" is not possible; possible: graphic, parametric, csv",
        ),
        ("missing.txt -o x.txt", "cannot read missing.txt"),
    ] {
        let words: Vec<&str> = ["curve"].into_iter().chain(arguments.split(' ')).collect();
        let said = fail(path, &words);
        assert!(said.contains(told) && !path.join("x.txt").exists(), "{arguments}: {said}");
    }
    assert_eq!(fs::read_to_string(path.join("in.txt")).expect("readable"), text);
}

#[test]
fn an_impulse_response_in_a_convolver_sounds_as_the_plugin_does() {
    let folder = folder();
    let path = folder.path();
    let curve = "Preamp: -4 dB\nFilter 1: ON PK Fc 900 Hz Gain 9 dB Q 2\nFilter 2: ON HSC Fc 3000 Hz Gain -8 dB Q 0.7\n";
    fs::write(path.join("curve.txt"), curve).expect("written");
    let input = noise(20_000, 5);
    write_wav(&path.join("noise.wav"), RATE_HZ, std::slice::from_ref(&input));
    let rate = RATE_HZ.to_string();
    for latency in ["latency=21ms", "latency=0ms", "latency=8ms"] {
        let set = ["--set", latency, "--set", "mix=80"];
        let render = ["render", "noise.wav", "--curve", "curve.txt", "-o", "out.wav"];
        succeed(path, &[&render[..], &set].concat());
        let export = ["curve", "curve.txt", "-o", "response.wav", "--rate", &rate];
        let (said, _) = succeed(path, &[&export[..], &set].concat());
        let response = &read_wav(&path.join("response.wav"))[0];
        // `render` takes the latency off, which the response keeps.
        let latency = said.split("latency ").nth(1).expect("says its latency").trim();
        let latency = latency.parse::<usize>().expect("samples");
        assert_eq!(latency == 0, set[1] == "latency=0ms");
        let output = &read_wav(&path.join("out.wav"))[0];
        let (mut error, mut power) = (0.0, 0.0);
        for n in (5000..15_000).step_by(7) {
            let past = input[..=n + latency].iter().rev().zip(response);
            let expected: f64 = past.map(|(input, tap)| f64::from(*input) * f64::from(*tap)).sum();
            error += (f64::from(output[n]) - expected).powi(2);
            power += expected.powi(2);
        }
        let error_db = 10.0 * (error / power).log10();
        println!("{latency} samples: {error_db:.1} dB");
        assert!(error_db <= -110.0, "{error_db} dB at {latency}");
    }
    let said = fail(path, &["curve", "curve.txt", "-o", "a.txt", "--set", "bands=64"]);
    assert!(said.contains("--form impulse"), "{said}");
    let said = fail(path, &["curve", "curve.txt", "-o", "a.txt", "--filters", "3"]);
    assert!(said.contains("--form parametric"), "{said}");
}
