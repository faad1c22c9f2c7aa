//! How levels become colours.

use crate::cast::{index, points};
use crate::editor::view::tokens;
use egui::{Color32, Rgba};

pub use crate::state::colour_mapping::{ColourMapping, PALETTES, Source};

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
    /// little for a difference.
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
/// the colours of what is on and of the drawn gains, which everybody can distinguish.
fn difference_color(i: usize) -> Color32 {
    let middle = points(i) / 127.5 - 1.0;
    let end = if middle < 0.0 { tokens::DARK.accent } else { tokens::DARK.drawn };
    // The square root of light is nearly perceived lightness.
    let [from, to] =
        [tokens::DARK.plot, end].map(|color| Rgba::from(color).to_array().map(f32::sqrt));
    let mixed = |c: usize| egui::lerp(from[c]..=to[c], middle.abs()).powi(2);
    Rgba::from_rgb(mixed(0), mixed(1), mixed(2)).into()
}
