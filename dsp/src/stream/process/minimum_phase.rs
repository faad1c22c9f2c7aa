//! What the minimum-phase filter adds to the input.

use super::filter::add_filtered;
use crate::cast::{real, single};
use crate::stream::plan::MinimumPhasePlan;
use crate::stream::sanitize::flush;
use crate::stream::state::MinimumPhaseState;
use crate::stream::timing::CONTROL_BLOCK;

/// Adds the filters' output to `blocks`, from so many samples after the stream began on, along the spline from one to the
/// next.
#[inline(always)]
pub(crate) fn add_minimum_phase_output(
    plan: &MinimumPhasePlan,
    state: &MinimumPhaseState,
    blocks: &mut [[f32; CONTROL_BLOCK]],
    (position, many): (usize, usize),
) {
    let (partitions, filters) = (&plan.partitions, &state.filters);
    let step = single(1.0 / real(plan.interval_blocks * CONTROL_BLOCK));
    for (channel, block) in filters.channels.iter().zip(blocks) {
        let block = &mut block[..many];
        let Some(since) = state.since_blocks else {
            if let Some(which) = state.control_points[1] {
                add_filtered(partitions, filters, (channel, which), block, position);
            }
            flush(block);
            continue;
        };
        let before = since * CONTROL_BLOCK + position % CONTROL_BLOCK;
        for which in filters.active() {
            let mut filtered = [0.0; CONTROL_BLOCK];
            add_filtered(partitions, filters, (channel, which), &mut filtered[..many], position);
            let weights =
                state.control_points.map(|point| f32::from(u8::from(point == Some(which))));
            for (n, (sample, filtered)) in block.iter_mut().zip(filtered).enumerate() {
                let done = step * (single(real(before + n)) + 0.5);
                let spline = spline(done);
                let weight: f32 = weights.iter().zip(spline).map(|(a, b)| a * b).sum();
                *sample += weight * filtered;
            }
        }
        flush(block);
    }
}

/// How much of the last point, of this and of the next there is, so far from the start of an interval to its end.
#[inline(always)]
fn spline(done: f32) -> [f32; 3] {
    let undone = 1.0 - done;
    [0.5 * undone * undone, 0.5 + done * undone, 0.5 * done * done]
}
