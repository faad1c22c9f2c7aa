//! The band editor: levels, what was asked for, what is achieved, and the gestures on them.

use super::achieved::Achieved;
use super::axis;
use super::cast::points;
use super::gesture::{Gestures, Setting};
use super::stroke::{Geometry, Stroke};
use super::theme;
use super::view_model::ViewModel;
use super::widgets::wheel_notches;
use crate::params::{MAX_GAIN_DB, OFF_DB};
use egui::accesskit::Role;
use egui::{
    Align2, Color32, CornerRadius, CursorIcon, Painter, Pos2, Rect, Response, Sense, Ui,
    WidgetInfo, pos2, vec2,
};

/// The least distance of frequency lines, in points: their labels fit.
pub const TICK_ROOM: f32 = 36.0;

/// What the band editor knows between frames.
#[derive(Default)]
pub struct BandEditor {
    stroke: Option<Stroke>,
    menu_band: usize,
}

impl BandEditor {
    /// Draws the header into `header` and the bands into `plot`, and records the gestures.
    pub fn draw(
        &mut self,
        ui: &mut Ui,
        header: Rect,
        plot: Rect,
        view: &ViewModel<'_>,
        gestures: &mut Gestures,
    ) {
        ui.painter().rect_filled(plot, CornerRadius::ZERO, theme::PLOT);
        labels(ui.painter(), plot);
        legend(ui.painter(), header);
        let Some(achieved) = view.achieved else {
            // Without a bank there are no bands, so a stroke has nothing to end on but its gesture.
            self.stroke = None;
            grid(ui.painter(), plot, view);
            empty(ui.painter(), plot, view);
            return;
        };
        let bands = Geometry::new(plot, achieved.axis(), achieved.bank().centres_hz());
        describe_bands(ui, &bands, achieved, view);
        let response = ui.interact(plot, ui.scope_id().with("bands"), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Group, true, "Band gains"));
        let painter = ui.painter_at(plot.expand(theme::STEP));
        let faded = if view.bypass { 0.4 } else { 1.0 };
        levels(&painter, &bands, view);
        grid(&painter, plot, view);
        // A stroke may leave the plot; its band is still the one that is meant.
        let stroke_at = || ui.input(|input| self.stroke.as_ref().and(input.pointer.latest_pos()));
        let place = response.hover_pos().or_else(stroke_at);
        let pointed = self.stroke.as_ref().map(Stroke::band);
        let pointed = pointed.or_else(|| place.map(|place| bands.band_at(place.x)));
        curve(&painter, plot, achieved.response_db(), faded);
        handles(&painter, &bands, view, pointed, faded);
        notes(&painter, plot, view);
        if let Some((place, band)) = place.zip(pointed) {
            let hz = achieved.axis().hz_at(place.x, plot.x_range());
            read_out(ui.painter(), header, (band, hz), achieved, view);
        }
        self.interact(ui, &response, &bands, view, gestures);
        self.menu(&response, &bands, achieved, gestures);
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
        // A press that closes a menu means nothing else.
        let free = !modifiers.alt && !egui::Popup::is_any_open(ui.ctx());
        let begins = pressed && free && response.is_pointer_button_down_on();
        if let Some(place) = place {
            if begins {
                let (stroke, set) = Stroke::press(place, bands, &view.drawn_db);
                self.stroke = Some(stroke);
                set.into_iter().for_each(|(k, db)| gestures.hold(Setting::Gain(k, db)));
            } else if down && let Some(stroke) = &mut self.stroke {
                for (k, db) in stroke.drag(place, modifiers.shift, bands) {
                    gestures.hold(Setting::Gain(k, db));
                }
            }
        }
        if !down && self.stroke.take().is_some() {
            gestures.release();
        }
        let Some(place) = response.hover_pos() else { return };
        let band = bands.band_at(place.x);
        if response.double_clicked() && !modifiers.alt {
            gestures.change(Setting::Gain(band, 0.0));
        }
        let notches = wheel_notches(ui, response);
        if notches != 0.0 && self.stroke.is_none() {
            let step_db = if modifiers.shift { 0.1 } else { 0.5 };
            let gain_db = (view.drawn_db[band] + notches * step_db).clamp(OFF_DB, MAX_GAIN_DB);
            gestures.change(Setting::Gain(band, (gain_db * 100.0).round() / 100.0));
        }
        let over_handle = bands.grabs(place, band, view.drawn_db[band]);
        let grabs = over_handle || self.stroke.is_some();
        ui.set_cursor_icon(if grabs { CursorIcon::ResizeVertical } else { CursorIcon::Crosshair });
    }

    fn menu(
        &mut self,
        response: &Response,
        bands: &Geometry,
        achieved: &Achieved,
        gestures: &mut Gestures,
    ) {
        if response.secondary_clicked()
            && let Some(place) = response.interact_pointer_pos()
        {
            self.menu_band = bands.band_at(place.x);
        }
        response.context_menu(|ui| {
            let count = achieved.bank().bands();
            let band = self.menu_band.min(count - 1);
            let hz = achieved.bank().centres_hz()[band];
            ui.label(format!("Band {}, {}", band + 1, axis::hz_text(hz)));
            ui.separator();
            if ui.button("Reset band to 0 dB").clicked() {
                gestures.change(Setting::Gain(band, 0.0));
            }
            if ui.button("Turn band off").clicked() {
                gestures.change(Setting::Gain(band, OFF_DB));
            }
            if ui.button("Flatten all bands").clicked() {
                gestures.change_all((0..count).map(|k| Setting::Gain(k, 0.0)));
            }
        });
    }
}

