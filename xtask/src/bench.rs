//! What Erbium costs on this machine.

use crate::bundle::mend;
use crate::python::{self, Package};
use crate::run::run;
use crate::setup;
use anyhow::Result;

/// Print a table of what the plugin costs on this machine
///
/// Builds as for release, which takes minutes the first time. Judge the figures on a quiet machine.
///
/// Example: cargo xtask bench cost steady
#[derive(clap::Args)]
pub struct Arguments {
    /// Only the groups whose names hold one of these words: cost, limit, rest, minimum-phase, steady, memory, scaling,
    /// offline, start, instructions, features, editor, feed
    groups: Vec<String>,
    /// Also what others cost for the same; installs them from PyPI into target/, 6 GB
    #[arg(long)]
    peers: bool,
    /// Also what the 32-band graphic equaliser of LSP costs; installs lsp-plugins-lv2 and lilv-utils
    #[arg(long)]
    lsp: bool,
    /// Print the rows as JSON
    #[arg(long)]
    json: bool,
    /// Keep the counts of instructions, for later ones to be compared with
    #[arg(long)]
    keep: bool,
    /// Only say what would be installed and run
    #[arg(long)]
    dry_run: bool,
}

/// The published ISAC and gammatone banks.
const PEERS: &[Package] = &[
    ("hybra", "2026.2.1"),
    ("pyfar", "0.8.1"),
    // hybra needs both, of one version.
    ("torch", "2.11.0"),
    ("torchaudio", "2.11.0"),
];

/// `cargo xtask bench`.
pub fn task(arguments: &Arguments) -> Result<()> {
    let mut groups = arguments.groups.clone();
    let counting =
        groups.is_empty() || groups.iter().any(|group| "instructions".contains(group.as_str()));
    setup::ensure_bench(counting, arguments.peers, arguments.lsp, arguments.dry_run)?;
    if arguments.dry_run {
        if arguments.peers {
            python::announce(PEERS, "venv-peers");
        }
        println!("Would build and run the benchmarks");
        return Ok(());
    }
    let mut command = mend::mended_cargo("bench")?;
    command.args(["-p", "erbium", "--bench", "cost", "--"]);
    if arguments.peers {
        command.env("ERBIUM_PEERS_PYTHON", python::ensure(PEERS, "venv-peers")?);
        if groups.is_empty() {
            command.arg("--peers");
        } else {
            groups.push("peers".to_owned());
        }
    }
    for (given, option) in
        [(arguments.json, "--json"), (arguments.keep, "--keep"), (arguments.lsp, "--lsp")]
    {
        if given {
            command.arg(option);
        }
    }
    run(command.args(&groups))
}
