//! The band editor: levels, the drawn gains, and the response.

pub mod bubble;
pub mod gestures;
pub mod glide;
pub mod legend;
pub mod menu;
pub mod paint;
pub mod response;
pub mod selection;
pub mod shape;
pub mod shaping;
pub mod stroke;
pub mod tools;

use crate::editor::bands::gestures::Hold;
use crate::editor::bands::menu::BandMenu;
use crate::editor::bands::response::BankResponse;
use crate::editor::bands::selection::Selection;
use crate::editor::bands::shaping::Shaping;
use crate::editor::bands::stroke::Geometry;
use crate::editor::bands::tools::Tools;
use crate::editor::edit::gesture::{Command, Gestures};
use crate::editor::view::axes;
use crate::editor::view::model::ViewModel;
use crate::editor::view::theme;
use crate::editor::view::tokens::{BYPASSED, size, space};
use crate::editor::view::widgets::{Cell, Row, list, list_width};
use crate::message::capitalised;
use crate::state::preferences::{GAIN_RANGES_DB, Preferences};
use egui::accesskit::Role;
use egui::{
    Align2, CornerRadius, Painter, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
};

/// The state of the band editor between frames.
#[derive(Default)]
pub struct BandEditor {
    tools: Tools,
    shaping: Shaping,
    selection: Selection,
    /// The number of bands there were.
    bands: usize,
    hold: Option<Hold>,
    menu: BandMenu,
    /// The band under the pointer in the last frame.
    pointed: Option<usize>,
}

/// Where the parts of the band editor lie.
pub struct Places {
    /// The strip of tools; `None` where there is no room for it.
    pub tools: Option<Rect>,
    /// Legend, or what can be done to a selection; `None` where there is no room for it.
    pub header: Option<Rect>,
    /// The bands.
    pub plot: Rect,
}

impl BandEditor {
    /// Ends what the pointer is doing, as other bands are to be shown.
    pub fn interrupt(&mut self, gestures: &mut Gestures) {
        self.shaping.interrupt();
        if let Some(hold) = self.hold.take() {
            gestures::release(&hold, gestures);
        }
    }

    /// What keys act on: the selected bands, or the one under the pointer.
    #[must_use]
    pub fn keyed(&self, count: usize) -> Vec<usize> {
        let selected = self.selection.bands(count);
        let pointed = self.pointed.filter(|band| *band < count);
        if selected.is_empty() { pointed.into_iter().collect() } else { selected }
    }

    /// Selects nothing.
    pub fn deselect(&mut self) {
        self.selection.clear();
    }

