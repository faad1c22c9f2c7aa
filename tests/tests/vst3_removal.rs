//! The built VST3 in a host of ours: instances that come and go, and a host that restarts at once.

use anyhow::{Result, ensure};
use erbium_tests::isolated::isolated;
use erbium_tests::prerequisites;
use erbium_tests::soak::rounds;
use erbium_tests::vst3::{Instance, Mode, Module, Point, Setup, latency_changed, parameter};
use std::time::{Duration, Instant};

/// Far longer than any bank takes to design, even in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const REALTIME: Setup =
    Setup { sample_rate_hz: 48_000.0, block_samples: 512, channels: 2, mode: Mode::Realtime };

fn module() -> Result<Module> {
    Module::load(&prerequisites::path(prerequisites::VST3))
}

/// Every gain at 60 places of a block, never at the value before.
fn dense(block: usize) -> Vec<Point> {
    let point = |lane: u32, k: u32| Point {
        parameter: parameter(&format!("gain_{lane}")),
        offset: i32::try_from(8 * k).unwrap_or(0),
        value: f64::from((k + 3 * u32::try_from(block).unwrap_or(0)) % 60) / 60.0,
    };
    (1..=64).flat_map(|lane| (0..60).map(move |k| point(lane, k))).collect()
}

/// Plays on a thread of its own until the host is told of another latency.
fn await_latency_change_from_audio_thread(instance: &Instance, text: &str) -> Result<()> {
    drop(instance.take_restarts());
    let value = instance.parse("latency", text)?;
    let points = [Point { parameter: parameter("latency"), offset: 0, value }];
    let block = vec![vec![0.0; 512]; 2];
    let deadline = Instant::now() + PATIENCE;
    loop {
        std::thread::scope(|scope| {
            let audio = scope.spawn(|| instance.play_block(&block, &points).map(drop));
            audio.join().unwrap_or_else(|_| Err(anyhow::anyhow!("the audio thread panicked")))
        })?;
        if instance.take_restarts().iter().any(|(flags, _)| latency_changed(*flags)) {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "{text}: the host is not told");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn soak_vst3_removal_leaves_the_other_instances_at_work() -> Result<()> {
    isolated("soak_vst3_removal_leaves_the_other_instances_at_work", false, || {
        let module = module()?;
        let stays = Instance::started(&module, REALTIME)?;
        for round in rounds(12, 200) {
            let goes = Instance::started(&module, REALTIME)?;
            // It goes right after thousands of changes, and with a new latency on its way.
            goes.set_text("latency", ["2 ms", "11 ms", "8 ms"][round % 3])?;
            std::thread::scope(|scope| {
                let audio = scope.spawn(|| -> Result<()> {
                    for block in 0..round % 5 + 1 {
                        goes.play_block(&vec![vec![0.0; 512]; 2], &dense(block))?;
                    }
                    Ok(())
                });
                audio.join().unwrap_or_else(|_| Err(anyhow::anyhow!("the audio thread panicked")))
            })?;
            drop(goes);
            await_latency_change_from_audio_thread(&stays, ["8 ms", "16 ms"][round % 2])?;
        }
        Ok(())
    })
}

#[test]
fn a_host_may_restart_it_before_the_request_returns() -> Result<()> {
    isolated("a_host_may_restart_it_before_the_request_returns", false, || {
        let instance = Instance::started(&module()?, Setup { mode: Mode::Offline, ..REALTIME })?;
        instance.restart_synchronously();
        for text in ["8 ms", "43 ms", "2 ms"] {
            drop(instance.take_restarts());
            instance.set_text("latency", text)?;
            // On the thread that made the instance, as hosts do that render there.
            let start = Instant::now();
            while instance.take_restarts().is_empty() {
                ensure!(start.elapsed() < PATIENCE, "{text}: the host is not told");
                instance.play_block(&vec![vec![0.0; 512]; 2], &[])?;
            }
            ensure!(!instance.refused_to_restart(), "{text}: it does not come back");
            let mut impulse = vec![vec![0.0; 8_192]; 2];
            impulse[0][0] = 1.0;
            let output = instance.play(&impulse)?;
            let peak = erbium_tests::signal::peak_index(&output[0]);
            ensure!(peak == instance.latency_samples()?, "{text}: {peak} samples late");
        }
        Ok(())
    })
}

#[test]
fn it_can_be_removed_while_the_host_is_told() -> Result<()> {
    isolated("it_can_be_removed_while_the_host_is_told", false, || {
        let module = module()?;
        for text in ["8 ms", "43 ms", "2 ms"] {
            let instance = Instance::started(&module, REALTIME)?;
            let is_told = instance.delay_restarts();
            await_latency_change_from_audio_thread(&instance, text)?;
            ensure!(is_told(), "{text}: the host was told before it could be removed");
            drop(instance);
            // Its library may be unloaded now: no thread of it may be at work for it any more.
            ensure!(!is_told(), "{text}: a thread of it outlives it");
        }
        Ok(())
    })
}
