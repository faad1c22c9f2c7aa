//! `erbium render` as a program: what it writes, and where.

use crate::program::{
    RATE_HZ, erbium, fail, folder, names, noise, read_npz, saws_flac, sine, succeed,
};
use crate::wav::{read_wav, write_wav};
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

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
    fs::write(path.join("marked.json"), format!("\u{feff}{preset}")).expect("written");
    succeed(path, &["render", "a.wav", "--preset", "marked.json"]);
    assert_eq!(read_wav(&path.join("a.erbium.wav")), half, "with a byte order mark");
    let later = preset.replace(r#""bands": 16"#, r#""bands": 16, "depth": 3"#);
    let later = later.replace(r#""name""#, r#""made_by": "99.0.0", "scent": 1, "name""#);
    fs::write(path.join("later.json"), later).expect("written");
    let (_, warned) = succeed(path, &["render", "a.wav", "--preset", "later.json"]);
    assert!(warned.contains("scent") && warned.contains("depth"), "{warned}");
    assert_eq!(read_wav(&path.join("a.erbium.wav")), half, "what is known is heard");
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
fn a_file_of_one_sample_has_no_speed() {
    let folder = folder();
    write_wav(&folder.path().join("a.wav"), RATE_HZ, &[vec![0.5]]);
    let (said, _) = succeed(folder.path(), &["render", "a.wav"]);
    assert!(said.contains("16000 Hz") && !said.contains("0 times"), "{said}");
    assert_eq!(read_wav(&folder.path().join("a.erbium.wav")), [[0.5]]);
}

#[test]
fn one_bad_file_does_not_stop_the_others() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("good.wav"), RATE_HZ, &[noise(2000, 1)]);
    for name in ["a.wav", "b.wav"] {
        fs::write(path.join(name), "This is no sound.").expect("written");
    }
    let said = fail(path, &["render", "b.wav", "good.wav", "a.wav"]);
    let lines: Vec<_> = said.lines().collect();
    assert!(lines[0].contains("b.wav") && lines[1].contains("a.wav") && lines.len() == 2, "{said}");
    assert_eq!(read_wav(&path.join("good.erbium.wav")), [noise(2000, 1)]);
    assert!(!names(path).contains("a.erbium.wav"), "{:?}", names(path));
}

#[test]
fn two_names_of_one_output_are_refused() {
    let folder = folder();
    let path = folder.path();
    fs::create_dir(path.join("sub")).expect("created");
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(100, 1)]);
    write_wav(&path.join("sub/a.wav"), RATE_HZ, &[noise(100, 2)]);
    let before = names(path);
    // Beside one input, and in one folder.
    for arguments in [&["a.wav", "sub/../a.wav"][..], &["a.wav", "sub/a.wav", "-o", "."]] {
        let said = fail(path, &[&["render"], arguments].concat());
        assert!(said.contains("would both become") && said.contains(arguments[1]), "{said}");
        assert_eq!(names(path), before);
    }
}

/// A limit on the length of files stands for a full disk: header and first samples fit.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_nothing_is_left() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(200_000, 1)]);
    fs::write(path.join("out.wav"), "as it was").expect("written");
    let before = names(path);
    let erbium = env!("CARGO_BIN_EXE_erbium");
    let command = format!("trap '' XFSZ; ulimit -f 400; exec '{erbium}' render a.wav -o out.wav");
    let output = Command::new("sh").args(["-c", &command]).current_dir(path).output();
    let output = output.expect("a shell");
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("erbium: cannot write out.wav: "), "{said}");
    assert!(said.lines().count() == 1 && names(path) == before, "{said}");
    assert_eq!(fs::read(path.join("out.wav")).expect("kept"), b"as it was");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_as_a_file_is_and_needs_a_name_for_its_output() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(16_000, 1)]);
    let pipe = |arguments: &str| {
        let erbium = env!("CARGO_BIN_EXE_erbium");
        let command = format!("cat a.wav | '{erbium}' render /dev/stdin {arguments}");
        let output = Command::new("sh").args(["-c", &command]).current_dir(path).output();
        let output = output.expect("a shell");
        (output.status.success(), String::from_utf8(output.stderr).expect("text"))
    };
    assert_eq!(pipe("-o out.wav"), (true, String::new()));
    assert_eq!(read_wav(&path.join("out.wav")), [noise(16_000, 1)]);
    let (succeeded, said) = pipe("");
    assert!(!succeeded && said.contains("/dev/stdin") && said.contains("-o FILE"), "{said}");
}
