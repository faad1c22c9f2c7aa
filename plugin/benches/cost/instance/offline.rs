//! `erbium render`, the built program on files: wall time, use of the cores, and memory.

use crate::cast::real;
use crate::row::Row;
use crate::signal::noise;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

const RATE_HZ: u32 = 48_000;
const RUNS: usize = 3;
const PRESET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/presets/presence.json");
const GAMMATONE: &[&str] = &["--set", "kind=gammatone", "--set", "latency=8ms"];

/// What a run of the program took.
#[derive(Clone, Copy)]
struct Run {
    seconds: f64,
    /// The most memory it had; not a number where the system does not tell.
    peak_mb: f64,
}

pub fn rows() -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    for (name, minutes) in [("3.wav", 3), ("1.wav", 1), ("10.wav", 10)] {
        write_wav(&path.join(name), minutes);
    }
    let parts: Vec<String> = (0..8).map(|part| format!("part{part}.wav")).collect();
    for part in &parts {
        std::fs::copy(path.join("1.wav"), path.join(part)).expect("copied");
    }
    let cores = available_parallelism().map_or(1, usize::from);
    let preset = ["--preset", PRESET];
    let whole = |further: &[&str], threads| {
        least(path, &[&["3.wav"], &preset[..], further].concat(), threads)
    };
    let all = whole(&[], cores);
    let one = whole(&[], 1);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    std::fs::create_dir(path.join("out")).expect("a folder");
    let several =
        |threads| least(path, &[&parts[..], &preset, &["-o", "out"]].concat(), threads).seconds;
    let peak = |name| least(path, &[&[name], &preset[..]].concat(), cores).peak_mb;
    let what = "3 minutes, stereo, 48 kHz, 16 bit, presence:";
    vec![
        Row::figure(
            format!("{what} ISAC 21 ms, {cores} cores"),
            all.seconds,
            "s",
            "1.0 s or less on two cores",
        ),
        Row::figure(
            format!("{what} on one thread"),
            one.seconds,
            "s",
            format!("{:.2} times as long", one.seconds / all.seconds),
        ),
        Row::figure(format!("{what} flat"), least(path, &["3.wav"], cores).seconds, "s", ""),
        Row::figure(format!("{what} gammatone 8 ms"), whole(GAMMATONE, cores).seconds, "s", ""),
        Row::figure(
            format!("{what} with gain match"),
            whole(&["--set", "gain_match=on"], cores).seconds,
            "s",
            "one chain hears it all",
        ),
        Row::figure(
            format!("{what} to 16 bit"),
            whole(&["--format", "i16"], cores).seconds,
            "s",
            "",
        ),
        several_files(several(cores), several(1), cores),
        Row::figure("most memory, 1 minute", peak("1.wav"), "MB", ""),
        Row::figure("most memory, 10 minutes", peak("10.wav"), "MB", "as much"),
    ]
}

fn several_files(all: f64, one: f64, cores: usize) -> Row {
    Row::figure(
        format!("8 files of 1 minute, {cores} cores"),
        all,
        "s",
        format!("{:.2} times as long on one thread", one / all),
    )
}

fn write_wav(path: &Path, minutes: u32) {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: RATE_HZ,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(path, spec).expect("writable");
    let second: Vec<i16> = noise(usize::try_from(2 * RATE_HZ).expect("fits"))
        .iter()
        .map(|sample| crate::cast::sixteen_bits(*sample))
        .collect();
    for _ in 0..60 * minutes {
        let mut samples = wav.get_i16_writer(2 * RATE_HZ);
        second.iter().for_each(|sample| samples.write_sample(*sample));
        samples.flush().expect("writable");
    }
    wav.finalize().expect("writable");
}

/// The quickest of several runs of `erbium render`.
fn least(folder: &Path, arguments: &[&str], threads: usize) -> Run {
    let runs = (0..RUNS).map(|_| render(folder, arguments, threads));
    let quickest = runs.min_by(|a, b| a.seconds.total_cmp(&b.seconds));
    quickest.expect("at least one run")
}

fn render(folder: &Path, arguments: &[&str], threads: usize) -> Run {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_erbium"))
        .arg("render")
        .args(arguments)
        .current_dir(folder)
        .env("RAYON_NUM_THREADS", threads.to_string())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak_mb = f64::NAN;
    loop {
        if let Some(ended) = child.try_wait().expect("waits") {
            assert!(ended.success(), "erbium render {arguments:?} failed");
            return Run { seconds: begun.elapsed().as_secs_f64(), peak_mb };
        }
        // The system forgets it with the program.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
        peak_mb = kilobytes.map_or(peak_mb, |kilobytes| real(kilobytes) / 1024.0);
        std::thread::sleep(Duration::from_millis(2));
    }
}
