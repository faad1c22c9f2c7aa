//! What the program says: nothing is swallowed, nothing takes over the terminal.
#![cfg(target_os = "linux")]

use crate::program::{RATE_HZ, erbium, fail, folder, names, noise, succeed};
use crate::wav::write_wav;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs a line of shell, in which $E is the program. Returns its code, and what it said on standard error.
fn shell(folder: &Path, line: &str) -> (Option<i32>, String) {
    let mut shell = Command::new("bash");
    shell.args(["-c", line]).current_dir(folder).env("E", env!("CARGO_BIN_EXE_erbium"));
    let output = shell.output().expect("a shell");
    (output.status.code(), String::from_utf8(output.stderr).expect("text"))
}

#[test]
fn what_cannot_be_printed_is_an_error() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(2000, 1)]);
    fs::write(path.join("text.wav"), "no sound").expect("written");
    let full = "cannot write to standard output: No space left";
    let closed = "cannot write to standard output: it is closed";
    let unfit = "cannot write to standard output: Bad file descriptor";
    for command in ["render a.wav -o out.wav", "bank --bands 8", "bank --bands 8 --json", "--help"]
    {
        for (stream, told) in
            [(">/dev/full", full), (">&-", closed), ("1</dev/null", unfit), (">/dev/null", "")]
        {
            let (code, said) = shell(path, &format!("$E {command} {stream}"));
            assert_eq!(code, Some(i32::from(!told.is_empty())), "{command} {stream}: {said}");
            assert!(said.contains(told), "{command} {stream}: {said}");
            assert_eq!(said.lines().count(), usize::from(!told.is_empty()), "{said}");
        }
        // A reader that has seen enough.
        let (code, said) = shell(path, &format!("set -o pipefail; $E {command} | true"));
        assert_eq!((code, said.as_str()), (Some(0), ""), "{command}");
    }
    assert!(path.join("out.wav").is_file(), "what was made is kept");
    // A warning that nobody can read, and none.
    let warns = "bank --bands 8 --kernel-size 128 --stride 64 --rate 16000";
    for (command, stream, code) in [
        (warns, "2>/dev/full", 1),
        (warns, "2>&-", 1),
        (warns, "2>/dev/null", 0),
        ("bank --bands 8", "2>/dev/full", 0),
        ("bank --bands 8", "2>&-", 0),
        ("render text.wav", "2>/dev/full", 1),
        ("render text.wav", "2>&-", 1),
        ("bank --bands 8 -o x.wav", "2>/dev/full", 1),
        ("bank --bands seven", "2>/dev/full", 2),
        ("bank --help", "2>&-", 0),
        ("nonsense", ">&- 2>&-", 2),
    ] {
        let given = shell(path, &format!("$E {command} >/dev/null {stream}")).0;
        assert_eq!(given, Some(code), "{command} {stream}");
    }
}

#[test]
fn nothing_that_was_given_moves_the_cursor() {
    let folder = folder();
    let path = folder.path();
    let hostile = "a\u{1b}[2J\nerbium: all is well\r\u{202e}b";
    write_wav(&path.join(format!("{hostile}.wav")), RATE_HZ, &[noise(2000, 1)]);
    fs::write(path.join(format!("{hostile}2.txt")), "no sound").expect("written");
    fs::write(
        path.join(format!("{hostile}.json")),
        r#"{"erbium": 1, "name": "x", "\u001b[2J\n": 1}"#,
    )
    .expect("written");
    let [wav, json] = ["wav", "json"].map(|end| format!("{hostile}.{end}"));
    let text = format!("{hostile}2.txt");
    let no_such = format!("{hostile}.npz");
    let check = |arguments: &[&str], lines: usize| {
        let output = erbium(path, arguments);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).expect("text");
        let is_hostile = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!said.chars().any(is_hostile), "{arguments:?}: {said:?}");
        if lines > 0 {
            assert_eq!(said.lines().count(), lines, "{arguments:?}: {said}");
        }
        assert!(!said.contains("\nerbium: all is well"), "{said}");
    };
    check(&["render", &wav, "-o", "x.wav"], 1);
    check(&["render", &wav, "--preset", &json, "-o", "x.wav"], 2);
    check(&["render", &text, &wav, "missing"], 3);
    check(&["render", &wav, "--set", hostile], 1);
    check(&["render", &wav, "-o", hostile], 1);
    check(&["render", &wav, "--format", hostile], 1);
    check(&["bank", "--bands", hostile], 1);
    check(&["bank", "--bank-file", &no_such], 1);
    check(&["analyze", &wav, "--feature", "cochleagram", "--latency-ms", "8", "-o", "x.png"], 0);
    check(&["analyze", &text, "--feature", "mel", "-o", "x.png"], 1);
    check(&[hostile], 1);
    check(&["render", &format!("--{hostile}")], 1);
    check(&["--bank-file", &no_such], 1);
    succeed(path, &["bank", "--bands", "8", "--rate", "16000", "-o", "b.npz"]);
    fs::rename(path.join("b.npz"), path.join(&no_such)).expect("renamed");
    check(&["bank", "--bank-file", &no_such, "--rate", "16000"], 10);
}

