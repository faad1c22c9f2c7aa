//! Batches: all coefficients of a band in several control blocks, computed at once.
//!
//! Kernels are correlated with a run of coefficients, one in each lane, for which the group's samples are
//! sorted by phase once ([`PolyphaseSamples`](crate::stream::simd::PolyphaseSamples)). The output of recursive
//! filters is accumulated block by block.

use super::dynamics::{update_batch_gains, update_block_gains};
use super::meter::raise_peak;
use super::synthesise::overlap_add;
use super::{BlockContext, GridPosition};
use crate::cast::{real, single};
use crate::stream::plan::{BatchGroup, TapLayout};
use crate::stream::simd::{correlate_run, correlate_run_folded};
use crate::stream::state::{Channel, Scratch};
use crate::stream::timing::{BATCH, BATCH_BLOCKS, CONTROL_BLOCK};
use pulp::Simd;

/// At the end of a control block, which began at this moment: ends the batches that end with it.
#[inline(always)]
pub(crate) fn end_batches<S: Simd, const C: usize>(
    context: &mut BlockContext<'_>,
    simd: S,
    channels: &mut [Channel; C],
    moment: usize,
) {
    let plan = context.plan;
    if plan.gammatone.is_some() {
        accumulate::<S, C>(context, channels, moment);
    }
    let first = moment + plan.period() * BATCH - (BATCH - CONTROL_BLOCK);
    for group in &plan.by_batch[context.sub_block.step] {
        if plan.gammatone.is_some() {
            for &k in &group.bands {
                end_accumulated_batch(context, simd, channels, k, first);
            }
        } else if context.metering
            || context.dynamics.is_some()
            || group.bands.iter().any(|&k| !context.gains.at_base_in_batch(k))
        {
            for (samples, channel) in context.scratch.samples.iter_mut().zip(&*channels) {
                samples.fill(channel.batch_input(plan, group), group.stride);
            }
            for &k in &group.bands {
                end_kernel_batch(context, simd, channels, (group, k), first);
            }
        }
    }
}

/// Computes a band's coefficients in a batch that began at this moment, and overlap-adds their change.
#[inline(always)]
fn end_kernel_batch<S: Simd, const C: usize>(
    context: &mut BlockContext<'_>,
    simd: S,
    channels: &mut [Channel; C],
    (group, k): (&BatchGroup, usize),
    moment: usize,
) {
    let band = &context.plan.bands[k];
    let dynamic = context.dynamics.is_some();
    let at_base = !dynamic && context.gains.at_base_in_batch(k);
    if at_base && !context.metering {
        return;
    }
    let wait = band.wait_samples(moment);
    let many = (BATCH - wait).div_ceil(band.stride);
    let Some(sorted) = &band.polyphase else { return };
    let taps = &band.analysis[0].taps;
    // From the newest sample to the one now.
    let since = group.rate.map_or(BATCH - 1 - wait, |r| {
        context.plan.rates[r].last(BATCH - 1) - context.plan.rates[r].last(wait)
    });
    let now = group.lag + group.span - 1 - since;
    let at = at(context, wait);
    let Scratch { samples, run, .. } = &mut *context.scratch;
    run.many = many;
    let mut found = [(); C].map(|()| (&mut [][..], &mut [][..]));
    for (found, (re, im)) in found.iter_mut().zip(run.re.iter_mut().zip(&mut run.im)) {
        *found = (re, im);
    }
    let mut of = [&samples[0]; C];
    for c in 0..C {
        of[c] = &samples[c];
    }
    if taps.layout == TapLayout::Folded {
        let starts = (now - taps.far, now - taps.near);
        correlate_run_folded(simd, of, starts, sorted, many, found);
    } else {
        correlate_run(simd, of, now - taps.near, sorted, many, found);
    }
    if context.metering {
        // Coefficients before the last call of take_levels have been metered already.
        let ago = |f: usize| BATCH - wait - f * band.stride;
        let new = (0..many).find(|&f| ago(f) <= context.since_levels).unwrap_or(many);
        for c in 0..C {
            raise_peak(&mut context.peaks[k], &run.re[c][new..many], &run.im[c][new..many]);
        }
    }
    if dynamic {
        update_batch_gains::<C>(context, k, (wait, band.stride));
    }
    if at_base || dynamic && context.played().at_base_in_batch(k) {
        return;
    }
    let gains = context.dynamics.as_ref().map_or(context.gains, |dynamics| &dynamics.segments);
    let Scratch { run, changes, .. } = &mut *context.scratch;
    gains.changes(k, (wait, band.stride), &mut changes[..many]);
    for c in 0..C {
        let parts = run.re[c][..many].iter_mut().zip(&mut run.im[c][..many]);
        for ((re, im), change) in parts.zip(&*changes) {
            let (a, b) = (*re * change, *im * change);
            *re = band.phase_factor.re * a - band.phase_factor.im * b;
            *im = band.phase_factor.re * b + band.phase_factor.im * a;
        }
    }
    overlap_add(simd, channels, context.plan, (k, at), run);
}

