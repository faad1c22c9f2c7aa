//! How the window looks: theme, scale and axis, kept with the instance.

use crate::state::spectrogram_settings::SpectrogramSettings;
use serde::{Deserialize, Serialize};

/// The interface scales on offer, in per cent.
pub const SCALES_PERCENT: [u16; 9] = [50, 75, 100, 125, 150, 200, 250, 300, 400];

/// What a person prefers to see. Nothing here changes the sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Whether the theme is light.
    pub light: bool,
    /// The size of everything, in per cent.
    pub scale_percent: u16,
    /// Whether the frequency axis names notes.
    pub notes: bool,
    /// Whether a piano lies along the frequency axis.
    pub piano: bool,
    /// How the spectrogram looks.
    pub spectrogram: SpectrogramSettings,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            light: false,
            scale_percent: 100,
            notes: false,
            piano: false,
            spectrogram: SpectrogramSettings::default(),
        }
    }
}

impl Preferences {
    /// The interface scale as a factor, 0.5 to 4 whatever was stored.
    #[must_use]
    pub fn zoom(&self) -> f32 {
        f32::from(self.scale_percent.clamp(50, 400)) / 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_by_another_version_still_reads() {
        let read = |text| serde_json::from_str::<Preferences>(text).expect("reads");
        assert_eq!(read("{}"), Preferences::default());
        assert!(read(r#"{"light": true, "scent": 3}"#).light);
        assert_eq!(read(r#"{"scale_percent": 9000}"#).zoom(), 4.0);
        assert_eq!(read(r#"{"scale_percent": 0}"#).zoom(), 0.5);
    }
}
