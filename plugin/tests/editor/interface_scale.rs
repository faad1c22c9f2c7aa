//! The interface scale: the window's size with it, and the question whether it shall stay.

use crate::harness::EditorHarness;
use egui::{Rect, Vec2, ViewportCommand, ViewportId, vec2};
use egui_kittest::kittest::Queryable;
use erbium::state::preferences::Preferences;
use std::sync::PoisonError;

/// Frames a second.
const RATE: usize = 50;

/// A window on a screen, which gives it the size it asks for.
struct Screen {
    harness: EditorHarness,
    /// Width and height of the window, whatever its scale.
    window: Vec2,
    monitor: Option<Vec2>,
    /// The largest size that it gives.
    most: Vec2,
    zoom: f32,
    /// The sizes asked for.
    asked: Vec<Vec2>,
}

impl Screen {
    fn new(window: Vec2, monitor: Option<Vec2>) -> Self {
        let harness = EditorHarness::new(window.x, window.y);
        Self { harness, window, monitor, most: Vec2::INFINITY, zoom: 1.0, asked: Vec::new() }
    }

    fn frames(&mut self, count: usize) {
        for _ in 0..count {
            let zoom = self.zoom;
            let place = Rect::from_min_size(egui::Pos2::ZERO, self.window / zoom);
            let input = self.harness.egui.input_mut();
            input.screen_rect = Some(place);
            input.viewports.entry(ViewportId::ROOT).or_default().monitor_size =
                self.monitor.map(|size| size / zoom);
            self.harness.egui.step();
            // As the toolkit does: what has the same size on another scale becomes larger by as much, if no
            // size is asked for in the same frame.
            let new_zoom = self.harness.egui.ctx.zoom_factor();
            let mut size = (new_zoom != self.zoom).then(|| self.window / self.zoom * new_zoom);
            self.zoom = new_zoom;
            for command in &self.harness.egui.output().viewport_output[&ViewportId::ROOT].commands {
                if let ViewportCommand::InnerSize(points) = command {
                    size = Some(*points * new_zoom);
                }
            }
            if let Some(size) = size {
                self.asked.push(size);
                self.window = size.round().min(self.most);
            }
        }
    }

    fn click(&mut self, name: &str) {
        let is_named = |label: &str| label == name || label.starts_with(&format!("{name} ("));
        self.harness.egui.get_by(|node| node.label().is_some_and(|label| is_named(&label))).click();
        self.frames(6);
    }

    /// Chooses a scale in per cent from the menu.
    fn choose(&mut self, percent: u16) {
        self.harness.egui.get_by_label("View").click();
        self.frames(6);
        self.harness.egui.get_by_label(&format!("{percent} %")).click();
        self.frames(6);
        self.harness.egui.key_press(egui::Key::Escape);
        self.frames(6);
    }

    fn percent(&self) -> u16 {
        let kept = self.harness.params.editor_preferences.lock();
        kept.unwrap_or_else(PoisonError::into_inner).scale_percent
    }

    fn asks(&self) -> bool {
        self.harness.egui.query_by_label("Keep this size?").is_some()
    }

    /// The interface as it is: its scale, its size in points, and the window's.
    fn assert_is(&self, percent: u16, window: Vec2) {
        let ctx = &self.harness.egui.ctx;
        let zoom = f32::from(percent) / 100.0;
        assert_eq!((self.percent(), self.window), (percent, window));
        assert_eq!(ctx.zoom_factor(), zoom);
        let points = ctx.content_rect().size();
        assert!((points - window / zoom).abs().max_elem() < 1.0, "{points}");
        let (width, height) = self.harness.params.editor_size.get();
        let kept = vec2(f32::from(width), f32::from(height));
        assert!((kept - points).abs().max_elem() <= 0.5, "kept with the project: {kept}");
    }
}

const WINDOW: Vec2 = vec2(1100.0, 700.0);
const LARGE: Vec2 = vec2(1400.0, 900.0);

#[test]
fn the_window_grows_only_where_it_must_and_goes_back_to_the_size_it_came_from() {
    let mut screen = Screen::new(WINDOW, None);
    for (percent, window) in
        [(150, WINDOW), (200, LARGE), (75, WINDOW), (200, LARGE), (100, WINDOW)]
    {
        screen.choose(percent);
        assert!(screen.asks(), "{percent}");
        screen.click("Keep");
        screen.frames(6);
        assert!(!screen.asks(), "{percent}");
        screen.assert_is(percent, window);
    }
}

