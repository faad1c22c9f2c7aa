//! What is done with a block of samples: functions that turn a plan and a state into output.
//!
//! Where a function is inlined matters: pairing coefficients (`CoefficientBlock::pair_up`) inside `overlap_add`
//! takes registers from all other bands, and made ISAC 14 % slower (`cargo xtask bench cost`).

mod analyse;
mod batch;
mod block;
mod dense;
mod dynamics;
mod filter;
mod held;
mod meter;
mod minimum_phase;
mod synthesise;

pub(crate) use block::{process_block, stream_block};
pub(crate) use filter::{begin_filter, end_filter_block};
pub(crate) use held::add_held_output;
pub(crate) use meter::meter_open_batches;
pub(crate) use minimum_phase::add_minimum_phase_output;

use super::plan::Plan;
use super::state::{DynamicsState, GainSegments, Intake, Scratch};

/// Some samples, none past a control tick.
pub(crate) struct SubBlock {
    pub many: usize,
    /// Samples from the last control tick.
    pub ahead: usize,
    /// The control block, counted anew in every batch.
    pub step: usize,
    /// What is done with the samples as they come.
    pub intake: Intake,
    /// Whether coefficients are computed.
    pub working: bool,
    /// Whether the change is 0 throughout.
    pub silent: bool,
}

/// What a [`SubBlock`]'s work needs besides the channels.
pub(crate) struct BlockContext<'a> {
    pub plan: &'a Plan,
    /// The gains of the curve.
    pub gains: &'a GainSegments,
    /// Those of dynamics, while they are at work.
    pub dynamics: Option<&'a mut DynamicsState>,
    /// Whether dynamics find their gains by these coefficients; otherwise they have done so already.
    pub updates_gains: bool,
    /// Which pair of channels is processed; all are scaled by what the first finds.
    pub pair: usize,
    pub metering: bool,
    pub moment: usize,
    pub sub_block: &'a SubBlock,
    pub peaks: &'a mut [f32],
    /// Samples since levels were taken, these included.
    pub since_levels: usize,
    pub scratch: &'a mut Scratch,
}

impl BlockContext<'_> {
    /// The gains that bands are scaled with.
    #[inline(always)]
    pub fn played(&self) -> &GainSegments {
        self.dynamics.as_ref().map_or(self.gains, |dynamics| &dynamics.segments)
    }

    /// Dynamics that are to find their gains by the coefficients.
    #[inline(always)]
    pub fn updating(&mut self) -> Option<&mut DynamicsState> {
        let updates = self.updates_gains;
        self.dynamics.as_deref_mut().filter(|_| updates)
    }
}

/// A sample among those last taken in.
#[derive(Clone, Copy)]
pub(crate) struct GridPosition {
    /// Samples since the last control tick.
    pub ahead: usize,
    /// How many of them are output already.
    pub emitted: usize,
    /// Samples taken in since.
    pub after: usize,
}
