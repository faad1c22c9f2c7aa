//! Many instances in one process.

use crate::support::{SMALL, delayed, hills, noise, same, until};
use anyhow::{Context, Result, ensure};
use erbium_tests::plugin::{Plugin, Setup};
use erbium_tests::soak;

in_both_formats_alone!(screen: false,
    soak_a_hundred_instances_share_their_bank_and_cost_the_same_each,
    soak_a_thousand_instances_come_and_go_and_leave_nothing,
    a_hundred_instances_play_apart,
);

/// A hundred instances of the default bank: all load and are flat; each after the twentieth costs less than the bank and a
/// window's worth of sound would, as the bank is shared; and all of it is given back.
fn soak_a_hundred_instances_share_their_bank_and_cost_the_same_each<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let input = noise(2, 2_048);
    let round = || -> Result<(u64, u64)> {
        let (mut plugins, mut at) = (Vec::new(), [0; 2]);
        for number in 1..=100 {
            let mut plugin = P::active(&library, Setup::live(), &[])
                .with_context(|| format!("instance {number}"))?;
            let latency_samples = plugin.latency_samples()?;
            delayed(&plugin.play(&input)?, &input, latency_samples, "flat")?;
            plugins.push(plugin);
            match number {
                20 => at[0] = soak::memory_bytes()?,
                100 => at[1] = soak::memory_bytes()?,
                _ => {}
            }
        }
        drop(plugins);
        Ok((at[1].saturating_sub(at[0]) / 80, soak::memory_bytes()?))
    };
    let mut filled = 0;
    for number in soak::rounds(6, 20) {
        let (each, now) = round()?;
        println!("{each} bytes for each instance more, {now} once all are gone");
        ensure!(each < MOST_BYTES_EACH, "{each} bytes for each instance more");
        // The system's allocator fills its pools, more and more slowly: what is left of a round in the
        // last rounds is far less than the hundred instances, which hold 30 MB and more.
        if number == 3 {
            filled = now;
        } else if number > 3 {
            let rounds = u64::try_from(number - 3)?;
            let most = 6_000_000 + 1_000_000 * rounds;
            ensure!(now < filled + most, "{} bytes are left of {rounds} rounds", now - filled);
        }
    }
    Ok(())
}

/// Instances that are made, play and go, one after the other: no memory, no thread and no file of theirs is left.
fn soak_a_thousand_instances_come_and_go_and_leave_nothing<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let input = noise(2, 512);
    let threads = || std::fs::read_dir("/proc/self/task").map(Iterator::count);
    let instance = || -> Result<()> {
        let mut plugin = hills::<P>(&library, Setup::live())?;
        let output = plugin.play(&input)?;
        ensure!(output.iter().flatten().all(|x| x.is_finite()), "it plays no numbers");
        Ok(())
    };
    // Until the system's allocator has filled its pools.
    let count = soak::count(60, 1_000);
    let filling = count / 3;
    (0..filling).try_for_each(|_| instance())?;
    let (memory, files) = (soak::memory_bytes()?, soak::open_files()?);
    let threads_before = threads()?;
    for _ in soak::rounds(count - filling, count - filling) {
        instance()?;
    }
    let grown = soak::memory_bytes()?.saturating_sub(memory);
    println!("{grown} bytes more after {} instances more", count - filling);
    ensure!(grown < MOST_BYTES_LEFT, "{grown} bytes are left");
    ensure!(soak::open_files()? <= files, "files are left open");
    until("the end of all threads", || Ok(threads()? <= threads_before))
}

/// What the pools of the system's allocator may still grow by, in both forms: of hundreds of instances less than a few
/// kilobytes each, where each holds more than 300.
const MOST_BYTES_LEFT: u64 = 3_000_000;

/// What an instance may hold beside the bank that it shares; the bank would be another 1.2 MB or more.
const MOST_BYTES_EACH: u64 = 1_000_000;

/// A hundred instances that play at the same time, with gains of their own: none hears of another.
fn a_hundred_instances_play_apart<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let input = noise(2, 3_000);
    let flat = P::active(&library, Setup::default(), &SMALL)?.play(&input)?;
    let shaped = hills::<P>(&library, Setup::default())?.play(&input)?;
    let mut plugins = Vec::new();
    for number in 0..100 {
        plugins.push(if number % 2 == 0 {
            hills::<P>(&library, Setup::default())?
        } else {
            P::active(&library, Setup::default(), &SMALL)?
        });
    }
    let mut outputs = vec![vec![Vec::new(); 2]; 100];
    for start in (0..3_000).step_by(500) {
        let cut: Vec<_> = input.iter().map(|x| x[start..start + 500].to_vec()).collect();
        for (plugin, output) in plugins.iter_mut().zip(&mut outputs) {
            for (out, played) in output.iter_mut().zip(plugin.play(&cut)?) {
                out.extend(played);
            }
        }
    }
    for (number, output) in outputs.iter().enumerate() {
        let expected = if number % 2 == 0 { &shaped } else { &flat };
        same(output, expected, &format!("instance {number}"))?;
    }
    Ok(())
}
