//! The window: frames of the real editor, tessellated and not rasterised, with sound running.

#[path = "../../../tests/support/host.rs"]
mod host;

use crate::clock;
use crate::instance::Instance;
use crate::row::Row;
use crate::signal::RATE_HZ;
use egui::{Event, RawInput, Rect, pos2, vec2};
use erbium::editor::EditorApp;
use host::Host;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// Frames per second, and how many are measured.
const FRAMES_PER_S: u32 = 60;
const FRAMES: u32 = 600;
/// Samples of a frame.
const FRAME_SAMPLES: usize = 800;

/// The open window at 60 frames a second.
pub fn window() -> Vec<Row> {
    assert!((RATE_HZ / f64::from(FRAMES_PER_S) - 800.0).abs() < 1.0, "a frame of sound");
    let mut instance = Instance::new();
    let shown = Arc::new(AtomicBool::new(true));
    let mut app = EditorApp::new(instance.params.clone(), instance.telemetry.clone(), shown);
    let host = Host::new(instance.params.clone());
    let ctx = egui::Context::default();
    let mut draw = |frame: u32| {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1100.0, 700.0))),
            time: Some(f64::from(frame) / f64::from(FRAMES_PER_S)),
            // Over the picture, so that it is read, too.
            events: vec![Event::PointerMoved(pos2(500.0, 500.0))],
            ..RawInput::default()
        };
        let before = clock::own();
        let output = ctx.run_ui(input, |ui| app.frame(ui, &host.setter()));
        let uploaded = output.textures_delta.set.len();
        let shapes = ctx.tessellate(output.shapes.clone(), output.pixels_per_point);
        let worked = clock::own() - before;
        assert!(!shapes.is_empty(), "something is drawn");
        output.drop_without_applying_deltas();
        (worked, uploaded)
    };
    // The first second fills fonts and caches.
    let mut frame = 0;
    let mut measure = |frames: u32| {
        let (mut editor, mut longest, mut uploads) = (Duration::ZERO, Duration::ZERO, 0);
        let display_before = clock::of("erbium-display").unwrap_or_default();
        let start = Instant::now();
        for i in 0..frames {
            instance.play(FRAME_SAMPLES);
            let (worked, uploaded) = draw(frame);
            (editor, longest) = (editor + worked, longest.max(worked));
            uploads += uploaded;
            frame += 1;
            std::thread::sleep(
                (start + Duration::from_secs(1) / FRAMES_PER_S * (i + 1))
                    .saturating_duration_since(Instant::now()),
            );
        }
        let display = clock::of("erbium-display").unwrap_or_default() - display_before;
        (editor, display, longest, uploads)
    };
    measure(FRAMES_PER_S);
    let (editor, display, longest, uploads) = measure(FRAMES);
    let time_s = f64::from(FRAMES) / f64::from(FRAMES_PER_S);
    let share = |worked: Duration| 100.0 * worked.as_secs_f64() / time_s;
    let percent = |worked: Duration| format!("{:.1} % of a core", share(worked));
    vec![
        Row::new(
            "frames at 60 a second, 1100×700, spectrogram running, not rasterised",
            percent(editor),
            "",
        ),
        Row::new(
            "display bank, 512 rows, stereo, before and after the gains",
            percent(display),
            "",
        ),
        Row::new("both together", percent(editor + display), "target: 25 % or less"),
        Row::new(
            "a frame on average",
            format!("{:.2} ms", 1000.0 * editor.as_secs_f64() / f64::from(FRAMES)),
            "",
        ),
        Row::new("the longest frame", format!("{:.2} ms", 1000.0 * longest.as_secs_f64()), ""),
        Row::new(
            "texture updates in a frame",
            format!("{:.1}", f64::from(u32::try_from(uploads).unwrap_or(0)) / f64::from(FRAMES)),
            "",
        ),
    ]
}

/// What the audio thread pays for the spectrogram: with and without in turns, in one run.
pub fn feed() -> Vec<Row> {
    const TURNS: u32 = 60;
    const BLOCKS: u32 = 40;
    let mut instance = Instance::new();
    let mut worked = [Duration::ZERO; 3];
    for turn in 0..TURNS {
        for (mode, sum) in worked.iter_mut().enumerate() {
            instance.telemetry.set_editor_visible(mode > 0);
            instance.telemetry.analyzer_queue().set_enabled(mode > 1);
            for block in 0..BLOCKS {
                instance.telemetry.set_editor_visible(mode > 0);
                let time = instance.play(512);
                while instance.telemetry.analyzer_queue().pop().is_some() {}
                while instance.telemetry.pop_column().is_some() {}
                // The first blocks of a turn find other caches.
                if turn > 0 && block > 3 {
                    *sum += time;
                }
            }
        }
    }
    let [hidden, levels, sound] = worked.map(|time| time.as_secs_f64());
    let blocks = f64::from(TURNS - 1) * f64::from(BLOCKS - 4);
    let more = |more: f64, than: f64| format!("{:+.2} %", 100.0 * (more / than - 1.0));
    vec![
        Row::new(
            "audio thread, stereo, window hidden",
            format!("{:.1} % of a core", 100.0 * hidden / (blocks * 512.0 / RATE_HZ)),
            "",
        ),
        Row::new("levels of the bands, more than hidden", more(levels, hidden), ""),
        Row::new(
            "sound for the spectrogram, more than levels alone",
            more(sound, levels),
            "target: less than 3 %",
        ),
    ]
}
