//! What must hold for any input: each function takes bytes as they come and panics where it does not.
//!
//! `cargo xtask fuzz` has libFuzzer look for bytes that break one of them; `tests/seeds.rs` runs each over what
//! is kept in `seeds`.

mod audio;
mod banks;
#[allow(dead_code, unused_imports, reason = "files are read here and not written")]
mod cli;
mod host;
mod stored;

pub use audio::{flac, wav};
pub use banks::{arrays, bank_spec, voicebox};
pub use host::host_calls;
pub use stored::{curve_text, preset, state};

/// What is run over bytes.
pub type Target = fn(&[u8]);

/// Every target by its name, which its seeds' folder has, too.
pub const TARGETS: [(&str, Target); 9] = [
    ("state", state),
    ("preset", preset),
    ("curve_text", curve_text),
    ("arrays", arrays),
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
