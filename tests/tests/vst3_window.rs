//! The built VST3's window in a host of ours: opened and closed while automation plays, with nothing
//! left of it.
#![cfg(unix)]

use anyhow::{Context, Result, ensure};
use erbium_tests::isolated::isolated;
use erbium_tests::openings::{no_files_are_left, no_memory_is_left};
use erbium_tests::prerequisites;
use erbium_tests::soak::{open_files, rounds, used_memory};
use erbium_tests::vst3::{
    Instance, Mode, Module, Parent, Point, RunLoop, Setup, View, latency_changed, parameter,
};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long anything may take: software drawing on a busy machine is slow.
const PATIENCE: Duration = Duration::from_secs(60);

fn module() -> Result<Module> {
    Module::load(&prerequisites::path(prerequisites::VST3))
}

fn setup(channels: usize) -> Setup {
    Setup { mode: Mode::Realtime, channels, ..Setup::default() }
}

/// Lanes of automation, each with some points in every block.
#[derive(Clone, Copy)]
struct Automation {
    lanes: usize,
    points: usize,
    /// Between two blocks; nothing: as fast as it goes.
    pause: Duration,
}

/// One lane, and blocks as a sound card asks for them.
const ONE_LANE: Automation = Automation { lanes: 1, points: 4, pause: Duration::from_millis(10) };
/// Every gain, and blocks far closer than in real time.
const DENSE: Automation = Automation { lanes: 64, points: 8, pause: Duration::from_micros(200) };

impl Automation {
    /// The points of one block.
    fn points(self, block: u64, samples: usize) -> Vec<Point> {
        let point = |lane: usize, k: usize| {
            let at = (u32::try_from(block % 1_000).unwrap_or(0), u32::try_from(lane + 7 * k));
            let phase = f64::from(at.0) * 0.37 + f64::from(at.1.unwrap_or(0)) * 0.11;
            Point {
                parameter: parameter(&format!("gain_{}", lane + 1)),
                offset: i32::try_from(k * samples / self.points).unwrap_or(0),
                value: 0.7 + 0.2 * phase.sin(),
            }
        };
        (0..self.lanes).flat_map(|lane| (0..self.points).map(move |k| point(lane, k))).collect()
    }

    /// Plays an instance until told to stop; counts the blocks.
    fn play(self, instance: &Instance, channels: usize, stop: &AtomicBool, blocks: &AtomicU64) {
        let samples = 512;
        let input = vec![vec![0.1; samples]; channels];
        while !stop.load(Ordering::SeqCst) {
            let points = self.points(blocks.load(Ordering::SeqCst), samples);
            let output = instance.play_block(&input, &points).expect("it plays on");
            assert!(output.iter().flatten().all(|x| x.is_finite()), "it plays numbers");
            blocks.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(self.pause);
        }
    }
}

/// Runs something beside the audio thread.
fn beside<T>(
    instance: &Instance,
    channels: usize,
    automation: Automation,
    main: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let (stop, blocks) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let audio = scope.spawn(|| automation.play(instance, channels, &stop, &blocks));
        let start = Instant::now();
        // From the first block on the host has said that it plays.
        while blocks.load(Ordering::SeqCst) == 0 && start.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(1));
        }
        let result = main();
        stop.store(true, Ordering::SeqCst);
        ensure!(audio.join().is_ok(), "the audio thread panicked");
        result
    })
}

/// Whether the window draws: its spectrogram's thread starts with the first frame.
fn draws() -> bool {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return false };
    let names = tasks.flatten().map(|task| std::fs::read_to_string(task.path().join("comm")));
    // A thread may have just ended.
    names.flatten().any(|name| name.starts_with("erbium-displ"))
}

/// Serves the window until something is true.
fn pump_until(view: &View, what: &str, done: impl Fn() -> bool) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        ensure!(Instant::now() < deadline, "{what}: not after {PATIENCE:?}");
        view.pump(Duration::from_millis(5))?;
    }
    Ok(())
}

/// Opens the window, lets it draw, and closes it as hosts do in one way or another.
fn open_and_close(instance: &Instance, parent: &Parent, round: usize) -> Result<()> {
    let view = View::open(instance, parent, Some(RunLoop::Offered))?;
    let frame = view.frame().context("no frame")?;
    ensure!(frame.handler_count() == 1, "{} handlers while it is open", frame.handler_count());
    pump_until(&view, "the window draws", draws)?;
    match round % 3 {
        0 => view.close()?,
        1 => view.close_carelessly()?,
        _ => {
            // Out of its parent and in again, as hosts do that keep the view.
            view.remove()?;
            view.attach(parent)?;
            pump_until(&view, "the window draws again", draws)?;
            view.close()?;
        }
    }
    ensure!(frame.handler_count() == 0, "{} handlers of a closed window", frame.handler_count());
    Ok(())
}

