//! What must be so before the window opens, where the framework would hang or panic instead.

use anyhow::{Context, Result, bail};
use erbium::state::bank_file::{BankFile, Initial};
use erbium_dsp::BankSpec;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::Path;
use std::str::FromStr;

/// Samples per period; the longest is over a second at 48 kHz.
const PERIOD_SAMPLES: RangeInclusive<u32> = 1..=65_536;

/// What an option's value has to be.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    /// A whole number.
    Count,
    Backend,
}

/// The options that the framework's window takes, with their short forms.
const OPTIONS: [(&str, &str, Kind); 18] = [
    ("--backend", "-b", Kind::Backend),
    ("--audio-layout", "-l", Kind::Text),
    ("--sample-rate", "-r", Kind::Number),
    ("--period-size", "-p", Kind::Count),
    ("--input-latency", "", Kind::Number),
    ("--input-capacity", "", Kind::Number),
    ("--midi-capacity", "", Kind::Count),
    ("--input-device", "", Kind::Text),
    ("--output-device", "", Kind::Text),
    ("--midi-input", "", Kind::Text),
    ("--midi-output", "", Kind::Text),
    ("--connect-jack-inputs", "", Kind::Text),
    ("--connect-jack-midi-input", "", Kind::Text),
    ("--connect-jack-midi-output", "", Kind::Text),
    ("--dpi-scale", "", Kind::Number),
    ("--tempo", "", Kind::Number),
    ("--timesig-num", "", Kind::Count),
    ("--timesig-denom", "", Kind::Count),
];

const BACKENDS: [&str; 6] = ["auto", "jack", "alsa", "core-audio", "wasapi", "dummy"];

/// The option of Erbium's own.
const BANK_FILE: &str = "--bank-file";

/// Checks the options of the window, given without the program's name.
pub fn check(arguments: &[String]) -> Result<()> {
    let asks = |argument: &String| ["-h", "--help", "-V", "--version"].contains(&&**argument);
    if arguments.iter().any(asks) {
        return Ok(());
    }
    let mut lists_devices = false;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let (option, kind, value) = option(argument)?;
        let value = match value {
            Some(value) => value,
            None => rest
                .next()
                .with_context(|| format!("{option} lacks its value; possible: {option} VALUE"))?,
        };
        lists_devices |= value.is_empty();
        check_value(option, kind, value)?;
    }
    if cfg!(target_os = "linux") && !lists_devices {
        let display = std::env::var_os("DISPLAY");
        if display.is_none_or(|display| display.is_empty()) {
            bail!(
                "there is no display for the window: DISPLAY is not set; possible: an X server or \
                 XWayland, or a command (erbium --help lists them)"
            );
        }
    }
    Ok(())
}

/// The option that an argument begins with, and its value where that is part of it.
fn option(argument: &str) -> Result<(&'static str, Kind, Option<&str>)> {
    let own = [(BANK_FILE, "", Kind::Text)];
    for (long, short, kind) in OPTIONS.into_iter().chain(own) {
        let of_long = argument.strip_prefix(long).filter(|v| v.is_empty() || v.starts_with('='));
        let of_short = argument.strip_prefix(short).filter(|_| !short.is_empty());
        if let Some(value) = of_long.or(of_short) {
            let value = (!value.is_empty()).then(|| value.strip_prefix('=').unwrap_or(value));
            return Ok((long, kind, value));
        }
    }
    let possible: Vec<_> = OPTIONS.iter().map(|(long, ..)| *long).collect();
    bail!(
        "unknown option \"{argument}\"; possible: {}, {BANK_FILE}, or a command (erbium --help lists \
         them)",
        possible.join(", ")
    )
}

fn check_value(option: &str, kind: Kind, value: &str) -> Result<()> {
    let (lowest_hz, highest_hz) = BankSpec::SAMPLE_RATE_HZ;
    match kind {
        Kind::Backend if !BACKENDS.contains(&value) => {
            bail!("{option}: \"{value}\" is not possible; possible: {}", BACKENDS.join(", "))
        }
        Kind::Number if value.parse::<f64>().is_err() => {
            bail!("{option}: \"{value}\" is no number; possible: a number")
        }
        Kind::Count if value.parse::<u32>().is_err() => {
            bail!("{option}: \"{value}\" is no whole number of 0 or more; possible: such a number")
        }
        _ => {}
    }
    match option {
        "--sample-rate" => within(option, value, lowest_hz..=highest_hz, " Hz"),
        "--period-size" => within(option, value, PERIOD_SAMPLES, " samples"),
        _ => Ok(()),
    }
}

/// Takes the option that the framework does not know out of the arguments, and has the window begin with
/// its bank.
pub fn begin(arguments: &mut Vec<String>) -> Result<()> {
    let has_it = |text: &String| {
        text.strip_prefix(BANK_FILE).is_some_and(|v| v.is_empty() || v.starts_with('='))
    };
    let Some(at) = arguments.iter().position(has_it) else { return Ok(()) };
    let option = arguments.remove(at);
    let file = match option.split_once('=') {
        Some((_, file)) => file.to_owned(),
        None if at < arguments.len() => arguments.remove(at),
        None => bail!("{BANK_FILE} lacks its file; possible: {BANK_FILE} FILE.npz"),
    };
    Initial::set(BankFile::read(Path::new(&file))?);
    Ok(())
}

/// Checks that a number is possible.
fn within<T: Display + FromStr + PartialOrd>(
    option: &str,
    value: &str,
    possible: RangeInclusive<T>,
    unit: &str,
) -> Result<()> {
    if value.parse().is_ok_and(|number: T| !possible.contains(&number)) {
        let (low, high) = (possible.start(), possible.end());
        bail!("{option} {value} is out of range; possible: {low} to {high}{unit}");
    }
    Ok(())
}
