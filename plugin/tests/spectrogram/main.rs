//! The spectrogram as a person uses it: real sound through its thread, a recording host, and
//! pictures rendered in software.

mod frozen;
mod harness;
#[path = "../support/host.rs"]
mod host;
mod live;
mod saving;
