//! The one visual language: colours, type sizes, spacing.

use egui::{
    Align2, Color32, CornerRadius, FontFamily, FontId, Painter, Pos2, Rect, Stroke, TextStyle,
    Theme, Vec2, vec2,
};

/// The colours of a theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Behind everything.
    pub background: Color32,
    /// Behind plots.
    pub plot: Color32,
    /// A control that the pointer is not over.
    pub control: Color32,
    /// A control under the pointer.
    pub control_hovered: Color32,
    /// A control that is chosen among others.
    pub chosen: Color32,
    /// Grid lines and outlines.
    pub grid: Color32,
    /// The grid line that matters: 0 dB.
    pub grid_strong: Color32,
    /// Text.
    pub text: Color32,
    /// Text that can wait: captions and tick labels.
    pub text_dim: Color32,
    /// The drawn gains (Okabe and Ito's orange).
    pub drawn: Color32,
    /// The response (Okabe and Ito's sky blue).
    pub response: Color32,
    /// Levels before the gains.
    pub level_input: Color32,
    /// Levels after the gains (Okabe and Ito's bluish green, held back so that curves stand out).
    pub level_output: Color32,
    /// A meter's bar, on which nothing else is drawn.
    pub meter: Color32,
    /// The tops of the level bars and the labels of their axis.
    pub level_text: Color32,
    /// A switch that is on and changes the sound.
    pub warning: Color32,
    /// The column under the pointer, the selection and the line through both plots, see-through.
    pub veil: Color32,
    /// A piano's white keys.
    pub key_white: Color32,
    /// A piano's black keys.
    pub key_black: Color32,
}

/// Light on dark. The spectrogram keeps to it in either theme: what is silent is dark.
pub const DARK: Palette = Palette {
    background: Color32::from_rgb(0x12, 0x14, 0x18),
    plot: Color32::from_rgb(0x19, 0x1C, 0x22),
    control: Color32::from_rgb(0x25, 0x2A, 0x33),
    control_hovered: Color32::from_rgb(0x31, 0x38, 0x44),
    chosen: Color32::from_rgb(0x2B, 0x5B, 0x80),
    grid: Color32::from_rgb(0x2B, 0x31, 0x3B),
    grid_strong: Color32::from_rgb(0x5A, 0x64, 0x74),
    text: Color32::from_rgb(0xE4, 0xE8, 0xEE),
    text_dim: Color32::from_rgb(0xA2, 0xAC, 0xBB),
    drawn: Color32::from_rgb(0xF0, 0xA4, 0x2C),
    response: Color32::from_rgb(0x62, 0xBD, 0xF0),
    level_input: Color32::from_rgb(0x38, 0x40, 0x4D),
    level_output: Color32::from_rgb(0x17, 0x5C, 0x4E),
    meter: Color32::from_rgb(0x2A, 0x9D, 0x80),
    level_text: Color32::from_rgb(0x5C, 0xC2, 0xA8),
    warning: Color32::from_rgb(0xE0, 0x7A, 0x3E),
    veil: Color32::from_rgba_premultiplied(0x16, 0x16, 0x16, 0x16),
    key_white: Color32::from_rgb(0xC8, 0xCD, 0xD5),
    key_black: Color32::from_rgb(0x12, 0x14, 0x18),
};

/// Dark on light.
pub const LIGHT: Palette = Palette {
    background: Color32::from_rgb(0xEE, 0xF0, 0xF3),
    plot: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    control: Color32::from_rgb(0xDF, 0xE3, 0xE9),
    control_hovered: Color32::from_rgb(0xD0, 0xD6, 0xDF),
    chosen: Color32::from_rgb(0xA9, 0xCF, 0xEC),
    grid: Color32::from_rgb(0xD3, 0xD8, 0xDF),
    grid_strong: Color32::from_rgb(0x86, 0x90, 0x9F),
    text: Color32::from_rgb(0x17, 0x1B, 0x21),
    text_dim: Color32::from_rgb(0x47, 0x50, 0x5D),
    drawn: Color32::from_rgb(0xA8, 0x50, 0x00),
    response: Color32::from_rgb(0x06, 0x62, 0xA0),
    level_input: Color32::from_rgb(0xC9, 0xD0, 0xDA),
    level_output: Color32::from_rgb(0xB4, 0xE2, 0xD4),
    meter: Color32::from_rgb(0x2A, 0x9D, 0x80),
    level_text: Color32::from_rgb(0x0B, 0x64, 0x4F),
    warning: Color32::from_rgb(0xA3, 0x38, 0x06),
    veil: Color32::from_rgba_premultiplied(0x00, 0x00, 0x00, 0x16),
    key_white: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    key_black: Color32::from_rgb(0x2B, 0x30, 0x38),
};

