//! Filters that play all bands as one.

mod held;
mod minimum_phase;
mod partitions;

pub(crate) use held::HeldPlan;
pub(crate) use minimum_phase::{MinimumPhasePlan, Resolution};
pub(crate) use partitions::{Level, Partitions, transform_work};
