//! A number: dragged, turned by the wheel, stepped by arrow keys, or typed.

use crate::editor::edit::gesture::{Gestures, ParamValue};
use crate::editor::view::theme;
use crate::editor::view::tokens::size;
use crate::editor::view::widgets::{Cell, focus_ring, wheel_notches};
use egui::accesskit::Role;
use egui::text::{CCursor, CCursorRange};
use egui::{
    Align2, CornerRadius, EventFilter, Id, Key, Rect, Response, Sense, Stroke, StrokeKind,
    TextEdit, Ui, WidgetInfo, vec2,
};
use std::ops::RangeInclusive;

/// A number that is dragged: right or up is more.
pub struct Number {
    /// The value now.
    pub value: f32,
    /// The value as it reads, with its unit.
    pub text: String,
    /// What it can be.
    pub range: RangeInclusive<f32>,
    /// What it is reset to.
    pub default: f32,
    /// How much a point of dragging is; shift makes it a tenth.
    pub per_point: f32,
    /// How much a notch of the wheel is; shift makes it a tenth, but not less than `step`.
    pub per_notch: f32,
    /// The smallest difference.
    pub step: f32,
    /// How many of the unit in `text` make 1: 100 for a share in per cent.
    pub units: f32,
    /// Whether a bar shows how much it is.
    pub bar: bool,
}

impl Number {
    fn rounded(&self, value: f32) -> f32 {
        let stepped = (value / self.step).round() * self.step;
        stepped.clamp(*self.range.start(), *self.range.end())
    }

    /// What was typed, with its unit or without.
    fn parse(&self, text: &str) -> Option<f32> {
        let text = text.trim().replace('−', "-").replace(',', ".");
        let number = text.trim_end_matches(|c: char| c.is_alphabetic() || c == '%' || c == ' ');
        let value: f32 = number.parse().ok()?;
        value.is_finite().then(|| self.rounded(value / self.units))
    }

    fn paint(&self, ui: &Ui, place: Rect, response: &Response) {
        let active = response.hovered() || response.dragged();
        let palette = theme::of(ui.ctx());
        let fill = if active { palette.control_hovered } else { palette.control };
        let rounding = CornerRadius::same(size::ROUNDING);
        ui.painter().rect_filled(place, rounding, fill);
        if self.bar {
            self.paint_bar(ui, place);
        }
        let outline = Stroke::new(size::LINE[0], palette.outline);
        ui.painter().rect_stroke(place, rounding, outline, StrokeKind::Inside);
        let (middle, center) = (place.center(), Align2::CENTER_CENTER);
        ui.painter().text(middle, center, &self.text, theme::value(), palette.text);
        focus_ring(ui, response);
    }

    /// A bar from where zero or the least is to the value, to show how much at a glance.
    fn paint_bar(&self, ui: &Ui, place: Rect) {
        let inner = place.shrink2(vec2(f32::from(size::ROUNDING), 0.0));
        let x = |value| egui::remap_clamp(value, self.range.clone(), inner.left()..=inner.right());
        let origin = x(0.0_f32.clamp(*self.range.start(), *self.range.end()));
        let bar = egui::Rangef::new(origin.min(x(self.value)), origin.max(x(self.value)));
        let y = place.bottom() - size::LINE[2];
        ui.painter().hline(bar, y, (size::LINE[2], theme::of(ui.ctx()).accent));
    }
}

/// Draws a number under its caption and records what is done to it; `setting` turns a value into what
/// is set.
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
    /// A notch of the wheel, or an arrow key.
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
    if let Some(text) = ui.data(|data| data.get_temp::<String>(id.with(TYPED))) {
        let value = typed(ui, (cell.name, id), place, number, text)?;
        return Some(Edited { value, gesture: Edit::Whole });
    }
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
    let modifiers = ui.input(|input| input.modifiers);
    let fine = if modifiers.shift { 0.1 } else { 1.0 };
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
    let notches = wheel_notches(ui, &response) + arrow_steps(ui, &response);
    if response.clicked() && (modifiers.command || modifiers.alt) {
        edited = Some(Edited { value: number.default, gesture: Edit::Whole });
    } else if notches != 0.0 {
        let step = (number.per_notch * fine).max(number.step);
        let value = number.rounded(number.value + notches * step);
        edited = Some(Edited { value, gesture: Edit::Notch });
    } else if let Some(text) = begins_typing(ui, &response, number) {
        begin_typing(ui, id, text);
    }
    response.on_hover_text(format!("{}\n{HOW}", cell.tooltip));
    edited
}

/// What every number's tooltip ends with.
const HOW: &str = "Drag, turn the wheel, or double-click to type; Ctrl-click resets";

