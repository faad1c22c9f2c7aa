//! The built CLAP's window in a host of ours: opened and closed while automation plays, with nothing
//! left of it.
#![cfg(target_os = "linux")]

use anyhow::{Context, Result, ensure};
use clack_host::events::event_types::ParamValueEvent;
use clack_host::prelude::Pckn;
use erbium_tests::host::{self, Buffers, EventBuffer, Instance, PluginEntry, Setup, clap_id};
use erbium_tests::isolated::isolated;
use erbium_tests::openings::{no_files_are_left, no_memory_is_left};
use erbium_tests::prerequisites;
use erbium_tests::soak::{memory_bytes, open_files, rounds, used_memory};
use erbium_tests::vst3::Parent;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long anything may take: software drawing on a busy machine is slow.
const PATIENCE: Duration = Duration::from_secs(60);
/// Lanes of automation, one for each gain, and the points of each in every block.
const LANES: usize = host::MAX_BANDS;
const POINTS: usize = 8;
const BLOCK_SAMPLES: usize = 512;

fn setup() -> Setup {
    Setup { offline: false, ..Setup::default() }
}

/// The points of all lanes in one block, in order of time.
fn automation(block: u64) -> EventBuffer {
    let mut events = EventBuffer::new();
    let phase = f64::from(u32::try_from(block % 1_000).unwrap_or(0)) * 0.37;
    for time in
        (0..BLOCK_SAMPLES).step_by(BLOCK_SAMPLES / POINTS).filter_map(|t| u32::try_from(t).ok())
    {
        for (lane, offset) in (0..LANES).zip(0_u32..) {
            let value =
                0.7 + 0.2 * (phase + 0.11 * f64::from(offset) + 0.01 * f64::from(time)).sin();
            let id = clap_id(&format!("gain_{}", lane + 1));
            events.push(&ParamValueEvent::new(time, id, Pckn::match_all(), value));
        }
    }
    events
}

/// Runs something on the main thread while all lanes play on the audio thread, far closer than in real time.
fn under_automation<T>(
    instance: &mut Instance,
    main: impl FnOnce(&mut Instance) -> Result<T>,
) -> Result<T> {
    while_playing(instance, Duration::from_micros(200), main)
}

/// Runs something on the main thread while all lanes play on the audio thread, with a pause after each
/// block.
fn while_playing<T>(
    instance: &mut Instance,
    pause: Duration,
    main: impl FnOnce(&mut Instance) -> Result<T>,
) -> Result<T> {
    let (stop, blocks) = (AtomicBool::new(false), AtomicU64::new(0));
    let input = vec![vec![0.1_f32; BLOCK_SAMPLES]; 2];
    instance.beside(
        |processor| {
            let input: Vec<&[f32]> = input.iter().map(Vec::as_slice).collect();
            while !stop.load(Ordering::SeqCst) {
                let block = blocks.fetch_add(1, Ordering::SeqCst);
                let events = automation(block);
                let output =
                    host::play(processor, &input, &events, Buffers::apart(2), 512 * block)?;
                ensure!(output.iter().flatten().all(|x| x.is_finite()), "it plays no numbers");
                std::thread::sleep(pause);
            }
            Ok(())
        },
        |instance| {
            let result = main(instance);
            stop.store(true, Ordering::SeqCst);
            result
        },
    )
}

/// Whether the window draws: its spectrogram's thread starts with the first frame.
fn draws() -> bool {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return false };
    let names = tasks.flatten().map(|task| std::fs::read_to_string(task.path().join("comm")));
    // A thread may have just ended.
    names.flatten().any(|name| name.starts_with("erbium-displ"))
}

