//! Windows: all that a band hears in several steps of the grid, worked out at once.
//!
//! Kernels hear a run of coefficients with a coefficient in each lane, for which the group's samples are
//! sorted once ([`Polyphase`](crate::stream::simd::Polyphase)). What recursive filters tell is collected step
//! by step.

use super::synthesise::sound;
use super::{Now, Pass};
use crate::stream::plan::{Form, Group};
use crate::stream::simd::{correlate_run, correlate_run_folded};
use crate::stream::state::{Channel, Room};
use crate::stream::timing::{GRID, STEPS, WINDOW};
use pulp::Simd;

/// At the end of a step, which began at this moment: ends the windows that end with it.
#[inline(always)] // Compiled with the caller's vector instructions.
pub(crate) fn end_windows<S: Simd, const C: usize>(
    pass: &mut Pass<'_>,
    simd: S,
    channels: &mut [Channel; C],
    moment: usize,
) {
    let plan = pass.plan;
    if plan.poles.is_some() {
        collect::<S, C>(pass, channels, moment);
    }
    let first = moment + plan.period() * WINDOW - (WINDOW - GRID);
    for group in &plan.by_window[pass.chunk.step] {
        if plan.poles.is_some() {
            for &k in &group.bands {
                end_collected(pass, simd, channels, k, first);
            }
        } else if pass.metering || group.bands.iter().any(|&k| !pass.gains.unity_lately(k)) {
            for (samples, channel) in pass.room.samples.iter_mut().zip(&*channels) {
                samples.fill(channel.heard_by(plan, group), group.stride);
            }
            for &k in &group.bands {
                end_heard(pass, simd, channels, (group, k), first);
            }
        }
    }
}

/// Computes a band's coefficients in a window that began at this moment, and lets their change
/// sound.
#[inline(always)] // Compiled with the caller's vector instructions.
fn end_heard<S: Simd, const C: usize>(
    pass: &mut Pass<'_>,
    simd: S,
    channels: &mut [Channel; C],
    (group, k): (&Group, usize),
    moment: usize,
) {
    let band = &pass.plan.bands[k];
    let unity = pass.gains.unity_lately(k);
    if unity && !pass.metering {
        return;
    }
    let wait = band.wait_samples(moment);
    let many = (WINDOW - wait).div_ceil(band.stride);
    let Some(sorted) = &band.sorted else { return };
    let taps = &band.analysis[0].taps;
    // From the newest sample to the one now.
    let since = group.rate.map_or(WINDOW - 1 - wait, |r| {
        pass.plan.rates[r].last(WINDOW - 1) - pass.plan.rates[r].last(wait)
    });
    let now = group.unheard + group.heard - 1 - since;
    let at = at(pass, wait);
    let Room { samples, run, changes } = &mut *pass.room;
    run.many = many;
    let mut heard = [(); C].map(|()| (&mut [][..], &mut [][..]));
    for (heard, (re, im)) in heard.iter_mut().zip(run.re.iter_mut().zip(&mut run.im)) {
        *heard = (re, im);
    }
    let mut of = [&samples[0]; C];
    for c in 0..C {
        of[c] = &samples[c];
    }
    if taps.form == Form::Folded {
        let starts = (now - taps.far, now - taps.near);
        correlate_run_folded(simd, of, starts, sorted, many, heard);
    } else {
        correlate_run(simd, of, now - taps.near, sorted, many, heard);
    }
    if pass.metering {
        // Those before levels were last taken have been listened to.
        let ago = |f: usize| WINDOW - wait - f * band.stride;
        let new = (0..many).find(|&f| ago(f) <= pass.unheard).unwrap_or(many);
        for c in 0..C {
            for (re, im) in run.re[c][new..many].iter().zip(&run.im[c][new..many]) {
                pass.peaks[k] = pass.peaks[k].max(re * re + im * im);
            }
        }
    }
    if unity {
        return;
    }
    pass.gains.changes(k, (wait, band.stride), &mut changes[..many]);
    for c in 0..C {
        let parts = run.re[c][..many].iter_mut().zip(&mut run.im[c][..many]);
        for ((re, im), change) in parts.zip(&*changes) {
            let (a, b) = (*re * change, *im * change);
            *re = band.turn.re * a - band.turn.im * b;
            *im = band.turn.re * b + band.turn.im * a;
        }
    }
    sound(simd, channels, pass.plan, (k, at), run);
}