/// Steps of the arrow keys, up and right positive, while a number has the keyboard.
fn arrow_steps(ui: &Ui, response: &Response) -> f32 {
    if !response.has_focus() {
        return 0.0;
    }
    let filter =
        EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    ui.input(|input| {
        let pressed = |key| if input.key_pressed(key) { 1.0 } else { 0.0 };
        pressed(Key::ArrowUp) + pressed(Key::ArrowRight)
            - pressed(Key::ArrowDown)
            - pressed(Key::ArrowLeft)
    })
}

/// The text a person begins to type with, if one does: a double click or Enter takes the value as it is,
/// a figure takes its place.
fn begins_typing(ui: &Ui, response: &Response, number: &Number) -> Option<String> {
    let entered = response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if response.double_clicked() || entered {
        return Some(number.text.clone());
    }
    let elsewhere = ui.memory(|memory| memory.focused()).is_some_and(|id| id != response.id);
    if elsewhere || !(response.hovered() || response.has_focus()) {
        return None;
    }
    let begins = |text: &&String| {
        text.starts_with(|c: char| c.is_ascii_digit() || ['-', '−', '+', '.'].contains(&c))
    };
    ui.input(|input| {
        let mut texts = input.events.iter().filter_map(|event| match event {
            egui::Event::Text(text) => Some(text),
            _ => None,
        });
        texts.find(begins).cloned()
    })
}

/// Where the text is kept while it is typed.
const TYPED: &str = "typed";

fn begin_typing(ui: &Ui, id: Id, text: String) {
    let end = CCursor::new(text.chars().count());
    let begin = if end.index.0 > 1 { CCursor::new(0) } else { end };
    select(ui, id.with(TYPED).with(TYPED), CCursorRange::two(begin, end));
    ui.data_mut(|data| data.insert_temp(id.with(TYPED), text));
    ui.memory_mut(|memory| memory.request_focus(id.with(TYPED).with(TYPED)));
}

/// Selects a part of the text that is edited under this id.
pub fn select(ui: &Ui, id: Id, range: CCursorRange) {
    let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
    state.cursor.set_char_range(Some(range));
    state.store(ui.ctx(), id);
}

/// The number while it is typed. Returns the value once it is done: Enter or a click elsewhere takes it,
/// Esc leaves it as it was, and Enter on what is no number waits for another.
fn typed(
    ui: &mut Ui,
    (name, id): (&str, Id),
    place: Rect,
    number: &Number,
    mut text: String,
) -> Option<f32> {
    let palette = theme::of(ui.ctx());
    let edit_id = id.with(TYPED).with(TYPED);
    let value = number.parse(&text);
    let ink = if value.is_some() { palette.text } else { palette.warning };
    let edit = TextEdit::singleline(&mut text)
        .id(edit_id)
        .font(theme::value())
        .text_color(ink)
        .align(Align2::CENTER_CENTER)
        .margin(vec2(size::LINE[2], 0.0))
        .min_size(place.size());
    let response = ui.put(place, edit);
    focus_ring(ui, &response);
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::TextInput, true, name);
        info.current_text_value = Some(text.clone());
        info
    });
    let [entered, escaped] =
        [Key::Enter, Key::Escape].map(|key| ui.input(|input| input.key_pressed(key)));
    let value = number.parse(&text);
    if response.lost_focus() || !response.has_focus() {
        if entered && !escaped && value.is_none() {
            ui.memory_mut(|memory| memory.request_focus(edit_id));
        } else {
            ui.data_mut(|data| data.remove_temp::<String>(id.with(TYPED)));
            return value.filter(|value| !escaped && *value != number.value);
        }
    }
    ui.data_mut(|data| data.insert_temp(id.with(TYPED), text));
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_their_units_and_within_their_range() {
        let number = Number {
            value: 0.0,
            text: String::new(),
            range: -24.0..=24.0,
            default: 0.0,
            per_point: 0.1,
            per_notch: 0.5,
            step: 0.1,
            units: 1.0,
            bar: true,
        };
        for (text, value) in [
            ("3", Some(3.0)),
            (" −3.25 dB", Some(-3.3)),
            ("+1,5", Some(1.5)),
            ("99", Some(24.0)),
            ("dB", None),
            ("", None),
            ("1e99", None),
            ("3 of 4", None),
        ] {
            let read = number.parse(text);
            assert!(
                read.zip(value).map_or(read == value, |(a, b)| (a - b).abs() < 1e-4),
                "{text}: {read:?}"
            );
        }
        let share = Number { range: 0.0..=1.0, step: 0.01, units: 100.0, ..number };
        assert_eq!(share.parse("35 %"), Some(0.35));
    }
}
