//! What others cost for the same: the plain form compiled from C, the published ISAC in hybra, the
//! gammatone bank of pyfar. `cargo xtask bench --peers` installs and runs them.

use crate::cast::real;
use crate::engine::players::{DEFAULTS, Frames, Player, least_s, percent};
use crate::row::Row;
use crate::signal::RATE_HZ;
use erbium_dsp::Bank;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// A Python interpreter with the peers' packages.
const PYTHON: &str = "ERBIUM_PEERS_PYTHON";

const TURNS: usize = 60;
const C_TURNS: usize = 9;
const SAMPLES: usize = 24_576;
const C_SAMPLES: usize = 480_000;

pub fn rows() -> Vec<Row> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/cost/engine/peers");
    let [(_, isac), (_, gammatone)] = &*DEFAULTS;
    let mut rows = vec![];
    for (flags, target) in [
        (&["-O3", "-march=native"][..], "2.5 or more"),
        (&["-O3", "-march=native", "-ffast-math"], "sums may be reordered, so vectors do them"),
    ] {
        let what = format!("ISAC 21 ms: direct form in C, cc {}", flags.join(" "));
        let seconds = plain_c(&folder, isac, flags);
        rows.extend(compared(&what, isac, seconds, [target, ""]));
    }
    for (what, script, bank, target) in [
        ("hybra 2026.2.1, ISAC encoder and decoder", "hybra_isac.py", isac, "400 or more"),
        (
            "pyfar 0.8.1, gammatone and reconstruction",
            "pyfar_gammatone.py",
            gammatone,
            "30 or more",
        ),
    ] {
        let [first, least] = script_s(&folder.join(script));
        rows.extend(compared(&format!("{what}, first call"), bank, first, [""; 2]));
        rows.extend(compared(&format!("{what}, least of 5"), bank, least, [target; 2]));
    }
    rows
}

/// A peer's cost, from its time for a second of sound, and how many times faster the live engine is right
/// now, in blocks of 512, and the same bank with the whole sound before it, as peers have it.
fn compared(
    what: &str,
    bank: &Arc<Bank>,
    peer: Result<f64, String>,
    [live, whole]: [&str; 2],
) -> Vec<Row> {
    let peer = match peer {
        Ok(seconds) => 100.0 * seconds,
        Err(reason) => return vec![Row::new(what, "not measured", reason)],
    };
    let (mut player, mut frames) = (Player::active(bank, 2), Frames::active(bank));
    let seconds = least_s(TURNS, &mut [&mut || player.run(SAMPLES, 512), &mut || frames.run()]);
    let own = percent(seconds[0], SAMPLES, 2, RATE_HZ);
    let offline = percent(seconds[1], Frames::SAMPLES, 2, RATE_HZ);
    vec![
        Row::figure(format!("{what}, per channel"), peer, "% of a core", ""),
        Row::figure("    live engine, times faster", peer / own, "×", live),
        Row::figure("    whole sound offline, times faster", peer / offline, "×", whole),
    ]
}

/// The processor time of a second of sound in the plain form in C, compiled with these flags.
fn plain_c(folder: &Path, bank: &Bank, flags: &[&str]) -> Result<f64, String> {
    let temporary = tempfile::tempdir().map_err(|error| error.to_string())?;
    let program = temporary.path().join("direct_form");
    let mut cc = Command::new("cc");
    cc.args(flags).arg(folder.join("direct_form.c")).arg("-o").arg(&program);
    output(&mut cc)?;
    let list = temporary.path().join("bank.txt");
    let band = |k: usize| {
        let [heard, sounding] =
            [bank.analysis_kernels(), bank.dual_kernels()].map(|kernels| kernels[k].taps.len());
        format!("\n{heard} {sounding} {} {}", bank.strides()[k], bank.phases()[k])
    };
    let text: String = (0..bank.bands()).map(band).collect();
    std::fs::write(&list, format!("{}{text}\n", bank.bands())).map_err(|e| e.to_string())?;
    let mut least = f64::INFINITY;
    for _ in 0..C_TURNS {
        let mut command = Command::new(&program);
        let printed = output(command.arg(&list).arg(C_SAMPLES.to_string()))?;
        least = least.min(number(&printed)?);
    }
    Ok(least * RATE_HZ / real(C_SAMPLES))
}

/// The processor times of a second of sound that a script prints: of the first call, and the least.
fn script_s(script: &Path) -> [Result<f64, String>; 2] {
    let printed = || {
        let python = std::env::var_os(PYTHON)
            .ok_or("without its Python environment: cargo xtask bench --peers makes it")?;
        let mut command = Command::new(python);
        // One core, as the engine has.
        command.envs([("OMP_NUM_THREADS", "1"), ("OPENBLAS_NUM_THREADS", "1")]);
        output(command.arg(script).arg("5"))
    };
    let printed = printed();
    [0, 1].map(|at| {
        let text = printed.as_ref().map_err(String::clone)?;
        number(text.split_whitespace().nth(at).unwrap_or_default())
    })
}

fn number(text: &str) -> Result<f64, String> {
    text.trim().parse().map_err(|_| format!("printed {text:?}, which is no time"))
}

/// What a command prints, which has to succeed.
fn output(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("cannot run {name}: {error}"))?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{name} failed: {}", error.lines().last().unwrap_or_default()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
