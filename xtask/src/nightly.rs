//! Rust's nightly toolchain, for what the oldest promised one does not have.

use crate::run::{run, succeeds};
use anyhow::Result;
use std::process::Command;

/// What is built for: sanitizers need it named.
pub const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Installs the toolchain with these components, where it is missing.
pub fn ensure(components: &[&str]) -> Result<()> {
    if !succeeds(Command::new("rustup").args(["run", "nightly", "rustc", "-V"])) {
        let mut install = Command::new("rustup");
        run(install.args(["toolchain", "install", "nightly", "--profile", "minimal"]))?;
    }
    if !components.is_empty() {
        let mut add = Command::new("rustup");
        run(add.args(["component", "add", "--toolchain", "nightly"]).args(components))?;
    }
    Ok(())
}

/// A cargo command of that toolchain.
pub fn cargo(command: &str) -> Command {
    let mut cargo = Command::new("rustup");
    // Or it would start the cargo that started this program.
    cargo.args(["run", "nightly", "cargo", command]).env_remove("CARGO");
    cargo
}
