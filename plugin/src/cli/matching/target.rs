//! What a sound is matched to.

use erbium_curve::target::equal_loudness::Levels;
use std::path::PathBuf;
use std::str::FromStr;

/// The names of targets that are no files, with what follows them.
const EQUAL_LOUDNESS: &str = "equal-loudness:";

/// What there is to match to.
pub const POSSIBLE: &str = "a WAV or FLAC file, pink, speech, equal-loudness:FROM-TO";

/// What a sound is matched to.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// The levels of a file.
    File(PathBuf),
    /// Pink noise: a power density that falls as the frequency rises.
    Pink,
    /// The long-term average of speech.
    Speech,
    /// The sound itself, heard at another level.
    EqualLoudness(Levels),
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(levels) = text.strip_prefix(EQUAL_LOUDNESS) {
            return levels.parse().map(Self::EqualLoudness).map_err(|error| format!("{error}"));
        }
        Ok(match text {
            "pink" => Self::Pink,
            "speech" => Self::Speech,
            file => Self::File(file.into()),
        })
    }
}

impl Target {
    /// What it is called.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Pink => "pink noise".to_owned(),
            Self::Speech => "the long-term average of speech".to_owned(),
            Self::EqualLoudness(levels) => {
                let Levels { from_phon, to_phon } = levels;
                format!("the loudness of {from_phon} phon at {to_phon} phon")
            }
        }
    }
}
