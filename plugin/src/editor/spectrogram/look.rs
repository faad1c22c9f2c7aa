//! How levels become colours.

use crate::editor::view::cast::index;
use crate::editor::view::theme;
use egui::{Color32, Rgba};
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

impl ColourMapping {
    /// The values of the first and the last colour in dB.
    #[must_use]
    pub fn range_db(&self) -> (f32, f32) {
        match self.source {
            Source::Difference => (-self.span_db, self.span_db),
            Source::Pre | Source::Post => (self.floor_db, self.top_db),
        }
    }

    /// What a row shows of its levels before and after the gains, in dB: `None` where there is too
    /// little to speak of a difference.
    #[must_use]
    pub fn value_db(&self, pre: i16, post: i16) -> Option<f32> {
        let db = |level: i16| f32::from(level) / 100.0;
        match self.source {
            Source::Pre => Some(db(pre)),
            Source::Post => Some(db(post)),
            Source::Difference => (db(pre.max(post)) >= self.floor_db).then(|| db(post) - db(pre)),
        }
    }

    /// 256 colours over [`Self::range_db`].
    #[must_use]
    pub fn colors(&self) -> [Color32; 256] {
        std::array::from_fn(|i| match self.source {
            Source::Difference => difference_color(i),
            Source::Pre | Source::Post => {
                let color = PALETTES[self.palette].1.eval_rational(i, 256);
                Color32::from_rgb(color.r, color.g, color.b)
            }
        })
    }

    /// Which of [`Self::colors`] a value has.
    #[must_use]
    pub fn shade(&self, value_db: f32) -> usize {
        let (low, high) = self.range_db();
        index((value_db - low) * 256.0 / (high - low)).min(255)
    }
}

/// From a cut over nothing to a boost: dark in the middle, so that what is changed stands out, in
/// the colours of what is achieved and what is asked for, which everybody can tell apart.
fn difference_color(i: usize) -> Color32 {
    let middle = crate::editor::view::cast::points(i) / 127.5 - 1.0;
    let end = if middle < 0.0 { theme::DARK.achieved } else { theme::DARK.asked };
    // The square root of light is nearly what the eye sees.
    let [from, to] =
        [theme::DARK.plot, end].map(|color| Rgba::from(color).to_array().map(f32::sqrt));
    let mixed = |c: usize| egui::lerp(from[c]..=to[c], middle.abs()).powi(2);
    Rgba::from_rgb(mixed(0), mixed(1), mixed(2)).into()
}
