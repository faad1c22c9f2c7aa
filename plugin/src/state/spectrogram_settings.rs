//! What a person has chosen of the spectrogram, as it is kept with the instance.

use crate::cast::{single, whole};
use crate::state::colour_mapping::{ColourMapping, PALETTES, Source};
use serde::{Deserialize, Serialize};

/// The longest history on offer, in seconds.
pub const LONGEST_HISTORY_S: f64 = 60.0;

/// The histories on offer, in seconds.
pub const HISTORIES: [(&str, f64); 7] = [
    ("1 s", 1.0),
    ("2 s", 2.0),
    ("5 s", 5.0),
    ("10 s", 10.0),
    ("20 s", 20.0),
    ("30 s", 30.0),
    ("60 s", LONGEST_HISTORY_S),
];
/// How many times narrower than the scale's bandwidths rows can be.
pub const DETAILS: [(&str, f64); 3] = [("Ear", 1.0), ("Fine", 2.0), ("Finest", 4.0)];

/// Range, colours, history and detail. Whole numbers, so that they compare and store exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SpectrogramSettings {
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

impl Default for SpectrogramSettings {
    fn default() -> Self {
        Self::new(&ColourMapping::default(), 2, 0)
    }
}

impl SpectrogramSettings {
    /// What is chosen now.
    #[must_use]
    pub fn new(look: &ColourMapping, history: usize, detail: usize) -> Self {
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
    pub fn look(&self) -> ColourMapping {
        let floor_db = self.floor_db.clamp(-140, 10);
        let db = |db: i16| single(f64::from(db));
        ColourMapping {
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
    use super::{PALETTES, SpectrogramSettings};
    use crate::state::colour_mapping::ColourMapping;

    #[test]
    fn what_was_chosen_is_what_is_stored() {
        let chosen = ColourMapping {
            palette: 3,
            floor_db: -70.0,
            span_db: 24.0,
            ..ColourMapping::default()
        };
        let text = serde_json::to_string(&SpectrogramSettings::new(&chosen, 6, 1)).expect("stores");
        let stored: SpectrogramSettings = serde_json::from_str(&text).expect("reads");
        assert_eq!((stored.look(), stored.choices()), (chosen, (6, 1)));
    }

    #[test]
    fn what_another_version_stored_is_made_possible() {
        let text = r#"{"palette": 99, "floor_db": 300, "top_db": -300, "history": 99, "scent": 1}"#;
        let settings: SpectrogramSettings = serde_json::from_str(text).expect("reads");
        let look = settings.look();
        assert!(look.top_db >= look.floor_db + 10.0 && look.top_db <= 20.0, "{look:?}");
        assert!(look.palette < PALETTES.len());
        assert!(settings.choices().0 < 7);
    }
}
