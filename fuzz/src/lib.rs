//! What must hold for any input: each function takes bytes as they come and panics where it does not.
//!
//! `cargo xtask fuzz` has libFuzzer look for bytes that break one of them; `tests/seeds.rs` runs each over what
//! is kept in `seeds`.

mod arrays;
mod audio;
mod bank_check;
mod bank_spec;
mod clap;
#[allow(dead_code, unused_imports, reason = "the program uses the rest")]
mod cli;
pub mod flac_checksums;
mod host;
mod number;
mod stored;
mod voicebox;

pub use arrays::{arrays, bank_file};
pub use audio::{flac, wav};
pub use bank_spec::bank_spec;
pub use host::host_calls;
pub use stored::{curve_text, preset, state};
pub use voicebox::voicebox;

/// What is run over bytes.
pub type Target = fn(&[u8]);

/// Every target by its name, which its seeds' folder has, too.
pub const TARGETS: [(&str, Target); 10] = [
    ("state", state),
    ("preset", preset),
    ("curve_text", curve_text),
    ("arrays", arrays),
    ("bank_file", bank_file),
    ("wav", wav),
    ("flac", flac),
    ("voicebox", voicebox),
    ("bank_spec", bank_spec),
    ("host_calls", host_calls),
];

/// A file of these bytes, for what reads by its path.
fn file(data: &[u8]) -> tempfile::NamedTempFile {
    use std::io::Write;
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(data).expect("writable");
    file
}
