//! Which column is what, by its heading.

use super::split::Separator;
use crate::decode::Line;
use crate::report::{Error, ErrorKind, quoted};

/// What a heading names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Frequency,
    /// AutoEq's result.
    Equalization,
    Left,
    Right,
    Gain,
    Level,
    /// What is neither gain nor level.
    Aside,
    Other,
}

impl Name {
    fn of(text: &str) -> Self {
        let text = text.to_lowercase();
        let words: Vec<&str> =
            text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let has = |names: &[&str]| words.iter().any(|word| names.contains(word));
        let begins = |names: &[&str]| {
            words.iter().any(|word| names.iter().any(|name| word.starts_with(name)))
        };
        if begins(&["freq", "fréq", "frec", "frek"]) || has(&["hz", "khz", "f"]) {
            Self::Frequency
        } else if words == ["equalization"] || words == ["equalisation"] {
            Self::Equalization
        } else if begins(&[
            "phase",
            "degree",
            "deg",
            "error",
            "target",
            "coherence",
            "delay",
            "harmonic",
        ]) || has(&["thd", "q", "parametric", "fixed", "equalized", "excess"])
        {
            Self::Aside
        } else if has(&["left", "l", "links", "gauche", "izquierda", "sinistra"]) {
            Self::Left
        } else if has(&["right", "r", "rechts", "droite", "derecha", "destra"]) {
            Self::Right
        } else if begins(&["gain", "correction", "eq", "filter", "boost", "verst"]) {
            Self::Gain
        } else if begins(&["spl", "raw", "mag", "level", "response", "ampl", "pegel", "niveau"])
            || has(&["db", "dbspl", "dbfs"])
        {
            Self::Level
        } else {
            Self::Other
        }
    }
}

/// The columns that are read.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    /// That of the frequency.
    pub hz: usize,
    /// What the frequencies are in, in hertz.
    pub unit_hz: f64,
    /// Those of the gains: one, or left and right.
    pub gains: Vec<usize>,
    /// What there is to say of the choice.
    pub note: Option<String>,
}

/// The headings of a table, among the lines before its first point.
pub struct Headings<'a> {
    line: usize,
    names: Vec<&'a str>,
}

