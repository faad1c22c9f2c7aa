//! What the audio thread may not do. Every test in which a host of ours plays fails where it allocates, frees
//! or calls the system; here locks are watched as well, those that are free included.

use crate::support::{SMALL, hills, noise, until};
use anyhow::{Result, ensure};
use erbium_tests::plugin::{Block, Change, Playing, Plugin, Setup};
use erbium_tests::realtime::watch_locks;
use erbium_tests::soak;
use erbium_tests::vst3::Parent;
use std::sync::atomic::Ordering;
use std::time::Duration;

in_both_formats_alone!(screen: true,
    soak_the_audio_thread_takes_no_lock_whatever_it_plays,
    soak_the_audio_thread_takes_no_lock_whatever_the_main_thread_does,
);

const BLOCK_SAMPLES: usize = 256;
/// Blocks between two things that the main thread does.
const BLOCKS: u64 = 50;

fn setup(channels: usize) -> Setup {
    Setup { channels, block_samples: BLOCK_SAMPLES, ..Setup::live() }
}

/// Every parameter that leaves the bank alone, at one end and at the other.
fn ends<P: Plugin>(plugin: &mut P) -> Result<[Vec<Change>; 2]> {
    let gains = (1..=8).map(|k| format!("gain_{k}"));
    let others = ["output", "mix", "bypass", "delta", "gain_match"].map(str::to_owned);
    let mut ends = [Vec::new(), Vec::new()];
    for id in gains.chain(others) {
        let largest = plugin.largest(&id)?;
        for (end, value) in ends.iter_mut().zip([0.0, largest]) {
            end.push(Change { at: 7, id: id.clone(), value });
        }
    }
    Ok(ends)
}

/// States of other banks and latencies.
fn states<P: Plugin>(library: &P::Library) -> Result<Vec<Vec<u8>>> {
    let state = |settings: &[(&str, &str)]| {
        let mut plugin = P::new(library, setup(2))?;
        plugin.set(&SMALL)?;
        plugin.set(settings)?;
        plugin.save()
    };
    [
        &[("bands", "10")][..],
        &[("bands", "9"), ("scale", "Mel"), ("gain_2", "6 dB")],
        &[("kind", "Gammatone")],
        &[("latency", "11 ms")],
        &[],
    ]
    .into_iter()
    .map(state)
    .collect()
}

/// Blocks of every sort on the thread that made the instance, and what else the audio thread is asked for.
fn soak_the_audio_thread_takes_no_lock_whatever_it_plays<P: Plugin>() -> Result<()> {
    watch_locks();
    let library = P::library()?;
    for round in soak::rounds(1, 10) {
        for channels in [2, 1] {
            let mut plugin = hills::<P>(&library, setup(channels))?;
            let input = noise(channels, 600);
            let ends = ends(&mut plugin)?;
            for end in ends.iter().cycle().take(4) {
                plugin.play_cut(&input, &[BLOCK_SAMPLES, 1, 0, 17, 3], end)?;
            }
            let cut: Vec<&[f32]> = input.iter().map(|x| &x[..BLOCK_SAMPLES]).collect();
            for (outputs, in_place) in [(channels, true), (channels - 1, false), (channels, false)]
            {
                plugin.process(Block { input: &cut, outputs, in_place, changes: &ends[0] })?;
            }
            plugin.flush(&ends[1])?;
            plugin.sleep_and_wake()?;
            plugin.jump(123_456);
            plugin.reset()?;
            plugin.play(&input)?;
            // A bank that is asked for in the middle of it.
            let bands = plugin.changes(0, &[("bands", if round % 2 == 0 { "12" } else { "9" })])?;
            plugin.play_cut(&input, &[BLOCK_SAMPLES], &bands)?;
            for _ in 0..10 {
                std::thread::sleep(Duration::from_millis(20));
                plugin.play(&input)?;
            }
        }
    }
    Ok(())
}

/// Plays on a thread of the host's while the main thread loads states, which bring other banks and latencies, opens the
/// window, serves it and closes it.
fn soak_the_audio_thread_takes_no_lock_whatever_the_main_thread_does<P: Plugin>() -> Result<()> {
    watch_locks();
    let library = P::library()?;
    let parent = Parent::new()?;
    let states = states::<P>(&library)?;
    for round in soak::rounds(1, 10) {
        let channels = 2 - round % 2;
        let mut plugin = hills::<P>(&library, setup(channels))?;
        let playing = Playing { changes: ends(&mut plugin)?, ..Playing::default() };
        let on = |what: &str| {
            let before = playing.blocks.load(Ordering::SeqCst);
            until(what, || {
                std::thread::sleep(Duration::from_millis(2));
                Ok(playing.blocks.load(Ordering::SeqCst) >= before + BLOCKS)
            })
        };
        plugin.play_beside(&noise(channels, BLOCK_SAMPLES), &playing, |plugin| {
            on("the first blocks")?;
            for state in &states {
                plugin.load(state)?;
                // As long as a bank takes.
                std::thread::sleep(Duration::from_millis(100));
                on("blocks after a state")?;
                plugin.save()?;
            }
            for _ in 0..2 {
                plugin.with_window(&parent, |plugin, serve| {
                    serve(Duration::from_millis(400))?;
                    for state in states.iter().rev() {
                        plugin.load(state)?;
                        serve(Duration::from_millis(100))?;
                        on("blocks under the window")?;
                    }
                    Ok(())
                })?;
                on("blocks after the window")?;
            }
            Ok(())
        })?;
        let blocks = playing.blocks.load(Ordering::SeqCst);
        println!("{blocks} blocks");
        ensure!(blocks > BLOCKS * 15, "{blocks} blocks");
    }
    Ok(())
}
