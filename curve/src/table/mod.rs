//! Tables: a line for each frequency, with one gain or one for each of two channels.

mod heading;
mod levels;
mod split;

pub use levels::{BOOST_MAX_DB, Purpose};

use crate::POSSIBLE;
use crate::channels::{ChannelCurve, Channels, Contents};
use crate::curve::{Curve, OFF_DB, Point};
use crate::decode::Line;
use crate::number::{Notation, Reading};
use crate::report::{Error, ErrorKind, Notes, quoted};
use crate::settings::{ambiguous, is_off};
use heading::{Columns, Headings};
use split::{Separator, fields_of, is_missing, without_unit};

/// How many lines decide what is between fields.
const SAMPLE: usize = 50;

/// What the values of a table are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Values {
    /// Gains or, with a purpose, levels that gains are made of.
    Gains(Option<Purpose>),
    /// Thresholds of hearing, taken as they are.
    Thresholds,
}

/// A line of numbers.
struct Row<'a> {
    line: usize,
    fields: Vec<&'a str>,
}

/// Reads a table.
pub fn read(
    lines: &[Line<'_>],
    values: Values,
    notes: &mut Notes,
) -> Result<(Channels, Contents), Error> {
    let Some(start) = lines.iter().position(|line| is_data(line.text)) else {
        return Err(no_curve(lines));
    };
    let (before, lines) = lines.split_at(start);
    let separator = separator(lines)?;
    let rows = rows(lines, separator, notes)?;
    let count = rows[0].fields.len();
    let columns = match Headings::find(before, separator, count) {
        Some(headings) => headings.columns(count, separator)?,
        None if values == Values::Thresholds => {
            heading::ears_without_headings(count, rows[0].line)?
        }
        None => {
            let third =
                rows.iter().filter_map(|row| Notation::value(without_unit(row.fields.get(2)?).0));
            heading::without_headings(count, rows[0].line, &third.collect::<Vec<_>>())?
        }
    };
    if let Some(note) = &columns.note {
        notes.add(None, note.clone());
    }
    let notation = notation(&rows, &columns);
    let mut channels = Vec::new();
    let mut contents = Contents::default();
    for &gain in &columns.gains {
        let points = points(&rows, (&columns, gain), notation, notes)?;
        let curve = curve(points)?;
        contents.points = curve.points().len();
        let curve = match values {
            Values::Gains(purpose) => levels::gains(curve, rows[0].line, purpose, notes)?,
            Values::Thresholds => curve,
        };
        channels.push(ChannelCurve { curve, preamp_db: None });
    }
    let left = channels.remove(0);
    let right = channels.pop().unwrap_or_else(|| left.clone());
    Ok((Channels::of([left, right]), contents))
}

fn no_curve(lines: &[Line<'_>]) -> Error {
    match lines.iter().find(|line| !line.text.is_empty()) {
        None => Error::new(ErrorKind::NoCurve, format!("there is no curve in it; {POSSIBLE}")),
        Some(line) => {
            let text =
                format!("{} is no curve, nor is what follows; {POSSIBLE}", quoted(line.text));
            Error::at(ErrorKind::NoCurve, line.number, text)
        }
    }
}

fn is_comment(text: &str) -> bool {
    text.is_empty() || text.starts_with(['*', '#', ';']) || text.starts_with("//")
}

/// Whether a line begins as a point does.
fn is_data(text: &str) -> bool {
    let start = text.trim_start_matches(['"', '-', '+', '.', ',', '−', ' ']);
    !is_comment(text) && start.starts_with(|c: char| c.is_ascii_digit())
}

/// What is between the fields of most lines.
fn separator(lines: &[Line<'_>]) -> Result<Separator, Error> {
    let sample: Vec<&Line<'_>> =
        lines.iter().filter(|line| is_data(line.text)).take(SAMPLE).collect();
    let fits = |separator: Separator| {
        sample.iter().filter(|line| fields_of(separator, line.text).len() >= 2).count()
    };
    let mut best: Option<(Separator, usize)> = None;
    for separator in Separator::ALL {
        let fits = fits(separator);
        if fits > best.map_or(0, |(_, most)| most) {
            best = Some((separator, fits));
        }
    }
    best.map(|(separator, _)| separator).ok_or_else(|| no_point(sample[0]))
}

fn no_point(line: &Line<'_>) -> Error {
    let text = format!("{} is no point; {POSSIBLE}", quoted(line.text));
    Error::at(ErrorKind::Malformed, line.number, text)
}

/// The lines of numbers, up to words after them.
fn rows<'a>(
    lines: &[Line<'a>],
    separator: Separator,
    notes: &mut Notes,
) -> Result<Vec<Row<'a>>, Error> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    let mut footer: Option<&Line<'a>> = None;
    for line in lines.iter().filter(|line| !is_comment(line.text)) {
        let fields = if is_data(line.text) { fields_of(separator, line.text) } else { Vec::new() };
        if fields.len() < 2 {
            // What begins as a point and is none may be a point that was spoilt, but for words after the table.
            if is_data(line.text) && footer.is_none() {
                return Err(no_point(line));
            }
            footer = footer.or(Some(line));
            continue;
        }
        if let Some(words) = footer {
            let text = format!(
                "{} stands in the middle of a table; possible: one table, and words before or after it",
                quoted(words.text)
            );
            return Err(Error::at(ErrorKind::Malformed, words.number, text));
        }
        if let Some(first) = rows.first().filter(|first| first.fields.len() != fields.len()) {
            let (given, other, at) = (fields.len(), first.fields.len(), first.line);
            let text = format!(
                "{given} numbers stand here and {other} on line {at}; possible: as many in each, without a mark \
                 between thousands"
            );
            return Err(Error::at(ErrorKind::Malformed, line.number, text));
        }
        rows.push(Row { line: line.number, fields });
    }
    if let Some(words) = footer {
        let text =
            format!("from {} on, words after the table were passed over", quoted(words.text));
        notes.add(Some(words.number), text);
    }
    Ok(rows)
}

/// How the numbers that are read are written.
fn notation(rows: &[Row<'_>], columns: &Columns) -> Notation {
    let of = |column: usize| rows.iter().map(move |row| without_unit(row.fields[column]).0);
    let frequencies: Vec<&str> = of(columns.hz).collect();
    let gains = columns.gains.iter().copied().flat_map(of);
    Notation::of(frequencies.iter().copied(), gains).or_rising(&frequencies)
}

/// The points of a column, in the order of the lines, with the lines.
fn points(
    rows: &[Row<'_>],
    (columns, gain): (&Columns, usize),
    notation: Notation,
    notes: &mut Notes,
) -> Result<Vec<(usize, Point)>, Error> {
    let mut points = Vec::with_capacity(rows.len());
    for row in rows {
        let malformed = |text: String| Error::at(ErrorKind::Malformed, row.line, text);
        let no_number =
            |field: &str| malformed(format!("{} is no number; {POSSIBLE}", quoted(field)));
        if is_missing(row.fields[gain]) || is_missing(row.fields[columns.hz]) {
            notes.add(Some(row.line), "lines without a value were passed over");
            continue;
        }
        let (hz, unit_hz) = without_unit(row.fields[columns.hz]);
        let hz = match notation.frequency(hz) {
            // A unit of its own goes before the heading's.
            Reading::Number(hz) => hz * unit_hz.unwrap_or(columns.unit_hz),
            Reading::Either(point, comma) => return Err(ambiguous(row.line, hz, point, comma)),
            Reading::None => return Err(no_number(hz)),
        };
        let db = match without_unit(row.fields[gain]).0 {
            off if is_off(off) => OFF_DB,
            gain => Notation::value(gain).ok_or_else(|| no_number(gain))?,
        };
        if !(0.0..=1e6).contains(&hz) || db.abs() > 1000.0 {
            let text = format!(
                "{db} dB at {hz} Hz is out of range; possible: -1000 to 1000 dB at 0 to 1000000 Hz"
            );
            return Err(malformed(text));
        }
        points.push((row.line, Point { hz, db }));
    }
    if points.is_empty() {
        let text = format!("there is no curve in it, for no line has a value; {POSSIBLE}");
        return Err(Error::new(ErrorKind::NoCurve, text));
    }
    Ok(points)
}

/// The curve through points, which may come in any order, but not as two tables one after the other.
fn curve(points: Vec<(usize, Point)>) -> Result<Curve, Error> {
    let mut runs: Vec<&[(usize, Point)]> = points.chunk_by(|a, b| a.1.hz <= b.1.hz).collect();
    runs.retain(|run| run.len() >= 3);
    if let [first, .., last] = runs.as_slice()
        && let (Some(end), Some((line, start))) = (first.last(), last.first())
        && start.hz < end.1.hz
        && last.last().is_some_and(|end| end.1.hz > first[0].1.hz)
    {
        let text = format!(
            "the frequencies begin again at {} Hz, as of a second curve; possible: a file for each, or columns \
             called left and right",
            start.hz
        );
        return Err(Error::at(ErrorKind::Malformed, *line, text));
    }
    Curve::new(points.into_iter().map(|(_, point)| point).collect())
}
