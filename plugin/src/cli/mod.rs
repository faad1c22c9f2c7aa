//! The commands.

mod analyze;
mod bank;
mod chart;
mod cochleagram;
mod console;
mod curve;
mod feature;
mod files;
mod hearing;
mod matching;
mod matrix;
mod plots;
mod progress;
mod render;
mod spec;
mod table;
mod window;

use clap::{CommandFactory, Parser, Subcommand};
use console::refusal;
use erbium::export::temporaries;
use erbium::framework::VST3_IS_MENDED;
use std::ffi::OsStr;
use std::io::IsTerminal;
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
  erbium match mine.wav --to theirs.flac -o like-theirs.json
  erbium matrix --system voicebox --fft 512 --rate 16000 --options m -o mel.npy";

/// The version, and which wrapper the VST3 built with this program has.
const LONG_VERSION: &str = if VST3_IS_MENDED {
    concat!(env!("CARGO_PKG_VERSION"), "\nVST3 wrapper: nice-plug with Erbium's mends")
} else {
    concat!(
        env!("CARGO_PKG_VERSION"),
        "\nVST3 wrapper: nice-plug as published, which can abort hosts on Linux; \
         `cargo xtask bundle` builds with the mends"
    )
};

/// Erbium, a live auditory-filterbank equaliser and monitor.
#[derive(Parser)]
#[command(name = "erbium", version, long_version = LONG_VERSION, after_help = WINDOW_HELP, max_term_width = 100)]
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
    Curve(curve::Arguments),
    Match(matching::Arguments),
    Hearing(hearing::Arguments),
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
        console::fail(&format!("{error:#}"));
    }
    temporaries::remove_on_signals();
    result.is_ok().then_some(arguments)
}

/// Runs the command named by the program's arguments.
pub fn run() -> ExitCode {
    let code = match Arguments::try_parse() {
        Ok(arguments) => run_command(arguments.command),
        Err(error) => refuse(&error),
    };
    console::exit_code(code)
}

fn run_command(command: Command) -> ExitCode {
    temporaries::remove_on_signals();
    let result = match command {
        Command::Render(arguments) => render::run(&arguments),
        Command::Analyze(arguments) => analyze::run(&arguments),
        Command::Bank(arguments) => bank::run(&arguments),
        Command::Matrix(arguments) => matrix::run(&arguments),
        Command::Curve(arguments) => curve::run(&arguments),
        Command::Match(arguments) => matching::run(&arguments),
        Command::Hearing(arguments) => hearing::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console::fail(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Tells what is wrong with the arguments; help and version are no errors.
fn refuse(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        let program = Arguments::command();
        let given = std::env::args_os().nth(1);
        let command = given.and_then(|name| program.find_subcommand(name));
        console::fail(&refusal::sentence(error, &program, command));
    } else if std::io::stdout().is_terminal() {
        // In colours.
        drop(error.print());
    } else {
        console::print_text(error.render().to_string().trim_end());
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(1))
}
