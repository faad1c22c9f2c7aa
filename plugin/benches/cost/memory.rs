//! What instances keep in memory, by what the system says this program has.

use crate::cast::real;
use crate::engines::{DEFAULTS, Player};
use crate::row::Row;
use crate::sound::Playing;
use erbium_dsp::Bank;
use std::sync::Arc;

/// Engines, and instances of the plugin's chain.
const MANY: usize = 40;
/// Enough to touch every buffer there is.
const SAMPLES: usize = 48_000;

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, bank) in DEFAULTS.iter() {
        rows.push(Row::figure(
            format!("{name}: a stereo engine, without its bank"),
            engine_mb(bank),
            "MB",
            "2 MB or less with its bank",
        ));
        rows.push(Row::figure(
            format!("{name}: a bank"),
            bank_mb(bank),
            "MB",
            "kernels and matrix",
        ));
        let (instance_mb, designs) = instances(bank);
        rows.push(Row::figure(
            format!("{name}: an instance of the chain, one of {MANY}"),
            instance_mb,
            "MB",
            "queues to the window included",
        ));
        rows.push(Row::figure(
            format!("{name}: banks that {MANY} instances of equal settings hold"),
            real(designs),
            "",
            "1",
        ));
    }
    rows
}

/// Resident memory of this program in MB; nothing where the system does not tell.
fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1024.0
}

fn engine_mb(bank: &Arc<Bank>) -> f64 {
    let make = || {
        let mut player = Player::active(bank, 2);
        player.run(SAMPLES, 512);
        player.engine
    };
    // The first fills what the allocator keeps for itself.
    let _first = make();
    let before = resident_mb();
    let engines: Vec<_> = (0..MANY).map(|_| make()).collect();
    (resident_mb() - before) / real(engines.len())
}

/// A bank's lists, counted: what is small beside them is left out.
fn bank_mb(bank: &Bank) -> f64 {
    let kernels = bank.analysis_kernels().iter().chain(bank.dual_kernels());
    let taps: usize = kernels.map(|kernel| kernel.taps.len()).sum();
    // Taps are complex and of double precision, and so is the matrix of the bands.
    real(16 * taps + 2 * 8 * bank.bands() * bank.bands()) / real(1 << 20)
}

/// The memory of each of many chains, and how many banks they hold.
fn instances(bank: &Arc<Bank>) -> (f64, usize) {
    let make = || {
        let mut playing = Playing::new(bank.spec(), true);
        playing.run(SAMPLES, 512);
        playing
    };
    let first = make();
    let before = resident_mb();
    let playing: Vec<_> = (0..MANY).map(|_| make()).collect();
    let each_mb = (resident_mb() - before) / real(MANY);
    let mut banks: Vec<_> =
        playing.iter().chain([&first]).filter_map(|p| p.monitor.bank()).collect();
    banks.sort_by_key(Arc::as_ptr);
    banks.dedup_by(|a, b| Arc::ptr_eq(a, b));
    (each_mb, banks.len())
}
