//! Nothing is lost: what the program reads, what it writes at once, and what was there before.
#![cfg(target_os = "linux")]

use crate::program::{RATE_HZ, erbium, fail, folder, names, noise, succeed};
use crate::wav::{read_wav, write_wav};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

/// Runs a line of shell, in which `erbium` is the program. Returns its code, and what it said on standard error.
fn shell(folder: &Path, line: &str) -> (Option<i32>, String) {
    let line = format!("erbium() {{ '{}' \"$@\"; }}; {line}", env!("CARGO_BIN_EXE_erbium"));
    let output = Command::new("bash").args(["-c", &line]).current_dir(folder).output();
    let output = output.expect("a shell");
    (output.status.code(), String::from_utf8(output.stderr).expect("text"))
}

/// Everything in a folder: names and what they hold.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let read = |name: String| {
        let path = folder.join(&name);
        let held = if path.is_dir() { Vec::new() } else { fs::read(path).unwrap_or_default() };
        (name, held)
    };
    names(folder).into_iter().map(read).collect()
}

fn prepare(path: &Path) {
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(2000, 1)]);
    write_wav(&path.join("b.wav"), RATE_HZ, &[noise(2000, 2)]);
    fs::create_dir(path.join("sub")).expect("created");
    write_wav(&path.join("sub/a.wav"), RATE_HZ, &[noise(2000, 3)]);
    symlink("sub", path.join("linked")).expect("linked");
    symlink("a.wav", path.join("link.wav")).expect("linked");
    symlink("a.wav", path.join("link.npy")).expect("linked");
    fs::hard_link(path.join("a.wav"), path.join("hard.wav")).expect("linked");
    let bank = ["bank", "--bands", "8", "--latency-ms", "8", "--rate", "16000", "-o", "bank.npz"];
    succeed(path, &bank);
    fs::copy(path.join("bank.npz"), path.join("bands.png")).expect("copied");
    symlink("bank.npz", path.join("bank.wav")).expect("linked");
    symlink("bank.npz", path.join("bank.npy")).expect("linked");
    fs::write(path.join("preset.json"), r#"{"erbium": 1, "name": "x"}"#).expect("written");
    symlink("preset.json", path.join("preset.wav")).expect("linked");
}

#[test]
fn an_output_that_is_read_is_refused_by_every_command_and_name() {
    let folder = folder();
    let path = folder.path();
    prepare(path);
    let before = contents(path);
    for arguments in [
        "render a.wav -o ./a.wav",
        "render a.wav -o link.wav",
        "render link.wav -o a.wav",
        "render a.wav -o hard.wav",
        "render sub/a.wav -o linked/a.wav",
        "render sub/a.wav -o linked/../sub/a.wav",
        "render a.wav --bank-file bank.npz -o bank.wav",
        "render a.wav --preset preset.json -o preset.wav",
        "analyze a.wav --feature mel -o link.npy",
        "analyze a.wav --feature cochleagram -o link.npy",
        "analyze a.wav --feature coefficients --kernels bank.npz -o bank.npy",
        "bank --bank-file bank.npz --rate 16000 -o bank.npz",
        "bank --bank-file bank.npz --rate 16000 -o sub/../bank.npz",
        "bank --bank-file bands.png --rate 16000 --plots .",
    ] {
        let said = fail(path, &arguments.split(' ').collect::<Vec<_>>());
        assert!(said.contains("would overwrite an input"), "{arguments}: {said}");
        assert!(said.contains("--overwrite-input"), "{arguments}: {said}");
        assert!(contents(path) == before, "{arguments}");
    }
    // One of several, before anything is written.
    fs::copy(path.join("b.wav"), path.join("a.erbium.wav")).expect("copied");
    let before = contents(path);
    let said = fail(path, &["render", "b.wav", "a.wav", "a.erbium.wav"]);
    assert!(said.contains("a.erbium.wav would overwrite an input"), "{said}");
    assert!(contents(path) == before);
    // Where the shell sends what is printed.
    let (code, said) = shell(path, "erbium render b.wav -o out.wav > out.wav");
    assert!(
        code == Some(1) && said.contains("out.wav would overwrite another, standard output"),
        "{said}"
    );
}

