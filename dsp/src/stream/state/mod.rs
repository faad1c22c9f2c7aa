//! What is kept of a stream: allocated once.

mod batch;
mod cascade;
mod catch_up;
mod channel;
mod delay_line;
mod dense;
mod gain_ramps;
mod history;
mod scratch;
mod subrate;

pub(crate) use batch::Collected;
pub(crate) use cascade::Cascade;
pub(crate) use catch_up::Rest;
pub(crate) use channel::Channel;
pub use delay_line::DelayLine;
pub(crate) use dense::Told;
pub(crate) use gain_ramps::{AHEAD, Bands};
pub(crate) use history::{ReverseTape, Tape};
pub(crate) use scratch::Room;
pub(crate) use subrate::Lower;
