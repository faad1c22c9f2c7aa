//! The spectrogram: many rows on the band editor's axis, time running downwards.
//!
//! The audio thread hands sound over, a [`display`] thread turns it into [`columns`], and the
//! [`texture`] uploads what is new of them. It can be frozen, read, saved, and edited by region.

pub mod analysis;
pub mod colours;
pub mod columns;
pub mod cursor;
pub mod display;
pub mod frozen;
pub mod region;
pub mod save;
pub mod texture;

use crate::editor::edit::gesture::{Command, Gestures};
use crate::editor::meters::levels::Signal;
use crate::editor::monitor::cursors::{Cursors, Mark};
use crate::editor::monitor::{self, Monitor};
use crate::editor::view::axes::FrequencyAxis;
use crate::editor::view::cast::{real, single};
use crate::editor::view::footer::Message;
use crate::editor::view::model::ViewModel;
use crate::editor::view::number::{Number, dragged_number};
use crate::editor::view::theme;
use crate::editor::view::tokens::{self, size, space};
use crate::editor::view::widgets::{Cell, Row, icon_button, icon_toggle, list, list_width};
use crate::export::Format;
use crate::state::preferences::Preferences;
use crate::state::spectrogram_settings::{DETAILS, HISTORIES, SpectrogramSettings};
use analysis::AnalysisRequest;
use colours::{ColourMapping, PALETTES, Source};
use columns::columns_in;
use egui::accesskit::Role;
use egui::{
    Align2, Color32, CornerRadius, Painter, Popup, Pos2, Rect, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};
use frozen::{Frozen, Offsets};
use lucide_icons::Icon;
use region::Region;
use save::Save;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use texture::{Plan, Texture};

/// What can be saved.
const FORMATS: [(&str, Format); 3] =
    [("Picture (PNG)", Format::Png), ("Array (NPY)", Format::Npy), ("Table (CSV)", Format::Csv)];

/// Where its parts lie.
pub struct Places {
    /// The picture; `None` where the bands fill the window.
    pub plot: Option<Rect>,
    /// The row of its controls.
    pub controls: Rect,
    /// The plot of the bands, whose gains are dragged here as there.
    pub bands: Rect,
}

/// The state of the spectrogram between frames.
pub struct Spectrogram {
    /// What is kept with the instance, as of the last frame.
    kept: SpectrogramSettings,
    mapping: ColourMapping,
    history: usize,
    detail: usize,
    frozen: Option<Frozen>,
    /// What of the picture has changed since it was frozen.
    offsets: Offsets,
    region: Region,
    save: Save,
    /// Two cursors, and what lies between them.
    cursors: Cursors,
    /// Spectrum line, level, log and calibration.
    pub monitor: Monitor,
    texture: Option<Texture>,
}

impl Default for Spectrogram {
    fn default() -> Self {
        let kept = SpectrogramSettings::default();
        let (history, detail) = kept.choices();
        Self {
            kept,
            mapping: kept.look(),
            history,
            detail,
            frozen: None,
            offsets: Offsets::NONE,
            region: Region::default(),
            save: Save::default(),
            cursors: Cursors::default(),
            monitor: Monitor::default(),
            texture: None,
        }
    }
}

impl Spectrogram {
    /// Ends what the pointer is doing to bands, as others are to be shown.
    pub fn interrupt(&mut self) {
        self.region.interrupt();
    }

    /// The message on the last file, for a while; `now_s` is a clock in seconds.
    pub fn message(&mut self, now_s: f64) -> Option<Message> {
        self.save.message(now_s).or_else(|| self.monitor.message(now_s))
    }

    /// What is to be analysed; nothing while the picture is frozen.
    #[must_use]
    pub fn request(&self, axis: &FrequencyAxis) -> Option<AnalysisRequest> {
        let request = AnalysisRequest {
            scale: axis.scale(),
            lowest_hz: axis.hz(0.0),
            sharpness: DETAILS[self.detail].1,
        };
        self.frozen.is_none().then_some(request)
    }

    /// Saves into this folder from now on, rather than into the user's own.
    pub fn save_into(&mut self, folder: PathBuf) {
        self.monitor.save_into(folder.clone());
        self.save.folder = Some(folder);
    }

