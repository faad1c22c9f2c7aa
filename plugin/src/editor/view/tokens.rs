//! The visual language: every colour, size, distance and duration of the window stands here, once.

use egui::Color32;

/// The colours of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Behind everything.
    pub background: Color32,
    /// Behind header, footer and the column of the output.
    pub surface: Color32,
    /// Behind plots.
    pub plot: Color32,
    /// A control that the pointer is not over.
    pub control: Color32,
    /// A control under the pointer.
    pub control_hovered: Color32,
    /// Outlines of controls and plots.
    pub outline: Color32,
    /// Whatever is on, and whatever has the keyboard.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// Grid lines.
    pub grid: Color32,
    /// The grid line that matters: 0 dB.
    pub grid_strong: Color32,
    /// Text.
    pub text: Color32,
    /// Text that can wait: captions and tick labels.
    pub text_dim: Color32,
    /// The drawn gains: handles and the line between them.
    pub drawn: Color32,
    /// The response.
    pub response: Color32,
    /// Between the response and 0 dB, see-through.
    pub response_fill: Color32,
    /// The outline of the levels before the gains.
    pub level_input: Color32,
    /// The silhouette of the levels after the gains, see-through.
    pub level_output: Color32,
    /// The edge of that silhouette, the meters, and the labels of the axis of levels.
    pub level_text: Color32,
    /// The peaks held, one hairline.
    pub level_peak: Color32,
    /// A meter's bar.
    pub meter: Color32,
    /// What went wrong, and what is too loud.
    pub warning: Color32,
    /// The column under the pointer, the selection and the line through both plots, see-through.
    pub veil: Color32,
    /// A piano's white keys.
    pub key_white: Color32,
    /// A piano's black keys.
    pub key_black: Color32,
}

/// Light on dark. The spectrogram keeps to it in every look: what is silent is dark.
pub const DARK: Palette = Palette {
    background: Color32::from_rgb(0x10, 0x12, 0x16),
    surface: Color32::from_rgb(0x17, 0x1A, 0x20),
    plot: Color32::from_rgb(0x13, 0x16, 0x1B),
    control: Color32::from_rgb(0x23, 0x28, 0x31),
    control_hovered: Color32::from_rgb(0x2F, 0x36, 0x42),
    outline: Color32::from_rgb(0x2A, 0x30, 0x3A),
    accent: Color32::from_rgb(0x5A, 0xB0, 0xF5),
    on_accent: Color32::from_rgb(0x08, 0x14, 0x20),
    grid: Color32::from_rgba_premultiplied(0x0F, 0x0F, 0x0F, 0x0F),
    grid_strong: Color32::from_rgba_premultiplied(0x33, 0x33, 0x33, 0x33),
    text: Color32::from_rgb(0xE8, 0xEB, 0xF0),
    text_dim: Color32::from_rgb(0x9F, 0xA6, 0xB1),
    drawn: Color32::from_rgb(0xF5, 0xB0, 0x3E),
    response: Color32::from_rgb(0xFF, 0xF4, 0xE2),
    response_fill: Color32::from_rgba_premultiplied(0x1E, 0x1D, 0x1B, 0x1E),
    level_input: Color32::from_rgb(0xA0, 0xB2, 0xC8),
    level_output: Color32::from_rgba_premultiplied(0x0D, 0x45, 0x3C, 0xB3),
    level_text: Color32::from_rgb(0x5C, 0xC8, 0xAC),
    level_peak: Color32::from_rgb(0x4E, 0x8A, 0x7C),
    meter: Color32::from_rgb(0x2E, 0xA8, 0x89),
    warning: Color32::from_rgb(0xF0, 0x7A, 0x4A),
    veil: Color32::from_rgba_premultiplied(0x12, 0x12, 0x12, 0x12),
    key_white: Color32::from_rgb(0xC8, 0xCD, 0xD5),
    key_black: Color32::from_rgb(0x12, 0x14, 0x18),
};