fn until(what: &str, patience: Duration, mut done: impl FnMut() -> Result<bool>) -> Result<()> {
    let deadline = Instant::now() + patience;
    while !done()? {
        ensure!(Instant::now() < deadline, "{what}: not after {patience:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn open_and_close(instance: &mut Instance, parent: &Parent) -> Result<()> {
    under_automation(instance, |instance| {
        instance.open_window(parent.id())?;
        let drawn = until("the window draws", PATIENCE, || {
            // As a host does whose own window is served as well.
            instance.call_back();
            Ok(draws())
        });
        // Closed in any case: what ends the process meanwhile may pull its libraries from under it.
        instance.close_window()?;
        drawn
    })
}

fn instance(library: &PluginEntry) -> Result<Instance> {
    Instance::active(library, setup())
}

fn openings() -> Result<()> {
    let library = host::load(&prerequisites::path(prerequisites::CLAP))?;
    let parent = Parent::new()?;
    let mut plugin = instance(&library)?;
    // What is opened once and stays: libraries, caches, the connection of the clipboard.
    open_and_close(&mut plugin, &parent)?;
    std::thread::sleep(Duration::from_secs(1));
    let files = open_files()?;
    let mut memory = Vec::new();
    for round in rounds(12, 100) {
        open_and_close(&mut plugin, &parent).with_context(|| format!("opening {round}"))?;
        no_files_are_left(files).with_context(|| format!("after opening {round}"))?;
        if round % 10 == 9 {
            drop(plugin);
            plugin = instance(&library)?;
        }
        memory.push(used_memory()?);
    }
    drop(plugin);
    no_files_are_left(files).context("after the plugin was removed")?;
    no_memory_is_left(&memory)
}

#[test]
fn soak_clap_openings_under_dense_automation() -> Result<()> {
    isolated("soak_clap_openings_under_dense_automation", true, openings)
}

/// A window that stays open while sound plays in real time: what it keeps of the last minute is full
/// after a minute, and then memory, descriptors and the work of the process stay what they are.
fn left_open() -> Result<()> {
    /// Seconds until everything that is kept is full.
    const FILLING: usize = 90;
    const PART: usize = 60;
    /// More than the allocator gives and takes, less than a texture.
    const MOST_BYTES: u64 = 2_000_000;
    let library = host::load(&prerequisites::path(prerequisites::CLAP))?;
    let parent = Parent::new()?;
    let mut plugin = instance(&library)?;
    while_playing(&mut plugin, Duration::from_millis(10), |instance| {
        instance.open_window(parent.id())?;
        until("the window draws", PATIENCE, || {
            instance.call_back();
            Ok(draws())
        })?;
        std::thread::sleep(Duration::from_secs(1));
        let files = open_files()?;
        let (mut memory, mut work) = (Vec::new(), Vec::new());
        for second in rounds(3, FILLING + 3 * PART + 60) {
            std::thread::sleep(Duration::from_secs(1));
            instance.call_back();
            let open = open_files()?;
            ensure!(open <= files, "{open} files are open after {second} s, {files} before");
            memory.push(memory_bytes()?);
            work.push(processor_time()?);
        }
        instance.close_window()?;
        let Some(kept) = memory.get(FILLING..).filter(|kept| kept.len() > 3 * PART) else {
            return Ok(());
        };
        let least = |seconds: &[u64]| seconds.iter().copied().min().unwrap_or(0);
        let grown = least(&kept[kept.len() - PART..]).saturating_sub(least(&kept[..PART]));
        let share = |from: usize| {
            let took = work[from + PART].saturating_sub(work[from]);
            100.0 * took.as_secs_f64() / f64::from(u32::try_from(PART).unwrap_or(1))
        };
        println!(
            "{} s open: {} MB, {grown} bytes more than after the first; {:.1} % of a core in the first \
             minute, {:.1} % in the last, playing included",
            kept.len(),
            kept[0] / 1_000_000,
            share(FILLING),
            share(work.len() - PART - 1),
        );
        ensure!(grown < MOST_BYTES, "{grown} bytes more after {} s", kept.len());
        Ok(())
    })
}

/// The processor time that this process has taken.
fn processor_time() -> Result<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Ok(Duration::new(u64::try_from(time.tv_sec)?, u32::try_from(time.tv_nsec)?))
}

#[test]
fn soak_clap_window_left_open_stays_as_it_is() -> Result<()> {
    isolated("soak_clap_window_left_open_stays_as_it_is", true, left_open)
}

/// A host whose main thread is busy elsewhere while it plays: every point of automation would be a task for
/// the main thread, and more than a few blocks of them leave no room for any other.
#[test]
fn a_host_that_calls_back_late_loses_no_task() -> Result<()> {
    isolated("a_host_that_calls_back_late_loses_no_task", false, || {
        let library = host::load(&prerequisites::path(prerequisites::CLAP))?;
        let mut plugin = instance(&library)?;
        for _ in 0..3 {
            under_automation(&mut plugin, |_| {
                std::thread::sleep(Duration::from_secs(1));
                Ok(())
            })?;
            plugin.call_back();
        }
        Ok(())
    })
}
