//! The audio thread: what happens to sound between a host's input and its output.

mod analyzer_sender;
mod bank_player;
mod channel_buffers;
mod crossfade;
mod gain_follower;
mod gain_match;
mod level_meter;
pub(crate) mod mix;
mod offline_block;
mod pass_through;
mod processor;
mod ramp;
mod time;

pub(crate) use bank_player::BankPlayer;
pub use channel_buffers::MAX_CHANNELS;
pub use processor::{CROSSFADE_MS, MIX_RAMP_MS, Mode, Processor, solo};
