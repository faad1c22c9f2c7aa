//! The interface scale: applied to the window, which grows only where it must and goes back to the size it
//! came from; reduced where the monitor or the window is too small for it; and asked about when a person has
//! changed it.
//!
//! Sizes are in the system's logical pixels here, which no interface scale changes, where they do not say
//! otherwise.

mod question;
mod screen_size;

use crate::state::preferences::SCALES_PERCENT;
use egui::{Vec2, vec2};
use nice_plug::editor::dpi::LogicalSize;
use question::Answer;
use raw_window_handle::HasWindowHandle;
use screen_size::SystemWindow;
use std::sync::{Arc, Mutex, PoisonError};

/// The smallest useful window in points.
pub(super) const SMALLEST: LogicalSize<f32> = LogicalSize::new(700.0, 450.0);

/// How long the window may be too small for its scale before the scale is reduced, in seconds: long
/// enough for a host to make it larger.
const TOO_SMALL_S: f64 = 1.5;

/// How long a window may take to have the size for its scale, in seconds.
const SIZING_S: f64 = 1.0;

/// How long a new scale is kept without an answer, in seconds.
const ASK_S: f64 = 10.0;

/// What a window has of its monitor at most: a title and a frame take the rest.
const FRAME: Vec2 = vec2(8.0, 40.0);

/// By how much sizes differ that are rounded to pixels.
const ROUNDING: f32 = 2.0;

/// How a window grew for its scale. Shared by the windows of an instance, of which the next one has the size
/// of the last.
pub(super) type SharedGrowth = Arc<Mutex<Option<Growth>>>;

/// From the size it had to the size it needed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Growth {
    from: Vec2,
    to: Vec2,
}

impl Growth {
    /// Whether a window has the size it grew to, or as much of it as its host gave. Any other size was
    /// given to it since.
    fn explains(&self, now: Vec2) -> bool {
        let margin = Vec2::splat(ROUNDING);
        let (least, most) = (self.from.min(self.to) - margin, self.to + margin);
        now.max(least) == now && now.min(most) == now
    }
}

/// The size that a window has to have for a scale: that from before it grew, or as much larger as it must be.
fn size_for(zoom: f32, now: Vec2, room: Option<Vec2>, growth: &mut Option<Growth>) -> Vec2 {
    let from = growth.filter(|growth| growth.explains(now)).map_or(now, |growth| growth.from);
    let needed = zoom * smallest();
    let to = from.min(room.unwrap_or(Vec2::INFINITY)).max(needed);
    *growth = (to != from).then_some(Growth { from, to });
    to
}

/// Whether the scale shall stay, until it is answered.
struct Question {
    /// The scale before in per cent, the window's size, and how it had grown.
    percent: u16,
    size: Vec2,
    growth: Option<Growth>,
    /// A clock in seconds.
    until_s: f64,
}

/// The interface scale of one window.
#[derive(Default)]
pub(super) struct InterfaceScale {
    growth: SharedGrowth,
    question: Option<Question>,
    /// The size to go back to with the next scale, and how the window had grown.
    back_to: Option<(Vec2, Option<Growth>)>,
    /// The size that the window has to have from the next frame on.
    coming: Option<Vec2>,
    too_small: TooSmall,
    /// What the toolkit has last said of the monitor.
    monitor: Option<Vec2>,
    window: Option<SystemWindow>,
    /// When the scale was last applied: a clock in seconds.
    applied_s: Option<f64>,
}

impl InterfaceScale {
    /// Shares how the window has grown with those that follow it.
    pub(super) fn share(&mut self, growth: SharedGrowth) {
        self.growth = growth;
    }

    /// The window to ask the system about.
    pub(super) fn set_window(&mut self, window: &impl HasWindowHandle) {
        self.window = SystemWindow::of(window);
    }

    /// What a window can have of its monitor; `None` where that is not known.
    fn room(&self, ctx: &egui::Context) -> Option<Vec2> {
        let size = monitor(ctx).or_else(|| {
            let pixels = self.window?.monitor_pixels()?;
            Some(pixels / ctx.native_pixels_per_point().unwrap_or(1.0))
        });
        size.map(|size| size - FRAME)
    }

    /// The largest scale in per cent up to this one with which the window stays on its monitor.
    pub(super) fn possible(&self, ctx: &egui::Context, percent: u16) -> u16 {
        self.room(ctx).map_or(percent, |room| fitting_percent(room, percent))
    }

