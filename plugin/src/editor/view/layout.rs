//! The whole window: where everything lies.

use crate::editor::bands::{self, BandEditor};
use crate::editor::edit::gesture::{Command, Gestures};
use crate::editor::output;
use crate::editor::presets::menu::PresetMenu;
use crate::editor::spectrogram::{self, Spectrogram};
use crate::editor::view::footer::Footer;
use crate::editor::view::manual::Manual;
use crate::editor::view::model::ViewModel;
use crate::editor::view::tokens::{self, size, space};
use crate::editor::view::{axes, cast, frequency_axis, header, keys, theme};
use crate::state::preferences::Preferences;
use egui::{Align2, CornerRadius, CursorIcon, Rangef, Rect, Sense, Ui, WidgetInfo};

/// The state of the screen between frames, and the gestures it has recorded.
#[derive(Default)]
pub struct Screen {
    /// What was done to the parameters.
    pub gestures: Gestures,
    preset_menu: PresetMenu,
    bands: BandEditor,
    /// The picture of sound.
    pub spectrogram: Spectrogram,
    /// The manual.
    manual: Manual,
    /// What egui was last made to look like.
    applied: Option<Preferences>,
}

impl Screen {
    /// Ends what the pointer is doing to parameters, and its gesture.
    pub fn interrupt(&mut self) {
        self.bands.interrupt(&mut self.gestures);
        self.spectrogram.interrupt();
        self.gestures.release();
    }

    fn apply(&mut self, ctx: &egui::Context, preferences: Preferences) {
        let looks = |of: Preferences| (of.theme(), of.reduced_motion);
        if self.applied.map(looks) != Some(looks(preferences)) {
            theme::apply(ctx, preferences);
            self.applied = Some(preferences);
        }
    }
}

/// Draws a frame. Everything it shows is in `view`, and everything done to it ends up in
/// `screen.gestures`.
pub fn draw(ui: &mut Ui, view: &ViewModel<'_>, screen: &mut Screen) {
    screen.apply(ui.ctx(), view.preferences);
    let window = ui.ctx().content_rect();
    ui.set_clip_rect(window);
    ui.painter().rect_filled(window, CornerRadius::ZERO, theme::of(ui.ctx()).background);
    let saved = screen.spectrogram.message(ui.input(|input| input.time));
    let footer = Footer::new(ui, window.width(), view, saved);
    let places = Places::of(window, footer.height(), view.preferences);
    let gestures = &mut screen.gestures;
    keys::act(ui, &mut screen.bands, view, gestures);
    let menus = (&mut screen.preset_menu, &mut screen.manual);
    header::draw(ui, places.header, view, menus, gestures);
    screen.bands.draw(ui, &places.bands, view, gestures);
    let pointed = Pointed::of(ui, &places, view);
    let label = pointed.as_ref().map(Pointed::label);
    frequency_axis::draw(ui, places.labels, view, label, gestures);
    grip(ui, &places, view.preferences, gestures);
    screen.spectrogram.draw(ui, &places.spectrogram, view, gestures);
    if let Some(pointed) = pointed {
        pointed.draw(ui, &places);
    }
    output::draw(ui, places.output, view, gestures);
    footer.draw(ui, places.footer);
    screen.manual.draw(ui);
}

/// The parts of the window.
struct Places {
    header: Rect,
    bands: bands::Places,
    labels: Rect,
    grip: Rect,
    spectrogram: spectrogram::Places,
    output: Rect,
    footer: Rect,
    /// The heights that bands and spectrogram share.
    shared: Rangef,
}

impl Places {
    fn of(window: Rect, footer: f32, preferences: Preferences) -> Self {
        let (header, rest) = window.split_top_bottom_at_y(window.top() + size::HEADER);
        let (rest, footer) = rest.split_top_bottom_at_y(rest.bottom() - footer);
        let body = rest.shrink2(egui::vec2(space::MARGIN, space::MEDIUM));
        let (body, output) = body.split_left_right_at_x(body.right() - size::OUTPUT);
        let body = body.with_max_x(body.right() - space::MEDIUM);
        let left = body.left() + size::TOOL + size::GAIN_LABELS;
        let plots = Rangef::new(left, body.right() - size::LEVEL_LABELS);
        let labels = frequency_axis::height(preferences);
        let shared = Rangef::new(body.top(), body.bottom() - labels - size::GRIP);
        let percent = f32::from(preferences.bands_percent.min(100));
        let split = (shared.min + percent / 100.0 * shared.span()).round();
        // Below what is of use, either makes room for the other: of the bands a strip is left.
        let split = match (split - shared.min, shared.max - split) {
            (above, _) if above < LEAST_BANDS => shared.min + size::BANDS_STRIP,
            (_, below) if below < LEAST_SPECTROGRAM => shared.max,
            _ => split,
        };
        let within = |from: f32, to: f32| Rect::from_x_y_ranges(plots, from..=to);
        let row = Rect::from_x_y_ranges(plots, body.top()..=body.top() + size::CONTROL);
        let tools =
            Rect::from_x_y_ranges(body.left()..=body.left() + size::TOOL, body.top()..=split);
        let full = split - shared.min >= LEAST_BANDS;
        // The labels of the axes reach half a line past the plot.
        let top = if full { row.bottom() + space::MEDIUM } else { body.top() + space::SMALL };
        let grip = split + labels;
        let controls = body.with_min_y(body.bottom() - size::CONTROL);
        let picture = within(grip + size::GRIP, controls.top() - space::MEDIUM);
        Self {
            header,
            bands: bands::Places {
                tools: full.then_some(tools),
                header: full.then_some(row),
                plot: within(top, split),
            },
            labels: within(split, grip),
            grip: Rect::from_x_y_ranges(plots, grip..=grip + size::GRIP),
            spectrogram: spectrogram::Places {
                plot: (split < shared.max).then_some(picture),
                controls,
                bands: within(top, split),
            },
            output: output.with_min_x(output.left() + space::SMALL),
            footer,
            shared,
        }
    }
}

