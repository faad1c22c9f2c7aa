//! The whole window: where everything lies.

use super::axis;
use super::band_editor::{BandEditor, TICK_ROOM};
use super::gesture::Gestures;
use super::spectrogram::Spectrogram;
use super::theme;
use super::view_model::ViewModel;
use super::widgets::Cell;
use super::{report, toolbar};
use egui::{Align2, Color32, CornerRadius, Rangef, Rect, Ui};

/// What the screen knows between frames, and the gestures it has recorded.
#[derive(Default)]
pub struct Screen {
    /// What was done to the parameters.
    pub gestures: Gestures,
    bands: BandEditor,
    /// The picture of sound.
    pub spectrogram: Spectrogram,
    dressed: bool,
}

/// Draws a frame. Everything it shows is in `view`, and everything done to it ends up in
/// `screen.gestures`.
pub fn draw(ui: &mut Ui, view: &ViewModel<'_>, screen: &mut Screen) {
    if !screen.dressed {
        theme::apply(ui.ctx());
        screen.dressed = true;
    }
    let window = ui.ctx().content_rect();
    ui.set_clip_rect(window);
    ui.painter().rect_filled(window, CornerRadius::ZERO, theme::BACKGROUND);
    let places = Places::of(window);
    toolbar::draw(ui, places.toolbar, view, &mut screen.gestures);
    screen.bands.draw(ui, places.header, places.bands, view, &mut screen.gestures);
    let pointed = pointed_x(ui, &places);
    frequency_labels(ui, places.labels, view, pointed);
    let gestures = &mut screen.gestures;
    screen.spectrogram.draw(ui, places.spectrogram, places.footer, view, gestures);
    if let Some(x) = pointed {
        pointed_frequency(ui, &places, view, x);
    }
    report::draw(ui, places.report, view);
}

/// The parts of the window, top to bottom.
struct Places {
    toolbar: Rect,
    header: Rect,
    bands: Rect,
    labels: Rect,
    spectrogram: Rect,
    footer: Rect,
    report: Rect,
}

impl Places {
    fn of(window: Rect) -> Self {
        const GUTTER_LEFT: f32 = 40.0;
        const GUTTER_RIGHT: f32 = 48.0;
        let inner = window.shrink(2.0 * theme::STEP);
        let mut top = inner.top();
        let mut bottom = inner.bottom();
        let across = inner.x_range();
        let plots = Rangef::new(across.min + GUTTER_LEFT, across.max - GUTTER_RIGHT);
        let mut down = |height: f32, gap: f32| {
            let part = Rect::from_x_y_ranges(across, top..=top + height);
            top += height + gap;
            part
        };
        let toolbar = down(Cell::HEIGHT, 6.0);
        let header = down(18.0, 2.0);
        let mut up = |height: f32, gap: f32| {
            let part = Rect::from_x_y_ranges(across, bottom - height..=bottom);
            bottom -= height + gap;
            part
        };
        let report = up(34.0, 8.0);
        let footer = up(theme::CONTROL_HEIGHT, 6.0);
        // The gain labels reach half a line past the plot.
        let top = top + 6.0;
        let labels_height = 20.0;
        let split = (top + 0.58 * (bottom - top - labels_height)).round();
        let within = |from: f32, to: f32| Rect::from_x_y_ranges(plots, from..=to);
        Self {
            toolbar,
            header: Rect::from_x_y_ranges(plots.min..=across.max, header.y_range()),
            bands: within(top, split),
            labels: within(split, split + labels_height),
            spectrogram: within(split + labels_height, bottom),
            footer: Rect::from_x_y_ranges(plots.min..=across.max, footer.y_range()),
            report,
        }
    }
}

/// The frequencies between the plots, which belong to both; they make room for the one pointed at.
fn frequency_labels(ui: &Ui, place: Rect, view: &ViewModel<'_>, pointed: Option<f32>) {
    let axis = view.axis();
    let hidden = |hz: &f64| {
        pointed.is_some_and(|x| (axis.x(*hz, place.x_range()) - x).abs() < 1.2 * TICK_ROOM)
    };
    for hz in axis.ticks_hz(place.x_range(), TICK_ROOM).into_iter().filter(|hz| !hidden(hz)) {
        let at = egui::pos2(axis.x(hz, place.x_range()), place.center().y);
        let text = axis::tick_text(hz);
        ui.painter().text(at, Align2::CENTER_CENTER, text, theme::caption(), theme::TEXT_DIM);
    }
    let unit = egui::pos2(place.right() + 6.0, place.center().y);
    ui.painter().text(unit, Align2::LEFT_CENTER, "Hz", theme::caption(), theme::TEXT_DIM);
}

/// Where the pointer is, if it is over one of the plots and nothing covers it.
fn pointed_x(ui: &Ui, places: &Places) -> Option<f32> {
    let place = ui.input(|input| input.pointer.hover_pos())?;
    let covered = ui.ctx().layer_id_at(place).is_some_and(|layer| layer != ui.layer_id());
    let over = places.bands.contains(place) || places.spectrogram.contains(place);
    (over && !covered).then_some(place.x)
}

/// A line through both plots at the pointer, with its frequency between them.
fn pointed_frequency(ui: &Ui, places: &Places, view: &ViewModel<'_>, x: f32) {
    for plot in [places.bands, places.spectrogram] {
        ui.painter().vline(x, plot.y_range(), (1.0, Color32::from_white_alpha(70)));
    }
    let text = axis::hz_text(view.axis().hz_at(x, places.bands.x_range()));
    let at = egui::pos2(x, places.labels.center().y);
    theme::patch(ui.painter(), Align2::CENTER_CENTER, at, &text, theme::caption(), theme::TEXT);
}
