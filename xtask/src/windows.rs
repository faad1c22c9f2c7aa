//! Everything for Windows, built and tried on Linux: mingw builds it, wine runs it.

use crate::bundle::mend;
use crate::bundle::{self, Bundles};
use crate::run::{output_of, run, succeeds, target_dir};
use crate::setup;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Build the Windows plugins, program and tests with mingw, and run them under wine
///
/// Runs the library's tests, the CLAP host tests, the demo and the program's window, and compares a
/// file rendered by the Windows program with one rendered by the program of this system. The bundles
/// lie in target/bundled-windows, a picture of the window beside them.
///
/// Example: cargo xtask windows
#[derive(clap::Args)]
pub struct Arguments {
    /// Only say what would be installed and run
    #[arg(long)]
    dry_run: bool,
}

/// What is built for.
const TARGET: &str = "x86_64-pc-windows-gnu";
/// The most that a render with gains may differ from this system's, in dB of the change.
const MOST_APART_DB: f64 = -115.0;
/// The library's tests, by program; the CLAP host's.
const DSP_TESTS: &[&str] =
    &["bank", "golden", "engine", "display", "no_allocation", "no_sound", "offline"];
const HOST_TESTS: &[&str] = &["clap_audio", "clap_changes", "clap_state", "clap_golden"];

/// `bcryptprimitives.dll`, which Rust's standard library imports and wine before 8.4 lacks: random
/// bytes by the older function of the same system.
const RANDOM_BYTES: &str = "\
int __stdcall SystemFunction036(void *bytes, unsigned long count);
__declspec(dllexport) int __stdcall ProcessPrng(void *bytes, unsigned long long count) {
    return SystemFunction036(bytes, (unsigned long)count);
}
";

/// `cargo xtask windows`.
pub fn task(arguments: &Arguments) -> Result<()> {
    setup::ensure_windows(arguments.dry_run)?;
    if arguments.dry_run {
        println!("Would build for {TARGET} and run the tests, the demo and the window under wine");
        return Ok(());
    }
    ensure_target()?;
    let wine = Wine::new(&target_dir()?.join("windows"))?;
    let native = bundle::build(bundle::Profile::Dev)?;
    let windows = build()?;

    step("Tests of the library");
    let mut tests = cross("test")?;
    tests.arg("--lib").args(DSP_TESTS.iter().flat_map(|name| ["--test", name]));
    // The model checker's tests run on stacks of their own, from which wine cannot unwind.
    tests.args(["--", "--skip", "exchange"]);
    run(wine.environment(&mut tests))?;

    step("Tests of the CLAP plugin in a host");
    let mut tests = cross("test")?;
    tests.args(HOST_TESTS.iter().flat_map(|name| ["--test", name]));
    run(wine
        .environment(&mut tests)
        .env("ERBIUM_CLAP", &windows.clap)
        .env("ERBIUM_PROGRAM", &windows.program))?;

    step("A file rendered here and there");
    renders(&wine, &native, &windows)?;

    step("The demo");
    let demo = target_dir()?.join(TARGET).join("debug/erbium-demo.exe");
    let output = wine.folder.join("demo.wav");
    run(wine
        .command(&demo)
        .arg("tests/data/demo.wav")
        .args(["--preset", "plugin/presets/presence.json", "--clap"])
        .arg(&windows.clap)
        .arg("--output")
        .arg(&output))?;

    step("The window");
    window(&wine, &windows)?;
    Ok(())
}

fn step(what: &str) {
    println!("\n== {what}");
}

/// Cargo for Windows, with everything the workspace builds together, so that nothing is built twice.
fn cross(task: &str) -> Result<Command> {
    let mut command = mend::mended_cargo(task)?;
    // The plain compilers of Debian have no threads of POSIX, which C++ in dependencies asks for.
    command
        .args([
            "--workspace",
            "--exclude",
            "xtask",
            "--exclude",
            "erbium-python",
            "--target",
            TARGET,
        ])
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", "x86_64-w64-mingw32-gcc-posix")
        .env("CC_x86_64_pc_windows_gnu", "x86_64-w64-mingw32-gcc-posix")
        .env("CXX_x86_64_pc_windows_gnu", "x86_64-w64-mingw32-g++-posix")
        .stdin(Stdio::null());
    Ok(command)
}

/// Builds for Windows, in the profile the tests use, and bundles into target/bundled-windows.
fn build() -> Result<Bundles> {
    run(cross("build")?.args(["--lib", "--bins", "--tests"]))?;
    let target = target_dir()?;
    let options = ["--target".to_owned(), TARGET.to_owned()];
    let bundled = bundle::bundle_aside(&target, &options, "bundled-windows")?;
    bundle::add_notices(&bundled, TARGET)?;
    Ok(Bundles {
        clap: bundled.join("Erbium.clap"),
        vst3: bundled.join("Erbium.vst3"),
        program: bundled.join("Erbium.exe"),
    })
}