/// Fewer points of height than these are of no use to the bands: they become a strip.
const LEAST_BANDS: f32 = 128.0;
/// Fewer than these are of no use to the spectrogram, its controls included: it goes.
const LEAST_SPECTROGRAM: f32 = 88.0;

/// The grip between bands and spectrogram: dragged, or moved by arrow keys; a double click brings
/// it back.
fn grip(ui: &Ui, places: &Places, now: Preferences, gestures: &mut Gestures) {
    let palette = theme::of(ui.ctx());
    let id = ui.scope_id().with("grip");
    let response = ui.interact(places.grip, id, Sense::click_and_drag());
    response.widget_info(|| {
        let mut info =
            WidgetInfo::slider(true, f64::from(now.bands_percent), "Height of the bands");
        info.current_text_value = Some(format!("{} %", now.bands_percent));
        info
    });
    let color = if response.hovered() || response.dragged() || response.has_focus() {
        palette.accent
    } else {
        palette.outline
    };
    let middle = places.grip.center();
    let pill = Rangef::point(middle.x).expand(space::LARGE);
    ui.painter().hline(pill, middle.y, (size::LINE[2], color));
    if response.hovered() || response.dragged() {
        ui.set_cursor_icon(CursorIcon::ResizeVertical);
    }
    let mut percent = None;
    if response.dragged()
        && let Some(place) = response.interact_pointer_pos()
    {
        let top = place.y - places.labels.height() - size::GRIP / 2.0;
        let share = (top - places.shared.min) / places.shared.span();
        percent = Some((100.0 * share).round().clamp(0.0, 100.0));
    } else if response.double_clicked() {
        percent = Some(f32::from(Preferences::default().bands_percent));
    }
    if let Some(percent) = percent
        && let Ok(bands_percent) = u8::try_from(cast::whole(percent))
        && bands_percent != now.bands_percent
    {
        gestures.command(Command::SetPreferences(Preferences { bands_percent, ..now }));
    }
    response.on_hover_text(
        "Drag to give bands or spectrogram more room, all the way for one of them alone; \
         a double click brings it back",
    );
}

/// How much of the line through both plots is seen.
const CURSOR_OPACITY: f32 = 0.35;

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
        let picture = places.spectrogram.plot.is_some_and(|picture| picture.contains(place));
        if covered || !(plot.contains(place) || picture) {
            return None;
        }
        let text = axes::hz_text(view.axis().hz_at(place.x, plot.x_range()));
        let ink = theme::of(ui.ctx()).text;
        let galley = ui.painter().layout_no_wrap(text.clone(), theme::caption(), ink);
        Some(Self { x: place.x, text, width: galley.size().x })
    }

    /// What its label takes of the axis.
    fn label(&self) -> Rangef {
        Rangef::point(self.x).expand(self.width / 2.0 + size::PATCH_MARGIN.x)
    }

    /// A line through both plots, with the frequency between them.
    fn draw(&self, ui: &Ui, places: &Places) {
        let palette = theme::of(ui.ctx());
        // The picture of sound is dark in either theme.
        let picture = places.spectrogram.plot.map(|picture| (picture, tokens::DARK.text));
        for (plot, ink) in std::iter::once((places.bands.plot, palette.text)).chain(picture) {
            let ink = ink.gamma_multiply(CURSOR_OPACITY);
            ui.painter().vline(self.x, plot.y_range(), (size::LINE[0], ink));
        }
        let at = egui::pos2(self.x, places.labels.top() + frequency_axis::LABELS / 2.0);
        let (middle, font) = (Align2::CENTER_CENTER, theme::caption());
        theme::patch(ui.painter(), middle, at, &self.text, font, palette.text);
    }
}
