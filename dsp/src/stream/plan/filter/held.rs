//! Gains that stand still as one filter: how long it is, and when it takes over.

use super::partitions::{Partitions, Weights, transform_work};
use crate::bank::{Bank, ImpulseResponses};
use crate::cast::real;
use crate::stream::timing::{BATCH, CONTROL_BLOCK};
use std::ops::Range;
use std::sync::Arc;

/// What a filter may lose at its ends: the sum of the magnitudes of all bands' taps there, at a change of 1. With
/// −140 dB it is as little as rounding.
const NEGLIGIBLE: f64 = 1e-7;

/// By `cargo xtask bench rest`.
const WEIGHTS: Weights = Weights { direct: 1.0, worst_block: 0.25 };

/// The longest filter that is played: with longer ones an instance takes more memory than it saves work.
const TAPS_MAX: usize = 1 << 15;

/// A filter is summed up and transformed at no more than this part of the streamed bank's work.
const BUILD_SHARE: f64 = 0.1;

/// Gains leave a filter for good after so many times as long as they would have had to stand still.
const LEAVE_AFTER: usize = 2;

/// The filter of gains that stand still.
pub(crate) struct HeldPlan {
    pub responses: Arc<ImpulseResponses>,
    pub partitions: Partitions,
    /// Samples for which gains have stood still when they are played as a filter: all that is heard was
    /// scaled by them, and all spectra are there. A multiple of a batch.
    pub rest_samples: usize,
    /// The same for gains at unity, which need no filter.
    pub flat_rest_samples: usize,
    /// Samples after which gains that have not come to rest leave the filter: seldom enough that it does not
    /// happen with each move of a control.
    pub leave_samples: usize,
    /// Multiply-adds for a control block while a filter is summed up.
    pub build_multiply_adds: f64,
}

impl HeldPlan {
    /// For a bank that is streamed with so many multiply-adds for a sample, the longest of whose duals reaches
    /// `future` samples. None where that costs no more.
    pub fn new(bank: &Bank, streamed: f64, future: usize) -> Option<Self> {
        let responses = bank.impulse_responses().clone();
        let taps = audible(&responses);
        if taps.is_empty() || taps.len() > TAPS_MAX {
            return None;
        }
        let partitions = Partitions::new(&taps, WEIGHTS)?;
        if partitions.multiply_adds >= streamed {
            return None;
        }
        let filled = partitions.fill_samples();
        let build_multiply_adds = BUILD_SHARE * streamed * real(CONTROL_BLOCK);
        let mut plan = Self {
            responses,
            partitions,
            rest_samples: 0,
            leave_samples: 0,
            flat_rest_samples: future.next_multiple_of(BATCH),
            build_multiply_adds,
        };
        let built = plan.build_blocks() * CONTROL_BLOCK;
        plan.rest_samples = future.max(filled).max(built).next_multiple_of(BATCH);
        plan.leave_samples = LEAVE_AFTER * plan.rest_samples;
        Some(plan)
    }

    /// Multiply-adds to add band `k`'s taps to the sum.
    pub fn band_multiply_adds(&self, k: usize) -> f64 {
        real(self.responses.bands[k].taps.len())
    }

    /// Control blocks in which a filter is built.
    fn build_blocks(&self) -> usize {
        let bands = (0..self.responses.bands.len()).map(|k| self.band_multiply_adds(k));
        let transforms = self.partitions.levels.iter().flat_map(|level| {
            std::iter::repeat_n(transform_work(2 * level.block), level.partitions)
        });
        let (mut blocks, mut left) = (1, self.build_multiply_adds);
        for work in bands.chain(transforms) {
            if left <= 0.0 {
                (blocks, left) = (blocks + 1, self.build_multiply_adds);
            }
            left -= work;
        }
        blocks
    }
}

/// The range of delays outside of which all taps together are [`NEGLIGIBLE`].
fn audible(responses: &ImpulseResponses) -> Range<usize> {
    let mut magnitudes = vec![0.0; responses.samples];
    for band in &responses.bands {
        for (sum, tap) in magnitudes[band.offset..].iter_mut().zip(&band.taps) {
            *sum += f64::from(tap.abs());
        }
    }
    let within = |taps: &mut dyn Iterator<Item = &f64>| {
        let mut sum = 0.0;
        taps.take_while(|tap| {
            sum += **tap;
            sum < NEGLIGIBLE
        })
        .count()
    };
    let (before, after) = (within(&mut magnitudes.iter()), within(&mut magnitudes.iter().rev()));
    before..(magnitudes.len() - after).max(before)
}
