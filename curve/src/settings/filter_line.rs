//! A filter in words, such as `PK Fc 1000 Hz Gain 3 dB Q 1.41`.

use super::{frequency, value};
use crate::filter::{Filter, Shape, Width};
use crate::number::{Notation, is_number};
use crate::report::{Error, ErrorKind, Notes, quoted};
use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

/// The types that are read, in words.
const TYPES: &str = "possible: PK, LS, HS, LSC, HSC, LP, HP, LPQ, HPQ, LP1, HP1, BP, NO, AP, None";

/// The slope S of a shelf without a width, as REW has it.
const SHELF_SLOPE: f64 = 0.9;
/// The quality factor of a notch without a width, as REW has it.
const NOTCH_Q: f64 = 30.0;
/// The slope in dB an octave that is S = 1.
const STEEPEST_DB: f64 = 12.0;

/// What a filter is made of, as texts.
#[derive(Default)]
struct Words<'a> {
    kind: String,
    slope: Option<String>,
    hz: Option<String>,
    gain: Option<String>,
    q: Option<&'a str>,
    octaves: Option<&'a str>,
    sixtieths: Option<&'a str>,
    unknown: Vec<&'a str>,
}

/// The frequency and the other values, which say how numbers are written.
pub fn numbers(words: &str) -> (Option<String>, Vec<String>) {
    let Words { slope, hz, gain, q, octaves, sixtieths, .. } = Words::of(words);
    let values = [q, octaves, sixtieths].into_iter().flatten().map(str::to_owned);
    (hz, values.chain(slope).chain(gain).collect())
}

fn without_unit(word: &str) -> &str {
    let ends = |unit: &str| {
        let end = word.len().checked_sub(unit.len())?;
        word.get(end..)?.eq_ignore_ascii_case(unit).then(|| &word[..end])
    };
    ends("hz").or_else(|| ends("db")).unwrap_or(word)
}

impl<'a> Words<'a> {
    fn of(text: &'a str) -> Self {
        let mut words = Self::default();
        let mut rest = text.split_whitespace().peekable();
        let mut in_type = true;
        while let Some(word) = rest.next() {
            let is_next_number = rest.peek().is_some_and(|next| is_number(without_unit(next)));
            match word.to_ascii_lowercase().as_str() {
                "fc" => words.hz = Some(until(&mut rest, "hz")),
                "gain" => words.gain = Some(until(&mut rest, "db")),
                "q" if is_next_number || !in_type => words.q = rest.next(),
                "bw" => {
                    if rest.peek().is_some_and(|next| next.eq_ignore_ascii_case("oct")) {
                        rest.next();
                    }
                    words.octaves = rest.next();
                }
                "bw/60" => words.sixtieths = rest.next(),
                // What a modal filter was made for; its Q follows from it and is there.
                "t60" => while rest.next_if(|next| is_no_parameter(next)).is_some() {},
                // A Behringer's own name of the frequency.
                _ if word.starts_with('(') => {
                    if !word.ends_with(')') {
                        for inside in rest.by_ref() {
                            if inside.ends_with(')') {
                                break;
                            }
                        }
                    }
                    continue;
                }
                _ if in_type && is_number(without_unit(word)) => {
                    words.slope = Some(without_unit(word).to_owned());
                    if without_unit(word) == word {
                        rest.next_if(|next| next.eq_ignore_ascii_case("db"));
                    }
                    continue;
                }
                _ if in_type => {
                    words.kind.push_str(&word.to_ascii_uppercase().replace('_', ""));
                    continue;
                }
                _ => words.unknown.push(word),
            }
            in_type = false;
        }
        words
    }
}

fn is_no_parameter(word: &str) -> bool {
    !["fc", "gain", "q", "bw", "bw/60"].contains(&word.to_ascii_lowercase().as_str())
}

/// The words of a number, which may be apart, up to its unit or the next parameter.
fn until<'a>(rest: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>, unit: &str) -> String {
    let mut number = String::new();
    while let Some(word) = rest.next_if(|word| is_no_parameter(word)) {
        let ends = word.len() >= unit.len()
            && word
                .get(word.len() - unit.len()..)
                .is_some_and(|end| end.eq_ignore_ascii_case(unit));
        let mut digits = if ends { &word[..word.len() - unit.len()] } else { word };
        // Equalizer APO takes "100H z", too.
        let parted = unit.split_at(1);
        let ends = ends
            || digits.len() > 1
                && digits
                    .get(digits.len() - 1..)
                    .is_some_and(|end| end.eq_ignore_ascii_case(parted.0))
                && rest.next_if(|next| next.eq_ignore_ascii_case(parted.1)).is_some_and(|_| {
                    digits = &digits[..digits.len() - 1];
                    true
                });
        if !number.is_empty() && !digits.is_empty() {
            number.push(' ');
        }
        number.push_str(digits);
        if ends || number.len() > 64 {
            break;
        }
    }
    number
}

