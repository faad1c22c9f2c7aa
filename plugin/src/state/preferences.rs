//! How the window looks: theme, scale and axis, kept with the instance.

use crate::state::monitor_settings::MonitorSettings;
use crate::state::spectrogram_settings::SpectrogramSettings;
use serde::{Deserialize, Serialize};

/// The interface scales on offer, in per cent.
pub const SCALES_PERCENT: [u16; 9] = [50, 75, 100, 125, 150, 200, 250, 300, 400];

/// The colours of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
    /// Light on black, with outlines.
    HighContrast,
}

/// The ranges of the gain axis on offer, in dB either way.
pub const GAIN_RANGES_DB: [u8; 3] = [6, 12, 24];

/// What a person prefers to see. Nothing here changes the sound.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Whether the theme is light.
    pub light: bool,
    /// Whether the theme is the one of the strongest contrasts; has precedence over `light`.
    pub high_contrast: bool,
    /// Whether nothing fades or glides.
    pub reduced_motion: bool,
    /// The size of everything, in per cent.
    pub scale_percent: u16,
    /// Whether the frequency axis names notes.
    pub notes: bool,
    /// Whether a piano lies along the frequency axis.
    pub piano: bool,
    /// The gain axis reaches so many dB either way: one of [`GAIN_RANGES_DB`].
    pub gain_range_db: u8,
    /// How much of the plots' height the bands have, in per cent: the spectrogram has the rest.
    pub bands_percent: u8,
    /// How the spectrogram looks.
    pub spectrogram: SpectrogramSettings,
    /// What the monitor draws and measures.
    pub monitor: MonitorSettings,
    /// The sound pressure level in dB of 0 dB of full scale; `None` where it is not known.
    pub calibration: Option<f32>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            light: false,
            high_contrast: false,
            reduced_motion: false,
            scale_percent: 100,
            notes: false,
            piano: false,
            gain_range_db: 24,
            bands_percent: 58,
            spectrogram: SpectrogramSettings::default(),
            monitor: MonitorSettings::default(),
            calibration: None,
        }
    }
}

impl Preferences {
    /// The colours.
    #[must_use]
    pub fn theme(&self) -> Theme {
        match (self.high_contrast, self.light) {
            (true, _) => Theme::HighContrast,
            (false, true) => Theme::Light,
            (false, false) => Theme::Dark,
        }
    }

    /// The same with other colours.
    #[must_use]
    pub fn with_theme(self, theme: Theme) -> Self {
        let (light, high_contrast) = (theme == Theme::Light, theme == Theme::HighContrast);
        Self { light, high_contrast, ..self }
    }

    /// The end of the gain axis in dB, one of those on offer whatever was stored.
    #[must_use]
    pub fn gain_axis_top_db(&self) -> f32 {
        let known = GAIN_RANGES_DB.iter().copied().find(|range_db| *range_db >= self.gain_range_db);
        f32::from(known.unwrap_or(24))
    }

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
