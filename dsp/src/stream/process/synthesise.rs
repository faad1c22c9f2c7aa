//! Synthesis: what coefficients sound, and what of it goes out.

use super::Now;
use crate::stream::plan::{Form, Plan, Rate};
use crate::stream::simd::{LANES, Run, Source, add_real, add_real_folded, add_run, gather};
use crate::stream::state::{Channel, Lower};
use crate::stream::timing::GRID;
use pulp::Simd;

/// The output of each channel for the samples last taken in, the first so many after a point of the grid.
#[inline(always)] // Compiled with the caller's vector instructions.
pub(crate) fn tell<S: Simd, const C: usize>(
    simd: S,
    channels: &mut [Channel; C],
    plan: &Plan,
    sounds: &mut [[f32; GRID]; C],
    (ahead, many): (usize, usize),
) {
    let mut lower = [[0.0; GRID]; C];
    for (r, rate) in plan.rates.iter().enumerate() {
        interpolate(
            simd,
            rate,
            channels.each_ref().map(|channel| &channel.lower[r]),
            ahead,
            &mut lower,
        );
        for channel in &mut *channels {
            channel.lower[r].pass(rate, ahead, many);
        }
    }
    for ((channel, sound), lower) in channels.iter_mut().zip(sounds).zip(&lower) {
        let sound = &mut sound[..many];
        sound.copy_from_slice(&lower[ahead..ahead + many]);
        channel.later.add_oldest(sound);
        channel.sooner.add_oldest(sound);
    }
}

/// Adds what sounds at a lower rate to what each channel tells from the last point of the grid to the next,
/// so many samples of which have been told: right as far as what sounds is there.
#[inline(always)] // Compiled with the caller's vector instructions.
pub(crate) fn interpolate<S: Simd, const C: usize>(
    simd: S,
    rate: &Rate,
    lower: [&Lower; C],
    told: usize,
    sums: &mut [[f32; GRID]; C],
) {
    let mut source = Source { taps: &rate.sounding, values: [&[]; C] };
    let mut outputs = [(); C].map(|()| Default::default());
    let begin = told / LANES * LANES;
    for (c, (output, sum)) in outputs.iter_mut().zip(sums).enumerate() {
        source.values[c] = &lower[c].told(rate, told)[begin >> rate.shift..];
        *output = &mut sum[begin..];
    }
    gather(simd, &[source], (rate.factor(), 1), outputs);
}

/// Lets a run of coefficients of band `k`, the first of them now, sound in each channel: already paired up
/// where the band sounds in pairs. Doing so here would make this slower for all others.
#[inline(always)] // Compiled with the caller's vector instructions.
pub(crate) fn sound<S: Simd, const C: usize>(
    simd: S,
    channels: &mut [Channel; C],
    plan: &Plan,
    (k, now): (usize, Now),
    run: &Run,
) {
    let band = &plan.bands[k];
    for part in &band.synthesis {
        let taps = &part.taps;
        // What is told already is over: only patient bands come so late.
        let (start, stride) = if let Some(r) = part.rate {
            let rate = &plan.rates[r];
            let start = rate.begun(now.ahead) + taps.near - rate.begun(now.told);
            (start, band.stride >> rate.shift())
        } else {
            (now.ahead + taps.near - now.told, band.stride)
        };
        let (re, im) = (&taps.re[..], &taps.im[..]);
        match taps.form {
            Form::Run | Form::RunOfPairs => {
                let stride = if taps.form == Form::Run { stride } else { 2 * stride };
                let outputs = later(channels, part.rate, start);
                add_run(simd, run, stride, (re, im), outputs);
            }
            Form::Whole => {
                for f in 0..run.many {
                    let outputs = later(channels, part.rate, start + f * stride);
                    add_real(simd, run.at(f), (re, im), outputs);
                }
            }
            Form::Folded => {
                for f in 0..run.many {
                    let start = start + f * stride;
                    let mut outputs = [(); C].map(|()| Default::default());
                    for (output, channel) in outputs.iter_mut().zip(&mut *channels) {
                        let later = channel.later.at_mut(start + taps.far - taps.near);
                        *output = (later, channel.sooner.at_mut(plan.future - 1 - start));
                    }
                    add_real_folded(simd, run.at(f), (re, im), outputs);
                }
            }
        }
    }
}

/// The future of each channel from a sample on, at a rate.
#[inline(always)] // Compiled with the caller's vector instructions.
fn later<const C: usize>(
    channels: &mut [Channel; C],
    rate: Option<usize>,
    start: usize,
) -> [&mut [f32]; C] {
    let mut outputs = [(); C].map(|()| Default::default());
    for (output, channel) in outputs.iter_mut().zip(channels) {
        *output = match rate {
            Some(r) => channel.lower[r].future(start),
            None => channel.later.at_mut(start),
        };
    }
    outputs
}
