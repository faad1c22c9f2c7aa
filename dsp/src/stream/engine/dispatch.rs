//! What is compiled for every vector width, with the engine it works on.

use super::Engine;
use crate::stream::process::{
    BlockContext, SubBlock, add_held_output, add_minimum_phase_output, begin_filter,
    end_filter_block, meter_open_batches, process_block, stream_block,
};
use crate::stream::timing::CONTROL_BLOCK;
use pulp::{Simd, WithSimd};

/// A [`SubBlock`]'s work, for whatever vectors there are.
pub(super) struct ProcessSubBlock<'a> {
    pub engine: &'a mut Engine,
    pub sub_block: &'a SubBlock,
}

impl WithSimd for ProcessSubBlock<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (mut context, channels, change) = self.engine.context(self.sub_block);
        let (pairs, single) = channels.as_chunks_mut::<2>();
        let (pair_blocks, single_block) = change.as_chunks_mut::<2>();
        for (channels, blocks) in pairs.iter_mut().zip(pair_blocks) {
            process_block(&mut context, simd, channels, blocks);
            context.pair += 1;
        }
        let (singles, single_blocks) =
            (single.as_chunks_mut::<1>(), single_block.as_chunks_mut::<1>());
        for (channels, blocks) in singles.0.iter_mut().zip(single_blocks.0) {
            process_block(&mut context, simd, channels, blocks);
        }
    }
}

/// The same for samples that have been taken in, for the other output.
pub(super) struct StreamAgain<'a> {
    pub engine: &'a mut Engine,
    pub sub_block: &'a SubBlock,
}

impl WithSimd for StreamAgain<'_> {
    type Output = ();

    // One channel at a time: seldom needed, and half as much code.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (context, channels, change) = self.engine.context(self.sub_block);
        let mut context = BlockContext { metering: false, updates_gains: false, ..context };
        let channels = channels.as_chunks_mut::<1>().0;
        for (channels, blocks) in channels.iter_mut().zip(change.as_chunks_mut::<1>().0) {
            stream_block(&mut context, simd, channels, blocks);
        }
    }
}

/// What a filter adds to a sub-block's change, for whatever vectors there are.
pub(super) struct PlayFilter<'a> {
    pub engine: &'a mut Engine,
    /// Samples since the last multiple of the interval of flushes.
    pub position: usize,
    pub many: usize,
}

impl WithSimd for PlayFilter<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { engine, position, many } = self;
        let Engine { plan, held, minimum_phase, change, whole_change, .. } = engine;
        if let Some((held, plan)) = held.as_ref().zip(plan.held.as_ref())
            && held.has_output()
        {
            add_held_output(plan, held, (change, whole_change), (position, many));
        }
        if let Some((state, plan)) = minimum_phase.as_ref().zip(plan.minimum_phase.as_ref()) {
            add_minimum_phase_output(plan, state, change, (position, many));
        }
        let end = position + many;
        if end.is_multiple_of(CONTROL_BLOCK)
            && let Some((partitions, filters)) = engine.filters()
        {
            end_filter_block(simd, partitions, filters, end);
        }
    }
}

/// The start of a filter, for whatever vectors there are.
pub(super) struct BeginFilter<'a> {
    pub engine: &'a mut Engine,
    pub which: usize,
}

impl WithSimd for BeginFilter<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { engine, which } = self;
        let position = engine.position();
        if let Some((partitions, filters)) = engine.filters() {
            begin_filter(simd, partitions, filters, which, position);
        }
    }
}

/// The levels of batches that have not ended, for whatever vectors there are.
pub(super) struct MeterOpenBatches<'a> {
    pub engine: &'a mut Engine,
    pub sub_block: &'a SubBlock,
}

impl WithSimd for MeterOpenBatches<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (mut context, channels, _) = self.engine.context(self.sub_block);
        for channel in channels.as_chunks::<1>().0 {
            meter_open_batches(&mut context, simd, channel);
        }
    }
}

/// Missed samples, for whatever vectors there are.
pub(super) struct AdvanceFilters<'a> {
    pub engine: &'a mut Engine,
    pub samples: usize,
    /// Samples from the last control tick.
    pub ahead: usize,
}

impl WithSimd for AdvanceFilters<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Engine { plan, catch_up, channels, .. } = self.engine;
        for channel in channels {
            channel.catch_up(simd, plan, catch_up, (self.samples, self.ahead));
        }
    }
}
