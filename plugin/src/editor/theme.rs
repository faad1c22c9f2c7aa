//! The one visual language: colours, type sizes, spacing.

use egui::{
    Align2, Color32, CornerRadius, FontFamily, FontId, Painter, Pos2, Stroke, TextStyle, Theme,
    vec2,
};

/// Behind everything.
pub const BACKGROUND: Color32 = Color32::from_rgb(0x12, 0x14, 0x18);
/// Behind plots and in controls.
pub const PLOT: Color32 = Color32::from_rgb(0x19, 0x1C, 0x22);
/// A control at rest.
pub const CONTROL: Color32 = Color32::from_rgb(0x25, 0x2A, 0x33);
/// A control under the pointer.
pub const CONTROL_HOVERED: Color32 = Color32::from_rgb(0x31, 0x38, 0x44);
/// Grid lines and outlines.
pub const GRID: Color32 = Color32::from_rgb(0x2B, 0x31, 0x3B);
/// The grid line that matters: 0 dB.
pub const GRID_STRONG: Color32 = Color32::from_rgb(0x5A, 0x64, 0x74);
/// Text.
pub const TEXT: Color32 = Color32::from_rgb(0xE4, 0xE8, 0xEE);
/// Text that can wait: captions and tick labels. Contrast with [`CONTROL`] is above 4.5.
pub const TEXT_DIM: Color32 = Color32::from_rgb(0xA2, 0xAC, 0xBB);
/// What was asked for: the drawn gains (Okabe and Ito's orange).
pub const ASKED: Color32 = Color32::from_rgb(0xF0, 0xA4, 0x2C);
/// What is achieved: the response (Okabe and Ito's sky blue).
pub const ACHIEVED: Color32 = Color32::from_rgb(0x62, 0xBD, 0xF0);
/// Levels before the gains.
pub const LEVEL_INPUT: Color32 = Color32::from_rgb(0x38, 0x40, 0x4D);
/// Levels after the gains (Okabe and Ito's bluish green, darkened so that curves stand out).
pub const LEVEL_OUTPUT: Color32 = Color32::from_rgb(0x17, 0x5C, 0x4E);
/// A meter's bar, on which nothing else is drawn.
pub const METER: Color32 = Color32::from_rgb(0x2A, 0x9D, 0x80);
/// The tops of the level bars and the labels of their axis.
pub const LEVEL_TEXT: Color32 = Color32::from_rgb(0x5C, 0xC2, 0xA8);
/// A switch that is on and changes what is heard.
pub const WARNING: Color32 = Color32::from_rgb(0xE0, 0x7A, 0x3E);

/// The spacing grid in points; distances are multiples of it.
pub const STEP: f32 = 4.0;
/// The rounding of controls.
pub const ROUNDING: u8 = 3;
/// The height of a control.
pub const CONTROL_HEIGHT: f32 = 22.0;

/// Values and controls.
#[must_use]
pub const fn body() -> FontId {
    FontId::new(13.0, FontFamily::Proportional)
}

/// Captions and tick labels.
#[must_use]
pub const fn caption() -> FontId {
    FontId::new(11.0, FontFamily::Proportional)
}

/// What an empty plot says.
#[must_use]
pub const fn message() -> FontId {
    FontId::new(16.0, FontFamily::Proportional)
}

/// Writes on a patch of its own, so that what is behind does not disturb; `place` is where `anchor`
/// of the patch goes.
pub fn patch(
    painter: &Painter,
    anchor: Align2,
    place: Pos2,
    text: &str,
    font: FontId,
    ink: Color32,
) {
    let galley = painter.layout_no_wrap(text.to_owned(), font, ink);
    let margin = vec2(6.0, 3.0);
    let patch = anchor.anchor_size(place, galley.size() + 2.0 * margin);
    painter.rect_filled(patch, CornerRadius::same(ROUNDING), CONTROL);
    painter.galley(patch.min + margin, galley, ink);
}

/// Dresses a context.
pub fn apply(ctx: &egui::Context) {
    ctx.set_theme(Theme::Dark);
    ctx.style_mut_of(Theme::Dark, |style| {
        style.text_styles.insert(TextStyle::Body, body());
        style.text_styles.insert(TextStyle::Button, body());
        style.text_styles.insert(TextStyle::Small, caption());
        style.spacing.item_spacing = vec2(STEP, STEP);
        style.spacing.button_padding = vec2(2.0 * STEP, 3.0);
        style.spacing.interact_size = vec2(24.0, CONTROL_HEIGHT);
        style.spacing.combo_height = 320.0;
        style.interaction.selectable_labels = false;
        style.interaction.tooltip_delay = 0.6;
        dress(&mut style.visuals);
    });
}

fn dress(visuals: &mut egui::Visuals) {
    visuals.panel_fill = BACKGROUND;
    visuals.window_fill = PLOT;
    visuals.window_stroke = Stroke::new(1.0, GRID_STRONG);
    visuals.window_corner_radius = CornerRadius::same(ROUNDING);
    visuals.menu_corner_radius = CornerRadius::same(ROUNDING);
    visuals.override_text_color = Some(TEXT);
    visuals.selection.bg_fill = Color32::from_rgb(0x2B, 0x5B, 0x80);
    visuals.selection.stroke = Stroke::new(1.0, TEXT);
    let widgets = &mut visuals.widgets;
    for (state, fill) in [
        (&mut widgets.noninteractive, PLOT),
        (&mut widgets.inactive, CONTROL),
        (&mut widgets.hovered, CONTROL_HOVERED),
        (&mut widgets.active, CONTROL_HOVERED),
        (&mut widgets.open, CONTROL_HOVERED),
    ] {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.bg_stroke = Stroke::new(1.0, GRID);
        state.fg_stroke = Stroke::new(1.0, TEXT);
        state.corner_radius = CornerRadius::same(ROUNDING);
        state.expansion = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contrast of two colours as WCAG 2 defines it, 1 to 21.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let luminance = |color: Color32| {
            let [r, g, b, _] = egui::Rgba::from(color).to_array();
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let [a, b] = [a, b].map(luminance);
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn all_text_can_be_read() {
        for (ink, paper) in [
            (TEXT, CONTROL_HOVERED),
            (TEXT, PLOT),
            (TEXT_DIM, BACKGROUND),
            (TEXT_DIM, PLOT),
            (LEVEL_TEXT, BACKGROUND),
            (WARNING, CONTROL),
            (BACKGROUND, WARNING),
        ] {
            assert!(contrast(ink, paper) >= 4.5, "{ink:?} on {paper:?}: {}", contrast(ink, paper));
        }
    }

    #[test]
    fn curves_stand_out_from_the_levels() {
        for line in [ASKED, ACHIEVED] {
            assert!(contrast(line, LEVEL_OUTPUT) >= 3.0 && contrast(line, LEVEL_INPUT) >= 3.0);
        }
    }
}