/// The colours of the theme in use.
#[must_use]
pub fn of(ctx: &egui::Context) -> &'static Palette {
    match ctx.theme() {
        Theme::Dark => &DARK,
        Theme::Light => &LIGHT,
    }
}

/// The spacing grid in points; distances are multiples of it.
pub const STEP: f32 = 4.0;
/// The rounding of controls.
pub const ROUNDING: u8 = 3;
/// The height of a control.
pub const CONTROL_HEIGHT: f32 = 22.0;

/// What a patch leaves free around its text.
pub const PATCH_MARGIN: Vec2 = vec2(6.0, 3.0);

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

/// The message on an empty plot.
#[must_use]
pub const fn message() -> FontId {
    FontId::new(16.0, FontFamily::Proportional)
}

/// Writes on a patch of its own, so that what is behind does not disturb; `place` is where `anchor`
/// of the patch goes. Text too long for what can be painted on is wrapped. Returns
/// the patch.
pub fn patch(
    painter: &Painter,
    anchor: Align2,
    place: Pos2,
    text: &str,
    font: FontId,
    ink: Color32,
) -> Rect {
    let margin = PATCH_MARGIN;
    let room = painter.clip_rect().width() - 4.0 * margin.x;
    let galley = painter.layout(text.to_owned(), font, ink, room);
    let patch = anchor.anchor_size(place, galley.size() + 2.0 * margin);
    painter.rect_filled(patch, CornerRadius::same(ROUNDING), of(painter.ctx()).control);
    painter.galley(patch.min + margin, galley, ink);
    patch
}

/// Sets the dark or the light theme of a context.
pub fn apply(ctx: &egui::Context, light: bool) {
    let (theme, palette) = if light { (Theme::Light, &LIGHT) } else { (Theme::Dark, &DARK) };
    ctx.set_theme(theme);
    ctx.style_mut_of(theme, |style| {
        style.text_styles.insert(TextStyle::Body, body());
        style.text_styles.insert(TextStyle::Button, body());
        style.text_styles.insert(TextStyle::Small, caption());
        style.spacing.item_spacing = vec2(STEP, STEP);
        style.spacing.button_padding = vec2(2.0 * STEP, 3.0);
        style.spacing.interact_size = vec2(24.0, CONTROL_HEIGHT);
        style.spacing.combo_height = 320.0;
        style.interaction.selectable_labels = false;
        style.interaction.tooltip_delay = 0.6;
        set_visuals(&mut style.visuals, palette);
    });
}

fn set_visuals(visuals: &mut egui::Visuals, palette: &Palette) {
    visuals.panel_fill = palette.background;
    visuals.window_fill = palette.plot;
    visuals.window_stroke = Stroke::new(1.0, palette.grid_strong);
    visuals.window_corner_radius = CornerRadius::same(ROUNDING);
    visuals.menu_corner_radius = CornerRadius::same(ROUNDING);
    visuals.override_text_color = Some(palette.text);
    visuals.extreme_bg_color = palette.background;
    visuals.selection.bg_fill = palette.chosen;
    visuals.selection.stroke = Stroke::new(1.0, palette.text);
    let widgets = &mut visuals.widgets;
    for (state, fill) in [
        (&mut widgets.noninteractive, palette.plot),
        (&mut widgets.inactive, palette.control),
        (&mut widgets.hovered, palette.control_hovered),
        (&mut widgets.active, palette.control_hovered),
        (&mut widgets.open, palette.control_hovered),
    ] {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.bg_stroke = Stroke::new(1.0, palette.grid);
        state.fg_stroke = Stroke::new(1.0, palette.text);
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
        for theme in [DARK, LIGHT] {
            for (ink, paper) in [
                (theme.text, theme.control_hovered),
                (theme.text, theme.control),
                (theme.text, theme.chosen),
                (theme.text, theme.plot),
                (theme.text, theme.background),
                (theme.text_dim, theme.background),
                (theme.text_dim, theme.plot),
                (theme.text_dim, theme.control),
                (theme.level_text, theme.background),
                (theme.drawn, theme.background),
                (theme.response, theme.background),
                (theme.warning, theme.control),
                (theme.warning, theme.background),
                (theme.background, theme.warning),
                (theme.key_black, theme.key_white),
            ] {
                let contrast = contrast(ink, paper);
                assert!(contrast >= 4.5, "{ink:?} on {paper:?}: {contrast}");
            }
        }
    }

    #[test]
    fn curves_stand_out_from_the_levels() {
        for theme in [DARK, LIGHT] {
            for line in [theme.drawn, theme.response] {
                for behind in [theme.level_output, theme.level_input, theme.plot] {
                    assert!(contrast(line, behind) >= 3.0, "{line:?} on {behind:?}");
                }
            }
        }
    }
}
