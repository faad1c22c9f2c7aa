//! The whole window: where everything lies.

use crate::editor::bands::tools::Tools;
use crate::editor::bands::{self, BandEditor};
use crate::editor::bank::report;
use crate::editor::edit::gesture::Gestures;
use crate::editor::meters;
use crate::editor::presets::menu::PresetMenu;
use crate::editor::spectrogram::Spectrogram;
use crate::editor::view::model::ViewModel;
use crate::editor::view::widgets::Cell;
use crate::editor::view::{axes, frequency_axis, theme, toolbar, top_bar};
use crate::state::preferences::Preferences;
use egui::{Align2, CornerRadius, Rangef, Rect, Ui};

/// The state of the screen between frames, and the gestures it has recorded.
#[derive(Default)]
pub struct Screen {
    /// What was done to the parameters.
    pub gestures: Gestures,
    preset_menu: PresetMenu,
    bands: BandEditor,
    /// The picture of sound.
    pub spectrogram: Spectrogram,
    /// Whether the theme that is set is the light one; `None` before one is set.
    light: Option<bool>,
}

impl Screen {
    /// Ends what the pointer is doing to parameters, and its gesture.
    pub fn interrupt(&mut self) {
        self.bands.interrupt(&mut self.gestures);
        self.spectrogram.interrupt();
        self.gestures.release();
    }
}

/// Draws a frame. Everything it shows is in `view`, and everything done to it ends up in
/// `screen.gestures`.
pub fn draw(ui: &mut Ui, view: &ViewModel<'_>, screen: &mut Screen) {
    if screen.light != Some(view.preferences.light) {
        theme::apply(ui.ctx(), view.preferences.light);
        screen.light = Some(view.preferences.light);
    }
    let window = ui.ctx().content_rect();
    ui.set_clip_rect(window);
    ui.painter().rect_filled(window, CornerRadius::ZERO, theme::of(ui.ctx()).background);
    let places = Places::of(window, view.preferences);
    top_bar::draw(ui, places.top_bar, view, &mut screen.preset_menu, &mut screen.gestures);
    toolbar::draw(ui, places.toolbar, view, &mut screen.gestures);
    screen.bands.draw(ui, &places.bands, view, &mut screen.gestures);
    let pointed = Pointed::of(ui, &places, view);
    frequency_axis::draw(ui, places.labels, view, pointed.as_ref().map(Pointed::label));
    let gestures = &mut screen.gestures;
    screen.spectrogram.draw(ui, places.spectrogram, places.footer, view, gestures);
    if let Some(pointed) = pointed {
        pointed.draw(ui, &places);
    }
    report::draw(ui, places.report, view);
    meters::draw(ui, places.meters, view, &mut screen.gestures);
}

/// The parts of the window, top to bottom.
struct Places {
    top_bar: Rect,
    toolbar: Rect,
    bands: bands::Places,
    labels: Rect,
    spectrogram: Rect,
    footer: Rect,
    report: Rect,
    meters: Rect,
}

impl Places {
    fn of(window: Rect, preferences: Preferences) -> Self {
        const GUTTER_LEFT: f32 = 40.0;
        const GUTTER_RIGHT: f32 = 48.0;
        /// What legend and read-out need.
        const HEADER: f32 = 440.0;
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
        let top_bar = down(theme::CONTROL_HEIGHT, 2.0);
        let toolbar = down(Cell::HEIGHT, 6.0);
        let tools = down(theme::CONTROL_HEIGHT, 2.0);
        let beside = tools.with_min_x(tools.left() + Tools::WIDTH + 2.0 * theme::STEP);
        let header = if beside.width() >= HEADER {
            beside
        } else {
            let below = down(16.0, 2.0);
            below.with_min_x(plots.min)
        };
        let mut up = |height: f32, gap: f32| {
            let part = Rect::from_x_y_ranges(across, bottom - height..=bottom);
            bottom -= height + gap;
            part
        };
        let report = up(34.0, 8.0);
        let footer = up(theme::CONTROL_HEIGHT, 6.0);
        // The gain labels reach half a line past the plot.
        let top = top + 6.0;
        let labels_height = frequency_axis::height(preferences);
        let split = (top + 0.58 * (bottom - top - labels_height)).round();
        let within = |from: f32, to: f32| Rect::from_x_y_ranges(plots, from..=to);
        Self {
            top_bar,
            toolbar,
            bands: bands::Places { tools, header, plot: within(top, split) },
            labels: within(split, split + labels_height),
            spectrogram: within(split + labels_height, bottom),
            footer: Rect::from_x_y_ranges(plots.min..=across.max, footer.y_range()),
            report: report.with_max_x(report.right() - meters::WIDTH),
            meters: report.with_min_x(report.right() - meters::WIDTH),
        }
    }
}

/// The frequency under the pointer, if it is over one of the plots and nothing covers it.
struct Pointed {
    x: f32,
    text: String,
    /// The width of the text.
    width: f32,
}

impl Pointed {
    fn of(ui: &Ui, places: &Places, view: &ViewModel<'_>) -> Option<Self> {
        let place = ui.input(|input| input.pointer.hover_pos())?;
        let covered = ui.ctx().layer_id_at(place).is_some_and(|layer| layer != ui.layer_id());
        let plot = places.bands.plot;
        if covered || !(plot.contains(place) || places.spectrogram.contains(place)) {
            return None;
        }
        let text = axes::hz_text(view.axis().hz_at(place.x, plot.x_range()));
        let ink = theme::of(ui.ctx()).text;
        let galley = ui.painter().layout_no_wrap(text.clone(), theme::caption(), ink);
        Some(Self { x: place.x, text, width: galley.size().x })
    }

    /// What its label takes of the axis.
    fn label(&self) -> Rangef {
        Rangef::point(self.x).expand(self.width / 2.0 + theme::PATCH_MARGIN.x)
    }

    /// A line through both plots, with the frequency between them.
    fn draw(&self, ui: &Ui, places: &Places) {
        let palette = theme::of(ui.ctx());
        // The picture of sound is dark in either theme.
        for (plot, ink) in
            [(places.bands.plot, palette.text), (places.spectrogram, theme::DARK.text)]
        {
            ui.painter().vline(self.x, plot.y_range(), (1.0, ink.gamma_multiply(0.35)));
        }
        let at = egui::pos2(self.x, places.labels.top() + frequency_axis::LABELS / 2.0);
        let (middle, font) = (Align2::CENTER_CENTER, theme::caption());
        theme::patch(ui.painter(), middle, at, &self.text, font, palette.text);
    }
}
