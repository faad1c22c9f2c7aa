//! Opening and closing the editor again and again leaves nothing behind. Alone in its process, so
//! that memory and threads are its own.
#![cfg(target_os = "linux")]

#[path = "support/host.rs"]
mod host;

use egui::{RawInput, Rect, pos2, vec2};
use erbium::audio::{Mode, Processor};
use erbium::editor::EditorApp;
use erbium::state::params::ErbiumParams;
use erbium::telemetry::Telemetry;
use host::Host;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// Counts what is held, to the byte. What is resident would not tell: pools of the system's
/// allocator and its pages come and go by megabytes.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// An instance with its audio thread's processor.
struct Instance {
    params: Arc<ErbiumParams>,
    telemetry: Arc<Telemetry>,
    processor: Processor,
}

impl Instance {
    fn new() -> Self {
        let params = Arc::<ErbiumParams>::default();
        let telemetry = Arc::<Telemetry>::default();
        let mut processor = Processor::new(params.curve.clone(), telemetry.clone());
        let mode = Mode { waits: true, changes_latency: true };
        processor.prepare(&params.settings(48_000.0), 2, mode).expect("the default bank exists");
        Self { params, telemetry, processor }
    }

    /// Opens the editor, plays a little under its eyes, and closes it.
    fn open_and_close(&mut self) {
        let shown = Arc::new(AtomicBool::new(true));
        let mut app = EditorApp::new(self.params.clone(), self.telemetry.clone(), shown);
        let host = Host::new(self.params.clone());
        let ctx = egui::Context::default();
        for frame in 0..3_u8 {
            let (mut left, mut right) = ([0.25; 2400], [-0.25; 2400]);
            let settings = self.params.settings(48_000.0);
            self.processor.process(&settings, &mut [&mut left, &mut right]);
            let input = RawInput {
                screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1100.0, 700.0))),
                time: Some(f64::from(frame) * 0.05),
                ..RawInput::default()
            };
            let output = ctx.run_ui(input, |ui| app.frame(ui, &host.setter()));
            let shapes = ctx.tessellate(output.shapes.clone(), output.pixels_per_point);
            assert!(!shapes.is_empty());
            output.drop_without_applying_deltas();
        }
        let deadline = Instant::now() + Duration::from_secs(60);
        while app.frames_analysed() == 0 {
            assert!(Instant::now() < deadline, "the spectrogram does not listen");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// How much more is held than when `region` began, in bytes.
fn grown_bytes(region: &Region<System>) -> i64 {
    let change = region.change();
    let signed = |bytes: usize| i64::try_from(bytes).expect("fewer than 2^63");
    signed(change.bytes_allocated) - signed(change.bytes_deallocated)
}

fn count(folder: &str) -> usize {
    std::fs::read_dir(folder).expect("Linux").count()
}

#[test]
fn two_hundred_openings_leave_nothing_behind() {
    let mut instance = Instance::new();
    // The first openings fill what is shared for good.
    for _ in 0..40 {
        instance.open_and_close();
    }
    let (threads, files) = (count("/proc/self/task"), count("/proc/self/fd"));
    let region = Region::new(ALLOCATOR);
    for _ in 0..200 {
        instance.open_and_close();
    }
    let grown = grown_bytes(&region);
    println!("{grown} bytes more after 200 openings");
    assert_eq!(count("/proc/self/task"), threads, "threads");
    assert_eq!(count("/proc/self/fd"), files, "open files");
    // 50 bytes an opening; seen were none at all.
    assert!(grown < 10_000, "{grown} bytes more after 200 openings");
}
