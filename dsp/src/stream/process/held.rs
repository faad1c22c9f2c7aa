//! What the filter of gains that stand still adds to what is streamed.

use super::filter::add_filtered;
use crate::stream::plan::HeldPlan;
use crate::stream::sanitize::flush;
use crate::stream::state::{Goal, Held};
use crate::stream::timing::{BATCH, CONTROL_BLOCK};

/// Adds the filter's output to the change in `blocks`, from so many samples after the stream began on; in a
/// fade, goes over from both to another filter, or to what is streamed as a whole.
#[inline(always)]
pub(crate) fn add_held_output(
    plan: &HeldPlan,
    held: &Held,
    (blocks, whole): (&mut [[f32; CONTROL_BLOCK]], &[[f32; CONTROL_BLOCK]]),
    (position, many): (usize, usize),
) {
    let (partitions, filters) = (&plan.partitions, &held.filters);
    for ((channel, block), whole) in filters.channels.iter().zip(blocks).zip(whole) {
        let block = &mut block[..many];
        if held.is_playing {
            add_filtered(partitions, filters, (channel, held.playing), block, position);
        }
        if let Some(goal) = held.fade {
            let mut incoming = if goal == Goal::Streamed { *whole } else { [0.0; CONTROL_BLOCK] };
            if goal == Goal::Filter {
                let incoming = &mut incoming[..many];
                let which = held.incoming();
                add_filtered(partitions, filters, (channel, which), incoming, position);
            }
            for (n, (sample, incoming)) in block.iter_mut().zip(incoming).enumerate() {
                let faded = FADE[position % BATCH + n];
                *sample = (1.0 - faded) * *sample + faded * incoming;
            }
        }
        flush(block);
    }
}

/// How far a fade is at each sample of a batch.
const FADE: [f32; BATCH] = {
    let mut fade = [0.0; BATCH];
    let mut n = 0;
    let mut odd = 1.0;
    while n < BATCH {
        fade[n] = odd / (2.0 * STEPS);
        odd += 2.0;
        n += 1;
    }
    fade
};

/// Samples of a batch.
const STEPS: f32 = crate::cast::single(crate::cast::real(BATCH));
