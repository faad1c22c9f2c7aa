//! What Erbium costs on this machine.

use crate::run::{cargo, run};
use crate::setup;
use anyhow::Result;

/// Print a table of what the plugin costs on this machine
///
/// Builds as for release, which takes minutes the first time.
///
/// Example: cargo xtask bench editor
#[derive(clap::Args)]
pub struct Arguments {
    /// Only the groups whose names hold one of these words: editor, feed, features
    groups: Vec<String>,
    /// Only say what would be installed and run
    #[arg(long)]
    dry_run: bool,
}

/// `cargo xtask bench`.
pub fn task(arguments: &Arguments) -> Result<()> {
    setup::ensure_build(arguments.dry_run)?;
    if arguments.dry_run {
        println!("Would build and run the benchmarks");
        return Ok(());
    }
    run(cargo().args(["bench", "-p", "erbium", "--bench", "cost", "--"]).args(&arguments.groups))
}
