//! The editor as a person uses it, without a window: the same drawing code, a recording host, and
//! pictures rendered in software. Pictures are kept in the target directory, for looking at.

mod band_log;
mod bands;
mod bank_changes;
mod bank_files;
mod controls;
mod first_window;
mod gestures;
mod glide;
mod harness;
#[path = "../support/host.rs"]
mod host;
mod imports;
mod interface_scale;
mod keys;
mod live;
mod monitor;
mod numbers;
mod pictures;
mod presets;
mod settings;
mod trial;
mod undo;
