//! The Debian and Ubuntu packages that building and testing need, and why.

use crate::run::{run, succeeds};
use anyhow::{Result, bail};
use std::process::{Command, Stdio};

/// Install the system packages that building (and testing) need; only those missing
///
/// Works on Debian and Ubuntu, as root or with sudo; on other systems it prints what to install.
///
/// Example: cargo xtask setup --tests --dry-run
#[derive(clap::Args)]
pub struct Arguments {
    /// Also what the tests need: a virtual screen, a software graphics driver, Python
    #[arg(long)]
    tests: bool,
    /// Only say what would be installed and why
    #[arg(long)]
    dry_run: bool,
}

/// A package and what it is for.
struct Package {
    name: &'static str,
    why: &'static str,
    /// A command that shows that the machine has it by another way, for example its own build.
    present: Option<&'static [&'static str]>,
}

const fn package(name: &'static str, why: &'static str) -> Package {
    Package { name, why, present: None }
}

const BUILD: &[Package] = &[
    Package {
        present: Some(&["pkg-config", "--version"]),
        ..package("pkg-config", "finds the libraries the standalone program links to")
    },
    Package {
        present: Some(&["pkg-config", "--exists", "alsa"]),
        ..package("libasound2-dev", "sound input and output of the standalone program")
    },
    Package {
        present: Some(&["pkg-config", "--exists", "jack"]),
        ..package("libjack-jackd2-dev", "JACK input and output of the standalone program")
    },
];

/// What loading the plugin or opening its window needs at run time.
const RUN: &[Package] = &[
    package("libx11-6", "the editor's window"),
    package("libx11-xcb1", "the editor's window"),
    package("libxcb1", "the editor's window"),
    package("libxcursor1", "the pointer over the editor"),
    package("libxkbcommon-x11-0", "the keyboard in the editor"),
    package("libgl1", "drawing the editor"),
    package("libegl1", "drawing the editor"),
    package("libgl1-mesa-dri", "drawing the editor without a graphics card"),
];

const TESTS: &[Package] = &[
    package("xvfb", "a virtual screen for the window tests"),
    package("xdotool", "finds and drives the window in the tests"),
    package("imagemagick", "takes pictures of the window in the tests"),
    package("mesa-vulkan-drivers", "draws the editor in the tests without a graphics card"),
    Package {
        present: Some(&["python3", "--version"]),
        ..package("python3", "runs the pedalboard host, which loads the VST3")
    },
    Package {
        present: Some(&["python3", "-c", "import venv, ensurepip"]),
        ..package("python3-venv", "keeps the Python packages of the tests inside target/")
    },
];

/// What `cargo xtask windows` needs.
const WINDOWS: &[Package] = &[
    package("gcc-mingw-w64-x86-64-posix", "links programs for Windows"),
    package("g++-mingw-w64-x86-64-posix", "compiles what is C++ for Windows"),
    package("wine", "runs programs for Windows"),
    package("wine64", "runs programs for Windows"),
];

/// What `cargo xtask soak --daw` needs.
const DAW: &[Package] = &[package("ardour", "the DAW that plays the VST3")];

/// What `cargo xtask bench instructions` needs.
const COUNTING: &[Package] = &[Package {
    present: Some(&["valgrind", "--version"]),
    ..package("valgrind", "counts the engine's instructions")
}];

/// What `cargo xtask bench --peers` needs.
const PEERS: &[Package] = &[
    Package {
        present: Some(&["python3", "--version"]),
        ..package("python3", "runs what Erbium is compared with")
    },
    Package {
        present: Some(&["python3", "-c", "import venv, ensurepip"]),
        ..package("python3-venv", "keeps what Erbium is compared with inside target/")
    },
];

/// What `cargo xtask python` needs.
const PYTHON: &[Package] = &[
    Package {
        present: Some(&["python3", "--version"]),
        ..package("python3", "runs the Python package")
    },
    Package {
        present: Some(&["python3", "-c", "import venv, ensurepip"]),
        ..package("python3-venv", "keeps what builds and tests the package inside target/")
    },
];

