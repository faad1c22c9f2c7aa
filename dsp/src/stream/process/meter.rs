//! Peak levels of the bands.

use super::analyse::coefficients;
use super::{BlockContext, GridPosition};
use crate::cast::single;
use crate::stream::state::Channel;
use crate::stream::timing::{BATCH, BATCH_BLOCKS, CONTROL_BLOCK};
use pulp::Simd;
use std::ops::Range;

/// Raises a peak to the squared magnitude of coefficients, given as real and imaginary parts.
#[inline(always)]
pub(crate) fn raise_peak(peak: &mut f32, re: &[f32], im: &[f32]) {
    for (re, im) in re.iter().zip(im) {
        *peak = peak.max(re * re + im * im);
    }
}

/// Updates band `k`'s peak.
#[inline(always)]
pub(crate) fn update_peak<const C: usize>(
    context: &mut BlockContext<'_>,
    k: usize,
    coefficients: [[f32; 2]; C],
) {
    if context.metering {
        for [re, im] in coefficients {
            context.peaks[k] = context.peaks[k].max(re * re + im * im);
        }
    }
}

/// Updates the peaks of dense bands over a control block.
#[inline(always)]
pub(crate) fn update_dense_peaks<S: Simd, const C: usize>(
    context: &mut BlockContext<'_>,
    channels: &[Channel; C],
) {
    for cascade in channels.iter().filter_map(|channel| channel.cascade.as_ref()) {
        for &k in &context.plan.dense.bands {
            let (re, im) = cascade.vector::<S>(k);
            let lane = k % S::F64_LANES;
            let re = re[lane..].iter().step_by(S::F64_LANES);
            for (re, im) in re.zip(im[lane..].iter().step_by(S::F64_LANES)) {
                context.peaks[k] = context.peaks[k].max(single(re * re + im * im));
            }
        }
    }
}

/// Updates a band's peak by its coefficients at these samples of a control block, or batch, that began at this
/// moment.
#[inline(always)]
pub(crate) fn meter_band<S: Simd, const C: usize>(
    context: &mut BlockContext<'_>,
    simd: S,
    channels: &[Channel; C],
    k: usize,
    (moment, samples): (usize, Range<usize>),
) {
    let band = &context.plan.bands[k];
    for ahead in (band.wait_samples(moment)..samples.end).step_by(band.stride) {
        if ahead >= samples.start {
            let now =
                GridPosition { ahead, emitted: samples.start, after: samples.end - 1 - ahead };
            update_peak(context, k, coefficients(simd, channels, context.plan, k, now));
        }
    }
}

/// Updates peaks by the coefficients so far of batches that have not ended yet.
#[inline(always)]
pub(crate) fn meter_open_batches<S: Simd, const C: usize>(
    context: &mut BlockContext<'_>,
    simd: S,
    channels: &[Channel; C],
) {
    let plan = context.plan;
    if plan.gammatone.is_some() {
        return;
    }
    for (last, groups) in plan.by_batch.iter().enumerate() {
        // Samples of the batch so far.
        let steps = (context.sub_block.step + BATCH_BLOCKS - 1 - last) % BATCH_BLOCKS;
        let end = steps * CONTROL_BLOCK + context.sub_block.ahead;
        let first = context.moment + plan.period() * BATCH - end;
        for &k in groups.iter().flat_map(|group| &group.bands) {
            let new = end.saturating_sub(context.since_levels)..end;
            meter_band(context, simd, channels, k, (first, new));
        }
    }
}
