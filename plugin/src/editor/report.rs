//! The bottom row: what the bank is measured to be, and the meters.

use super::axis;
use super::history::Meter;
use super::theme;
use super::view_model::ViewModel;
use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Painter, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use erbium_dsp::Bank;

/// The width of the meters.
const METERS: f32 = 176.0;

/// Draws the row into `rect`.
pub fn draw(ui: &mut Ui, rect: Rect, view: &ViewModel<'_>) {
    let (figures, meters) = rect.split_left_right_at_x(rect.right() - METERS);
    if let Some(bank) = view.bank() {
        report(ui, figures, bank);
    } else {
        let place = figures.left_center();
        let palette = theme::of(ui.ctx());
        let text = "The report on the filterbank appears here";
        ui.painter().text(place, Align2::LEFT_CENTER, text, theme::body(), palette.text_dim);
    }
    let (above, below) = meters.split_top_bottom_at_y(meters.center().y);
    meter(ui, above, "In", "Input: the largest sample, in dB of full scale", view.input);
    meter(ui, below, "Out", "Output: the largest sample, in dB of full scale", view.output);
}

fn report(ui: &Ui, rect: Rect, bank: &Bank) {
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
            "Flat error, noise / sine",
            format!("{} / {} dB", figure(report.flat_noise_db), figure(report.flat_sine_db)),
            "Error of analysis and synthesis with all bands muted, in dB: white noise, and the worst \
             sine. At 0 dB in every band the output is exact"
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
            "Work",
            format!("{:.0} MAC/sample", report.macs_per_sample),
            "Multiply-adds per sample and channel, all bands together".to_owned(),
        ),
    ];
    // Spread by what each needs, so that nothing is cut at any width.
    let widths = [136.0, 140.0, 84.0, 110.0];
    let spare = ((rect.width() - widths.iter().sum::<f32>()) / 4.0).clamp(0.0, 48.0);
    let mut left = rect.left();
    for ((name, value, tooltip), width) in figures.into_iter().zip(widths) {
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

fn meter(ui: &Ui, place: Rect, name: &str, tooltip: &str, meter: Meter) {
    let painter = ui.painter();
    let middle = place.center().y;
    let name_at = pos2(place.left(), middle);
    painter.text(name_at, Align2::LEFT_CENTER, name, theme::caption(), theme::of(painter.ctx()).text_dim);
    let across = place.left() + 26.0..=place.right() - 58.0;
    let track = Rect::from_x_y_ranges(across, middle - 4.0..=middle + 4.0);
    bar(painter, track, meter.level_db());
    let held_db = meter.held_db();
    let text = held_db.map_or_else(|| "−∞ dB".to_owned(), axis::db_text);
    let palette = theme::of(painter.ctx());
    let over = held_db.is_some_and(|db| db > 0.0);
    let color = if over { palette.warning } else { palette.text };
    painter.text(pos2(place.right(), middle), Align2::RIGHT_CENTER, &text, theme::caption(), color);
    let response = ui.interact(place, ui.scope_id().with(name), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}: {text}")));
    response.on_hover_text(tooltip);
}

fn bar(painter: &Painter, track: Rect, level_db: f32) {
    let palette = theme::of(painter.ctx());
    painter.rect_filled(track, CornerRadius::ZERO, palette.plot);
    let fraction = egui::remap_clamp(level_db, axis::LEVEL_FLOOR_DB..=0.0, 0.0..=1.0);
    let filled = track.with_max_x(egui::lerp(track.x_range(), fraction));
    let color = if level_db > 0.0 { palette.warning } else { palette.meter };
    painter.rect_filled(filled, CornerRadius::ZERO, color);
}