/// Lines at round frequencies and gains, over the levels and under the curves.
fn grid(painter: &Painter, plot: Rect, view: &ViewModel<'_>) {
    for hz in view.axis().ticks_hz(plot.x_range(), TICK_ROOM) {
        painter.vline(view.axis().x(hz, plot.x_range()), plot.y_range(), (1.0, theme::GRID));
    }
    for gain_db in axis::GAIN_TICKS_DB {
        let color = if gain_db == 0.0 { theme::GRID_STRONG } else { theme::GRID };
        painter.hline(plot.x_range(), axis::gain_y(gain_db, plot.y_range()), (1.0, color));
    }
}

/// Gains on the left, levels on the right.
fn labels(painter: &Painter, plot: Rect) {
    let dense = plot.height() > 240.0;
    for gain_db in axis::GAIN_TICKS_DB.into_iter().filter(|db| dense || db % 12.0 == 0.0) {
        let text = match gain_db {
            OFF_DB => "off".to_owned(),
            0.0 => "0 dB".to_owned(),
            db if db > 0.0 => format!("+{db}"),
            db => format!("−{}", -db),
        };
        let place = pos2(plot.left() - 6.0, axis::gain_y(gain_db, plot.y_range()));
        painter.text(place, Align2::RIGHT_CENTER, text, theme::caption(), theme::TEXT_DIM);
    }
    for step in 0..=4_u8 {
        let level_db = -24.0 * f32::from(step);
        let place = pos2(plot.right() + 6.0, axis::level_y(level_db, plot.y_range()));
        let text = if step == 0 { "0 dBFS".to_owned() } else { format!("−{}", -level_db) };
        painter.text(place, Align2::LEFT_CENTER, text, theme::caption(), theme::LEVEL_TEXT);
    }
}

/// What the colours mean.
fn legend(painter: &Painter, header: Rect) {
    let mut x = header.left();
    let y = header.center().y;
    let mut entry = |text: &str, mark: &dyn Fn(Pos2)| {
        mark(pos2(x + 6.0, y));
        let place = pos2(x + 16.0, y);
        let drawn =
            painter.text(place, Align2::LEFT_CENTER, text, theme::caption(), theme::TEXT_DIM);
        x = drawn.right() + 14.0;
    };
    entry("drawn", &|at| {
        painter.circle_filled(at, 4.0, theme::ASKED);
    });
    entry("achieved", &|at| {
        painter.hline(at.x - 6.0..=at.x + 6.0, at.y, (2.0, theme::ACHIEVED));
    });
    for (text, color) in [("level in", theme::LEVEL_INPUT), ("level out", theme::LEVEL_OUTPUT)] {
        entry(text, &|at| {
            let mark = Rect::from_center_size(at, vec2(8.0, 10.0));
            painter.rect_filled(mark, CornerRadius::ZERO, color);
        });
    }
}

/// What a plot without bands says.
fn empty(painter: &Painter, plot: Rect, view: &ViewModel<'_>) {
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
        theme::TEXT,
    );
}

/// What the plot has to say about itself, in its upper right corner.
fn notes(painter: &Painter, plot: Rect, view: &ViewModel<'_>) {
    let said = [
        (view.notice.is_some(), view.notice.as_deref().unwrap_or(""), theme::WARNING),
        (view.designing, "Designing the filterbank…", theme::TEXT),
        (view.bypass, "Bypassed", theme::WARNING),
        (view.delta && !view.bypass, "Delta: only the change is heard", theme::WARNING),
    ];
    let mut place = plot.right_top() + vec2(-6.0, 6.0);
    for (_, text, color) in said.into_iter().filter(|(applies, ..)| *applies) {
        theme::patch(painter, Align2::RIGHT_TOP, place, text, theme::body(), color);
        place.y += 28.0;
    }
}

