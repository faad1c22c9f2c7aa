//! Filters in a table, as REW exports them: a line of headings with `Type`, `Frequency(Hz)`, `Gain(dB)`
//! and `Q`, and a line for each filter.

use super::{Action, Statement};
use crate::decode::Line;
use crate::report::Error;

/// Which column is what.
struct Columns {
    enabled: Option<usize>,
    kind: usize,
    hz: usize,
    gain: Option<usize>,
    q: usize,
}

impl Columns {
    fn of(line: &str) -> Option<Self> {
        let names: Vec<String> = fields(line).map(str::to_ascii_lowercase).collect();
        let find = |name: &str| names.iter().position(|field| field.starts_with(name));
        let q = names.iter().position(|field| field == "q")?;
        let enabled = find("enabled").or_else(|| find("on"));
        Some(Self { enabled, kind: find("type")?, hz: find("freq")?, gain: find("gain"), q })
    }

    /// A filter in words, or `None` where it is off.
    fn words(&self, line: &str) -> Option<String> {
        let fields: Vec<&str> = fields(line).collect();
        let field = |column: Option<usize>| column.and_then(|column| fields.get(column)).copied();
        let is = |text: &str, of: &[&str]| of.iter().any(|one| text.eq_ignore_ascii_case(one));
        if field(self.enabled).is_some_and(|on| is(on, &["false", "off", "no", "0"])) {
            return None;
        }
        let kind = field(Some(self.kind)).filter(|kind| !is(kind, &["", "none"]))?;
        let mut words = kind.to_owned();
        for (name, column, unit) in
            [("Fc", Some(self.hz), "Hz"), ("Gain", self.gain, "dB"), ("Q", Some(self.q), "")]
        {
            if let Some(value) = field(column).filter(|value| !value.is_empty()) {
                words.push_str(&format!(" {name} {value} {unit}"));
            }
        }
        Some(words)
    }
}

/// Fields between tabs, which may be empty, or between spaces.
fn fields(line: &str) -> impl Iterator<Item = &str> {
    let by_tab = line.contains('\t');
    line.split(move |c: char| if by_tab { c == '\t' } else { c.is_whitespace() })
        .filter(move |field| by_tab || !field.is_empty())
        .map(str::trim)
}

/// The filters of a table; `None` where there is none.
pub fn statements<'a>(lines: &[Line<'a>]) -> Result<Option<Vec<Statement<'a>>>, Error> {
    let Some((start, columns)) =
        lines.iter().enumerate().find_map(|(k, line)| Some((k, Columns::of(line.text)?)))
    else {
        return Ok(None);
    };
    let begins_with_number = |line: &&Line<'_>| line.text.starts_with(|c: char| c.is_ascii_digit());
    let rows = lines[start + 1..].iter().filter(begins_with_number);
    let statement = |line: &Line<'a>| Statement {
        line: line.number,
        action: columns.words(line.text).map_or(Action::Inert, Action::Filter),
    };
    Ok(Some(rows.map(statement).collect()))
}
