//! What a host, a preset or a preferences file stores, and how it is read back.

pub mod ab;
pub mod bank_file;
pub mod colour_mapping;
pub mod curve;
pub mod editor_size;
pub mod limits;
pub mod load;
pub mod monitor_settings;
pub mod param;
pub mod params;
pub mod preferences;
pub mod preset;
pub mod snapshot;
pub mod spectrogram_settings;
pub mod user_folders;
pub mod user_settings;
