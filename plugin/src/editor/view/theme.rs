//! How egui is made to look as [`tokens`] say.

use crate::editor::view::fonts;
use crate::editor::view::tokens::{self, Palette, size, space, time};
use crate::state::preferences::{Preferences, Theme};
use egui::{
    Align2, Color32, CornerRadius, FontFamily, FontId, Id, Painter, Pos2, Rect, Stroke, TextStyle,
    vec2,
};

/// The colours of a theme.
#[must_use]
pub fn palette(theme: Theme) -> &'static Palette {
    match theme {
        Theme::Dark => &tokens::DARK,
        Theme::Light => &tokens::LIGHT,
        Theme::HighContrast => &tokens::HIGH_CONTRAST,
    }
}

/// The colours of the theme in use.
#[must_use]
pub fn of(ctx: &egui::Context) -> &'static Palette {
    palette(ctx.data(|data| data.get_temp(Id::unique(THEME))).unwrap_or_default())
}

/// Where a context keeps its theme.
const THEME: &str = "theme";

/// Values and controls.
#[must_use]
pub const fn body() -> FontId {
    FontId::new(tokens::text::BODY, FontFamily::Proportional)
}

/// Captions and tick labels.
#[must_use]
pub const fn caption() -> FontId {
    FontId::new(tokens::text::CAPTION, FontFamily::Proportional)
}

/// The message on an empty plot.
#[must_use]
pub const fn message() -> FontId {
    FontId::new(tokens::text::MESSAGE, FontFamily::Proportional)
}

/// Values, and the headings of menus.
#[must_use]
pub fn value() -> FontId {
    FontId::new(tokens::text::VALUE, FontFamily::Name(fonts::SEMIBOLD.into()))
}

/// Erbium's name.
#[must_use]
pub fn wordmark() -> FontId {
    FontId::new(tokens::text::WORDMARK, FontFamily::Name(fonts::SEMIBOLD.into()))
}

/// Icons.
#[must_use]
pub fn icon() -> FontId {
    FontId::new(tokens::text::ICON, FontFamily::Name(fonts::ICONS.into()))
}

/// How wide a text is.
#[must_use]
pub fn width(painter: &Painter, text: &str, font: FontId) -> f32 {
    painter.layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER).size().x
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
    let margin = size::PATCH_MARGIN;
    let room = painter.clip_rect().width() - 4.0 * margin.x;
    let galley = painter.layout(text.to_owned(), font, ink, room);
    let patch = anchor.anchor_size(place, galley.size() + 2.0 * margin);
    painter.rect_filled(patch, CornerRadius::same(size::ROUNDING), of(painter.ctx()).control);
    painter.galley(patch.min + margin, galley, ink);
    patch
}

/// Makes a context look as is preferred.
pub fn apply(ctx: &egui::Context, preferences: Preferences) {
    let theme = preferences.theme();
    ctx.data_mut(|data| data.insert_temp(Id::unique(THEME), theme));
    ctx.set_fonts(fonts::definitions());
    let base = if theme == Theme::Light { egui::Theme::Light } else { egui::Theme::Dark };
    ctx.set_theme(base);
    ctx.style_mut_of(base, |style| {
        style.text_styles.insert(TextStyle::Body, body());
        style.text_styles.insert(TextStyle::Button, body());
        style.text_styles.insert(TextStyle::Small, caption());
        style.spacing.item_spacing = vec2(space::SMALL, space::SMALL);
        style.spacing.button_padding = vec2(size::PADDING, space::SMALL);
        style.spacing.interact_size = vec2(size::CONTROL, size::CONTROL);
        style.spacing.combo_height = 2.0 * size::MENU;
        style.interaction.selectable_labels = false;
        style.interaction.tooltip_delay = time::TOOLTIP_S;
        style.animation_time = if preferences.reduced_motion { 0.0 } else { time::FADE_S };
        set_visuals(&mut style.visuals, palette(theme));
    });
}

/// Gives what is drawn from here on in a menu the fill and outline that controls have elsewhere: egui
/// takes both away there, so that buttons and fields look like text.
pub fn framed(ui: &mut egui::Ui) {
    let palette = of(ui.ctx());
    let outline = Stroke::new(size::LINE[0], palette.outline);
    let widgets = &mut ui.visuals_mut().widgets;
    widgets.inactive.weak_bg_fill = palette.control;
    for state in [&mut widgets.inactive, &mut widgets.hovered, &mut widgets.active] {
        state.bg_stroke = outline;
    }
}

fn set_visuals(visuals: &mut egui::Visuals, palette: &Palette) {
    let [hairline, edge, _] = size::LINE;
    visuals.panel_fill = palette.background;
    visuals.window_fill = palette.surface;
    visuals.window_stroke = Stroke::new(hairline, palette.outline);
    visuals.window_corner_radius = CornerRadius::same(size::PANEL_ROUNDING);
    visuals.menu_corner_radius = CornerRadius::same(size::PANEL_ROUNDING);
    // What is chosen is written in another colour than the rest.
    visuals.override_text_color = None;
    visuals.extreme_bg_color = palette.background;
    visuals.selection.bg_fill = palette.accent;
    visuals.selection.stroke = Stroke::new(edge, palette.on_accent);
    let widgets = &mut visuals.widgets;
    for (state, fill) in [
        (&mut widgets.noninteractive, palette.surface),
        (&mut widgets.inactive, palette.control),
        (&mut widgets.hovered, palette.control_hovered),
        (&mut widgets.active, palette.control_hovered),
        (&mut widgets.open, palette.control_hovered),
    ] {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.bg_stroke = Stroke::new(hairline, palette.outline);
        state.fg_stroke = Stroke::new(hairline, palette.text);
        state.corner_radius = CornerRadius::same(size::ROUNDING);
        state.expansion = 0.0;
    }
}
