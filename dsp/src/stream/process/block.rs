//! The work on a sub-block: which bands are analysed and synthesised when.

use super::analyse::coefficients;
use super::batch::end_batches;
use super::dense::process_dense;
use super::dynamics::{push_power, update_block_gains};
use super::meter::{meter_band, update_peak};
use super::synthesise::{overlap_add, pop_output};
use super::{BlockContext, GridPosition};
use crate::cast::{real, single};
use crate::stream::sanitize::flush;
use crate::stream::state::Channel;
use crate::stream::timing::CONTROL_BLOCK;
use pulp::Simd;

/// Replaces the input of some channels, in `blocks`, by their change.
#[inline(always)]
pub(crate) fn process_block<S: Simd, const C: usize>(
    context: &mut BlockContext<'_>,
    simd: S,
    channels: &mut [Channel; C],
    blocks: &mut [[f32; CONTROL_BLOCK]; C],
) {
    let (plan, sub_block) = (context.plan, context.sub_block);
    for (channel, block) in channels.iter_mut().zip(&*blocks) {
        let samples = &block[..sub_block.many];
        channel.push_input(simd, plan, samples, sub_block.ahead, sub_block.intake);
    }
    stream_block(context, simd, channels, blocks);
}

/// The change in samples that some channels have taken in.
#[inline(always)]
pub(crate) fn stream_block<S: Simd, const C: usize>(
    context: &mut BlockContext<'_>,
    simd: S,
    channels: &mut [Channel; C],
    blocks: &mut [[f32; CONTROL_BLOCK]; C],
) {
    let (plan, sub_block) = (context.plan, context.sub_block);
    if sub_block.working {
        process_bands(context, simd, channels);
    }
    if sub_block.silent {
        blocks.iter_mut().for_each(|block| block[..sub_block.many].fill(0.0));
    } else {
        pop_output(simd, channels, plan, blocks, (sub_block.ahead, sub_block.many));
        blocks.iter_mut().for_each(|block| flush(&mut block[..sub_block.many]));
    }
}

/// Analyses and synthesises the bands that are due.
#[inline(always)]
fn process_bands<S: Simd, const C: usize>(
    context: &mut BlockContext<'_>,
    simd: S,
    channels: &mut [Channel; C],
) {
    let (plan, sub_block) = (context.plan, context.sub_block);
    let mut moment = context.moment;
    let end = sub_block.ahead + sub_block.many;
    for ahead in sub_block.ahead..end {
        let now = GridPosition { ahead, emitted: sub_block.ahead, after: end - 1 - ahead };
        for &k in plan.immediate(moment) {
            process_band(context, simd, channels, k, now);
        }
        moment = if moment + 1 == plan.period() { 0 } else { moment + 1 };
    }
    // The moment of the last control tick.
    let first = context.moment + plan.period() * CONTROL_BLOCK - sub_block.ahead;
    if context.metering && sub_block.many < CONTROL_BLOCK {
        for &k in plan.by_control_block.iter().chain(&plan.dense.bands) {
            meter_band(context, simd, channels, k, (first, sub_block.ahead..end));
        }
        if plan.gammatone.is_some() {
            for &k in plan.by_batch.iter().flatten().flat_map(|group| &group.bands) {
                meter_band(context, simd, channels, k, (first, sub_block.ahead..end));
            }
        }
    }
    if end == CONTROL_BLOCK {
        for &k in &plan.by_control_block {
            process_band_block(context, simd, channels, k, first);
        }
        process_dense(context, simd, channels);
        end_batches(context, simd, channels, first);
    }
}

/// Computes a band's coefficient now and overlap-adds its change.
#[inline(always)]
fn process_band<S: Simd, const C: usize>(
    context: &mut BlockContext<'_>,
    simd: S,
    channels: &mut [Channel; C],
    k: usize,
    now: GridPosition,
) {
    let change = context.played().change(k, now.ahead);
    if change != 0.0 || context.metering || context.updates_gains {
        let found = coefficients(simd, channels, context.plan, k, now);
        update_peak(context, k, found);
        push_power(context, k, found);
        if change != 0.0 {
            context.scratch.run.set(0, scaled(context, k, found, change));
            context.scratch.run.many = 1;
            overlap_add(simd, channels, context.plan, (k, now), &context.scratch.run);
        }
    }
}

