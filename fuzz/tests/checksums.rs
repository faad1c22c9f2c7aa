//! The checksums that the FLAC target sets.

use erbium_fuzz::flac_checksums::{MD5, with_checksums};

#[test]
fn those_of_a_sound_file_are_right_already() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../plugin/tests/data/saws.flac");
    let mut file = std::fs::read(path).expect("it is there");
    let mended = with_checksums(&file);
    file[MD5].fill(0);
    assert!(file == mended);
}
