//! The commands of Equalizer APO, and which of them a curve can hold.

use super::Action;
use crate::report::{Error, ErrorKind, Notes, quoted};

/// What a line begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    GraphicEq,
    Preamp,
    Filter,
    Channel,
    Device,
    Stage,
    /// It changes no gain.
    Harmless(&'static str),
    /// It changes the sound as no curve does, or by what another file says.
    Beyond(&'static str, &'static str),
    /// What a REW export begins with.
    Heading,
    Unknown,
}

/// Commands by their names.
const NAMES: [(&str, Command); 23] = [
    ("graphiceq", Command::GraphicEq),
    ("preamp", Command::Preamp),
    ("channel", Command::Channel),
    ("device", Command::Device),
    ("stage", Command::Stage),
    ("delay", Command::Harmless("a delay changes no gain")),
    ("eval", Command::Harmless("what it computes is not used")),
    ("include", Command::Beyond("Include:", "takes settings from another file")),
    ("copy", Command::Beyond("Copy:", "mixes channels")),
    ("convolution", Command::Beyond("Convolution:", "convolves with the sound of another file")),
    (
        "convolution with file",
        Command::Beyond("Convolution:", "convolves with the sound of another file"),
    ),
    ("if", Command::Beyond("If:", "makes settings depend on a condition")),
    ("elseif", Command::Beyond("ElseIf:", "makes settings depend on a condition")),
    ("else", Command::Beyond("Else:", "makes settings depend on a condition")),
    ("endif", Command::Beyond("EndIf:", "makes settings depend on a condition")),
    ("vstplugin", Command::Beyond("VSTPlugin:", "puts a plugin in between")),
    ("loudnesscorrection", Command::Beyond("LoudnessCorrection:", "depends on the volume")),
    ("notes", Command::Heading),
    ("dated", Command::Heading),
    ("equaliser", Command::Heading),
    ("equalizer", Command::Heading),
    ("measurement", Command::Heading),
    ("source", Command::Heading),
];

impl Command {
    /// That of a line, and the text after its colon; `None` for comments and lines without one.
    pub fn of(line: &str) -> Option<(Self, &str)> {
        if line.starts_with(['#', '*', ';']) || line.starts_with("//") {
            return None;
        }
        let (word, rest) = line.split_once(':')?;
        let word = word.trim().to_ascii_lowercase();
        let known = NAMES.iter().find(|(name, _)| *name == word).map(|(_, command)| *command);
        // The number of a filter, if it has one, means nothing.
        let numbered = word.strip_prefix("filter").is_some_and(|number| {
            number.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_whitespace())
        });
        let command = known.unwrap_or(if numbered { Self::Filter } else { Self::Unknown });
        Some((command, rest.trim()))
    }

    /// Whether a file with such a line is one of settings.
    pub const fn makes_settings(self) -> bool {
        !matches!(self, Self::Heading | Self::Unknown | Self::Channel | Self::Device | Self::Stage)
    }

    /// What the command does, with the text after its colon and the number of its line.
    pub fn action<'a>(
        self,
        rest: &'a str,
        line: usize,
        notes: &mut Notes,
    ) -> Result<Option<Action<'a>>, Error> {
        let beyond = |name: &str, what: &str| {
            let text =
                format!("{name} {what}, which is more than a curve; possible: a file without it");
            Error::at(ErrorKind::Unsupported, line, text)
        };
        if matches!(self, Self::GraphicEq | Self::Preamp | Self::Filter) && rest.contains('`') {
            return Err(beyond("the expression in backticks", "is computed by Equalizer APO"));
        }
        Ok(match self {
            Self::GraphicEq => Some(Action::Graphic(rest)),
            Self::Preamp => Some(Action::Preamp(rest)),
            Self::Filter => Some(filter(rest, line)?),
            Self::Channel => Some(Action::Channels(channels(rest, line, notes))),
            Self::Device => Some(Action::Device(rest)),
            Self::Stage => {
                let capture_only =
                    rest.split_whitespace().all(|stage| stage.eq_ignore_ascii_case("capture"));
                Some(Action::Playing(!capture_only || rest.is_empty()))
            }
            Self::Harmless(why) => {
                notes.add(Some(line), format!("this line was passed over: {why}"));
                None
            }
            Self::Beyond(name, what) => return Err(beyond(name, what)),
            Self::Heading => None,
            Self::Unknown => {
                notes.add(Some(line), "this line is no command, and was passed over".to_owned());
                None
            }
        })
    }
}

/// A filter that is on or off.
fn filter(rest: &str, line: usize) -> Result<Action<'static>, Error> {
    let (state, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    match state.to_ascii_lowercase().as_str() {
        "off" | "none" => Ok(Action::Inert),
        "on" if words.trim().eq_ignore_ascii_case("none") => Ok(Action::Inert),
        "on" => Ok(Action::Filter(words.trim().to_owned())),
        _ => Err(Error::at(
            ErrorKind::Malformed,
            line,
            format!(
                "the filter {} is neither ON nor OFF; possible: \"ON PK Fc 1000 Hz Gain 3 dB Q 1.41\"",
                quoted(rest)
            ),
        )),
    }
}

/// Whether left and right are among the channels of a list.
fn channels(rest: &str, line: usize, notes: &mut Notes) -> [bool; 2] {
    let mut selected = [false; 2];
    for word in rest.split([' ', '\t', ',']).filter(|word| !word.is_empty()) {
        match word.to_ascii_lowercase().as_str() {
            "all" => selected = [true; 2],
            "l" | "1" | "left" => selected[0] = true,
            "r" | "2" | "right" => selected[1] = true,
            _ => notes.add(
                Some(line),
                format!(
                    "what is for the channel {} was passed over; left and right are read",
                    quoted(word)
                ),
            ),
        }
    }
    selected
}
