//! The monitor's menu: spectrum line, level, log and calibration.

use crate::editor::monitor::calibration;
use crate::editor::monitor::log::BandLog;
use crate::editor::monitor::log::intervals::Interval;
use crate::editor::monitor::spectrum::{SpectrumLine, Tilt};
use crate::editor::monitor::weighting::Weighting;
use crate::editor::view::theme;
use crate::editor::view::tokens::{size, space};
use crate::editor::view::widgets::focus_ring;
use crate::export::Format;
use crate::message::one_line;
use crate::state::monitor_settings::MonitorSettings;
use egui::accesskit::Role;
use egui::{DragValue, RichText, Ui, WidgetInfo, vec2};
use std::ops::RangeInclusive;

/// The width of what is in the menu.
const WIDTH: f32 = 340.0;
/// The kinds of file a log can be.
const FORMATS: [(&str, Format); 2] = [("CSV", Format::Csv), ("NPY", Format::Npy)];

/// What is chosen in the menu, and typed.
pub struct Settings {
    /// Which spectra are drawn.
    pub line: SpectrumLine,
    /// Their tilt.
    pub tilt: Tilt,
    /// The weighting of the level.
    pub weighting: Weighting,
    /// The time between rows of a log.
    pub interval: Interval,
    /// The kind of file a log is.
    pub format: Format,
    /// The level of the tone to calibrate with, in dB SPL.
    tone_db_spl: f32,
    /// The microphone's sensitivity in mV/Pa.
    sensitivity_mv_pa: f32,
    /// The amplitude of full scale in volts.
    full_scale_v: f32,
    /// Why the last calibration failed.
    refusal: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            line: SpectrumLine::default(),
            tilt: Tilt::default(),
            weighting: Weighting::default(),
            interval: Interval::default(),
            format: Format::Csv,
            // The level of a sound calibrator: IEC 60942.
            tone_db_spl: 94.0,
            sensitivity_mv_pa: 50.0,
            full_scale_v: 1.0,
            refusal: None,
        }
    }
}

/// What is asked for in the menu.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MonitorAction {
    /// Begin average and highest levels anew.
    Restart,
    /// Start a log.
    StartLog,
    /// End it.
    StopLog,
    /// The sound pressure level in dB of 0 dB of full scale from now on.
    Calibrate(Option<f32>),
}

/// What the menu shows beside the settings.
pub struct Shown<'a> {
    /// The level as it reads.
    pub level: String,
    /// The level before the gains without weighting, in dB of full scale.
    pub input_db: Option<f32>,
    /// The calibration in force.
    pub calibration_db: Option<f32>,
    /// The log.
    pub log: &'a BandLog,
    /// Whether there are bands to be logged.
    pub has_bands: bool,
}

impl Settings {
    /// Takes over what is kept.
    pub fn take(&mut self, kept: MonitorSettings) {
        let MonitorSettings { line, tilt, weighting } = kept;
        self.line = SpectrumLine::ALL.get(line).copied().unwrap_or_default();
        self.tilt = Tilt::ALL.get(tilt).copied().unwrap_or_default();
        self.weighting = Weighting::ALL.get(weighting).copied().unwrap_or_default();
    }

    /// What is to be kept.
    #[must_use]
    pub fn kept(&self) -> MonitorSettings {
        fn index<T: PartialEq>(all: &[T], chosen: &T) -> usize {
            all.iter().position(|one| one == chosen).unwrap_or(0)
        }
        MonitorSettings {
            line: index(&SpectrumLine::ALL, &self.line),
            tilt: index(&Tilt::ALL, &self.tilt),
            weighting: index(&Weighting::ALL, &self.weighting),
        }
    }

    /// Draws what is in the menu, and returns what is asked for.
    pub fn draw(&mut self, ui: &mut Ui, shown: &Shown<'_>) -> Option<MonitorAction> {
        ui.set_width(WIDTH);
        theme::framed(ui);
        ui.spacing_mut().button_padding = vec2(size::PADDING, space::SMALL);
        let restart = self.spectrum(ui);
        ui.add_space(space::SMALL);
        self.level(ui, shown);
        ui.add_space(space::SMALL);
        let log = self.log(ui, shown);
        ui.add_space(space::SMALL);
        let calibrate = self.calibrate(ui, shown);
        restart.or(log).or(calibrate)
    }

