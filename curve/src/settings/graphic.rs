//! The points of a `GraphicEQ:` line.

use super::{ambiguous, value};
use crate::POSSIBLE;
use crate::curve::{Curve, OFF_DB, Point};
use crate::number::{Notation, Reading};
use crate::report::{Error, ErrorKind, quoted};

/// The words of the points, frequency and gain in turn.
fn words(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.split(';').map(|pair| {
        let words: Vec<&str> = pair
            .split_whitespace()
            .map(|word| word.trim_matches(','))
            .filter(|word| !["", "hz", "db"].contains(&word.to_ascii_lowercase().as_str()))
            .collect();
        match words[..] {
            // Two numbers may be apart by a comma alone.
            [one] if !crate::number::is_number(one) => one.split(',').collect(),
            _ => words,
        }
    })
}

/// The points as texts.
fn pairs(text: &str, line: usize) -> Result<Vec<(&str, &str)>, Error> {
    let mut pairs = Vec::new();
    for words in words(text) {
        if words.len() % 2 != 0 {
            let text = format!("{} is no point; {POSSIBLE}", quoted(&words.join(" ")));
            return Err(Error::at(ErrorKind::Malformed, line, text));
        }
        pairs.extend(words.chunks_exact(2).map(|pair| (pair[0], pair[1])));
    }
    Ok(pairs)
}

/// Frequencies and gains, which say how numbers are written.
pub fn numbers(text: &str) -> impl Iterator<Item = (&str, &str)> {
    words(text)
        .flat_map(|words| words.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>())
}

/// The curve of a line; a file may have several.
pub fn read(text: &str, line: usize, notation: Notation) -> Result<Curve, Error> {
    let pairs = pairs(text, line)?;
    let frequencies: Vec<&str> = pairs.iter().map(|pair| pair.0).collect();
    let notation = notation.or_rising(&frequencies);
    let point = |&(hz, gain): &(&str, &str)| {
        let hz = match notation.frequency(hz) {
            Reading::Number(hz) => hz,
            Reading::Either(point, comma) => return Err(ambiguous(line, hz, point, comma)),
            Reading::None => {
                let text = format!("{} is no point; {POSSIBLE}", quoted(&format!("{hz} {gain}")));
                return Err(Error::at(ErrorKind::Malformed, line, text));
            }
        };
        let db = if is_off(gain) { OFF_DB } else { value(gain, line, "a gain")? };
        if !(0.0..=1e6).contains(&hz) || db.abs() > 300.0 {
            let text = format!(
                "{db} dB at {hz} Hz is out of range; possible: -300 to 300 dB at 0 to 1000000 Hz"
            );
            return Err(Error::at(ErrorKind::Malformed, line, text));
        }
        Ok(Point { hz, db })
    };
    let points: Vec<Point> = pairs.iter().map(point).collect::<Result<_, _>>()?;
    if points.is_empty() {
        return Ok(Curve::flat());
    }
    Curve::new(points).map_err(|error| Error { line: Some(line), ..error })
}

/// Whether a gain is as low as can be.
pub fn is_off(text: &str) -> bool {
    ["off", "-inf", "−inf", "-infinity", "-∞"].contains(&text.to_ascii_lowercase().as_str())
}
