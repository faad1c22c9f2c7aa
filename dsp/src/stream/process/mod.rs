//! The work on some samples: functions from a plan and what is kept of channels to their sound.

mod analyse;
mod batch;
mod block;
mod dense;
mod meter;
mod synthesise;

pub(crate) use block::play;
pub(crate) use meter::listen_to_windows;

use super::plan::Plan;
use super::state::{Bands, Room};

/// Some samples, none past a point of the grid.
pub(crate) struct Chunk {
    pub many: usize,
    /// Samples from the last point of the grid.
    pub ahead: usize,
    /// The step of the grid, counted anew in every window.
    pub step: usize,
    /// Whether recursive filters hear.
    pub awake: bool,
    /// Whether coefficients are computed.
    pub working: bool,
    /// Whether nothing sounds any more.
    pub silent: bool,
}

/// What a [`Chunk`]'s work needs besides the channels.
pub(crate) struct Pass<'a> {
    pub plan: &'a Plan,
    pub gains: &'a Bands,
    pub metering: bool,
    pub moment: usize,
    pub chunk: &'a Chunk,
    pub peaks: &'a mut [f32],
    /// Samples since levels were taken, these included.
    pub unheard: usize,
    pub room: &'a mut Room,
}

/// A sample among those last taken in.
#[derive(Clone, Copy)]
pub(crate) struct Now {
    /// Samples since the last point of the grid.
    pub ahead: usize,
    /// How many of them have been told already.
    pub told: usize,
    /// Samples taken in since.
    pub after: usize,
}
