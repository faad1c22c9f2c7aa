//! The small controls: a choice, a number to drag, a switch. Each has a name and a tooltip, and each
//! change is one gesture.

use crate::editor::edit::gesture::{Gestures, ParamValue};
use crate::editor::view::theme;
use egui::accesskit::Role;
use egui::{
    Align2, Button, Color32, ComboBox, CornerRadius, Rect, Response, RichText, Sense, Stroke,
    StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use nice_plug::prelude::Enum;
use std::ops::RangeInclusive;

/// A caption above a control.
pub struct Cell<'a> {
    /// The name of the control: caption and accessible name.
    pub name: &'a str,
    /// What it does, with its unit.
    pub tooltip: &'a str,
    /// Caption and control together.
    pub rect: Rect,
}

impl Cell<'_> {
    /// The height of a cell.
    pub const HEIGHT: f32 = 16.0 + theme::CONTROL_HEIGHT;

    /// Draws the caption and returns the place for the control.
    fn caption(&self, ui: &Ui) -> Rect {
        let place = self.rect.left_top() + vec2(1.0, 0.0);
        ui.painter().text(
            place,
            Align2::LEFT_TOP,
            self.name,
            theme::caption(),
            theme::of(ui.ctx()).text_dim,
        );
        Rect::from_min_max(pos2(self.rect.left(), self.rect.top() + 16.0), self.rect.max)
    }
}

/// Places side by side, from the left.
pub struct Row {
    remaining: Rect,
}

impl Row {
    /// The gap between controls.
    pub const GAP: f32 = theme::STEP;

    /// A row with nothing in it yet.
    #[must_use]
    pub fn new(rect: Rect) -> Self {
        Self { remaining: rect }
    }

    /// The next place, `width` wide.
    pub fn next(&mut self, width: f32) -> Rect {
        let place = self.remaining.with_max_x(self.remaining.left() + width);
        self.remaining.min.x += width + Self::GAP;
        place
    }

    /// Leaves a gap.
    pub fn skip(&mut self, width: f32) {
        self.remaining.min.x += width;
    }

    /// What is left.
    #[must_use]
    pub fn remaining(&self) -> Rect {
        self.remaining
    }
}

/// A drop-down list of a parameter's choices. Returns the one that was picked.
pub fn choice<T: Enum + PartialEq + Copy>(ui: &mut Ui, cell: &Cell<'_>, current: T) -> Option<T> {
    captioned_list(ui, cell, T::variants(), current.to_index())
        .filter(|index| *index != current.to_index())
        .map(T::from_index)
}

/// A drop-down list of names. Returns the index of whatever was picked, be it what was chosen before.
pub fn captioned_list(
    ui: &mut Ui,
    cell: &Cell<'_>,
    names: &[&str],
    current: usize,
) -> Option<usize> {
    let place = cell.caption(ui);
    drop_down(ui, cell, place, names, current)
}

/// A drop-down list without a caption, for names that need none. Returns the index of
/// the one that was picked.
pub fn list(
    ui: &mut Ui,
    cell: &Cell<'_>,
    place: Rect,
    names: &[&str],
    current: usize,
) -> Option<usize> {
    drop_down(ui, cell, place, names, current).filter(|index| *index != current)
}

fn drop_down(
    ui: &mut Ui,
    cell: &Cell<'_>,
    place: Rect,
    names: &[&str],
    current: usize,
) -> Option<usize> {
    let mut picked = None;
    ui.scope_builder(UiBuilder::new().max_rect(place).id_salt(cell.name), |ui| {
        let response = ComboBox::from_id_salt(cell.name)
            .width(place.width())
            .truncate()
            .selected_text(names[current])
            .show_ui(ui, |ui| {
                for (index, name) in names.iter().enumerate() {
                    if ui.selectable_label(index == current, *name).clicked() {
                        picked = Some(index);
                    }
                }
            })
            .response;
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::ComboBox, true, cell.name);
            info.current_text_value = Some(names[current].to_owned());
            info
        });
        response.on_hover_text(cell.tooltip);
    });
    picked
}

