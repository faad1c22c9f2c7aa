//! Many instances in one process.

use crate::support::{SMALL, delayed, hills, noise, same};
use anyhow::{Context, Result, ensure};
use erbium_tests::plugin::{Plugin, Setup};
use erbium_tests::soak;

in_both_formats_alone!(screen: false,
    soak_a_hundred_instances_share_their_bank_and_cost_the_same_each,
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