#[test]
fn names_and_values_are_cut_to_what_can_be_read() {
    let folder = folder();
    let path = folder.path();
    let long = "ü".repeat(50_000);
    let deep = "folder/".repeat(400);
    for arguments in [
        &["render", &long][..],
        &["render", &format!("{deep}{}.wav", &long[..200])],
        &["bank", "--bands", &long],
        &["render", "a.wav", "--set", &long],
        &["bank", "--scale", &"word ".repeat(10_000)],
        &[&long],
    ] {
        let said = fail(path, arguments);
        assert!(said.chars().count() < 1100 && said.contains('…'), "{}", said.chars().count());
    }
    let matrix = ["matrix", "--system", "librosa-mel", "--rate", "16000", "--fft", "64", "-o"];
    let (_, said) = succeed(path, &[&matrix[..], &["m.npy", "--bands", "4096"]].concat());
    assert!(said.chars().count() < 400, "{said}");
    assert!(said.contains("empty") && said.contains(" more; possible: more bins"), "{said}");
}

#[test]
fn numbers_that_are_none_are_told_in_words() {
    let folder = folder();
    let matrix = "matrix --system kapre-log -o m.npy --fft 512 --bands 4 --rate";
    for (arguments, told) in [
        (format!("{matrix} 8k"), "--rate <HZ>: \"8k\" is no number"),
        (format!("{matrix} 8000 --low=x"), "--low <FL>: \"x\" is no number"),
        (format!("{matrix} 8000 --bands-per-octave 1.5"), "\"1.5\" is no whole number"),
        (format!("{matrix} 8000 --bands-per-octave=-1"), "-1"),
        (format!("{matrix} 8000 --bands-per-octave {}", "9".repeat(30)), "999 is"),
    ] {
        let said = fail(folder.path(), &arguments.split(' ').collect::<Vec<_>>());
        assert!(said.contains(told) && said.lines().count() == 1, "{arguments}: {said}");
        assert!(!said.contains("invalid") && !said.contains("literal"), "{said}");
    }
}

#[test]
fn what_is_wrong_with_a_preset_is_told_in_words() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(2000, 1)]);
    for (json, told) in [
        ("{\"erbium\": \"1\",\n\"name\": \"x\"}", "line 1: erbium is the text \"1\"; possible: 1"),
        ("{\"erbium\": 1,\n\"name\": 3}", "line 2: name is 3; possible: a text"),
        (
            "{\"erbium\": 1, \"name\": \"x\",\n\"curve\": [[1]]}",
            "line 2: curve point 1 is [1]; possible: two numbers, [Hz, dB]",
        ),
        (
            "{\"erbium\": 1, \"name\": \"x\",\n\"parameters\": {\"mix\": 1, \"mix\": 2}}",
            "line 2: the field \"mix\" stands there twice; possible: once",
        ),
        ("{\"erbium\": 1,\n\"name\" \"x\"}", "line 2: this is no JSON from \"x\"} on"),
        ("{\"erbium\": 1,", "line 1: it ends before it is complete"),
    ] {
        fs::write(path.join("p.json"), json).expect("written");
        let said = fail(path, &["render", "a.wav", "--preset", "p.json"]);
        assert!(said.contains("p.json: ") && said.contains(told), "{said}");
        assert!(!path.join("a.erbium.wav").exists(), "{said}");
    }
}