    /// A person has changed the scale from one, in per cent, to another. The question is what to go back to.
    pub(super) fn ask(&mut self, ctx: &egui::Context, (from, to): (u16, u16), now_s: f64) {
        let until_s = now_s + ASK_S;
        let growth = *self.growth.lock().unwrap_or_else(PoisonError::into_inner);
        let size = size_of(ctx);
        let percent = from;
        let question = self.question.get_or_insert(Question { percent, size, growth, until_s });
        question.until_s = until_s;
        if question.percent == to {
            // It is answered by that.
            self.go_back();
        }
    }

    /// How long the question still waits in whole seconds, if there is one.
    fn asks_for_s(&self, now_s: f64) -> Option<u8> {
        let left_s = (self.question.as_ref()?.until_s - now_s).clamp(0.0, ASK_S).ceil();
        // From 0 to ten.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Some(left_s as u8)
    }

    /// The scale in per cent to which an open question leads back.
    pub(super) fn asked_from(&self) -> Option<u16> {
        self.question.as_ref().map(|question| question.percent)
    }

    /// Draws the question, if there is one, and takes its answer. Returns the scale in per cent to go back
    /// to, if so.
    pub(super) fn draw_question(&mut self, ctx: &egui::Context, now_s: f64) -> Option<u16> {
        let answer = self.asks_for_s(now_s).and_then(|left_s| question::draw(ctx, left_s));
        let late = self.question.as_ref().is_some_and(|question| now_s >= question.until_s);
        match answer {
            Some(Answer::Keep) => {
                self.question = None;
                None
            }
            Some(Answer::GoBack) => self.go_back().map(|(percent, _)| percent),
            None if late => self.go_back().map(|(percent, _)| percent),
            None => None,
        }
    }

    /// A project has been loaded: what it has chosen stays.
    pub(super) fn forget_question(&mut self) {
        self.question = None;
    }

    /// Answers an open question. Returns the scale in per cent and the size to go back to.
    pub(super) fn go_back(&mut self) -> Option<(u16, Vec2)> {
        let Question { percent, size, growth, .. } = self.question.take()?;
        self.back_to = Some((size, growth));
        Some((percent, size))
    }

    /// With every frame: the scale in per cent to go over to instead, where the window or its monitor is too
    /// small for this one.
    pub(super) fn remedy(&mut self, ctx: &egui::Context, percent: u16, now_s: f64) -> Option<u16> {
        let remedy = match self.too_small.remedy(ctx, now_s) {
            Some(remedy) => Some(remedy),
            // A project may come from another screen.
            None if !self.is_on_monitor(ctx) => Some(self.possible(ctx, percent)),
            None => None,
        };
        remedy.filter(|remedy| *remedy < percent)
    }

    /// Whether a window's new size is for its scale, and no person's wish.
    pub(super) fn decides_size(&self, now_s: f64) -> bool {
        let applies = self.applied_s.is_none_or(|applied_s| now_s - applied_s < SIZING_S);
        applies || self.question.is_some()
    }

    /// With every frame: gives the interface this scale, and the window the size for it.
    pub(super) fn apply(&mut self, ctx: &egui::Context, zoom: f32, now_s: f64) {
        if let Some(size) = self.coming.take() {
            return resize(ctx, size);
        }
        let now = size_of(ctx);
        let changed = (ctx.zoom_factor() - zoom).abs() > 1e-3;
        let on_monitor = self.is_on_monitor(ctx);
        if !changed && on_monitor && self.back_to.is_none() {
            return;
        }
        let room = self.room(ctx);
        let mut growth = self.growth.lock().unwrap_or_else(PoisonError::into_inner);
        let size = match self.back_to.take() {
            Some((size, before)) => {
                *growth = before;
                size
            }
            None if changed => size_for(zoom, now, room, &mut growth),
            None => room.map_or(now, |room| now.min(room.max(zoom * smallest()))),
        };
        drop(growth);
        self.applied_s = Some(now_s);
        self.monitor = monitor(ctx);
        if changed {
            // It is in force from the next frame on, and the toolkit rescales the window with it, if nothing
            // else is asked of it in that frame.
            ctx.set_zoom_factor(zoom);
            self.coming = Some(size);
        } else if (now - size).abs().max_elem() > ROUNDING {
            resize(ctx, size);
        }
    }

    /// Whether the window has been fitted to the monitor that it is on. The system is asked only once.
    fn is_on_monitor(&self, ctx: &egui::Context) -> bool {
        let differs = |a: Vec2, b: Vec2| (a - b).abs().max_elem() > ROUNDING;
        let moved =
            monitor(ctx).is_some_and(|now| self.monitor.is_none_or(|then| differs(now, then)));
        // In the first frame on another scale, what is said is on the one before.
        self.coming.is_some() || (self.applied_s.is_some() && !moved)
    }
}

