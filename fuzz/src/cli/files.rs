//! The files.

#[path = "../../../plugin/src/cli/files/audio/mod.rs"]
pub mod audio;