#[test]
fn what_is_wrong_with_the_arguments_is_told_in_one_line() {
    let folder = folder();
    for (arguments, told) in [
        (
            "render a.wav --format foo",
            "--format <FORMAT>: \"foo\" is not possible; possible: f32, i24, i16",
        ),
        ("render a.wav --format", "--format <FORMAT> lacks its value; possible: f32, i24, i16"),
        ("render a.wav --preset", "--preset <FILE> lacks its value; possible: "),
        ("render", "<IN>... must be given as well; possible: as `erbium render --help` says"),
        (
            "matrix --fft 4",
            "--system <SYSTEM>, --output <OUT.{npy,csv,npz,png}>, --rate <HZ> must be given",
        ),
        ("bank --foo", "unknown option \"--foo\"; possible: "),
        ("bank --band 8", "--bands"),
        ("render a.wav --foo", "--format, --overwrite-input"),
        ("bank 8", "\"8\" has no place there; possible: as `erbium bank --help` says"),
        ("bank --bands 8 --bands 9", "--bands <BANDS> is given twice; possible: once"),
        ("bank --bank-file a.npz --bands 9", " exclude each other; possible: one of them"),
        ("bank --bands seven", "\"seven\""),
        (
            "foo",
            "unknown command \"foo\"; possible: render, analyze, bank, matrix, curve, match, hearing, help",
        ),
    ] {
        let output = erbium(folder.path(), &arguments.split(' ').collect::<Vec<_>>());
        let said = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(2), "{arguments}: {said}");
        assert!(said.starts_with("erbium: ") && said.contains(told), "{arguments}: {said}");
        assert!(said.contains("possible: ") && said.lines().count() == 1, "{arguments}: {said}");
    }
}

#[test]
fn arguments_that_are_no_text_are_refused_as_others_are() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = folder();
    let no_text = OsStr::from_bytes(b"\xff");
    for arguments in [
        &[no_text][..],
        &[no_text, OsStr::new("render")],
        &[OsStr::new("render"), OsStr::new("a.wav"), OsStr::new("--set"), no_text],
        &[OsStr::new("bank"), OsStr::new("--bands"), no_text],
        &[OsStr::new("bank"), OsStr::from_bytes(b"--\xff")],
        &[OsStr::new("--backend"), no_text],
    ] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_erbium"));
        let output =
            program.args(arguments).current_dir(folder.path()).env_remove("DISPLAY").output();
        let output = output.expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        let is_told = said.starts_with("erbium: ") && said.contains("possible: ");
        assert!(is_told && said.lines().count() == 1, "{arguments:?}: {said}");
        assert!(matches!(output.status.code(), Some(1 | 2)), "{arguments:?}: {said}");
    }
}

#[test]
fn what_is_wrong_with_the_windows_options_is_told_before_anything_is_opened() {
    for (arguments, told) in [
        ("--foo", "unknown option \"--foo\"; possible: --backend, "),
        ("--backend dummy foo", "unknown option \"foo\""),
        ("--backend=foo", "--backend: \"foo\" is not possible; possible: auto, jack"),
        ("-b", "--backend lacks its value"),
        ("-b dummy --dpi-scale big", "--dpi-scale: \"big\" is no number"),
        ("--period-size 1.5", "--period-size: \"1.5\" is no whole number"),
        ("-b dummy", "DISPLAY is not set"),
    ] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_erbium"));
        let output = program.args(arguments.split(' ')).env_remove("DISPLAY").output();
        let output = output.expect("the program starts");
        let said = String::from_utf8(output.stderr).expect("text");
        assert!(said.starts_with("erbium: ") && said.contains(told), "{arguments}: {said}");
        assert!(said.lines().count() == 1 && !output.status.success(), "{arguments}: {said}");
    }
}

#[test]
fn a_reason_stands_before_what_is_possible_which_is_said_once() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("text.npz"), "no archive").expect("written");
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(2000, 1)]);
    for (arguments, told) in [
        ("bank --bank-file text.npz", "text.npz: this is no archive; possible: "),
        ("render a.wav --bank-file text.npz -o b.wav", "text.npz: this is no archive; possible: "),
        ("bank --bands 8 --plots text.npz", "File exists (os error 17); possible: "),
    ] {
        let said = fail(path, &arguments.split(' ').collect::<Vec<_>>());
        assert!(said.contains(told) && said.matches("possible").count() == 1, "{said}");
    }
    let missing = "(os error 2)";
    for command in ["bank", "render a.wav -o b.wav", "analyze a.wav --feature mel -o b.npy"] {
        let option = if command.starts_with("analyze") { "--kernels" } else { "--bank-file" };
        let command = command.replace("mel", "coefficients");
        let said = fail(path, &format!("{command} {option} no.npz").split(' ').collect::<Vec<_>>());
        assert!(said.contains("no.npz") && said.matches(missing).count() == 1, "{said}");
    }
    // A folder in which nobody can make a file.
    if cfg!(target_os = "linux") {
        for command in ["render a.wav -o /proc/b.wav", "bank --bands 8 -o /proc/b.npz"] {
            let said = fail(path, &command.split(' ').collect::<Vec<_>>());
            assert!(said.contains(&format!("{missing}; possible: -o with a writable")), "{said}");
        }
    }
}