#[test]
fn a_scale_that_is_kept_stays() {
    let mut screen = Screen::new(WINDOW, None);
    screen.choose(200);
    screen.click("Keep");
    screen.frames(11 * RATE);
    screen.assert_is(200, LARGE);
}

#[test]
fn without_an_answer_scale_and_size_come_back_after_ten_seconds() {
    let mut screen = Screen::new(WINDOW, None);
    screen.choose(200);
    screen.frames(9 * RATE);
    screen.assert_is(200, LARGE);
    assert!(screen.harness.egui.query_by_label("Go back (1)").is_some(), "it counts");
    screen.frames(RATE);
    assert!(!screen.asks());
    screen.assert_is(100, WINDOW);
}

#[test]
fn going_back_is_a_button_and_the_scale_before() {
    let mut screen = Screen::new(WINDOW, None);
    screen.choose(200);
    screen.click("Go back");
    assert!(!screen.asks());
    screen.assert_is(100, WINDOW);
    // Two scales in turn are one question.
    screen.choose(150);
    screen.choose(300);
    screen.click("Go back");
    screen.assert_is(100, WINDOW);
    screen.choose(300);
    screen.choose(100);
    assert!(!screen.asks(), "chosen by oneself");
    screen.assert_is(100, WINDOW);
}

#[test]
fn a_scale_never_takes_the_window_off_its_monitor() {
    let monitor = vec2(1280.0, 800.0);
    let mut screen = Screen::new(WINDOW, Some(monitor));
    screen.choose(400);
    screen.click("Keep");
    screen.assert_is(150, WINDOW);
    let texts = screen.harness.texts();
    let told = "An interface scale of 400 % is too large for this screen; possible: up to 150 %";
    assert!(texts.iter().any(|text| text.text == told), "{texts:?}");
    let fits = |asked: &Vec2| asked.x < monitor.x && asked.y < monitor.y;
    assert!(!screen.asked.is_empty() && screen.asked.iter().all(fits), "{:?}", screen.asked);
    screen.choose(200);
    assert!(!screen.asks(), "nothing has changed");
    screen.assert_is(150, WINDOW);
}

/// As a project does that was made on a larger one.
#[test]
fn a_window_that_comes_onto_a_smaller_monitor_is_made_to_fit() {
    let mut screen = Screen::new(WINDOW, Some(vec2(3840.0, 2160.0)));
    screen.choose(300);
    screen.click("Keep");
    screen.assert_is(300, vec2(2100.0, 1350.0));
    screen.monitor = Some(vec2(1280.0, 800.0));
    screen.frames(10);
    assert!(!screen.asks(), "nobody has changed it");
    screen.assert_is(150, WINDOW);
    screen.monitor = Some(vec2(1080.0, 1920.0));
    screen.frames(10);
    screen.assert_is(150, vec2(1072.0, 700.0));
}

#[test]
fn a_host_that_gives_no_larger_window_has_a_smaller_scale_after_a_while() {
    let mut screen = Screen::new(WINDOW, None);
    screen.most = WINDOW;
    screen.choose(300);
    screen.frames(2 * RATE);
    assert!(screen.asks());
    screen.assert_is(150, WINDOW);
    screen.click("Go back");
    screen.assert_is(100, WINDOW);
    // Where nothing is left of it, nothing is asked.
    screen.most = vec2(740.0, 460.0);
    screen.window = screen.most;
    screen.frames(2 * RATE);
    screen.choose(125);
    screen.frames(2 * RATE);
    assert!(!screen.asks());
    screen.assert_is(100, screen.most);
}

#[test]
fn a_window_that_closes_without_an_answer_goes_back() {
    let mut screen = Screen::new(WINDOW, None);
    screen.choose(200);
    screen.assert_is(200, LARGE);
    drop(screen.harness.egui);
    let kept = *screen.harness.params.editor_preferences.lock().expect("not poisoned");
    assert_eq!(kept, Preferences::default());
    assert_eq!(screen.harness.params.editor_size.get(), (1100, 700));
}
