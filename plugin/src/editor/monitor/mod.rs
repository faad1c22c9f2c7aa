//! Watching and measuring: statistics of the spectrogram's rows as lines over it, the level of the sound,
//! a log of band levels, calibration, cursors.
//!
//! [`feed::Feed`] gathers with every frame what arrives. [`Monitor::update`] takes it once a frame, whether
//! or not anything of it is drawn; [`Monitor::draw`] draws the lines, [`Monitor::menu`] the controls.

pub mod averages;
pub mod calibration;
pub mod cursors;
pub mod feed;
pub mod histogram;
pub mod log;
pub mod menu;
pub mod sound_level;
pub mod spectrum;
pub mod statistics;
pub mod weighting;

use crate::editor::edit::gesture::{Command, Gestures};
use crate::editor::monitor::menu::{MonitorAction, Settings, Shown};
use crate::editor::monitor::spectrum::{LevelScale, SpectrumLine};
use crate::editor::monitor::statistics::{PERCENTILES, Side, Statistics};
use crate::editor::monitor::weighting::Weighting;
use crate::editor::spectrogram::colours::{ColourMapping, Source};
use crate::editor::spectrogram::texture::Plan;
use crate::editor::view::footer::Message;
use crate::editor::view::model::ViewModel;
use crate::editor::view::tokens;
use crate::editor::view::widgets::{Cell, icon_button};
use crate::state::preferences::Preferences;
use egui::{Color32, Popup, PopupCloseBehavior, Rect, Ui};
use log::BandLog;
use lucide_icons::Icon;
use std::path::PathBuf;

/// The part of the picture, from its top, over which lines are drawn, and how high it is at least.
const LINES_SHARE: f32 = 1.0 / 3.0;
const LINES_HEIGHT: f32 = 64.0;

/// The state of the monitor between frames.
#[derive(Default)]
pub struct Monitor {
    settings: Settings,
    /// Kept up to date while lines are drawn.
    statistics: Option<Box<Statistics>>,
    log: BandLog,
    /// What was said of a log last, whether it warns, and until when it is shown.
    toast: Option<(String, bool, f64)>,
}

impl Monitor {
    /// Logs into this folder from now on, rather than into the user's documents.
    pub fn save_into(&mut self, folder: PathBuf) {
        self.log.folder = Some(folder);
    }

    /// Takes what this frame brings; `now_s` is a clock in seconds.
    pub fn update(&mut self, view: &ViewModel<'_>, now_s: f64) {
        self.settings.take(view.preferences.monitor);
        let could_start = self.log.can_start();
        self.log.update(view.feed.columns(), view.bank().map(|bank| &**bank), now_s);
        if self.log.can_start() && !could_start {
            self.say(self.log.message().map(ToOwned::to_owned), self.log.warns(), now_s);
        }
    }

    /// Has something to say for some seconds.
    pub fn say(&mut self, text: Option<String>, warns: bool, now_s: f64) {
        self.toast = text.map(|text| (text, warns, now_s + tokens::time::MESSAGE_S));
    }

    /// The message on the last log, for a while; `now_s` is a clock in seconds.
    pub fn message(&mut self, now_s: f64) -> Option<Message> {
        self.toast.take_if(|(_, _, until_s)| *until_s < now_s);
        let (text, warns, _) = self.toast.as_ref()?;
        Some(Message { text: text.clone(), warns: *warns, path: None })
    }

    /// Ends a log as the window goes away, and returns what there is to say of it. Waits until its file
    /// is complete.
    pub fn end(&mut self) -> Option<String> {
        self.log.end()
    }

    /// Draws the lines that are chosen over the top of the picture of sound in `plot`, whose history and
    /// source are `plan`'s.
    pub fn draw(&mut self, ui: &Ui, plot: Rect, view: &ViewModel<'_>, plan: &Plan) {
        if self.settings.line == SpectrumLine::Off {
            self.statistics = None;
            return;
        }
        let side = side(plan.mapping.source);
        let statistics = self.statistics.get_or_insert_default();
        statistics.update(view.columns, side, plan.columns * plan.lines);
        let Some(rows_hz) = statistics.rows_hz() else { return };
        let height = (LINES_SHARE * plot.height()).round().max(LINES_HEIGHT).min(plot.height());
        let rect = plot.with_max_y(plot.top() + height);
        let scale = LevelScale {
            tilt: self.settings.tilt,
            calibration_db: calibration::stored(view.preferences.calibration),
            ..level_scale(&plan.mapping)
        };
        let lines = lines(statistics, self.settings.line);
        spectrum::draw_lines(ui.painter(), rect, &view.axis(), rows_hz, &lines, &scale);
        let right = spectrum::draw_scale(ui.painter(), rect, &scale);
        spectrum::draw_legend(ui.painter(), rect, right, &self.legend(view, side));
    }

