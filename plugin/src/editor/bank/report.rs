//! The measured figures of the bank.

use crate::editor::view::model::ViewModel;
use crate::editor::view::theme;
use egui::accesskit::Role;
use egui::{Align, Layout, RichText, Ui, WidgetInfo};
use erbium_dsp::{Bank, Phase};

/// Draws a line for each figure.
pub fn draw(ui: &mut Ui, view: &ViewModel<'_>) {
    let Some(bank) = view.bank() else {
        ui.label("The report on the filterbank appears here");
        return;
    };
    for (name, value, tooltip) in figures(bank, view.load) {
        let row = ui.horizontal(|ui| {
            let ink = theme::of(ui.ctx()).text_dim;
            ui.label(RichText::new(name).color(ink));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.label(RichText::new(&value).font(theme::value()));
            });
        });
        let response = row.response;
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}: {value}")));
        response.on_hover_text(tooltip);
    }
}

/// The latency in milliseconds and in samples.
#[must_use]
pub fn latency(bank: &Bank) -> String {
    let samples = u32::try_from(bank.latency_samples()).unwrap_or(u32::MAX);
    if samples == 0 {
        return "0 ms, minimum phase".to_owned();
    }
    let ms = 1000.0 * f64::from(samples) / bank.spec().sample_rate_hz;
    format!("{ms:.1} ms · {samples} samples")
}

/// The part of its time that the audio thread takes, in per cent.
#[must_use]
pub fn load(load: Option<f32>) -> String {
    load.map_or_else(|| "–".to_owned(), |load| format!("{:.1} %", 100.0 * load))
}

fn figures(bank: &Bank, load_part: Option<f32>) -> [(&'static str, String, String); 4] {
    let report = bank.report();
    [
        (
            "Latency",
            latency(bank),
            "Latency in milliseconds and in samples, as reported to the host. At 0 ms there is none of its own: \
             an instrument is heard with that of the sound device alone"
                .to_owned(),
        ),
        (
            "Reconstruction error",
            format!("{} / {} dB", figure(report.flat_noise_db), figure(report.flat_sine_db)),
            "Reconstruction error of analysis and synthesis in dB, noise / sine: for white noise and for \
             the worst sine, with all bands muted. At 0 dB in every band the output is exact"
                .to_owned(),
        ),
        (
            "Worst alias",
            match bank.spec().phase {
                Phase::OfBank => format!("{} dB", figure(report.worst_alias_db())),
                Phase::Minimum => "none".to_owned(),
            },
            format!(
                "Alias of the worst sine in dB. One band at −40 dB: {}, one band alone: {}, random \
                 gains: {}, gains in turn: {}",
                figure(report.alias_notch_db),
                figure(report.alias_solo_db),
                figure(report.alias_random_db),
                figure(report.alias_zigzag_db),
            ),
        ),
        (
            "Load",
            load(load_part),
            format!(
                "Load: the part of its time that the audio thread takes, in per cent.\nThe bank \
                 needs {:.0} multiply-adds per sample and channel with all bands at work",
                report.macs_per_sample
            ),
        ),
    ]
}

/// A figure in dB without its unit.
fn figure(db: f64) -> String {
    if db.is_nan() {
        "–".to_owned()
    } else if db < -400.0 {
        "−∞".to_owned()
    } else if db < 0.0 {
        format!("−{:.0}", -db)
    } else {
        format!("{db:.0}")
    }
}