/// A number that is dragged: right or up is more.
pub struct Number {
    /// The value now.
    pub value: f32,
    /// The value as it reads, with its unit.
    pub text: String,
    /// What it can be.
    pub range: RangeInclusive<f32>,
    /// What a double click makes it.
    pub default: f32,
    /// How much a point of dragging is; shift makes it a tenth.
    pub per_point: f32,
    /// How much a notch of the wheel is; shift makes it a tenth, but not less than `step`.
    pub per_notch: f32,
    /// The smallest difference.
    pub step: f32,
    /// Whether a bar shows how much it is.
    pub bar: bool,
}

impl Number {
    fn rounded(&self, value: f32) -> f32 {
        let stepped = (value / self.step).round() * self.step;
        stepped.clamp(*self.range.start(), *self.range.end())
    }

    fn paint(&self, ui: &Ui, place: Rect, response: &Response) {
        let active = response.hovered() || response.dragged();
        let palette = theme::of(ui.ctx());
        let fill = if active { palette.control_hovered } else { palette.control };
        let rounding = CornerRadius::same(theme::ROUNDING);
        ui.painter().rect_filled(place, rounding, fill);
        if self.bar {
            self.paint_bar(ui, place);
        }
        let outline = Stroke::new(1.0, palette.grid);
        ui.painter().rect_stroke(place, rounding, outline, StrokeKind::Inside);
        let middle = place.center() - vec2(0.0, 1.0);
        ui.painter().text(middle, Align2::CENTER_CENTER, &self.text, theme::body(), palette.text);
    }

    /// A bar from where zero or the least is to the value, to show how much at a glance.
    fn paint_bar(&self, ui: &Ui, place: Rect) {
        let x = |value| egui::remap_clamp(value, self.range.clone(), place.left()..=place.right());
        let origin = x(0.0_f32.clamp(*self.range.start(), *self.range.end()));
        let bar = egui::Rangef::new(origin.min(x(self.value)), origin.max(x(self.value)));
        let track = Rect::from_x_y_ranges(bar, place.bottom() - 3.0..=place.bottom() - 1.0);
        ui.painter().rect_filled(track, CornerRadius::ZERO, theme::of(ui.ctx()).response);
    }
}

/// Draws a number and records what is done to it; `setting` turns a value into what is set.
pub fn number(
    ui: &mut Ui,
    cell: &Cell<'_>,
    number: &Number,
    gestures: &mut Gestures,
    setting: impl Fn(f32) -> ParamValue,
) {
    let place = cell.caption(ui);
    if let Some(value) = dragged_number(ui, cell, place, number, gestures) {
        let new = setting(value.value);
        match value.gesture {
            Edit::Whole => gestures.change(new),
            Edit::Notch => gestures.turn_wheel([new], ui.input(|input| input.time)),
            // Dragging on within the same step is no news.
            Edit::Part if new != setting(number.value) || gestures.holds(new.control()) => {
                gestures.hold(new);
            }
            Edit::Part => {}
        }
    }
}

/// A new value, and whether it is a gesture of its own.
pub struct Edited {
    /// The value.
    pub value: f32,
    /// Whether more may follow.
    pub gesture: Edit,
}

/// How an edit ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// A gesture of its own.
    Whole,
    /// Part of a drag that has not ended.
    Part,
    /// A notch of the wheel.
    Notch,
}