    /// What the lines are, of which sound, and its level.
    fn legend(&self, view: &ViewModel<'_>, side: Side) -> String {
        let line = match self.settings.line {
            SpectrumLine::Off => String::new(),
            SpectrumLine::Live => "Live".to_owned(),
            SpectrumLine::Average => format!("Average, {} s", averages::AVERAGE_S),
            SpectrumLine::PeakHold => "Peak hold".to_owned(),
            SpectrumLine::Percentiles => PERCENTILES.join(", "),
        };
        let whose = match side {
            Side::Pre => "before the gains",
            Side::Post => "after the gains",
        };
        let tilt = match self.settings.tilt.db_per_octave() {
            0.0 => String::new(),
            db => format!(", +{db} dB an octave"),
        };
        format!("{line} {whose}{tilt}   {}", self.level_text(view, side))
    }

    /// The level of the sound with its weighting, as it reads.
    #[must_use]
    pub fn level_text(&self, view: &ViewModel<'_>, side: Side) -> String {
        let weighting = self.settings.weighting;
        let name = format!("L{}S", weighting.name());
        let offset_db = calibration::stored(view.preferences.calibration);
        view.feed.sound_level.level_db(side as usize, weighting).map_or_else(
            || format!("{name} –"),
            |level_db| calibration::level_text(level_db, offset_db, &name),
        )
    }

    /// Draws the menu's button into `place`, and the menu while it is open. `source` says which sound
    /// the level is of.
    pub fn menu(
        &mut self,
        ui: &mut Ui,
        place: Rect,
        source: Source,
        view: &ViewModel<'_>,
        gestures: &mut Gestures,
    ) {
        let shown = Shown {
            level: self.level_text(view, side(source)),
            input_db: view.feed.sound_level.level_db(Side::Pre as usize, Weighting::Z),
            calibration_db: calibration::stored(view.preferences.calibration),
            log: &self.log,
            has_bands: view.bank().is_some(),
        };
        let settings = &mut self.settings;
        let before = settings.kept();
        let mut action = None;
        let tooltip = "Monitor: spectrum line, level of the sound, log of band levels, calibration";
        let cell = Cell { name: "Monitor", tooltip, rect: place };
        let button = icon_button(ui, &cell, Icon::Activity, true);
        Popup::menu(&button)
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .show(|ui| action = settings.draw(ui, &shown));
        if settings.kept() != before {
            let preferences = Preferences { monitor: settings.kept(), ..view.preferences };
            gestures.command(Command::SetPreferences(preferences));
        }
        match action {
            Some(MonitorAction::Restart) => {
                if let Some(statistics) = &mut self.statistics {
                    statistics.restart(view.columns);
                }
            }
            Some(MonitorAction::StartLog) => {
                if let Some(bank) = view.bank() {
                    let Settings { interval, format, .. } = self.settings;
                    self.log.start(bank, interval, format, ui.input(|input| input.time));
                }
            }
            Some(MonitorAction::StopLog) => self.log.stop(),
            Some(MonitorAction::Calibrate(calibration)) => {
                let preferences = Preferences { calibration, ..view.preferences };
                gestures.command(Command::SetPreferences(preferences));
            }
            None => {}
        }
    }
}

/// The sound that a source shows; of a difference that after the gains.
fn side(source: Source) -> Side {
    match source {
        Source::Pre => Side::Pre,
        Source::Post | Source::Difference => Side::Post,
    }
}

/// The levels of the picture's colours, be it a difference that it shows.
fn level_scale(mapping: &ColourMapping) -> LevelScale {
    let ColourMapping { floor_db, top_db, .. } = *mapping;
    LevelScale { floor_db, top_db, calibration_db: None, tilt: spectrum::Tilt::None }
}

/// The lines with their colours.
fn lines(statistics: &Statistics, line: SpectrumLine) -> Vec<(Vec<f32>, Color32)> {
    let ink = tokens::DARK.text;
    let averages = statistics.averages();
    match line {
        SpectrumLine::Off => Vec::new(),
        SpectrumLine::Live => vec![(averages.live_db().collect(), ink)],
        SpectrumLine::Average => vec![(averages.average_db().collect(), ink)],
        SpectrumLine::PeakHold => vec![(averages.peak_db().collect(), ink)],
        SpectrumLine::Percentiles => {
            let colors = [tokens::DARK.drawn, ink, tokens::DARK.accent];
            statistics.percentiles_db().into_iter().zip(colors).collect()
        }
    }
}
