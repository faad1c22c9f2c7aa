//! Sounds that are none, or extreme: what comes out is finite, in time, and ends.

use crate::support::{HILLS_DB, SMALL, hills, noise, same, silence};
use anyhow::{Result, ensure};
use erbium_tests::plugin::{Plugin, Setup};
use erbium_tests::signal;

in_both_formats!(
    samples_that_are_no_sound_are_gone_within_the_tail_and_stay_in_their_channel,
    a_very_loud_sound_stays_bounded_and_is_forgotten,
    silence_after_a_loud_sound_is_exact_zero_within_the_tail_reported,
    an_impulse_sounds_the_same_wherever_it_comes,
    steady_tones_at_both_ends_stay_steady,
    all_gains_at_their_ends_and_alternating_stay_bounded_and_as_drawn,
);

/// One NaN, infinity or number beyond all sound, on one channel: everything that comes out is finite, the channel is
/// as if nothing had been after the tail that the plugin reports, and the other one all the time, bit for bit.
fn samples_that_are_no_sound_are_gone_within_the_tail_and_stay_in_their_channel<P: Plugin>()
-> Result<()> {
    let library = P::library()?;
    let clean = noise(2, 12_000);
    let expected = hills::<P>(&library, Setup::default())?.play(&clean)?;
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e38, -f32::MAX] {
        let mut plugin = hills::<P>(&library, Setup::default())?;
        let mut input = clean.clone();
        input[0][4_000] = bad;
        let output = plugin.play(&input)?;
        ensure!(output.iter().flatten().all(|x| x.is_finite()), "{bad} comes out");
        same(&output[1..], &expected[1..], &format!("{bad}, the other channel"))?;
        let after = 4_001 + plugin.tail_samples()?;
        let rest = |x: &[Vec<f32>]| vec![x[0][after..].to_vec()];
        same(&rest(&output), &rest(&expected), &format!("after {bad}"))?;
    }
    Ok(())
}

/// Noise of +48 dB and of +200 dB comes out no louder than the loudest gain makes it, and is gone within the tail.
fn a_very_loud_sound_stays_bounded_and_is_forgotten<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let clean = noise(2, 12_000);
    let expected = hills::<P>(&library, Setup::default())?.play(&clean)?;
    for gain in [251.0_f32, 1e10] {
        let mut plugin = hills::<P>(&library, Setup::default())?;
        let mut input = clean.clone();
        input.iter_mut().for_each(|x| x[3_000..3_500].iter_mut().for_each(|x| *x *= gain));
        let output = plugin.play(&input)?;
        let (peak, most) = (signal::peak(&output[0]), 0.5 * gain);
        // No band has more than 12 dB, which is 4; sums of bands at their worst phases twice that.
        ensure!(peak.is_finite() && peak < 8.0 * most, "a peak of {peak} from {most}");
        let after = 3_500 + plugin.tail_samples()?;
        let apart_db = signal::difference_db(&output[0][after..], &expected[0][after..]);
        ensure!(apart_db < -120.0, "{apart_db:.1} dB are left of {gain}");
    }
    Ok(())
}

/// After full-scale noise and then silence the output is exactly zero once as many samples have passed as the plugin
/// reports as its tail; not before the latency.
fn silence_after_a_loud_sound_is_exact_zero_within_the_tail_reported<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    for kind in ["ISAC", "Gammatone"] {
        let mut plugin = P::new(&library, Setup::default())?;
        plugin.set(&SMALL)?;
        plugin.set(&[("kind", kind)])?;
        plugin.set_gains_db(&HILLS_DB)?;
        plugin.activate()?;
        let mut loud = noise(2, 9_000);
        loud.iter_mut().flatten().for_each(|x| *x *= 2.0);
        plugin.play(&loud)?;
        let tail_samples = plugin.tail_samples()?;
        ensure!(tail_samples >= plugin.latency_samples()?, "{kind}: a tail of {tail_samples}");
        ensure!(tail_samples < 48_000, "{kind}: a tail of {tail_samples}");
        let output = plugin.play(&silence(2, tail_samples + 9_000))?;
        ensure!(signal::peak(&output[0][..100]) > 0.01, "{kind}: it ends at once");
        for output in &output {
            let last = output.iter().rposition(|x| *x != 0.0).map_or(0, |n| n + 1);
            ensure!(last <= tail_samples, "{kind}: {last} samples of a tail of {tail_samples}");
        }
    }
    Ok(())
}

