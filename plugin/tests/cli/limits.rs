//! Every number that a command takes has limits: whatever is given, the command succeeds within its memory and time,
//! or says which option, what was given and what is possible.

use crate::limited::within;
use crate::program::{RATE_HZ, folder, noise};
use crate::wav::write_wav;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// 3 GiB of addresses.
const KIB: u32 = 3 << 20;

/// What no option asks for, and what some may.
const NUMBERS: [&str; 14] = [
    "0",
    "1",
    "-1",
    "2",
    "65536",
    "1048576",
    "16777216",
    "4294967295",
    "18446744073709551615",
    "99999999999999999999999999",
    "1e308",
    "1e-308",
    "nan",
    "inf",
];

/// A command with `@` where a number goes, and words of which one names the option in what it says; `--OPTION`
/// always does.
const COMMANDS: [(&str, &[&str]); 58] = [
    ("render a.wav -o o.wav --set gain_7=@", &[]),
    ("render a.wav -o o.wav --set bands=@", &[]),
    ("render a.wav -o o.wav --set output=@", &[]),
    ("render a.wav -o o.wav --set mix=50 --set latency=@", &[]),
    ("analyze a.wav --feature mel -o o.npy --fft @", &[]),
    ("analyze a.wav --feature log --bands 12 -o o.npy --fft @", &["bin count", "band count"]),
    ("analyze a.wav --feature mfb -o o.npy --fft @", &["band count"]),
    ("analyze a.wav --feature mel -o o.npy --bands @", &[]),
    ("analyze a.wav --feature log -o o.npy --bands @", &["band count", "bin count"]),
    ("analyze a.wav --feature mfb -o o.npy --bands @", &["band count"]),
    ("analyze a.wav --feature mfcc -o o.npy --bands @", &[]),
    ("analyze a.wav --feature gammatone -o o.npy --bands @", &[]),
    ("analyze a.wav --feature gammatone-bands -o o.npy --bands @", &[]),
    ("analyze a.wav --feature coefficients -o o.npy --bands @", &["band count"]),
    ("analyze a.wav --feature cochleagram -o o.npy --bands @", &["band count"]),
    ("analyze a.wav --feature isac-cc -o o.npy --bands @", &["band count"]),
    ("analyze a.wav --feature mel -o o.npy --hop-samples @", &[]),
    ("analyze a.wav --feature gammatone --bands 4096 -o o.npy --hop-samples @", &["window length"]),
    ("analyze a.wav --feature cochleagram -o o.npy --hop-samples @", &["a hop of"]),
    ("analyze a.wav --feature mel -o o.npy --hop-ms @", &[]),
    ("analyze a.wav --feature gammatone --bands 4096 -o o.npy --hop-ms @", &["window length"]),
    ("analyze a.wav --feature cochleagram -o o.npy --hop-ms @", &["a hop of"]),
    ("analyze a.wav --feature cochleagram -o o.npy --floor-db @", &[]),
    ("analyze a.wav --feature cochleagram -o o.npy --latency-ms @", &[]),
    ("analyze a.wav --feature mel -o o.npy --low @", &["high limit"]),
    ("analyze a.wav --feature log -o o.npy --low @", &["low limit", "band count"]),
    ("analyze a.wav --feature gammatone -o o.npy --low @", &["centre frequency"]),
    ("analyze a.wav --feature mel -o o.npy --high @", &["high limit"]),
    ("analyze a.wav --feature mfb -o o.npy --high @", &["high limit"]),
    ("analyze a.wav --feature gammatone -o o.npy --high @", &["centre frequency"]),
    ("analyze a.wav --feature log --bands 2 -o o.npy --bands-per-octave @", &["band count"]),
    ("analyze a.wav --feature mfcc -o o.npy --coefficients @", &["coefficient count"]),
    ("analyze a.wav --feature isac-cc -o o.npy --coefficients @", &["coefficient count"]),
    ("analyze a.wav --feature mfcc -o o.npy --lifter @", &[]),
    ("analyze a.wav --feature mfcc -o o.npy --deltas @", &[]),
    ("analyze a.wav --feature gammatone -o o.npy --centres-hz @", &["centre frequency"]),
    (
        "analyze a.wav --feature gammatone --bands 4096 --align both -o o.npy --delay-samples @",
        &["common delay"],
    ),
    ("analyze a.wav --feature coefficients -o o.npy --stride @", &["stride"]),
    ("analyze a.wav --feature isac-mel --stride 16 -o o.npy --kernel-size @", &["kernel size"]),
    ("analyze a.wav --feature isac-mel --stride 16 -o o.npy --supp-mult @", &[]),
    (
        "analyze a.wav --feature isac-mel --stride 16 -o o.npy --fc-max @",
        &["upper frequency limit"],
    ),
    ("bank --bands @", &["band count"]),
    ("bank --latency-ms @", &["latency"]),
    ("bank --rate @", &["latency"]),
    ("bank --stride 8 --bands @", &["band count"]),
    ("bank --stride @", &["stride", "images", "kernel size"]),
    ("bank --stride 8 --kernel-size @", &["kernel size", "stride"]),
    ("matrix --system voicebox --rate 16000 --bands 40 -o o.npy --fft @", &["bins"]),
    ("matrix --system voicebox --rate 16000 -o o.npz --bins @,10", &["bin count", "band count"]),
    ("matrix --system voicebox --rate 16000 -o o.npz --bins 100,@", &["bin step", "band count"]),
    ("matrix --system voicebox --rate 16000 -o o.npz --bins 100,80,@", &["first bin"]),
    ("matrix --system voicebox --fft 512 -o o.npz --rate @", &["band count", "high limit"]),
    ("matrix --system voicebox --fft 512 --rate 16000 -o o.npz --bands @", &["band"]),
    ("matrix --system librosa-mel --rate 16000 --fft 512 -o o.npz --bands @", &[]),
    ("matrix --system kapre-log --rate 16000 --bands 12 -o o.npz --fft @", &["bin count"]),
    (
        "matrix --system csound --rate 16000 --bands 20 -o o.npy --fft-bins @",
        &["band count", "bins"],
    ),
    ("matrix --system voicebox --rate 16000 --fft 512 --options mh -o o.npz --low @", &["limit"]),
    ("matrix --system librosa-mel --rate 16000 --fft 512 --bands 20 -o o.npz --high @", &["limit"]),
];

