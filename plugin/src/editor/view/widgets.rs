//! The small controls: a button, a choice, a switch. Each has a name and a tooltip, shows where the
//! keyboard is, and each change is one gesture. [`super::number`] has the number.

use crate::editor::view::theme;
use crate::editor::view::tokens::{size, space};
use egui::accesskit::Role;
use egui::{
    Align2, CornerRadius, FontId, Painter, Popup, Rect, Response, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};
use lucide_icons::Icon;

/// A control: what it is called, what it does, and where it is.
pub struct Cell<'a> {
    /// Its name: the text on it or above it, and its accessible name.
    pub name: &'a str,
    /// What it does, with its unit.
    pub tooltip: &'a str,
    /// Its place, a caption included.
    pub rect: Rect,
}

impl Cell<'_> {
    /// The height of a cell with a caption.
    pub const HEIGHT: f32 = size::CAPTION + size::CONTROL;

    /// Draws the caption and returns the place for the control.
    #[must_use]
    pub fn caption(&self, ui: &Ui) -> Rect {
        caption(ui.painter(), self.rect, self.name);
        self.rect.with_min_y(self.rect.top() + size::CAPTION)
    }
}

/// A caption at the top of a place.
pub fn caption(painter: &Painter, place: Rect, text: &str) {
    let ink = theme::of(painter.ctx()).text_dim;
    painter.text(place.left_top(), Align2::LEFT_TOP, text, theme::caption(), ink);
}

/// Places side by side, from the left.
pub struct Row {
    remaining: Rect,
}

impl Row {
    /// A row with nothing in it yet.
    #[must_use]
    pub fn new(rect: Rect) -> Self {
        Self { remaining: rect }
    }

    /// The next place, `width` wide.
    pub fn next(&mut self, width: f32) -> Rect {
        let place = self.remaining.with_max_x(self.remaining.left() + width);
        self.remaining.min.x += width + space::SMALL;
        place
    }

    /// The next place for a button with this text.
    pub fn next_for(&mut self, ui: &Ui, text: &str) -> Rect {
        self.next(button_width(ui, text))
    }

    /// The last place on the right, `width` wide.
    pub fn last(&mut self, width: f32) -> Rect {
        let place = self.remaining.with_min_x(self.remaining.right() - width);
        self.remaining.max.x -= width + space::SMALL;
        place
    }

    /// Leaves a gap between groups.
    pub fn gap(&mut self) {
        self.remaining.min.x += space::MEDIUM;
    }

    /// What is left.
    #[must_use]
    pub fn remaining(&self) -> Rect {
        self.remaining
    }
}

/// What a button with this text needs.
#[must_use]
pub fn button_width(ui: &Ui, text: &str) -> f32 {
    (theme::width(ui.painter(), text, theme::body()) + 2.0 * size::PADDING).ceil()
}

/// What a drop-down list of these names needs.
#[must_use]
pub fn list_width(ui: &Ui, names: &[&str]) -> f32 {
    let widest = names.iter().map(|name| button_width(ui, name)).fold(0.0, f32::max);
    widest + size::MARK
}

/// A drop-down list of names. Returns the index of the one that was picked.
pub fn list(ui: &mut Ui, cell: &Cell<'_>, names: &[&str], current: usize) -> Option<usize> {
    let opener = opener(ui, cell, Role::ComboBox, names[current]);
    let mut picked = None;
    Popup::menu(&opener).show(|ui| {
        for (index, name) in names.iter().enumerate() {
            if ui.selectable_label(index == current, *name).clicked() {
                picked = Some(index);
            }
        }
    });
    picked.filter(|index| *index != current)
}

/// What opens a list or a panel, with the text of what is chosen; too long, it is cut short, and the
/// tooltip has the whole.
pub fn opener(ui: &Ui, cell: &Cell<'_>, role: Role, text: &str) -> Response {
    let palette = theme::of(ui.ctx());
    let rect = cell.rect;
    let response = ui.interact(rect, ui.scope_id().with(cell.name), Sense::click());
    let fill = if response.hovered() { palette.control_hovered } else { palette.control };
    let outline = Stroke::new(size::LINE[0], palette.outline);
    let rounding = CornerRadius::same(size::ROUNDING);
    ui.painter().rect(rect, rounding, fill, outline, StrokeKind::Inside);
    let ink = palette.text_dim;
    let at = pos2(rect.right() - size::PADDING, rect.center().y);
    let mark = Icon::ChevronDown.unicode();
    ui.painter().text(at, Align2::RIGHT_CENTER, mark, theme::icon(), ink);
    let room = rect.width() - 2.0 * size::PADDING - size::MARK;
    let mut letters: Vec<char> = text.chars().collect();
    let mut shown = text.to_owned();
    while theme::width(ui.painter(), &shown, theme::body()) > room && letters.pop().is_some() {
        shown = letters.iter().collect::<String>().trim_end().to_owned() + "…";
    }
    let at = rect.left_center() + vec2(size::PADDING, 0.0);
    ui.painter().text(at, Align2::LEFT_CENTER, &shown, theme::body(), palette.text);
    focus_ring(ui, &response);
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(role, true, cell.name);
        info.current_text_value = Some(text.to_owned());
        info
    });
    let whole = if shown == text { String::new() } else { format!("{text}\n") };
    response.on_hover_text(whole + cell.tooltip)
}

/// How a button looks.
struct Face<'a> {
    text: &'a str,
    font: FontId,
    on: bool,
    enabled: bool,
}

