//! What a reader has to say: why it cannot read, and what it left out.

use std::fmt;

/// The most notes that are kept; what there are more is counted.
const NOTES_MAX: usize = 20;

/// What was passed over or decided while a curve was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The line it is about, counted from 1; `None` where it is about the whole file.
    pub line: Option<usize>,
    /// A clause without a full stop.
    pub text: String,
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "line {line}: {}", self.text),
            None => formatter.write_str(&self.text),
        }
    }
}

/// What kind of thing keeps a curve from being read: some are questions, which a caller may answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no curve in it.
    NoCurve,
    /// A line or a number of it is wrong.
    Malformed,
    /// A number may be read in two ways.
    Ambiguous,
    /// It says something that a curve cannot hold, such as a convolution.
    Unsupported,
    /// It is larger than what is read.
    TooLarge,
    /// It holds levels, and [`Options::purpose`](crate::Options::purpose) does not say what for.
    AsksPurpose,
    /// Left and right differ, and no channel was chosen.
    AsksChannel,
    /// Several columns may be the gains.
    AsksColumn,
}

/// Why there is no curve: a sentence that says what was given and what is possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What kind of thing is wrong.
    pub kind: ErrorKind,
    /// The line it is about, counted from 1; `None` where it is about the whole file.
    pub line: Option<usize>,
    /// A clause without a full stop.
    pub text: String,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self { kind, line: None, text: text.into() }
    }

    pub(crate) fn at(kind: ErrorKind, line: usize, text: impl Into<String>) -> Self {
        Self { kind, line: Some(line), text: text.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "line {line}: {}", self.text),
            None => formatter.write_str(&self.text),
        }
    }
}

impl std::error::Error for Error {}

/// Collects notes: each text once, and no more than anyone reads.
#[derive(Debug, Default)]
pub struct Notes {
    notes: Vec<Note>,
    more: usize,
}

impl Notes {
    pub(crate) fn add(&mut self, line: Option<usize>, text: impl Into<String>) {
        let text = text.into();
        if self.notes.iter().any(|note| note.text == text) {
            return;
        }
        if self.notes.len() < NOTES_MAX {
            self.notes.push(Note { line, text });
        } else {
            self.more += 1;
        }
    }

    pub(crate) fn finish(mut self) -> Vec<Note> {
        if self.more > 0 {
            let text = format!("and {} more like these", self.more);
            self.notes.push(Note { line: None, text });
        }
        self.notes
    }
}

/// As much of a text as fits into a sentence, in quotation marks.
pub fn quoted(text: &str) -> String {
    let text: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("\"{}…\"", &text[..end]),
        None => format!("\"{text}\""),
    }
}
