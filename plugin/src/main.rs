//! The `erbium` program: the window with live sound, and the commands that work on files.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    if cli::is_command(std::env::args_os().nth(1).as_deref()) {
        return cli::run();
    }
    let Some(arguments) = cli::window_arguments() else { return ExitCode::FAILURE };
    if nice_plug::prelude::nice_export_standalone_with_args::<erbium::Erbium, _>(arguments) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
