//! The built program on the command line.

#[path = "../support/program.rs"]
mod program;
#[path = "../support/wav.rs"]
mod wav;

mod analyze;
mod audio_files;
mod bank;
mod endings;
mod features;
mod messages;
mod outputs;
mod render;
