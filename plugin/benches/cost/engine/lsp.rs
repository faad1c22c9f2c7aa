//! The graphic equaliser of LSP with 32 bands, as `lv2bench` runs it: `cargo xtask bench --lsp` installs both.

use crate::cast::real;
use crate::engine::players::{DEFAULTS, Player, least_s, percent};
use crate::row::Row;
use crate::signal::RATE_HZ;
use std::process::{Command, Stdio};
use std::time::Duration;

const URI: &str = "http://lsp-plug.in/plugins/lv2/graph_equalizer_x32_stereo";
const BLOCK: usize = 512;
/// Starting takes as long for few samples as for many.
const SAMPLES: [usize; 2] = [48_000, 2_400_000];
const RUNS: usize = 5;
const TURNS: usize = 60;
const OWN_SAMPLES: usize = 24_576;

pub fn rows() -> Vec<Row> {
    let what = "LSP graphic equaliser, 32 bands, per channel of a stereo instance";
    let mut least = f64::INFINITY;
    for _ in 0..RUNS {
        match SAMPLES.map(seconds) {
            [Ok(few), Ok(many)] => least = least.min(many - few),
            [Err(reason), _] | [_, Err(reason)] => {
                return vec![Row::new(what, "not measured", reason)];
            }
        }
    }
    let lsp = percent(least, SAMPLES[1] - SAMPLES[0], 2, RATE_HZ);
    let each = "% of a core";
    let mut rows = vec![Row::figure(what, lsp, each, "at its defaults, which are flat")];
    for (name, bank) in DEFAULTS.iter() {
        let (mut streamed, mut resting) = (Player::active(bank, 2), Player::resting(bank, 2));
        let seconds = least_s(
            TURNS,
            &mut [&mut || streamed.run(OWN_SAMPLES, BLOCK), &mut || {
                resting.run(OWN_SAMPLES, BLOCK)
            }],
        );
        let share = |at: usize| percent(seconds[at], OWN_SAMPLES, 2, RATE_HZ);
        let against = |share: f64| format!("{:.1} times less than it", lsp / share);
        rows.extend([
            Row::figure(format!("{name}: all bands, streamed"), share(0), each, against(share(0))),
            Row::figure(format!("{name}: all bands, at rest"), share(1), each, against(share(1))),
        ]);
    }
    rows
}

/// The processor time of so many samples, with all that starting takes.
fn seconds(samples: usize) -> Result<f64, String> {
    let before = of_children()?;
    let status = Command::new("lv2bench")
        .args(["-b", &BLOCK.to_string(), "-n", &samples.to_string(), URI])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("lv2bench: {error}; cargo xtask bench --lsp installs it"))?;
    if !status.success() {
        return Err(format!("lv2bench: {status}"));
    }
    Ok((of_children()? - before).as_secs_f64())
}

/// The processor time of all processes that this one has waited for.
fn of_children() -> Result<Duration, String> {
    let stat = std::fs::read_to_string("/proc/self/stat").map_err(|error| error.to_string())?;
    // After the name, which may hold anything, the state; user and system time of children are 13 and 14 on.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    let ticks: u64 = fields.skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_secs_f64(real(usize::try_from(ticks).unwrap_or(0)) / TICKS_HZ))
}

/// What the system counts processor time in, on every Linux.
const TICKS_HZ: f64 = 100.0;
