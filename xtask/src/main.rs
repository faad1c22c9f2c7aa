//! `cargo xtask`: sets up the machine, builds and installs the bundles, plays the demo, runs the
//! tests. Each task does everything it needs, so that any of them works on a fresh clone.

mod bench;
mod bundle;
mod demo;
mod files;
mod install;
mod python;
mod run;
mod setup;
mod test;

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
    Bench(bench::Arguments),
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
        Task::Bench(arguments) => bench::task(&arguments),
    }
}
