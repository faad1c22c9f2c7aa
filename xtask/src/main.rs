//! `cargo xtask`: sets up the machine, builds and installs the bundles, plays the demo, runs the
//! tests. Each task does everything it needs, so that any of them works on a fresh clone.

mod bench;
mod bundle;
mod daw;
mod demo;
mod files;
mod fuzz;
mod install;
mod nightly;
mod python;
mod run;
#[cfg(test)]
mod safety;
mod sanitize;
mod setup;
mod soak;
mod test;
mod wheel;
mod windows;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "Tasks of the Erbium workspace", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    Setup(setup::Arguments),
    Bundle(bundle::Arguments),
    Install(install::Arguments),
    Demo(demo::Arguments),
    Test(test::Arguments),
    Soak(soak::Arguments),
    Fuzz(fuzz::Arguments),
    Sanitize(sanitize::Arguments),
    Bench(bench::Arguments),
    Python(wheel::Arguments),
    Windows(windows::Arguments),
}

fn main() -> ExitCode {
    match task(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn task(task: Task) -> Result<()> {
    // Files given on the command line are meant from where the user stands.
    let from = std::env::current_dir()?;
    nice_plug_xtask::chdir_workspace_root()?;
    match task {
        Task::Setup(arguments) => setup::task(&arguments),
        Task::Bundle(arguments) => bundle::task(&arguments),
        Task::Install(arguments) => install::task(&arguments),
        Task::Demo(arguments) => demo::task(&arguments, &from),
        Task::Test(arguments) => test::task(&arguments),
        Task::Soak(arguments) => soak::task(&arguments),
        Task::Fuzz(arguments) => fuzz::task(&arguments),
        Task::Sanitize(arguments) => sanitize::task(&arguments),
        Task::Bench(arguments) => bench::task(&arguments),
        Task::Python(arguments) => wheel::task(&arguments),
        Task::Windows(arguments) => windows::task(&arguments),
    }
}

#[cfg(test)]
mod tests {
    /// So that whatever builds here builds with the oldest Rust that the crates promise.
    #[test]
    fn the_toolchain_is_the_oldest_that_is_promised() {
        let (toolchain, workspace) =
            (include_str!("../../rust-toolchain.toml"), include_str!("../../Cargo.toml"));
        let value = |text: &'static str, key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key));
            line.and_then(|rest| rest.split('"').nth(1)).expect("a version")
        };
        let (channel, promised) = (value(toolchain, "channel"), value(workspace, "rust-version"));
        assert!(channel == promised || channel == format!("{promised}.0"), "{channel}, {promised}");
    }
}