/// The level bars: before the gains wide and grey, after them narrow and green.
fn levels(painter: &Painter, bands: &Geometry, view: &ViewModel<'_>) {
    let down = bands.rect.y_range();
    for band in 0..bands.centres_x.len() {
        let column = bands.column(band);
        let bar = |level_db: f32, inset: f32, color: Color32| {
            if level_db > axis::LEVEL_FLOOR_DB {
                let across = column.x_range().shrink(inset.min(column.width() / 2.5));
                let bar = Rect::from_x_y_ranges(across, axis::level_y(level_db, down)..=down.max);
                painter.rect_filled(bar, CornerRadius::ZERO, color);
            }
        };
        bar(view.history.input_db()[band], 0.5, theme::LEVEL_INPUT);
        let output_db = view.history.output_db()[band];
        bar(output_db, column.width() / 4.0, theme::LEVEL_OUTPUT);
        if output_db > axis::LEVEL_FLOOR_DB {
            let across = column.x_range().shrink(column.width() / 4.0);
            painter.hline(across, axis::level_y(output_db, down), (1.5, theme::LEVEL_TEXT));
        }
    }
}

/// The achieved response.
fn curve(painter: &Painter, plot: Rect, response_db: &[f32], opacity: f32) {
    let last = points(response_db.len() - 1);
    let line = response_db.iter().enumerate().map(|(i, &db)| {
        let x = egui::lerp(plot.x_range(), points(i) / last);
        pos2(x, axis::gain_y(db, plot.y_range()))
    });
    let color = theme::ACHIEVED.gamma_multiply(opacity);
    painter.line(line.collect(), egui::Stroke::new(2.0, color));
}

/// The drawn gains: a handle each on a stem from 0 dB, hollow where the band is off.
fn handles(
    painter: &Painter,
    bands: &Geometry,
    view: &ViewModel<'_>,
    lit: Option<usize>,
    opacity: f32,
) {
    let spacing = bands.rect.width() / points(bands.centres_x.len());
    let radius = (spacing / 3.2).clamp(2.5, 4.5);
    let color = theme::ASKED.gamma_multiply(opacity);
    let zero = axis::gain_y(0.0, bands.rect.y_range());
    for (band, &gain_db) in view.drawn_db.iter().enumerate().take(bands.centres_x.len()) {
        let handle = bands.handle(band, gain_db);
        if lit == Some(band) {
            let column = bands.column(band);
            painter.rect_filled(column, CornerRadius::ZERO, Color32::from_white_alpha(12));
        }
        painter.vline(handle.x, zero.min(handle.y)..=zero.max(handle.y), (1.5, color));
        let radius = if lit == Some(band) { radius + 1.5 } else { radius };
        if gain_db <= OFF_DB {
            painter.circle(handle, radius, theme::PLOT, (1.5, color));
        } else {
            painter.circle(handle, radius, color, (1.0, theme::PLOT));
        }
    }
}

/// What is under the pointer, in the header.
fn read_out(
    painter: &Painter,
    header: Rect,
    (band, hz): (usize, f64),
    achieved: &Achieved,
    view: &ViewModel<'_>,
) {
    let note = axis::note_text(hz).map_or_else(String::new, |note| format!("  {note}"));
    let text = format!(
        "{}{note}   band {}: drawn {}, achieved {}",
        axis::hz_text(hz),
        band + 1,
        axis::gain_text(view.drawn_db[band]),
        axis::gain_text(achieved.db_at(hz)),
    );
    painter.text(header.right_center(), Align2::RIGHT_CENTER, text, theme::caption(), theme::TEXT);
}

/// Gives each band a name and a value for those who cannot see it.
fn describe_bands(ui: &Ui, bands: &Geometry, achieved: &Achieved, view: &ViewModel<'_>) {
    for (band, hz) in achieved.bank().centres_hz().iter().enumerate() {
        let id = ui.scope_id().with(("band", band));
        let response = ui.interact(bands.column(band), id, Sense::hover());
        response.widget_info(|| {
            let gain_db = view.drawn_db[band];
            let name = format!("Gain of band {}, {}", band + 1, axis::hz_text(*hz));
            let mut info = WidgetInfo::slider(true, f64::from(gain_db), name);
            info.current_text_value = Some(axis::gain_text(gain_db));
            info
        });
    }
}
