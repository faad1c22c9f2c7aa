//! The bottom row: the measured figures of the bank.

use crate::editor::view::cast::points;
use crate::editor::view::model::ViewModel;
use crate::editor::view::theme;
use egui::accesskit::Role;
use egui::{Align2, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use erbium_dsp::Bank;

/// Draws the row into `rect`.
pub fn draw(ui: &Ui, rect: Rect, view: &ViewModel<'_>) {
    if let Some(bank) = view.bank() {
        report(ui, rect, bank, view.load);
    } else {
        let text = "The report on the filterbank appears here";
        let ink = theme::of(ui.ctx()).text_dim;
        ui.painter().text(rect.left_center(), Align2::LEFT_CENTER, text, theme::body(), ink);
    }
}

fn report(ui: &Ui, rect: Rect, bank: &Bank, load: Option<f32>) {
    let report = bank.report();
    let rate_hz = bank.spec().sample_rate_hz;
    let samples = u32::try_from(report.latency_samples).unwrap_or(u32::MAX);
    let ms = 1000.0 * f64::from(samples) / rate_hz;
    let figures = [
        (
            "Latency",
            format!("{ms:.1} ms · {samples} samples"),
            "Latency in milliseconds and in samples, as reported to the host".to_owned(),
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
            format!("{} dB", figure(report.worst_alias_db())),
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
            load.map_or_else(|| "–".to_owned(), |load| format!("{:.1} %", 100.0 * load)),
            format!(
                "Load: the part of its time that the audio thread takes, in per cent.\nThe bank \
                 needs {:.0} multiply-adds per sample and channel with all bands at work",
                report.macs_per_sample
            ),
        ),
    ];
    // Spread by what each needs, so that nothing is cut; what has no room waits for a wider window.
    let widths = [140.0, 140.0, 78.0, 48.0];
    let fit = |count: usize| widths[..count].iter().sum::<f32>() <= rect.width();
    let shown = (1..=widths.len()).rev().find(|&count| fit(count)).unwrap_or(1);
    let taken: f32 = widths[..shown].iter().sum();
    let spare = ((rect.width() - taken) / points(shown)).clamp(0.0, 48.0);
    let mut left = rect.left();
    for ((name, value, tooltip), width) in figures.into_iter().zip(widths).take(shown) {
        let place = Rect::from_min_size(pos2(left, rect.top()), vec2(width, rect.height()));
        figure_cell(ui, place, name, &value, &tooltip);
        left += width + spare;
    }
}

fn figure_cell(ui: &Ui, place: Rect, name: &str, value: &str, tooltip: &str) {
    let painter = ui.painter();
    let top = place.left_top();
    painter.text(top, Align2::LEFT_TOP, name, theme::caption(), theme::of(painter.ctx()).text_dim);
    let below = top + vec2(0.0, 16.0);
    painter.text(below, Align2::LEFT_TOP, value, theme::body(), theme::of(painter.ctx()).text);
    let response = ui.interact(place, ui.scope_id().with(name), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}: {value}")));
    response.on_hover_text(tooltip);
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