/// Rust's standard library for Windows.
fn ensure_target() -> Result<()> {
    let there =
        output_of(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]))?;
    if Path::new(there.trim()).is_dir() {
        return Ok(());
    }
    run(Command::new("rustup").args(["target", "add", TARGET]))
}

/// A Windows of its own inside target/.
struct Wine {
    folder: PathBuf,
}

impl Wine {
    /// Makes it where it is not there yet.
    fn new(folder: &Path) -> Result<Self> {
        let wine = Self { folder: folder.to_owned() };
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        wine.end();
        run(wine.environment(Command::new("wineboot").arg("--init")))?;
        let system = wine.prefix().join("drive_c/windows/system32");
        let library = system.join("bcryptprimitives.dll");
        if !library.exists() {
            let source = folder.join("bcryptprimitives.c");
            fs::write(&source, RANDOM_BYTES)?;
            run(Command::new("x86_64-w64-mingw32-gcc-posix")
                .arg("-shared")
                .arg(&source)
                .arg("-o")
                .arg(&library)
                .arg("-ladvapi32"))?;
        }
        Ok(wine)
    }

    /// Ends whatever runs in it, also what an earlier task left.
    fn end(&self) {
        succeeds(self.environment(Command::new("wineserver").arg("--kill")));
    }

    fn prefix(&self) -> PathBuf {
        self.folder.join("wine")
    }

    /// A command's variables so that what it starts runs in this Windows.
    fn environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("WINEPREFIX", self.prefix())
            .env("WINEDEBUG", "-all")
            // No browser and no .NET are asked for.
            .env("WINEDLLOVERRIDES", "mscoree,mshtml=")
            .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", "wine")
            .stdin(Stdio::null())
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("wine");
        self.environment(&mut command).arg(program);
        command
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        self.end();
    }
}

/// The demo recording flat and with gains, by both programs.
fn renders(wine: &Wine, native: &Bundles, windows: &Bundles) -> Result<()> {
    let input = Path::new("tests/data/demo.wav");
    let presets: [(&str, &[&str]); 2] =
        [("flat", &[]), ("gains", &["--preset", "plugin/presets/presence.json"])];
    for (name, options) in presets {
        let outputs = ["here", "windows"].map(|by| wine.folder.join(format!("{name}-{by}.wav")));
        let commands = [Command::new(&native.program), wine.command(&windows.program)];
        for (mut command, output) in commands.into_iter().zip(&outputs) {
            run(command.arg("render").arg(input).args(options).arg("-o").arg(output))?;
        }
        let [here, there] = outputs.each_ref().map(fs::read);
        let (here, there) = (here?, there?);
        if name == "flat" {
            ensure!(here == there, "the flat render is not the same file under Windows");
            println!("flat: equal bit for bit, {} bytes", here.len());
            continue;
        }
        let [here, there] = [samples(&outputs[0])?, samples(&outputs[1])?];
        let flat = samples(&wine.folder.join("flat-here.wav"))?;
        ensure!(here.len() == there.len() && here.len() == flat.len(), "the lengths differ");
        let power = |a: &[f32], b: &[f32]| -> f64 {
            a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum()
        };
        let apart_db = 10.0 * (power(&there, &here) / power(&here, &flat)).log10();
        println!("with gains: apart by {apart_db:.1} dB of the change");
        ensure!(apart_db <= MOST_APART_DB, "more than {MOST_APART_DB} dB apart");
    }
    Ok(())
}

fn samples(path: &Path) -> Result<Vec<f32>> {
    let mut reader =
        hound::WavReader::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(reader.samples::<f32>().collect::<Result<_, _>>()?)
}

/// The test of the program's window, with the Windows program in place of this system's.
fn window(wine: &Wine, windows: &Bundles) -> Result<()> {
    // Its desktop has no screen, as nothing before asked for one.
    wine.end();
    let script = wine.folder.join("erbium.sh");
    let program = fs::canonicalize(&windows.program)?;
    let text = format!(
        "#!/bin/sh\nexport WINEPREFIX='{}' WINEDEBUG=-all\nexec wine '{}' \"$@\"\n",
        wine.prefix().display(),
        program.display()
    );
    fs::write(&script, text)?;
    ensure!(
        succeeds(Command::new("chmod").arg("+x").arg(&script)),
        "cannot make {} a program",
        script.display()
    );
    let picture = wine.folder.join("window.png");
    run(mend::mended_cargo("test")?
        .args(["--workspace", "--test", "window"])
        .env("ERBIUM_PROGRAM", &script)
        .env("ERBIUM_PICTURE", &picture)
        .stdin(Stdio::null()))
}
