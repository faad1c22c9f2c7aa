//! All tests, against bundles built just before in the dev profile, in target/bundled-dev.

use crate::bundle::mend;
use crate::bundle::{self, Profile};
use crate::python::{self, Package};
use crate::setup;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Install what the tests need, build the bundles and run every test
///
/// System packages are installed only where missing; the Python host goes into target/venv.
///
/// Example: cargo xtask test -- latency
#[derive(clap::Args)]
pub struct Arguments {
    /// Only say what would be installed and run
    #[arg(long)]
    dry_run: bool,
    /// What cargo test is given after its own options, for example part of a test's name
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// The VST3 host and what it needs, from PyPI.
const PYTHON_PACKAGES: &[Package] = &[("numpy", "2.2.6"), ("pedalboard", "0.9.26")];

/// `cargo xtask test`.
pub fn task(arguments: &Arguments) -> Result<()> {
    let Some(mut tests) = prepare(arguments.dry_run, Profile::Dev)? else { return Ok(()) };
    run_and_sum(tests.arg("--").args(&arguments.arguments))
}

/// Installs and builds what the tests need. Returns the command that runs them all, but for what the
/// tests themselves are given; nothing where it shall only be said.
pub fn prepare(dry_run: bool, profile: Profile) -> Result<Option<Command>> {
    setup::ensure_tests(dry_run)?;
    if dry_run {
        python::announce(PYTHON_PACKAGES, "venv");
        println!("Would build the bundles and run cargo test --workspace");
        return Ok(None);
    }
    let python = python::ensure(PYTHON_PACKAGES, "venv")?;
    let bundles = bundle::build(profile)?;
    // Nothing of the settings of whoever runs the tests is read, and nothing written.
    let settings = bundles.clap.with_file_name("settings-of-tests");
    if settings.exists() {
        std::fs::remove_dir_all(&settings)?;
    }
    std::fs::create_dir_all(&settings)?;
    let mut tests = mend::mended_cargo("test")?;
    tests
        .args(["--workspace", "--no-fail-fast"])
        .env("ERBIUM_CLAP", bundles.clap)
        .env("ERBIUM_VST3", bundles.vst3)
        .env("ERBIUM_PROGRAM", bundles.program)
        .env("ERBIUM_PYTHON", python)
        .env("XDG_CONFIG_HOME", settings)
        .stdin(Stdio::null());
    Ok(Some(tests))
}

/// Passed, failed, ignored, measured and filtered out.
type Counts = [u64; 5];

/// Runs the tests and ends with one summary line of all binaries in the test runner's own form.
pub fn run_and_sum(command: &mut Command) -> Result<()> {
    let start = Instant::now();
    let mut total = Counts::default();
    let success = run(command, &mut total)?;
    let [passed, failed, ignored, measured, filtered] = total;
    let verdict = if success { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {verdict}. {passed} passed; {failed} failed; {ignored} ignored; \
         {measured} measured; {filtered} filtered out; finished in {:.2}s",
        start.elapsed().as_secs_f64()
    );
    if !success {
        bail!("the tests failed");
    }
    if passed == 0 {
        bail!("no test ran");
    }
    Ok(())
}

/// Runs a command, passing its output on, and adds up its summary lines. Returns its success.
fn run(command: &mut Command, total: &mut Counts) -> Result<bool> {
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot run cargo test")?;
    let output = child.stdout.take().context("cannot read what cargo test prints")?;
    let mut stdout = std::io::stdout();
    for line in BufReader::new(output).lines() {
        let line = line?;
        writeln!(stdout, "{line}")?;
        if let Some(counts) = counts(&line) {
            for (sum, count) in total.iter_mut().zip(counts) {
                *sum += count;
            }
        }
    }
    Ok(child.wait()?.success())
}

/// The counts of a summary line, in the runner's order.
fn counts(line: &str) -> Option<Counts> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut numbers = counts.split(';').map(|part| part.split_whitespace().next()?.parse().ok());
    let mut result = Counts::default();
    for count in &mut result {
        *count = numbers.next()??;
    }
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn reads_a_summary_line() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 7 filtered \
                    out; finished in 0.52s";
        assert_eq!(counts(line), Some([12, 3, 1, 0, 7]));
        assert_eq!(counts("test flat ... ok"), None);
    }
}