/// Accumulates the output of recursive filters in a control block that began at this moment.
#[inline(always)]
fn accumulate<S: Simd, const C: usize>(
    context: &mut BlockContext<'_>,
    channels: &mut [Channel; C],
    moment: usize,
) {
    let plan = context.plan;
    for (last, groups) in plan.by_batch.iter().enumerate() {
        // Samples of the batch before this control block.
        let before =
            (context.sub_block.step + BATCH_BLOCKS - 1 - last) % BATCH_BLOCKS * CONTROL_BLOCK;
        let first = moment + plan.period() * BATCH - before;
        for &k in groups.iter().flat_map(|group| &group.bands) {
            let band = &plan.bands[k];
            let wait = band.wait_samples(moment);
            let at_base = context.dynamics.is_none() && context.gains.is_at_base(k);
            if at_base && !context.metering {
                continue;
            }
            let many = CONTROL_BLOCK.saturating_sub(wait).div_ceil(band.stride);
            update_filter_gains::<S, C>(context, channels, k, (wait, many));
            if many == 0 {
                continue;
            }
            let nth = (before + wait - band.wait_samples(first)) / band.stride;
            let changes = &mut context.scratch.changes[..many];
            let gains = context.dynamics.as_ref().map_or(context.gains, |own| &own.segments);
            gains.changes_now(k, (wait, band.stride), changes);
            for channel in &mut *channels {
                let (Some(cascade), accumulated) =
                    (&channel.cascade, &mut channel.output.accumulated[k])
                else {
                    continue;
                };
                let (re, im) = accumulated.next(nth, many);
                cascade.outputs::<S>(k, (wait, band.stride), (re, im));
                if context.metering && context.sub_block.many == CONTROL_BLOCK {
                    raise_peak(&mut context.peaks[k], re, im);
                }
                for ((re, im), change) in re.iter_mut().zip(im).zip(&*changes) {
                    (*re, *im) = (*re * change, *im * change);
                }
            }
        }
    }
}

/// Sets the gains of a recursive filter by its output in a control block: as many coefficients, the first so many
/// samples after its start.
#[inline(always)]
fn update_filter_gains<S: Simd, const C: usize>(
    context: &mut BlockContext<'_>,
    channels: &[Channel; C],
    k: usize,
    (wait, many): (usize, usize),
) {
    if !context.updates_gains {
        return;
    }
    let stride = context.plan.bands[k].stride;
    let mut sums = [0.0; 2];
    for (sum, channel) in sums.iter_mut().zip(channels) {
        if let Some(cascade) = &channel.cascade {
            let (mut re, mut im) = ([0.0; CONTROL_BLOCK], [0.0; CONTROL_BLOCK]);
            cascade.outputs::<S>(k, (wait, stride), (&mut re[..many], &mut im[..many]));
            *sum = re.iter().zip(im).map(|(re, im)| re * re + im * im).sum();
        }
    }
    update_block_gains::<C>(context, k, (sums, single(real(many))));
}

/// Overlap-adds the accumulated coefficients of a band's batch, which began at this moment.
#[inline(always)]
fn end_accumulated_batch<S: Simd, const C: usize>(
    context: &mut BlockContext<'_>,
    simd: S,
    channels: &mut [Channel; C],
    k: usize,
    moment: usize,
) {
    if channels[0].output.accumulated[k].many == 0 {
        return;
    }
    let band = &context.plan.bands[k];
    let wait = band.wait_samples(moment);
    let many = (BATCH - wait).div_ceil(band.stride);
    let at = at(context, wait);
    let Some(phasors) = band.batch_phasors_at(wait) else { return };
    let run = &mut context.scratch.run;
    run.many = many;
    for (c, channel) in channels.iter_mut().enumerate() {
        let accumulated = &mut channel.output.accumulated[k];
        accumulated.skip_to(many);
        accumulated.many = 0;
        let scaled = accumulated.re[..many].iter().zip(&accumulated.im[..many]);
        let phasors = phasors.re[..many].iter().zip(&phasors.im[..many]);
        for (((re, im), (a, b)), (phasor_re, phasor_im)) in
            run.re[c][..many].iter_mut().zip(&mut run.im[c][..many]).zip(scaled).zip(phasors)
        {
            (*re, *im) = (a * phasor_re - b * phasor_im, a * phasor_im + b * phasor_re);
        }
    }
    if band.is_paired() {
        run.pair_up::<C>();
    }
    overlap_add(simd, channels, context.plan, (k, at), run);
}

/// A sample of the batch that ends now.
#[inline(always)]
const fn at(context: &BlockContext<'_>, ahead: usize) -> GridPosition {
    GridPosition { ahead, emitted: BATCH - context.sub_block.many, after: BATCH - 1 - ahead }
}
