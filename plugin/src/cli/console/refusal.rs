//! What is wrong with the arguments, in one line.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use erbium::message::one_line;
use std::error::Error;
use std::num::{IntErrorKind, ParseFloatError, ParseIntError};

/// What is wrong with the arguments of a program, whose commands are known. `command` is the one that they
/// were given to.
pub fn sentence(
    error: &clap::Error,
    program: &clap::Command,
    command: Option<&clap::Command>,
) -> String {
    let given = |kind| error.get(kind).map(texts).unwrap_or_default();
    let [arguments, values, possible] =
        [ContextKind::InvalidArg, ContextKind::InvalidValue, ContextKind::ValidValue].map(given);
    let help = match command {
        Some(command) => format!("erbium {} --help", command.get_name()),
        None => "erbium --help".to_owned(),
    };
    match error.kind() {
        ErrorKind::ValueValidation if error.source().is_some() => {
            let words = error.source().map(|source| in_words(source, &values.join(", ")));
            format!("{}: {}", arguments.join(", "), words.unwrap_or_default())
        }
        ErrorKind::InvalidValue if values.iter().all(String::is_empty) => {
            let possible = if possible.is_empty() { help } else { possible.join(", ") };
            format!("{} lacks its value; possible: {possible}", arguments.join(", "))
        }
        ErrorKind::InvalidValue => {
            let [argument, value] = [arguments, values].map(|texts| texts.join(", "));
            format!("{argument}: \"{value}\" is not possible; possible: {}", possible.join(", "))
        }
        ErrorKind::InvalidSubcommand => {
            let given = given(ContextKind::InvalidSubcommand).join(", ");
            let names: Vec<_> = program.get_subcommands().map(clap::Command::get_name).collect();
            format!("unknown command \"{given}\"; possible: {}, help", names.join(", "))
        }
        ErrorKind::MissingRequiredArgument => {
            let lacking = arguments.join(", ");
            format!("{lacking} must be given as well; possible: as `{help}` says")
        }
        ErrorKind::ArgumentConflict => {
            let others = given(ContextKind::PriorArg).join(", ");
            let argument = arguments.join(", ");
            if others == argument {
                return format!("{argument} is given twice; possible: once");
            }
            let others = if others.is_empty() { "other options".to_owned() } else { others };
            format!("{argument} and {others} exclude each other; possible: one of them")
        }
        ErrorKind::UnknownArgument => {
            let given = arguments.join(", ");
            match command {
                Some(command) if given.starts_with('-') => {
                    format!("unknown option \"{given}\"; possible: {}", options(command))
                }
                _ => format!("\"{given}\" has no place there; possible: as `{help}` says"),
            }
        }
        _ => format!("{}; possible: as `{help}` says", first_paragraph(&error.render())),
    }
}

/// The options of a command.
fn options(command: &clap::Command) -> String {
    let longs = command.get_arguments().filter_map(clap::Arg::get_long);
    longs.map(|long| format!("--{long}")).collect::<Vec<_>>().join(", ")
}

/// The texts that the error has of something, each on a line of its own.
fn texts(value: &ContextValue) -> Vec<String> {
    let texts = match value {
        ContextValue::None => vec![],
        ContextValue::Strings(texts) => texts.clone(),
        other => vec![other.to_string()],
    };
    texts.iter().map(|text| one_line(text)).collect()
}

/// What the page around an error begins with.
fn first_paragraph(page: &StyledStr) -> String {
    let page = page.to_string();
    let lines = page.lines().map(str::trim).take_while(|line| !line.is_empty());
    let paragraph = lines.collect::<Vec<_>>().join(" ");
    paragraph.trim_start_matches("error: ").to_owned()
}

/// What is wrong with a value, where the standard library's words for it are of no help.
fn in_words(sentence: &(dyn Error + 'static), given: &str) -> String {
    if let Some(number) = sentence.downcast_ref::<ParseIntError>() {
        return match number.kind() {
            IntErrorKind::PosOverflow => format!("{given} is too large"),
            _ => format!("\"{given}\" is no whole number of 0 or more"),
        };
    }
    if sentence.is::<ParseFloatError>() {
        return format!("\"{given}\" is no number");
    }
    sentence.to_string()
}
