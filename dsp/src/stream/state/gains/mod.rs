//! The gains of the bands: their targets, and how they move there.

mod control;
mod ramps;

pub(crate) use control::GainControl;
pub(crate) use ramps::{AHEAD, Base, GainRamps};