    fn spectrum(&mut self, ui: &mut Ui) -> Option<MonitorAction> {
        caption(ui, "Spectrum line");
        ui.horizontal_wrapped(|ui| {
            let tooltips = [
                "Spectrum line off",
                "Live spectrum of the rows: time constant 125 ms (F)",
                "Average of the rows' power: time constant 3 s",
                "Highest level of each row since the last restart",
                "Levels exceeded in 5, 50 and 95 % of the history shown: L5, L50, L95",
            ];
            for (line, tooltip) in SpectrumLine::ALL.into_iter().zip(tooltips) {
                let name = format!("Spectrum line: {}", line.name());
                if chosen(ui, line.name(), &name, tooltip, self.line == line) {
                    self.line = line;
                }
            }
        });
        let mut action = None;
        ui.horizontal(|ui| {
            for tilt in Tilt::ALL {
                let text = format!("{} dB/oct", tilt.db_per_octave());
                let name = format!("Tilt: {text}");
                let tooltip = "Tilt of the spectrum line in dB an octave, 0 dB at 1 kHz";
                if chosen(ui, &text, &name, tooltip, self.tilt == tilt) {
                    self.tilt = tilt;
                }
            }
            ui.add_space(space::MEDIUM);
            let tooltip = "Begin average and highest levels anew";
            if button(ui, "Restart", "Restart spectrum line", tooltip, true) {
                action = Some(MonitorAction::Restart);
            }
        });
        action
    }

    fn level(&mut self, ui: &mut Ui, shown: &Shown<'_>) {
        caption(ui, "Level of the sound, time weighting S");
        ui.horizontal(|ui| {
            for weighting in Weighting::ALL {
                let name = format!("Weighting: {}", weighting.name());
                let tooltip = "Frequency weighting of the level: A, C or Z by IEC 61672-1";
                let on = self.weighting == weighting;
                if chosen(ui, weighting.name(), &name, tooltip, on) {
                    self.weighting = weighting;
                }
            }
            // Else it would look like another choice.
            ui.add_space(space::MEDIUM);
            ui.label(RichText::new(&shown.level).font(theme::value()));
        });
    }

    fn log(&mut self, ui: &mut Ui, shown: &Shown<'_>) -> Option<MonitorAction> {
        caption(ui, "Log of band levels, into your documents");
        let log = shown.log;
        let mut action = None;
        ui.horizontal(|ui| {
            ui.add_enabled_ui(log.can_start(), |ui| {
                for interval in Interval::ALL {
                    let name = format!("Log interval: {}", interval.name());
                    let tooltip = "Time between rows of the log, each an average and a maximum";
                    let on = self.interval == interval;
                    if chosen(ui, interval.name(), &name, tooltip, on) {
                        self.interval = interval;
                    }
                }
                ui.add_space(space::MEDIUM);
                for (text, format) in FORMATS {
                    let name = format!("Log format: {text}");
                    let tooltip = "File of the log: a table (CSV) or an array (NPY)";
                    if chosen(ui, text, &name, tooltip, self.format == format) {
                        self.format = format;
                    }
                }
            });
            ui.add_space(space::MEDIUM);
            if log.is_running() {
                let tooltip = "End the log; its file is complete";
                if button(ui, "Stop", "Stop log", tooltip, true) {
                    action = Some(MonitorAction::StopLog);
                }
            } else {
                let tooltip = "Log the levels of all bands before and after the gains, as long as \
                               this window is open";
                let can_start = log.can_start() && shown.has_bands;
                if button(ui, "Start", "Start log", tooltip, can_start) {
                    action = Some(MonitorAction::StartLog);
                }
            }
        });
        if let Some(text) = log_text(log) {
            ui.label(text);
        }
        action
    }

