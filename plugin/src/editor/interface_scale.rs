//! The interface scale: applied to the window, and reduced where the window is too small for it.

use crate::state::preferences::SCALES_PERCENT;
use nice_plug::editor::dpi::LogicalSize;

/// Gives the interface a scale. The window keeps its size as long as everything fits into it.
pub(super) fn zoom(ctx: &egui::Context, zoom: f32) {
    let now = ctx.zoom_factor();
    if (now - zoom).abs() > 1e-3 {
        let fitting = ctx.content_rect().size() * (now / zoom);
        let size = fitting.max(egui::vec2(SMALLEST.width, SMALLEST.height));
        ctx.set_zoom_factor(zoom);
        ctx.send_viewport_cmd(egui::ViewportCommand::InnerSize(size));
    }
}

/// How long the window may be too small for its scale before the scale is reduced, in seconds: long
/// enough for a host to make it larger.
const TOO_SMALL_S: f64 = 1.5;

/// Watches for a window that its host will not make as large as the interface scale needs.
#[derive(Default)]
pub(super) struct TooSmall {
    since_s: Option<f64>,
}

impl TooSmall {
    /// The scale to go over to, in per cent, once the window has been too small for a while.
    pub(super) fn remedy(&mut self, ctx: &egui::Context, now_s: f64) -> Option<u16> {
        let size = ctx.content_rect().size();
        if size.x >= SMALLEST.width - 1.0 && size.y >= SMALLEST.height - 1.0 {
            self.since_s = None;
            return None;
        }
        let since_s = *self.since_s.get_or_insert(now_s);
        (now_s - since_s > TOO_SMALL_S).then(|| fitting_percent(size * ctx.zoom_factor()))
    }
}

/// The largest interface scale in per cent at which everything fits into so many logical pixels of
/// the system; the smallest there is where none does.
fn fitting_percent(size: egui::Vec2) -> u16 {
    let fits = |percent: &&u16| {
        let factor = f32::from(**percent) / 100.0;
        size.x + 1.0 >= factor * SMALLEST.width && size.y + 1.0 >= factor * SMALLEST.height
    };
    *SCALES_PERCENT.iter().rev().find(fits).unwrap_or(&SCALES_PERCENT[0])
}

/// The smallest useful window in logical pixels.
pub(super) const SMALLEST: LogicalSize<f32> = LogicalSize::new(700.0, 450.0);

#[cfg(test)]
mod tests {
    use super::*;
    use egui::vec2;

    #[test]
    fn the_scale_is_reduced_for_a_window_that_stays_small() {
        assert_eq!(fitting_percent(vec2(2800.0, 1800.0)), 400);
        assert_eq!(fitting_percent(vec2(1400.0, 1800.0)), 200);
        assert_eq!(fitting_percent(vec2(699.5, 450.0)), 100);
        assert_eq!(fitting_percent(vec2(640.0, 480.0)), 75);
        assert_eq!(fitting_percent(vec2(100.0, 100.0)), 50);
    }
}