/// An impulse comes out the same, only later, at each of 64 offsets: strides differ by band, so that what is left is
/// alias, which the smallest bank of Eco keeps to -75 dB of the loudest gain, and two of them differ by twice that.
fn an_impulse_sounds_the_same_wherever_it_comes<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let mut plugin = hills::<P>(&library, Setup { channels: 1, ..Setup::default() })?;
    let mut responses = Vec::new();
    for offset in 0..64 {
        plugin.reset()?;
        let mut input = vec![0.0; 4_000];
        input[1_000 + offset] = 1.0;
        let output = plugin.play(&[input])?.swap_remove(0);
        responses.push(output[offset..offset + 3_900].to_vec());
    }
    let loudest_db = HILLS_DB.into_iter().fold(0.0, f64::max);
    for (offset, response) in responses.iter().enumerate() {
        let difference: Vec<f32> = response.iter().zip(&responses[0]).map(|(a, b)| a - b).collect();
        let energy = |x: &[f32]| x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
        let apart_db = signal::db(energy(&difference));
        ensure!(apart_db < loudest_db - 75.0 + 6.0, "offset {offset}: {apart_db:.1} dB");
    }
    ensure!(signal::peak(&responses[0]) > 0.5, "no impulse comes out");
    Ok(())
}

/// A constant and a tone at half the rate come out as steady as they went in, to the alias of the bank.
fn steady_tones_at_both_ends_stay_steady<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    for sign in [1.0, -1.0_f32] {
        let mut plugin = hills::<P>(&library, Setup { channels: 1, ..Setup::default() })?;
        let mut level = -0.25;
        let tone: Vec<f32> = std::iter::repeat_with(|| {
            level *= sign;
            level
        })
        .take(12_000)
        .collect();
        let output = plugin.play(std::slice::from_ref(&tone))?.swap_remove(0);
        let steady: Vec<f32> =
            output[6_000..].iter().zip(&tone[6_000..]).map(|(y, x)| y / x).collect();
        let mean = steady.iter().map(|x| f64::from(*x)).sum::<f64>() / signal::index(steady.len());
        let most = steady.iter().map(|x| (f64::from(*x) - mean).abs()).fold(0.0, f64::max);
        ensure!(mean.abs() < 4.0 && mean.is_finite(), "a gain of {mean}");
        // The worst alias of this bank, under its loudest gain of 12 dB; peaks of up to 8 bands add.
        ensure!(most < 4.0 * 8.0 * 1.8e-4, "it wavers by {most} around {mean}");
    }
    Ok(())
}

/// All gains off leave less than -75 dB; all at +24 dB and at -24 dB are that; and +24 dB beside -60 dB in turn is
/// finite, and no louder than +24 dB, but for what the bands add up to in between.
fn all_gains_at_their_ends_and_alternating_stay_bounded_and_as_drawn<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let input = noise(2, 24_000);
    let played_db = |gains_db: &[f64]| -> Result<(f64, f32)> {
        let mut plugin = P::new(&library, Setup::default())?;
        plugin.set(&SMALL)?;
        plugin.set_gains_db(gains_db)?;
        plugin.activate()?;
        let output = plugin.play(&input)?;
        ensure!(output.iter().flatten().all(|x| x.is_finite()), "{gains_db:?}: no numbers");
        let level = |x: &[f32]| signal::rms(&x[12_000..]);
        Ok((signal::db(level(&output[0]) / level(&input[0])), signal::peak(&output[0])))
    };
    let (off_db, _) = played_db(&[-60.0; 8])?;
    ensure!(off_db < -75.0, "{off_db:.1} dB are left of nothing");
    for gain_db in [24.0, -24.0] {
        let (heard_db, _) = played_db(&[gain_db; 8])?;
        ensure!((heard_db - gain_db).abs() < 0.1, "{heard_db:.2} dB for {gain_db}");
    }
    for odd in [0, 1] {
        let gains: Vec<f64> = (0..8).map(|k| if k % 2 == odd { 24.0 } else { -60.0 }).collect();
        let (heard_db, peak) = played_db(&gains)?;
        ensure!((0.0..24.0).contains(&heard_db), "{gains:?}: {heard_db:.2} dB");
        ensure!(peak < 4.0 * 15.9, "{gains:?}: a peak of {peak}");
    }
    Ok(())
}
