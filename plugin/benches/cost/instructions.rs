//! Instructions that the engine executes, counted by callgrind: they do not drift with the machine,
//! so that a change of a hundredth shows. The counts last kept are in `instructions.json` beside this
//! file; `cargo xtask bench instructions --keep` keeps new ones.

use crate::cast::real;
use crate::engine::players::{Player, default_specs, design};
use crate::own_process;
use crate::row::Row;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// What is played, and whether its bands are off unity.
const PLAYS: [(&str, usize, bool); 4] = [
    ("ISAC 21 ms, all bands", 0, true),
    ("ISAC 21 ms, flat", 0, false),
    ("gammatone 8 ms, all bands", 1, true),
    ("gammatone 8 ms, flat", 1, false),
];

/// Without and with sound: the difference holds no designing.
const SAMPLES: [usize; 2] = [0, 24_576];
const BLOCK: usize = 512;

/// Alone: plays one channel.
pub fn play(play: usize, samples: usize) {
    let (_, bank, active) = PLAYS[play];
    let bank = design(&default_specs()[bank].1);
    let mut player = if active { Player::active(&bank, 1) } else { Player::flat(&bank, 1) };
    // No clock: callgrind does not let programs read it in the way they do.
    player.roll(samples, BLOCK);
}

pub fn rows() -> Vec<Row> {
    let kept = read();
    let mut counted = Map::new();
    let mut rows = Vec::new();
    let counts: Vec<Result<f64, String>> = std::thread::scope(|scope| {
        // What else the machine does at the same time is not counted.
        let counts: Vec<_> =
            (0..PLAYS.len()).map(|play| scope.spawn(move || count_each(play))).collect();
        counts.into_iter().map(|count| count.join().expect("no panic")).collect()
    });
    for ((what, ..), count) in PLAYS.iter().zip(counts) {
        let each = match count {
            Ok(each) => each,
            Err(reason) => {
                rows.push(Row::new(*what, "not counted", reason));
                continue;
            }
        };
        let against = match kept.get(*what).and_then(Value::as_f64) {
            Some(kept) => format!("{:.3} × the {kept} kept", each / kept),
            None => "none kept".to_owned(),
        };
        rows.push(Row::figure(format!("{what}, a sample and channel"), each, "", against));
        counted.insert((*what).to_owned(), ((each * 10.0).round() / 10.0).into());
    }
    if std::env::args().any(|argument| argument == "--keep") {
        let text = format!("{:#}\n", Value::from(counted));
        std::fs::write(file(), text).expect("the counts can be written");
    }
    rows
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/cost/instructions.json")
}

fn read() -> Map<String, Value> {
    let text = std::fs::read_to_string(file()).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// The instructions of one sample.
fn count_each(play: usize) -> Result<f64, String> {
    let [without, with] = SAMPLES.map(|samples| count(play, samples));
    Ok((with? - without?) / real(SAMPLES[1] - SAMPLES[0]))
}

/// The instructions of this program while it designs a bank and plays.
fn count(play: usize, samples: usize) -> Result<f64, String> {
    let callgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"];
    let output = own_process::command(&callgrind, "play", &[play, samples])
        .output()
        .map_err(|_| "without valgrind: cargo xtask bench instructions installs it".to_owned())?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let collected = said.lines().find_map(|line| line.split_once("Collected : "));
    let collected = collected.and_then(|(_, count)| count.trim().parse().ok());
    collected
        .filter(|_| output.status.success())
        .ok_or_else(|| format!("callgrind failed: {}", said.lines().last().unwrap_or_default()))
}
