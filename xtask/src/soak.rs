//! The long forms of the tests that do something again and again.

use crate::bundle::Profile;
use crate::{daw, test};
use anyhow::Result;

/// Run the long forms of the tests that do something again and again
///
/// Their names begin with soak; `cargo xtask test` runs them in a short form. They run one after the
/// other, so that what they measure is theirs.
///
/// With --daw a DAW plays the VST3 instead: Ardour, without its window, automates it, saves, loads again
/// and exports, and the exports are compared.
///
/// Example: cargo xtask soak --minutes 10 vst3
#[derive(clap::Args)]
pub struct Arguments {
    /// How many minutes each of them takes at least; each does what its long form says in any case
    #[arg(long, default_value_t = 0)]
    minutes: u32,
    /// Play the release VST3 in Ardour, which is installed where it is missing
    #[arg(long, conflicts_with_all = ["minutes", "words"])]
    daw: bool,
    /// Only say what would be installed and run
    #[arg(long)]
    dry_run: bool,
    /// Only those whose names go on with one of these words
    words: Vec<String>,
}

/// `cargo xtask soak`.
pub fn task(arguments: &Arguments) -> Result<()> {
    if arguments.daw {
        return daw::task(arguments.dry_run);
    }
    let Some(mut tests) = test::prepare(arguments.dry_run, Profile::Dev)? else { return Ok(()) };
    // All targets are built already; documentation has no long forms.
    tests.arg("--tests").env("ERBIUM_SOAK_MINUTES", arguments.minutes.to_string()).arg("--");
    if arguments.words.is_empty() {
        tests.arg("soak_");
    }
    tests.args(arguments.words.iter().map(|word| format!("soak_{word}")));
    test::run_and_sum(tests.args(["--nocapture", "--test-threads=1"]))
}