/// One of several tools or settings, or a switch. Returns whether it was clicked.
pub fn toggle(ui: &mut Ui, cell: &Cell<'_>, on: bool) -> bool {
    let face = Face { text: cell.name, font: theme::body(), on, enabled: true };
    let response = painted(ui, cell, &face);
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, on, cell.name));
    response.on_hover_text(cell.tooltip).clicked()
}

/// The same with an icon. Returns whether it was clicked.
pub fn icon_toggle(ui: &mut Ui, cell: &Cell<'_>, icon: Icon, on: bool) -> bool {
    let text = icon.unicode().to_string();
    let face = Face { text: &text, font: theme::icon(), on, enabled: true };
    let response = painted(ui, cell, &face);
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, on, cell.name));
    response.on_hover_text(cell.tooltip).clicked()
}

/// A button, dim while there is nothing for it to do. Returns whether it was clicked.
pub fn button(ui: &mut Ui, cell: &Cell<'_>, text: &str, enabled: bool) -> bool {
    let face = Face { text, font: theme::body(), on: false, enabled };
    let response = painted(ui, cell, &face);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, cell.name));
    response.on_hover_text(cell.tooltip).clicked() && enabled
}

/// The same with an icon.
pub fn icon_button(ui: &mut Ui, cell: &Cell<'_>, icon: Icon, enabled: bool) -> Response {
    let text = icon.unicode().to_string();
    let face = Face { text: &text, font: theme::icon(), on: false, enabled };
    let response = painted(ui, cell, &face);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, cell.name));
    response.on_hover_text(cell.tooltip)
}

fn painted(ui: &Ui, cell: &Cell<'_>, face: &Face<'_>) -> Response {
    let palette = theme::of(ui.ctx());
    let id = ui.scope_id().with(cell.name);
    let sense = if face.enabled { Sense::click() } else { Sense::hover() };
    let response = ui.interact(cell.rect, id, sense);
    let on = ui.ctx().animate_bool_responsive(id, face.on);
    let active = face.enabled && response.hovered();
    let off = if active { palette.control_hovered } else { palette.control };
    let ink = if face.enabled { palette.text } else { palette.text_dim.gamma_multiply(DISABLED) };
    let rounding = CornerRadius::same(size::ROUNDING);
    if face.enabled {
        ui.painter().rect_filled(cell.rect, rounding, off.lerp_to_gamma(palette.accent, on));
    }
    let outline = Stroke::new(size::LINE[0], palette.outline);
    ui.painter().rect_stroke(cell.rect, rounding, outline, StrokeKind::Inside);
    // Half way between, text could not be read on either.
    let ink = if on > 0.5 { palette.on_accent } else { ink };
    ui.painter().text(cell.rect.center(), Align2::CENTER_CENTER, face.text, face.font.clone(), ink);
    focus_ring(ui, &response);
    response
}

/// How much is left of the text of a button with nothing to do.
const DISABLED: f32 = 0.45;

/// Shows what has the keyboard.
pub fn focus_ring(ui: &Ui, response: &Response) {
    if response.has_focus() {
        let line = Stroke::new(size::LINE[2], theme::of(ui.ctx()).accent);
        let rounding = CornerRadius::same(size::ROUNDING + 1);
        ui.painter().rect_stroke(response.rect, rounding, line, StrokeKind::Outside);
    }
}

/// A choice of several in a panel, side by side and below one another, all of them in sight. Returns
/// the index of the one that was picked.
pub fn choices(ui: &mut Ui, names: &[&str], current: Option<usize>) -> Option<usize> {
    let mut picked = None;
    ui.horizontal_wrapped(|ui| {
        for (index, name) in names.iter().enumerate() {
            let wide = vec2(button_width(ui, name), size::CONTROL);
            let (rect, _) = ui.allocate_exact_size(wide, Sense::hover());
            let cell = Cell { name, tooltip: "", rect };
            let face = Face {
                text: name,
                font: theme::body(),
                on: current == Some(index),
                enabled: ui.is_enabled(),
            };
            let response = painted(ui, &cell, &face);
            response.widget_info(|| {
                let on = current == Some(index);
                WidgetInfo::selected(Role::RadioButton, face.enabled, on, *name)
            });
            if response.clicked() && current != Some(index) {
                picked = Some(index);
            }
        }
    });
    picked
}

/// The name of a group of choices in a menu or panel.
pub fn heading(ui: &mut Ui, text: &str, tooltip: &str) {
    ui.add_space(space::SMALL);
    let ink = theme::of(ui.ctx()).text_dim;
    let heading = ui.label(egui::RichText::new(text).font(theme::caption()).color(ink));
    if !tooltip.is_empty() {
        heading.on_hover_text(tooltip);
    }
}

/// Notches of the wheel over a widget, up positive. Shift turns the wheel sideways on some systems.
pub fn wheel_notches(ui: &Ui, response: &Response) -> f32 {
    /// Points of scrolling that count as a notch.
    const POINTS: f32 = 40.0;
    if !response.hovered() {
        return 0.0;
    }
    ui.input(|input| {
        let notches = input.events.iter().map(|event| match event {
            egui::Event::MouseWheel { unit, delta, .. } => {
                let amount = if delta.y == 0.0 { delta.x } else { delta.y };
                match unit {
                    egui::MouseWheelUnit::Point => amount / POINTS,
                    egui::MouseWheelUnit::Line | egui::MouseWheelUnit::Page => amount,
                }
            }
            _ => 0.0,
        });
        notches.sum()
    })
}
