//! Opening and closing the editor again and again leaves nothing behind. Alone in its process, so
//! that memory and threads are its own.
#![cfg(target_os = "linux")]

#[path = "support/host.rs"]
mod host;

use egui::{RawInput, Rect, pos2, vec2};
use erbium::chain::{Chain, Mode};
use erbium::editor::EditorApp;
use erbium::monitor::Monitor;
use erbium::params::ErbiumParams;
use host::Host;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// An instance with its audio thread's chain.
struct Instance {
    params: Arc<ErbiumParams>,
    monitor: Arc<Monitor>,
    chain: Chain,
}

impl Instance {
    fn new() -> Self {
        let params = Arc::<ErbiumParams>::default();
        let monitor = Arc::<Monitor>::default();
        let mut chain = Chain::new(params.curve.clone(), monitor.clone());
        let mode = Mode { waits: true, changes_latency: true };
        chain.prepare(&params.settings(48_000.0), 2, mode).expect("the default bank exists");
        Self { params, monitor, chain }
    }

    /// Opens the editor, plays a little under its eyes, and closes it.
    fn open_and_close(&mut self) {
        let shown = Arc::new(AtomicBool::new(true));
        let mut app = EditorApp::new(self.params.clone(), self.monitor.clone(), shown);
        let host = Host::new(self.params.clone());
        let ctx = egui::Context::default();
        for frame in 0..3_u8 {
            let (mut left, mut right) = ([0.25; 2400], [-0.25; 2400]);
            let settings = self.params.settings(48_000.0);
            self.chain.process(&settings, &mut [&mut left, &mut right]);
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
        while app.pieces_analysed() == 0 {
            assert!(Instant::now() < deadline, "the spectrogram does not listen");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// The memory this process has, in bytes.
fn memory() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let resident = pages.split(' ').nth(1).expect("the second number");
    4096 * resident.parse::<u64>().expect("a number")
}

fn count(folder: &str) -> usize {
    std::fs::read_dir(folder).expect("Linux").count()
}

#[test]
fn two_hundred_openings_leave_nothing_behind() {
    let mut instance = Instance::new();
    // The first openings fill the allocator's pools and what is shared for good.
    for _ in 0..40 {
        instance.open_and_close();
    }
    let (before, threads, files) = (memory(), count("/proc/self/task"), count("/proc/self/fd"));
    for _ in 0..200 {
        instance.open_and_close();
    }
    let grown = memory().saturating_sub(before);
    println!("{grown} bytes more after 200 openings");
    assert_eq!(count("/proc/self/task"), threads, "threads");
    assert_eq!(count("/proc/self/fd"), files, "open files");
    // 5 kB an opening: two columns of the spectrogram, or a hundredth of its queue, lost every time
    // would be noticed. The allocator's own pools move by up to 200 kB.
    assert!(grown < 1_000_000, "{grown} bytes more after 200 openings");
}