/// The filter that the words after `ON` describe; `None` where it changes no gain.
pub fn read(
    text: &str,
    line: usize,
    notation: Notation,
    notes: &mut Notes,
) -> Result<Option<Filter>, Error> {
    let words = Words::of(text);
    let malformed = |text: String| Error::at(ErrorKind::Malformed, line, text);
    if !words.unknown.is_empty() {
        let unknown = quoted(&words.unknown.join(" "));
        notes.add(Some(line), format!("{unknown} is nothing of a filter, and was passed over"));
    }
    let (shape, is_corner) = match words.kind.as_str() {
        "PK" | "PEQ" | "PA" | "PEAK" | "PEAKING" | "MODAL" => (Shape::Peak, false),
        "LS" => (Shape::LowShelf, words.q.is_some() || words.slope.is_some()),
        "HS" => (Shape::HighShelf, words.q.is_some() || words.slope.is_some()),
        "LSC" | "LSQ" => (Shape::LowShelf, false),
        "HSC" | "HSQ" => (Shape::HighShelf, false),
        "LP" | "LPQ" => (Shape::LowPass, false),
        "HP" | "HPQ" => (Shape::HighPass, false),
        "LP1" => (Shape::LowPassFirstOrder, false),
        "HP1" => (Shape::HighPassFirstOrder, false),
        "BP" => (Shape::BandPass, false),
        "NO" | "NOTCH" | "NOTCHQ" => (Shape::Notch, false),
        "AP" | "ALLPASS" | "ALL-PASS" => {
            notes.add(Some(line), "an all-pass filter changes no gain, and was passed over");
            return Ok(None);
        }
        "NONE" => return Ok(None),
        kind if kind.starts_with("IIR") => {
            return Err(Error::at(
                ErrorKind::Unsupported,
                line,
                "IIR coefficients hold at one sampling rate only, which is not said; possible: filters by \
                 frequency, gain and Q",
            ));
        }
        _ => {
            let kind = text.split_whitespace().next().unwrap_or_default();
            return Err(malformed(format!(
                "the filter type {} is not read; {TYPES}",
                quoted(kind)
            )));
        }
    };
    if matches!(words.kind.as_str(), "LSQ" | "HSQ") {
        notes.add(
            Some(line),
            "LS Q and HS Q are read as REW means them, with Fc in the middle of the shelf",
        );
    }
    let hz = words
        .hz
        .as_deref()
        .ok_or_else(|| malformed("the filter has no Fc; possible: Fc 1000 Hz".into()))?;
    let hz = frequency(notation, hz, line, "Fc")?;
    if !(hz > 0.0 && hz <= 1e6) {
        return Err(malformed(format!("Fc is {hz} Hz; possible: above 0 to 1000000 Hz")));
    }
    let has_gain = matches!(shape, Shape::Peak | Shape::LowShelf | Shape::HighShelf);
    let gain_db = gain_db(&words, (shape, has_gain), line)?;
    let width = width(&words, (shape, gain_db), line)?;
    Ok(Some(Filter { shape, hz, gain_db: if has_gain { gain_db } else { 0.0 }, width, is_corner }))
}

fn gain_db(words: &Words<'_>, (shape, has_gain): (Shape, bool), line: usize) -> Result<f64, Error> {
    let gain_db = match &words.gain {
        Some(gain) => value(gain, line, "Gain")?,
        None if has_gain => {
            let text = format!("the filter {} has no Gain; possible: Gain 3 dB", words.kind);
            return Err(Error::at(ErrorKind::Malformed, line, text));
        }
        None => 0.0,
    };
    if gain_db.abs() > 120.0 {
        let text = format!("Gain is {gain_db} dB; possible: -120 to 120 dB");
        return Err(Error::at(ErrorKind::Malformed, line, text));
    }
    if shape == Shape::BandPass && gain_db != 0.0 {
        return Err(Error::at(
            ErrorKind::Ambiguous,
            line,
            "BP with a gain is a band pass in Equalizer APO and a peak on a Behringer DCX2496; possible: BP \
             without Gain, or PK",
        ));
    }
    Ok(gain_db)
}

fn width(words: &Words<'_>, (shape, gain_db): (Shape, f64), line: usize) -> Result<Width, Error> {
    let malformed = |text: String| Err(Error::at(ErrorKind::Malformed, line, text));
    let read = |text: &str, of: &str, most: f64| {
        let number = value(text, line, of)?;
        if number > 0.0 && number <= most {
            return Ok(number);
        }
        let text = format!("{of} is {number}; possible: above 0 to {most}");
        Err(Error::at(ErrorKind::Malformed, line, text))
    };
    let is_shelf = matches!(shape, Shape::LowShelf | Shape::HighShelf);
    if is_shelf {
        if let Some(slope) = &words.slope {
            let slope = read(slope, "the slope in dB", 1000.0)? / STEEPEST_DB;
            let a = 10.0_f64.powf(gain_db / 40.0);
            if (a + 1.0 / a) * (1.0 / slope - 1.0) + 2.0 <= 0.0 {
                let most_db = STEEPEST_DB / (1.0 - 2.0 / (a + 1.0 / a));
                return malformed(format!(
                    "a slope of {} dB is too steep for {gain_db} dB; possible: below {most_db:.1} dB",
                    slope * STEEPEST_DB
                ));
            }
            return Ok(Width::Slope(slope));
        }
        if words.octaves.is_some() || words.sixtieths.is_some() {
            return malformed("BW is no width of a shelf; possible: Q, or LSC 6 dB".into());
        }
    }
    match (words.q, words.octaves, words.sixtieths) {
        (_, Some(octaves), _) => Ok(Width::Octaves(read(octaves, "BW Oct", 20.0)?)),
        // In hertz it is the frequency times BW/60 times the root of 2, on a Behringer DSP1124P.
        (_, _, Some(sixtieths)) => {
            Ok(Width::Q(60.0 / (read(sixtieths, "BW/60", 1200.0)? * SQRT_2)))
        }
        (Some(q), None, None) => Ok(Width::Q(read(q, "Q", 10_000.0)?)),
        (None, None, None) => match shape {
            Shape::Peak => {
                malformed("the filter PK has no width; possible: Q 1.41, or BW Oct 1".into())
            }
            Shape::LowShelf | Shape::HighShelf => Ok(Width::Slope(SHELF_SLOPE)),
            Shape::Notch => Ok(Width::Q(NOTCH_Q)),
            _ => Ok(Width::Q(FRAC_1_SQRT_2)),
        },
    }
}