/// Dark on light.
pub const LIGHT: Palette = Palette {
    background: Color32::from_rgb(0xEA, 0xEC, 0xEF),
    surface: Color32::from_rgb(0xF5, 0xF6, 0xF8),
    plot: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    control: Color32::from_rgb(0xDE, 0xE2, 0xE8),
    control_hovered: Color32::from_rgb(0xCF, 0xD5, 0xDE),
    outline: Color32::from_rgb(0xCB, 0xD0, 0xD8),
    accent: Color32::from_rgb(0x0B, 0x5F, 0xA5),
    on_accent: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    grid: Color32::from_rgba_premultiplied(0x00, 0x00, 0x00, 0x14),
    grid_strong: Color32::from_rgba_premultiplied(0x00, 0x00, 0x00, 0x48),
    text: Color32::from_rgb(0x15, 0x18, 0x1E),
    text_dim: Color32::from_rgb(0x4A, 0x51, 0x5C),
    drawn: Color32::from_rgb(0x98, 0x4C, 0x00),
    response: Color32::from_rgb(0x2B, 0x21, 0x14),
    response_fill: Color32::from_rgba_premultiplied(0x05, 0x04, 0x02, 0x1E),
    level_input: Color32::from_rgb(0x3E, 0x57, 0x76),
    level_output: Color32::from_rgba_premultiplied(0x6D, 0x9F, 0x92, 0xB3),
    level_text: Color32::from_rgb(0x0B, 0x64, 0x4F),
    level_peak: Color32::from_rgb(0x3E, 0x84, 0x72),
    meter: Color32::from_rgb(0x1E, 0x8A, 0x6E),
    warning: Color32::from_rgb(0xA3, 0x38, 0x06),
    veil: Color32::from_rgba_premultiplied(0x00, 0x00, 0x00, 0x14),
    key_white: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    key_black: Color32::from_rgb(0x2B, 0x30, 0x38),
};

/// The strongest contrasts, light on black.
pub const HIGH_CONTRAST: Palette = Palette {
    background: Color32::BLACK,
    surface: Color32::BLACK,
    plot: Color32::BLACK,
    control: Color32::from_rgb(0x1A, 0x1A, 0x1A),
    control_hovered: Color32::from_rgb(0x3A, 0x3A, 0x3A),
    outline: Color32::from_rgb(0xC8, 0xC8, 0xC8),
    accent: Color32::from_rgb(0xFF, 0xE0, 0x30),
    on_accent: Color32::BLACK,
    grid: Color32::from_rgb(0x2C, 0x2C, 0x2C),
    grid_strong: Color32::from_rgb(0x80, 0x80, 0x80),
    text: Color32::WHITE,
    text_dim: Color32::from_rgb(0xD8, 0xD8, 0xD8),
    drawn: Color32::from_rgb(0xFF, 0xB4, 0x20),
    response: Color32::WHITE,
    response_fill: Color32::from_rgba_premultiplied(0x26, 0x26, 0x26, 0x26),
    level_input: Color32::from_rgb(0x9C, 0xC8, 0xFF),
    level_output: Color32::from_rgba_premultiplied(0x00, 0x3C, 0x30, 0xB3),
    level_text: Color32::from_rgb(0x30, 0xF0, 0xC0),
    level_peak: Color32::from_rgb(0x20, 0xB0, 0x8C),
    meter: Color32::from_rgb(0x30, 0xF0, 0xC0),
    warning: Color32::from_rgb(0xFF, 0x8A, 0x50),
    veil: Color32::from_rgba_premultiplied(0x2A, 0x2A, 0x2A, 0x2A),
    key_white: Color32::WHITE,
    key_black: Color32::BLACK,
};

/// Sizes of type, in points.
pub mod text {
    /// Captions and tick labels.
    pub const CAPTION: f32 = 10.0;
    /// Controls.
    pub const BODY: f32 = 12.0;
    /// Values, semibold.
    pub const VALUE: f32 = 13.0;
    /// The message on an empty plot.
    pub const MESSAGE: f32 = 16.0;
    /// Erbium's name.
    pub const WORDMARK: f32 = 20.0;
    /// Icons on buttons.
    pub const ICON: f32 = 15.0;
    /// The weights of the two faces, as OpenType counts them.
    pub const WEIGHTS: [f32; 2] = [430.0, 600.0];
}

/// Distances in points.
pub mod space {
    /// Within a control, and between controls that belong together.
    pub const SMALL: f32 = 4.0;
    /// Between groups.
    pub const MEDIUM: f32 = 8.0;
    /// Between parts.
    pub const LARGE: f32 = 16.0;
    /// From the edges of the window.
    pub const MARGIN: f32 = 12.0;
}

/// Sizes of parts in points.
pub mod size {
    use egui::{Vec2, vec2};

