//! Hosts the built plugin as a DAW does: loads the bundle a user would install, plays audio
//! through it, moves its parameters, saves and restores its state.
//!
//! The tests take the bundles from the environment, so that they never meet a stale one by
//! accident; `cargo xtask test` builds them and says where they are.

pub mod bands;
pub mod host;
pub mod isolated;
#[cfg(unix)]
pub mod openings;
pub mod plugin;
pub mod prerequisites;
pub mod realtime;
pub mod screen;
pub mod signal;
pub mod soak;
pub mod underflow;
pub mod vst3;
pub mod wav;
