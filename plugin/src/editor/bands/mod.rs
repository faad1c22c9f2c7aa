//! The band editor: levels, the drawn gains, and the response.

pub mod gestures;
pub mod header;
pub mod levels;
pub mod menu;
pub mod peak_hold;
pub mod response;
pub mod selection;
pub mod shape;
pub mod stroke;
pub mod tools;

use crate::editor::bands::gestures::Hold;
use crate::editor::bands::menu::BandMenu;
use crate::editor::bands::response::BankResponse;
use crate::editor::bands::selection::Selection;
use crate::editor::bands::stroke::Geometry;
use crate::editor::bands::tools::Tools;
use crate::editor::edit::gesture::Gestures;
use crate::editor::view::axes;
use crate::editor::view::cast::points;
use crate::editor::view::model::ViewModel;
use crate::editor::view::theme;
use crate::state::params::OFF_DB;
use egui::accesskit::Role;
use egui::{
    Align2, Color32, CornerRadius, Painter, Rect, Response, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

/// The least distance of frequency lines, in points: their labels fit.
pub const TICK_ROOM: f32 = 36.0;

/// The state of the band editor between frames.
#[derive(Default)]
pub struct BandEditor {
    tools: Tools,
    selection: Selection,
    /// The number of bands there were.
    bands: usize,
    hold: Option<Hold>,
    menu: BandMenu,
}

/// Where the parts of the band editor lie.
pub struct Places {
    /// The row of tools.
    pub tools: Rect,
    /// Legend and read-out.
    pub header: Rect,
    /// The bands.
    pub plot: Rect,
}

impl BandEditor {
    /// Ends what the pointer is doing, as other bands are to be shown.
    pub fn interrupt(&mut self, gestures: &mut Gestures) {
        self.tools.interrupt();
        if let Some(hold) = self.hold.take() {
            gestures::release(&hold, gestures);
        }
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
        labels(ui.painter(), plot);
        self.tools.draw(ui, places.tools, view, &mut self.selection, gestures);
        let Some(bank_response) = view.response else {
            // Without a bank there are no bands, so a stroke has nothing to end on but its gesture.
            self.hold = None;
            header::legend(ui.painter(), places.header);
            grid(ui.painter(), plot, view);
            empty_message(&ui.painter_at(plot), plot, view);
            return;
        };
        let bands = Geometry::new(plot, bank_response.axis(), bank_response.bank().centres_hz());
        if std::mem::replace(&mut self.bands, bands.centres_x.len()) != bands.centres_x.len() {
            // The same numbers would be other bands.
            self.selection.clear();
        }
        describe_bands(ui, &bands, bank_response, view);
        let response = ui.interact(plot, ui.scope_id().with("bands"), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Group, true, "Band gains"));
        let painter = ui.painter_at(plot.expand(theme::STEP));
        // A stroke may leave the plot; its band is still the one that is edited.
        let held_at = || ui.input(|input| self.hold.as_ref().and(input.pointer.latest_pos()));
        let place = response.hover_pos().or_else(held_at);
        let pointed = self.hold.as_ref().and_then(Hold::band);
        let pointed = pointed.or_else(|| place.map(|place| bands.band_at(place.x)));
        self.paint(&painter, &bands, bank_response, view, pointed);
        messages(&painter, plot, bank_response, view);
        if let Some((place, band)) = place.zip(pointed) {
            let hz = bank_response.axis().hz_at(place.x, plot.x_range());
            header::read_out(ui.painter(), places.header, (band, hz), bank_response);
        } else {
            header::legend(ui.painter(), places.header);
        }
        self.interact(ui, &response, &bands, view, gestures);
        if response.secondary_clicked()
            && let Some(place) = response.interact_pointer_pos()
        {
            self.menu.set_band(bands.band_at(place.x));
        }
        self.menu.draw(&response, (bank_response.bank(), view), &self.selection, gestures);
    }

    fn paint(
        &self,
        painter: &Painter,
        bands: &Geometry,
        bank_response: &BankResponse,
        view: &ViewModel<'_>,
        pointed: Option<usize>,
    ) {
        let opacity = if view.params.bypass.value() { 0.4 } else { 1.0 };
        levels(painter, bands, view);
        grid(painter, bands.rect, view);
        let highlighted =
            pointed.into_iter().chain(view.soloed.filter(|k| *k < bands.centres_x.len()));
        for band in highlighted {
            painter.rect_filled(
                bands.column(band),
                CornerRadius::ZERO,
                theme::of(painter.ctx()).veil,
            );
        }
        drawn_line(painter, bands, view, opacity);
        response_line(painter, bands.rect, bank_response.response_db(), opacity);
        handles(painter, bands, view, (pointed, &self.selection), opacity);
        if let Some(Hold::Frame { from, .. }) = &self.hold
            && let Some(to) = painter.ctx().input(|input| input.pointer.latest_pos())
        {
            let palette = theme::of(painter.ctx());
            let frame = Rect::from_two_pos(*from, to);
            painter.rect_filled(frame, CornerRadius::ZERO, palette.veil);
            let line = Stroke::new(1.0, palette.drawn);
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

/// Lines at round frequencies and gains, over the levels and under the curves.
fn grid(painter: &Painter, plot: Rect, view: &ViewModel<'_>) {
    let palette = theme::of(painter.ctx());
    for hz in view.axis().ticks_hz(plot.x_range(), TICK_ROOM) {
        painter.vline(view.axis().x(hz, plot.x_range()), plot.y_range(), (1.0, palette.grid));
    }
    for gain_db in axes::GAIN_TICKS_DB {
        let color = if gain_db == 0.0 { palette.grid_strong } else { palette.grid };
        painter.hline(plot.x_range(), axes::gain_y(gain_db, plot.y_range()), (1.0, color));
    }
}

/// Gains on the left, levels on the right.
fn labels(painter: &Painter, plot: Rect) {
    let palette = theme::of(painter.ctx());
    let dense = plot.height() > 240.0;
    for gain_db in axes::GAIN_TICKS_DB.into_iter().filter(|db| dense || db % 12.0 == 0.0) {
        let text = match gain_db {
            OFF_DB => "off".to_owned(),
            0.0 => "0 dB".to_owned(),
            db if db > 0.0 => format!("+{db}"),
            db => format!("−{}", -db),
        };
        let place = pos2(plot.left() - 6.0, axes::gain_y(gain_db, plot.y_range()));
        painter.text(place, Align2::RIGHT_CENTER, text, theme::caption(), palette.text_dim);
    }
    for step in 0..=4_u8 {
        let level_db = -24.0 * f32::from(step);
        let place = pos2(plot.right() + 6.0, axes::level_y(level_db, plot.y_range()));
        let text = if step == 0 { "0 dBFS".to_owned() } else { format!("−{}", -level_db) };
        // Below the lowest is the unit of the frequency axis.
        let anchor = if step == 4 { Align2::LEFT_BOTTOM } else { Align2::LEFT_CENTER };
        painter.text(place, anchor, text, theme::caption(), palette.level_text);
    }
}

/// The message on a plot without bands.
fn empty_message(painter: &Painter, plot: Rect, view: &ViewModel<'_>) {
    let text = match &view.notice {
        Some(notice) => notice,
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

/// The messages in the upper right corner of the plot.
fn messages(painter: &Painter, plot: Rect, bank_response: &BankResponse, view: &ViewModel<'_>) {
    let palette = theme::of(painter.ctx());
    let centres_hz = bank_response.bank().centres_hz();
    let soloed = view.soloed.and_then(|band| Some((band, centres_hz.get(band)?)));
    let solo = soloed.map(|(band, hz)| format!("Solo: band {}, {}", band + 1, axes::hz_text(*hz)));
    let message = view.toast.map_or("", |toast| &toast.text);
    let failed = view.toast.is_some_and(|toast| toast.failed);
    let messages = [
        (view.toast.is_some(), message, if failed { palette.warning } else { palette.text }),
        (view.notice.is_some(), view.notice.as_deref().unwrap_or(""), palette.warning),
        (view.designing, "Designing the filterbank…", palette.text),
        (solo.is_some(), solo.as_deref().unwrap_or(""), palette.warning),
        (view.params.bypass.value() && solo.is_none(), "Bypassed", palette.warning),
        (
            view.params.delta.value() && !view.params.bypass.value() && solo.is_none(),
            "Delta: only the change is output",
            palette.warning,
        ),
    ];
    let mut place = plot.right_top() + vec2(-6.0, 6.0);
    for (_, text, color) in messages.into_iter().filter(|(applies, ..)| *applies) {
        let patch = theme::patch(painter, Align2::RIGHT_TOP, place, text, theme::body(), color);
        place.y = patch.bottom() + theme::STEP;
    }
}

/// The level bars: before the gains wide and grey, after them narrow and green; over each the
/// peak it has held.
fn levels(painter: &Painter, bands: &Geometry, view: &ViewModel<'_>) {
    let palette = theme::of(painter.ctx());
    let down = bands.rect.y_range();
    for band in 0..bands.centres_x.len() {
        let column = bands.column(band);
        let bar = |level_db: f32, inset: f32, color: Color32| {
            if level_db > axes::LEVEL_FLOOR_DB {
                let across = column.x_range().shrink(inset.min(column.width() / 2.5));
                let bar = Rect::from_x_y_ranges(across, axes::level_y(level_db, down)..=down.max);
                painter.rect_filled(bar, CornerRadius::ZERO, color);
            }
        };
        bar(view.levels.input_db()[band], 0.5, palette.level_input);
        let output_db = view.levels.output_db()[band];
        bar(output_db, column.width() / 4.0, palette.level_output);
        if output_db > axes::LEVEL_FLOOR_DB {
            let across = column.x_range().shrink(column.width() / 4.0);
            painter.hline(across, axes::level_y(output_db, down), (1.5, palette.level_text));
        }
        let hold = |level_db: f32, inset: f32, color: Color32| {
            if level_db > axes::LEVEL_FLOOR_DB {
                let across = column.x_range().shrink(inset);
                painter.hline(across, axes::level_y(level_db, down), (1.0, color));
            }
        };
        hold(view.input_peaks_db[band], 0.5, palette.text_dim.gamma_multiply(0.5));
        hold(view.output_peaks_db[band], column.width() / 4.0, palette.level_text);
    }
}

/// The response.
fn response_line(painter: &Painter, plot: Rect, response_db: &[f32], opacity: f32) {
    let last = points(response_db.len() - 1);
    let line = response_db.iter().enumerate().map(|(i, &db)| {
        let x = egui::lerp(plot.x_range(), points(i) / last);
        pos2(x, axes::gain_y(db, plot.y_range()))
    });
    let color = theme::of(painter.ctx()).response.gamma_multiply(opacity);
    painter.line(line.collect(), Stroke::new(2.0, color));
}

/// The drawn gains: straight lines from handle to handle.
fn drawn_line(painter: &Painter, bands: &Geometry, view: &ViewModel<'_>, opacity: f32) {
    let handle = |band| bands.handle(band, view.drawn_db[band]);
    let line = (0..bands.centres_x.len()).map(handle).collect();
    let color = theme::of(painter.ctx()).drawn.gamma_multiply(0.6 * opacity);
    painter.line(line, Stroke::new(1.0, color));
}

/// The drawn gains: a handle each on a stem from 0 dB, hollow where the band is off, ringed where
/// it is selected.
fn handles(
    painter: &Painter,
    bands: &Geometry,
    view: &ViewModel<'_>,
    (highlighted, selection): (Option<usize>, &Selection),
    opacity: f32,
) {
    let palette = theme::of(painter.ctx());
    let spacing = bands.rect.width() / points(bands.centres_x.len());
    let radius = (spacing / 3.2).clamp(2.5, 4.5);
    let color = palette.drawn.gamma_multiply(opacity);
    let zero = axes::gain_y(0.0, bands.rect.y_range());
    for (band, &gain_db) in view.drawn_db.iter().enumerate().take(bands.centres_x.len()) {
        let handle = bands.handle(band, gain_db);
        let stem = (1.0, color.gamma_multiply(0.5));
        painter.vline(handle.x, zero.min(handle.y)..=zero.max(handle.y), stem);
        let radius = if highlighted == Some(band) { radius + 1.5 } else { radius };
        if gain_db <= OFF_DB {
            painter.circle(handle, radius, palette.plot, (1.5, color));
        } else {
            painter.circle(handle, radius, color, (1.0, palette.plot));
        }
        if selection.has(band) {
            painter.circle_stroke(handle, radius + 2.5, (1.5, palette.text));
        }
    }
}

/// Gives each band a name and a value for screen readers.
fn describe_bands(ui: &Ui, bands: &Geometry, bank_response: &BankResponse, view: &ViewModel<'_>) {
    for (band, hz) in bank_response.bank().centres_hz().iter().enumerate() {
        let id = ui.scope_id().with(("band", band));
        let response = ui.interact(bands.column(band), id, Sense::hover());
        response.widget_info(|| {
            let gain_db = view.drawn_db[band];
            let name = format!("Gain of band {}, {}", band + 1, axes::hz_text(*hz));
            let mut info = WidgetInfo::slider(true, f64::from(gain_db), name);
            info.current_text_value = Some(axes::gain_text(gain_db));
            info
        });
    }
}
