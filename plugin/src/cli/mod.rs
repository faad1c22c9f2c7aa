//! The commands.

mod analyze;
mod array_file;
mod audio_file;
mod bank;
mod chart;
mod cochleagram;
mod feature;
mod kernel_file;
mod matrix;
mod plots;
mod progress;
mod render;
mod spec;
mod table;
mod window;

use clap::{CommandFactory, Parser, Subcommand};
use erbium::export::output_file;
use std::error::Error;
use std::ffi::OsStr;
use std::process::ExitCode;

/// What follows the commands in the help: everything else opens the window.
const WINDOW_HELP: &str = "\
Without a command, erbium opens its window and equalises live sound:
  -b, --backend <BACKEND>            auto, jack, alsa, core-audio, wasapi or dummy
      --input-device <NAME>          sound input; an empty name lists them
      --output-device <NAME>         sound output; an empty name lists them
  -r, --sample-rate <HZ>             sample rate, 48000 unless given (JACK has its own)
  -p, --period-size <SAMPLES>        samples per period, 512 unless given (JACK has its own)
  -l, --audio-layout <NUMBER>        1 stereo, 2 mono
      --connect-jack-inputs <PORTS>  JACK ports to listen to, separated by commas
      --dpi-scale <FACTOR>           size of the window's content
      --bank-file <FILE.npz>         begin with these kernels, as `erbium render --bank-file`
`erbium --backend auto --help` lists every option of the window.

Examples:
  erbium --backend jack
  erbium render speech.wav --set gain_20=6 -o louder.wav
  erbium analyze speech.wav --feature cochleagram -o speech.png
  erbium bank --scale mel --bands 24 --json
  erbium matrix --system voicebox --fft 512 --rate 16000 --options m -o mel.npy";

/// Erbium, a live auditory-filterbank equaliser and monitor.
#[derive(Parser)]
#[command(name = "erbium", version, after_help = WINDOW_HELP, max_term_width = 100)]
#[command(override_usage = "erbium [WINDOW OPTIONS]\n       erbium <COMMAND>")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Render(render::Arguments),
    Analyze(analyze::Arguments),
    Bank(bank::Arguments),
    Matrix(matrix::Arguments),
}

/// Whether the program's first argument asks for a command, or for help, rather than the window.
pub fn is_command(first: Option<&OsStr>) -> bool {
    let Some(first) = first else { return false };
    let first = first.to_string_lossy();
    // Anything that is no option is a command, be it a mistyped one.
    !first.starts_with('-') || ["-h", "--help", "-V", "--version"].contains(&first.as_ref())
}

/// The program's arguments as the framework's window takes them; `None` where the window cannot open
/// with them, which is told.
pub fn window_arguments() -> Option<Vec<String>> {
    let arguments = std::env::args_os();
    let mut arguments: Vec<_> = arguments.map(|text| text.to_string_lossy().into_owned()).collect();
    let result = window::check(arguments.get(1..).unwrap_or_default())
        .and_then(|()| window::begin(&mut arguments));
    if let Err(error) = &result {
        eprintln!("erbium: {error:#}");
    }
    // The framework's own handler, which this precludes, would not end the program.
    output_file::tidy_up_on_signals();
    result.is_ok().then_some(arguments)
}

/// Runs the command named by the program's arguments.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    output_file::tidy_up_on_signals();
    let result = match arguments.command {
        Command::Render(arguments) => render::run(&arguments),
        Command::Analyze(arguments) => analyze::run(&arguments),
        Command::Bank(arguments) => bank::run(&arguments),
        Command::Matrix(arguments) => matrix::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("erbium: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Tells what is wrong with the arguments; help and version are no errors.
fn refuse(error: &clap::Error) -> ExitCode {
    use clap::error::{ContextKind, ErrorKind};
    match (error.kind(), error.source(), error.get(ContextKind::InvalidArg)) {
        // The value's own sentence is clearer than a page around it.
        (ErrorKind::ValueValidation, Some(sentence), Some(argument)) => {
            eprintln!("erbium: {argument}: {sentence}");
        }
        (ErrorKind::InvalidSubcommand, ..) => {
            let given = error.get(ContextKind::InvalidSubcommand);
            let given = given.map(ToString::to_string).unwrap_or_default();
            let commands = Arguments::command();
            let names: Vec<_> = commands.get_subcommands().map(clap::Command::get_name).collect();
            eprintln!("erbium: unknown command \"{given}\"; possible: {}, help", names.join(", "));
        }
        // There is nothing better to do when even the terminal fails.
        _ => drop(error.print()),
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(1))
}