impl<'a> Headings<'a> {
    /// The last line that names a frequency in as many words as there are columns or more.
    pub fn find(before: &[Line<'a>], separator: Separator, columns: usize) -> Option<Self> {
        before.iter().rev().find_map(|line| {
            let text = line.text.trim_start_matches(['*', '#', ';', '/', ' ']);
            let others = Separator::ALL.into_iter().filter(|other| *other != separator);
            std::iter::once(separator).chain(others).find_map(|separator| {
                let names = names(separator, text, columns);
                let is_heading = names.len() >= 2
                    && names.iter().take(columns).any(|name| Name::of(name) == Name::Frequency)
                    && !names
                        .iter()
                        .any(|name| name.contains(':') || crate::number::is_number(name));
                is_heading.then_some(Self { line: line.number, names })
            })
        })
    }

    /// The columns to read of so many.
    pub fn columns(&self, count: usize, separator: Separator) -> Result<Columns, Error> {
        let names = &self.names[..self.names.len().min(count)];
        if separator == Separator::Comma && count > self.names.len() {
            let given = self.names.len();
            return Err(Error::at(
                ErrorKind::Malformed,
                self.line,
                format!(
                    "{given} headings stand over {count} columns; possible: as many, and decimal points where \
                     commas are between columns"
                ),
            ));
        }
        let kinds: Vec<Name> = names.iter().map(|name| Name::of(name)).collect();
        let of = |kind: Name| (0..kinds.len()).filter(|k| kinds[*k] == kind).collect::<Vec<_>>();
        let hz = of(Name::Frequency).first().copied().unwrap_or(0);
        let unit_hz = if names[hz].to_lowercase().contains("khz") { 1000.0 } else { 1.0 };
        let [equalization, left, right, gain, level, other] =
            [Name::Equalization, Name::Left, Name::Right, Name::Gain, Name::Level, Name::Other]
                .map(of);
        let raw: Vec<usize> = level.iter().copied().filter(|k| is_raw(names[*k])).collect();
        let gains = match () {
            () if !equalization.is_empty() => vec![equalization[0]],
            // Whatever it is called, there is no other.
            () if count == 2 => vec![1 - hz.min(1)],
            () if left.len() == 1 && right.len() == 1 => vec![left[0], right[0]],
            () if gain.len() == 1 => gain,
            () if gain.is_empty() && left.len() + right.len() + level.len() == 1 => {
                [left, right, level].concat()
            }
            () if gain.is_empty() && left.is_empty() && right.is_empty() && raw.len() == 1 => raw,
            () if [&gain, &left, &right, &level].iter().all(|k| k.is_empty())
                && other.len() == 1 =>
            {
                other
            }
            () => return Err(self.question(names)),
        };
        let aside = (0..names.len()).filter(|k| *k != hz && !gains.contains(k));
        let aside: Vec<String> = aside.map(|k| quoted(names[k])).collect();
        let read: Vec<String> = gains.iter().map(|k| quoted(names[*k])).collect();
        let note = (!aside.is_empty()).then(|| {
            let were = if aside.len() == 1 { "was" } else { "were" };
            format!(
                "the gains are those of {}; {} {were} passed over",
                read.join(" and "),
                aside.join(", ")
            )
        });
        Ok(Columns { hz, unit_hz, gains, note })
    }

    fn question(&self, names: &[&str]) -> Error {
        let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        Error::at(
            ErrorKind::AsksColumn,
            self.line,
            format!(
                "of the columns {}, which holds the gains is not clear; possible: one called gain or \
                 equalization, or two called left and right",
                names.join(", ")
            ),
        )
    }
}

fn is_raw(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case("raw")
}

/// The names of columns. Units that stand apart belong to the name before them.
fn names(separator: Separator, text: &str, columns: usize) -> Vec<&str> {
    let fields = separator.fields(text);
    if separator != Separator::Space || fields.len() <= columns {
        return fields;
    }
    let unit = |field: &str| {
        field.starts_with(['(', '['])
            || ["hz", "db", "khz"].contains(&field.to_lowercase().as_str())
    };
    let mut names: Vec<&str> = Vec::new();
    for field in fields {
        match names.last_mut() {
            Some(last) if unit(field) => {
                let start = last.as_ptr() as usize - text.as_ptr() as usize;
                let end = field.as_ptr() as usize - text.as_ptr() as usize + field.len();
                *last = &text[start..end];
            }
            _ => names.push(field),
        }
    }
    names
}

/// The columns of an audiogram without headings: more than two are ears or something else, and which is which is asked.
pub fn ears_without_headings(count: usize, line: usize) -> Result<Columns, Error> {
    if count <= 2 {
        return Ok(Columns { hz: 0, unit_hz: 1.0, gains: vec![1], note: None });
    }
    let text = format!(
        "{count} columns stand without headings; possible: headings such as \"Hz left right\""
    );
    Err(Error::at(ErrorKind::AsksColumn, line, text))
}

/// The columns of a table without headings, of which `third` are the values in the third one.
pub fn without_headings(count: usize, line: usize, third: &[f64]) -> Result<Columns, Error> {
    let columns = |note| Columns { hz: 0, unit_hz: 1.0, gains: vec![1], note };
    if count <= 2 {
        return Ok(columns(None));
    }
    // Degrees, which reach further than gains do, or none at all.
    let is_phase =
        third.iter().any(|value| value.abs() > 40.0) || third.iter().all(|value| *value == 0.0);
    if is_phase {
        let note = "columns from the third one on were passed over, as phases".to_owned();
        return Ok(columns(Some(note)));
    }
    Err(Error::at(
        ErrorKind::AsksColumn,
        line,
        format!(
            "of {count} columns without headings, which holds the gains is not clear; possible: a line of \
             headings, such as \"Hz gain\", \"Hz left right\" or \"Hz dB phase\""
        ),
    ))
}
