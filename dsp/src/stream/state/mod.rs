//! The state of a stream: allocated once.

mod batch;
mod cascade;
mod catch_up;
mod channel;
mod delay_line;
mod dense;
mod dynamics;
mod filter;
mod gains;
mod held;
mod history;
mod minimum_phase;
mod output;
mod scratch;
mod subrate;

pub(crate) use batch::BatchAccumulator;
pub(crate) use cascade::Cascade;
pub(crate) use catch_up::CatchUp;
pub(crate) use channel::{Channel, Intake};
pub use delay_line::DelayLine;
pub(crate) use dense::DenseHistory;
pub(crate) use dynamics::{DynamicsState, PowerSums};
pub(crate) use filter::{Filter, FilterChannel, FilterScratch, Filters, LevelInput, LevelOutput};
pub(crate) use gains::{AHEAD, Base, GainControl, GainRamps, GainSegments, STEP};
pub(crate) use held::{Goal, Held};
pub(crate) use history::{History, ReverseHistory};
pub(crate) use minimum_phase::MinimumPhaseState;
pub(crate) use output::PendingOutput;
pub(crate) use scratch::Scratch;
pub(crate) use subrate::{SubRateOutput, SubRateState};