    /// Draws the picture and its controls.
    pub fn draw(
        &mut self,
        ui: &mut Ui,
        places: &Places,
        view: &ViewModel<'_>,
        gestures: &mut Gestures,
    ) {
        if self.kept != view.preferences.spectrogram {
            self.kept = view.preferences.spectrogram;
            self.mapping = self.kept.look();
            (self.history, self.detail) = self.kept.choices();
        }
        self.monitor.update(view, ui.input(|input| input.time));
        // Without a picture, what could be saved is what one as high as the bands would show.
        let plan = self.plan(ui, places.plot.unwrap_or(places.bands), view);
        if let Some(plot) = places.plot {
            self.picture(ui, plot, &plan, (places, view), gestures);
        }
        self.controls(ui, places.controls, &plan, view, gestures);
        let chosen = SpectrogramSettings::new(&self.mapping, self.history, self.detail);
        if chosen != self.kept {
            self.kept = chosen;
            let preferences = Preferences { spectrogram: chosen, ..view.preferences };
            gestures.command(Command::SetPreferences(preferences));
        }
    }

    fn picture(
        &mut self,
        ui: &Ui,
        plot: Rect,
        plan: &Plan,
        (places, view): (&Places, &ViewModel<'_>),
        gestures: &mut Gestures,
    ) {
        let sense = if self.frozen.is_some() { Sense::click_and_drag() } else { Sense::click() };
        let response = ui.interact(plot, ui.scope_id().with("spectrogram"), sense);
        ui.painter().rect_filled(plot, CornerRadius::ZERO, tokens::DARK.plot);
        let texture = self.texture.get_or_insert_with(|| Texture::new(ui, *plan));
        let offsets = self.frozen.as_ref().map_or(Offsets::NONE, |frozen| {
            let display = view.columns.newest_bank();
            let now = view.response.zip(display);
            now.map_or(Offsets::NONE, |(response, display)| frozen.offsets(response, display))
        });
        texture.update(view.columns, *plan, &offsets);
        self.offsets = offsets.clone();
        texture.paint(ui.painter(), plot);
        let border = Stroke::new(size::LINE[0], theme::of(ui.ctx()).outline);
        ui.painter().rect_stroke(plot, CornerRadius::ZERO, border, StrokeKind::Inside);
        let seconds = single(view.columns.hop_s())
            * crate::editor::view::cast::points(plan.columns * plan.lines);
        self.monitor.draw(ui, plot, view, plan);
        time_axis(ui.painter(), plot, seconds);
        let frozen = self.frozen.is_some().then(|| {
            if self.region.is_marked() {
                "Frozen"
            } else {
                "Frozen: drag across to mark frequencies"
            }
        });
        message(ui.painter(), plot, view, frozen);
        if self.frozen.is_some() {
            let db_per_point = view.gain_axis().db_per_point(places.bands.y_range());
            self.region.interact(ui, &response, db_per_point, view, gestures);
            self.region.draw(ui.painter(), plot, view);
        } else {
            self.region.clear(gestures);
        }
        let place_at = |pointer: Pos2| {
            let hz = view.axis().hz_at(pointer.x, plot.x_range());
            let down = egui::remap_clamp(pointer.y, plot.y_range(), 0.0..=1.0);
            cursor::Place { hz, down, ago_s: down * seconds }
        };
        let clicked = response.interact_pointer_pos().filter(|_| response.secondary_clicked());
        let now_s =
            real(usize::try_from(view.columns.arrived()).unwrap_or(0)) * view.columns.hop_s();
        let mark = clicked.map(place_at).map(|place| Mark {
            hz: place.hz,
            level_db: cursor::value_db((view.columns, &offsets), plan, &place),
            time_s: now_s - f64::from(place.ago_s),
        });
        let clock = monitor::cursors::Clock { now_s, seconds };
        let difference = self.cursors.draw(ui.painter(), plot, (&view.axis(), clock), mark);
        let read = response.hover_pos().map(|pointer| {
            let place = place_at(pointer);
            let lines = cursor::read((view.columns, &offsets), plan, &place, view.axis().scale());
            if !self.region.is_dragged() {
                cursor::write(ui.painter(), plot, pointer, &lines);
            }
            lines.into_iter().chain(difference.clone()).collect::<Vec<_>>().join("   ")
        });
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::Image, true, "Spectrogram");
            info.current_text_value = read.clone();
            info
        });
    }

    /// What decides the lines of the picture.
    fn plan(&self, ui: &Ui, plot: Rect, view: &ViewModel<'_>) -> Plan {
        let columns = columns_in(HISTORIES[self.history].1, view.columns.hop_s());
        let pixels = plot.height() * ui.ctx().pixels_per_point();
        Plan::new(view.axis(), self.mapping, columns, pixels)
    }

    /// Source, history, colours and range, detail, freeze and save, from the left.
    fn controls(
        &mut self,
        ui: &mut Ui,
        footer: Rect,
        plan: &Plan,
        view: &ViewModel<'_>,
        gestures: &mut Gestures,
    ) {
        let mut row = Row::new(footer);
        let tooltip = "What is shown: levels before the gains (pre), after them (post), or the \
                       difference, after minus before";
        let names = Source::ALL.map(Source::name);
        let rect = row.next(list_width(ui, &names));
        let cell = Cell { name: "Spectrogram source", tooltip, rect };
        if let Some(source) = list(ui, &cell, &names, self.mapping.source as usize) {
            self.mapping.source = Source::ALL[source];
        }
        let tooltip = "History: seconds from the top of the picture to its bottom";
        let names = HISTORIES.map(|(name, _)| name);
        let cell = Cell { name: "History", tooltip, rect: row.next(list_width(ui, &names)) };
        self.history = list(ui, &cell, &names, self.history).unwrap_or(self.history);
        let tooltip = "Detail: bandwidths of the ear, or 2 or 4 times narrower, which \
                       separate more partials and blur time as much more";
        let names = DETAILS.map(|(name, _)| name);
        let cell = Cell { name: "Detail", tooltip, rect: row.next(list_width(ui, &names)) };
        self.detail = list(ui, &cell, &names, self.detail).unwrap_or(self.detail);
        let tooltip = "Freeze: the picture stands still. Drag across it to mark frequencies, then \
                       drag them up or down to change their bands";
        let cell = Cell { name: "Freeze", tooltip, rect: row.next(size::TOOL) };
        if icon_toggle(ui, &cell, Icon::Snowflake, self.frozen.is_some()) {
            self.frozen = match self.frozen {
                None => view.response.map(Frozen::new),
                Some(_) => None,
            };
            self.offsets = Offsets::NONE;
        }
        self.save_menu(ui, row.next(size::TOOL), plan, view);
        self.monitor.menu(ui, row.next(size::TOOL), self.mapping.source, view, gestures);
        row.gap();
        let names = PALETTES.map(|(name, _)| name);
        let palettes = list_width(ui, &names);
        let spare = row.remaining().width() - 2.0 * LEVEL - palettes - 3.0 * space::SMALL;
        let ramp = spare.clamp(*RAMP.start(), *RAMP.end());
        let ends = [row.next(LEVEL), row.next(ramp), row.next(LEVEL)];
        if self.mapping.source == Source::Difference {
            self.difference_range(ui, ends, gestures);
        } else {
            self.level_range(ui, ends, gestures);
            let tooltip = "Colour map: perceptually uniform, readable without colour vision";
            let cell = Cell { name: "Colour map", tooltip, rect: row.next(palettes) };
            let palette = list(ui, &cell, &names, self.mapping.palette);
            self.mapping.palette = palette.unwrap_or(self.mapping.palette);
        }
    }

    /// Two levels with the colours between them.
    fn level_range(&mut self, ui: &mut Ui, [low, ramp, high]: [Rect; 3], gestures: &mut Gestures) {
        let (floor_db, top_db) = self.mapping.range_db();
        let tooltip = "Darkest level in dB of full scale";
        let cell = Cell { name: "Darkest level", tooltip, rect: low };
        let floor = range_end(floor_db, -140.0..=top_db - 10.0, -90.0);
        if let Some(edited) = dragged_number(ui, &cell, low, &floor, gestures) {
            self.mapping.floor_db = edited.value;
        }
        color_ramp(ui.painter(), ramp, &self.mapping.colors());
        let tooltip = "Brightest level in dB of full scale";
        let cell = Cell { name: "Brightest level", tooltip, rect: high };
        let top = range_end(top_db, floor_db + 10.0..=20.0, 0.0);
        if let Some(edited) = dragged_number(ui, &cell, high, &top, gestures) {
            self.mapping.top_db = edited.value;
        }
    }

    /// The difference of the strongest colours, the same both ways.
    fn difference_range(
        &mut self,
        ui: &mut Ui,
        [low, ramp, high]: [Rect; 3],
        gestures: &mut Gestures,
    ) {
        let text = format!("−{} dB", self.mapping.span_db);
        let middle = low.center();
        let painter = ui.painter();
        painter.text(
            middle,
            Align2::CENTER_CENTER,
            text,
            theme::body(),
            theme::of(ui.ctx()).text_dim,
        );
        color_ramp(painter, ramp, &self.mapping.colors());
        let tooltip = "Difference of the strongest colours in dB, either way";
        let cell = Cell { name: "Strongest difference", tooltip, rect: high };
        let text = format!("+{} dB", self.mapping.span_db);
        let span = Number { text, ..range_end(self.mapping.span_db, 1.0..=60.0, 12.0) };
        if let Some(edited) = dragged_number(ui, &cell, high, &span, gestures) {
            self.mapping.span_db = edited.value;
        }
    }

    fn save_menu(&mut self, ui: &mut Ui, place: Rect, plan: &Plan, view: &ViewModel<'_>) {
        let tooltip = "Save what is shown: a picture with axes and colours into your pictures, or \
                       numbers in dB into your documents";
        let cell = Cell { name: "Save", tooltip, rect: place };
        let button = icon_button(ui, &cell, Icon::Download, !self.save.is_busy());
        let mut wanted = None;
        Popup::menu(&button).show(|ui| {
            for (name, format) in FORMATS {
                if ui.button(name).clicked() {
                    wanted = Some(format);
                }
            }
        });
        if let Some(format) = wanted {
            let numbers = plan.shown(view.columns.arrived());
            self.save.start((view.columns, &self.offsets), numbers, self.mapping, format);
        }
    }
}