#[test]
fn help_breaks_its_sentences_where_the_screen_ends() {
    for command in ["render", "analyze", "bank", "matrix", "curve", "match", "hearing"] {
        let (help, _) = succeed(folder().path(), &[command, "--help"]);
        let lines: Vec<_> = help.lines().collect();
        for pair in lines.windows(2) {
            assert!(pair[0].chars().count() <= 100, "{}", pair[0]);
            // A line of prose takes the next one's first word if it has room for it.
            let is_prose = |line: &str| line.starts_with(|c: char| c.is_alphabetic());
            let is_table = |line: &str| line.contains("  ") || line.ends_with(':');
            if is_prose(pair[0]) && is_prose(pair[1]) && !is_table(pair[0]) && !is_table(pair[1]) {
                let word = pair[1].split(' ').next().unwrap_or_default();
                let length = pair[0].chars().count() + 1 + word.chars().count();
                assert!(length > 100, "{} | {}", pair[0], pair[1]);
            }
        }
    }
}

/// A signal, its number, and whether the program may leave a core file.
const SIGNALS: [(&str, i32); 10] = [
    ("HUP", 1),
    ("INT", 2),
    ("QUIT", 3),
    ("USR1", 10),
    ("USR2", 12),
    ("ALRM", 14),
    ("TERM", 15),
    ("XCPU", 24),
    ("VTALRM", 26),
    ("PROF", 27),
];

/// Starts a render that waits for the second half of its input, which never comes, and has a temporary.
fn waiting(path: &Path, program: &mut Command) -> std::process::Child {
    use std::io::Write;
    let wav = fs::read(path.join("a.wav")).expect("written");
    let before = names(path).len();
    let mut program = program
        .current_dir(path)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let input = program.stdin.as_mut().expect("piped");
    input.write_all(&wav[..wav.len() / 2]).expect("read");
    let deadline = Instant::now() + Duration::from_secs(60);
    while names(path).len() == before {
        assert!(Instant::now() < deadline, "no temporary appeared");
        std::thread::sleep(Duration::from_millis(10));
    }
    program
}

#[test]
fn every_signal_ends_the_program_as_it_would_and_leaves_no_temporary() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(16_000, 1)]);
    let before = names(path);
    let all = SIGNALS.map(|(name, _)| name).join(",");
    for (signal, number) in SIGNALS {
        let mut program = Command::new("env");
        // No core file, and as in a terminal wherever the test runs.
        program.args(["prlimit", "--core=0", "env", &format!("--default-signal={all}")]);
        program.args([env!("CARGO_BIN_EXE_erbium"), "render", "/dev/stdin", "-o", "out.wav"]);
        let mut program = waiting(path, &mut program);
        let kill = format!("kill -{signal} {}", program.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("a shell").success());
        // Waiting would close the input, and the program might then be done before the signal is seen.
        let _input = program.stdin.take();
        let status = program.wait().expect("started");
        assert_eq!(status.signal(), Some(number), "{signal}");
        assert_eq!(names(path), before, "{signal}");
    }
}

#[test]
fn what_is_to_be_ignored_stays_ignored() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(16_000, 1)]);
    for signal in ["HUP", "INT", "TERM"] {
        let mut program = Command::new("env");
        program.arg(format!("--ignore-signal={signal}"));
        program.args([env!("CARGO_BIN_EXE_erbium"), "render", "/dev/stdin", "-o", "out.wav"]);
        let mut program = waiting(path, &mut program);
        let kill = format!("kill -{signal} {}", program.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("a shell").success());
        std::thread::sleep(Duration::from_millis(200));
        assert!(program.try_wait().expect("started").is_none(), "{signal}");
        // The input ends; what came of it is rendered.
        drop(program.stdin.take());
        assert!(program.wait().expect("started").success(), "{signal}");
        fs::remove_file(path.join("out.wav")).expect("rendered");
    }
}

#[test]
fn a_limit_of_the_size_of_files_is_an_error_and_leaves_nothing() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(200_000, 1)]);
    let before = names(path);
    // The signal is not ignored here.
    let line =
        "ulimit -c 0; ulimit -f 400; exec env --default-signal=XFSZ $E render a.wav -o x.wav";
    let (code, said) = shell(path, line);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.starts_with("erbium: cannot write x.wav: ") && said.lines().count() == 1,
        "{said}"
    );
    assert_eq!(names(path), before);
}
