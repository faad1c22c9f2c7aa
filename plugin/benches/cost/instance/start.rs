//! How long a host waits: for the library to load and list its plugin, for an instance, and until
//! that can play. Measured in the CLAP host of the tests, with the library built beside this program.

use crate::own_process;
use crate::row::Row;
use erbium_tests::host::{self, Instance, Setup};
use std::path::PathBuf;
use std::time::Instant;

/// Scans, of which the least disturbed counts.
const SCANS: usize = 9;

/// Instances of equal settings in one project.
const MANY: u32 = 40;

pub fn rows() -> Vec<Row> {
    let library = library();
    let name = library.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let scanned = (0..SCANS).map(|_| scanned_ms()).fold(f64::INFINITY, f64::min);
    let entry = host::load(&library).expect("the library is a CLAP plugin");
    let make = || Instance::new(&entry, Setup { offline: false, ..Setup::default() });
    let mut kept = Vec::new();
    let timed = |kept: &mut Vec<Instance>| {
        let begun = Instant::now();
        let mut instance = make().expect("an instance");
        let made = milliseconds(begun);
        let begun = Instant::now();
        instance.activate().expect("gets ready");
        let ready = milliseconds(begun);
        kept.push(instance);
        (made, ready)
    };
    let (first_made, first_ready) = timed(&mut kept);
    let (made, ready) = (1..MANY)
        .map(|_| timed(&mut kept))
        .fold((0.0, 0.0), |sum, times| (sum.0 + times.0, sum.1 + times.1));
    let mean = |sum: f64| sum / f64::from(MANY - 1);
    vec![
        Row::figure(
            format!("{name}: loaded and listed in a new process, least of {SCANS}"),
            scanned,
            "ms",
            "20 ms or less",
        ),
        Row::figure("the first instance made", first_made, "ms", "30 ms or less"),
        Row::figure("the first instance ready to play", first_ready, "ms", "designs its bank"),
        Row::figure("each of 39 more made", mean(made), "ms", "30 ms or less"),
        Row::figure("each of 39 more ready to play", mean(ready), "ms", "shares the bank"),
    ]
}

fn milliseconds(since: Instant) -> f64 {
    1000.0 * since.elapsed().as_secs_f64()
}

/// The time a scan takes in a process that has not loaded the library before.
fn scanned_ms() -> f64 {
    let output = own_process::command(&[], "scan", &[]).output().expect("this program runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.trim().parse().unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// Alone: prints how long the library takes to load and list its plugin, in milliseconds.
pub fn scan() {
    let library = library();
    let begun = Instant::now();
    let entry = host::load(&library).expect("the library is a CLAP plugin");
    let factory = entry.get_plugin_factory().expect("has plugins");
    assert_eq!(factory.plugin_descriptors().count(), 1, "lists its plugin");
    println!("{}", milliseconds(begun));
}

/// The plugin's library, which cargo built with this program.
fn library() -> PathBuf {
    let program = std::env::current_exe().expect("this program has a path");
    let name = format!("{}erbium{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let folders = program.ancestors().skip(1).take(2);
    let found = folders.map(|folder| folder.join(&name)).find(|path| path.exists());
    found.unwrap_or_else(|| panic!("no {name} beside {}", program.display()))
}
