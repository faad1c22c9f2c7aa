//! Instructions that the engine executes, counted by callgrind: they do not drift with the machine,
//! so that a change of a hundredth shows. The counts last kept are in `instructions.json` beside this
//! file; `cargo xtask bench instructions --keep` keeps new ones.

use crate::cast::real;
use crate::engines::{DEFAULTS, Player};
use crate::row::Row;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What this program is called with under callgrind, followed by what to play and how long.
const ALONE: &str = "--play-alone";

/// What is played, and whether its bands are off unity.
const PLAYS: [(&str, usize, bool); 4] = [
    ("ISAC 21 ms, all bands", 0, true),
    ("ISAC 21 ms, flat", 0, false),
    ("gammatone 8 ms, all bands", 1, true),
    ("gammatone 8 ms, flat", 1, false),
];

/// Two lengths: their difference holds no designing.
const SAMPLES: [usize; 2] = [12_288, 24_576];
const BLOCK: usize = 512;

/// Plays one channel, where the arguments ask for that and nothing else.
pub fn play_alone(arguments: &[String]) -> bool {
    let [first, play, samples, ..] = arguments else { return false };
    if first != ALONE {
        return false;
    }
    let play = play.parse::<usize>().ok().and_then(|play| PLAYS.get(play));
    let (Some((_, bank, active)), Ok(samples)) = (play, samples.parse()) else { return false };
    let (_, bank) = &DEFAULTS[*bank];
    let mut player = if *active { Player::active(bank, 1) } else { Player::flat(bank, 1) };
    player.run(samples, BLOCK);
    true
}

pub fn rows() -> Vec<Row> {
    let kept = read();
    let mut counted = Map::new();
    let mut rows = Vec::new();
    for (play, (what, ..)) in PLAYS.iter().enumerate() {
        let counts = SAMPLES.map(|samples| count(play, samples));
        let [fewer, more] = match counts {
            [Ok(fewer), Ok(more)] => [fewer, more],
            [Err(reason), _] | [_, Err(reason)] => {
                rows.push(Row::new(*what, "not counted", reason));
                continue;
            }
        };
        let each = (more - fewer) / real(SAMPLES[1] - SAMPLES[0]);
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

/// The instructions of this program while it plays.
fn count(play: usize, samples: usize) -> Result<f64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([ALONE, &play.to_string(), &samples.to_string()])
        .output()
        .map_err(|_| "without valgrind: cargo xtask bench instructions installs it".to_owned())?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let collected = said.lines().find_map(|line| line.split_once("Collected : "));
    let collected = collected.and_then(|(_, count)| count.trim().parse().ok());
    collected
        .filter(|_| output.status.success())
        .ok_or_else(|| format!("callgrind failed: {}", said.lines().last().unwrap_or_default()))
}