    fn calibrate(&mut self, ui: &mut Ui, shown: &Shown<'_>) -> Option<MonitorAction> {
        let state = shown.calibration_db.map_or_else(
            || "Calibrate: 0 dBFS is of unknown sound pressure".to_owned(),
            |offset_db| format!("Calibrate: 0 dBFS is {offset_db:.1} dB SPL").replace('-', "−"),
        );
        caption(ui, &state);
        let mut calibrated = None;
        ui.horizontal(|ui| {
            let tooltip = "Level of the tone that plays, in dB SPL: a calibrator's 94 or 114";
            let (name, range) = ("Tone level", calibration::TONES_DB);
            number(ui, &mut self.tone_db_spl, name, " dB SPL", tooltip, range);
            let tooltip = "Take the level before the gains now for that of the tone";
            if button(ui, "Is the tone now", "Calibrate by tone", tooltip, true) {
                let offset_db = calibration::from_tone(shown.input_db, self.tone_db_spl);
                calibrated = Some(offset_db.map(Some));
            }
        });
        ui.horizontal(|ui| {
            let tooltip = "Sensitivity of the microphone in mV/Pa";
            let range = calibration::SENSITIVITIES_MV_PA;
            number(ui, &mut self.sensitivity_mv_pa, "Sensitivity", " mV/Pa", tooltip, range);
            let tooltip = "Amplitude at the microphone, in volts, of the sine that is full scale";
            let range = calibration::FULL_SCALES_V;
            number(ui, &mut self.full_scale_v, "Full scale", " V", tooltip, range);
            let tooltip = "Calculate the sound pressure of full scale from both";
            if button(ui, "Use", "Calibrate by sensitivity", tooltip, true) {
                let (sensitivity_mv_pa, full_scale_v) = (self.sensitivity_mv_pa, self.full_scale_v);
                let offset_db = calibration::from_sensitivity(sensitivity_mv_pa, full_scale_v);
                calibrated = Some(offset_db.map(Some));
            }
            let tooltip = "Show levels in dB of full scale again";
            if button(ui, "Clear", "Clear calibration", tooltip, shown.calibration_db.is_some()) {
                calibrated = Some(Ok(None));
            }
        });
        if let Some(calibrated) = &calibrated {
            let said = calibrated.as_ref().err().map(|error| one_line(&format!("{error:#}")));
            self.refusal = said;
        }
        if let Some(refusal) = &self.refusal {
            ui.label(refusal);
        }
        calibrated?.ok().map(MonitorAction::Calibrate)
    }
}

/// What there is to say of the log: how far it is, or how it ended.
fn log_text(log: &BandLog) -> Option<String> {
    let Some((rows, path)) = log.progress() else {
        return log.message().map(ToOwned::to_owned);
    };
    let file = path.and_then(|path| path.file_name()).map(|name| name.to_string_lossy());
    let file = file.map_or_else(String::new, |file| format!(" in {file}"));
    Some(one_line(&format!("Logging: {rows} rows{file}")))
}

/// The name of a group of choices.
fn caption(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).font(theme::caption()).color(theme::of(ui.ctx()).text_dim));
}

/// One of several choices. Returns whether it was clicked.
fn chosen(ui: &mut Ui, text: &str, name: &str, tooltip: &str, on: bool) -> bool {
    let choice = egui::Button::selectable(on, text).frame_when_inactive(true);
    let response = ui.add(choice).on_hover_text(tooltip);
    focus_ring(ui, &response);
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, name));
    response.clicked()
}

/// A button. Returns whether it was clicked.
fn button(ui: &mut Ui, text: &str, name: &str, tooltip: &str, enabled: bool) -> bool {
    let response = ui.add_enabled(enabled, egui::Button::new(text));
    focus_ring(ui, &response);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
    response.on_hover_text(tooltip).on_disabled_hover_text(tooltip).clicked()
}

/// A number that is dragged or typed.
fn number(
    ui: &mut Ui,
    value: &mut f32,
    name: &str,
    unit: &str,
    tooltip: &str,
    range: RangeInclusive<f32>,
) {
    let drag = DragValue::new(value).suffix(unit).range(range).speed(0.1).max_decimals(4);
    let response = ui.add(drag);
    focus_ring(ui, &response);
    let now = f64::from(*value);
    response.widget_info(|| {
        let mut info = WidgetInfo::slider(true, now, name);
        info.current_text_value = Some(format!("{now}{unit}"));
        info
    });
    response.on_hover_text(tooltip);
}
