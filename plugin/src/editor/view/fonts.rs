//! The typefaces: Inter for text, Lucide for icons.

use crate::editor::view::tokens;
use egui::{FontData, FontDefinitions, FontFamily, FontTweak};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use write_fonts::FontBuilder;
use write_fonts::read::tables::cmap::Cmap;
use write_fonts::read::{FontRef, ReadError, TableProvider};
use write_fonts::types::GlyphId;

/// Where Inter 3 has its ten figures of equal width, as code points for private use.
const TABULAR_ZERO: u32 = 0xE071;

/// The family of values and headings.
pub const SEMIBOLD: &str = "semibold";
/// The family of icons.
pub const ICONS: &str = "icons";

/// All families, those that egui brings as the last resort.
#[must_use]
pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let fallbacks = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    let families = [
        (FontFamily::Proportional, "Inter", tokens::text::WEIGHTS[0]),
        (FontFamily::Name(SEMIBOLD.into()), "Inter semibold", tokens::text::WEIGHTS[1]),
    ];
    for (family, name, weight) in families {
        let coords = egui::epaint::text::VariationCoords::new([(b"wght", weight)]);
        let data =
            FontData::from_static(inter()).tweak(FontTweak { coords, ..FontTweak::default() });
        fonts.font_data.insert(name.to_owned(), Arc::new(data));
        let names = std::iter::once(name.to_owned()).chain(fallbacks.iter().cloned());
        fonts.families.insert(family, names.collect());
    }
    let icons = FontData::from_static(lucide_icons::LUCIDE_FONT_BYTES);
    fonts.font_data.insert(ICONS.to_owned(), Arc::new(icons));
    fonts.families.insert(FontFamily::Name(ICONS.into()), vec![ICONS.to_owned()]);
    fonts
}

/// Inter with figures of equal width, so that numbers that change do not move what is beside them.
///
/// The font has them as an OpenType feature, which egui cannot ask for.
fn inter() -> &'static [u8] {
    static INTER: OnceLock<Vec<u8>> = OnceLock::new();
    // Without them the font is as good otherwise.
    INTER.get_or_init(|| {
        with_tabular_figures(ttf_inter::REGULAR).unwrap_or(ttf_inter::REGULAR.into())
    })
}

fn with_tabular_figures(font: &[u8]) -> Option<Vec<u8>> {
    let font = FontRef::new(font).ok()?;
    let mut glyphs = characters(&font.cmap().ok()?).ok()?;
    for figure in 0..10 {
        let tabular = *glyphs.get(&(TABULAR_ZERO + figure))?;
        glyphs.insert(u32::from('0') + figure, tabular);
    }
    let glyphs =
        glyphs.into_iter().filter_map(|(code, glyph)| Some((char::from_u32(code)?, glyph)));
    let cmap = write_fonts::tables::cmap::Cmap::from_mappings(glyphs).ok()?;
    let mut builder = FontBuilder::new();
    builder.add_table(&cmap).ok()?;
    Some(builder.copy_missing_tables(font).build())
}

/// The glyph of each code point.
fn characters(cmap: &Cmap<'_>) -> Result<BTreeMap<u32, GlyphId>, ReadError> {
    let mut glyphs = BTreeMap::new();
    for record in cmap.encoding_records() {
        glyphs.extend(record.subtable(cmap.offset_data())?.iter());
    }
    Ok(glyphs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_figures_are_equally_wide() {
        let font = FontRef::new(inter()).expect("a font");
        let glyphs = characters(&font.cmap().expect("has characters")).expect("can be read");
        let widths = font.hmtx().expect("has widths");
        let width = |c: char| widths.advance(glyphs[&u32::from(c)]).expect("has a width");
        assert!(('0'..='9').all(|figure| width(figure) == width('0')));
        assert!(width('i') < width('m'));
        for needed in "−–…·×‹›∞Δ°².,+ äéß".chars() {
            assert!(glyphs.contains_key(&u32::from(needed)), "{needed}");
        }
    }
}
