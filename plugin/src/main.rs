//! The `erbium` program: the window with live sound, and the commands that work on files.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    if cli::is_command(std::env::args_os().nth(1).as_deref()) {
        cli::run()
    } else if !cli::can_open_window() {
        ExitCode::FAILURE
    } else if nice_plug::nice_export_standalone::<erbium::Erbium>() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