/// Opens and closes, removing the instance now and then, and looks at what is left.
fn openings(channels: usize, automation: Automation, short: usize, long: usize) -> Result<()> {
    let module = module()?;
    let parent = Parent::new()?;
    let mut instance = Instance::started(&module, setup(channels))?;
    // What is opened once and stays: libraries, caches, the connection of the clipboard.
    beside(&instance, channels, automation, || open_and_close(&instance, &parent, 0))?;
    std::thread::sleep(Duration::from_secs(1));
    let files = open_files()?;
    let mut memory = Vec::new();
    for round in rounds(short, long) {
        beside(&instance, channels, automation, || open_and_close(&instance, &parent, round))?;
        no_files_are_left(files).with_context(|| format!("after opening {round}"))?;
        if round % 10 == 9 {
            drop(instance);
            instance = Instance::started(&module, setup(channels))?;
        }
        memory.push(used_memory()?);
    }
    drop(instance);
    no_files_are_left(files).context("after the plugin was removed")?;
    no_memory_is_left(&memory)
}

#[test]
fn soak_vst3_openings_under_one_lane() -> Result<()> {
    isolated("soak_vst3_openings_under_one_lane", true, || openings(2, ONE_LANE, 12, 100))
}

#[test]
fn soak_vst3_openings_under_dense_automation() -> Result<()> {
    isolated("soak_vst3_openings_under_dense_automation", true, || openings(2, DENSE, 12, 100))
}

#[test]
fn soak_vst3_openings_of_a_mono_instance() -> Result<()> {
    isolated("soak_vst3_openings_of_a_mono_instance", true, || openings(1, DENSE, 6, 100))
}

#[test]
fn a_host_without_a_run_loop_opens_the_window_too() -> Result<()> {
    isolated("a_host_without_a_run_loop_opens_the_window_too", true, || {
        let (module, parent) = (module()?, Parent::new()?);
        for run_loop in [None, Some(RunLoop::Refused)] {
            let instance = Instance::started(&module, setup(2))?;
            for _ in 0..3 {
                beside(&instance, 2, DENSE, || {
                    let view = View::open(&instance, &parent, run_loop)?;
                    pump_until(&view, "the window draws", draws)?;
                    view.pump(Duration::from_millis(50))?;
                    view.close()
                })?;
            }
        }
        Ok(())
    })
}

/// Changes the latency and waits until the host is told, in the window's run loop where one is open.
fn a_new_latency_is_told(instance: &Instance, view: Option<&View>, text: &str) -> Result<()> {
    let before = instance.latency_samples()?;
    drop(instance.take_restarts());
    instance.set_text("latency", text)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let told: Vec<_> = instance.take_restarts();
        if let Some((_, thread)) = told.iter().find(|(flags, _)| latency_changed(*flags)) {
            ensure!(
                view.is_none() || *thread == std::thread::current().id(),
                "told on another thread than the window's"
            );
            break;
        }
        ensure!(Instant::now() < deadline, "{text}: the host is not told");
        match view {
            Some(view) => view.pump(Duration::from_millis(5))?,
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    ensure!(instance.latency_samples()? != before, "{text}: told, and yet the same");
    Ok(())
}

#[test]
fn a_new_latency_is_told_with_and_without_a_window() -> Result<()> {
    isolated("a_new_latency_is_told_with_and_without_a_window", true, || {
        let (module, parent) = (module()?, Parent::new()?);
        for channels in [2, 1] {
            let instance = Instance::started(&module, setup(channels))?;
            beside(&instance, channels, DENSE, || {
                a_new_latency_is_told(&instance, None, "8 ms")?;
                let view = View::open(&instance, &parent, Some(RunLoop::Offered))?;
                pump_until(&view, "the window draws", draws)?;
                a_new_latency_is_told(&instance, Some(&view), "2 ms")?;
                view.close()?;
                a_new_latency_is_told(&instance, None, "43 ms")?;
                a_new_latency_is_told(&instance, None, "0 ms")?;
                ensure!(instance.latency_samples()? == 0);
                Ok(())
            })?;
        }
        Ok(())
    })
}

#[test]
fn an_instance_that_goes_before_its_window_takes_it_along() -> Result<()> {
    isolated("an_instance_that_goes_before_its_window_takes_it_along", true, || {
        let (module, parent) = (module()?, Parent::new()?);
        let instance = Instance::started(&module, setup(2))?;
        let view = View::open(&instance, &parent, Some(RunLoop::Offered))?;
        pump_until(&view, "the window draws", draws)?;
        ensure!(view.attach(&parent).is_err(), "it opens twice");
        let frame = view.frame().context("no frame")?;
        drop(instance);
        pump_until(&view, "the window goes", || !draws())?;
        ensure!(view.remove().is_err(), "there is still a window");
        drop(view);
        ensure!(frame.handler_count() == 0, "{} handlers are left", frame.handler_count());
        Ok(())
    })
}

#[test]
fn the_window_draws_on_a_busy_machine() -> Result<()> {
    isolated("the_window_draws_on_a_busy_machine", true, || {
        let (module, parent) = (module()?, Parent::new()?);
        let instance = Instance::started(&module, setup(2))?;
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            // So many that whoever is waited for gets its turn late.
            for _ in 0..16 {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        std::hint::spin_loop();
                    }
                });
            }
            let result = (0..4).try_for_each(|_| {
                let view = View::open(&instance, &parent, Some(RunLoop::Offered))?;
                pump_until(&view, "the window draws", draws)?;
                view.close()
            });
            stop.store(true, Ordering::Relaxed);
            result
        })
    })
}
