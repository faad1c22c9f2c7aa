//! How parameters are written and read: what a host shows is what it, `--set` and presets take.

use crate::state::limits::{MAX_GAIN_DB, OFF_DB};
use nice_plug::prelude::*;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// The unit of gains.
const DB: &str = "dB";
/// The unit of shares.
const PER_CENT: &str = "%";
/// A band that is off, as text.
const OFF: &str = "off";

/// A whole number.
pub(super) fn whole(name: &str, default: i32, range: RangeInclusive<i32>) -> IntParam {
    let (min, max) = range.into_inner();
    IntParam::new(name, default, IntRange::Linear { min, max }).with_string_to_value(Arc::new(
        |text| {
            let number = read_number(text, "").filter(|number| number.fract() == 0.0)?;
            format!("{number:.0}").parse().ok()
        },
    ))
}

/// A gain in dB, on hundredths.
pub(super) fn decibels(name: &str, default_db: f32, range_db: RangeInclusive<f32>) -> FloatParam {
    let (min, max) = range_db.into_inner();
    FloatParam::new(name, default_db, FloatRange::Linear { min, max })
        .with_unit(" dB")
        .with_step_size(0.01)
        .with_value_to_string(Arc::new(|gain_db| rounded(gain_db, 2)))
        .with_string_to_value(Arc::new(|text| read_number(text, DB)))
}

/// A share, 0 to 1, shown in per cent.
pub(super) fn per_cent(name: &str, default: f32) -> FloatParam {
    FloatParam::new(name, default, FloatRange::Linear { min: 0.0, max: 1.0 })
        .with_unit(" %")
        .with_value_to_string(Arc::new(|share| rounded(100.0 * share, 0)))
        .with_string_to_value(Arc::new(|text| Some(read_number(text, PER_CENT)? / 100.0)))
}

/// On or off, off at first.
pub(super) fn switch(name: &str) -> BoolParam {
    BoolParam::new(name, false).with_string_to_value(Arc::new(|text| {
        match text.trim().to_ascii_lowercase().as_str() {
            "on" | "true" | "1" => Some(true),
            OFF | "false" | "0" => Some(false),
            _ => None,
        }
    }))
}

/// The drawn gain of a band.
pub(super) fn band_gain(name: &str) -> FloatParam {
    FloatParam::new(name, 0.0, FloatRange::Linear { min: OFF_DB, max: MAX_GAIN_DB })
        .with_value_to_string(Arc::new(gain_to_text))
        .with_string_to_value(Arc::new(gain_from_text))
}

/// A drawn gain as text: `off`, or dB with its unit.
#[must_use]
pub fn gain_to_text(gain_db: f32) -> String {
    if gain_db <= OFF_DB {
        OFF.to_owned()
    } else {
        // What is just not off may not read as what is.
        format!("{} {DB}", rounded(gain_db.max(OFF_DB + 0.01), 2))
    }
}

/// Reads a drawn gain: `off`, or a number with or without `dB`; a decimal comma is a point.
#[must_use]
pub fn gain_from_text(text: &str) -> Option<f32> {
    let lower = text.trim().to_ascii_lowercase();
    if lower == OFF || lower == "-inf" { Some(OFF_DB) } else { read_number(text, DB) }
}

/// Reads a number with or without its unit, in any case; a decimal comma is a point. `None` for what is
/// not finite.
pub(super) fn read_number(text: &str, unit: &str) -> Option<f32> {
    let lower = text.trim().to_ascii_lowercase();
    let bare = lower.strip_suffix(&unit.to_ascii_lowercase()).unwrap_or(&lower).trim();
    let number: f32 = bare.replace(',', ".").replace('−', "-").parse().ok()?;
    number.is_finite().then_some(number)
}

/// A number with so many decimals, and no minus before nothing.
fn rounded(number: f32, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.chars().all(|c| matches!(c, '0' | '.')) => digits.to_owned(),
        _ => text,
    }
}
