//! The strip of tools beside the bands: what the pointer does there, and a menu of what is done to many
//! bands at once.

use crate::editor::bands::selection::Selection;
use crate::editor::bands::shaping::Shaping;
use crate::editor::edit::gesture::{Command, Gestures};
use crate::editor::view::model::ViewModel;
use crate::editor::view::tokens::{size, space};
use crate::editor::view::widgets::{Cell, icon_button, icon_toggle};
use egui::{Popup, PopupCloseBehavior, Rect, Sense, Ui, vec2};
use lucide_icons::Icon;

/// What the pointer does to bands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Drags handles and paints curves.
    #[default]
    Draw,
    /// Selects bands and moves them together.
    Select,
    /// Solos a band while pressed.
    Solo,
    /// Mutes bands and brings them back.
    Mute,
}

/// The tools: names, icons, and what they do.
const TOOLS: [(Tool, &str, Icon, &str); 4] = [
    (Tool::Draw, "Draw", Icon::Spline, "Draw: drag a handle, or paint a curve. Double-click: 0 dB"),
    (
        Tool::Select,
        "Select",
        Icon::SquareDashedMousePointer,
        "Select: drag a frame around handles, then drag one to move all (or hold Ctrl)",
    ),
    (
        Tool::Solo,
        "Solo",
        Icon::Headphones,
        "Solo: press on a band to hear it alone, and move on to sweep (or hold Alt)",
    ),
    (Tool::Mute, "Mute", Icon::VolumeX, "Mute: click or paint to turn bands off, and on again"),
];

/// The state of the tools between frames.
#[derive(Default)]
pub struct Tools {
    /// What the pointer does.
    pub tool: Tool,
    /// Whether movements are ten times finer, as with shift held.
    pub fine: bool,
}

impl Tools {
    /// Draws the strip into `rect`, downwards.
    pub fn draw(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        view: &ViewModel<'_>,
        selection: &Selection,
        shaping: &mut Shaping,
        gestures: &mut Gestures,
    ) {
        let mut top = rect.top();
        let mut next = |gap: f32| {
            let place =
                Rect::from_min_size(egui::pos2(rect.left(), top), vec2(size::TOOL, size::TOOL));
            top += size::TOOL + gap;
            place
        };
        for (tool, name, icon, tooltip) in TOOLS {
            let gap = if tool == Tool::Mute { space::MEDIUM } else { space::SMALL };
            // A band soloed from its menu stays so whatever the tool is.
            let on = self.tool == tool || (tool == Tool::Solo && view.soloed.is_some());
            if icon_toggle(ui, &Cell { name, tooltip, rect: next(gap) }, icon, on) {
                self.tool = tool;
                if view.soloed.is_some() {
                    gestures.command(Command::Solo(None));
                }
            }
        }
        let tooltip = "Fine: every drag and wheel moves a tenth as far (or hold Shift)";
        let cell = Cell { name: "Fine", tooltip, rect: next(space::MEDIUM) };
        if icon_toggle(ui, &cell, Icon::Crosshair, self.fine) {
            self.fine = !self.fine;
        }
        let tooltip = "Shape: tilt, invert, smooth or flatten all bands, or those selected";
        let cell = Cell { name: "Shape", tooltip, rect: next(space::SMALL) };
        let button = icon_button(ui, &cell, Icon::SlidersHorizontal, true);
        let stays = PopupCloseBehavior::CloseOnClickOutside;
        Popup::menu(&button).close_behavior(stays).show(|ui| {
            let (place, _) =
                ui.allocate_exact_size(vec2(Shaping::width(ui), size::CONTROL), Sense::hover());
            shaping.draw(ui, place, view, selection, gestures);
        });
    }
}
