//! The work on some samples: which bands hear and sound when.

use super::analyse::coefficients;
use super::batch::end_windows;
use super::dense::sound_densely;
use super::meter::{listen, note};
use super::synthesise::{sound, tell};
use super::{Now, Pass};
use crate::stream::sanitize::flush;
use crate::stream::state::Channel;
use crate::stream::timing::GRID;
use pulp::Simd;

/// Turns the input of some channels, in `sounds`, into their change.
#[inline(always)] // Compiled with the caller's vector instructions.
pub(crate) fn play<S: Simd, const C: usize>(
    pass: &mut Pass<'_>,
    simd: S,
    channels: &mut [Channel; C],
    sounds: &mut [[f32; GRID]; C],
) {
    let (plan, chunk) = (pass.plan, pass.chunk);
    for (channel, sound) in channels.iter_mut().zip(&*sounds) {
        channel.hear(simd, plan, &sound[..chunk.many], chunk.ahead, chunk.awake);
    }
    if chunk.working {
        work(pass, simd, channels);
    }
    if chunk.silent {
        sounds.iter_mut().for_each(|sound| sound[..chunk.many].fill(0.0));
    } else {
        tell(simd, channels, plan, sounds, (chunk.ahead, chunk.many));
        sounds.iter_mut().for_each(|sound| flush(&mut sound[..chunk.many]));
    }
}

/// Lets the bands sound whose time it is.
#[inline(always)] // Compiled with the caller's vector instructions.
fn work<S: Simd, const C: usize>(pass: &mut Pass<'_>, simd: S, channels: &mut [Channel; C]) {
    let (plan, chunk) = (pass.plan, pass.chunk);
    let mut moment = pass.moment;
    let end = chunk.ahead + chunk.many;
    for ahead in chunk.ahead..end {
        let now = Now { ahead, told: chunk.ahead, after: end - 1 - ahead };
        for &k in plan.prompt(moment) {
            strike(pass, simd, channels, k, now);
        }
        moment = if moment + 1 == plan.period() { 0 } else { moment + 1 };
    }
    // The moment of the last point of the grid.
    let first = pass.moment + plan.period() * GRID - chunk.ahead;
    if pass.metering && chunk.many < GRID {
        for &k in plan.by_step.iter().chain(&plan.dense.bands) {
            listen(pass, simd, channels, k, (first, chunk.ahead..end));
        }
        if plan.poles.is_some() {
            for &k in plan.by_window.iter().flatten().flat_map(|group| &group.bands) {
                listen(pass, simd, channels, k, (first, chunk.ahead..end));
            }
        }
    }
    if end == GRID {
        for &k in &plan.by_step {
            strike_run(pass, simd, channels, k, first);
        }
        sound_densely(pass, simd, channels);
        end_windows(pass, simd, channels, first);
    }
}

/// Computes a band's coefficient now and lets its change sound.
#[inline(always)] // Compiled with the caller's vector instructions.
fn strike<S: Simd, const C: usize>(
    pass: &mut Pass<'_>,
    simd: S,
    channels: &mut [Channel; C],
    k: usize,
    now: Now,
) {
    let change = pass.gains.change(k, now.ahead);
    if change != 0.0 || pass.metering {
        let heard = coefficients(simd, channels, pass.plan, k, now);
        note(pass, k, heard);
        if change != 0.0 {
            pass.room.run.set(0, changed(pass, k, heard, change));
            pass.room.run.many = 1;
            sound(simd, channels, pass.plan, (k, now), &pass.room.run);
        }
    }
}

/// Computes a band's coefficients in the step that began at this moment, and lets their change
/// sound.
#[inline(always)] // Compiled with the caller's vector instructions.
fn strike_run<S: Simd, const C: usize>(
    pass: &mut Pass<'_>,
    simd: S,
    channels: &mut [Channel; C],
    k: usize,
    moment: usize,
) {
    let band = &pass.plan.bands[k];
    let unity = pass.gains.is_unity(k);
    let listened = !pass.metering || pass.chunk.many < GRID;
    if unity && listened {
        return;
    }
    let wait = band.wait_samples(moment);
    let at = |ahead: usize| Now { ahead, told: pass.chunk.ahead, after: GRID - 1 - ahead };
    let mut many = 0;
    let mut ahead = wait;
    while ahead < GRID {
        let heard = coefficients(simd, channels, pass.plan, k, at(ahead));
        if !listened {
            note(pass, k, heard);
        }
        let changed = changed(pass, k, heard, pass.gains.change(k, ahead));
        pass.room.run.set(many, changed);
        many += 1;
        ahead += band.stride;
    }
    if unity || many == 0 {
        return;
    }
    pass.room.run.many = many;
    if band.sounds_in_pairs() {
        pass.room.run.pair_up::<C>();
    }
    sound(simd, channels, pass.plan, (k, at(wait)), &pass.room.run);
}

/// What a change of gain makes of band `k`'s coefficients.
#[inline(always)] // Compiled with the caller's vector instructions.
fn changed<const C: usize>(
    pass: &Pass<'_>,
    k: usize,
    heard: [[f32; 2]; C],
    change: f32,
) -> [[f32; 2]; C] {
    let turn = pass.plan.bands[k].turn * change;
    let mut turned = heard;
    for [re, im] in &mut turned {
        (*re, *im) = (turn.re * *re - turn.im * *im, turn.re * *im + turn.im * *re);
    }
    turned
}