#[test]
fn an_input_is_replaced_where_that_is_asked_for() {
    let folder = folder();
    let path = folder.path();
    prepare(path);
    let louder = ["render", "b.wav", "--set", "output=6", "-o", "apart.wav"];
    succeed(path, &louder);
    succeed(path, &[&louder[..5], &["b.wav", "--overwrite-input"]].concat());
    assert_eq!(read_wav(&path.join("b.wav")), read_wav(&path.join("apart.wav")));
    let bank = ["bank", "--bank-file", "bank.npz", "--rate", "16000"];
    succeed(path, &[&bank[..], &["-o", "bank.npz", "--overwrite-input"]].concat());
    succeed(path, &bank);
    // Not one that may still have to be read.
    fs::copy(path.join("b.wav"), path.join("a.erbium.wav")).expect("copied");
    let before = contents(path);
    let said = fail(path, &["render", "a.wav", "a.erbium.wav", "--overwrite-input"]);
    assert!(said.contains("of which it is not made"), "{said}");
    assert!(contents(path) == before);
}

#[test]
fn outputs_that_would_become_one_are_seen_before_anything_is_written() {
    let folder = folder();
    let path = folder.path();
    prepare(path);
    fs::copy(crate::program::saws_flac(), path.join("a.flac")).expect("copied");
    symlink("same.npy", path.join("other.npy")).expect("linked");
    symlink("bank2.npz", path.join("flat.png")).expect("linked");
    let before = contents(path);
    let matrix = "matrix --system librosa-mel --rate 16000 --fft 512 --bands 4 -o";
    for (arguments, told) in [
        ("render b.wav a.wav ./a.flac".to_owned(), "would both become"),
        ("render b.wav sub/a.wav linked/a.wav".to_owned(), "would both become"),
        ("render b.wav a.wav sub/a.wav -o .".to_owned(), "would both become"),
        ("analyze b.wav a.wav a.flac --feature mel -o sub".to_owned(), "would both become"),
        (format!("{matrix} same.npy --centres ./same.npy"), "would overwrite another"),
        (format!("{matrix} same.npy --centres other.npy"), "would overwrite another"),
        (format!("{matrix} same.npy --centres linked/x.npy --plot ./sub/x.png"), ""),
        ("bank --bands 8 -o bank2.npz --plots .".to_owned(), "would overwrite another"),
    ] {
        let arguments: Vec<_> = arguments.split(' ').collect();
        if told.is_empty() {
            succeed(path, &arguments);
            fs::remove_file(path.join("same.npy")).expect("written");
            continue;
        }
        let said = fail(path, &arguments);
        assert!(said.contains(told), "{arguments:?}: {said}");
        assert!(contents(path) == before, "{arguments:?}: {:?}", names(path));
    }
}

#[test]
fn modes_and_links_stay() {
    let folder = folder();
    let path = folder.path();
    prepare(path);
    fs::create_dir(path.join("out")).expect("created");
    symlink("out/far.npz", path.join("far.npz")).expect("linked");
    let mode = |name: &str| fs::metadata(path.join(name)).expect("there").permissions().mode();
    for name in ["old.wav", "old.npy", "old.png", "old.csv", "old.npz"] {
        fs::write(path.join(name), "old").expect("written");
        fs::set_permissions(path.join(name), Permissions::from_mode(0o606)).expect("set");
    }
    let analyze = "erbium analyze a.wav --feature cochleagram --latency-ms 8 -o";
    let line = format!(
        "umask 027; erbium render a.wav -o old.wav && erbium render a.wav -o new.wav \
         && for end in npy png csv; do {analyze} old.$end && {analyze} new.$end || exit 1; done \
         && for at in old.npz new.npz far.npz; do erbium bank --bands 8 -o $at || exit 1; done"
    );
    let (code, said) = shell(path, &line);
    assert_eq!(code, Some(0), "{said}");
    for name in ["wav", "npy", "png", "csv", "npz"] {
        assert_eq!(mode(&format!("old.{name}")) & 0o777, 0o606, "old.{name}");
        assert_eq!(mode(&format!("new.{name}")) & 0o777, 0o640, "new.{name}");
        assert_ne!(fs::read(path.join(format!("old.{name}"))).expect("there"), b"old");
    }
    let (code, said) = shell(path, "umask 077; erbium render a.wav -o newer.wav");
    assert_eq!((code, mode("newer.wav") & 0o777), (Some(0), 0o600), "{said}");
    assert!(path.join("far.npz").is_symlink() && path.join("out/far.npz").is_file());
}

