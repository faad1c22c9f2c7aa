//! What must be so before the window opens, where the framework would hang or panic instead.

use anyhow::{Result, bail};
use erbium::state::bank_file::{BankFile, Initial};
use erbium_dsp::BankSpec;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::Path;
use std::str::FromStr;

/// Samples per period; the longest is over a second at 48 kHz.
const PERIOD_SAMPLES: RangeInclusive<u32> = 1..=65_536;

/// Checks the options of the window, given without the program's name.
pub fn check(arguments: &[String]) -> Result<()> {
    let (lowest_hz, highest_hz) = BankSpec::SAMPLE_RATE_HZ;
    within(arguments, ["-r", "--sample-rate"], lowest_hz..=highest_hz, " Hz")?;
    within(arguments, ["-p", "--period-size"], PERIOD_SAMPLES, " samples")?;
    let asks = |argument: &String| {
        let help = ["-h", "--help", "-V", "--version"].contains(&argument.as_str());
        // An empty name lists the devices.
        help || argument.is_empty() || argument.ends_with('=')
    };
    if cfg!(target_os = "linux") && !arguments.iter().any(asks) {
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

/// Takes the option that the framework does not know out of the arguments, and has the window begin with
/// its bank.
pub fn begin(arguments: &mut Vec<String>) -> Result<()> {
    const OPTION: &str = "--bank-file";
    let has_it = |text: &String| {
        text.strip_prefix(OPTION).is_some_and(|v| v.is_empty() || v.starts_with('='))
    };
    let Some(at) = arguments.iter().position(has_it) else { return Ok(()) };
    let option = arguments.remove(at);
    let file = match option.split_once('=') {
        Some((_, file)) => file.to_owned(),
        None if at < arguments.len() => arguments.remove(at),
        None => bail!("{OPTION} lacks its file; possible: {OPTION} FILE.npz"),
    };
    Initial::set(BankFile::read(Path::new(&file))?);
    Ok(())
}

/// Checks an option's value, where there is one; what is no number is left to the framework.
fn within<T: Display + FromStr + PartialOrd>(
    arguments: &[String],
    [short, long]: [&str; 2],
    possible: RangeInclusive<T>,
    unit: &str,
) -> Result<()> {
    for (k, argument) in arguments.iter().enumerate() {
        let value = match (argument.strip_prefix(long), argument.strip_prefix(short)) {
            (Some(""), _) | (_, Some("")) => arguments.get(k + 1).map(String::as_str),
            (Some(value), _) => value.strip_prefix('='),
            (None, Some(value)) => Some(value.strip_prefix('=').unwrap_or(value)),
            (None, None) => None,
        };
        let Some(value) = value else { continue };
        if value.parse().is_ok_and(|number: T| !possible.contains(&number)) {
            let (low, high) = (possible.start(), possible.end());
            bail!("{long} {value} is out of range; possible: {low} to {high}{unit}");
        }
    }
    Ok(())
}
