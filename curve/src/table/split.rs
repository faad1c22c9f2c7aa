//! Fields of a line.

use crate::number::is_number;
use crate::settings::is_off;

/// What is between fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    Semicolon,
    Tab,
    /// Any white space, and commas before it.
    Space,
    Comma,
}

impl Separator {
    /// Those there are, the surest first: only numbers have commas and spaces in them.
    pub const ALL: [Self; 4] = [Self::Semicolon, Self::Tab, Self::Space, Self::Comma];

    /// The fields of a line, without quotation marks.
    pub fn fields(self, line: &str) -> Vec<&str> {
        let is_separator = |c: char| match self {
            Self::Semicolon => c == ';',
            Self::Tab => c == '\t',
            Self::Space => c == ' ' || c == '\t',
            Self::Comma => c == ',',
        };
        let mut fields = Vec::new();
        let mut quoted = false;
        let split = line.split(|c: char| {
            quoted ^= c == '"';
            !quoted && is_separator(c)
        });
        for field in split {
            let field = field.trim().trim_matches('"').trim();
            match self {
                Self::Space => {
                    let field = field.trim_matches(',').trim_matches('"');
                    if !field.is_empty() {
                        fields.push(field);
                    }
                }
                _ => fields.push(field),
            }
        }
        if self == Self::Space {
            return with_units(line, &fields);
        }
        // A separator at the end of a line begins no field.
        while fields.last().is_some_and(|field| field.is_empty()) {
            fields.pop();
        }
        fields
    }
}

/// Fields with the units that stand apart after them.
fn with_units<'a>(line: &'a str, fields: &[&'a str]) -> Vec<&'a str> {
    let offset = |field: &str| field.as_ptr() as usize - line.as_ptr() as usize;
    let mut joined: Vec<&str> = Vec::with_capacity(fields.len());
    for field in fields {
        let is_unit = ["hz", "khz", "db"].iter().any(|unit| field.eq_ignore_ascii_case(unit));
        match joined.last_mut() {
            Some(last) if is_unit && is_number(last) => {
                *last = &line[offset(last)..offset(field) + field.len()];
            }
            _ => joined.push(field),
        }
    }
    joined
}

/// A field without its unit, and what the unit multiplies it by.
pub fn without_unit(field: &str) -> (&str, Option<f64>) {
    for (unit, factor) in [("khz", 1000.0), ("hz", 1.0), ("db", 1.0)] {
        if let Some(end) = field.len().checked_sub(unit.len())
            && field.get(end..).is_some_and(|ending| ending.eq_ignore_ascii_case(unit))
        {
            return (field[..end].trim_matches([' ', ',', '"', '\u{a0}']), Some(factor));
        }
    }
    (field, None)
}

/// Whether a field is a number, or stands where one is missing or as low as can be.
pub fn is_value(field: &str) -> bool {
    is_number(without_unit(field).0) || is_missing(field) || is_off(field)
}

/// What programs write where there is no value.
pub fn is_missing(field: &str) -> bool {
    ["", "?", "-", "nan", "na", "n/a", "null"].contains(&field.to_ascii_lowercase().as_str())
}

/// The fields of a line before the first that is no value.
pub fn fields_of(separator: Separator, line: &str) -> Vec<&str> {
    let mut fields = separator.fields(line);
    let end = fields.iter().position(|field| !is_value(field)).unwrap_or(fields.len());
    fields.truncate(end);
    fields
}
