//! What the spectrogram shows and with which colours, as it is stored.

use serde::{Deserialize, Serialize};

/// The colour maps on offer: perceptually uniform, and readable without colour vision.
pub const PALETTES: [(&str, colorous::Gradient); 5] = [
    ("Inferno", colorous::INFERNO),
    ("Magma", colorous::MAGMA),
    ("Plasma", colorous::PLASMA),
    ("Viridis", colorous::VIRIDIS),
    ("Cividis", colorous::CIVIDIS),
];

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Levels before the gains.
    Pre,
    /// Levels after the gains.
    Post,
    /// After minus before.
    Difference,
}

impl Source {
    /// Every choice, in order.
    pub const ALL: [Self; 3] = [Self::Pre, Self::Post, Self::Difference];

    /// The name on the screen.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pre => "Pre",
            Self::Post => "Post",
            Self::Difference => "Difference",
        }
    }
}

/// What is shown and with which colours. The range is as it is set, never automatic, so that a
/// colour means the same level at any time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColourMapping {
    /// What is shown.
    pub source: Source,
    /// Which of [`PALETTES`].
    pub palette: usize,
    /// The level of the darkest colour in dB of full scale.
    pub floor_db: f32,
    /// The level of the brightest colour in dB of full scale.
    pub top_db: f32,
    /// The difference in dB that has the strongest colour, either way.
    pub span_db: f32,
}

impl Default for ColourMapping {
    fn default() -> Self {
        Self { source: Source::Post, palette: 0, floor_db: -90.0, top_db: 0.0, span_db: 12.0 }
    }
}
