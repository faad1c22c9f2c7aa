//! What a person has chosen of the spectrogram, as it is kept with the instance.

use super::look::{Look, PALETTES, Source};
use super::{DETAILS, HISTORIES};
use crate::editor::cast::{single, whole};
use serde::{Deserialize, Serialize};

/// Range, colours, history and detail. Whole numbers, so that they compare and store exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// What is shown.
    pub source: Source,
    /// Which of the colour maps.
    pub palette: usize,
    /// The level of the darkest colour in dB of full scale.
    pub floor_db: i16,
    /// The level of the brightest colour in dB of full scale.
    pub top_db: i16,
    /// The difference in dB of the strongest colours.
    pub span_db: i16,
    /// Which of the histories.
    pub history: usize,
    /// Which of the details.
    pub detail: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self::new(&Look::default(), 2, 0)
    }
}

impl Settings {
    /// What is chosen now.
    #[must_use]
    pub fn new(look: &Look, history: usize, detail: usize) -> Self {
        let db = |db| i16::try_from(whole(db)).unwrap_or(0);
        Self {
            source: look.source,
            palette: look.palette,
            floor_db: db(look.floor_db),
            top_db: db(look.top_db),
            span_db: db(look.span_db),
            history,
            detail,
        }
    }

    /// The look, possible whatever was stored.
    #[must_use]
    pub fn look(&self) -> Look {
        let floor_db = self.floor_db.clamp(-140, 10);
        let db = |db: i16| single(f64::from(db));
        Look {
            source: self.source,
            palette: self.palette.min(PALETTES.len() - 1),
            floor_db: db(floor_db),
            top_db: db(self.top_db.clamp(floor_db + 10, 20)),
            span_db: db(self.span_db.clamp(1, 60)),
        }
    }

    /// Which of the histories and of the details, possible whatever was stored.
    #[must_use]
    pub fn choices(&self) -> (usize, usize) {
        (self.history.min(HISTORIES.len() - 1), self.detail.min(DETAILS.len() - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;
    use crate::editor::spectrogram::look::Look;

    #[test]
    fn what_was_chosen_is_what_is_stored() {
        let chosen = Look { palette: 3, floor_db: -70.0, span_db: 24.0, ..Look::default() };
        let text = serde_json::to_string(&Settings::new(&chosen, 6, 1)).expect("stores");
        let stored: Settings = serde_json::from_str(&text).expect("reads");
        assert_eq!((stored.look(), stored.choices()), (chosen, (6, 1)));
    }

    #[test]
    fn what_another_version_stored_is_made_possible() {
        let text = r#"{"palette": 99, "floor_db": 300, "top_db": -300, "history": 99, "scent": 1}"#;
        let settings: Settings = serde_json::from_str(text).expect("reads");
        let look = settings.look();
        assert!(look.top_db >= look.floor_db + 10.0 && look.top_db <= 20.0, "{look:?}");
        assert!(look.colors()[0] != look.colors()[255]);
        assert!(settings.choices().0 < 7);
    }
}
