//! The question whether a new interface scale shall stay, in a panel low on the picture of sound.

use crate::editor::view::theme;
use crate::editor::view::tokens::{size, space};
use egui::{Align2, Area, Context, Frame, Id, Order, RichText, vec2};

/// What a person says to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It stays.
    Keep,
    /// The scale and size before come back.
    GoBack,
}

/// Draws the question with the seconds that are left for an answer. Returns it.
pub(super) fn draw(ctx: &Context, left_s: u8) -> Option<Answer> {
    let mut answer = None;
    // Above the footer and the row of controls, where no menu reaches and no curve is.
    let above = size::FOOTER + size::CONTROL + space::MARGIN;
    let area = Area::new(Id::unique("keep scale")).order(Order::Foreground);
    area.anchor(Align2::CENTER_BOTTOM, vec2(0.0, -above)).show(ctx, |ui| {
        Frame::window(ui.style()).show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(RichText::new("Keep this size?").font(theme::body()));
                let keep = ui.button("Keep").on_hover_text("Keeps the interface scale");
                let back = format!("Go back ({left_s})");
                let back = ui.button(back).on_hover_text(
                    "Goes back to the interface scale and size before, as it does by itself when \
                     the seconds are over",
                );
                if keep.clicked() {
                    answer = Some(Answer::Keep);
                } else if back.clicked() {
                    answer = Some(Answer::GoBack);
                }
            });
        });
    });
    answer
}
