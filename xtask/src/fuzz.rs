//! Coverage-guided fuzzing of everything that reads what Erbium has not written.

use crate::bundle::mend;
use crate::nightly::{self, TARGET};
use crate::run::{run, target_dir};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Look for input that breaks what must hold for any input
///
/// Builds the programs in fuzz/ by Rust's nightly toolchain with libFuzzer and the address sanitizer,
/// and runs them one after the other. What they learn lies in target/fuzz/corpus, what breaks them in
/// target/fuzz/findings: a finding is mended, and kept in fuzz/seeds, which the tests run over.
///
/// Example: cargo xtask fuzz --minutes 10 wav flac
#[derive(clap::Args)]
pub struct Arguments {
    /// Minutes for each
    #[arg(long, default_value_t = 1)]
    minutes: u32,
    /// Only say what would be installed and run
    #[arg(long)]
    dry_run: bool,
    /// Only these; all unless given
    targets: Vec<String>,
}

/// The longest input, in bytes.
const INPUT_BYTES_MAX: usize = 1 << 16;
/// The most memory, in MiB, the sanitizer's own included; and the most time for one input, in seconds.
const MEMORY_MIB: u32 = 2048;
const INPUT_SECONDS: u32 = 30;

/// As libFuzzer needs them: counters at every edge, and comparisons that it sees.
const RUST_FLAGS: &str = "\
    --cfg fuzzing --cfg sanitized -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Zsanitizer=address -Cdebug-assertions";

/// `cargo xtask fuzz`.
pub fn task(arguments: &Arguments) -> Result<()> {
    let names = targets()?;
    if let Some(unknown) = arguments.targets.iter().find(|name| !names.contains(name)) {
        bail!("unknown target \"{unknown}\"; possible: {}", names.join(", "));
    }
    let names = if arguments.targets.is_empty() { &names } else { &arguments.targets };
    if arguments.dry_run {
        println!("Would install Rust's nightly toolchain where it is missing, and run {names:?}");
        return Ok(());
    }
    let folder = target_dir()?.join("fuzz");
    build(&folder)?;
    let rows = names.iter().map(|name| fuzz(&folder, name, arguments.minutes));
    let rows = rows.collect::<Result<Vec<_>>>()?;
    println!("\n| target | runs | runs a second | edges | memory, MiB | findings |");
    println!("|---|---|---|---|---|---|");
    for Row { name, runs, runs_per_second, edges, memory_mib, findings } in &rows {
        println!("| {name} | {runs} | {runs_per_second} | {edges} | {memory_mib} | {findings} |");
    }
    let findings: usize = rows.iter().map(|row| row.findings).sum();
    ensure!(findings == 0, "{findings} findings, in {}", folder.join("findings").display());
    Ok(())
}

/// The names of all targets: their seeds' folders.
fn targets() -> Result<Vec<String>> {
    let seeds = fs::read_dir("fuzz/seeds").context("cannot read fuzz/seeds")?;
    let names = seeds.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

fn build(folder: &Path) -> Result<()> {
    nightly::ensure(&[])?;
    run(nightly::cargo("build")
        .args(mend::cargo_options()?)
        .args(["--package", "erbium-fuzz", "--features", "libfuzzer", "--bins", "--release"])
        .args(["--target", TARGET, "--target-dir"])
        .arg(folder)
        .env("RUSTFLAGS", RUST_FLAGS)
        // Quicker to build; what is run is as it is.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .stdin(Stdio::null()))
}

/// What came of a target.
struct Row {
    name: String,
    runs: String,
    runs_per_second: String,
    edges: String,
    memory_mib: String,
    findings: usize,
}

fn fuzz(folder: &Path, name: &str, minutes: u32) -> Result<Row> {
    println!("\n== {name}");
    let make = |of: &str| -> Result<PathBuf> {
        let made = folder.join(of).join(name);
        fs::create_dir_all(&made).with_context(|| format!("cannot make {}", made.display()))?;
        Ok(made)
    };
    let (corpus, findings) = (make("corpus")?, make("findings")?);
    let count = || fs::read_dir(&findings).map_or(0, Iterator::count);
    let before = count();
    let log_path = folder.join(format!("{name}.log"));
    let log = fs::File::create(&log_path)?;
    let mut fuzzer = Command::new(folder.join(TARGET).join("release").join(name));
    fuzzer
        .arg(&corpus)
        .arg(Path::new("fuzz/seeds").join(name))
        .arg(format!("-max_total_time={}", 60 * minutes))
        .arg(format!("-max_len={INPUT_BYTES_MAX}"))
        .arg(format!("-rss_limit_mb={MEMORY_MIB}"))
        .arg(format!("-timeout={INPUT_SECONDS}"))
        .arg(format!("-artifact_prefix={}/", findings.display()))
        .arg("-print_final_stats=1")
        // What lives as long as the process is no leak of a reader.
        .env("ASAN_OPTIONS", "detect_leaks=0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    let status = fuzzer.status().with_context(|| format!("cannot run the fuzzer of {name}"))?;
    let said = String::from_utf8_lossy(&fs::read(&log_path)?).into_owned();
    let findings = count() - before;
    if !status.success() || findings > 0 {
        let first = said.lines().find(|line| line.contains("panicked") || line.contains("ERROR"));
        println!("broken: {} (see {})", first.unwrap_or("no reason"), log_path.display());
    }
    let statistic = |name: &str| {
        let value = said.lines().find_map(|line| line.strip_prefix(&format!("stat::{name}:")));
        value.unwrap_or("?").trim().to_owned()
    };
    let edges = said.lines().rev().find_map(|line| line.split_once(" cov: "));
    let edges = edges.and_then(|(_, rest)| rest.split(' ').next()).unwrap_or("?").to_owned();
    Ok(Row {
        name: name.to_owned(),
        runs: statistic("number_of_executed_units"),
        runs_per_second: statistic("average_exec_per_sec"),
        edges,
        memory_mib: statistic("peak_rss_mb"),
        findings: findings.max(usize::from(!status.success())),
    })
}