/// The widths of a level and of the colours between two.
const LEVEL: f32 = 58.0;
const RAMP: RangeInclusive<f32> = 20.0..=96.0;

fn range_end(db: f32, range: RangeInclusive<f32>, default: f32) -> Number {
    let text = if db < 0.0 { format!("−{} dB", -db) } else { format!("{db} dB") };
    Number {
        value: db,
        text,
        range,
        default,
        per_point: 0.5,
        per_notch: 5.0,
        step: 1.0,
        units: 1.0,
        bar: false,
    }
}

fn color_ramp(painter: &Painter, place: Rect, colors: &[Color32; 256]) {
    let place = place.shrink2(vec2(0.0, 6.0));
    let mut ramp = egui::Mesh::default();
    for (i, color) in (0_u32..).zip(colors) {
        let x = egui::lerp(place.x_range(), single(f64::from(i)) / 255.0);
        ramp.colored_vertex(pos2(x, place.top()), *color);
        ramp.colored_vertex(pos2(x, place.bottom()), *color);
        if i > 0 {
            let corner = 2 * i;
            ramp.add_triangle(corner - 2, corner - 1, corner);
            ramp.add_triangle(corner - 1, corner, corner + 1);
        }
    }
    painter.add(ramp);
}

/// Seconds before now, on the left.
fn time_axis(painter: &Painter, plot: Rect, seconds: f32) {
    let palette = theme::of(painter.ctx());
    const STEPS_S: [f32; 8] = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0];
    let room = |step_s: &f32| plot.height() / seconds * step_s >= 24.0;
    let step_s = STEPS_S.into_iter().find(room).unwrap_or(30.0);
    let mut ago_s = step_s;
    while ago_s < seconds - 0.3 * step_s {
        let y = egui::lerp(plot.y_range(), ago_s / seconds);
        painter.hline(plot.left() - 4.0..=plot.left(), y, (1.0, palette.outline));
        let place = pos2(plot.left() - 6.0, y);
        let rounded_s = (10.0 * ago_s).round() / 10.0;
        let text = format!("−{rounded_s} s");
        painter.text(place, Align2::RIGHT_CENTER, text, theme::caption(), palette.text_dim);
        ago_s += step_s;
    }
}

/// The message on an empty or frozen picture.
fn message(painter: &Painter, plot: Rect, view: &ViewModel<'_>, frozen: Option<&str>) {
    let text = match (frozen, view.signal) {
        _ if view.response.is_none() => return,
        (Some(frozen), _) => frozen,
        (None, Signal::Present) => return,
        (None, Signal::NotPlaying) => "The host is not playing",
        (None, Signal::Silent) => "No input",
    };
    let place = plot.right_top() + vec2(-6.0, 6.0);
    theme::patch(
        painter,
        Align2::RIGHT_TOP,
        place,
        text,
        theme::body(),
        theme::of(painter.ctx()).text,
    );
}