#[test]
fn what_is_no_file_is_not_replaced() {
    let folder = folder();
    let path = folder.path();
    prepare(path);
    let made = Command::new("mkfifo").arg("pipe.wav").current_dir(path).status();
    assert!(made.expect("mkfifo").success());
    symlink("/dev/null", path.join("null.wav")).expect("linked");
    symlink("loop.wav", path.join("loop.wav")).expect("linked");
    let long = format!("{}.wav", "x".repeat(300));
    let before = names(path);
    for (output, told) in [
        ("pipe.wav", "pipe.wav is a pipe or a device"),
        ("null.wav", "null.wav is a pipe or a device"),
        ("loop.wav", "cannot write loop.wav"),
        ("a.wav/x.wav", "cannot write a.wav/x.wav"),
        ("/proc/x.wav", "(os error 2); possible: -o with a writable folder"),
        (&long, "cannot write xxx"),
    ] {
        let said = fail(path, &["render", "b.wav", "-o", output]);
        assert!(said.contains(told) && said.lines().count() == 1, "{output}: {said}");
        assert!(!said.contains(".erbium-"), "{output}: {said}");
        assert_eq!(names(path), before, "{output}");
    }
    assert!(fs::metadata("/dev/null").is_ok_and(|null| !null.is_file()));
}

/// Where a disk is full just before the end, the last buffer fails.
#[test]
fn the_last_bytes_of_every_kind_of_file_are_missed() {
    let folder = folder();
    let path = folder.path();
    prepare(path);
    let matrix = "matrix --system kapre-log --rate 48000 --fft 4096 --bands 60 --low 200 -o";
    for command in [
        "render a.wav -o x.wav",
        "analyze a.wav --feature cochleagram --latency-ms 8 -o x.png",
        "analyze a.wav --feature mel -o x.png",
        "analyze a.wav --feature mel -o x.npy",
        "analyze a.wav --feature mel -o x.csv",
        "analyze a.wav --feature cochleagram --latency-ms 8 -o x.npy",
        "analyze a.wav --feature cochleagram --latency-ms 8 -o x.csv",
        "bank --bands 8 --latency-ms 8 -o x.npz",
        &format!("{matrix} x.npz"),
        &format!("{matrix} x.png"),
    ] {
        let output = command.rsplit(' ').next().expect("a name");
        succeed(path, &command.split(' ').collect::<Vec<_>>());
        let whole = fs::metadata(path.join(output)).expect("written").len();
        fs::remove_file(path.join(output)).expect("there");
        let before = names(path);
        // In bytes, as no shell counts them.
        let limited = format!("prlimit --fsize={} '{}' {command}", whole - 1, program());
        let run = Command::new("bash").args(["-c", &limited]).current_dir(path).output();
        let run = run.expect("a shell");
        let said = String::from_utf8(run.stderr).expect("text");
        assert_eq!(run.status.code(), Some(1), "{command}: {said}");
        assert!(said.starts_with(&format!("erbium: cannot write {output}")), "{command}: {said}");
        assert_eq!(names(path), before, "{command}");
    }
}

fn program() -> &'static str {
    env!("CARGO_BIN_EXE_erbium")
}

#[test]
fn many_files_take_few_descriptors() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("0.wav"), RATE_HZ, &[noise(100, 1)]);
    for k in 1..300 {
        fs::copy(path.join("0.wav"), path.join(format!("{k}.wav"))).expect("copied");
    }
    fs::create_dir(path.join("out")).expect("created");
    for command in ["render *.wav -o out", "analyze *.wav --feature mfb -o out"] {
        let (code, said) = shell(path, &format!("ulimit -n 64; erbium {command} > /dev/null"));
        assert_eq!((code, said.as_str()), (Some(0), ""), "{command}");
    }
    assert_eq!(names(&path.join("out")).len(), 600);
    assert!(erbium(path, &["bank", "--bands", "8"]).status.success());
}
