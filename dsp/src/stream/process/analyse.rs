//! Analysis: a band's coefficients, from what channels have heard.

use super::Now;
use crate::stream::plan::{Form, Part, Plan};
use crate::stream::simd::{correlate, correlate_folded};
use crate::stream::state::Channel;
use pulp::Simd;

/// Band `k`'s coefficient now in each channel.
#[inline(always)] // Compiled with the caller's vector instructions.
pub(crate) fn coefficients<S: Simd, const C: usize>(
    simd: S,
    channels: &[Channel; C],
    plan: &Plan,
    k: usize,
    now: Now,
) -> [[f32; 2]; C] {
    let mut found = [[0.0; 2]; C];
    for c in 0..C {
        if let (Some(cascade), Some(poles)) = (&channels[c].cascade, &plan.poles) {
            found[c] = cascade.output::<S>(poles, now.ahead, k);
        }
    }
    for part in &plan.bands[k].analysis {
        let heard = heard(simd, channels, plan, part, now);
        for c in 0..C {
            found[c] = [found[c][0] + heard[c][0], found[c][1] + heard[c][1]];
        }
    }
    found
}

/// What a part of a kernel hears now of each channel.
#[inline(always)] // Compiled with the caller's vector instructions.
fn heard<S: Simd, const C: usize>(
    simd: S,
    channels: &[Channel; C],
    plan: &Plan,
    part: &Part,
    now: Now,
) -> [[f32; 2]; C] {
    let taps = &part.taps;
    let mut older: [&[f32]; C] = [&[]; C];
    if let Some(r) = part.rate {
        let rate = &plan.rates[r];
        let since = rate.last(now.ahead + now.after) - rate.last(now.ahead);
        for c in 0..C {
            older[c] = channels[c].lower[r].heard.at(since + taps.near);
        }
    } else {
        for c in 0..C {
            older[c] = channels[c].older.at(now.after + taps.far);
        }
    }
    if taps.form != Form::Folded {
        return correlate(simd, older, (&taps.re, &taps.im));
    }
    let newest = plan.past - 1 - now.after;
    let mut newer: [&[f32]; C] = [&[]; C];
    for c in 0..C {
        newer[c] = channels[c].newer.at(newest - taps.near);
    }
    correlate_folded(simd, older, newer, (&taps.re, &taps.im))
}
