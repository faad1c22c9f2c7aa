//! What instances keep in memory, by what the system says a program has that makes nothing else.

use crate::cast::real;
use crate::engine::players::{DEFAULTS, Player, default_specs, design};
use crate::instance::Playing;
use crate::own_process;
use crate::row::Row;
use erbium_dsp::Bank;
use std::sync::Arc;

/// Engines, and instances of the plugin's chain.
const MANY: usize = 40;
/// Enough to touch every buffer there is.
const SAMPLES: usize = 48_000;

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (k, (name, bank)) in DEFAULTS.iter().enumerate() {
        let engine = printed("engines", k);
        let instance = printed("instances", k);
        let at = |figures: &[f64], k: usize| figures.get(k).copied().unwrap_or(f64::NAN);
        rows.extend([
            Row::figure(
                format!("{name}: a stereo engine, without its bank"),
                at(&engine, 0),
                "MB",
                "2 MB or less with its bank",
            ),
            Row::figure(format!("{name}: a bank"), bank_mb(bank), "MB", "kernels and matrices"),
            Row::figure(
                format!("{name}: an instance of the chain, one of {MANY}"),
                at(&instance, 0),
                "MB",
                "queues to the window included",
            ),
            Row::figure(
                format!("{name}: banks that {MANY} instances of equal settings hold"),
                at(&instance, 1),
                "",
                "1",
            ),
        ]);
    }
    rows
}

/// The figures that this program prints alone.
fn printed(what: &str, bank: usize) -> Vec<f64> {
    let output = own_process::command(&[], what, &[bank]).output().expect("this program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    text.split_whitespace().filter_map(|figure| figure.parse().ok()).collect()
}

/// Resident memory of this program in MB; nothing where the system does not tell.
fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1024.0
}

/// The memory that each of many things adds: the first of them fills what designing a bank has left
/// to be used again.
fn each_mb<T>(make: impl Fn() -> T) -> (f64, Vec<T>) {
    let mut all: Vec<T> = (0..MANY).map(|_| make()).collect();
    let before = resident_mb();
    all.extend((0..MANY).map(|_| make()));
    ((resident_mb() - before) / real(MANY), all)
}

/// Alone: prints the memory of each of many engines.
pub fn engines(bank: usize) {
    let bank = design(&default_specs()[bank].1);
    let (mb, _engines) = each_mb(|| {
        let mut player = Player::resting(&bank, 2);
        player.run(SAMPLES, 512);
        player.engine
    });
    println!("{mb}");
}

/// Alone: prints the memory of each of many chains, and how many banks they hold.
pub fn instances(bank: usize) {
    let (_, spec) = default_specs()[bank];
    let (mb, playing) = each_mb(|| {
        let mut playing = Playing::new(&spec, true);
        playing.run(SAMPLES, 512);
        playing
    });
    let mut banks: Vec<_> = playing.iter().filter_map(|p| p.telemetry.bank()).collect();
    banks.sort_by_key(Arc::as_ptr);
    banks.dedup_by(|a, b| Arc::ptr_eq(a, b));
    println!("{mb} {}", banks.len());
}

/// A bank's lists, counted: what is small beside them is left out.
fn bank_mb(bank: &Bank) -> f64 {
    /// Points between two centres at which a bank knows its bands' responses.
    const POINTS: usize = 8;
    let kernels = bank.analysis_kernels().iter().chain(bank.dual_kernels());
    let taps: usize = kernels.map(|kernel| kernel.taps.len()).sum();
    // Taps are complex and of double precision, and so are most of the matrices.
    real(16 * taps + (4 + 8 + 8 + 8 * POINTS) * bank.bands() * bank.bands()) / real(1 << 20)
}