/// Computes a band's coefficients in the control block that began at this moment, and overlap-adds their
/// change.
#[inline(always)]
fn process_band_block<S: Simd, const C: usize>(
    context: &mut BlockContext<'_>,
    simd: S,
    channels: &mut [Channel; C],
    k: usize,
    moment: usize,
) {
    if context.dynamics.is_some() {
        process_dynamic_band_block(context, simd, channels, k, moment);
        return;
    }
    let band = &context.plan.bands[k];
    let at_base = context.gains.is_at_base(k);
    // Those of shorter sub-blocks are metered by themselves.
    let metered = context.metering && context.sub_block.many == CONTROL_BLOCK;
    if at_base && !metered {
        return;
    }
    let wait = band.wait_samples(moment);
    let at = |ahead: usize| GridPosition {
        ahead,
        emitted: context.sub_block.ahead,
        after: CONTROL_BLOCK - 1 - ahead,
    };
    let mut many = 0;
    let mut ahead = wait;
    // In one loop: to meter, and scale, in loops of their own makes ISAC 2 % slower.
    while ahead < CONTROL_BLOCK {
        let found = coefficients(simd, channels, context.plan, k, at(ahead));
        if metered {
            update_peak(context, k, found);
        }
        let scaled = scaled(context, k, found, context.gains.change(k, ahead));
        context.scratch.run.set(many, scaled);
        many += 1;
        ahead += band.stride;
    }
    if at_base || many == 0 {
        return;
    }
    context.scratch.run.many = many;
    if band.is_paired() {
        context.scratch.run.pair_up::<C>();
    }
    overlap_add(simd, channels, context.plan, (k, at(wait)), &context.scratch.run);
}

/// The same with gains that depend on the coefficients.
#[inline(always)]
fn process_dynamic_band_block<S: Simd, const C: usize>(
    context: &mut BlockContext<'_>,
    simd: S,
    channels: &mut [Channel; C],
    k: usize,
    moment: usize,
) {
    let band = &context.plan.bands[k];
    let wait = band.wait_samples(moment);
    let metered = context.metering && context.sub_block.many == CONTROL_BLOCK;
    let emitted = context.sub_block.ahead;
    let at = |ahead: usize| GridPosition { ahead, emitted, after: CONTROL_BLOCK - 1 - ahead };
    let (mut sums, mut many) = ([0.0; 2], 0);
    for ahead in (wait..CONTROL_BLOCK).step_by(band.stride) {
        let found = coefficients(simd, channels, context.plan, k, at(ahead));
        if metered {
            update_peak(context, k, found);
        }
        for (sum, [re, im]) in sums.iter_mut().zip(found) {
            *sum += re * re + im * im;
        }
        context.scratch.run.set(many, found);
        many += 1;
    }
    update_block_gains::<C>(context, k, (sums, single(real(many))));
    if many == 0 || context.played().is_at_base(k) {
        return;
    }
    for f in 0..many {
        let change = context.played().change(k, wait + f * band.stride);
        let scaled = scaled(context, k, context.scratch.run.at::<C>(f), change);
        context.scratch.run.set(f, scaled);
    }
    context.scratch.run.many = many;
    if band.is_paired() {
        context.scratch.run.pair_up::<C>();
    }
    overlap_add(simd, channels, context.plan, (k, at(wait)), &context.scratch.run);
}

/// Band `k`'s coefficients times a change of gain and the phase factor of its kernels.
#[inline(always)]
fn scaled<const C: usize>(
    context: &BlockContext<'_>,
    k: usize,
    coefficients: [[f32; 2]; C],
    change: f32,
) -> [[f32; 2]; C] {
    let factor = context.plan.bands[k].phase_factor * change;
    let mut scaled = coefficients;
    for [re, im] in &mut scaled {
        (*re, *im) = (factor.re * *re - factor.im * *im, factor.re * *im + factor.im * *re);
    }
    scaled
}
