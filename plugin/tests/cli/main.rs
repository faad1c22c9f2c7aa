//! The built program on the command line.

#[path = "../support/program.rs"]
mod program;
#[path = "../support/wav.rs"]
mod wav;

#[path = "../support/limited.rs"]
mod limited;

mod analyze;
mod audio_files;
mod bank;
mod curves;
mod endings;
mod features;
mod hearing;
mod hostile_files;
mod limits;
mod matching;
mod messages;
mod outputs;
mod render;