/// What `cargo xtask bench --lsp` needs.
const LSP: &[Package] = &[
    Package {
        present: Some(&["lv2bench", "--version"]),
        ..package("lilv-utils", "runs the equaliser that Erbium is compared with")
    },
    Package {
        present: Some(&["lv2info", "http://lsp-plug.in/plugins/lv2/graph_equalizer_x32_stereo"]),
        ..package("lsp-plugins-lv2", "is the equaliser that Erbium is compared with")
    },
];

/// `cargo xtask setup`.
pub fn task(arguments: &Arguments) -> Result<()> {
    if arguments.tests { ensure_tests(arguments.dry_run) } else { ensure_build(arguments.dry_run) }
}

/// What building needs.
pub fn ensure_build(dry_run: bool) -> Result<()> {
    ensure(&[BUILD], dry_run)
}

/// What building and testing need.
pub fn ensure_tests(dry_run: bool) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("the tests of windows and hosts run on Linux only");
    }
    ensure(&[BUILD, RUN, TESTS], dry_run)
}

/// What building and testing the Python package need.
pub fn ensure_python(dry_run: bool) -> Result<()> {
    ensure(&[PYTHON], dry_run)
}

/// What building for Windows and testing it here need.
pub fn ensure_windows(dry_run: bool) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("this builds for Windows on Linux, under wine; on Windows: cargo xtask bundle");
    }
    ensure(&[BUILD, RUN, TESTS, WINDOWS], dry_run)
}

/// What building and playing in a DAW need.
pub fn ensure_daw(dry_run: bool) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("the DAW runs on Linux only");
    }
    ensure(&[BUILD, RUN, DAW], dry_run)
}

/// What building and measuring need, counting instructions and comparing with others where asked for.
pub fn ensure_bench(counting: bool, peers: bool, lsp: bool, dry_run: bool) -> Result<()> {
    let counting = if counting { COUNTING } else { &[] };
    let peers = if peers { PEERS } else { &[] };
    let lsp = if lsp { LSP } else { &[] };
    ensure(&[BUILD, counting, peers, lsp], dry_run)
}

fn ensure(wanted: &[&'static [Package]], dry_run: bool) -> Result<()> {
    if !cfg!(target_os = "linux") {
        // Windows and macOS bring their own sound and graphics.
        return Ok(());
    }
    let wanted = wanted.iter().copied().flatten();
    let missing: Vec<&Package> = wanted.filter(|package| !is_present(package)).collect();
    if missing.is_empty() {
        eprintln!("Every system package needed is here.");
        return Ok(());
    }
    eprintln!("System packages to install:");
    for package in &missing {
        eprintln!("  {:<20} {}", package.name, package.why);
    }
    if dry_run {
        eprintln!("Nothing was installed (--dry-run).");
        return Ok(());
    }
    install(&missing)
}

fn is_present(package: &Package) -> bool {
    if let Some([program, arguments @ ..]) = package.present
        && succeeds(Command::new(program).args(arguments))
    {
        return true;
    }
    let status = Command::new("dpkg-query")
        .args(["--show", "--showformat=${Status}", package.name])
        .stderr(Stdio::null())
        .output();
    status.is_ok_and(|output| output.stdout.ends_with(b"ok installed"))
}

fn install(missing: &[&Package]) -> Result<()> {
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    if !succeeds(Command::new("apt-get").arg("--version")) {
        bail!(
            "this is neither Debian nor Ubuntu: install what your system calls {}, then try again",
            names.join(", ")
        );
    }
    let root = succeeds(Command::new("sh").args(["-c", "test \"$(id -u)\" = 0"]));
    if !root && !succeeds(Command::new("sudo").arg("--version")) {
        bail!(
            "installing needs root: run `apt-get update && apt-get install {}` as root, then try \
             again",
            names.join(" ")
        );
    }
    let apt = || {
        let mut command = Command::new(if root { "env" } else { "sudo" });
        if !root {
            command.arg("env");
        } else {
            // As root nothing asks for a password, and nothing may wait for an answer.
            command.stdin(Stdio::null());
        }
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]);
        // What the task itself prints may be for a program.
        command.stdout(std::io::stderr());
        command
    };
    run(apt().arg("update"))?;
    run(apt().args(["install", "--yes", "--no-install-recommends"]).args(names))
}
