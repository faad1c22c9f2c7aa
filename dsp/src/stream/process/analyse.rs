//! Analysis: a band's coefficients, from the history of the input.

use super::GridPosition;
use crate::stream::plan::{Part, Plan, TapLayout};
use crate::stream::simd::{correlate, correlate_folded};
use crate::stream::state::Channel;
use pulp::Simd;

/// Band `k`'s coefficient now in each channel.
#[inline(always)]
pub(crate) fn coefficients<S: Simd, const C: usize>(
    simd: S,
    channels: &[Channel; C],
    plan: &Plan,
    k: usize,
    now: GridPosition,
) -> [[f32; 2]; C] {
    let mut found = [[0.0; 2]; C];
    for c in 0..C {
        if let (Some(cascade), Some(coefs)) = (&channels[c].cascade, &plan.gammatone) {
            found[c] = cascade.output::<S>(coefs, now.ahead, k);
        }
    }
    for part in &plan.bands[k].analysis {
        let sums = correlate_part(simd, channels, plan, part, now);
        for c in 0..C {
            found[c] = [found[c][0] + sums[c][0], found[c][1] + sums[c][1]];
        }
    }
    found
}

/// The correlation of a part of a kernel with each channel's history now.
#[inline(always)]
fn correlate_part<S: Simd, const C: usize>(
    simd: S,
    channels: &[Channel; C],
    plan: &Plan,
    part: &Part,
    now: GridPosition,
) -> [[f32; 2]; C] {
    let taps = &part.taps;
    let mut older: [&[f32]; C] = [&[]; C];
    if let Some(r) = part.rate {
        let rate = &plan.rates[r];
        let since = rate.last(now.ahead + now.after) - rate.last(now.ahead);
        for c in 0..C {
            older[c] = channels[c].subrates[r].past_reversed.at(since + taps.near);
        }
    } else {
        for c in 0..C {
            older[c] = channels[c].past_reversed.at(now.after + taps.far);
        }
    }
    if taps.layout != TapLayout::Folded {
        return correlate(simd, older, (&taps.re, &taps.im));
    }
    let newest = plan.history - 1 - now.after;
    let mut newer: [&[f32]; C] = [&[]; C];
    for c in 0..C {
        newer[c] = channels[c].past.at(newest - taps.near);
    }
    correlate_folded(simd, older, newer, (&taps.re, &taps.im))
}
