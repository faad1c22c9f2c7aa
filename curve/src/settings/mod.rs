//! Settings of equalisers: commands of [Equalizer APO][1], filters as [REW][2] and AutoEq export them.
//!
//! [1]: https://sourceforge.net/p/equalizerapo/wiki/Configuration%20reference/
//! [2]: https://www.roomeqwizard.com/help/help_en-GB/html/eqfilters.html

mod command;
mod evaluate;
mod filter_line;
mod filter_table;
mod graphic;

pub use evaluate::evaluate;
pub use graphic::is_off;

use crate::decode::Line;
use crate::filter::Filter;
use crate::number::{Notation, Reading};
use crate::report::{Error, ErrorKind, Notes, quoted};
use command::Command;

/// What a line does.
#[derive(Clone, Debug)]
pub enum Action<'a> {
    /// The text after `GraphicEQ:`.
    Graphic(&'a str),
    /// The text after `Preamp:`.
    Preamp(&'a str),
    /// An enabled filter, in the words after `ON`.
    Filter(String),
    /// A filter that is off, or none.
    Inert,
    /// The channels that what follows is for: left and right.
    Channels([bool; 2]),
    /// The device that what follows is for.
    Device(&'a str),
    /// Whether what follows is for playing.
    Playing(bool),
}

/// What a line does, and its number.
#[derive(Clone, Debug)]
pub struct Statement<'a> {
    pub line: usize,
    pub action: Action<'a>,
}

/// The statements of a file; `None` where it has none, for it then is a table.
pub fn statements<'a>(
    lines: &[Line<'a>],
    notes: &mut Notes,
) -> Result<Option<Vec<Statement<'a>>>, Error> {
    let commands: Vec<Option<(Command, &str)>> =
        lines.iter().map(|line| Command::of(line.text)).collect();
    let is_settings = |command: &Option<(Command, &str)>| {
        command.is_some_and(|(command, _)| command.makes_settings())
    };
    if !commands.iter().any(is_settings) {
        return filter_table::statements(lines);
    }
    let mut statements = Vec::new();
    for (line, command) in lines.iter().zip(commands) {
        let Line { number, text } = *line;
        let Some((command, rest)) = command else {
            if is_point(text) {
                notes.add(
                    Some(number),
                    format!("{} is no setting, and was passed over", quoted(text)),
                );
            }
            continue;
        };
        if let Some(action) = command.action(rest, number, notes)? {
            statements.push(Statement { line: number, action });
        }
    }
    Ok(Some(statements))
}

/// A filter that stands alone.
pub fn filter(words: &str, notes: &mut Notes) -> Result<Option<Filter>, Error> {
    let (frequency, values) = filter_line::numbers(words);
    let notation =
        Notation::of(frequency.as_deref().into_iter(), values.iter().map(String::as_str));
    filter_line::read(words, 1, notation, notes)
}

/// Whether a line would be a point of a table: two numbers.
fn is_point(text: &str) -> bool {
    let mut fields = text.split([' ', '\t', ';']).filter(|field| !field.is_empty());
    fields.by_ref().take(2).filter(|field| crate::number::is_number(field)).count() == 2
}

/// A frequency of a setting.
pub fn frequency(notation: Notation, text: &str, line: usize, of: &str) -> Result<f64, Error> {
    match notation.frequency(text) {
        Reading::Number(number) => Ok(number),
        Reading::Either(point, comma) => Err(ambiguous(line, text, point, comma)),
        Reading::None => Err(no_number(text, line, of)),
    }
}

/// Another number of a setting.
pub fn value(text: &str, line: usize, of: &str) -> Result<f64, Error> {
    Notation::value(text).ok_or_else(|| no_number(text, line, of))
}

fn no_number(text: &str, line: usize, of: &str) -> Error {
    let text = format!("{of} is {}; possible: a number", quoted(text));
    Error::at(ErrorKind::Malformed, line, text)
}

/// What may be two numbers.
pub fn ambiguous(line: usize, text: &str, point: f64, comma: f64) -> Error {
    let (more, less) = if point > comma { (point, comma) } else { (comma, point) };
    let text = quoted(text);
    Error::at(
        ErrorKind::Ambiguous,
        line,
        format!(
            "{text} may be {more} or {less}; possible: no mark between thousands, such as {more}"
        ),
    )
}