    /// The height of the header.
    pub const HEADER: f32 = 40.0;
    /// The height of the footer.
    pub const FOOTER: f32 = 26.0;
    /// The height of a control.
    pub const CONTROL: f32 = 24.0;
    /// A button with an icon, and the width of the strip of tools.
    pub const TOOL: f32 = 28.0;
    /// The height of a caption above a control.
    pub const CAPTION: f32 = 14.0;
    /// What a control leaves free on either side of its text.
    pub const PADDING: f32 = 8.0;
    /// What the mark of a list needs.
    pub const MARK: f32 = 18.0;
    /// The rounding of controls.
    pub const ROUNDING: u8 = 4;
    /// The rounding of menus and panels.
    pub const PANEL_ROUNDING: u8 = 6;
    /// The column of the output.
    pub const OUTPUT: f32 = 96.0;
    /// The room of the gain labels, left of a plot.
    pub const GAIN_LABELS: f32 = 34.0;
    /// The room of the level labels, right of a plot.
    pub const LEVEL_LABELS: f32 = 44.0;
    /// The grip between bands and spectrogram.
    pub const GRIP: f32 = 8.0;
    /// The bands where the spectrogram fills the window.
    pub const BANDS_STRIP: f32 = 72.0;
    /// What a patch leaves free around its text.
    pub const PATCH_MARGIN: Vec2 = vec2(8.0, 4.0);
    /// A mark in a legend.
    pub const LEGEND_MARK: Vec2 = vec2(14.0, 8.0);
    /// A menu.
    pub const MENU: f32 = 264.0;
    /// The panel of the bank.
    pub const BANK_PANEL: f32 = 432.0;
    /// The manual, at most.
    pub const MANUAL: f32 = 760.0;
    /// The radius of a handle, and of one under the pointer.
    pub const HANDLE: [f32; 2] = [4.0, 6.0];
    /// A hairline, an edge, a curve.
    pub const LINE: [f32; 3] = [1.0, 1.5, 2.0];
}

/// Durations in seconds.
pub mod time {
    /// A control that goes on or off.
    pub const FADE_S: f32 = 0.1;
    /// How long what is seen of the curves takes to where undo, A and B or a preset have set them.
    pub const GLIDE_S: f64 = 0.1;
    /// How long the pointer rests before a tooltip is shown.
    pub const TOOLTIP_S: f32 = 0.6;
    /// How long a message stays.
    pub const MESSAGE_S: f64 = 12.0;
}

/// How bright the spectrogram is drawn: its colours are data, but they shall not outshine the curves.
pub const SPECTROGRAM_BRIGHTNESS: f32 = 0.85;
/// How much of a curve is left while bypassed.
pub const BYPASSED: f32 = 0.4;

#[cfg(test)]
mod tests {
    use super::*;

    const LOOKS: [(&str, Palette); 3] =
        [("dark", DARK), ("light", LIGHT), ("high contrast", HIGH_CONTRAST)];

    /// A see-through colour over another.
    fn over(ink: Color32, paper: Color32) -> Color32 {
        paper.blend(ink)
    }

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
        for (name, look) in LOOKS {
            let papers =
                [look.background, look.surface, look.plot, look.control, look.control_hovered];
            for paper in papers {
                for ink in [look.text, look.text_dim] {
                    let contrast = contrast(ink, paper);
                    assert!(contrast >= 4.5, "{name}: {ink:?} on {paper:?}: {contrast}");
                }
            }
            for paper in [look.background, look.surface, look.plot, look.control] {
                for ink in [look.drawn, look.level_text, look.warning, look.accent] {
                    let contrast = contrast(ink, paper);
                    assert!(contrast >= 4.5, "{name}: {ink:?} on {paper:?}: {contrast}");
                }
            }
            for (ink, paper) in [(look.on_accent, look.accent), (look.key_black, look.key_white)] {
                let contrast = contrast(ink, paper);
                assert!(contrast >= 4.5, "{name}: {ink:?} on {paper:?}: {contrast}");
            }
        }
    }

    #[test]
    fn what_must_be_told_apart_can_be() {
        for (name, look) in LOOKS {
            let silhouette = over(look.level_output, look.plot);
            let filled = over(look.response_fill, silhouette);
            for (what, ink, paper) in [
                ("response over nothing", look.response, look.plot),
                ("response over levels", look.response, silhouette),
                ("response over its fill", look.response, filled),
                ("handle over nothing", look.drawn, look.plot),
                ("handle over levels", look.drawn, silhouette),
                ("levels before over nothing", look.level_input, look.plot),
                ("levels before over those after", look.level_input, silhouette),
                ("edge of the levels", look.level_text, silhouette),
                ("edge of the levels against nothing", look.level_text, look.plot),
                ("peaks", look.level_peak, look.plot),
                ("meter", look.meter, look.plot),
                ("what is on from what is off", look.accent, look.control),
                ("0 dB", over(look.grid_strong, look.plot), look.plot),
            ] {
                let least = if what == "0 dB" { 1.4 } else { 3.0 };
                let contrast = contrast(ink, paper);
                assert!(contrast >= least, "{name}: {what}: {contrast}");
            }
        }
    }
}