/// What is wrong with how a command takes a number, if anything.
fn fault(folder: &Path, command: &str, words: &[&str], number: &str) -> Option<String> {
    let option = command.split_whitespace().rev().find(|word| word.starts_with("--"));
    let option = option.expect("a number has an option");
    let line = command.replace('@', number);
    let arguments: Vec<_> = line.split_whitespace().collect();
    let Some((code, said)) = within(folder, KIB, &arguments) else {
        return Some(format!("{line} takes too long"));
    };
    let named = std::iter::once(&option).chain(words).any(|word| said.contains(word));
    match code {
        Some(0) => None,
        Some(1 | 2) if named && said.contains("possible: ") && said.len() < 2000 => None,
        code => Some(format!("{line}: {code:?}, {}", said.chars().take(400).collect::<String>())),
    }
}

#[test]
fn every_number_is_met_or_refused_with_what_is_possible() {
    let folder = folder();
    let path = folder.path();
    write_wav(&path.join("a.wav"), RATE_HZ, &[noise(4000, 1)]);
    let tries: Vec<_> = COMMANDS
        .iter()
        .flat_map(|(command, words)| NUMBERS.iter().map(move |number| (*command, *words, *number)))
        .collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let folder = crate::program::folder();
        std::fs::copy(path.join("a.wav"), folder.path().join("a.wav")).expect("copied");
        let mut faults = Vec::new();
        while let Some((command, words, number)) = tries.get(next.fetch_add(1, Ordering::Relaxed)) {
            faults.extend(fault(folder.path(), command, words, number));
        }
        faults
    };
    let faults: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("ends")).collect()
    });
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
