//! Synthesis: overlap-adds coefficients to the pending output, and pops the output.

use super::GridPosition;
use crate::stream::plan::{Plan, SubRate, TapLayout};
use crate::stream::simd::{
    CoefficientBlock, LANES, Source, add_real, add_real_folded, add_run, gather,
};
use crate::stream::state::{Channel, SubRateOutput};
use crate::stream::timing::CONTROL_BLOCK;
use pulp::Simd;

/// The output of each channel for the samples last taken in, the first so many after a control tick.
#[inline(always)]
pub(crate) fn pop_output<S: Simd, const C: usize>(
    simd: S,
    channels: &mut [Channel; C],
    plan: &Plan,
    blocks: &mut [[f32; CONTROL_BLOCK]; C],
    (ahead, many): (usize, usize),
) {
    let mut lower = [[0.0; CONTROL_BLOCK]; C];
    for (r, rate) in plan.rates.iter().enumerate() {
        interpolate(
            simd,
            rate,
            channels.each_ref().map(|channel| &channel.output.subrates[r]),
            ahead,
            &mut lower,
        );
        for channel in &mut *channels {
            channel.output.subrates[r].advance(rate, ahead, many);
        }
    }
    for ((channel, block), lower) in channels.iter_mut().zip(blocks).zip(&lower) {
        let block = &mut block[..many];
        block.copy_from_slice(&lower[ahead..ahead + many]);
        channel.output.future.pop_into(block);
        channel.output.future_reversed.pop_into(block);
    }
}

/// Interpolates the output at a lower rate and adds it to each channel's from the last control tick to the
/// next, `emitted` samples of which are output already. Final up to where the lower rate is.
#[inline(always)]
pub(crate) fn interpolate<S: Simd, const C: usize>(
    simd: S,
    rate: &SubRate,
    lower: [&SubRateOutput; C],
    emitted: usize,
    sums: &mut [[f32; CONTROL_BLOCK]; C],
) {
    let mut source = Source { taps: &rate.padded_lowpass, values: [&[]; C] };
    let mut outputs = [(); C].map(|()| Default::default());
    let begin = emitted / LANES * LANES;
    for (c, (output, sum)) in outputs.iter_mut().zip(sums).enumerate() {
        source.values[c] = &lower[c].pending(rate, emitted)[begin >> rate.shift..];
        *output = &mut sum[begin..];
    }
    gather(simd, &[source], (rate.factor(), 1), outputs);
}

/// Overlap-adds a run of coefficients of band `k`, the first of them now, in each channel: already paired up
/// where the band [is paired](crate::stream::plan::BandPlan::is_paired).
#[inline(always)]
pub(crate) fn overlap_add<S: Simd, const C: usize>(
    simd: S,
    channels: &mut [Channel; C],
    plan: &Plan,
    (k, now): (usize, GridPosition),
    run: &CoefficientBlock,
) {
    let band = &plan.bands[k];
    for part in &band.synthesis {
        let taps = &part.taps;
        // Samples already emitted are past: only bands with a deadline, whose duals begin later, come so late.
        let (start, stride) = if let Some(r) = part.rate {
            let rate = &plan.rates[r];
            let start = rate.begun(now.ahead) + taps.near - rate.begun(now.emitted);
            (start, band.stride >> rate.shift())
        } else {
            (now.ahead + taps.near - now.emitted, band.stride)
        };
        let (re, im) = (&taps.re[..], &taps.im[..]);
        match taps.layout {
            TapLayout::Run | TapLayout::RunOfPairs => {
                let stride = if taps.layout == TapLayout::Run { stride } else { 2 * stride };
                let outputs = output_from(channels, part.rate, start);
                add_run(simd, run, stride, (re, im), outputs);
            }
            TapLayout::Whole => {
                for f in 0..run.many {
                    let outputs = output_from(channels, part.rate, start + f * stride);
                    add_real(simd, run.at(f), (re, im), outputs);
                }
            }
            TapLayout::Folded => {
                for f in 0..run.many {
                    let start = start + f * stride;
                    let mut outputs = [(); C].map(|()| Default::default());
                    for (output, channel) in outputs.iter_mut().zip(&mut *channels) {
                        let later = channel.output.future.at_mut(start + taps.far - taps.near);
                        *output =
                            (later, channel.output.future_reversed.at_mut(plan.future - 1 - start));
                    }
                    add_real_folded(simd, run.at(f), (re, im), outputs);
                }
            }
        }
    }
}

/// The future of each channel from a sample on, at a rate.
#[inline(always)]
fn output_from<const C: usize>(
    channels: &mut [Channel; C],
    rate: Option<usize>,
    start: usize,
) -> [&mut [f32]; C] {
    let mut outputs = [(); C].map(|()| Default::default());
    for (output, channel) in outputs.iter_mut().zip(channels) {
        *output = match rate {
            Some(r) => channel.output.subrates[r].future(start),
            None => channel.output.future.at_mut(start),
        };
    }
    outputs
}