/// The number itself, for parameters and for settings of the screen alone. Returns its new value.
pub fn dragged_number(
    ui: &mut Ui,
    cell: &Cell<'_>,
    place: Rect,
    number: &Number,
    gestures: &mut Gestures,
) -> Option<Edited> {
    let id = ui.scope_id().with(cell.name);
    let response = ui.interact(place, id, Sense::click_and_drag());
    number.paint(ui, place, &response);
    response.widget_info(|| {
        let mut info = WidgetInfo::slider(true, f64::from(number.value), cell.name);
        info.current_text_value = Some(number.text.clone());
        info
    });
    if response.hovered() || response.dragged() {
        ui.set_cursor_icon(egui::CursorIcon::ResizeHorizontal);
    }
    let fine = if ui.input(|input| input.modifiers.shift) { 0.1 } else { 1.0 };
    let mut edited = None;
    if response.dragged() {
        // The unrounded value is kept, or slow drags would never leave a step.
        let kept = ui.data(|data| data.get_temp(id)).unwrap_or(number.value);
        let delta = response.drag_delta();
        let raw = kept + (delta.x - delta.y) * number.per_point * fine;
        let raw = raw.clamp(*number.range.start(), *number.range.end());
        ui.data_mut(|data| data.insert_temp(id, raw));
        edited = Some(Edited { value: number.rounded(raw), gesture: Edit::Part });
    }
    if response.drag_stopped() {
        ui.data_mut(|data| data.remove_temp::<f32>(id));
        gestures.release();
    }
    let notches = wheel_notches(ui, &response);
    if response.double_clicked() {
        edited = Some(Edited { value: number.default, gesture: Edit::Whole });
    } else if notches != 0.0 {
        let step = (number.per_notch * fine).max(number.step);
        let value = number.rounded(number.value + notches * step);
        edited = Some(Edited { value, gesture: Edit::Notch });
    }
    response.on_hover_text(cell.tooltip);
    edited
}

/// A switch that changes the sound. Returns whether it was clicked.
pub fn switch(ui: &mut Ui, cell: &Cell<'_>, on: bool) -> bool {
    let palette = theme::of(ui.ctx());
    let (fill, ink) =
        if on { (palette.warning, palette.background) } else { (palette.control, palette.text) };
    toggle(ui, cell, on, fill, ink)
}

/// One of several tools or settings. Returns whether it was clicked.
pub fn option(ui: &mut Ui, cell: &Cell<'_>, on: bool) -> bool {
    let palette = theme::of(ui.ctx());
    let fill = if on { palette.chosen } else { palette.control };
    toggle(ui, cell, on, fill, palette.text)
}

fn toggle(ui: &mut Ui, cell: &Cell<'_>, on: bool, fill: Color32, ink: Color32) -> bool {
    let button = Button::new(RichText::new(cell.name).color(ink)).fill(fill);
    let response = put(ui, cell, button);
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, on, cell.name));
    response.on_hover_text(cell.tooltip).clicked()
}

/// A button, dim while there is nothing for it to do. Returns whether it was clicked.
pub fn button(ui: &mut Ui, cell: &Cell<'_>, text: &str, enabled: bool) -> bool {
    let palette = theme::of(ui.ctx());
    let button = if enabled {
        Button::new(RichText::new(text).color(palette.text))
    } else {
        let button = Button::new(RichText::new(text).color(palette.text_dim));
        button.fill(palette.background).sense(Sense::hover())
    };
    let response = put(ui, cell, button);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, cell.name));
    response.on_hover_text(cell.tooltip).clicked() && enabled
}

/// At the foot of the cell, below where a caption would be.
fn put(ui: &mut Ui, cell: &Cell<'_>, button: Button<'_>) -> Response {
    let top = cell.rect.bottom() - theme::CONTROL_HEIGHT;
    let padding = vec2(0.0, 3.0);
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = padding;
        ui.put(cell.rect.with_min_y(top), button)
    })
    .inner
}

/// Notches of the wheel over a widget, up positive. Shift turns the wheel sideways on some systems.
pub fn wheel_notches(ui: &Ui, response: &Response) -> f32 {
    if !response.hovered() {
        return 0.0;
    }
    ui.input(|input| {
        let notches = input.events.iter().map(|event| match event {
            egui::Event::MouseWheel { unit, delta, .. } => {
                let amount = if delta.y == 0.0 { delta.x } else { delta.y };
                match unit {
                    egui::MouseWheelUnit::Point => amount / 40.0,
                    egui::MouseWheelUnit::Line | egui::MouseWheelUnit::Page => amount,
                }
            }
            _ => 0.0,
        });
        notches.sum()
    })
}