/// Takes in what recursive filters have told in a step that began at this moment.
#[inline(always)] // Compiled with the caller's vector instructions.
fn collect<S: Simd, const C: usize>(
    pass: &mut Pass<'_>,
    channels: &mut [Channel; C],
    moment: usize,
) {
    let plan = pass.plan;
    for (last, groups) in plan.by_window.iter().enumerate() {
        // Samples of the window before this step.
        let before = (pass.chunk.step + STEPS - 1 - last) % STEPS * GRID;
        let first = moment + plan.period() * WINDOW - before;
        for &k in groups.iter().flat_map(|group| &group.bands) {
            let band = &plan.bands[k];
            let wait = band.wait_samples(moment);
            let unity = pass.gains.is_unity(k);
            if wait >= GRID || (unity && !pass.metering) {
                continue;
            }
            let many = (GRID - wait).div_ceil(band.stride);
            let nth = (before + wait - band.wait_samples(first)) / band.stride;
            let changes = &mut pass.room.changes[..many];
            pass.gains.changes_now(k, (wait, band.stride), changes);
            for channel in &mut *channels {
                let (Some(cascade), collected) = (&channel.cascade, &mut channel.collected[k])
                else {
                    continue;
                };
                let (re, im) = collected.next(nth, many);
                cascade.outputs::<S>(k, (wait, band.stride), (re, im));
                if pass.metering && pass.chunk.many == GRID {
                    for (re, im) in re.iter().zip(&*im) {
                        pass.peaks[k] = pass.peaks[k].max(re * re + im * im);
                    }
                }
                for ((re, im), change) in re.iter_mut().zip(im).zip(&*changes) {
                    (*re, *im) = (*re * change, *im * change);
                }
            }
        }
    }
}

/// Lets a band sound that has collected a window's coefficients; it began at this moment.
#[inline(always)] // Compiled with the caller's vector instructions.
fn end_collected<S: Simd, const C: usize>(
    pass: &mut Pass<'_>,
    simd: S,
    channels: &mut [Channel; C],
    k: usize,
    moment: usize,
) {
    if channels[0].collected[k].many == 0 {
        return;
    }
    let band = &pass.plan.bands[k];
    let wait = band.wait_samples(moment);
    let many = (WINDOW - wait).div_ceil(band.stride);
    let at = at(pass, wait);
    let Some(turns) = band.turns(wait) else { return };
    let run = &mut pass.room.run;
    run.many = many;
    for (c, channel) in channels.iter_mut().enumerate() {
        let collected = &mut channel.collected[k];
        collected.skip_to(many);
        collected.many = 0;
        let told = collected.re[..many].iter().zip(&collected.im[..many]);
        let turns = turns.re[..many].iter().zip(&turns.im[..many]);
        for (((re, im), (a, b)), (turn_re, turn_im)) in
            run.re[c][..many].iter_mut().zip(&mut run.im[c][..many]).zip(told).zip(turns)
        {
            (*re, *im) = (a * turn_re - b * turn_im, a * turn_im + b * turn_re);
        }
    }
    if band.sounds_in_pairs() {
        run.pair_up::<C>();
    }
    sound(simd, channels, pass.plan, (k, at), run);
}

/// A sample of the window that ends now.
#[inline(always)] // Compiled with the caller's vector instructions.
const fn at(pass: &Pass<'_>, ahead: usize) -> Now {
    Now { ahead, told: WINDOW - pass.chunk.many, after: WINDOW - 1 - ahead }
}
