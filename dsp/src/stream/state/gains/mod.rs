//! The gains of the bands: their targets, and how they move there.

mod control;
mod ramps;
mod segments;

pub(crate) use control::GainControl;
pub(crate) use ramps::{Base, GainRamps};
pub(crate) use segments::{AHEAD, GainSegments, STEP};
