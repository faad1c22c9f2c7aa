//! Tests under what sees the faults that they themselves do not.

use crate::bundle::{Profile, mend};
use crate::nightly::{self, TARGET};
use crate::run::{run, target_dir};
use crate::{setup, test};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Run tests under what sees races, stray memory, undefined behaviour and what the audio thread may not do
///
/// What is built for it lies in target/sanitize; all but realtime need Rust's nightly toolchain, which is
/// installed where it is missing.
///
/// Example: cargo xtask sanitize thread -- changes
#[derive(clap::Args)]
pub struct Arguments {
    /// Only say what would be installed and run
    #[arg(long)]
    dry_run: bool,
    /// Only these; all unless given
    sanitizers: Vec<Sanitizer>,
    /// Only tests whose names hold one of these words, but for miri
    #[arg(last = true)]
    words: Vec<String>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Sanitizer {
    /// The audio thread, in every test in which a host of ours plays what users install: it never allocates,
    /// frees, calls the system or takes a lock
    Realtime,
    /// Races between threads, in the same tests
    Thread,
    /// Memory that is not the plugin's own or is left behind, over 1000 instances that come and go
    Address,
    /// Undefined behaviour, in small tests of the library and of the queues between threads
    Miri,
}

use Sanitizer::{Address, Miri, Realtime, Thread};

/// `cargo xtask sanitize`.
pub fn task(arguments: &Arguments) -> Result<()> {
    let all = [Realtime, Thread, Address, Miri];
    let given = &arguments.sanitizers;
    for sanitizer in if given.is_empty() { &all[..] } else { given } {
        println!("\n== {sanitizer:?}");
        if arguments.dry_run {
            println!("Would install what is missing, build for it and run its tests");
            continue;
        }
        match sanitizer {
            Realtime => realtime(&arguments.words)?,
            Thread => thread(&arguments.words)?,
            Address => address(&arguments.words)?,
            Miri => miri()?,
        }
    }
    Ok(())
}

/// Makes every test watch locks, see `erbium_tests::realtime`.
const WATCH_LOCKS: &str = "ERBIUM_WATCH_LOCKS";

fn realtime(words: &[String]) -> Result<()> {
    let Some(mut tests) = test::prepare(false, Profile::Release)? else { return Ok(()) };
    for name in host_tests()? {
        tests.args(["--test", &name]);
    }
    tests.env(WATCH_LOCKS, "1").arg("--").args(words);
    test::run_and_sum(&mut tests)
}

/// Those of them in which it is the program that runs, or a host that is not built here.
const FOREIGN: [&str; 3] = ["demo", "vst3", "window"];

/// The test programs in which a host plays the plugin.
fn host_tests() -> Result<Vec<String>> {
    let entries = fs::read_dir("tests/tests").context("cannot read tests/tests")?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.file_stem().context("a file without a name")?;
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// A build for a sanitizer.
struct Build {
    folder: PathBuf,
    flags: String,
    /// The standard library as well: a race that passes through it is else taken for two.
    with_standard_library: bool,
}

impl Build {
    fn new(sanitizer: &str, with_standard_library: bool) -> Result<Self> {
        let folder = target_dir()?.join("sanitize").join(sanitizer);
        // The plugin finds the sanitizer in the program that loads it.
        let flags =
            format!("-Zsanitizer={sanitizer} --cfg sanitized -Clink-arg=-Wl,--export-dynamic");
        Ok(Self { folder, flags, with_standard_library })
    }

    fn cargo(&self, command: &str) -> Result<Command> {
        let mut cargo = nightly::cargo(command);
        cargo.args(mend::cargo_options()?);
        if self.with_standard_library {
            cargo.arg("-Zbuild-std");
        }
        cargo
            .args(["--target", TARGET, "--target-dir"])
            .arg(&self.folder)
            .env("RUSTFLAGS", &self.flags)
            // Quicker to run, by more than it takes longer to build.
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
            .env("CARGO_INCREMENTAL", "0")
            .stdin(Stdio::null());
        Ok(cargo)
    }

    /// The tests of the plugin that is built here; to be given their names.
    fn host_tests(&self) -> Result<Command> {
        run(self.cargo("build")?.args(["--package", "erbium", "--lib"]))?;
        let library = self.folder.join(TARGET).join("debug/liberbium.so");
        let bundles = self.folder.join("bundled");
        let vst3 = bundles.join("Erbium.vst3/Contents").join("x86_64-linux/Erbium.so");
        let clap = bundles.join("Erbium.clap");
        for file in [&vst3, &clap] {
            copy(&library, file)?;
        }
        let mut tests = self.cargo("test")?;
        tests
            .args(["--package", "erbium-tests", "--no-fail-fast"])
            .env("ERBIUM_CLAP", clap)
            .env("ERBIUM_VST3", bundles.join("Erbium.vst3"));
        for name in host_tests()?.iter().filter(|name| !FOREIGN.contains(&name.as_str())) {
            tests.args(["--test", name]);
        }
        Ok(tests)
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let what = || format!("cannot copy {} to {}", from.display(), to.display());
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(what)?;
    }
    fs::copy(from, to).with_context(what)?;
    Ok(())
}

/// What the thread sanitizer is told: the libraries by which windows are drawn and connected are not built for
/// it, and their own locks are unknown to it.
const THREAD_OPTIONS: &str = "ignore_noninstrumented_modules=1:second_deadlock_stack=1";

/// What measures memory, of which the sanitizer takes as much again, or waits for a design no longer than one
/// takes without it.
const UNFIT: [&str; 2] = ["a_hundred_instances_share", "a_bank_is_never_designed"];

fn thread(words: &[String]) -> Result<()> {
    setup::ensure_tests(false)?;
    nightly::ensure(&["rust-src"])?;
    let mut tests = Build::new("thread", true)?.host_tests()?;
    tests.env("TSAN_OPTIONS", THREAD_OPTIONS).arg("--").args(words);
    for name in UNFIT {
        tests.args(["--skip", name]);
    }
    test::run_and_sum(&mut tests)
}

/// The tests of instances that come and go, and what the address sanitizer is told: what is freed it keeps for
/// a while, but not so much that the test of memory would take that for a loss.
const COME_AND_GO: &str = "come_and_go";
const ADDRESS_OPTIONS: &str = "detect_leaks=1:quarantine_size_mb=4";

fn address(words: &[String]) -> Result<()> {
    setup::ensure_tests(false)?;
    nightly::ensure(&[])?;
    let mut tests = Build::new("address", false)?.host_tests()?;
    tests.env("ASAN_OPTIONS", ADDRESS_OPTIONS).env("ERBIUM_SOAK_MINUTES", "0").arg("--");
    if words.is_empty() {
        tests.arg(COME_AND_GO);
    }
    test::run_and_sum(tests.args(words).args(["--nocapture", "--test-threads=1"]))
}

/// A package, and those of its tests that take Miri, which runs a thousand times slower, a few minutes.
type Small = (&'static str, &'static [&'static str]);

const SMALL: &[Small] = &[
    (
        "erbium-dsp",
        &[
            "stream::simd",
            "a_matrix_is_multiplied_by_every_width",
            "feature::deltas",
            "feature::decibel",
        ],
    ),
    (
        "erbium",
        &[
            "the_last_request_is_answered_over_these_queues",
            "frames_come_whole_and_in_order",
            "threads_that_race_keep_the_last_load",
            "another_audio_thread_begins",
        ],
    ),
];

/// Folders and the clock are the system's; a logarithm is the same each time, as the C library's is: Miri would
/// draw its last digits.
const MIRI_FLAGS: &str = "-Zmiri-disable-isolation -Zmiri-deterministic-floats";

fn miri() -> Result<()> {
    nightly::ensure(&["miri", "rust-src"])?;
    for (package, names) in SMALL {
        let mut tests = nightly::cargo("miri");
        tests
            .arg("test")
            .args(mend::cargo_options()?)
            .args(["--package", package, "--lib", "--target-dir"])
            .arg(target_dir()?.join("sanitize/miri"))
            .arg("--")
            .args(*names);
        tests.env("MIRIFLAGS", MIRI_FLAGS);
        test::run_and_sum(tests.stdin(Stdio::null()))?;
    }
    Ok(())
}