    /// Draws tools, header and bands, and records the gestures.
    pub fn draw(
        &mut self,
        ui: &mut Ui,
        places: &Places,
        view: &ViewModel<'_>,
        gestures: &mut Gestures,
    ) {
        let plot = places.plot;
        let palette = theme::of(ui.ctx());
        ui.painter().rect_filled(plot, CornerRadius::ZERO, palette.plot);
        paint::grid(&ui.painter_at(plot), plot, view);
        paint::labels(ui.painter(), plot, view);
        if let Some(tools) = places.tools {
            let (selection, shaping) = (&self.selection, &mut self.shaping);
            self.tools.draw(ui, tools, view, selection, shaping, gestures);
        }
        if let Some(header) = places.header {
            self.header(ui, header, view, gestures);
        }
        self.pointed = None;
        let Some(bank_response) = view.response else {
            // Without a bank there are no bands, so a stroke has nothing to end on but its gesture.
            self.hold = None;
            empty_message(&ui.painter_at(plot), plot, view);
            return;
        };
        let bank = bank_response.bank();
        let bands = Geometry::new(plot, &view.axis(), view.gain_axis(), bank.centres_hz());
        if std::mem::replace(&mut self.bands, bands.centres_x.len()) != bands.centres_x.len() {
            // The same numbers would be other bands.
            self.selection.clear();
        }
        describe_bands(ui, &bands, bank_response, view);
        let response = ui.interact(plot, ui.scope_id().with("bands"), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Group, true, "Band gains"));
        let painter = ui.painter_at(plot.expand(space::SMALL));
        // A stroke may leave the plot; its band is still the one that is edited.
        let held_at = || ui.input(|input| self.hold.as_ref().and(input.pointer.latest_pos()));
        let place = response.hover_pos().or_else(held_at);
        let held = self.hold.as_ref().and_then(Hold::band);
        self.pointed = held.or_else(|| place.map(|place| bands.band_at(place.x)));
        self.paint(&painter, &bands, view);
        self.interact(ui, &response, &bands, view, gestures);
        if response.secondary_clicked()
            && let Some(place) = response.interact_pointer_pos()
        {
            self.menu.set_band(bands.band_at(place.x));
        }
        let is_open = self.menu.draw(&response, (bank, view), &self.selection, gestures);
        if let Some(band) = self.pointed.filter(|_| !is_open) {
            bubble::draw(ui.painter(), &bands, band, bank_response, view);
        }
    }

    /// The legend, or what can be done to a selection, and the range of the gain axis.
    fn header(&mut self, ui: &mut Ui, rect: Rect, view: &ViewModel<'_>, gestures: &mut Gestures) {
        let mut row = Row::new(rect);
        let names = GAIN_RANGES_DB.map(|range_db| format!("±{range_db} dB"));
        let names = names.each_ref().map(String::as_str);
        let tooltip = "Gain range: how far the gain axis reaches; gains beyond stay as they are";
        let place = row.last(list_width(ui, &names));
        let cell = Cell { name: "Gain range", tooltip, rect: place };
        let top_db = view.preferences.gain_axis_top_db();
        let current = GAIN_RANGES_DB.iter().position(|range_db| f32::from(*range_db) == top_db);
        if let Some(picked) = list(ui, &cell, &names, current.unwrap_or(0)) {
            let gain_range_db = GAIN_RANGES_DB[picked];
            let preferences = Preferences { gain_range_db, ..view.preferences };
            gestures.command(Command::SetPreferences(preferences));
        }
        let count = self.selection.bands(view.band_count()).len();
        if count == 0 {
            legend::draw(ui.painter(), row.remaining());
            return;
        }
        let noun = if count == 1 { "band" } else { "bands" };
        let text = format!("{count} {noun}");
        let (at, ink) = (row.remaining().left_center(), theme::of(ui.ctx()).text);
        let drawn = ui.painter().text(at, Align2::LEFT_CENTER, text, theme::body(), ink);
        let rest = row.remaining().with_min_x(drawn.right() + space::MEDIUM);
        self.shaping.draw(ui, rest, view, &self.selection, gestures);
    }

    fn paint(&self, painter: &Painter, bands: &Geometry, view: &ViewModel<'_>) {
        if view.glide.is_under_way() {
            painter.ctx().request_repaint();
        }
        let bypassed = view.params.bypass.value();
        let opacity = painter.ctx().animate_bool_responsive(egui::Id::unique("bypassed"), bypassed);
        let opacity = egui::lerp(1.0..=BYPASSED, opacity);
        paint::levels(painter, bands, view);
        let soloed = view.soloed.filter(|k| *k < bands.centres_x.len());
        for band in self.pointed.into_iter().chain(soloed) {
            paint::column(painter, bands, band);
        }
        paint::drawn_line(painter, bands, view, opacity);
        paint::response(painter, bands, view.part, view.glide.response_db());
        paint::handles(painter, bands, view, (self.pointed, &self.selection), opacity);
        if let Some(Hold::Frame { from, .. }) = &self.hold
            && let Some(to) = painter.ctx().input(|input| input.pointer.latest_pos())
        {
            let palette = theme::of(painter.ctx());
            let frame = Rect::from_two_pos(*from, to);
            painter.rect_filled(frame, CornerRadius::ZERO, palette.veil);
            let line = Stroke::new(size::LINE[0], palette.accent);
            painter.rect_stroke(frame, CornerRadius::ZERO, line, StrokeKind::Inside);
        }
    }

    fn interact(
        &mut self,
        ui: &Ui,
        response: &Response,
        bands: &Geometry,
        view: &ViewModel<'_>,
        gestures: &mut Gestures,
    ) {
        let (pressed, down, place, modifiers) = ui.input(|input| {
            let pointer = &input.pointer;
            (
                pointer.primary_pressed(),
                pointer.primary_down(),
                pointer.latest_pos(),
                input.modifiers,
            )
        });
        let selection = &mut self.selection;
        // A press that closes a menu means nothing else.
        let free = !egui::Popup::is_any_open(ui.ctx());
        if let Some(place) = place {
            if pressed && free && response.is_pointer_button_down_on() {
                let of = (bands, view);
                let hold = gestures::press(place, modifiers, &self.tools, of, selection, gestures);
                self.hold = Some(hold);
            } else if down && let Some(hold) = &mut self.hold {
                let fine = modifiers.shift || self.tools.fine;
                gestures::drag(hold, place, fine, (bands, view), selection, gestures);
            }
        }
        if !down && let Some(hold) = self.hold.take() {
            gestures::release(&hold, gestures);
        }
        let tools = (&self.tools, self.hold.is_some());
        gestures::click_and_turn(ui, response, tools, (bands, view), selection, gestures);
    }
}

/// The message on a plot without bands.
fn empty_message(painter: &Painter, plot: Rect, view: &ViewModel<'_>) {
    let text = match &view.notice {
        Some(notice) => &capitalised(notice),
        None if view.designing => "Designing the filterbank…",
        None => "Waiting for the host's sample rate",
    };
    theme::patch(
        painter,
        Align2::CENTER_CENTER,
        plot.center(),
        text,
        theme::message(),
        theme::of(painter.ctx()).text,
    );
}

/// Gives each band a name and a value for screen readers.
fn describe_bands(ui: &Ui, bands: &Geometry, bank_response: &BankResponse, view: &ViewModel<'_>) {
    for (band, hz) in bank_response.bank().centres_hz().iter().enumerate() {
        let id = ui.scope_id().with(("band", band));
        let seen = bands.column(band).intersect(bands.rect);
        if !seen.is_positive() {
            continue;
        }
        let response = ui.interact(seen, id, Sense::hover());
        response.widget_info(|| {
            let gain_db = view.drawn_db[band];
            let name = format!("Gain of band {}, {}", band + 1, axes::hz_text(*hz));
            let mut info = WidgetInfo::slider(true, f64::from(gain_db), name);
            info.current_text_value = Some(axes::gain_text(gain_db));
            info
        });
    }
}
