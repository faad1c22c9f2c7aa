//! The program itself: help, what it says when it cannot work, and how it ends.

use crate::program::{RATE_HZ, erbium, folder, names, noise, saws_flac, succeed};
use crate::wav::write_wav;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

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
    (&["render", "silent.wav"], &["silent.wav holds no sound", "0 samples"]),
    (&["render", "text.wav"], &["cannot read text.wav", "no audio", "WAV and FLAC"]),
    (&["render", "sound.aiff"], &["cannot read sound.aiff", "an AIFF file", "WAV and FLAC"]),
    (&["render", "cut.flac"], &["cannot read cut.flac", "truncated", "4000 samples", "holds 0"]),
    (&["render", "broken.flac"], &["cannot read broken.flac"]),
    (&["render", "nan.wav"], &["nan.wav holds NaN at sample 7000 of channel 2", "finite samples"]),
    (&["render", "inf.wav", "--format", "i16"], &["inf.wav holds -inf at sample 0 of channel 1"]),
    (&["render", "loud.wav"], &["loud.wav holds 100000000000000000000 at sample 7", "up to 1e15"]),
    (
        &[
            "matrix",
            "--system",
            "librosa-mel",
            "--rate",
            "16000",
            "--bands",
            "4",
            "--fft",
            "99999999999",
        ],
        &["99999999999", "2 to 16777216 samples"],
    ),
    (
        &[
            "matrix",
            "--system",
            "csound",
            "--rate",
            "44100",
            "--bands",
            "4",
            "--fft-bins",
            "99999999999",
        ],
        &["99999999999", "2 to 16777216 bins"],
    ),
    (
        &[
            "matrix",
            "--system",
            "voicebox",
            "--rate",
            "16000",
            "--bins",
            "99999999999,1",
            "-o",
            "m.npy",
        ],
        &["99999999999", "16777216 bins"],
    ),
    (
        &[
            "matrix",
            "--system",
            "librosa-mel",
            "--rate",
            "16000",
            "--bands",
            "4096",
            "--fft",
            "16777216",
            "-o",
            "m.npy",
        ],
        &["4096 bands and 8388609 bins", ".npz"],
    ),
    (
        &["analyze", "good.wav", "--feature", "mel", "--fft", "99999999999", "-o", "out.npy"],
        &["99999999999", "2 to 16777216 samples"],
    ),
    (
        &["analyze", "good.wav", "--feature", "mfcc", "--deltas", "100000000", "-o", "out.npy"],
        &["100000000", "0 to 10 times"],
    ),
    #[cfg(target_os = "linux")]
    (&["render", "good.wav", "--preset", "/dev/zero"], &["/dev/zero is too large", "possible"]),
    (
        &[
            "analyze",
            "good.wav",
            "--feature",
            "mel",
            "--fft",
            "4096",
            "--padding",
            "none",
            "-o",
            "m.npy",
        ],
        &["good.wav is too short for a single frame", "--padding zeros"],
    ),
    (&["analyze", "nan.wav", "--feature", "cochleagram", "-o", "out.npy"], &["nan.wav holds NaN"]),
    (&["render", "slow.wav"], &["slow.wav", "100 Hz", "1000 to 768000 Hz"]),
    (&["render", "folder"], &["folder is a folder"]),
    (&["render", "good.wav", "-o", "good.wav"], &["good.wav", "overwrite an input"]),
    (&["render", "good.wav", "-o", "./folder/../good.wav"], &["overwrite an input"]),
    (&["render", "good.wav", "-o", "nowhere/out.wav"], &["nowhere", "does not exist"]),
    (&["render", "good.wav", "-o", "out.mp3"], &["out.mp3", ".wav"]),
    (&["render", "good.wav", "-o", "kept.wav"], &["kept.wav is read-only"]),
    (&["render", "good.wav", "inf.wav", "-o", "nowhere"], &["nowhere", "does not exist"]),
    (&["render", "good.wav", "inf.wav", "-o", "nan.wav"], &["nan.wav", "existing folder"]),
    (&["render", "good.wav", "-o", "nowhere/"], &["the folder nowhere/ does not exist"]),
    (&["render", "good.wav", "good.wav"], &["good.wav", "would both become"]),
    (&["analyze", "missing.wav", "--feature", "cochleagram", "-o", "out.png"], &["missing.wav"]),
    (&["analyze", "cut.flac", "--feature", "cochleagram", "-o", "out.png"], &["truncated"]),
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
    let mut loud = noise(2000, 1);
    loud[7] = 1e20;
    write_wav(&path.join("loud.wav"), RATE_HZ, &[loud]);
    write_wav(&path.join("inf.wav"), RATE_HZ, &[vec![f32::NEG_INFINITY; 100]]);
    fs::write(path.join("empty.wav"), "").expect("written");
    fs::write(path.join("text.wav"), "This is no sound.".repeat(100)).expect("written");
    fs::write(path.join("bad.json"), r#"{"erbium": 1, "name": "x", "parameters": {"bands": 99}}"#)
        .expect("written");
    let good = fs::read(path.join("good.wav")).expect("written");
    fs::write(path.join("sound.aiff"), b"FORM\0\0\0\x20AIFFCOMM").expect("written");
    let mut slow = good;
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

#[cfg(target_os = "linux")]
#[test]
fn a_signal_leaves_no_temporary() {
    use std::io::Write;
    use std::os::unix::process::ExitStatusExt;
    use std::process::Stdio;
    use std::time::{Duration, Instant};
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(16_000, 1)]);
    let wav = fs::read(path.join("a.wav")).expect("written");
    // In the terminal, and in the background of a script; the test itself may run anywhere.
    let default = ["--default-signal=INT,TERM,HUP"; 2];
    let background = ["--default-signal=TERM,HUP", "--ignore-signal=INT"];
    for (signal, number, dispositions) in
        [("INT", 2, default), ("TERM", 15, default), ("TERM", 15, background)]
    {
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
        assert_eq!(program.wait().expect("started").signal(), Some(number), "{signal}");
        assert_eq!(names(path), BTreeSet::from(["a.wav".to_owned()]), "{signal}");
    }
}

#[test]
fn help_describes_the_window_and_every_command_has_an_example() {
    let folder = folder();
    let (help, _) = succeed(folder.path(), &["--help"]);
    for word in
        ["--backend", "render", "analyze", "bank", "matrix", "curve", "match", "hearing", "Example"]
    {
        assert!(help.contains(word), "{word}");
    }
    for command in ["render", "analyze", "bank", "matrix", "curve", "match", "hearing"] {
        let (help, _) = succeed(folder.path(), &[command, "--help"]);
        assert!(help.contains(&format!("  erbium {command} ")), "{command}");
    }
    let expected = format!("erbium {}", env!("CARGO_PKG_VERSION"));
    let (version, _) = succeed(folder.path(), &["-V"]);
    assert_eq!(version.trim(), expected);
    // The long form also says which wrapper the VST3 has.
    let (version, _) = succeed(folder.path(), &["--version"]);
    let (first, second) = version.trim().split_once('\n').expect("two lines");
    assert_eq!(first, expected);
    let wrapper =
        if erbium::framework::VST3_IS_MENDED { "with Erbium's mends" } else { "as published" };
    assert!(second.starts_with("VST3 wrapper: nice-plug") && second.contains(wrapper), "{second}");
}