/// The size of the monitor, if the toolkit says.
fn monitor(ctx: &egui::Context) -> Option<Vec2> {
    let points = ctx.input(|input| input.viewport().monitor_size);
    points.map(|points| points * ctx.zoom_factor())
}

/// Asks for a size of the window.
fn resize(ctx: &egui::Context, size: Vec2) {
    ctx.send_viewport_cmd(egui::ViewportCommand::InnerSize(size / ctx.zoom_factor()));
}

/// The size of a window.
pub(super) fn size_of(ctx: &egui::Context) -> Vec2 {
    ctx.content_rect().size() * ctx.zoom_factor()
}

const fn smallest() -> Vec2 {
    vec2(SMALLEST.width, SMALLEST.height)
}

/// Watches for a window that its host will not make as large as the interface scale needs.
#[derive(Default)]
struct TooSmall {
    since_s: Option<f64>,
}

impl TooSmall {
    /// The scale to go over to, in per cent, once the window has been too small for a while.
    fn remedy(&mut self, ctx: &egui::Context, now_s: f64) -> Option<u16> {
        let size = ctx.content_rect().size();
        if size.x >= SMALLEST.width - 1.0 && size.y >= SMALLEST.height - 1.0 {
            self.since_s = None;
            return None;
        }
        let since_s = *self.since_s.get_or_insert(now_s);
        let late = now_s - since_s > TOO_SMALL_S;
        late.then(|| fitting_percent(size_of(ctx), SCALES_PERCENT[SCALES_PERCENT.len() - 1]))
    }
}

/// The largest interface scale in per cent, up to `most`, at which everything fits into a size; the smallest
/// there is where none does.
fn fitting_percent(size: Vec2, most: u16) -> u16 {
    let fits = |percent: u16| {
        let needed = f32::from(percent) / 100.0 * smallest();
        size.x + 1.0 >= needed.x && size.y + 1.0 >= needed.y
    };
    let lower = SCALES_PERCENT.into_iter().rev().filter(|percent| *percent < most);
    let known = std::iter::once(most).chain(lower).find(|percent| fits(*percent));
    known.unwrap_or(SCALES_PERCENT[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_reduced_for_a_window_or_monitor_that_is_small() {
        assert_eq!(fitting_percent(vec2(2800.0, 1800.0), 400), 400);
        assert_eq!(fitting_percent(vec2(1400.0, 1800.0), 400), 200);
        assert_eq!(fitting_percent(vec2(699.5, 450.0), 400), 100);
        assert_eq!(fitting_percent(vec2(640.0, 480.0), 400), 75);
        assert_eq!(fitting_percent(vec2(100.0, 100.0), 400), 50);
        // One that is stored need not be among those on offer.
        assert_eq!(fitting_percent(vec2(2800.0, 1800.0), 137), 137);
        assert_eq!(fitting_percent(vec2(900.0, 900.0), 137), 125);
    }

    #[test]
    fn the_window_grows_where_it_must_and_comes_back() {
        let mut growth = None;
        let start = vec2(1100.0, 700.0);
        let mut now = start;
        for (zoom, expected) in [
            (1.25, start),
            (1.5, start),
            (2.0, vec2(1400.0, 900.0)),
            (3.0, vec2(2100.0, 1350.0)),
            (1.5, start),
            (4.0, vec2(2800.0, 1800.0)),
            (1.75, vec2(1225.0, 787.5)),
            (0.5, start),
        ] {
            now = size_for(zoom, now, None, &mut growth);
            assert_eq!(now, expected, "{zoom}");
            // A window has whole pixels.
            now = now.round();
        }
        assert_eq!(growth, None);
    }

    #[test]
    fn a_size_given_meanwhile_is_where_it_comes_back_to() {
        let mut growth = None;
        let size = size_for(2.0, vec2(1100.0, 700.0), None, &mut growth);
        // A host gave half of it: that is no wish of anybody's.
        assert_eq!(
            size_for(1.0, (size + vec2(1100.0, 700.0)) / 2.0, None, &mut growth),
            vec2(1100.0, 700.0)
        );
        let size = size_for(2.0, vec2(1100.0, 700.0), None, &mut growth);
        let larger = size + vec2(100.0, 0.0);
        assert_eq!(size_for(1.0, larger, None, &mut growth), larger);
    }
}
