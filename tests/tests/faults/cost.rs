//! Numbers that are slow to compute with never reach the filters.

use crate::support::{HILLS_DB, SMALL, noise, same, silence};
use anyhow::{Result, ensure};
use erbium_tests::plugin::{Plugin, Setup};
use erbium_tests::underflow::take_underflow;
use erbium_tests::{signal, soak};
use std::time::Instant;

in_both_formats!(soak_subnormal_sound_is_silence_to_the_bands,);

/// Subnormal noise is silence: nothing comes out, with every gain moved as in bypass, and the processor notes not one result
/// too small for a normal number, in the filters, their states or the mix, at any time once the sound before has ended.
/// The time that it takes beside noise is printed.
fn soak_subnormal_sound_is_silence_to_the_bands<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    for kind in ["ISAC", "Gammatone"] {
        let mut plugin = P::new(&library, Setup::default())?;
        plugin.set(&SMALL)?;
        plugin.set(&[("kind", kind)])?;
        plugin.set_gains_db(&HILLS_DB)?;
        plugin.activate()?;
        let loud = noise(2, 48_000);
        let faint: Vec<Vec<f32>> =
            loud.iter().map(|x| x.iter().map(|x| x * f32::MIN_POSITIVE).collect()).collect();
        ensure!(faint.iter().flatten().all(|x| *x == 0.0 || x.is_subnormal()), "no such noise");
        let start = Instant::now();
        for _ in 0..soak::count(1, 60) {
            plugin.play(&loud)?;
        }
        let loud_seconds = start.elapsed().as_secs_f64();
        // What is left of the loud sound, over the faint one, is gone within the tail.
        plugin.play(&faint)?;
        ensure!(plugin.tail_samples()? < 40_000, "too long a tail");
        let _ = take_underflow();
        let start = Instant::now();
        for _ in 0..soak::count(1, 60) {
            same(&plugin.play(&faint)?, &silence(2, 48_000), kind)?;
        }
        let faint_seconds = start.elapsed().as_secs_f64();
        ensure!(take_underflow() != Some(true), "{kind}: numbers too small were computed with");
        println!("{kind}: {:.2} times the time of noise", faint_seconds / loud_seconds);
        plugin.set(&[("bypass", "on")])?;
        plugin.play(&faint)?;
        same(&plugin.play(&faint)?, &silence(2, 48_000), "bypass")?;
        plugin.play(&silence(2, 48_000))?;
        ensure!(signal::peak(&plugin.play(&silence(2, 4_800))?[0]) == 0.0, "{kind}: no silence");
    }
    Ok(())
}
